"""Letting the clocks of a matter stand still, and run on. Used by actions, inside their transaction."""

from __future__ import annotations

from banjie.matters.holding import Held
from banjie.matters.models import Clock, ClockEvent, Task
from banjie.matters.ticking import count_suspension, earliest_due, move_clocks


def pause(held: Held, basis: str, evidence: str = "") -> None:
    """Stop every clock but those of notices, which run on."""
    matter = held.matter
    moved = [c for c in held.standing_clocks() if not c.at_least]
    event = ClockEvent(kind="pause", at=held.now, basis=basis, evidence=evidence, approver=held.by)
    move_clocks(held, moved, event)
    matter.state, matter.suspended_since = "suspended", held.now
    tell_dues(held)


def run_on(held: Held) -> None:
    """Resume every clock that stands still, and add up how long it did."""
    matter = held.matter
    paused = [c for c in held.standing_clocks() if c.state == Clock.PAUSED and not c.at_least]
    move_clocks(held, paused, ClockEvent(kind="resume", at=held.now, approver=held.by))
    count_suspension(held)
    matter.state = "open"
    tell_dues(held)


def tell_dues(held: Held) -> None:
    """The due times as columns of the matter and its tasks, after its clocks were moved."""
    held.matter.due_at = earliest_due(held.standing_clocks())
    for task in {c.task_id for c in held.standing_clocks() if c.task_id is not None}:
        own = [c for c in held.standing_clocks() if c.task_id == task and c.state == Clock.RUNNING and not c.at_least]
        due_at = min((c.due_at for c in own if c.due_at), default=None)
        Task.objects.filter(pk=task).update(due_at=due_at)
        held.said.changed(Task(pk=task, due_at=due_at), "due_at")
