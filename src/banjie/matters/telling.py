"""Telling people: a step that concerns somebody else makes a notice in its own transaction."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from banjie.lib import clock
from banjie.matters.definition import Process
from banjie.matters.hands import hands_of
from banjie.matters.holding import Held
from banjie.matters.models import Notice
from banjie.matters.owners import Ownership
from banjie.matters.quiet import office_moment
from banjie.people.models import Account, Grant, Post
from banjie.people.verbs import Verb
from banjie.places.calendar import Calendar
from banjie.places.models import Area
from banjie.registers.definition import Register
from banjie.registers.models import Record

ALL_REGISTERS = "*"


def tell(held: Held, kind: str, to: Ownership | Account | Post | None, **more: object) -> None:
    """Note that somebody is to be told; it is written with the step. Whoever takes the step is not told of it themselves."""
    notice = Notice(kind=kind, matter=held.matter)
    if address(notice, to) and not _is_actor(held.by, notice):
        stage = held.stage.title.as_dict()
        notice.said = {**facts(held.compiled.process, held.compiled.register, held.record), "stage": stage, **_plain(more)}
        if held.by is not None:
            notice.said["by"] = held.by.name.as_dict()
        stamp(notice, held.now, held.calendar)
        held.told.append(notice)


def tell_owner(held: Held, kind: str = "assigned", **more: object) -> None:
    tell(held, kind, held.owner, **{"due_at": held.matter.due_at, **more})


def tell_of_step(held: Held, *, returned: bool = False, why: str = "") -> None:
    """After a matter came to a stage: tell whose turn it is; after an ending, whoever handed it in and the main matter's owner."""
    matter = held.matter
    if matter.state != "closed":
        tell_owner(held, "returned" if returned else "assigned", why=why if returned else "")
        return
    if matter.opened_by_id is not None:
        tell(held, "closed", matter.opened_by, why=why)
    if matter.main is not None and matter.main.organisation_id is not None:
        tell(held, "branch_closed", Ownership(matter.main.owner_post, matter.main.organisation), why=why)


def tell_supervisors(held: Held, kind: str, **more: object) -> None:
    """Tell the posts that supervise nearest to the record."""
    for post in supervisors(held.record):
        tell(held, kind, post, **more)


def supervisors(record: Record) -> list[Post]:
    """The posts with SUPERVISE on this register (or on all) in the record's area; those of the nearest area that has one."""
    wanted = Grant.objects.filter(verb=Verb.SUPERVISE, register__in=[record.register, ALL_REGISTERS]).select_related("post")
    area = record.area
    while area is not None:
        found = sorted({g.post_id: g.post for g in wanted.filter(area=area)}.values(), key=lambda post: post.code)
        if found:
            return found
        area = Area.objects.filter(code=area.parent_id).first() if area.parent_id else None
    return []


def address(notice: Notice, to: Ownership | Account | Post | None) -> bool:
    """Write the recipient into a notice. False where there is nobody."""
    if isinstance(to, Ownership):
        notice.post, notice.organisation = to.post, None if to.post else to.organisation
    elif isinstance(to, Post):
        notice.post = to
    else:
        notice.account = to
    return bool(notice.post_id or notice.organisation_id or notice.account_id)


def facts(process: Process, register: Register, record: Record) -> dict[str, object]:
    """What every notice says. A label that holds personal values is left out, as in the ledger."""
    label = record.key if register.label in register.personal else record.label
    return {"key": record.key, "label": label, "process": process.title.as_dict()}


def stamp(notice: Notice, now: datetime, calendar: Calendar) -> None:
    """When it was made, and when it reaches people. What is loaded as history is not sent out any more."""
    notice.created_at, notice.deliver_at = now, office_moment(now, calendar)
    notice.posted_at = now if clock.is_simulated() else None


def _is_actor(by: Account | None, notice: Notice) -> bool:
    if by is None:
        return False
    return notice.account_id == by.pk if notice.account_id else hands_of(by).hold(notice.post_id, notice.organisation_id)


def _plain(values: Mapping[str, object]) -> dict[str, object]:
    """As JSON holds it: a moment as text, in UTC."""
    return {
        name: f"{value.astimezone(UTC):%Y-%m-%dT%H:%M:%S}Z" if isinstance(value, datetime) else value
        for name, value in values.items()
        if value not in (None, "")
    }
