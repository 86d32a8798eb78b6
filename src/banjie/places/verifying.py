"""Areas, outlines and the calendar held against the trail: each row says what its chain last said.

An area's parent and validity decide who may see what lies in it, and the calendar decides when things are due.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from banjie.ledger.comparing import CHUNK, Against, Said, Told, chains_begun, compare_all, told
from banjie.ledger.findings import Report
from banjie.ledger.reading import in_chunks, one_view
from banjie.ledger.verification import Progress
from banjie.lib.text import Text
from banjie.places.actions import CALENDAR
from banjie.places.facts import area_facts, day_facts, outline_facts, year_facts
from banjie.places.models import Area, Boundary, CalendarDay, CalendarYear, Succession

AREA_PARTS = {
    "code": Text("代码", "the code"),
    "parent": Text("上级", "the parent"),
    "level": Text("级别", "the level"),
    "name": Text("名称", "the name"),
    "valid_from": Text("设立日期", "the day it began"),
    "valid_to": Text("撤销日期", "the day it ends"),
}
OUTLINE_PARTS = {
    "sha256": Text("边界", "the outline"),
    "source": Text("来源", "the source"),
    "schematic": Text("示意标记", "whether it is schematic"),
}
SUCCESSION_PARTS = {"on": Text("日期", "the day")}
DAY_PARTS = {"kind": Text("类型", "the kind"), "name": Text("名称", "the name"), "source": Text("依据", "the source")}
YEAR_PARTS = {"status": Text("状态", "the status"), "source": Text("依据", "the source")}
AREA, OUTLINE = Text("区划", "the area"), Text("边界", "the outline of")
SUCCESSION, DAY, YEAR = Text("区划承接", "the succession"), Text("日历", "the day"), Text("日历年度", "the calendar of")


def verify_places(progress: Progress | None = None) -> Report:
    """Compare every area, outline, succession and day of the calendar with its entries."""
    report = Report()
    with one_view():
        done, total = 0, Area.objects.count()
        for rows in in_chunks("SELECT code FROM places_area ORDER BY code", CHUNK):
            _areas(report, [code for (code,) in rows])
            done += len(rows)
            if progress:
                progress(done, total)
        for chains in chains_begun("area:"):
            codes = {chain.removeprefix("area:"): entry for chain, entry in chains}
            for code in codes.keys() - set(Area.objects.filter(code__in=codes).values_list("code", flat=True)):
                Against(report, "area", AREA, AREA_PARTS).gone(code, code, codes[code])
        _calendar(report)
    return report


def _areas(report: Report, codes: list[str]) -> None:
    areas: dict[str, Said] = {}
    outlines: dict[str, Said] = {}
    taken_over: defaultdict[str, dict[str, Said]] = defaultdict(dict)
    for entry in told([f"area:{code}" for code in codes]):
        code = entry.chain.removeprefix("area:")
        if entry.verb == "area.split":
            for successor in _list(entry.body.get("successors")):
                taken_over[code][str(successor.get("code"))] = Said(entry.entry, {"on": entry.body.get("on")})
        elif isinstance(after := entry.body.get("after"), dict):
            (outlines if entry.verb == "boundary.set" else areas)[code] = Said(entry.entry, after)
    _compare(report, areas, outlines, taken_over, codes)
    report.count("areas", len(codes))


def _compare(
    report: Report, areas: dict[str, Said], outlines: dict[str, Said], taken_over: dict[str, dict[str, Said]], codes: list[str]
) -> None:
    held = {area.code: area_facts(area) for area in Area.objects.filter(code__in=codes)}
    compare_all(Against(report, "area", AREA, AREA_PARTS), {c: s for c, s in areas.items() if c in held}, held, _name)
    drawn = {b.area_id: outline_facts(b) or {} for b in Boundary.objects.filter(area__in=codes)}
    against = Against(report, "boundary", OUTLINE, OUTLINE_PARTS)
    for code in drawn.keys() | outlines.keys():
        compare_all(against, _only(outlines, code), _only(drawn, code), lambda _, code=code: code)
    there: defaultdict[str, dict[str, dict[str, object]]] = defaultdict(dict)
    for row in Succession.objects.filter(predecessor__in=codes):
        there[row.predecessor_id][row.successor_id] = {"on": row.on.isoformat()}
    for code in there.keys() | taken_over.keys():
        said = {f"{code}→{to}": known for to, known in taken_over.get(code, {}).items()}
        rows = {f"{code}→{to}": facts for to, facts in there[code].items()}
        _by_number(Against(report, "succession", SUCCESSION, SUCCESSION_PARTS), said, rows)


def _calendar(report: Report) -> None:
    """The days and years that an office has entered: a few a year."""
    days: dict[str, Said] = {}
    years: dict[str, Said] = {}
    for entry in told([CALENDAR]):
        after = entry.body.get("after")
        if isinstance(after, dict):
            _note(entry, after, days, years)
    held_days = {row.date.isoformat(): day_facts(row) or {} for row in CalendarDay.objects.order_by("date")}
    held_years = {str(row.year): year_facts(row) or {} for row in CalendarYear.objects.order_by("year")}
    _by_number(Against(report, "day", DAY, DAY_PARTS), days, held_days)
    _by_number(Against(report, "year", YEAR, YEAR_PARTS), years, held_years)


def _note(entry: Told, after: dict[str, object], days: dict[str, Said], years: dict[str, Said]) -> None:
    if entry.verb == "calendar.day_set":
        days[str(after.get("date"))] = Said(entry.entry, after)
    elif entry.verb == "calendar.year_set":
        years[str(after.get("year"))] = Said(entry.entry, after)


def _by_number(against: Against, said: dict[str, Said], held: dict[str, dict[str, object]]) -> None:
    """Rows that have no other name than their number."""
    for number in held.keys() | said.keys():
        compare_all(against, _only(said, number), _only(held, number), lambda _, number=number: number)


def _only(of: dict, key: str) -> dict:
    return {key: of[key]} if key in of else {}


def _list(value: object) -> Iterable[dict[str, object]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _name(facts: object) -> Text:
    name = facts.get("name") if hasattr(facts, "get") else None
    return Text.of(name) if isinstance(name, dict) and name.keys() >= {"zh", "en"} else Text("", "")
