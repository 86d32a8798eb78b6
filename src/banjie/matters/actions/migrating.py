"""Moving open matters to another version of their process: explicit, listed, and reversible. Nothing else ever does so."""

from __future__ import annotations

from collections.abc import Mapping

from django.db import transaction

from banjie.lib import clock
from banjie.lib.errors import Invalid, NotFound, Problem
from banjie.lib.text import Text
from banjie.matters import entries
from banjie.matters.catalogue import process_of
from banjie.matters.definition import Process
from banjie.matters.holding import Held, find
from banjie.matters.models import ClockEvent, Matter, ProcessVersion, Relocation, Task
from banjie.matters.statements import update
from banjie.matters.stations import cancel_tasks, keep_events, open_task, take_over
from banjie.matters.ticking import Began, earliest_due, start_clocks, stop_clocks
from banjie.people.models import Account
from banjie.people.scopes import scope_of_actor
from banjie.people.verbs import Verb

NO_VERSION = Text("流程「{name}」没有第 {number} 版", "the process {name} has no version {number}")
NO_STAGE = Text(
    "第 {number} 版没有环节「{stage}」，请在对照表中指明去向",
    "version {number} has no stage {stage}: say in the mapping where it goes",
)
NO_UNDOING = Text("没有这次迁移，或已撤销", "there is no such migration, or it has been undone")
MOVED_ON = Text("迁移后已继续办理，不能退回：{keys}", "these went on after the migration and cannot go back: {keys}")


def migrate_matters(
    process: str, to_number: int, *, mapping: Mapping[str, str] | None = None, by: Account | None, why: str, origin: str = "web"
) -> Relocation:
    """Move every open matter of a process to a version. ``mapping``: old stage → new stage where they differ.

    A matter keeps its owner, its suspension and the start of its clocks: the terms of the new version count from the moment from
    which the old ones counted. All or none. Takes CONFIGURE. Raises Invalid naming the stages that lead nowhere."""
    mapping = dict(mapping or {})
    with transaction.atomic():
        scope_of_actor(by).require(Verb.CONFIGURE, "*", None)
        version = ProcessVersion.objects.filter(name=process, number=to_number).first()
        if version is None:
            raise NotFound(NO_VERSION.format(name=process, number=to_number))
        rows = list(Matter.objects.live().filter(process=process).exclude(definition=version).order_by("pk").select_for_update())
        _check(process_of(version.digest), {m.stage for m in rows}, mapping, to_number)
        moved = [_move(row.pk, version, mapping.get(row.stage, row.stage), by=by, why=why, origin=origin) for row in rows]
        return Relocation.objects.create(
            process=process, to_number=to_number, mapping=mapping, moved=moved, at=clock.now(), by=by
        )


def undo_migration(relocation: Relocation | int, *, by: Account | None, why: str, origin: str = "web") -> Relocation:
    """Put every matter back to the version and the stage it came from. Raises Invalid, naming them, where some went on since."""
    pk = relocation if isinstance(relocation, int) else relocation.pk
    with transaction.atomic():
        scope_of_actor(by).require(Verb.CONFIGURE, "*", None)
        run = Relocation.objects.select_for_update().filter(pk=pk, undone_at=None).first()
        if run is None:
            raise NotFound(NO_UNDOING)
        versions = dict(Matter.objects.filter(pk__in=[m["matter"] for m in run.moved]).values_list("pk", "version"))
        gone_on = [m["key"] for m in run.moved if versions[m["matter"]] != m["version"]]
        if gone_on:
            raise Invalid([Problem(run.process, len(gone_on), MOVED_ON.format(keys=", ".join(gone_on[:20])))])
        for said in run.moved:
            back = ProcessVersion.objects.get(name=run.process, number=said["from_number"])
            _move(said["matter"], back, said["from_stage"], by=by, why=why, origin=origin)
        run.undone_at = clock.now()
        run.save(update_fields=["undone_at"])
        return run


def _check(process: Process, stages: set[str], mapping: Mapping[str, str], number: int) -> None:
    problems = []
    for stage in sorted(stages):
        to = mapping.get(stage, stage)
        if to not in process.stages or process.stages[to].ending:
            problems.append(Problem(stage, to, NO_STAGE.format(number=number, stage=to)))
    if problems:
        raise Invalid(problems)


def _move(pk: int, version: ProcessVersion, to: str, *, by: Account | None, why: str, origin: str) -> dict[str, object]:
    """Move one matter. What the list says of it."""
    old = find(pk, by=None, lock=True)
    said = {"matter": pk, "key": old.record.key, "from_number": old.matter.number, "from_stage": old.matter.stage, "to_stage": to}  # type: ignore[attr-defined]
    began = _began(old)
    same_owner = old.stage.owner
    stays = to == old.matter.stage
    stop_clocks(old, [c for c in old.standing_clocks() if c.task_id is None or not stays])
    keep_events(old)
    Matter.objects.filter(pk=pk).update(definition=version, stage=to)
    held = find(pk, by=None, lock=True)
    held.by, held.from_stage = by, str(said["from_stage"])
    held.said.continues(old.said)
    if held.stage.owner is not None and held.stage.owner != same_owner:
        take_over(held, held.stage.owner)
    for of, stage in ((held.compiled.process, ""), (held.stage, to)):
        start_clocks(held, of, stage, began=began)
    if not stays:
        cancel_tasks(held)
    there = set(
        Task.objects.filter(matter=pk, stage=to, opened_at__gte=held.matter.stage_since)
        .exclude(state=Task.CANCELLED)
        .values_list("name", flat=True)
    )
    for task in held.stage.tasks:
        if task.name not in there:
            open_task(held, task.name)
    held.matter.late = old.matter.late
    held.matter.due_at = earliest_due(held.standing_clocks())
    held.matter.version += 1
    update(held.matter, ("version", "due_at", "owner_post", "organisation", "late"))
    keep_events(held)
    entries.record_step(held, entries.MIGRATE, why=why, origin=origin, detail={k: said[k] for k in ("from_number", "from_stage")})
    return {**said, "version": held.matter.version}


def _began(held: Held) -> dict[Began, list[ClockEvent]]:
    """What has happened to the clocks of the stage and of the whole, by what they are: the new ones take it over."""
    rows = [c for c in held.standing_clocks() if c.task_id is None]
    events = ClockEvent.objects.filter(clock__in=[c.pk for c in rows]).order_by("at", "pk")
    kinds = {c.pk: (c.stage == "", c.at_least, c.promise) for c in rows}
    found: dict[Began, list[ClockEvent]] = {}
    for event in events:
        found.setdefault(kinds[event.clock_id], []).append(event)
    return found
