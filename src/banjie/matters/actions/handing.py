"""Whose matter it is: accepted, handed over, and done together with other units."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from banjie.lib.errors import Invalid, NotFound, Problem
from banjie.lib.text import Text
from banjie.matters import entries
from banjie.matters.clocks import Event, due_time
from banjie.matters.hands import hands_of
from banjie.matters.holding import Held, hold
from banjie.matters.models import Invitation, Matter, Task
from banjie.matters.owners import Ownership
from banjie.matters.stations import keep
from banjie.matters.telling import tell, tell_owner
from banjie.people.models import Account, Organisation, Post
from banjie.people.scopes import scope_of_actor
from banjie.people.verbs import Verb
from banjie.places.terms import parse_term

TAKEN = Text("已接办", "it has been accepted already")
SAY_WHY = Text("请说明移交原因", "say why it is handed over")
SAME = Text("该岗位已是责任人", "this post answers for it already")
OWN_UNIT = Text("不必邀请本单位", "the matter is with this unit already")
INVITED = Text("已邀请该单位，尚未答复", "this unit has been invited and has not answered yet")
ASK = Text("请写明需要协办的内容", "say what the unit is asked to do")
NO_INVITATION = Text("没有这项邀请，或已答复", "there is no such invitation, or it has been answered")
ANSWER = Text("请写明协办意见", "write down the answer")
ANSWERED = ("state", "answer", "answered_at", "answered_by")


def accept(matter: Matter | int, *, version: int, by: Account | None, why: str = "", origin: str = "web") -> Matter:
    """The owner takes the matter up: from now on somebody is on it."""
    with transaction.atomic():
        held = hold(matter, version=version, by=by)
        held.require_open()
        held.require_handle()
        if held.matter.accepted_at is not None:
            raise Invalid([Problem(held.record.key, None, TAKEN)])
        held.matter.accepted_at = held.now
        keep(held)
        entries.record_step(held, entries.ACCEPT, why=why, origin=origin)
    return held.matter


def hand_over(
    matter: Matter | int, to: Post, *, version: int, by: Account | None, why: str, task: str | None = None, origin: str = "web"
) -> Matter:
    """Make another post answer for the matter (or for one of its open tasks). For its owner, or a supervisor. No clock moves."""
    with transaction.atomic():
        held = hold(matter, version=version, by=by)
        held.require_live()
        if not held.supervises():
            held.require_handle()
        if not why.strip():
            raise Invalid([Problem("why", why, SAY_WHY)])
        held_by = _task(held, task) if task else held.matter
        if held_by.owner_post_id == to.pk:
            raise Invalid([Problem("to", to.code, SAME)])
        before = held_by.owner_post
        held_by.owner_post, held_by.organisation = to, to.organisation
        if isinstance(held_by, Task):
            held_by.save(update_fields=["owner_post", "organisation"])
            held.said.changed(held_by, "owner_post", "organisation")
        else:
            held.matter.accepted_at = None
        tell(held, "assigned", to, why=why, due_at=held_by.due_at)
        tell(held, "taken", before, why=why, new=to.name.as_dict())
        keep(held)
        detail = {"task": task, "from": before.code if before else None, "to": to.code, "to_name": to.name.as_dict()}
        entries.record_step(held, entries.HAND_OVER, why=why, origin=origin, detail=detail)
    return held.matter


def invite(
    matter: Matter | int, organisation: Organisation, *, asks: str, version: int, by: Account | None,
    within: str = "", post: Post | None = None, why: str = "", origin: str = "web",
) -> Invitation:  # fmt: skip
    """Ask another unit to handle a matter jointly; its owner stays the owner. ``within``: a term for the answer."""
    with transaction.atomic():
        held = hold(matter, version=version, by=by)
        held.require_open()
        held.require_handle()
        if not asks.strip():
            raise Invalid([Problem("asks", asks, ASK)])
        if organisation.pk == held.matter.organisation_id:
            raise Invalid([Problem("organisation", organisation.code, OWN_UNIT)])
        if held.matter.invitations.filter(organisation=organisation, state="open").exists():
            raise Invalid([Problem("organisation", organisation.code, INVITED)])
        asked = Invitation.objects.create(
            matter=held.matter, organisation=organisation, post=post, asked_at=held.now, asked_by=by, asks=asks.strip(),
            due_at=_answer_due(held, within),
        )  # fmt: skip
        held.said.inserted(asked)
        tell(held, "invited", Ownership(post, organisation), asks=asked.asks, due_at=asked.due_at)
        keep(held)
        entries.record_step(held, entries.INVITE, why=why, origin=origin, detail=_said(asked))
    return asked


def answer_invitation(
    invitation: Invitation | int, *, answer: str, by: Account | None, decline: bool = False, why: str = "", origin: str = "web"
) -> Invitation:
    """What the invited unit says. For any of its posts with HANDLE on the register where it works (or the post that was named).
    It takes no version: several units answer side by side."""
    pk = invitation if isinstance(invitation, int) else invitation.pk
    with transaction.atomic():
        asked = Invitation.objects.select_related("matter", "organisation").filter(pk=pk).first()
        if asked is None:
            raise NotFound(NO_INVITATION)
        held = hold(asked.matter_id, version=None, by=None)  # the invited unit need not see the area of the record
        held.by = by
        asked.refresh_from_db()
        _require_invited(held, asked)
        held.require_live()
        if asked.state != "open":
            raise Invalid([Problem("invitation", asked.state, NO_INVITATION)])
        if not answer.strip():
            raise Invalid([Problem("answer", answer, ANSWER)])
        asked.state = "declined" if decline else "answered"
        asked.answer, asked.answered_at, asked.answered_by = answer.strip(), held.now, by
        asked.save(update_fields=ANSWERED)
        held.said.changed(asked, *ANSWERED)
        tell_owner(held, "answered", unit=asked.organisation.name.as_dict(), answer=asked.answer)
        keep(held)
        entries.record_step(held, entries.INVITE, why=why, origin=origin, detail=_said(asked))
    return asked


def _task(held: Held, name: str) -> Task:
    found = held.matter.tasks.filter(name=name, state=Task.OPEN).first()
    if found is None:
        raise NotFound(Text(f"没有名为「{name}」的待办任务", f"there is no open task {name}"))
    return found


def _answer_due(held: Held, within: str) -> datetime | None:
    if not within.strip():
        return None
    return due_time([Event("start", held.now)], parse_term(within), held.calendar).moment


def _require_invited(held: Held, asked: Invitation) -> None:
    """The invited unit answers wherever its posts may handle matters of this register at all: it is not the area's owner."""
    by = held.by
    scope = scope_of_actor(by)
    if by is None or scope.unlimited:
        return
    hands = hands_of(by)
    named = asked.post_id in hands.posts if asked.post_id else asked.organisation_id in hands.organisations
    if not named:
        raise NotFound(NO_INVITATION)  # as for a matter that one may not see
    if held.record.register not in scope.registers(Verb.HANDLE):
        scope.require(Verb.HANDLE, held.record.register, held.record.area_id)


def _said(asked: Invitation) -> dict[str, object]:
    return {
        "invitation": asked.pk, "organisation": asked.organisation.code, "name": asked.organisation.name.as_dict(),
        "state": asked.state, "asks": asked.asks, "answer": asked.answer or None, "due_at": entries.moment(asked.due_at),
    }  # fmt: skip
