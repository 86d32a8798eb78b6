"""What a suspension, a resumption or an extension does to the due times, shown before one decides."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from banjie.lib.clock import LOCAL, now
from banjie.lib.errors import Refusal
from banjie.lib.text import Text
from banjie.matters.calendars import calendar_of
from banjie.matters.clocks import Event, due_time
from banjie.matters.joint import would_let_main_run_on, would_stop_main
from banjie.matters.models import Clock
from banjie.matters.page import ClockShown, Page, joint_clocks
from banjie.matters.ticking import events_of
from banjie.places.calendar import Calendar
from banjie.places.terms import parse_term

LIMITS = {True: Text("承诺期限", "promised"), False: Text("期限", "limit")}
AFTER_WORKDAYS = (1, 3, 5, 10)
UNKNOWN = Text("无法推算（缺少该年日历）", "cannot be counted: the calendar of that year is missing")


@dataclass(frozen=True)
class Effect:
    """One clock: when it is due as things stand (None: it stands still), and when it would be, case by case."""

    title: Text
    now: datetime | None
    then: list[tuple[Text, datetime | None]]


def effects(page: Page, verb: str, item: str) -> list[Effect]:
    """For each limit that the step would move, those of the main matter too; nothing where it moves none."""
    match verb:
        case "suspend":
            return _each(page.clocks, Clock.RUNNING, _if_resumed_later)
        case "return_for_more":
            above = _joint(page, Clock.RUNNING, _if_resumed_later) if would_stop_main(page.matter) else []
            return _each(page.clocks, Clock.RUNNING, _if_resumed_later) + above
        case "resume":
            above = _joint(page, Clock.PAUSED, _if_resumed_now) if would_let_main_run_on(page.matter) else []
            return _each(page.clocks, Clock.PAUSED, _if_resumed_now) + above
        case "decide_extension":
            asked = next((e for e in page.extensions if str(e.pk) == item and e.state == "asked"), None)
            if asked is None:
                return []
            more = parse_term(asked.amount)
            case = Text("同意延长 {amount}", "with {amount} more").format(amount=more.title)

            def extended(clock: Clock, events: Sequence[Event], calendar: Calendar) -> list[tuple[Text, datetime | None]]:
                return [(case, _due(clock, [*events, Event("extend", now(), more)], calendar))]

            return _each(page.clocks, "", extended, only=asked.clock_id)
    return []


Cases = Callable[[Clock, Sequence[Event], Calendar], list[tuple[Text, datetime | None]]]


def _each(clocks: Sequence[ClockShown], state: str, cases: Cases, *, only: int | None = None) -> list[Effect]:
    limits = [c for c in clocks if not c.clock.at_least and c.clock.state != Clock.STOPPED]
    chosen: list[ClockShown] = [c for c in limits if (c.clock.pk == only if only else c.clock.state == state)]
    past = events_of([c.clock for c in chosen])
    return [
        Effect(_called(c), c.clock.due_at, cases(c.clock, past[c.clock.pk], calendar_of(c.clock.calendar_version)))
        for c in chosen
    ]


def _joint(below: Page, state: str, cases: Cases) -> list[Effect]:
    """The limits of the matter as a whole, on the form of one of its branches: they are everybody's."""
    main, clocks = joint_clocks(below)
    of = Text("{main} · {title}", "{main} · {title}")
    return [replace(e, title=of.format(main=main, title=e.title)) for e in _each(clocks, state, cases)]


def _called(shown: ClockShown) -> Text:
    """A limit and the promise beside it are told apart: 审查 · 承诺期限 3个工作日."""
    says = Text("{of} · {kind} {term}", "{of} · {kind} {term}")
    kind = LIMITS[shown.clock.promise]
    return says.format(of=shown.title, kind=kind, term=parse_term(shown.clock.term).title)


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
