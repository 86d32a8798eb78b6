"""Moments at which an office enters things: on workdays, in office hours, at a few times of the day."""

from __future__ import annotations

from calendar import monthrange
from datetime import date, datetime, time, timedelta
from random import Random

from banjie.lib.clock import LOCAL
from banjie.places.calendar import Calendar, NoCalendar
from banjie.places.terms import parse_term

# A few times only: rows entered at the same moment are written together.
TIMES = (time(9, 10), time(10, 40), time(14, 50), time(16, 30))


class OfficeDays:
    """Workdays by the official calendar."""

    def __init__(self, calendar: Calendar, random: Random) -> None:
        self.calendar = calendar
        self.random = random
        self._between: dict[tuple[date, date], list[date]] = {}

    def workdays(self, first: date, last: date) -> list[date]:
        """The workdays from ``first`` to ``last``; where there is none, the first one after."""
        found = self._between.get((first, last))
        if found is None:
            span = [first + timedelta(days=n) for n in range((last - first).days + 1)]
            found = [day for day in span if self.calendar.is_workday(day)] or [self.on_or_after(last)]
            self._between[first, last] = found
        return found

    def on_or_after(self, day: date) -> date:
        while not self.calendar.is_workday(day):
            day += timedelta(days=1)
        return day

    def some_time(self, first: date, last: date) -> datetime:
        """A moment of a workday in the span."""
        return datetime.combine(self.random.choice(self.workdays(first, last)), self.random.choice(TIMES), LOCAL)

    def later(self, after: date, days: tuple[int, int]) -> datetime:
        """A moment of a workday so many days (from, to) after a day."""
        return self.some_time(after + timedelta(days=days[0]), after + timedelta(days=days[1]))

    def ago(self, today: date, days: tuple[int, int]) -> datetime:
        """A moment of a workday so many days (from, to) before a day; of the last workday before, where there is none between."""
        last = today - timedelta(days=days[1])
        while not self.calendar.is_workday(last, estimate=True):
            last -= timedelta(days=1)
        return self.some_time(min(last, today - timedelta(days=days[0])), last)

    def step(self, since: datetime, least: str, most: str) -> datetime:
        """The moment that comes a term after another, drawn between two of the same unit. Hours go to the minute; days end at
        the same time of day, or at some time in office hours where that is not in them."""
        one, other = parse_term(least), parse_term(most)
        if one.counts_days:
            return self._days_after(since.astimezone(LOCAL), self.random.randint(one.whole, other.whole), one.unit)
        first, last = (int(term.length / timedelta(minutes=1)) for term in (one, other))
        span = timedelta(minutes=self.random.randint(min(first, last), max(first, last)))
        if one.unit == "hours":
            return since + span
        reached = self.calendar.after_work(since.astimezone(LOCAL), span) if span else since
        if reached is None:
            raise NoCalendar(since.year + 1, can_be_estimated=False)
        return reached

    def _days_after(self, since: datetime, days: int, unit: str) -> datetime:
        day = self.calendar.nth_workday(since.date(), days) if unit == "workdays" else since.date() + timedelta(days=days)
        if day is None:
            raise NoCalendar(since.year + 1, can_be_estimated=False)
        moment = datetime.combine(day, since.time(), LOCAL)
        within = self.calendar.work_between(moment, moment + timedelta(minutes=1))
        return moment if within or unit == "days" else datetime.combine(day, self.random.choice(TIMES), LOCAL)

    def in_month(self, month: str) -> date:
        """A workday of a month."""
        first = first_day(month)
        return self.random.choice(self.workdays(first, last_day(month)))


def first_day(month: str) -> date:
    return date.fromisoformat(f"{month}-01")


def last_day(month: str) -> date:
    first = first_day(month)
    return first.replace(day=monthrange(first.year, first.month)[1])


def month_after(month: str) -> date:
    """The first day of the following month."""
    return last_day(month) + timedelta(days=1)


def months_between(first: str, last: str) -> list[str]:
    """The months from ``first`` to ``last``, both included."""
    found, month = [], first
    while month <= last:
        found.append(month)
        month = f"{month_after(month):%Y-%m}"
    return found
