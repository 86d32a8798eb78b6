"""Reading areas."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from django.db import connection, models
from django.db.models import Q

_START = "WITH RECURSIVE walk(code, parent_id, depth) AS (SELECT code, parent_id, 0 FROM places_area WHERE code = %s UNION ALL "
_STEP = "SELECT a.code, a.parent_id, w.depth + 1 FROM places_area a JOIN walk w ON "
_END = ") SELECT code FROM walk ORDER BY depth, code"
_DOWN = _START + _STEP + "a.parent_id = w.code" + _END
_UP = _START + _STEP + "a.code = w.parent_id" + _END


class SuccessionQuerySet(models.QuerySet["Succession"]):  # type: ignore[name-defined]
    def alone(self, code: str, day: date) -> str | None:
        """The area that had taken over from this one, by itself, on a day; None where there is none, or several."""
        successors = self.filter(predecessor=code).values_list("successor_id", "on")
        return successors[0][0] if len(successors) == 1 and successors[0][1] <= day else None


class AreaQuerySet(models.QuerySet["Area"]):  # type: ignore[name-defined]
    def on(self, day: date) -> AreaQuerySet:
        """The areas in force on a day."""
        return self.filter(Q(valid_to__isnull=True) | Q(valid_to__gt=day), valid_from__lte=day)

    def are_in_force(self, codes: Collection[str], day: date) -> bool:
        """Whether all of these are areas in force on a day. Asked with every record that is written, so not composed anew."""
        marks = ", ".join(["%s"] * len(codes))
        statement = f"""SELECT count(*) FROM places_area
            WHERE code IN ({marks}) AND valid_from <= %s AND (valid_to IS NULL OR valid_to > %s)"""  # noqa: S608 - question marks
        with connection.cursor() as cursor:
            cursor.execute(statement, [*codes, str(day), str(day)])
            found: int = cursor.fetchone()[0]
        return found == len(codes)

    def codes_within(self, code: str) -> list[str]:
        """The area and everything below it, whenever in force, in one recursive query. Empty for an unknown code."""
        return self._walk(code, _DOWN)

    def ancestors(self, code: str) -> list[str]:
        """The codes above an area, the province first, without itself. Empty for an unknown code."""
        return self._walk(code, _UP)[:0:-1]

    def at_level(self, level: str) -> dict[str, str]:
        """Every code at or below a level → its ancestor (or itself) at that level. Codes above the level are absent.

        Areas that are no longer in force are included: a figure of 2019 needs the town of 2019.
        """
        found: dict[str, str] = {}
        rows = {code: (parent, at) for code, parent, at in self.model.objects.values_list("code", "parent_id", "level")}
        for code in rows:
            path, here = [], code
            while here and here not in found and rows[here][1] != level:
                path.append(here)
                here = rows[here][0]
            if here:
                found.update(dict.fromkeys([*path, here], found.get(here, here)))
        return found

    def _walk(self, code: str, query: str) -> list[str]:
        with connection.cursor() as cursor:
            cursor.execute(query, [code])
            return [row[0] for row in cursor.fetchall()]
