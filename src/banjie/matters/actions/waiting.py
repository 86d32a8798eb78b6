"""When work has to wait: suspension with a legal ground, a return for more documents, and resumption."""

from __future__ import annotations

from django.db import transaction

from banjie.lib.errors import Invalid, Problem
from banjie.lib.text import Text
from banjie.matters import entries
from banjie.matters.holding import hold
from banjie.matters.joint import holding_branches
from banjie.matters.joint_waiting import AWAITING, grounds, let_main_run_on, stop_main
from banjie.matters.models import Matter
from banjie.matters.pausing import pause, run_on, tell_dues
from banjie.matters.stations import keep
from banjie.matters.telling import tell, tell_owner
from banjie.people.models import Account

GROUND = Text("暂停须写明依据", "a suspension needs its ground")
WHAT = Text("请写明需补正的内容", "say what is to be handed in")
NOT_SUSPENDED = Text("事项没有暂停", "the matter is not suspended")

BRANCH_WAITS = Text(
    "并联事项「{label}」还在等申请人补正，补交后自动恢复",
    "the branch {label} waits for the applicant: this runs on by itself once they have handed in what it asked for",
)


def suspend(
    matter: Matter | int, *, basis: str, version: int, by: Account | None, evidence: str = "", why: str = "", origin: str = "web"
) -> Matter:
    """Let the clocks stand still. ``basis`` is the legal ground, ``evidence`` the document that shows it. For the owner, or a
    supervisor. Notices run on: what the law gives to people, a suspension of the work does not take away."""
    with transaction.atomic():
        held = hold(matter, version=version, by=by)
        held.require_open()
        if not held.supervises():
            held.require_handle()
        if not basis.strip():
            raise Invalid([Problem("basis", basis, GROUND)])
        pause(held, basis.strip(), evidence)
        tell_owner(held, "suspended", why=basis.strip())
        keep(held)
        detail = {"basis": basis, "evidence": evidence}
        entries.record_step(held, entries.SUSPEND, why=why, origin=origin, detail=detail)
    return held.matter


def return_for_more(
    matter: Matter | int, *, wanted: str, version: int, by: Account | None, why: str = "", origin: str = "web"
) -> Matter:
    """Ask the applicant for more. The clocks stand still until ``resume``; it counts as a return. ``wanted``, at once and in full,
    is what they are to hand in."""
    with transaction.atomic():
        held = hold(matter, version=version, by=by)
        held.require_open()
        held.require_handle()
        if not wanted.strip():
            raise Invalid([Problem("wanted", wanted, WHAT)])
        held.matter.returns += 1
        pause(held, grounds(held, wanted.strip()))
        tell(held, "more_wanted", held.matter.opened_by, wanted=wanted.strip())
        keep(held)
        entries.record_step(held, entries.RETURN, why=why, origin=origin, detail={"wanted": wanted.strip()})
        stop_main(held, wanted.strip(), origin=origin)
    return held.matter


def resume(matter: Matter | int, *, version: int, by: Account | None, why: str = "", origin: str = "web") -> Matter:
    """Let the clocks run on. For the owner, or a supervisor."""
    with transaction.atomic():
        held = hold(matter, version=version, by=by)
        held.require_live()
        if held.matter.state != "suspended":
            raise Invalid([Problem(held.record.key, held.matter.state, NOT_SUSPENDED)])
        if holding := holding_branches(held.matter, held.stage):
            raise Invalid([Problem(b.record.key, None, BRANCH_WAITS.format(label=b.record.label)) for b in holding])
        if not held.supervises():
            held.require_handle()
        run_on(held)
        tell_owner(held, "resumed")
        keep(held)
        entries.record_step(held, entries.RESUME, why=why, origin=origin)
        let_main_run_on(held, origin=origin)
    return held.matter


__all__ = ["AWAITING", "resume", "return_for_more", "run_on", "suspend", "tell_dues"]
