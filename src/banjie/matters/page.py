"""Everything that a screen shows of one matter, read in a fixed number of queries: where it stands, by when and why, what can be
done next, and why the rest cannot."""

from __future__ import annotations

from dataclasses import dataclass

from banjie.lib.definition import Sourced
from banjie.lib.errors import Problem
from banjie.lib.text import Text
from banjie.matters.clocks import Explained
from banjie.matters.definition import Process, Stage
from banjie.matters.hands import may_handle
from banjie.matters.holding import CLOSED, SUSPENDED, Held, find
from banjie.matters.joint import holding_branches
from banjie.matters.models import Clock, Extension, Invitation, Matter, Task
from banjie.matters.owners import Ownership
from banjie.matters.stations import obstacles
from banjie.matters.ticking import declared, events_of, explained
from banjie.matters.withdrawing import may_withdraw
from banjie.people.models import Account
from banjie.people.scopes import scope_of_actor
from banjie.people.verbs import Verb
from banjie.registers.definition import Field
from banjie.registers.models import Record

WHOLE = Text("全程", "the matter as a whole")
NOT_YOUR_TURN = Text("由{owner}办理", "up to {owner}")


@dataclass(frozen=True, slots=True)
class ClockShown:
    """A clock with its calculation. ``sourced`` says by which rule; ``uncertain`` that the number wants confirming."""

    clock: Clock
    title: Text
    explained: Explained
    sourced: Sourced
    uncertain: bool
    overdue: bool


@dataclass(frozen=True, slots=True)
class TaskShown:
    task: Task
    title: Text
    owner: Text
    needs: tuple[Field, ...]
    files: int
    photos: int
    yours: bool  # the account may complete it now
    overdue: bool


@dataclass(frozen=True, slots=True)
class Move:
    """An exit of the present stage. ``reasons`` say why it cannot be taken now; what is only a field to fill in on the way stands
    in ``needs`` and not among the reasons."""

    to: str
    title: Text
    ending: str
    returns: bool
    needs: tuple[Field, ...]
    files: int
    photos: int
    reasons: tuple[Problem, ...]

    @property
    def allowed(self) -> bool:
        return not self.reasons


@dataclass(frozen=True, slots=True)
class Page:
    """``may`` names the other verbs (accept, suspend …) that the account can take now; ``stages`` are in the order of the
    definition; ``branches`` are the sub-matters that the account may see, with their own terms."""

    matter: Matter
    record: Record
    process: Process
    number: int
    stage: Stage
    owner: Text
    stages: tuple[tuple[str, Stage], ...]
    clocks: tuple[ClockShown, ...]
    tasks: tuple[TaskShown, ...]
    moves: tuple[Move, ...]
    may: frozenset[str]
    yours: bool
    invitations: tuple[Invitation, ...]
    extensions: tuple[Extension, ...]
    branches: tuple[Matter, ...]
    main: Matter | None

    @property
    def overdue(self) -> bool:
        return any(c.overdue for c in self.clocks)


def page(matter: Matter | int, *, by: Account | None) -> Page:
    """The page of a matter as the account may see it. Raises NotFound."""
    held = find(matter, by=by)
    row = held.matter
    yours = may_handle(by, held.record.register, held.record.area_id, row.owner_post_id, row.organisation_id)
    main = Matter.objects.visible_to(by).select_related("record").filter(pk=row.main_id).first() if row.main_id else None
    below = Matter.objects.visible_to(by).filter(main=row).select_related("record", "owner_post", "organisation").order_by("pk")
    extensions = tuple(row.extensions.select_related("asked_by", "decided_by", "clock").order_by("pk"))
    return Page(
        matter=row,
        record=held.record,
        process=held.compiled.process,
        number=row.number,  # type: ignore[attr-defined]  # annotated by find
        stage=held.stage,
        owner=held.owner.name,
        stages=tuple(held.compiled.process.stages.items()),
        clocks=_clocks(held),
        tasks=_tasks(held),
        moves=_moves(held, yours),
        may=_may(held, yours, extensions),
        yours=yours,
        invitations=tuple(row.invitations.select_related("organisation", "post", "answered_by").order_by("pk")),
        extensions=extensions,
        branches=tuple(below),
        main=main,
    )


def joint_clocks(below: Page) -> tuple[Text, tuple[ClockShown, ...]]:
    """What the matter above a branch is called, and its clocks. The joint term is everybody's: whoever may see a branch is told of it,
    and of nothing else of the matter above."""
    assert below.matter.main_id is not None  # asked of branches only
    above = find(below.matter.main_id, by=None)
    return above.compiled.process.title, _clocks(above)


def _clocks(held: Held) -> tuple[ClockShown, ...]:
    """Those that stand, and those of the past, in their order."""
    rows = list(held.matter.clocks.select_related("task").order_by("pk"))
    past = events_of(rows)
    return tuple(_clock(held, row, explained(row, past[row.pk])) for row in rows)


def _clock(held: Held, row: Clock, found: Explained) -> ClockShown:
    of = declared(held.compiled.process, row)
    overdue = not row.at_least and (row.late or (row.state == Clock.RUNNING and row.due_at is not None and row.due_at < held.now))
    title = WHOLE if isinstance(of, Process) else of.title if of else Text(row.stage, row.stage)
    return ClockShown(row, title, found, of or Sourced(), bool(getattr(of, "uncertain", False)), overdue)


def _tasks(held: Held) -> tuple[TaskShown, ...]:
    rows = held.matter.tasks.select_related("owner_post", "organisation", "done_by").order_by("pk")
    return tuple(_task(held, row) for row in rows)


def _task(held: Held, row: Task) -> TaskShown:
    stage = held.compiled.process.stages.get(row.stage)
    definition = next((t for t in stage.tasks if t.name == row.name), None) if stage else None
    register, record = held.compiled.register, held.record
    is_open = row.state == Task.OPEN and held.matter.state == "open"
    return TaskShown(
        task=row,
        title=definition.title if definition else Text(row.name, row.name),
        owner=Ownership(row.owner_post, row.organisation).name,
        needs=tuple(register.by_name[n] for n in definition.needs if n in register.by_name) if definition else (),
        files=definition.files if definition else 0,
        photos=definition.photos if definition else 0,
        yours=is_open and may_handle(held.by, record.register, record.area_id, row.owner_post_id, row.organisation_id),
        overdue=row.due_at is not None and (row.done_at or held.now) > row.due_at,
    )


def _moves(held: Held, yours: bool) -> tuple[Move, ...]:
    register, stages = held.compiled.register, held.compiled.process.stages
    moves = []
    for to, way in held.stage.to.items():
        reasons = [
            problem
            for problem in obstacles(held, to, way, held.record.data)
            if not (problem.where in way.needs and problem.value is None) and not _waits_for_needs(held, to, way.needs, problem)
        ]
        reasons = [*_standing_against(held, yours), *reasons]
        needs = tuple(register.by_name[name] for name in way.needs)
        title = way.title or stages[to].title
        moves.append(Move(to, title, stages[to].ending or "", way.returns, needs, way.files, way.photos, tuple(reasons)))
    return tuple(moves)


def _waits_for_needs(held: Held, to: str, needs: tuple[str, ...], problem: Problem) -> bool:
    """A guard over fields that are still to be filled in on the way cannot be judged yet."""
    guard = held.compiled.exits.get((held.matter.stage, to))
    if problem.where != "when" or guard is None:
        return False
    return any(name in guard.columns for name in needs) and not held.compiled.counted(guard)


def _standing_against(held: Held, yours: bool) -> list[Problem]:
    """Why no step can be taken at all, if so."""
    found = []
    if held.matter.state != "open":
        found.append(Problem("state", held.matter.state, CLOSED if held.matter.state == "closed" else SUSPENDED))
    if not yours:
        found.append(Problem("owner", None, NOT_YOUR_TURN.format(owner=held.owner.name)))
    return found


def _may(held: Held, yours: bool, extensions: tuple[Extension, ...]) -> frozenset[str]:
    matter = held.matter
    supervises = held.supervises()
    live, is_open = matter.state != "closed", matter.state == "open"
    asked = any(e.state == "asked" for e in extensions)
    limits = any(not c.at_least for c in held.standing_clocks())
    rules = {
        "accept": is_open and yours and matter.accepted_at is None,
        "return_for_more": is_open and yours,
        "suspend": is_open and (yours or supervises),
        "take_down": live and (yours or supervises) and _notice(held, Clock.RUNNING),
        "put_up": live and (yours or supervises) and _notice(held, Clock.PAUSED),
        "resume": matter.state == "suspended" and (yours or supervises) and not holding_branches(matter, held.stage),
        "hand_over": live and (yours or supervises),
        "invite": is_open and yours,
        "ask_extension": live and yours and limits and not asked,
        "decide_extension": live and supervises and any(e.state == "asked" and _not_own(e, held.by) for e in extensions),
        "urge": live and supervises,
        "withdraw": live and may_withdraw(held),
        "reopen": matter.state == "closed" and supervises,
        "edit": live and scope_of_actor(held.by).may(Verb.UPDATE, held.record.register, held.record.area_id),
    }
    return frozenset(verb for verb, permitted in rules.items() if permitted)


def _notice(held: Held, state: str) -> bool:
    """Whether a statutory notice of the present stage is in a state and has not run yet."""
    own = [c for c in held.standing_clocks() if c.at_least and c.task_id is None and c.stage == held.matter.stage]
    return any(c.state == state and (c.due_at is None or c.due_at > held.now) for c in own)


def _not_own(extension: Extension, by: Account | None) -> bool:
    return by is None or extension.asked_by_id != by.pk
