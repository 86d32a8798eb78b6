"""A set of areas that a permission reaches, and how it is asked of a table."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Q

NO_ROW = Q(pk__in=())  # Django answers it without asking the database


@dataclass(frozen=True, slots=True)
class AreaSet:
    """The areas in which something is permitted.

    ``codes``: every code inside, the lower areas spelled out. Not filled when ``everything`` is true for a superuser.
    ``outside``: the codes of this installation that are *not* inside, when they are few; ``None`` when they are many.
    ``unplaced``: whether what has no area is inside too (see ``scopes``).
    ``everything``: no area and nothing unplaced is outside, so a query needs no filter.
    """

    codes: frozenset[str] = frozenset()
    outside: frozenset[str] | None = None
    unplaced: bool = False
    everything: bool = False

    def __contains__(self, code: str | None) -> bool:
        if self.everything:
            return True
        return self.unplaced if code is None else code in self.codes

    def __bool__(self) -> bool:
        """Whether there is anything in it."""
        return self.everything or self.unplaced or bool(self.codes)

    def q(self, field: str = "area_id") -> Q:
        """The condition on a column of area codes; the shorter of "is one of" and "is none of"."""
        if self.everything:
            return Q()
        if not self:
            return NO_ROW
        if self.outside is not None and len(self.outside) < len(self.codes):
            placed = ~Q(**{f"{field}__in": sorted(self.outside)}) if self.outside else Q()
            return placed if self.unplaced else placed & Q(**{f"{field}__isnull": False})
        placed = Q(**{f"{field}__in": sorted(self.codes)})
        return placed | Q(**{f"{field}__isnull": True}) if self.unplaced else placed


NOWHERE = AreaSet()
EVERYWHERE = AreaSet(everything=True, unplaced=True, outside=frozenset())
