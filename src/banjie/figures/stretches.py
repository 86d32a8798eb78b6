"""Which stretch of time a figure answers for: the period asked for, grown to what the figure is kept by, or cut into steps."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

from banjie.figures.plan import Combination, Leaf, Measure, Plan
from banjie.lib.periods import Period
from banjie.lib.text import Text

WIDENED = Text("「{title}」按{grain}统计，所取为{period}的数", "{title} is kept by the {grain}: that of {period} is taken")
TIMELESS = Text("「{title}」与时期无关", "{title} does not depend on the period")
UNITS = {
    "year": Text("年", "year"),
    "quarter": Text("季度", "quarter"),
    "month": Text("月", "month"),
    "date": Text("日", "day"),
    "datetime": Text("日", "day"),
    "text": Text("期", "period"),
}
_FINENESS = {"year": 0, "quarter": 1, "month": 2, "to_month": 2}


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
    return [found for part, span in asked_of_parts(plan, period) for found in asked_leaves(part, span)]


def parts_by(plan: Leaf, step: str) -> bool:
    """Whether a leaf's rows can be parted by a step of time: those kept by the year cannot be parted by month."""
    if plan.time is None:
        return False
    return _FINENESS[step] <= _FINENESS[grain(plan) or "month"]


def asked_of_parts(plan: Combination, period: Period | None) -> list[tuple[Plan, Period | None]]:
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
