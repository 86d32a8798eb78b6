"""The calendar as a value: which days the office works, at which hours, and how sure we are. No Django, no clock.

A ``Calendar`` says Monday to Friday are worked and lists the days that differ. It is indexed by day so that a term of
any length is two bisections; it never guesses: a year that is not in ``years`` has no calendar.
"""

from __future__ import annotations

import hashlib
import json
from bisect import bisect_left, bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import cached_property
from typing import Literal, NamedTuple
from zoneinfo import ZoneInfo

from banjie.lib.errors import Refusal
from banjie.lib.text import Text

Status = Literal["official", "estimate"]
Kind = Literal["workday", "day_off", "morning", "afternoon"]  # the last two: the office works only then
LOCAL = ZoneInfo("Asia/Shanghai")
MICROSECOND = timedelta(microseconds=1)
WEEKEND = Text("周末", "weekend")

Session = tuple[timedelta, timedelta]  # opening and closing, from the midnight that begins the day


class NoCalendar(Refusal):
    """A year is needed for which there is no calendar, or an estimate only. ``year`` names it."""

    def __init__(self, year: int, *, can_be_estimated: bool) -> None:
        self.year = year
        self.can_be_estimated = can_be_estimated
        zh = f"没有{year}年的官方放假安排，不能推算期限。请在国务院办公厅通知发布后录入该年日历"
        en = (
            f"there is no official calendar for {year}, so this cannot be counted. "
            "Enter the year once the State Council's notice is out"
        )
        if can_be_estimated:
            zh, en = zh + "，或按估计日历推算", en + ", or ask for an estimate"
        super().__init__(Text(zh + "。", en + "."))


@dataclass(frozen=True, slots=True)
class WorkingHours:
    """When the office is open on a full workday: two sessions with a break between them, in local time."""

    morning: tuple[time, time] = (time(8, 30), time(12, 0))
    afternoon: tuple[time, time] = (time(14, 30), time(17, 30))

    def __post_init__(self) -> None:
        if not self.morning[0] < self.morning[1] <= self.afternoon[0] < self.afternoon[1]:
            raise ValueError("office hours must be two sessions, the morning before the afternoon")

    def sessions(self, kind: Kind) -> tuple[Session, ...]:
        morning, afternoon = _session(self.morning), _session(self.afternoon)
        by_kind: dict[Kind, tuple[Session, ...]] = {
            "workday": (morning, afternoon),
            "morning": (morning,),
            "afternoon": (afternoon,),
            "day_off": (),
        }
        return by_kind[kind]


def _session(hours: tuple[time, time]) -> Session:
    opens, closes = (timedelta(hours=t.hour, minutes=t.minute, seconds=t.second) for t in hours)
    return opens, closes


@dataclass(frozen=True, slots=True)
class Day:
    """What a day is, and why if it differs from its weekday (the festival; ``None`` for the ordinary week)."""

    kind: Kind
    name: Text | None = None


class _Index(NamedTuple):
    first: int
    open_days: list[int]
    full_days: list[int]
    worked: list[int]  # by days since ``first``: what was worked before that day


@dataclass(frozen=True)
class Calendar:
    """``years``: year → official or estimate. ``days``: the days that differ from "Monday to Friday are worked"."""

    years: Mapping[int, Status]
    days: Mapping[date, Day]
    hours: WorkingHours = field(default_factory=WorkingHours)

    def __post_init__(self) -> None:
        if not self.years:
            raise ValueError("a calendar needs at least one year")
        stray = next((day for day in self.days if day.year not in self.years), None)
        if stray:
            raise ValueError(f"{stray} lies in a year that the calendar does not hold")

    @cached_property
    def version(self) -> str:
        """The same content, however it was put together, has the same version: 16 hex digits."""
        hours = [t.isoformat() for t in (*self.hours.morning, *self.hours.afternoon)]
        days = [[d.isoformat(), day.kind, day.name.as_dict() if day.name else None] for d, day in sorted(self.days.items())]
        content = json.dumps([sorted(self.years.items()), days, hours], ensure_ascii=False, sort_keys=True)
        return hashlib.sha256(content.encode()).hexdigest()[:16]

    def day(self, day: date) -> Day:
        """What a day is. Only meaningful within ``years``: see ``require``."""
        return self.days.get(day) or Day("workday" if day.weekday() < 5 else "day_off", None if day.weekday() < 5 else WEEKEND)

    def require(self, first: int, last: int, *, estimate: bool) -> bool:
        """Refuse with NoCalendar unless every year from ``first`` to ``last`` is known. True if one is an estimate."""
        estimated = False
        for year in range(first, last + 1):
            status = self.years.get(year)
            if status is None or (status == "estimate" and not estimate):
                raise NoCalendar(year, can_be_estimated=status == "estimate")
            estimated = estimated or status == "estimate"
        return estimated

    def is_workday(self, day: date, *, estimate: bool = False) -> bool:
        """Whether the office works on a day at all."""
        self.require(day.year, day.year, estimate=estimate)
        return self.day(day).kind != "day_off"

    def closing(self, day: date) -> datetime:
        """The end of office hours of a day on which the office works."""
        return midnight(day) + self.hours.sessions(self.day(day).kind)[-1][1]

    # The index. Ordinals are dates as integers (1 = 0001-01-01); work is counted in microseconds, so nothing is rounded.

    @cached_property
    def _index(self) -> _Index:
        first = date(min(self.years), 1, 1).toordinal()
        last = date(max(self.years), 12, 31).toordinal()
        length = {
            kind: sum((b - a for a, b in self.hours.sessions(kind)), timedelta()) // MICROSECOND
            for kind in ("workday", "morning", "afternoon", "day_off")
        }
        open_days, full_days, worked = [], [], [0]
        for ordinal in range(first, last + 1):
            kind = self.day(date.fromordinal(ordinal)).kind
            if kind != "day_off":
                open_days.append(ordinal)
            if kind == "workday":
                full_days.append(ordinal)
            worked.append(worked[-1] + length[kind])
        return _Index(first, open_days, full_days, worked)

    def nth_workday(self, after: date, n: int, *, full_only: bool = False) -> date | None:
        """The n-th workday after a day (n ≥ 1), or None past the calendar's end. ``full_only`` passes over half days."""
        days = self._index.full_days if full_only else self._index.open_days
        at = bisect_right(days, after.toordinal()) + n - 1
        return date.fromordinal(days[at]) if at < len(days) else None

    def after_work(self, start: datetime, work: timedelta) -> datetime | None:
        """The moment by which the office has worked for ``work`` (> 0) since ``start`` (local), or None past the end."""
        first, worked = self._index.first, self._index.worked
        day = start.date()
        position = day.toordinal() - first
        if not 0 <= position < len(worked) - 1:
            return None
        target = worked[position] + self._worked_on(day, start - midnight(day)) // MICROSECOND + work // MICROSECOND
        found = bisect_left(worked, target) - 1  # the day in which the target is reached, its close included
        if found >= len(worked) - 1:
            return None
        left = (target - worked[found]) * MICROSECOND
        last = date.fromordinal(first + found)
        for opens, closes in self.hours.sessions(self.day(last).kind):
            if left <= closes - opens:
                return midnight(last) + opens + left
            left -= closes - opens
        raise AssertionError("the index and the sessions disagree")

    def workdays_within(self, first: date, last: date, *, full_only: bool = False) -> int:
        """How many workdays lie from ``first`` to ``last``, both included; 0 where last is before first."""
        days = self._index.full_days if full_only else self._index.open_days
        return max(0, bisect_right(days, last.toordinal()) - bisect_left(days, first.toordinal()))

    def work_between(self, begins: datetime, ends: datetime) -> timedelta:
        """For how long the office is open from one moment to another (both local); days outside the calendar count nothing."""
        return max(timedelta(), self._worked_until(ends) - self._worked_until(begins))

    def _worked_until(self, moment: datetime) -> timedelta:
        day, worked = moment.date(), self._index.worked
        position = day.toordinal() - self._index.first
        if position < 0:
            return timedelta()
        if position >= len(worked) - 1:
            return worked[-1] * MICROSECOND
        return worked[position] * MICROSECOND + self._worked_on(day, moment - midnight(day))

    def _worked_on(self, day: date, until: timedelta) -> timedelta:
        sessions = self.hours.sessions(self.day(day).kind)
        return sum((min(max(until, opens), closes) - opens for opens, closes in sessions), timedelta())


def midnight(day: date) -> datetime:
    """The moment at which a day begins, in local time."""
    return datetime.combine(day, time(), LOCAL)
