"""Ways out of the ordinary: withdrawn by the applicant, or taken up again after it was closed."""

from __future__ import annotations

from django.db import transaction

from banjie.lib.errors import Invalid, NotPermitted, Problem
from banjie.lib.text import Text
from banjie.matters import entries
from banjie.matters.actions.advancing import let_main_go_on
from banjie.matters.actions.opening import open_branches
from banjie.matters.hands import may_handle
from banjie.matters.holding import Held, hold
from banjie.matters.joint import open_below
from banjie.matters.joint_waiting import let_main_run_on
from banjie.matters.models import Matter
from banjie.matters.stations import enter, finish, keep
from banjie.matters.telling import tell_owner
from banjie.matters.ticking import start_clocks
from banjie.people.models import Account
from banjie.people.scopes import scope_of_actor
from banjie.people.verbs import Verb

SAY_WHY = Text("请写明原因", "give the reason")
NOT_CLOSED = Text("事项尚未办结", "the matter is not closed")
NOT_YOURS = Text("只有申请人、责任人或督办人员可以撤回", "only whoever handed it in, its owner or a supervisor can withdraw it")
BRANCHES = Text("尚有 {n} 件并联事项未办结，请先逐件撤回", "{n} branches are open: withdraw them first")
MAIN_CLOSED = Text("主事项已办结，请先重新办理主事项", "the main matter is closed: reopen that first")


def withdraw(matter: Matter | int, *, version: int, by: Account | None, why: str, origin: str = "web") -> Matter:
    """The applicant no longer wants it. For whoever handed it in, the owner, or a supervisor. ``why`` is required."""
    with transaction.atomic():
        held = hold(matter, version=version, by=by)
        held.require_live()
        _require_withdrawing(held)
        if not why.strip():
            raise Invalid([Problem("why", why, SAY_WHY)])
        below = open_below(held.matter).count()
        if below:
            raise Invalid([Problem(held.record.key, below, BRANCHES.format(n=below))])
        stages = held.compiled.process.stages
        held.matter.stage = next((n for n, s in stages.items() if s.ending == "withdrawn"), held.matter.stage)
        finish(held, "withdrawn")
        tell_owner(held, "withdrawn", why=why)
        keep(held)
        entries.record_step(held, entries.WITHDRAW, why=why, origin=origin)
        let_main_run_on(held, origin=origin)
        let_main_go_on(held, origin)
    return held.matter


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


def _require_withdrawing(held: Held) -> None:
    by, matter, record = held.by, held.matter, held.record
    if by is None or scope_of_actor(by).unlimited or matter.opened_by_id == by.pk or held.supervises():
        return
    if not may_handle(by, record.register, record.area_id, matter.owner_post_id, matter.organisation_id):
        raise NotPermitted(NOT_YOURS)
