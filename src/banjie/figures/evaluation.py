"""Plans to cells: which scans are needed, each made once, and how their results are put together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Context, Decimal
from fractions import Fraction
from typing import Any

import duckdb

from banjie.figures import cells, sql
from banjie.figures.cells import Cell
from banjie.figures.definition import TIME_STEPS
from banjie.figures.places import Places
from banjie.figures.plan import Axis, Combination, Leaf, Measure, Observation, Plan
from banjie.formulas import Formula
from banjie.lib.periods import Period
from banjie.lib.text import Text
from banjie.registers.definition import Field

Parts = dict[str | None, Cell]  # by the part's code; None is the whole, "" what belongs to no part

WIDENED = Text("「{title}」按{grain}统计:所取为{period}", "{title} is kept by the {grain}: {period} is taken")
TIMELESS = Text("「{title}」与时期无关", "{title} does not depend on the period")
NOT_OVER_TIME = Text("此指标不能跨{unit}相加,请只问一个{unit}", "this figure may not be added up over time: ask for one {unit}")
ONE_AT_A_TIME = Text("公布值按{unit}登记,请只问一个{unit}", "stated values are kept by the {unit}: ask for one {unit}")
NAME_AN_AREA = Text("请指明地区", "name the area")
SEE_PARTS = Text("没有合计,请看分项", "there is no whole: see the parts")
UNITS = {
    "year": Text("年", "year"),
    "quarter": Text("季度", "quarter"),
    "month": Text("月", "month"),
    "date": Text("日", "day"),
    "datetime": Text("日", "day"),
    "text": Text("期", "period"),
}
_FINENESS = {"year": 0, "quarter": 1, "month": 2, "to_month": 2}


@dataclass(frozen=True)
class _Scan:
    """What several measures can share: the same rows, parted in the same way."""

    register: str
    where: Formula | None
    time: str | None
    period: Period | None
    by: Axis | str | None


@dataclass
class Evaluation:
    """One moment, one area, one view of the lake. ``areas`` None: no restriction."""

    cursor: duckdb.DuckDBPyConnection
    closings: bool
    as_of: datetime | None
    now: datetime
    area: str | None
    areas: frozenset[str] | None
    unplaced: bool
    places: Places
    outside: frozenset[str] = frozenset()  # the codes that are not among ``areas``
    _found: dict[tuple[_Scan, Formula], list[tuple[str | None, bool, int, Decimal | int | None]]] = field(default_factory=dict)
    _levels: str | None = None

    def prepare(self, questions: Iterable[tuple[Plan, Period | None, str | None]]) -> None:
        """Make the scans that the questions need, measures over the same rows together."""
        wanted: dict[_Scan, dict[Formula, Measure]] = {}
        for plan, period, by in questions:
            for measure, scan in self._scans(plan, period, by):
                wanted.setdefault(scan, {})[measure.measure] = measure
        for scan, measures in wanted.items():
            self._make(scan, list(measures.values()))

    def cells(self, plan: Plan, period: Period | None, by: str | None) -> Parts:
        """The value of a figure, whole and by part."""
        match plan:
            case Measure():
                return self._measure(plan, period, by)
            case Observation():
                return self._observation(plan, period, by)
            case Combination():
                return self._combination(plan, period, by)

    def slice(self, leaf: Leaf, period: Period | None) -> sql.Slice:
        """The versions from which a leaf is computed."""
        if isinstance(leaf, Observation):
            placed = leaf.register.area is not None or leaf.register.parent is not None
            areas = frozenset({self.area}) if placed and self.area else None
            return sql.Slice(self.as_of, self.now, period, areas, not placed, self.closings)
        return sql.Slice(self.as_of, self.now, period, self.areas, self.unplaced, self.closings, self.outside)

    # -- measures ------------------------------------------------------------------------------

    def _measure(self, plan: Measure, period: Period | None, by: str | None) -> Parts:
        span, notes = widened(plan, period)
        if by in TIME_STEPS:
            return self._over_time(plan, period, by or "")
        found = self._rows(plan, _Scan(plan.register.name, plan.where, _name(plan.time), span, plan.axes[by] if by else None))
        parts: Parts = {
            None if whole else code or "": self._cell(plan, value, rows, span, notes) for code, whole, rows, value in found
        }
        if by and plan.axes[by].level:
            first, end = (span.start, span.end) if span else (date.min, date.max)
            for place in self.places.of_level(plan.axes[by].level or "", self.areas, first, end):
                parts.setdefault(place.code, self._cell(plan, empty(plan), 0, span, notes))
        if None not in parts:
            parts[None] = self._whole(plan, parts, span)
        return parts

    def _over_time(self, plan: Measure, period: Period | None, step: str) -> Parts:
        """By year, quarter or month. One scan where the rows can be parted so; else each stretch is asked by itself."""
        whole = self._measure(plan, period, None)[None]
        if period is None:
            return {None: replace(whole, notes=(*whole.notes, cells.NEEDS_PERIOD))}
        parts: Parts = {None: whole}
        if not _parts_by(plan, step) or (step == "to_month" and not (plan.additive and plan.sums_up)):
            for code, stretch in steps(period, step):
                parts[code] = self._measure(plan, stretch, None)[None]
            return parts
        scan = _Scan(plan.register.name, plan.where, _name(plan.time), period, "month" if step == "to_month" else step)
        found = {
            sql.step_code(int(code)): (rows, value) for code, total, rows, value in self._rows(plan, scan) if code and not total
        }
        running: list[Cell] = []
        for code, stretch in steps(period, step):
            rows, value = found.get(code, (0, empty(plan)))
            cell = self._cell(plan, value, rows, stretch, ())
            if step == "to_month":
                running = [*running, cell] if stretch.months > 1 and running else [cell]
                cell = cells.rolled_up(running, plan.figure.basis)
            parts[code] = cell
        return parts

    def _cell(self, plan: Measure, value: Decimal | int | None, rows: int, span: Period | None, notes: tuple[Text, ...]) -> Cell:
        unit = added_up_over(plan, span)
        if unit:
            return Cell(None, rows, NOT_OVER_TIME.format(unit=UNITS[unit]), basis=plan.figure.basis, notes=notes)
        return cells.measured(value, rows, plan.figure.basis, notes)

    def _whole(self, plan: Measure, parts: Parts, span: Period | None) -> Cell:
        if not parts:
            return self._cell(plan, empty(plan), 0, span, ())
        return cells.rolled_up(list(parts.values()), plan.figure.basis)

    def _rows(self, plan: Measure, scan: _Scan) -> list[tuple[str | None, bool, int, Decimal | int | None]]:
        if (scan, plan.measure) not in self._found:
            self._make(scan, [plan])
        return self._found[scan, plan.measure]

    def _make(self, scan: _Scan, measures: list[Measure]) -> None:
        missing = [m for m in measures if (scan, m.measure) not in self._found]
        if not missing:
            return
        leaf, by = missing[0], scan.by
        level = by.level if isinstance(by, Axis) else None
        rolled_up = level is not None and all(m.sums_up for m in missing)
        if level is not None and not rolled_up:
            self.fill_places(level)
        rows = self.cursor.execute(
            sql.aggregate(leaf, missing, sql.EACH_AREA if rolled_up else by, self.slice(leaf, scan.period))
        ).fetchall()
        if rolled_up and level is not None:
            rows = self._raised(rows, level)
        for i, measure in enumerate(missing):
            self._found[scan, measure.measure] = [(part, whole, n, values[i]) for part, whole, n, *values in rows]

    def _raised(self, rows: list[tuple[Any, ...]], level: str) -> list[tuple[Any, ...]]:
        """Sums by each area's own code as sums by the areas of a level above: cheaper than to join the places to each row."""
        wide = Context(prec=80)
        raised: dict[str | None, list[Any]] = {}
        for code, _, *values in rows:
            top = self.places.above(code, level) if code else None
            sums = raised.setdefault(top, [None] * len(values))
            for i, value in enumerate(values):
                if value is not None:
                    sums[i] = (
                        value if sums[i] is None else wide.add(value, sums[i]) if isinstance(value, Decimal) else value + sums[i]
                    )
        return [(top, False, *sums) for top, sums in raised.items()]

    def _scans(self, plan: Plan, period: Period | None, by: str | None) -> Iterable[tuple[Measure, _Scan]]:
        """The scans that a question will need, as far as they can be told beforehand."""
        if isinstance(plan, Combination):
            for part, span in _asked_of_parts(plan, period):
                yield from self._scans(part, span, by)
        elif isinstance(plan, Measure) and by not in TIME_STEPS and (by is None or by in plan.axes):
            axis = plan.axes[by] if by else None
            yield plan, _Scan(plan.register.name, plan.where, _name(plan.time), widened(plan, period)[0], axis)

    def fill_places(self, level: str) -> None:
        """Which area of a level each area lies in, as a temporary table of this reading."""
        if self._levels == level:
            return
        pairs = [(code, top) for code in self.places.by_code if (top := self.places.above(code, level))]
        columns = ["\n".join(column) for column in zip(*pairs, strict=True)] if pairs else ["", ""]
        self.cursor.execute(
            "CREATE OR REPLACE TEMP TABLE places AS SELECT unnest(string_split($1, chr(10))) AS code, unnest(string_split($2, chr(10))) AS top",
            columns,
        )
        self._levels = level

    # -- stated observations -------------------------------------------------------------------

    def _observation(self, plan: Observation, period: Period | None, by: str | None) -> Parts:
        if period is None:
            return {None: cells.without_value(cells.NEEDS_PERIOD)}
        if by in TIME_STEPS:
            return {None: self._observation(plan, period, None)[None]} | {
                code: self._observation(plan, stretch, None)[None] for code, stretch in steps(period, by or "")
            }
        span, notes = widened(plan, period)
        assert plan.time is not None
        kind = plan.time.type
        if span is not None and ((kind == "year" and span.months > 12) or (kind == "month" and span.months > 1)):
            return {None: cells.without_value(ONE_AT_A_TIME.format(unit=UNITS[kind]))}
        chosen = self.slice(plan, span)
        if chosen.areas is None and not chosen.unplaced:
            return {None: cells.without_value(NAME_AN_AREA)}
        parts = self._observed(plan, None, chosen, notes)
        if by:
            parts |= self._observed(plan, plan.axes[by], self._of_level(plan.axes[by], chosen), notes)
        return {None: cells.without_value(SEE_PARTS if plan.axes else cells.NO_ROWS)} | parts

    def _of_level(self, axis: Axis, chosen: sql.Slice) -> sql.Slice:
        if axis.level is None or chosen.period is None:
            return chosen
        places = self.places.of_level(axis.level, self.areas, chosen.period.start, chosen.period.end)
        return replace(chosen, areas=frozenset(p.code for p in places))

    def _observed(self, plan: Observation, axis: Axis | None, chosen: sql.Slice, notes: tuple[Text, ...]) -> Parts:
        parts: Parts = {}
        for part, value, status, basis, qualifier, source, _ in self.cursor.execute(
            sql.observations(plan, axis, chosen)
        ).fetchall():
            if part in parts:
                continue  # an older observation of the same thing
            worth = None if value is None else Decimal(value) * plan.factor
            cell = Cell(worth, 1, None if worth is not None else cells.ALL_EMPTY.format(n=1), cells.status_code(status))
            parts[part] = replace(
                cell, basis=basis or plan.figure.basis, qualifier=qualifier or "", source=source or "", notes=notes
            )
        return parts

    # -- figures made of figures ---------------------------------------------------------------

    def _combination(self, plan: Combination, period: Period | None, by: str | None) -> Parts:
        asked = _asked_of_parts(plan, period)
        if not asked:
            return {None: cells.without_value(cells.NEEDS_YEARS if plan.kind == "average_annual" else cells.NEEDS_PERIOD)}
        found = [self.cells(part, span, by) for part, span in asked]
        if plan.kind == "year_on_year" and by in TIME_STEPS:  # a month stands beside the same month a year before
            before = found[1]
            earlier = {code: str(Period.parse(code).year_before) if code else code for code in found[0]}
            found[1] = {code: before[earlier[code]] for code in found[0] if earlier[code] in before}
        codes = dict.fromkeys(code for parts in found for code in parts)
        return {
            code: self._combined(plan, code, [self._of(asked[i][0], parts, code) for i, parts in enumerate(found)], period, by)
            for code in codes
        }

    def _combined(self, plan: Combination, code: str | None, given: list[Cell], period: Period | None, by: str | None) -> Cell:
        match plan.kind:
            case "ratio":
                return cells.ratio(given[0], given[1], plan.factor, plan.of[1].figure.title)
            case "schedule":
                return cells.ahead(given[0], elapsed(Period.parse(code) if code and by in TIME_STEPS else period))
            case "year_on_year":
                return cells.growth(given[0], given[1])
            case "average_annual":
                assert period is not None
                return cells.average_growth(given[0], given[1], period.months // 12 - 1)
            case _:
                return cells.added(given)

    def _of(self, plan: Plan, parts: Mapping[str | None, Cell], code: str | None) -> Cell:
        """A part's cell; where the figure has no rows there, what it is over no rows."""
        if code in parts:
            return parts[code]
        return (
            cells.measured(empty(plan), 0, plan.figure.basis) if isinstance(plan, Measure) else cells.without_value(cells.NO_ROWS)
        )


def empty(plan: Measure) -> Decimal | int | None:
    """The measure over no rows: 0 for a count, nothing for a sum."""
    return plan.measure.evaluate_rows([])  # type: ignore[return-value] # the plan holds measures to be numbers


def grain(plan: Leaf) -> str | None:
    """The shortest stretch the figure is kept by."""
    return plan.figure.grain or (plan.time.type if plan.time and plan.time.type in {"year", "month"} else None)


def widened(plan: Leaf, period: Period | None) -> tuple[Period | None, tuple[Text, ...]]:
    """The period that is answered: the whole years (or months) that hold the one asked for, with a note that says so."""
    if period is None:
        return None, ()
    if plan.time is None:
        return None, (TIMELESS.format(title=plan.figure.title),)
    kept_by = grain(plan)
    if kept_by is None or (span := period.grown_to(kept_by)) == period:
        return period, ()
    return span, (WIDENED.format(title=plan.figure.title, grain=UNITS[kept_by], period=span.title),)


def added_up_over(plan: Measure, span: Period | None) -> str | None:
    """The unit of time beyond which this figure may not be added up, where the span asked for goes beyond it."""
    if plan.figure.additive is not False or not plan.sums_up or plan.time is None or span is None:
        return None
    unit = plan.time.type
    longest = {"year": span.whole_years and span.months == 12, "month": span.whole_months and span.months == 1}
    fits = longest[unit] if unit in longest else (span.end - span.start).days == 1
    return None if fits else unit


def steps(period: Period, step: str) -> list[tuple[str, Period]]:
    """The years, quarters or months of a period, each with its code; the first and last may be cut by the period's ends.
    ``to_month``: from the period's beginning (or the year's) to the end of each month."""
    unit = "month" if step == "to_month" else step
    found: list[tuple[str, Period]] = []
    day = period.start
    while day < period.end:
        whole = Period.of_month(day).grown_to(unit)
        begin = max(period.start, date(day.year, 1, 1)) if step == "to_month" else max(period.start, whole.start)
        found.append((str(whole), Period(begin, min(period.end, whole.end))))
        day = whole.end
    return found


def elapsed(period: Period | None) -> Fraction | None:
    return period.elapsed if period is not None and period.in_one_year else None


def asked_leaves(plan: Plan, period: Period | None) -> list[tuple[Leaf, Period | None]]:
    """Which measures and observations a question comes down to, each with the period that it is asked for."""
    if isinstance(plan, Leaf):
        return [(plan, widened(plan, period)[0])]
    return [found for part, span in _asked_of_parts(plan, period) for found in asked_leaves(part, span)]


def _name(field: Field | None) -> str | None:
    return field.name if field else None


def _parts_by(plan: Leaf, step: str) -> bool:
    """Whether a leaf's rows can be parted by a step of time: those kept by the year cannot be parted by month."""
    if plan.time is None:
        return False
    return _FINENESS[step] <= _FINENESS[grain(plan) or "month"]


def _asked_of_parts(plan: Combination, period: Period | None) -> list[tuple[Plan, Period | None]]:
    """Which figure is asked for which period; nothing where the period will not do."""
    match plan.kind:
        case "year_on_year":
            return [] if period is None else [(plan.of[0], period), (plan.of[0], period.year_before)]
        case "average_annual":
            if period is None or not period.whole_years or period.months < 24:
                return []
            first, last = period.start.year, period.last.year
            return [(plan.of[0], Period.of_year(last)), (plan.of[0], Period.of_year(first))]
        case _:
            return [(part, period) for part in plan.of]
