"""What the ledger says of a step: the record's state, and in ``matter`` where the matter stands after it. One entry a step.

Such an entry is one version of the record and one of the matter by itself; figures are made of nothing else. ``rows`` holds what the
step wrote into the tables beside them (``said_rows``), against which these are verified.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from banjie.ledger.actions import record_entry
from banjie.lib.clock import LOCAL
from banjie.matters.holding import Held
from banjie.matters.said_rows import SaidRows
from banjie.registers import trail

OPEN, ADVANCE, TASK, RETURN, ACCEPT = "matter.open", "matter.advance", "matter.task", "matter.return", "matter.accept"
HAND_OVER, INVITE, SUSPEND, RESUME = "matter.hand_over", "matter.invite", "matter.suspend", "matter.resume"
EXTEND, URGE, CLOSE, REOPEN = "matter.extend", "matter.urge", "matter.close", "matter.reopen"
WITHDRAW, MIGRATE, RECKON = "matter.withdraw", "matter.migrate", "matter.reckon"
TAKE_DOWN, PUT_UP = "matter.take_down", "matter.put_up"
VERBS = (
    OPEN, ADVANCE, TASK, RETURN, ACCEPT, HAND_OVER, INVITE, SUSPEND, RESUME, EXTEND, URGE, CLOSE, REOPEN, WITHDRAW, MIGRATE,
    RECKON, TAKE_DOWN, PUT_UP,
)  # fmt: skip
MINUTE = timedelta(minutes=1)


def record_step(held: Held, verb: str, *, why: str, origin: str, detail: Mapping[str, object] | None = None) -> None:
    """Write the entry of a step. ``detail`` is what is peculiar to the verb: basis, approver, task, whom it was handed to."""
    register, record = held.compiled.register, held.record
    opens = verb == OPEN
    body = trail.body(record, register, held.known.number(register.name), None if opens else held.before)
    body["matter"] = state_of(held)
    body["rows"] = held.said.as_json(held.matter, opens=opens)
    held.said = SaidRows()
    if detail:
        body["detail"] = dict(detail)
    wrote = opens or held.past is not None
    personal = trail.personal(register, record.data, held.past) if wrote else None
    record_entry(chain=record.chain, verb=verb, body=body, by=held.by, why=why, origin=origin, personal=personal, first=opens)


def state_of(held: Held) -> dict[str, object]:
    """The matter as rows of figures want it: times in UTC, minutes whole."""
    matter, owner = held.matter, held.owner
    process = held.compiled.process
    return {
        "id": matter.pk,
        "process": matter.process,
        "number": matter.number,  # type: ignore[attr-defined]  # annotated when it was held
        "version": matter.version,
        "stage": matter.stage,
        "stage_since": moment(matter.stage_since),
        "from_stage": held.from_stage or None,
        "state": matter.state,
        "ending": matter.ending or None,
        "opened_at": moment(matter.opened_at),
        "closed_at": moment(matter.closed_at),
        "due_at": moment(matter.due_at),
        "owner": {"code": owner.post.code, **owner.post.name.as_dict()} if owner.post else None,
        "organisation": {"code": owner.organisation.code, **owner.organisation.name.as_dict()} if owner.organisation else None,
        "returns": matter.returns,
        "reopenings": matter.reopenings,
        "urges": matter.urges,
        "suspended_minutes": matter.suspended_seconds // 60,
        "working_minutes": working_minutes(held),
        "late": matter.late,
        "on_time": not matter.late if matter.closed_at else None,
        "category": held.record.data.get(process.category) if process.category else None,
        "main": matter.main_id,
    }


def working_minutes(held: Held) -> int | None:
    """For how many minutes of office hours a closed matter was worked on, suspensions left out."""
    matter = held.matter
    if matter.closed_at is None:
        return None
    worked = held.calendar.work_between(matter.opened_at.astimezone(LOCAL), matter.closed_at.astimezone(LOCAL))
    return max(0, worked // MINUTE - matter.suspended_work_seconds // 60)


def moment(at: datetime | None) -> str | None:
    """As registers keep a datetime: 2021-10-31T08:00:00Z."""
    return None if at is None else f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%S}Z"
