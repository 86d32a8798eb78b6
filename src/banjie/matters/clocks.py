"""A clock as what happened to it: its due time is a pure function of its events and a calendar. No Django, no present moment.

The rules are those of ``places.working_time``, and for what happens on the way:

- **Hours and working hours** stand still from the very moment of a pause to that of the resumption.
- **Days.** Those from the day on which a pause begins to the day before it ends do not count; the day on which work is taken up
  again does. A pause that begins after the office has closed leaves its day counted; one that ends on the day on which it began
  changes nothing.
- **Notices** (``at_least``): every day that a pause touches is not whole, and does not count.
- A limit never ends within a pause: it then ends with the office hours of the first workday on which work can be done again.
- An extension adds to the term, in the term's own unit. What happens after the due time does not move it, unless the term was
  extended so that it lies later.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from typing import Literal

from banjie.lib.errors import Refusal
from banjie.lib.text import Text
from banjie.matters.clock_lines import explain
from banjie.places.calendar import LOCAL, Calendar, midnight
from banjie.places.deadline import Line
from banjie.places.terms import Term
from banjie.places.working_time import due

ONE_DAY = timedelta(days=1)
EventKind = Literal["start", "pause", "resume", "extend", "stop"]


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened to a clock. ``amount`` is the length of an extension, ``basis`` the ground of a pause."""

    kind: EventKind
    at: datetime
    amount: Term | None = None
    basis: str = ""


@dataclass(frozen=True, slots=True)
class Pause:
    """A suspension, in local time; ``ends`` is None while it lasts."""

    begins: datetime
    ends: datetime | None
    basis: str = ""

    def holds(self, moment: datetime) -> bool:
        """Whether the clock stands still at a moment after the pause began, its last moment included."""
        return self.begins < moment and (self.ends is None or moment <= self.ends)


@dataclass(frozen=True)
class Explained:
    """When a clock is due, and why. ``moment`` is None while a pause lasts that began before it was due.

    ``term`` is the whole of it, extensions included. ``lines`` follow one another without a gap from ``start`` to ``moment``
    (or to the pause that lasts); their amounts add up to ``term`` (or to what has run so far).
    """

    start: datetime
    term: Term
    calendar: Calendar
    at_least: bool
    moment: datetime | None
    pauses: tuple[Pause, ...]
    extensions: tuple[Event, ...]
    estimated: bool
    last_day: date | None = None  # of a term in days: the last that counted, before it was moved from a day off

    @cached_property
    def lines(self) -> tuple[Line, ...]:
        if not self.pauses and not self.extensions and self.moment is not None:
            return due(self.start, self.term, self.calendar, self.at_least, estimate=True).lines
        return explain(self)

    def takes_away(self, pause: Pause, day: date) -> bool:
        """Whether a pause keeps a day from counting, for a term in days."""
        first, last = taken_away(pause, self.calendar, self.at_least)
        return first <= day and (last is None or day <= last)


def due_time(events: Sequence[Event], term: Term, calendar: Calendar, *, at_least: bool = False) -> Explained:
    """What the events make of a term. Raises Refusal for events that do not follow one another, NoCalendar past its end.

    Years whose calendar is an estimate are used, and the answer says so: work does not wait for the State Council's notice.
    """
    start, pauses, extensions = read_events(events, term)
    whole = Term(term.amount + sum(e.amount.amount for e in extensions if e.amount), term.unit)
    if not pauses:
        found = due(start, whole, calendar, at_least, estimate=True)
        last = found.start.date() + ONE_DAY * whole.whole if whole.unit == "days" else found.last_day
        return Explained(found.start, whole, calendar, at_least, found.moment, (), extensions, found.estimated, last)
    reckon = {"hours": _hours, "working_hours": _working_hours}.get(whole.unit)
    if reckon:
        moment, last = reckon(start, whole, calendar, pauses), None
    else:
        moment, last = _days(start, whole, calendar, pauses, at_least)
    reached = moment or next(p.begins for p in pauses if p.ends is None)
    estimated = calendar.require(start.year, reached.year, estimate=True) if whole.unit != "hours" else False
    return Explained(start, whole, calendar, at_least, moment, pauses, extensions, estimated, last)


def read_events(events: Sequence[Event], term: Term) -> tuple[datetime, tuple[Pause, ...], tuple[Event, ...]]:
    """Start, pauses and extensions, in local time. Raises Refusal where the events are out of order."""
    if not events or events[0].kind != "start":
        raise Refusal(Text("计时须从开始事件算起。", "a clock begins with its start."))
    start = events[0].at.astimezone(LOCAL)
    pauses: list[Pause] = []
    extensions: list[Event] = []
    paused: Event | None = None
    before = events[0]
    for event in events[1:]:
        follows = {"pause": paused is None, "resume": paused is not None, "start": False}.get(event.kind, True)
        if before.kind == "stop" or event.at < before.at or not follows:
            raise Refusal(Text("计时事件的先后不符。", "the events of the clock do not follow one another."))
        if event.kind == "pause":
            paused = event
        elif event.kind == "resume" and paused:
            pauses.append(Pause(paused.at.astimezone(LOCAL), event.at.astimezone(LOCAL), paused.basis))
            paused = None
        elif event.kind == "extend":
            if event.amount is None or event.amount.unit != term.unit:
                raise Refusal(OTHER_UNIT.format(unit=term.title))
            extensions.append(event)
        before = event
    if paused:
        pauses.append(Pause(paused.at.astimezone(LOCAL), None, paused.basis))
    return start, tuple(pauses), tuple(extensions)


OTHER_UNIT = Text("延长的时间须与原期限（{unit}）使用同样的单位。", "an extension is in the unit of the term itself ({unit}).")


# --- terms in hours ----------------------------------------------------------------------------------------------


def running(start: datetime, pauses: Sequence[Pause]) -> Iterator[tuple[datetime, datetime | None]]:
    """The stretches in which the clock ran; the last is open unless a pause lasts."""
    at = start
    for pause in pauses:
        yield at, pause.begins
        if pause.ends is None:
            return
        at = pause.ends
    yield at, None


def _hours(start: datetime, term: Term, calendar: Calendar, pauses: Sequence[Pause]) -> datetime | None:
    left = term.length
    for begins, ends in running(start, pauses):
        if ends is None or left <= ends - begins:
            return (begins.astimezone(UTC) + left).astimezone(LOCAL)
        left -= ends - begins
    return None


def _working_hours(start: datetime, term: Term, calendar: Calendar, pauses: Sequence[Pause]) -> datetime | None:
    left = term.length
    for begins, ends in running(start, pauses):
        worked = None if ends is None else calendar.work_between(begins, ends)
        if worked is None or left <= worked:
            calendar.require(begins.year, begins.year, estimate=True)
            return _reached(calendar, calendar.after_work(begins, left))
        left -= worked
    return None


# --- terms in days -----------------------------------------------------------------------------------------------


def taken_away(pause: Pause, calendar: Calendar, at_least: bool) -> tuple[date, date | None]:
    """The first and last day that a pause keeps from counting (none where last is before first; None: it lasts)."""
    first = pause.begins.date()
    if at_least:
        return first, None if pause.ends is None else pause.ends.date()
    if pause.begins >= _office_closes(calendar, first):
        first += ONE_DAY
    return first, None if pause.ends is None else pause.ends.date() - ONE_DAY


def counted_days(start: date, pauses: Sequence[Pause], calendar: Calendar, at_least: bool) -> Iterator[tuple[date, date | None]]:
    """The stretches of days in which days can count, first and last; the last stretch is open unless a pause lasts."""
    first = start + ONE_DAY
    for pause in pauses:
        away, back = taken_away(pause, calendar, at_least)
        if away > first:
            yield first, away - ONE_DAY
            first = away
        if back is None:
            return
        first = max(first, back + ONE_DAY)
    yield first, None


def _days(
    start: datetime, term: Term, calendar: Calendar, pauses: Sequence[Pause], at_least: bool
) -> tuple[datetime | None, date | None]:
    """The moment, and the last day that counted."""
    left = term.whole
    for first, last in counted_days(start.date(), pauses, calendar, at_least):
        there = None if last is None else _count(term, calendar, first, last, at_least)
        if there is None or left <= there:
            day = _nth(term, calendar, first, left, at_least)
            return (_notice_has_run(day, term, calendar, pauses) if at_least else _limit_ends(day, term, calendar, pauses)), day
        left -= there
    return None, None


def _count(term: Term, calendar: Calendar, first: date, last: date, at_least: bool) -> int:
    if term.unit == "workdays":
        return calendar.workdays_within(first, last, full_only=at_least)
    return max(0, (last - first).days + 1)


def _nth(term: Term, calendar: Calendar, first: date, n: int, at_least: bool) -> date:
    if term.unit == "workdays":
        return _workday(calendar, first - ONE_DAY, n, full_only=at_least)
    return first + ONE_DAY * (n - 1)


def _limit_ends(day: date, term: Term, calendar: Calendar, pauses: Sequence[Pause]) -> datetime | None:
    """The close of the last day; of the next workday where it is a day off; after a pause that lies there."""
    if term.unit == "days":
        day = _workday(calendar, day - ONE_DAY, 1)
    moment = calendar.closing(day)
    for pause in pauses:
        if pause.holds(moment):
            if pause.ends is None:
                return None
            back = pause.ends.date()
            if not (calendar.is_workday(back, estimate=True) and calendar.closing(back) > pause.ends):
                back = _workday(calendar, back, 1)
            moment = calendar.closing(back)
    return moment


def _notice_has_run(day: date, term: Term, calendar: Calendar, pauses: Sequence[Pause]) -> datetime | None:
    """The midnight after the last whole day; one in calendar days ends with a workday on which people could still come."""
    if term.unit == "days":
        day = _workday(calendar, day - ONE_DAY, 1)
        for pause in pauses:
            if pause.begins.date() <= day and (pause.ends is None or day <= pause.ends.date()):
                if pause.ends is None:
                    return None
                day = _workday(calendar, pause.ends.date(), 1)
    return midnight(day + ONE_DAY)


def _office_closes(calendar: Calendar, day: date) -> datetime:
    """When the office closes on a day; on a day off, when it otherwise would."""
    if calendar.day(day).kind == "day_off":
        return midnight(day) + calendar.hours.sessions("workday")[-1][1]
    return calendar.closing(day)


def _workday(calendar: Calendar, after: date, n: int, *, full_only: bool = False) -> date:
    calendar.require(after.year, after.year, estimate=True)
    found = calendar.nth_workday(after, n, full_only=full_only)
    calendar.require(after.year, found.year if found else max(calendar.years) + 1, estimate=True)
    assert found is not None
    return found


def _reached(calendar: Calendar, moment: datetime | None) -> datetime:
    calendar.require(min(calendar.years), moment.year if moment else max(calendar.years) + 1, estimate=True)
    assert moment is not None
    return moment


# --- looking back from a due time ----------------------------------------------------------------------------------


def before(moment: datetime, term: Term, calendar: Calendar) -> datetime:
    """When to warn: ``term`` before a due time (local). For days, the close of the day that lies so many days before."""
    local = moment.astimezone(LOCAL)
    if term.unit == "hours":
        return (moment.astimezone(UTC) - term.length).astimezone(LOCAL)
    if term.unit == "working_hours":
        return _work_before(local, term.length, calendar)
    day, left = local.date(), term.whole
    while left and day.year >= min(calendar.years):
        day -= ONE_DAY
        left -= term.unit == "days" or calendar.day(day).kind != "day_off"
    return min(_office_closes(calendar, day), local)


def _work_before(moment: datetime, work: timedelta, calendar: Calendar) -> datetime:
    """The latest moment from which the office works for ``work`` until ``moment``."""
    day = moment.date()
    while day.year >= min(calendar.years):
        for opens, closes in reversed(calendar.hours.sessions(calendar.day(day).kind)):
            begins, ends = midnight(day) + opens, min(midnight(day) + closes, moment)
            if begins < ends:
                if work <= ends - begins:
                    return ends - work
                work -= ends - begins
        day -= ONE_DAY
    return moment
