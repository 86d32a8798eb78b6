"""Ways out of the ordinary: withdrawn before it was decided, or taken up again after it was closed."""

from __future__ import annotations

from django.db import transaction

from banjie.lib.errors import Invalid, Problem
from banjie.lib.text import Text
from banjie.matters import entries
from banjie.matters.actions.advancing import let_main_go_on
from banjie.matters.actions.opening import open_branches
from banjie.matters.holding import Held, hold
from banjie.matters.joint import going_with
from banjie.matters.joint_waiting import let_main_run_on
from banjie.matters.models import Matter
from banjie.matters.stations import enter, finish, keep
from banjie.matters.telling import tell_owner
from banjie.matters.ticking import start_clocks
from banjie.matters.withdrawing import require_by_applicant, require_withdrawing
from banjie.people.models import Account
from banjie.people.verbs import Verb

SAY_WHY = Text("请写明原因", "give the reason")
NOT_CLOSED = Text("事项尚未办结", "the matter is not closed")
WITH_THE_WHOLE = Text("随「{key}」一并撤回：{why}", "withdrawn together with {key}: {why}")
BY_APPLICANT = Text("申请人撤回", "withdrawn by the applicant")
MAIN_CLOSED = Text("主事项已办结，请先重新办理主事项", "the main matter is closed: reopen that first")


def withdraw(matter: Matter | int, *, version: int, by: Account | None, why: str, origin: str = "web") -> Matter:
    """End a matter that is no longer wanted, with the branches that are undecided. For those whom its process names (``withdraw``; its
    owner or a supervisor where nothing is said), at the stages it names. ``why`` is required. Raises Invalid, NotPermitted, Conflict."""
    with transaction.atomic():
        _lock_below(matter)
        held = hold(matter, version=version, by=by)
        held.require_live()
        require_withdrawing(held)
        if not why.strip():
            raise Invalid([Problem("why", why, SAY_WHY)])
        _end(held, why, origin)
        let_main_run_on(held, origin=origin)
        let_main_go_on(held, origin)
    return held.matter


def take_back(matter: Matter | int, *, origin: str = "portal") -> Matter:
    """The applicant withdraws, by the code, where the process says so. Raises Invalid."""
    with transaction.atomic():
        _lock_below(matter)
        held = hold(matter, version=None, by=None)
        held.require_live()
        require_by_applicant(held)
        _end(held, str(BY_APPLICANT), origin)
    return held.matter


def _lock_below(matter: Matter | int) -> None:
    """Lock the open branches before the main matter: whoever works on a branch takes the two in that order."""
    pk = matter if isinstance(matter, int) else matter.pk
    for branch in Matter.objects.live().filter(main=pk, record__removed_at=None).order_by("pk").values_list("pk", flat=True):
        _lock_below(branch)
        hold(branch, version=None, by=None)


def _end(held: Held, why: str, origin: str) -> None:
    """Close it as withdrawn, after the branches that have decided nothing yet: each in the chain of its own record."""
    stages = held.compiled.process.stages
    said = str(WITH_THE_WHOLE.format(key=held.record.key, why=why))
    for branch in going_with(held.matter, stages.values()):
        below = hold(branch, version=None, by=None)
        below.by = held.by
        _end(below, said, origin)
    held.matter.stage = next((n for n, s in stages.items() if s.ending == "withdrawn"), held.matter.stage)
    finish(held, "withdrawn")
    tell_owner(held, "withdrawn", why=why)
    keep(held)
    entries.record_step(held, entries.WITHDRAW, why=why, origin=origin)


def reopen(matter: Matter | int, *, version: int, by: Account | None, why: str, origin: str = "web") -> Matter:
    """Take a closed matter up again, at the stage that the process names, with clocks of their own. For a supervisor."""
    with transaction.atomic():
        held = hold(matter, version=version, by=by)
        held.require(Verb.SUPERVISE)
        if held.matter.state != "closed":
            raise Invalid([Problem(held.record.key, held.matter.state, NOT_CLOSED)])
        if not why.strip():
            raise Invalid([Problem("why", why, SAY_WHY)])
        if held.matter.main is not None and held.matter.main.state == "closed":
            raise Invalid([Problem(held.record.key, held.matter.main_id, MAIN_CLOSED)])
        process = held.compiled.process
        held.matter.state, held.matter.ending, held.matter.closed_at = "open", "", None
        held.matter.reopenings += 1
        start_clocks(held, process, "")
        enter(held, process.reopens or process.starts)
        tell_owner(held, "reopened", why=why)
        keep(held)
        entries.record_step(held, entries.REOPEN, why=why, origin=origin)
        open_branches(held, origin=origin)
    return held.matter
