"""What an account may do where, read once and then asked many times.

``scope_of(account)`` costs three queries however many posts, grants and areas there are; for a superuser, an inactive
account or a stranger, none. The scope is kept on the account *instance* (``account._scope``), which lives as long as
the request that fetched it, so no process goes on with what was permitted yesterday. People's actions forget it on
the instances they are handed.

The rules:

- A grant reaches its area and everything below it, and the areas that were merged into these (see ``reach``). A grant on register ``*`` reaches all registers.
- No verb implies another.
- What has no area belongs to the whole installation. It takes a grant that reaches the area of *every* organisation
  without a parent (the county government, for one). A grant on the root of the area tree always does.
- Superusers may do everything; inactive accounts and strangers nothing, whatever their grants.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import reduce
from operator import or_

from django.contrib.auth.models import AnonymousUser
from django.db.models import Q

from banjie.lib.clock import today
from banjie.lib.errors import NotPermitted
from banjie.lib.text import Text
from banjie.people.areasets import EVERYWHERE, NO_ROW, NOWHERE, AreaSet
from banjie.people.models import Account, Grant, Organisation
from banjie.people.reach import Reach, reach_of
from banjie.people.verbs import Verb
from banjie.places.models import Area

ALL_REGISTERS = "*"


@dataclass(frozen=True, slots=True)
class RegisterSet:
    """The registers in which a verb is granted somewhere. ``everything``: in all of them, also in those not named."""

    names: frozenset[str] = frozenset()
    everything: bool = False

    def __contains__(self, name: str) -> bool:
        return self.everything or name in self.names

    def __bool__(self) -> bool:
        return self.everything or bool(self.names)


@dataclass(frozen=True, slots=True)
class Scope:
    """What one account may do on one day. ``held`` has the areas by verb and register, those of ``*`` merged in."""

    day: date
    held: Mapping[tuple[Verb, str], AreaSet]
    unlimited: bool = False

    def areas(self, verb: Verb, register: str) -> AreaSet:
        """Where the verb is permitted on a register (``*``: on all registers)."""
        if self.unlimited:
            return EVERYWHERE
        return self.held.get((verb, register)) or self.held.get((verb, ALL_REGISTERS), NOWHERE)

    def registers(self, verb: Verb) -> RegisterSet:
        """The registers in which the verb is permitted in at least one area."""
        names = frozenset(register for granted, register in self.held if granted == verb)
        return RegisterSet(names - {ALL_REGISTERS}, everything=self.unlimited or ALL_REGISTERS in names)

    def may(self, verb: Verb, register: str, area_code: str | None) -> bool:
        """Whether the verb is permitted on a record of this register in this area (``None``: one without an area)."""
        return area_code in self.areas(verb, register)

    def require(self, verb: Verb, register: str, area_code: str | None) -> None:
        """Raise NotPermitted, naming what was asked and who can help, unless it is permitted."""
        if not self.may(verb, register, area_code):
            raise NotPermitted(_refusal(verb, register, area_code))

    def visible_q(self, verb: Verb = Verb.VIEW, *, register: str = "register", area: str = "area_id") -> Q:
        """The rows on which the verb is permitted, as a condition on the columns that hold register and area.

        No condition at all where everything is permitted; no row where nothing is.
        """
        general = self.areas(verb, ALL_REGISTERS)
        if general.everything:
            return Q()
        names_by_areas: defaultdict[AreaSet, list[str]] = defaultdict(list)
        for granted, name in self.held:
            if granted == verb and name != ALL_REGISTERS:
                names_by_areas[self.held[granted, name]].append(name)
        parts = [Q(**{f"{register}__in": sorted(names)}) & areas.q(area) for areas, names in names_by_areas.items()]
        if general:
            parts.append(general.q(area))
        return reduce(or_, parts) if parts else NO_ROW


def scope_of(account: Account | AnonymousUser) -> Scope:
    """The scope of an account today, read at most once for each instance and day."""
    day = today()
    kept: Scope | None = getattr(account, "_scope", None)
    if kept is None or kept.day != day:
        kept = _read(account, day)
        account._scope = kept  # type: ignore[union-attr]
    return kept


def scope_of_actor(by: Account | None) -> Scope:
    """The scope of whoever acts: ``None`` is the system itself (installation, demonstration, jobs), which may do everything.

    For actions only. A request always has an account, if only an anonymous one: it asks ``scope_of``.
    """
    return Scope(today(), {}, unlimited=True) if by is None else scope_of(by)


def forget_scope(*accounts: Account | None) -> None:
    """Read the scope of these instances anew when it is next asked for."""
    for account in accounts:
        if account is not None and hasattr(account, "_scope"):
            del account._scope


def scope_from(grants: Iterable[tuple[str, str, str]], reach: Reach, tops: frozenset[str], day: date) -> Scope:
    """The scope that grants (verb, register, area) come to, for whoever has read them already. ``tops``: see ``top_areas``."""
    return Scope(day, _held(grants, reach, tops))


def keep_scope(account: Account, scope: Scope) -> None:
    """Let ``scope_of`` answer with what was read already."""
    account._scope = scope  # type: ignore[attr-defined]


def top_areas() -> frozenset[str]:
    """The areas of the organisations without a parent."""
    return frozenset(Organisation.objects.filter(parent=None).values_list("area_id", flat=True))


def _read(account: Account | AnonymousUser, day: date) -> Scope:
    if not account.is_active or account.pk is None:
        return Scope(day, {})
    if account.is_superuser:
        return Scope(day, {}, unlimited=True)
    grants = list(Grant.objects.held_by(account.pk, day).values_list("verb", "register", "area_id"))
    if not grants:
        return Scope(day, {})
    reach = reach_of({area for _, _, area in grants}, day)
    return scope_from(grants, reach, top_areas(), day)


def _held(grants: Iterable[tuple[str, str, str]], reach: Reach, tops: frozenset[str]) -> dict[tuple[Verb, str], AreaSet]:
    codes: defaultdict[tuple[Verb, str], frozenset[str]] = defaultdict(frozenset)
    for verb, register, area in grants:
        codes[Verb(verb), register] |= reach.below[area]
    for verb, register in list(codes):
        if register != ALL_REGISTERS:
            codes[verb, register] |= codes.get((verb, ALL_REGISTERS), frozenset())
    known = frozenset().union(*reach.below.values())
    sets = {inside: _area_set(inside, known, reach.outside, tops) for inside in set(codes.values())}
    return {key: sets[inside] for key, inside in codes.items()}


def _area_set(inside: frozenset[str], known: frozenset[str], beyond: frozenset[str] | None, tops: frozenset[str]) -> AreaSet:
    outside = None if beyond is None else beyond | (known - inside)
    unplaced = tops <= inside
    return AreaSet(inside, outside, unplaced, everything=unplaced and outside is not None and not outside)


def _refusal(verb: Verb, register: str, area_code: str | None) -> Text:
    area = Area.objects.filter(code=area_code).first() if area_code is not None else None
    where = area.name if area else Text(f"地区 {area_code}", f"area {area_code}")
    if area_code is None:
        where = Text("全部地区", "the whole installation")
    what = Text("全部登记表", "all registers") if register == ALL_REGISTERS else Text(f"“{register}”", f'"{register}"')
    return Text(
        "您没有在{where}对{what}进行“{verb}”的权限。如工作需要，请联系本单位信息管理员授权。",
        "You may not {verb} {what} in {where}. If your work needs it, ask your IT officer for a grant to your post.",
    ).format(where=where, what=what, verb=verb.label)
