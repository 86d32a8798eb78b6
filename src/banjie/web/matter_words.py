"""How a matter is spoken of: how long there still is, in what state it stands, how it ended."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from banjie.lib.clock import LOCAL
from banjie.lib.text import Text
from banjie.matters.definition import Limit, Process, Stage, TaskDefinition, TermBy
from banjie.places.calendar import Calendar
from banjie.places.calendars import official_calendar
from banjie.places.terms import parse_term

STATES = {
    "open": Text("在办", "open"),
    "suspended": Text("已暂停", "suspended"),
    "closed": Text("已办结", "closed"),
}
ENDINGS = {
    "done": Text("办结", "done"),
    "rejected": Text("不予办理", "rejected"),
    "withdrawn": Text("已撤回", "withdrawn"),
    "expired": Text("逾期终止", "expired"),
}
LEFT = Text("还有 {length}", "{length} left")
LEFT_OUTSIDE = Text("还有 {length}（非工作时间）", "{length} left, outside office hours")
PASSED = Text("已超期 {length}", "overdue by {length}")
STANDS_STILL = Text("暂停计时", "clock suspended")
NO_LIMIT = Text("无期限", "no limit")
MINUTE = timedelta(minutes=1)


@dataclass(frozen=True)
class Remaining:
    """How long there is until a due time. ``tone``: good, warn (the last half workday), bad (overdue), or none."""

    says: Text
    tone: str = ""
    due: datetime | None = None

    def __str__(self) -> str:
        return str(self.says)


def remaining(due: datetime | None, at: datetime, *, suspended: bool = False, calendar: Calendar | None = None) -> Remaining:
    """The office hours until ``due``, in words; time by the clock on the wall where the office is closed all the while.
    A list hands in the official calendar, which is read once then."""
    if suspended:
        return Remaining(STANDS_STILL)
    if due is None:
        return Remaining(NO_LIMIT)
    calendar = calendar or official_calendar()
    late = due < at
    first, last = (due, at) if late else (at, due)
    worked = calendar.work_between(first.astimezone(LOCAL), last.astimezone(LOCAL))
    outside = worked < MINUTE <= last - first
    length = _by_the_wall(last - first) if outside else in_workdays(worked, calendar)
    if late:
        return Remaining(PASSED.format(length=length), "bad", due)
    soon = worked <= workday(calendar) / 2
    return Remaining((LEFT_OUTSIDE if outside else LEFT).format(length=length), "warn" if soon else "good", due)


def workday(calendar: Calendar) -> timedelta:
    """The office hours of a full workday."""
    return sum((closes - opens for opens, closes in calendar.hours.sessions("workday")), timedelta())


def in_workdays(work: timedelta, calendar: Calendar) -> Text:
    """Office hours in workdays and hours; minutes only where there are no days."""
    days, rest = divmod(work, workday(calendar))
    hours, minutes = divmod(rest // MINUTE, 60)
    if days:
        return _parts((days, "个工作日", "workday"), (hours, "小时", "hour"))
    return _parts((hours, "小时", "hour"), (minutes, "分钟", "minute"))


def _by_the_wall(length: timedelta) -> Text:
    hours, minutes = divmod(length // MINUTE, 60)
    if hours >= 48:
        return _parts((hours // 24, "天", "day"), (hours % 24, "小时", "hour"))
    return _parts((hours, "小时", "hour"), (minutes, "分钟", "minute"))


def _parts(*parts: tuple[int, str, str]) -> Text:
    said = [part for part in parts if part[0]] or [(0, parts[-1][1], parts[-1][2])]
    en = " ".join(f"{n} {word}" if n == 1 else f"{n} {word}s" for n, _, word in said)
    return Text(" ".join(f"{n} {word}" for n, word, _ in said), en)


def limit_text(limit: Limit) -> Text:
    """A term as people say it; one that depends on a field as the terms it may come to."""
    if isinstance(limit, TermBy):
        terms = [parse_term(t).title for t in dict.fromkeys((*limit.terms.values(), limit.otherwise))]
        return Text(" / ".join(t.zh for t in terms), " / ".join(t.en for t in terms))
    return parse_term(limit).title


def terms_of(of: Stage | TaskDefinition | Process) -> list[Text]:
    """Every term that a stage, a task or a process sets, each with what kind of term it is; or why there is none."""
    found = []
    if of.within:
        found.append(Text("限 {term}", "within {term}").format(term=limit_text(of.within)))
    if of.promise:
        found.append(Text("承诺 {term}", "promised: {term}").format(term=limit_text(of.promise)))
    at_least = getattr(of, "at_least", None)
    if at_least:
        found.append(Text("不少于 {term}", "at least {term}").format(term=limit_text(at_least)))
    untimed = getattr(of, "untimed", None)
    return found or ([untimed] if untimed else [])
