"""A main matter and its branches: which of them it still waits for, and which wait for the applicant."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import F, Q

from banjie.ledger.models import Entry
from banjie.matters.catalogue import process_of
from banjie.matters.definition import Branch, Stage
from banjie.matters.models import Matter
from banjie.matters.queries import MatterQuerySet

ASKED, STOPPED, RAN_ON = "matter.return", "matter.suspend", "matter.resume"


def branch_of(stage: Stage, process: str) -> Branch | None:
    """What a stage says of its branch in a process."""
    return next((b for b in stage.branches if b.process == process), None)


def open_below(main: Matter) -> MatterQuerySet:
    """The branches that are not closed. One whose record was removed is nobody's to close, and holds nothing up."""
    rows: MatterQuerySet = main.branches.live().filter(record__removed_at=None)
    return rows


def waited_for(main: Matter, stages: Iterable[Stage]) -> list[Matter]:
    """The branches, of those that these stages open, that a main matter still waits for: open ones that have not come to the stage
    up to which it does, and those that were withdrawn and so decided nothing, unless it goes on without them."""
    declared = {b.process: b for stage in stages for b in stage.branches}
    undecided = Q(closed_at=None) | Q(ending="withdrawn")
    rows = main.branches.filter(undecided, record__removed_at=None, process__in=sorted(declared))
    rows = rows.select_related("record").annotate(digest=F("definition__digest")).order_by("pk")
    return [b for b in rows if not _far_enough(b, declared[b.process])]


def going_with(main: Matter, stages: Iterable[Stage]) -> list[Matter]:
    """The open branches that end with their main matter when it is withdrawn: not what was decided, and is only checked now."""
    return [b for b in waited_for(main, stages) if b.state != "closed"]


def _far_enough(branch: Matter, declared: Branch) -> bool:
    if branch.ending == "withdrawn":
        return declared.if_withdrawn == "goes_on"
    until = declared.until
    process = process_of(branch.digest)  # type: ignore[attr-defined]  # annotated by waited_for
    return until is not None and until in process.stages and branch.stage in process.from_here_on(until)


def asked(matter: Matter) -> str | None:
    """What the applicant is asked to hand in for this matter itself; None while nothing is. Whatever else was done meanwhile, it
    urged or handed over, does not take that back."""
    if matter.state != "suspended":
        return None
    last = Entry.objects.of(matter.record.chain).filter(verb__in=(ASKED, STOPPED, RAN_ON)).order_by("-index").first()
    if last is None or last.verb != ASKED:
        return None
    found: str | None = last.body.get("detail", {}).get("wanted")
    return found


def asking_branches(main: Matter) -> list[tuple[Matter, str]]:
    """The branches for which the applicant is to hand in more, with what is wanted."""
    rows = open_below(main).filter(state="suspended").select_related("record", "organisation").order_by("pk")
    return [(branch, wanted) for branch in rows if (wanted := asked(branch)) is not None]


def holding_branches(main: Matter, stage: Stage) -> list[Matter]:
    """The branches that wait for the applicant and with which the joint clock stands still at this stage."""
    holding = {b.process for b in stage.branches if b.holds_main}
    return [branch for branch, _ in asking_branches(main) if branch.process in holding] if holding else []


def held_by_a_branch(main: Matter) -> bool:
    """Whether it stands still because a branch waits for the applicant, and for no reason of its own."""
    if main.state != "suspended":
        return False
    last = Entry.objects.of(main.record.chain).filter(verb__in=(ASKED, STOPPED)).order_by("-index").first()
    return last is not None and "branch" in last.body.get("detail", {})


def would_stop_main(branch: Matter) -> bool:
    """Whether the joint clock stands still as soon as this branch asks the applicant for more."""
    main = branch.main
    declared = branch_of(_stage_of(main), branch.process) if main is not None and main.state == "open" else None
    return declared is not None and declared.holds_main


def would_let_main_run_on(branch: Matter) -> bool:
    """Whether the joint clock runs on as soon as this branch does: no other one holds it."""
    main = branch.main
    if main is None or not held_by_a_branch(main):
        return False
    return all(other.pk == branch.pk for other in holding_branches(main, _stage_of(main)))


def _stage_of(matter: Matter) -> Stage:
    return process_of(matter.definition.digest).stages[matter.stage]
