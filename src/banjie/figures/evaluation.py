"""Plans to cells: which scans are needed, each made once, and how their results are put together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from banjie.figures import cells, sql
from banjie.figures.cells import Cell
from banjie.figures.definition import TIME_STEPS
from banjie.figures.plan import Axis, Combination, Measure, Observation, Plan
from banjie.figures.scans import Scan, Scans
from banjie.figures.stretches import UNITS, added_up_over, asked_of_parts, elapsed, parts_by, steps, widened
from banjie.formulas import Formula
from banjie.lib.clock import LOCAL
from banjie.lib.periods import Period
from banjie.lib.text import Text

Parts = dict[str | None, Cell]  # by the part's code; None is the whole, "" what belongs to no part

NOT_OVER_TIME = Text("此指标不能跨{unit}相加，请只问一个{unit}", "this figure may not be added up over time: ask for one {unit}")
ONE_AT_A_TIME = Text("公布值按{unit}登记，请只问一个{unit}", "stated values are kept by the {unit}: ask for one {unit}")
NAME_AN_AREA = Text("请指明地区", "name the area")
SEE_PARTS = Text("没有合计，请看分项", "there is no whole: see the parts")


@dataclass
class Evaluation(Scans):
    """What figures are worth at one moment, in one area, by one view of the lake."""

    def prepare(self, questions: Iterable[tuple[Plan, Period | None, str | None]]) -> None:
        """Make the scans that the questions need, measures over the same rows together."""
        wanted: dict[Scan, dict[Formula, Measure]] = {}
        for plan, period, by in questions:
            for measure, scan in self._scans(plan, period, by):
                wanted.setdefault(scan, {})[measure.measure] = measure
        for scan, measures in wanted.items():
            self.make(scan, list(measures.values()))

    def cells(self, plan: Plan, period: Period | None, by: str | None) -> Parts:
        """The value of a figure, whole and by part."""
        match plan:
            case Measure():
                return self._measure(plan, period, by)
            case Observation():
                return self._observation(plan, period, by)
            case Combination():
                return self._combination(plan, period, by)

    # -- measures ------------------------------------------------------------------------------

    def _measure(self, plan: Measure, period: Period | None, by: str | None) -> Parts:
        if by in TIME_STEPS:
            return self._over_time(plan, period, by or "")
        span, notes = widened(plan, period)
        axis = plan.axes[by] if by else None
        found = self.rows(plan, Scan.of(plan, span, axis))
        parts: Parts = {
            None if whole else code or "": self._cell(plan, value, rows, span, axis, None if whole else code or "", notes)
            for code, whole, rows, value in found
        }
        if None not in parts:
            parts[None] = (
                cells.rolled_up(list(parts.values()), plan.figure.basis) if parts else self._measure(plan, period, None)[None]
            )
        if axis is not None and axis.level:
            first, end = (span.start, span.end) if span else (date.min, date.max)
            for place in self.places.of_level(axis.level, self.areas, first, end):
                if place.code not in parts:
                    parts[place.code] = self._cell(plan, None, 0, span, axis, place.code, notes)
        return parts

    def _over_time(self, plan: Measure, period: Period | None, step: str) -> Parts:
        """By year, quarter or month. One scan where the rows can be parted so; else each stretch is asked by itself."""
        whole = self._measure(plan, period, None)[None]
        if period is None:
            return {None: replace(whole, notes=(*whole.notes, cells.NEEDS_PERIOD))}
        parts: Parts = {None: whole}
        if not parts_by(plan, step) or (step == "to_month" and not (plan.additive and plan.sums_up)):
            for code, stretch in steps(period, step):
                parts[code] = self._measure(plan, stretch, None)[None]
            return parts
        by = "month" if step == "to_month" else step
        found = {
            sql.step_code(int(code)): (rows, value)
            for code, total, rows, value in self.rows(plan, Scan.of(plan, period, by))
            if code and not total
        }
        running: list[Cell] = []
        for code, stretch in steps(period, step):
            rows, value = found.get(code, (0, None))
            cell = self._cell(plan, value, rows, stretch, by, code, (), scanned=period)
            if step == "to_month":
                running = [*running, cell] if stretch.months > 1 and running else [cell]
                cell = cells.rolled_up(running, plan.figure.basis)
            parts[code] = cell
        return parts

    def _cell(
        self,
        plan: Measure,
        value: Decimal | int | None,
        rows: int,
        span: Period | None,
        by: Axis | str | None,
        part: str | None,
        notes: tuple[Text, ...],
        scanned: Period | None = None,
    ) -> Cell:
        """``scanned``: the period of the scan by which the part was looked for, where it is not ``span``."""
        unit = added_up_over(plan, span)
        if unit:
            return Cell(None, rows, NOT_OVER_TIME.format(unit=UNITS[unit]), "missing", basis=plan.figure.basis, notes=notes)
        if rows:
            return cells.measured(value, rows, plan.figure.basis, notes)
        return self._nothing(plan, Scan.of(plan, scanned or span, by), part, span, notes)

    def _nothing(self, plan: Measure, scan: Scan, part: str | None, span: Period | None, notes: tuple[Text, ...] = ()) -> Cell:
        """What a figure is where no row counts. Where there are records and none meets its condition, a count is 0: no violation in
        a quarter of inspections. Where nothing at all is recorded there is no value: a quarter without inspections."""
        recorded = self.recorded(plan, scan)
        looked_for = int(part.replace("-", "").replace("Q", "")) if isinstance(scan.by, str) and part else part
        if (looked_for or None) in recorded or (scan.by is None and recorded):
            nought = plan.measure.evaluate_rows([])
            reason = None if nought is not None else cells.NONE_COUNTS
        else:
            nought, today = None, self.now.astimezone(LOCAL).date()
            reason = cells.NOT_YET if span is not None and span.start > today else cells.NO_ROWS
        return replace(cells.measured(nought, 0, plan.figure.basis, notes), no_value=reason)  # type: ignore[arg-type] # a number

    def _scans(self, plan: Plan, period: Period | None, by: str | None) -> Iterable[tuple[Measure, Scan]]:
        """The scans that a question will need, as far as they can be told beforehand."""
        if isinstance(plan, Combination):
            for part, span in asked_of_parts(plan, period):
                yield from self._scans(part, span, by)
        elif isinstance(plan, Measure) and by not in TIME_STEPS and (by is None or by in plan.axes):
            yield plan, Scan.of(plan, widened(plan, period)[0], plan.axes[by] if by else None)

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
            reason = None if worth is not None else cells.ALL_EMPTY.format(n=1)
            cell = Cell(worth, 1, reason, "missing" if reason else cells.status_code(status))
            parts[part] = replace(
                cell, basis=basis or plan.figure.basis, qualifier=qualifier or "", source=source or "", notes=notes
            )
        return parts

    # -- figures made of figures ---------------------------------------------------------------

    def _combination(self, plan: Combination, period: Period | None, by: str | None) -> Parts:
        asked = asked_of_parts(plan, period)
        if not asked:
            return {None: cells.without_value(cells.NEEDS_YEARS if plan.kind == "average_annual" else cells.NEEDS_PERIOD)}
        found = [self.cells(part, span, by) for part, span in asked]
        if plan.kind == "year_on_year" and by in TIME_STEPS:  # a month stands beside the same month a year before
            before = found[1]
            earlier = {code: str(Period.parse(code).year_before) if code else code for code in found[0]}
            found[1] = {code: before[earlier[code]] for code in found[0] if earlier[code] in before}
        codes = dict.fromkeys(code for parts in found for code in parts)
        return {
            code: self._combined(plan, code, [self._of(*asked[i], by, parts, code) for i, parts in enumerate(found)], period, by)
            for code in codes
        }

    def _combined(self, plan: Combination, code: str | None, given: list[Cell], period: Period | None, by: str | None) -> Cell:
        titles = [part.figure.title for part in plan.of]
        match plan.kind:
            case "ratio":
                return cells.ratio(given[0], given[1], plan.factor, titles)
            case "schedule":
                return cells.ahead(given[0], elapsed(Period.parse(code) if code and by in TIME_STEPS else period))
            case "year_on_year":
                return cells.growth(given[0], given[1])
            case "average_annual":
                assert period is not None
                return cells.average_growth(given[0], given[1], period.start.year, period.last.year)
            case _:
                return cells.added(given, titles)

    def _of(self, plan: Plan, period: Period | None, by: str | None, parts: Mapping[str | None, Cell], code: str | None) -> Cell:
        """A part's cell; where the figure has no rows there, what it is over no rows."""
        if code in parts:
            return parts[code]
        if not isinstance(plan, Measure) or by is None or by in TIME_STEPS:
            return cells.without_value(cells.NO_ROWS)
        span, notes = widened(plan, period)
        return self._nothing(plan, Scan.of(plan, span, plan.axes[by]), code, span, notes)
