"""What a pack says about places: its sections ``areas``, ``boundaries`` and ``calendar``, frozen and checked."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, StringConstraints, model_validator

from banjie.lib.definition import BilingualError, Definition, Label
from banjie.lib.errors import DefinitionError
from banjie.lib.text import Text
from banjie.places.calendar import Kind, Status
from banjie.places.geometry import as_floats, check_outline

Level = Literal["province", "city", "county", "town", "village", "grid"]
LEVELS: tuple[str, ...] = ("province", "city", "county", "town", "village", "grid")
BEGINNING = dt.date(1949, 10, 1)


def _as_code(value: object) -> object:
    """YAML reads an unquoted 430000 as a number; a code is text all the same (none begins with 0)."""
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


Code = Annotated[str, BeforeValidator(_as_code), StringConstraints(pattern=r"^[0-9A-Za-z-]{1,24}$")]
Source = Annotated[str, StringConstraints(min_length=1, max_length=300)]


class AreaDefinition(Definition):
    """An area of the tree. ``parent`` is a code of this pack or one installed before; only a province has none."""

    code: Code
    parent: Code | None = None
    level: Level
    name: Label
    valid_from: dt.date = BEGINNING
    valid_to: dt.date | None = None  # the first day on which it is no longer in force

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.valid_to and self.valid_to <= self.valid_from:
            raise BilingualError("valid_to 须晚于 valid_from", "valid_to must be later than valid_from")
        if self.parent == self.code:
            raise BilingualError("区划不能是自己的上级", "an area cannot be its own parent")
        return self


class BoundaryDefinition(Definition):
    """The outline of an area as GeoJSON (WGS 84): a Polygon or a MultiPolygon, embedded."""

    area: Code
    geojson: Annotated[dict[str, Any], BeforeValidator(as_floats)]
    source: Source
    schematic: bool = False

    @model_validator(mode="after")
    def _closed(self) -> Self:
        fault = check_outline(self.geojson)
        if fault:
            raise BilingualError(fault.zh, fault.en)
        return self


class DayDefinition(Definition):
    """A day that overrules the shipped calendar."""

    date: dt.date
    kind: Kind
    name: Label
    source: Source


class YearDefinition(Definition):
    """A year whose days off are declared, and by which notice."""

    year: int
    status: Status
    source: Source

    @model_validator(mode="after")
    def _plausible(self) -> Self:
        if not 1949 <= self.year < 2200:
            raise BilingualError("年份应在1949年至2199年之间", "a year lies between 1949 and 2199")
        return self


class CalendarDefinition(Definition):
    years: tuple[YearDefinition, ...] = ()
    days: tuple[DayDefinition, ...] = ()


class PlacesDefinition(Definition):
    """All of a pack's places. Areas may come in any order; a parent that is not here must already be installed."""

    areas: tuple[AreaDefinition, ...] = ()
    boundaries: tuple[BoundaryDefinition, ...] = ()
    calendar: CalendarDefinition = CalendarDefinition()

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        """What holds between the entries. A DefinitionError passes through pydantic with the path of its entry."""
        _once(("areas",), [area.code for area in self.areas])
        _once(("boundaries",), [boundary.area for boundary in self.boundaries])
        _once(("calendar", "years"), [str(year.year) for year in self.calendar.years])
        _once(("calendar", "days"), [day.date.isoformat() for day in self.calendar.days])
        levels = {area.code: area.level for area in self.areas}
        for index, area in enumerate(self.areas):
            fault = parent_fault(area, levels.get(area.parent or ""))
            if fault:
                raise DefinitionError(("areas", index, "parent"), fault)
        return self

    def top_down(self) -> Iterator[AreaDefinition]:
        """The areas, each after its parent."""
        return iter(sorted(self.areas, key=lambda area: (LEVELS.index(area.level), area.code)))


def parent_fault(area: AreaDefinition, level_above: str | None) -> Text | None:
    """A parent lies on a higher level. ``level_above`` None: the parent is not known yet, and not judged."""
    if area.parent is None and area.level != "province":
        return Text(f"区划{area.code}须写明上级", f"area {area.code} needs a parent")
    if level_above and LEVELS.index(level_above) >= LEVELS.index(area.level):
        return Text(
            f"区划{area.code}（{area.level}）的上级{area.parent}不是更高一级（{level_above}）",
            f"area {area.code} ({area.level}) cannot lie in {area.parent} ({level_above})",
        )
    return None


def _once(path: tuple[str, ...], keys: list[str]) -> None:
    seen: set[str] = set()
    for index, key in enumerate(keys):
        if key in seen:
            name = ".".join(path)
            raise DefinitionError((*path, index), Text(f"{name} 中{key}出现两次", f"{name} holds {key} twice"))
        seen.add(key)


def places_of(sections: Mapping[str, object]) -> PlacesDefinition:
    """From a pack's top-level sections, of which the others are other rooms' business. DefinitionError with the path."""
    return PlacesDefinition.load({key: sections[key] for key in ("areas", "boundaries", "calendar") if key in sections})
