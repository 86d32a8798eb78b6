"""Coming to a stage and leaving it: the owner, the tasks, the clocks, the branches. Used by actions, inside their transaction."""

from __future__ import annotations

from collections.abc import Mapping

from banjie.lib.errors import Invalid, Problem
from banjie.lib.text import Text
from banjie.matters.ballots import still_open
from banjie.matters.clock_lines import clock_face
from banjie.matters.definition import Exit, Owner
from banjie.matters.evidence import holds, lacking
from banjie.matters.holding import Held
from banjie.matters.joint import waited_for
from banjie.matters.models import Matter, Task
from banjie.matters.owners import owner_for
from banjie.matters.statements import Prepared, add, insert, together, update
from banjie.matters.telling import tell
from banjie.matters.ticking import count_suspension, earliest_due, start_clocks, stop_clocks
from banjie.registers.values import Stored, typed

NOTICE = Text(
    "法定期限未满，{moment} 起方可进行下一步", "the statutory notice has not run: the next step is allowed from {moment}"
)
NOTICE_PAUSED = Text("法定公告期暂停中", "the statutory notice is suspended")
TASK_OPEN = Text("任务「{title}」未完成", "the task {title} is not done")
NO_TASK_DONE = Text("须至少完成一项任务", "at least one task must be done first")
BRANCH_OPEN = Text("并联事项「{label}」未办结", "the branch {label} is not closed")
BRANCH_WITHDRAWN = Text(
    "并联事项「{label}」已撤回，没有作出决定：请先由督办人员重新办理该事项，或者撤回整件事",
    "the branch {label} was withdrawn and decided nothing: have a supervisor reopen it, or withdraw the whole",
)


_open_tasks = Prepared(lambda pk: Task.objects.filter(matter=pk, state=Task.OPEN).order_by("pk"))


class TooEarly(Problem):
    """A statutory notice has not run. That somebody tried is kept (``attempts``)."""


def obstacles(held: Held, to: str, way: Exit, data: Mapping[str, Stored]) -> list[Problem]:
    """Everything that stands against leaving the stage by an exit, were the record to say ``data``."""
    problems = [*_notices(held), *_tasks(held, way), *_branches(held, to, way)]
    guard = held.compiled.exits.get((held.matter.stage, to))
    if guard is not None or way.needs or way.files or way.photos:
        problems += lacking(held, way, guard, data)
    if held.compiled.process.ballot is not None:
        problems += still_open(held.matter)
    return problems


def _notices(held: Held) -> list[Problem]:
    if held.stage.at_least is None:
        return []
    found: list[Problem] = []
    for clock in held.standing_clocks():
        if (
            clock.at_least
            and clock.task_id is None
            and clock.stage == held.matter.stage
            and (clock.due_at is None or clock.due_at > held.now)
        ):
            says = NOTICE.format(moment=clock_face(clock.due_at)) if clock.due_at else NOTICE_PAUSED
            found.append(TooEarly(held.matter.stage, clock.term, says))
    return found


def _tasks(held: Held, way: Exit) -> list[Problem]:
    """A way that sends the matter back does not wait for its tasks."""
    if not held.stage.tasks or way.returns:
        return []
    rows = list(Task.objects.filter(matter=held.matter, stage=held.matter.stage, opened_at__gte=held.matter.stage_since))
    if held.stage.join == "any":
        return [] if not rows or any(t.state == Task.DONE for t in rows) else [Problem(held.matter.stage, None, NO_TASK_DONE)]
    titles = {t.name: t.title for t in held.stage.tasks}
    latest = {t.name: t for t in sorted(rows, key=lambda t: t.pk)}
    return [
        Problem(t.name, t.state, TASK_OPEN.format(title=titles.get(t.name, t.name)))
        for t in latest.values()
        if t.state != Task.DONE
    ]


def _branches(held: Held, to: str, way: Exit) -> list[Problem]:
    """A stage waits for the branches that it opened; an ending for all of them, those that were taken up again as well."""
    if way.returns:
        return []
    ends = held.compiled.stage(to).ending is not None
    stages = [s for s in (held.compiled.process.stages.values() if ends else (held.stage,)) if s.branches]
    rows = waited_for(held.matter, stages) if stages else []
    return [Problem(b.process, b.stage, _undecided(b).format(label=b.record.label)) for b in rows]


def _undecided(branch: Matter) -> Text:
    return BRANCH_WITHDRAWN if branch.state == "closed" else BRANCH_OPEN


def leave(held: Held) -> None:
    """Stop the clocks of the stage and of its tasks; tasks that are still open are cancelled."""
    matter = held.matter
    stop_clocks(held, [c for c in held.standing_clocks() if c.stage == matter.stage or c.task_id is not None])
    if held.stage.tasks:
        cancel_tasks(held)


def cancel_tasks(held: Held) -> None:
    """Cancel the tasks of the matter that are open."""
    for task in _open_tasks(held.matter.pk):
        task.state, task.done_at, task.done_by = Task.CANCELLED, held.now, held.by
        update(task, CANCELLED)
        held.said.changed(task, *CANCELLED)


def enter(held: Held, name: str) -> None:
    """Come to a stage: its owner, its tasks and clocks; an ending closes the matter. Branches are noted for the action to open."""
    matter = held.matter
    matter.stage, matter.stage_since, matter.accepted_at = name, held.now, None
    stage = held.stage
    if stage.ending:
        finish(held, stage.ending)
        return
    assert stage.owner is not None
    take_over(held, stage.owner)
    start_clocks(held, stage, name)
    for task in stage.tasks:
        if holds(held, held.compiled.tasks.get((name, task.name))):
            open_task(held, task.name)
    matter.due_at = earliest_due(held.standing_clocks())
    row = typed(held.record.data, held.compiled.register) if stage.branches else {}
    for n, branch in enumerate(stage.branches):
        if holds(held, held.compiled.branches.get((name, n))):
            fields = {f: held.compiled.branch_fields[name, n, f].evaluate(row) for f in branch.fields}
            held.opened_branches.append((branch.process, fields))


def take_over(held: Held, owner: Owner) -> None:
    found = owner_for(owner, held.record)
    held.matter.owner_post, held.matter.organisation = found.post, found.organisation


def open_task(held: Held, name: str) -> Task:
    """Open a task of the present stage, with its owner and its clocks."""
    definition = held.compiled.task(held.matter.stage, name)
    owner = owner_for(definition.owner, held.record)
    task = Task(
        matter=held.matter, name=name, stage=held.matter.stage, owner_post=owner.post, organisation=owner.organisation,
        opened_at=held.now,
    )  # fmt: skip
    insert([task])
    clocks = start_clocks(held, definition, held.matter.stage, task)
    task.due_at = min((c.due_at for c in clocks if c.due_at and not c.at_least), default=None)
    if task.due_at is not None:
        task.save(update_fields=["due_at"])
    held.said.inserted(task)
    tell(held, "task", owner, task=definition.title.as_dict(), due_at=task.due_at)
    return task


def finish(held: Held, ending: str) -> None:
    """Close the matter: every clock stops, every task that is open is cancelled."""
    matter = held.matter
    if held.compiled.process.ballot is not None and (problems := still_open(matter)):
        raise Invalid(problems)
    stop_clocks(held, held.standing_clocks())
    cancel_tasks(held)
    count_suspension(held)
    matter.state, matter.ending, matter.closed_at, matter.due_at = "closed", ending, held.now, None


def keep(held: Held) -> None:
    """Write the matter, one version further, the events of its clocks, and what people are told."""
    held.matter.version += 1
    with together():
        update(held.matter, STEPPED)
        keep_events(held)


def keep_events(held: Held) -> None:
    if held.events:
        add(held.events)
        held.said.happened(held.events)
        held.events.clear()
    if held.told:
        add(held.told)
        held.told.clear()


CANCELLED = ("state", "done_at", "done_by")
STEPPED = (
    "stage", "stage_since", "state", "ending", "owner_post", "organisation", "accepted_at", "closed_at", "due_at", "version",
    "returns", "reopenings", "urges", "suspended_since", "suspended_seconds", "suspended_work_seconds", "late",
)  # fmt: skip
