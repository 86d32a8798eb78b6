"""From a moment and a term to a deadline, by pure functions, with the calculation line by line.

The rules, and where they come from:

- A term in hours runs from the moment itself; one in days from the next day: the day of the event is not counted
  (Civil Code art. 201). A limit in days ends with the office hours of its last day (art. 203: 24:00, or the end of
  business hours where there are such). If the last calendar day is a day off, the first day after it that is not
  takes its place (art. 203).
- A make-up workday (调休) is a workday. A half day is a workday for a limit, which then ends when the office closes.
- ``at_least``: a statutory notice must have run whole. The next step is allowed from the start of the day after its
  last full day; a half day does not count. Where a rule can be read two ways, the person is favoured, not the office.
- Working hours are the hours in which the office is open. They stop at noon, in the evening and on days off.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from banjie.places.calendar import LOCAL, Calendar, midnight
from banjie.places.deadline import Due
from banjie.places.terms import Term

ONE_DAY = timedelta(days=1)


def due(start: datetime, term: Term, calendar: Calendar, at_least: bool = False, estimate: bool = False) -> Due:
    """The deadline of ``term`` from ``start`` (aware). NoCalendar when a year is needed that is not official, unless
    ``estimate`` allows one that is estimated; the result then says so."""
    if start.tzinfo is None:
        raise ValueError("the start of a term needs a time zone")
    local = start.astimezone(LOCAL)
    if term.unit == "hours":
        moment = (start.astimezone(UTC) + term.length).astimezone(LOCAL)
        return Due(local, term, calendar, at_least, moment, estimated=False, last_day=None)
    if term.unit == "working_hours":
        return _in_working_hours(local, term, calendar, at_least, estimate)
    return _in_days(local, term, calendar, at_least, estimate)


def _in_working_hours(start: datetime, term: Term, calendar: Calendar, at_least: bool, estimate: bool) -> Due:
    calendar.require(start.year, start.year, estimate=estimate)
    moment = calendar.after_work(start, term.length)
    estimated = calendar.require(start.year, _year_reached(calendar, moment), estimate=estimate)
    assert moment is not None
    return Due(start, term, calendar, at_least, moment, estimated, last_day=None)


def _in_days(start: datetime, term: Term, calendar: Calendar, at_least: bool, estimate: bool) -> Due:
    first = start.date() + ONE_DAY
    if term.unit == "workdays":
        calendar.require(first.year, first.year, estimate=estimate)
        last = calendar.nth_workday(start.date(), term.whole, full_only=at_least)
        estimated = calendar.require(first.year, _year_reached(calendar, last), estimate=estimate)
    else:
        counted = start.date() + ONE_DAY * term.whole
        calendar.require(counted.year, counted.year, estimate=estimate)
        last = calendar.nth_workday(counted - ONE_DAY, 1)
        estimated = calendar.require(counted.year, _year_reached(calendar, last), estimate=estimate)
    assert last is not None
    moment = midnight(last + ONE_DAY) if at_least else calendar.closing(last)
    return Due(start, term, calendar, at_least, moment, estimated, last)


def _year_reached(calendar: Calendar, found: date | datetime | None) -> int:
    """The year in which the count ended; the first one past the calendar when it ran out of days."""
    return found.year if found else max(calendar.years) + 1
