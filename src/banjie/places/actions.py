"""Every write of this room: areas, boundaries, the calendar. Each is atomic and leaves an entry in the ledger.

Who may do it is decided above (people's scopes, asked by the doors): this room does not know accounts. ``by`` is the
account that acts, None for the system. Chains: ``area:CODE`` for an area and its outline, ``calendar`` for the calendar.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from django.db import transaction
from django.db.models import Q

from banjie.ledger.actions import Actor, NewEntry, record_entries, record_entry
from banjie.lib.errors import Conflict, Invalid, NotFound, Problem, Refusal
from banjie.lib.text import Text
from banjie.places.definition import (
    AreaDefinition,
    BoundaryDefinition,
    DayDefinition,
    PlacesDefinition,
    YearDefinition,
    parent_fault,
)
from banjie.places.facts import area_facts, day_facts, outline_facts, year_facts
from banjie.places.models import Area, Boundary, CalendarDay, CalendarYear, Succession

FIXED = ("parent_id", "level")  # what a code means: it never changes
CALENDAR = "calendar"


@dataclass
class Installed:
    """What an installation did, as ``area 431322``, ``boundary 431322``, ``day 2027-01-01``, ``year 2027``."""

    added: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)


@transaction.atomic
def add_area(*, area: AreaDefinition, by: Actor | None, why: str = "", origin: str = "") -> Area:
    """A new area. Conflict if the code is taken, Invalid if the parent is missing or not on a higher level."""
    taken = Area.objects.filter(code=area.code).first()
    if taken:
        says = Text("代码 {code} 已用于{name}", "code {code} is already that of {name}").format(code=area.code, name=taken.name)
        raise Conflict(says, theirs=area_facts(taken), yours=area_facts(_row(area)))
    _check_parents([area])
    row = _row(area)
    row.save(force_insert=True)
    record_entry(chain=_chain(row.code), verb="area.added", body={"after": area_facts(row)}, by=by, why=why, origin=origin)
    return row


@transaction.atomic
def close_area(*, code: str, on: date, by: Actor | None, why: str = "", origin: str = "") -> Area:
    """The area is in force until the day before ``on``. Refused while an area below it is still in force then."""
    area = _locked(code)
    if area.valid_to is not None:
        raise Refusal(Text(f"{area.name_zh}已于{area.valid_to}撤销", f"{area.name_en} has been closed since {area.valid_to}"))
    if on <= area.valid_from:
        raise Refusal(Text(f"撤销日期须晚于设立日期{area.valid_from}", f"it must end after it began, on {area.valid_from}"))
    below = Area.objects.filter(Q(valid_to__isnull=True) | Q(valid_to__gt=on), parent=area)
    if below.exists():
        names = Text("、".join(a.name_zh for a in below[:5]), ", ".join(a.name_en for a in below[:5]))
        raise Refusal(
            Text("下级区划仍有效，请先处理：{names}", "areas below it are still in force; close them first: {names}").format(
                names=names
            )
        )
    before = area_facts(area)
    area.valid_to = on
    area.save(update_fields=["valid_to"])
    body = {"before": before, "after": area_facts(area)}
    record_entry(chain=_chain(code), verb="area.closed", body=body, by=by, why=why, origin=origin)
    return area


@transaction.atomic
def split_area(
    *, old: str, successors: Sequence[AreaDefinition], on: date, by: Actor | None, why: str = "", origin: str = ""
) -> list[Area]:
    """``old`` ends on a day and the successors begin on it: new areas, or ones in force already that take a part over.

    With one successor this is a renaming or a merger. Records stay in the area in which they were made.
    """
    if not successors or old in {area.code for area in successors}:
        raise Refusal(Text("至少要有一个不同代码的后继区划", "there must be a successor, under a code of its own"))
    closed = close_area(code=old, on=on, by=by, why=why, origin=origin)
    existing = Area.objects.on(on).in_bulk([area.code for area in successors])
    rows = [
        existing.get(area.code) or add_area(area=area.model_copy(update={"valid_from": on}), by=by, why=why, origin=origin)
        for area in successors
    ]
    Succession.objects.bulk_create([Succession(predecessor=closed, successor=row, on=on) for row in rows])
    body: dict[str, object] = {"on": on.isoformat(), "successors": [area_facts(row) for row in rows]}
    record_entry(chain=_chain(old), verb="area.split", body=body, by=by, why=why, origin=origin)
    return rows


@transaction.atomic
def set_boundary(*, boundary: BoundaryDefinition, by: Actor | None, why: str = "", origin: str = "") -> Boundary:
    """The outline of an area, in place of the one before. The entry holds its digest, not its thousand points."""
    area = _locked(boundary.area)
    before = Boundary.objects.filter(area=area).first()
    values = {"geojson": boundary.geojson, "source": boundary.source, "schematic": boundary.schematic}
    row, _ = Boundary.objects.update_or_create(area=area, defaults=values)
    body = {"before": outline_facts(before), "after": outline_facts(row)}
    record_entry(chain=_chain(area.code), verb="boundary.set", body=body, by=by, why=why, origin=origin)
    return row


@transaction.atomic
def set_calendar_day(*, day: DayDefinition, by: Actor | None, why: str = "", origin: str = "") -> CalendarDay:
    """A day off, a make-up workday or a half day, overruling the shipped calendar."""
    before = CalendarDay.objects.filter(date=day.date).first()
    values = {"kind": day.kind, "name_zh": day.name.zh, "name_en": day.name.en, "source": day.source}
    row, _ = CalendarDay.objects.update_or_create(date=day.date, defaults=values)
    body = {"before": day_facts(before), "after": day_facts(row)}
    record_entry(chain=CALENDAR, verb="calendar.day_set", body=body, by=by, why=why, origin=origin)
    return row


@transaction.atomic
def set_calendar_year(*, year: YearDefinition, by: Actor | None, why: str = "", origin: str = "") -> CalendarYear:
    """Whether a year's days off are official. Enter the days first: an official year is used without asking."""
    before = CalendarYear.objects.filter(year=year.year).first()
    values = {"status": year.status, "source": year.source}
    row, _ = CalendarYear.objects.update_or_create(year=year.year, defaults=values)
    body = {"before": year_facts(before), "after": year_facts(row)}
    record_entry(chain=CALENDAR, verb="calendar.year_set", body=body, by=by, why=why, origin=origin)
    return row


@transaction.atomic
def install_areas(definitions: PlacesDefinition, *, by: Actor | None, why: str = "", origin: str = "") -> Installed:
    """Everything a pack says about places. What is there already is left alone; what a pack no longer names, too.

    Names and dates may change. Invalid if a code would change its parent or its level, or a parent is missing.
    """
    done = Installed()
    _install_areas(definitions, done, by=by, why=why, origin=origin)
    outlines = Boundary.objects.in_bulk([b.area for b in definitions.boundaries], field_name="area_id")
    for boundary in definitions.boundaries:
        if _note(
            done, f"boundary {boundary.area}", outline_facts(outlines.get(boundary.area)), outline_facts(_outline_row(boundary))
        ):
            set_boundary(boundary=boundary, by=by, why=why, origin=origin)
    days = CalendarDay.objects.in_bulk([d.date for d in definitions.calendar.days])
    for day in definitions.calendar.days:
        wanted = CalendarDay(date=day.date, kind=day.kind, name_zh=day.name.zh, name_en=day.name.en, source=day.source)
        if _note(done, f"day {day.date}", day_facts(days.get(day.date)), day_facts(wanted)):
            set_calendar_day(day=day, by=by, why=why, origin=origin)
    years = CalendarYear.objects.in_bulk([y.year for y in definitions.calendar.years])
    for year in definitions.calendar.years:
        if _note(done, f"year {year.year}", year_facts(years.get(year.year)), year_facts(CalendarYear(**year.model_dump()))):
            set_calendar_year(year=year, by=by, why=why, origin=origin)
    return done


def _install_areas(definitions: PlacesDefinition, done: Installed, *, by: Actor | None, why: str, origin: str) -> None:
    wanted = [_row(area) for area in definitions.top_down()]
    present = Area.objects.select_for_update().in_bulk([row.code for row in wanted])
    _check_parents(definitions.areas)
    _check_fixed(wanted, present)
    new = [row for row in wanted if _note(done, f"area {row.code}", area_facts(present.get(row.code)), area_facts(row))]
    entries = []
    for row in new:
        before = area_facts(present.get(row.code))
        body = {"before": before, "after": area_facts(row)} if before else {"after": area_facts(row)}
        entries.append(NewEntry(_chain(row.code), "area.changed" if before else "area.added", body))
    Area.objects.bulk_create([row for row in new if row.code not in present])
    Area.objects.bulk_update([row for row in new if row.code in present], ["name_zh", "name_en", "valid_from", "valid_to"])
    if entries:
        record_entries(entries, by=by, origin=origin, why=why)


def _note(done: Installed, what: str, before: dict[str, object] | None, after: dict[str, object] | None) -> bool:
    """Whether there is anything to do; if so, it is noted as added or changed."""
    if before == after:
        return False
    (done.changed if before else done.added).append(what)
    return True


def _check_parents(areas: Sequence[AreaDefinition]) -> None:
    here = {area.code: area.level for area in areas}
    outside = {area.parent for area in areas if area.parent and area.parent not in here}
    levels = dict(Area.objects.filter(code__in=outside).values_list("code", "level")) | here
    problems = []
    for area in areas:
        if area.parent and area.parent not in levels:
            problems.append(Problem(f"areas.{area.code}.parent", area.parent, Text("没有这个上级区划", "there is no such area")))
            continue
        fault = parent_fault(area, levels[area.parent] if area.parent else None)
        if fault:
            problems.append(Problem(f"areas.{area.code}.parent", area.parent, fault))
    if problems:
        raise Invalid(problems)


def _check_fixed(wanted: Sequence[Area], present: dict[str, Area]) -> None:
    says = Text("代码的含义不能改变：请撤销旧区划并另设新代码", "a code keeps its meaning: close the old area and add a new one")
    problems = [
        Problem(f"areas.{row.code}.{name.removesuffix('_id')}", getattr(row, name), says)
        for row in wanted
        for name in FIXED
        if row.code in present and getattr(present[row.code], name) != getattr(row, name)
    ]
    if problems:
        raise Invalid(problems)


def _locked(code: str) -> Area:
    area = Area.objects.select_for_update().filter(code=code).first()
    if area is None:
        raise NotFound(Text(f"没有代码为{code}的区划", f"there is no area with code {code}"))
    return area


def _chain(code: str) -> str:
    return f"area:{code}"


def _row(area: AreaDefinition) -> Area:
    names = {"name_zh": area.name.zh, "name_en": area.name.en}
    return Area(
        code=area.code, parent_id=area.parent, level=area.level, valid_from=area.valid_from, valid_to=area.valid_to, **names
    )


def _outline_row(boundary: BoundaryDefinition) -> Boundary:
    return Boundary(geojson=boundary.geojson, source=boundary.source, schematic=boundary.schematic)
