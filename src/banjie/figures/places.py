"""The areas as figures need them: what lies below an area, and above it at a given level. Read in one query."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from banjie.lib.text import Text
from banjie.people.models import Organisation
from banjie.places.models import Area


@dataclass(frozen=True)
class Place:
    code: str
    parent: str | None
    level: str
    name: Text
    valid_from: date
    valid_to: date | None

    def in_force(self, first: date, end: date) -> bool:
        """Whether it was in force on any day of the half-open span."""
        return self.valid_from < end and (self.valid_to is None or self.valid_to > first)


@dataclass(frozen=True)
class Places:
    """All areas of the installation."""

    by_code: dict[str, Place]
    tops: frozenset[str]  # the areas of the organisations that have none above them
    organisations: dict[str, Text]  # what they are called

    @classmethod
    def read(cls) -> Places:
        rows = Area.objects.order_by("code").values_list(
            "code", "parent_id", "level", "name_zh", "name_en", "valid_from", "valid_to"
        )
        places = {r[0]: Place(r[0], r[1], r[2], Text(r[3], r[4]), r[5], r[6]) for r in rows}
        organisations = list(Organisation.objects.values_list("code", "name_zh", "name_en", "area_id", "parent_id"))
        tops = frozenset(area for _, _, _, area, parent in organisations if parent is None)
        return cls(places, tops, {code: Text(zh, en) for code, zh, en, _, _ in organisations})

    @cached_property
    def roots(self) -> frozenset[str]:
        """The areas with none above them."""
        return frozenset(p.code for p in self.by_code.values() if p.parent is None)

    @cached_property
    def _children(self) -> dict[str, list[str]]:
        children: defaultdict[str, list[str]] = defaultdict(list)
        for place in self.by_code.values():
            if place.parent:
                children[place.parent].append(place.code)
        return children

    def within(self, code: str) -> frozenset[str]:
        """The area and everything below it, whenever in force."""
        found, wanted = {code}, [code]
        while wanted:
            below = self._children.get(wanted.pop(), [])
            found.update(below)
            wanted.extend(below)
        return frozenset(found)

    def above(self, code: str, level: str) -> str | None:
        """The area of a level in which an area lies; itself when it is of that level."""
        place = self.by_code.get(code)
        while place is not None and place.level != level:
            place = self.by_code.get(place.parent) if place.parent else None
        return place.code if place else None

    def of_level(self, level: str, among: frozenset[str] | None, first: date, end: date) -> list[Place]:
        """The areas of a level in force in a span of days, by code."""
        return [
            p for p in self.by_code.values() if p.level == level and (among is None or p.code in among) and p.in_force(first, end)
        ]

    def name(self, code: str) -> Text:
        place = self.by_code.get(code)
        return place.name if place else Text(code, code)
