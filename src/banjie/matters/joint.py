"""A main matter and its branches: which of them it still waits for, and which wait for the applicant."""

from __future__ import annotations

from django.db.models import F

from banjie.ledger.models import Entry
from banjie.matters.catalogue import process_of
from banjie.matters.definition import Branch, Stage
from banjie.matters.models import Matter

ASKED, STOPPED = "matter.return", "matter.suspend"


def branch_of(stage: Stage, process: str) -> Branch | None:
    """What a stage says of its branch in a process."""
    return next((b for b in stage.branches if b.process == process), None)


def waited_for(main: Matter, stage: Stage) -> list[Matter]:
    """The open branches that keep a main matter in a stage: those that have not come to the stage up to which it waits."""
    rows = main.branches.live().select_related("record").annotate(digest=F("definition__digest")).order_by("pk")
    return [b for b in rows if not _far_enough(b, branch_of(stage, b.process))]


def _far_enough(branch: Matter, declared: Branch | None) -> bool:
    until = declared.until if declared else None
    process = process_of(branch.digest)  # type: ignore[attr-defined]  # annotated by waited_for
    return until is not None and until in process.stages and branch.stage in process.from_here_on(until)


def asked(matter: Matter) -> str | None:
    """What the applicant is asked to hand in for this matter itself; None while nothing is."""
    if matter.state != "suspended":
        return None
    last = Entry.objects.of(matter.record.chain).filter(verb__startswith="matter.").order_by("-index").first()
    if last is None or last.verb != ASKED:
        return None
    found: str | None = last.body.get("detail", {}).get("wanted")
    return found


def asking_branches(main: Matter) -> list[tuple[Matter, str]]:
    """The branches for which the applicant is to hand in more, with what is wanted."""
    rows = main.branches.filter(state="suspended").select_related("record", "organisation").order_by("pk")
    return [(branch, wanted) for branch in rows if (wanted := asked(branch)) is not None]


def held_by_a_branch(main: Matter) -> bool:
    """Whether it stands still because a branch waits for the applicant, and for no reason of its own."""
    if main.state != "suspended":
        return False
    last = Entry.objects.of(main.record.chain).filter(verb__in=(ASKED, STOPPED)).order_by("-index").first()
    return last is not None and "branch" in last.body.get("detail", {})
