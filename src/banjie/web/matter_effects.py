"""What a suspension, a resumption or an extension does to the due times, shown before one decides."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from banjie.lib.clock import LOCAL, now
from banjie.lib.errors import Refusal
from banjie.lib.text import Text
from banjie.matters.calendars import calendar_of
from banjie.matters.clocks import Event, due_time
from banjie.matters.models import Clock
from banjie.matters.page import ClockShown, Page
from banjie.matters.ticking import events_of
from banjie.places.calendar import Calendar
from banjie.places.terms import parse_term

AFTER_WORKDAYS = (1, 3, 5, 10)
UNKNOWN = Text("无法推算（缺少该年日历）", "cannot be counted: the calendar of that year is missing")


@dataclass(frozen=True)
class Effect:
    """One clock: when it is due as things stand (None: it stands still), and when it would be, case by case."""

    title: Text
    now: datetime | None
    then: list[tuple[Text, datetime | None]]


def effects(page: Page, verb: str, item: str) -> list[Effect]:
    """For each limit that the step would move; nothing where it moves none."""
    match verb:
        case "suspend" | "return_for_more":
            return _each(page, Clock.RUNNING, _if_resumed_later)
        case "resume":
            return _each(page, Clock.PAUSED, _if_resumed_now)
        case "decide_extension":
            asked = next((e for e in page.extensions if str(e.pk) == item and e.state == "asked"), None)
            if asked is None:
                return []
            more = parse_term(asked.amount)
            case = Text("同意延长 {amount}", "with {amount} more").format(amount=more.title)

            def extended(clock: Clock, events: Sequence[Event], calendar: Calendar) -> list[tuple[Text, datetime | None]]:
                return [(case, _due(clock, [*events, Event("extend", now(), more)], calendar))]

            return _each(page, "", extended, only=asked.clock_id)
    return []


Cases = Callable[[Clock, Sequence[Event], Calendar], list[tuple[Text, datetime | None]]]


def _each(page: Page, state: str, cases: Cases, *, only: int | None = None) -> list[Effect]:
    limits = [c for c in page.clocks if not c.clock.at_least and c.clock.state != Clock.STOPPED]
    chosen: list[ClockShown] = [c for c in limits if (c.clock.pk == only if only else c.clock.state == state)]
    past = events_of([c.clock for c in chosen])
    return [
        Effect(c.title, c.clock.due_at, cases(c.clock, past[c.clock.pk], calendar_of(c.clock.calendar_version))) for c in chosen
    ]


def _if_resumed_later(clock: Clock, events: Sequence[Event], calendar: Calendar) -> list[tuple[Text, datetime | None]]:
    """Suspended now and resumed at this hour of a later workday."""
    begins = now()
    found = []
    for n in AFTER_WORKDAYS:
        day = calendar.nth_workday(begins.astimezone(LOCAL).date(), n)
        if day is None:
            break
        ends = begins + timedelta(days=(day - begins.astimezone(LOCAL).date()).days)
        title = Text("若 {n} 个工作日后（{day}）恢复", "if resumed after {n} workdays ({day})").format(n=n, day=day)
        found.append((title, _due(clock, [*events, Event("pause", begins), Event("resume", ends)], calendar)))
    return found


def _if_resumed_now(clock: Clock, events: Sequence[Event], calendar: Calendar) -> list[tuple[Text, datetime | None]]:
    before = Text("暂停前的期限", "before the suspension")
    after = Text("现在恢复", "if resumed now")
    return [(before, _due(clock, events[:-1], calendar)), (after, _due(clock, [*events, Event("resume", now())], calendar))]


def _due(clock: Clock, events: Sequence[Event], calendar: Calendar) -> datetime | None:
    try:
        return due_time(events, parse_term(clock.term), calendar, at_least=clock.at_least).moment
    except Refusal:  # a year without a calendar: the step itself would say so
        return None
