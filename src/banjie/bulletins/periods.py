"""Which stretch of time a bulletin tells of, and the stretches that its figures are asked over."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from banjie.bulletins.definition import Every, Schedule
from banjie.lib.clock import LOCAL
from banjie.lib.errors import Refusal
from banjie.lib.periods import Period
from banjie.lib.text import Text

FITS = {
    "day": Text("一日，如 2021-12-13", "one day, such as 2021-12-13"),
    "week": Text(
        "星期一至星期日的七天，如 2021-12-06..2021-12-12", "the seven days from a Monday, such as 2021-12-06..2021-12-12"
    ),
    "month": Text("一个月，如 2021-10", "one month, such as 2021-10"),
    "quarter": Text("一个季度，如 2021Q3", "one quarter, such as 2021Q3"),
}


def holding(day: date, every: Every) -> Period:
    """The day, week, month or quarter that holds a day."""
    match every:
        case "day":
            return Period(day, day + timedelta(days=1))
        case "week":
            monday = day - timedelta(days=day.weekday())
            return Period(monday, monday + timedelta(days=7))
        case _:
            return Period.of_month(day).grown_to(every)


def checked(period: Period, every: Every) -> Period:
    """The period, if it is one that the bulletin tells of; for a quarter or month typed as a year so far, what it ends with is not
    guessed. Raises Refusal."""
    if holding(period.start, every) != period:
        says = Text("这份通报的时期应为{fits}", "the period of this bulletin must be {fits}")
        raise Refusal(says.format(fits=FITS[every]))
    return period


def over(period: Period, stretch: str) -> Period:
    """The stretch of time asked of a figure, seen from the bulletin's period."""
    match stretch:
        case "to_date":  # the year so far, up to the period's end
            return Period(date(period.last.year, 1, 1), period.end)
        case "year":
            return period.grown_to("year") if period.in_one_year else Period.of_year(period.last.year)
        case "year_before":
            return period.year_before
        case "previous":
            return _before(period)
        case _:
            return period


def _before(period: Period) -> Period:
    """The stretch of the same kind that ends where this one begins."""
    day = period.start - timedelta(days=1)
    if period.whole_months and period.months in {1, 3, 12}:
        return Period.of_month(day).grown_to({1: "month", 3: "quarter", 12: "year"}[period.months])
    return Period(period.start - (period.end - period.start), period.start)


def newest_over(now: datetime, every: Every) -> Period:
    """The newest period that is over."""
    today = now.astimezone(LOCAL).date()
    return _before(holding(today, every))


def due_at(period: Period, schedule: Schedule) -> datetime:
    """When the issue of a period that is over is to be drafted."""
    day = period.end if schedule.every == "day" else period.end + timedelta(days=schedule.day - 1)
    return datetime.combine(day, time(schedule.hour), LOCAL)
