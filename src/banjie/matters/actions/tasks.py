"""Tasks: pieces of work that run side by side in a stage."""

from __future__ import annotations

from collections.abc import Mapping

from django.db import transaction

from banjie.lib.errors import Invalid, NotFound, Problem
from banjie.lib.text import Text
from banjie.matters import entries, facts
from banjie.matters.attempts import on_record
from banjie.matters.evidence import lacking
from banjie.matters.hands import may_handle, require_handle
from banjie.matters.holding import Held, hold
from banjie.matters.models import Matter, Task
from banjie.matters.owners import Ownership
from banjie.matters.stations import keep, open_task
from banjie.matters.telling import tell_owner
from banjie.matters.ticking import stop_clocks
from banjie.people.models import Account

NO_TASK = Text("这一环节没有名为「{name}」的待办任务", "this stage has no open task {name}")
NOT_DONE = Text("任务「{title}」尚未完成，不能退回", "the task {title} is not done, so it cannot be returned")
SAY_WHY = Text("请说明退回原因", "say why it is returned")
DONE = ("state", "done_at", "done_by", "note")


def complete_task(
    matter: Matter | int, name: str, *, by: Account | None, version: int | None = None, changes: Mapping[str, object] | None = None,
    note: str = "", why: str = "", origin: str = "web",
) -> Task:  # fmt: skip
    """Finish a task of the present stage; ``changes`` fills in what it needs. Tasks run side by side, so ``version`` may be left
    out: that the task is still open is what is compared. Raises Conflict, NotPermitted (it is not the actor's
    task), NotFound, Invalid (evidence missing, matter closed or suspended)."""
    with on_record(matter, "task", name, by), transaction.atomic():
        held = hold(matter, version=version, by=by)
        held.require_open()
        task = _open(held, name)
        definition = held.compiled.task(task.stage, name)
        _require_handle(held, task)
        row = facts.checked(held, changes or {}, definition.needs)
        problems = lacking(held, definition.evidence, None, held.record.data if row is None else row.data)
        if problems:
            raise Invalid(problems)
        facts.write(held, row)
        _end(held, task, Task.DONE, note)
        if not held.matter.tasks.filter(state=Task.OPEN).exists():
            tell_owner(held, "tasks_done")
        keep(held)
        entries.record_step(held, entries.TASK, why=why, origin=origin, detail=_detail(task, note))
    return task


def return_task(matter: Matter | int, name: str, *, version: int, by: Account | None, why: str, origin: str = "web") -> Task:
    """Send a finished task back to its owner: it is opened anew. For the owner of the matter. ``why`` is required."""
    with transaction.atomic():
        held = hold(matter, version=version, by=by)
        held.require_open()
        held.require_handle()
        if not why.strip():
            raise Invalid([Problem("why", why, SAY_WHY)])
        done = _latest(held, name)
        title = held.compiled.task(held.matter.stage, name).title if done else Text(name, name)
        if done is None or done.state != Task.DONE:
            raise Invalid([Problem(name, done.state if done else None, NOT_DONE.format(title=title))])
        done.state = Task.RETURNED
        done.save(update_fields=["state"])
        held.said.changed(done, "state")
        task = open_task(held, name)
        held.matter.returns += 1
        keep(held)
        entries.record_step(held, entries.RETURN, why=why, origin=origin, detail=_detail(task, why))
    return task


def _open(held: Held, name: str) -> Task:
    found = held.matter.tasks.filter(stage=held.matter.stage, name=name, state=Task.OPEN).first()
    if found is None:
        raise NotFound(NO_TASK.format(name=name))
    return found


def _latest(held: Held, name: str) -> Task | None:
    return (
        held.matter.tasks.filter(stage=held.matter.stage, name=name, opened_at__gte=held.matter.stage_since).order_by("pk").last()
    )


def _require_handle(held: Held, task: Task) -> None:
    record, post, organisation = held.record, task.owner_post_id, task.organisation_id
    if not may_handle(held.by, record.register, record.area_id, post, organisation):
        owner = Ownership(task.owner_post, task.organisation).name
        require_handle(held.by, record.register, record.area_id, post, organisation, owner)


def _end(held: Held, task: Task, state: str, note: str) -> None:
    stop_clocks(held, [c for c in held.standing_clocks() if c.task_id == task.pk])
    task.state, task.done_at, task.done_by, task.note = state, held.now, held.by, note
    task.save(update_fields=DONE)
    held.said.changed(task, *DONE)


def _detail(task: Task, note: str) -> dict[str, object]:
    return {"task": task.name, "state": task.state, "note": note}
