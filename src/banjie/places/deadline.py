"""A deadline, and its calculation in sentences: one line for each stretch of time, counted or not, and why."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from fractions import Fraction
from functools import cached_property
from itertools import groupby

from banjie.lib.text import Text
from banjie.places.calendar import Calendar, Day, midnight
from banjie.places.terms import Term, Unit

ONE_DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
NOT_COUNTED = Text("事件当日不计（《民法典》第二百零一条）", "the day of the event is not counted (Civil Code art. 201)")
_WEEKDAYS = [
    Text(f"周{zh}", en) for zh, en in zip("一二三四五六日", ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"), strict=True)
]


@dataclass(frozen=True, slots=True)
class Line:
    """A stretch of the calculation. ``amount`` is what it adds to the term, in the term's unit, exactly."""

    begins: datetime
    ends: datetime
    amount: Fraction
    says: Text


@dataclass(frozen=True)
class Due:
    """When a term that began at ``start`` is over. ``moment`` is aware, in local time.

    For a limit it is the last moment that is in time; with ``at_least`` the first at which the next step is allowed.
    ``estimated``: a year without an official calendar was used, because the caller asked for an estimate.
    """

    start: datetime
    term: Term
    calendar: Calendar
    at_least: bool
    moment: datetime
    estimated: bool
    last_day: date | None  # of a term in days: the last that was counted

    @cached_property
    def lines(self) -> tuple[Line, ...]:
        """The calculation. Each line begins where the one before ends: their lengths add up to ``moment - start``,
        and their amounts to ``term.amount``. Made when asked for: a list of deadlines needs none."""
        return _EXPLAIN[self.term.unit](self)


def _explain_hours(due: Due) -> tuple[Line, ...]:
    says = Text(
        f"{_clock(due.start).zh} 起连续计算 {due.term.title.zh}，至 {_clock(due.moment).zh}",
        f"{due.term.title.en} without a break, from {_clock(due.start).en} to {_clock(due.moment).en}",
    )
    return (Line(due.start, due.moment, Fraction(due.term.amount), says), *_closing(due))


def _explain_days(due: Due) -> tuple[Line, ...]:
    """Day of the event; the days; if the last is a day off, the shift to the day after it."""
    first = due.start.date() + ONE_DAY
    counted = due.start.date() + ONE_DAY * due.term.whole
    moved = counted != due.last_day
    days = Text(f"{_days(first, counted).zh}：{due.term.title.zh}", f"{_days(first, counted).en}: {due.term.title.en}")
    lines = [
        Line(due.start, midnight(first), Fraction(0), _join(_clock(due.start), NOT_COUNTED)),
        Line(midnight(first), midnight(counted + ONE_DAY) if moved else due.moment, Fraction(due.term.whole), days),
    ]
    if moved:
        reason = due.calendar.day(counted).name or Text("休息日", "a day off")
        shift = Text(
            f"末日 {_day(counted).zh} 是{reason.zh}，顺延至 {_clock(due.moment).zh}（第二百零三条）",
            f"the last day, {_day(counted).en}, is a day off ({reason.en}): moved to {_clock(due.moment).en} (art. 203)",
        )
        lines.append(Line(midnight(counted + ONE_DAY), due.moment, Fraction(0), shift))
    return (*lines, *_closing(due))


def _explain_workdays(due: Due) -> tuple[Line, ...]:
    """Day of the event; then each run of days of one nature, worked or off."""
    first = due.start.date() + ONE_DAY
    lines = [Line(due.start, midnight(first), Fraction(0), _join(_clock(due.start), NOT_COUNTED))]
    so_far = 0
    for nature, run in groupby(_each_day(first, due.last_day or first), key=lambda day: _nature(due.calendar, day, due.at_least)):
        days = list(run)
        says, counts = nature
        so_far += len(days) if counts else 0
        if counts:
            says = Text(f"{says.zh} {len(days)} 天，累计 {so_far}", f"{says.en}, {len(days)} counted, {so_far} so far")
        ends = due.moment if days[-1] == due.last_day else midnight(days[-1] + ONE_DAY)
        lines.append(Line(midnight(days[0]), ends, Fraction(len(days) if counts else 0), _join(_days(days[0], days[-1]), says)))
    return (*lines, *_closing(due))


def _explain_working_hours(due: Due) -> tuple[Line, ...]:
    """Each stretch in which the office was open, and each in which it was not."""
    lines: list[Line] = []
    at, so_far = due.start, timedelta()
    for opens, closes in _sessions(due.calendar, due.start, due.moment):
        if opens > at:
            lines.append(Line(at, opens, Fraction(0), _join(_span(at, opens), _why_closed(due.calendar, at, opens))))
        so_far += closes - opens
        says = Text(
            f"计 {_length(closes - opens).zh}，累计 {_length(so_far).zh}",
            f"{_length(closes - opens).en}, {_length(so_far).en} so far",
        )
        hours = Fraction((closes - opens) // timedelta.resolution, HOUR // timedelta.resolution)
        lines.append(Line(opens, closes, hours, _join(_span(opens, closes), says)))
        at = closes
    return (*lines, *_closing(due))


_EXPLAIN: dict[Unit, Callable[[Due], tuple[Line, ...]]] = {
    "hours": _explain_hours,
    "working_hours": _explain_working_hours,
    "workdays": _explain_workdays,
    "days": _explain_days,
}


def _closing(due: Due) -> Iterator[Line]:
    """What is to be known about the end: it adds no time."""
    if due.at_least:
        says = Text(
            f"须届满：{_clock(due.moment).zh} 起方可进行下一步",
            f"must have run: the next step is allowed from {_clock(due.moment).en}",
        )
        yield Line(due.moment, due.moment, Fraction(0), says)
    elif due.term.counts_days:
        says = Text(
            f"至当日下班时止：{_clock(due.moment).zh}（第二百零三条）",
            f"until the office closes: {_clock(due.moment).en} (art. 203)",
        )
        yield Line(due.moment, due.moment, Fraction(0), says)
    if due.estimated:
        years = [str(y) for y in range(due.start.year, due.moment.year + 1) if due.calendar.years.get(y) == "estimate"]
        says = Text(
            f"估计：{'、'.join(years)}年官方放假安排未录入，调休未知，结果可能变动",
            f"estimate: no official calendar for {', '.join(years)} yet; make-up workdays are unknown, the result may change",
        )
        yield Line(due.moment, due.moment, Fraction(0), says)


def _nature(calendar: Calendar, day: date, at_least: bool) -> tuple[Text, bool]:
    """What a day is in the count of workdays, and whether it counts."""
    found: Day = calendar.day(day)
    if found.kind == "day_off":
        name = found.name or Text("休息日", "day off")
        return Text(f"{name.zh}，不计", f"{name.en}, not counted"), False
    if found.kind in ("morning", "afternoon"):
        if at_least:
            return Text("半天班，公告期不计", "half day, does not count towards a notice"), False
        return Text("半天班，按工作日计", "half day, counts as a workday"), True
    if day.weekday() >= 5:
        return Text("调休上班", "make-up workday"), True
    return Text("工作日", "workday"), True


def _sessions(calendar: Calendar, start: datetime, end: datetime) -> Iterator[tuple[datetime, datetime]]:
    for day in _each_day(start.date(), end.date()):
        for opens, closes in calendar.hours.sessions(calendar.day(day).kind):
            a, b = max(midnight(day) + opens, start), min(midnight(day) + closes, end)
            if a < b:
                yield a, b


def _why_closed(calendar: Calendar, begins: datetime, ends: datetime) -> Text:
    days = [calendar.day(day) for day in _each_day(begins.date(), ends.date())]
    names = list(dict.fromkeys(day.name for day in days if day.kind == "day_off" and day.name))
    if names:
        return Text(f"不计（{'、'.join(n.zh for n in names)}）", f"closed ({', '.join(n.en for n in names)})")
    if begins.date() == ends.date() and begins - midnight(begins.date()) >= calendar.hours.sessions("workday")[0][0]:
        return Text("午休，不计", "midday break")
    return Text("下班时间，不计", "outside office hours")


def _each_day(first: date, last: date) -> Iterator[date]:
    return (date.fromordinal(o) for o in range(first.toordinal(), last.toordinal() + 1))


def _join(when: Text, what: Text) -> Text:
    return Text(f"{when.zh}：{what.zh}", f"{when.en}: {what.en}")


def _day(day: date) -> Text:
    weekday = _WEEKDAYS[day.weekday()]
    return Text(f"{day}（{weekday.zh}）", f"{day} ({weekday.en})")


def _days(first: date, last: date) -> Text:
    a, b = _day(first), _day(last)
    return a if first == last else Text(f"{a.zh}至{b.zh}", f"{a.en} to {b.en}")


def _clock(moment: datetime) -> Text:
    day = _day(moment.date())
    return Text(f"{day.zh} {_time(moment)}", f"{day.en} {_time(moment)}")


def _time(moment: datetime) -> str:
    return f"{moment:%H:%M:%S}" if moment.second else f"{moment:%H:%M}"


def _span(begins: datetime, ends: datetime) -> Text:
    if begins.date() == ends.date():
        day = _day(begins.date())
        return Text(f"{day.zh} {_time(begins)}–{_time(ends)}", f"{day.en} {_time(begins)}–{_time(ends)}")
    a, b = _clock(begins), _clock(ends)
    return Text(f"{a.zh}至{b.zh}", f"{a.en} to {b.en}")


def _length(length: timedelta) -> Text:
    hours, rest = divmod(length, HOUR)
    minutes, seconds = divmod(rest, timedelta(minutes=1))
    parts = [(hours, "小时", "h"), (minutes, "分", "min"), (seconds // timedelta(seconds=1), "秒", "s")]
    shown = [(n, zh, en) for n, zh, en in parts if n] or [(0, "分", "min")]
    return Text("".join(f"{n}{zh}" for n, zh, _ in shown), " ".join(f"{n} {en}" for n, _, en in shown))
