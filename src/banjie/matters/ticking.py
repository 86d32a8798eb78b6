"""Clocks as rows: started, paused, resumed, extended, stopped. Each move is an event; the columns are what the events come to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from banjie.lib.clock import LOCAL
from banjie.matters.calendars import calendar_of
from banjie.matters.clocks import Event, EventKind, Explained, before, due_time
from banjie.matters.definition import Limit, Process, Stage, TaskDefinition, TermBy
from banjie.matters.holding import Held
from banjie.matters.models import Clock, ClockEvent, Task
from banjie.matters.statements import insert, update
from banjie.places.calendar import Calendar
from banjie.places.terms import parse_term
from banjie.registers.values import Stored

Began = tuple[bool, bool, bool]  # of the whole, at least, promise
STOPPED = ("state", "stopped_at", "next_sweep_at", "late")
MOVED = ("state", "due_at", "estimated", "warn_at", "next_sweep_at")


def term_of(limit: Limit, data: dict[str, Stored]) -> str:
    """The term that a limit comes to for a record."""
    if isinstance(limit, TermBy):
        return limit.terms.get(str(data.get(limit.by)), limit.otherwise)
    return limit


def start_clocks(
    held: Held,
    of: Stage | TaskDefinition | Process,
    stage: str,
    task: Task | None = None,
    began: Mapping[Began, list[ClockEvent]] | None = None,
    only: str = "",
) -> list[Clock]:
    """Start the clocks that a stage, a task or a whole process declares. ``stage`` is empty for the whole. ``began``: what
    has happened already to a clock of this kind whose place the new one takes: its start, its pauses, its extensions. ``only``: just this one of
    within, promise and at_least."""
    wanted: list[tuple[Limit, bool, bool]] = []
    for name in ("within", "promise", "at_least"):
        limit = getattr(of, name, None)
        if limit is not None and only in ("", name):
            wanted.append((limit, name == "at_least", name == "promise"))
    if not wanted:
        return []
    calendar = held.calendar
    started = []
    for limit, at_least, promise in wanted:
        past = (began or {}).get((stage == "", at_least, promise)) or [ClockEvent(kind="start", at=held.now)]
        clock = Clock(
            matter=held.matter, task=task, stage=stage, term=term_of(limit, held.record.data), at_least=at_least,
            promise=promise, calendar_version=calendar.version, started_at=past[0].at,
        )  # fmt: skip
        past = [e for e in past if e.kind != "extend" or parse_term(e.amount).unit == parse_term(clock.term).unit]
        clock.state = Clock.PAUSED if past[-1].kind == "pause" else Clock.RUNNING
        reckon(clock, [event_of(e) for e in past], calendar, warn=None if at_least else of.warn)
        insert([clock])
        held.said.inserted(clock)
        held.events += [_again(e, clock) for e in past]
        started.append(clock)
    held.standing_clocks().extend(started)
    return started


def _again(event: ClockEvent, clock: Clock) -> ClockEvent:
    """The same event, as one of another clock."""
    return ClockEvent(
        clock=clock, kind=event.kind, at=event.at, basis=event.basis, evidence=event.evidence, approver=event.approver,
        amount=event.amount,
    )  # fmt: skip


def reckon(clock: Clock, events: list[Event], calendar: Calendar, *, warn: str | None) -> Explained:
    """Write what the events come to into the clock's columns."""
    found = due_time(events, parse_term(clock.term), calendar, at_least=clock.at_least)
    clock.due_at = found.moment
    clock.estimated = found.estimated
    clock.warn_at = clock.next_sweep_at = None
    if found.moment is not None and clock.state == Clock.RUNNING:
        if warn:
            clock.warn_at = max(before(found.moment, parse_term(warn), calendar), clock.started_at)
        clock.next_sweep_at = clock.warn_at or clock.due_at
    return found


def events_of(clocks: Iterable[Clock]) -> dict[int, list[Event]]:
    """The events of each clock, in their order: one query."""
    rows = ClockEvent.objects.filter(clock__in=[c.pk for c in clocks]).order_by("at", "pk")
    found: dict[int, list[Event]] = {c.pk: [] for c in clocks}
    for row in rows:
        found[row.clock_id].append(event_of(row))
    return found


def event_of(row: ClockEvent) -> Event:
    kind: EventKind = row.kind  # type: ignore[assignment]
    return Event(kind, row.at, parse_term(row.amount) if row.amount else None, row.basis)


def stop_clocks(held: Held, clocks: Iterable[Clock]) -> None:
    """Stop clocks for good. A limit that was passed makes its matter late."""
    for clock in list(clocks):
        clock.late = not clock.at_least and clock.state == Clock.RUNNING and clock.due_at is not None and clock.due_at < held.now
        held.matter.late = held.matter.late or clock.late
        clock.state, clock.stopped_at, clock.next_sweep_at = Clock.STOPPED, held.now, None
        update(clock, STOPPED)
        held.said.changed(clock, *STOPPED)
        held.events.append(ClockEvent(clock=clock, kind="stop", at=held.now))
        held.standing_clocks().remove(clock)


def move_clocks(held: Held, clocks: Iterable[Clock], event: ClockEvent) -> list[Explained]:
    """Add the same event (pause, resume, extend) to each clock and reckon it anew, under the calendar it started with."""
    clocks = list(clocks)
    past = events_of(clocks)
    found = []
    for clock in clocks:
        added = _again(event, clock)
        clock.state = Clock.PAUSED if event.kind == "pause" else Clock.RUNNING if event.kind == "resume" else clock.state
        calendar = calendar_of(clock.calendar_version)
        found.append(reckon(clock, [*past[clock.pk], event_of(added)], calendar, warn=warn_of(held, clock)))
        update(clock, MOVED)
        held.said.changed(clock, *MOVED)
        held.events.append(added)
    return found


def warn_of(held: Held, clock: Clock) -> str | None:
    """How long before its due time a clock's owner is warned, as its definition says."""
    of = None if clock.at_least else declared(held.compiled.process, clock)
    return of.warn if of else None


def declared(process: Process, clock: Clock) -> Stage | TaskDefinition | Process | None:
    """Where the process declares the term of a clock; None where the matter was moved to a version that no longer does."""
    if not clock.stage:
        return process
    stage = process.stages.get(clock.stage)
    if stage is None or clock.task is None:
        return stage
    return next((t for t in stage.tasks if t.name == clock.task.name), None)


def earliest_due(clocks: Iterable[Clock]) -> datetime | None:
    """The earliest limit among running clocks of the matter itself; notices are none."""
    dues = [c.due_at for c in clocks if c.state == Clock.RUNNING and not c.at_least and c.task_id is None and c.due_at]
    return min(dues, default=None)


def count_suspension(held: Held) -> None:
    """Add up how long the matter stood still, when it does so no longer."""
    matter = held.matter
    if matter.suspended_since is None:
        return
    worked = held.calendar.work_between(local(matter.suspended_since), local(held.now))
    matter.suspended_seconds += max(0, int((held.now - matter.suspended_since).total_seconds()))
    matter.suspended_work_seconds += int(worked.total_seconds())
    matter.suspended_since = None


def explained(clock: Clock, events: list[Event]) -> Explained:
    """The calculation of a clock, under the calendar it started with."""
    return due_time(events, parse_term(clock.term), calendar_of(clock.calendar_version), at_least=clock.at_least)


def local(moment: datetime) -> datetime:
    return moment.astimezone(LOCAL)
