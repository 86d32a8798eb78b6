"""When a branch asks the applicant for more, the joint clock stands still too, where the process says so (``holds_main``).

The time that an applicant takes is not the office's: neither the branch's nor that of the matter as a whole. Any other
suspension of a branch leaves the joint clock as it is. Locks are taken from the branch to the main matter, never the other way.
"""

from __future__ import annotations

from banjie.matters import entries
from banjie.matters.holding import Held, hold
from banjie.matters.joint import branch_of, held_by_a_branch, holding_branches
from banjie.matters.models import Matter
from banjie.matters.pausing import pause, run_on
from banjie.matters.stations import keep
from banjie.matters.telling import tell, tell_owner

AWAITING = "待补正："  # stands before what is asked for, in the ground of the pause


def grounds(held: Held, wanted: str) -> str:
    """Why the clocks stand still while something is awaited from the applicant: what it is, and by which rule."""
    rule = held.compiled.process.corrections
    return f"{AWAITING}{wanted}（{rule}）" if rule else f"{AWAITING}{wanted}"


def stop_main(held: Held, wanted: str, *, origin: str) -> None:
    """A branch has asked for more: pause the main matter as well. Nothing happens if it stands still already, or is no longer at
    the stage that opened the branch."""
    main = _main(held)
    if main is None or main.matter.state != "open":
        return
    declared = branch_of(main.stage, held.matter.process)
    if declared is None or not declared.holds_main:
        return
    unit = held.owner.organisation
    said = f"{unit.name.zh}：{wanted}" if unit else wanted
    basis = grounds(main, said)
    pause(main, basis)
    tell(main, "more_wanted", main.matter.opened_by, wanted=said)
    keep(main)
    detail = {"basis": basis, "evidence": "", "branch": held.record.key}
    entries.record_step(main, entries.SUSPEND, why="", origin=origin, detail=detail)


def let_main_run_on(held: Held, *, origin: str) -> None:
    """A branch goes on: so does the main matter, once no other branch waits for the applicant."""
    main = _main(held)
    if main is None or not held_by_a_branch(main.matter) or holding_branches(main.matter, main.stage):
        return
    run_on(main)
    tell_owner(main, "resumed")
    keep(main)
    entries.record_step(main, entries.RESUME, why="", origin=origin)


def _main(held: Held) -> Held | None:
    """The main matter, locked, in the hands of who works on the branch: that step takes no right of its own. None where there is
    none, or its record was removed."""
    main = main_of(held.matter)
    if main is not None:
        main.by = held.by
    return main


def main_of(branch: Matter) -> Held | None:
    """The main matter of a branch, locked for the system."""
    if branch.main_id is None or not Matter.objects.filter(pk=branch.main_id, record__removed_at=None).exists():
        return None
    return hold(branch.main_id, version=None, by=None)


def lock_branches(main: Matter | int) -> None:
    """Lock what stands still below a main matter, before the main matter itself: a department at work on its branch takes the two
    in the same order, and neither waits for the other for ever."""
    pk = main if isinstance(main, int) else main.pk
    below = Matter.objects.filter(main=pk, state="suspended", record__removed_at=None)
    for branch in below.order_by("pk").values_list("pk", flat=True):
        hold(branch, version=None, by=None)
