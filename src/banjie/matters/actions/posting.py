"""A statutory notice that does not hang any more, and one that is put up again."""

from __future__ import annotations

from django.db import transaction

from banjie.lib.errors import Invalid, Problem
from banjie.lib.text import Text
from banjie.matters import entries
from banjie.matters.holding import Held, hold
from banjie.matters.models import Clock, ClockEvent, Matter
from banjie.matters.stations import keep
from banjie.matters.telling import tell_owner
from banjie.matters.ticking import move_clocks, start_clocks, stop_clocks
from banjie.people.models import Account

SAY_WHY = Text("请说明公告中断的原因", "say why the notice was taken down")
NOT_UP = Text("没有正在进行的公告期", "no notice is running")
HAS_RUN = Text("公告期已满，不受中断影响", "the notice has run: taking it down changes nothing")
IS_UP = Text("公告没有中断", "the notice was not taken down")


def take_down(
    matter: Matter | int, *, why: str, version: int, by: Account | None, evidence: str = "", origin: str = "web"
) -> Matter:
    """The notice of the stage was interrupted (torn down, site out of order, found wrong): its time stands still until ``put_up``,
    and no exit is open. For the owner, or a supervisor; ``why`` is required."""
    with transaction.atomic():
        held = _held(matter, version, by)
        if not why.strip():
            raise Invalid([Problem("why", why, SAY_WHY)])
        clocks = _notices(held, Clock.RUNNING, NOT_UP)
        if all(clock.due_at and clock.due_at <= held.now for clock in clocks):
            raise Invalid([Problem(held.record.key, None, HAS_RUN)])
        move_clocks(held, clocks, ClockEvent(kind="pause", at=held.now, basis=why.strip(), evidence=evidence, approver=by))
        tell_owner(held, "taken_down", why=why.strip())
        keep(held)
        entries.record_step(held, entries.TAKE_DOWN, why=why, origin=origin, detail={"evidence": evidence})
    return held.matter


def put_up(matter: Matter | int, *, version: int, by: Account | None, why: str = "", origin: str = "web") -> Matter:
    """The notice is up again. It runs anew from now; or, where the stage says that it only pauses, what is left of it runs on,
    days on which it did not hang whole not counted. For the owner, or a supervisor."""
    with transaction.atomic():
        held = _held(matter, version, by)
        clocks = _notices(held, Clock.PAUSED, IS_UP)
        restarts = held.stage.if_taken_down == "restarts"
        if restarts:
            stop_clocks(held, clocks)
            clocks = start_clocks(held, held.stage, held.matter.stage, only="at_least")
        else:
            move_clocks(held, clocks, ClockEvent(kind="resume", at=held.now, approver=by))
        due_at = max((clock.due_at for clock in clocks if clock.due_at), default=None)
        tell_owner(held, "put_up", due_at=due_at)
        keep(held)
        detail = {"restarts": restarts, "runs_until": entries.moment(due_at)}
        entries.record_step(held, entries.PUT_UP, why=why, origin=origin, detail=detail)
    return held.matter


def _held(matter: Matter | int, version: int, by: Account | None) -> Held:
    held = hold(matter, version=version, by=by)
    held.require_live()
    if not held.supervises():
        held.require_handle()
    return held


def _notices(held: Held, state: str, otherwise: Text) -> list[Clock]:
    """The notices of the present stage that are in a state. Raises Invalid where there are none."""
    own = [c for c in held.standing_clocks() if c.at_least and c.task_id is None and c.stage == held.matter.stage]
    found = [c for c in own if c.state == state]
    if not found:
        raise Invalid([Problem(held.record.key, None, otherwise)])
    return found
