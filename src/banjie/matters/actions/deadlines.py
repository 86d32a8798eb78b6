"""More time, and pressure: extensions asked for, approved or refused; urging."""

from __future__ import annotations

from django.db import transaction

from banjie.lib.errors import Invalid, NotFound, Problem
from banjie.lib.text import Text
from banjie.matters import entries
from banjie.matters.clocks import OTHER_UNIT
from banjie.matters.hands import may_handle
from banjie.matters.holding import Held, hold
from banjie.matters.models import Clock, ClockEvent, Extension, Matter
from banjie.matters.pausing import tell_dues
from banjie.matters.stations import keep
from banjie.matters.telling import tell, tell_owner, tell_supervisors
from banjie.matters.ticking import earliest_due, move_clocks
from banjie.people.models import Account
from banjie.people.verbs import Verb
from banjie.places.terms import parse_term

NO_CLOCK = Text("这件事项没有可延长的期限", "this matter has no such term that could be extended")
REASON = Text("请写明延期理由", "give the reason for the extension")
ASKED = Text("已有一项延期申请待批", "an extension has been asked for already and is not decided")
TOO_MANY = Text("该期限最多可延长 {n} 次", "this term can be extended {n} times at most")
NONE_ASKED = Text("没有待批的延期申请", "no extension has been asked for")
NOT_ONE_S_OWN = Text("申请人不得审批自己的延期申请", "nobody decides on an extension that they asked for themselves")
SAY = Text("请写明督办内容", "say what is urged")
DECIDED = ("state", "decided_at", "decided_by", "says")


def ask_extension(
    matter: Matter | int,
    *,
    amount: str,
    reason: str,
    version: int,
    by: Account | None,
    clock: int | None = None,
    origin: str = "web",
) -> Extension:
    """Ask for more time on the limit of the stage (or on ``clock``, that of a task or of the whole). For whoever answers for it.
    Raises Invalid: another unit than the term's, no reason, one is asked for already, no more are allowed."""
    with transaction.atomic():
        held = hold(matter, version=version, by=by)
        held.require_live()
        limit = _limit(held, clock)
        _require_answerable(held, limit)
        term = parse_term(amount)
        _check(held, limit, term.unit, reason)
        asked = Extension.objects.create(
            clock=limit, matter=held.matter, amount=str(term), reason=reason.strip(), asked_at=held.now, asked_by=by
        )
        held.said.inserted(asked)
        tell_supervisors(held, "extension_asked", term=term.title.as_dict(), why=asked.reason)
        keep(held)
        detail = {"extension": asked.pk, "state": "asked", "amount": str(term), "reason": reason.strip()}
        entries.record_step(held, entries.EXTEND, why=reason, origin=origin, detail=detail)
    return asked


def decide_extension(
    extension: Extension | int, *, approve: bool, version: int, by: Account | None, says: str = "", origin: str = "web"
) -> Extension:
    """Approve or refuse. For a supervisor (SUPERVISE), who is not the one that asked."""
    pk = extension if isinstance(extension, int) else extension.pk
    with transaction.atomic():
        asked = Extension.objects.filter(pk=pk).first()
        if asked is None:
            raise NotFound(NONE_ASKED)
        held = hold(asked.matter_id, version=version, by=by)
        held.require_live()
        held.require(Verb.SUPERVISE)
        asked.refresh_from_db()
        limit = next((c for c in held.standing_clocks() if c.pk == asked.clock_id), None)
        if asked.state != "asked" or limit is None:
            raise Invalid([Problem(held.record.key, asked.state, NONE_ASKED)])
        if by is not None and asked.asked_by_id == by.pk:
            raise Invalid([Problem("by", by.pk, NOT_ONE_S_OWN)])
        asked.state = "approved" if approve else "refused"
        asked.decided_at, asked.decided_by, asked.says = held.now, by, says
        asked.save(update_fields=DECIDED)
        held.said.changed(asked, *DECIDED)
        if approve:
            event = ClockEvent(kind="extend", at=held.now, basis=asked.reason, evidence=says, approver=by, amount=asked.amount)
            move_clocks(held, [limit], event)
            tell_dues(held)
        kind = "extension_approved" if approve else "extension_refused"
        tell(held, kind, asked.asked_by, term=parse_term(asked.amount).title.as_dict(), why=says, due_at=limit.due_at)
        keep(held)
        detail = {"extension": asked.pk, "state": asked.state, "amount": asked.amount, "says": says}
        entries.record_step(held, entries.EXTEND, why=says, origin=origin, detail=detail)
    return asked


def urge(matter: Matter | int, *, says: str, version: int, by: Account | None, origin: str = "web") -> Matter:
    """Press for a matter to be done. For a supervisor; it moves no clock."""
    with transaction.atomic():
        held = hold(matter, version=version, by=by)
        held.require_live()
        held.require(Verb.SUPERVISE)
        if not says.strip():
            raise Invalid([Problem("says", says, SAY)])
        held.matter.urges += 1
        tell_owner(held, "urged", why=says)
        keep(held)
        entries.record_step(held, entries.URGE, why=says, origin=origin, detail={"says": says})
    return held.matter


def _limit(held: Held, clock: int | None) -> Clock:
    """The limit that is meant: the one named, or that of the stage which ends first."""
    limits = [c for c in held.standing_clocks() if not c.at_least]
    if clock is not None:
        found = next((c for c in limits if c.pk == clock), None)
    else:
        own = [c for c in limits if c.task_id is None and c.stage == held.matter.stage] or [
            c for c in limits if c.task_id is None
        ]
        first = earliest_due(own)
        found = next((c for c in own if c.due_at == first), None)
    if found is None:
        raise Invalid([Problem("clock", clock, NO_CLOCK)])
    return found


def _require_answerable(held: Held, limit: Clock) -> None:
    task = limit.task
    if task is None or not may_handle(
        held.by, held.record.register, held.record.area_id, task.owner_post_id, task.organisation_id
    ):
        held.require_handle()


def _check(held: Held, limit: Clock, unit: str, reason: str) -> None:
    own = parse_term(limit.term)
    if unit != own.unit:
        raise Invalid([Problem("amount", unit, OTHER_UNIT.format(unit=own.title))])
    if not reason.strip():
        raise Invalid([Problem("reason", reason, REASON)])
    states = list(limit.extensions.values_list("state", flat=True))
    if "asked" in states:
        raise Invalid([Problem("clock", limit.pk, ASKED)])
    most = held.compiled.process.extensions
    if states.count("approved") >= most:
        raise Invalid([Problem("clock", limit.pk, TOO_MANY.format(n=most))])
