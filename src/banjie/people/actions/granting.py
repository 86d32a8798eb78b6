"""What a post may do and what it answers for."""

from __future__ import annotations

from datetime import date

from django.db import transaction

from banjie.lib.clock import today
from banjie.lib.errors import Conflict
from banjie.lib.text import Text
from banjie.people.actions.entries import end, facts, record, wrong
from banjie.people.actions.permission import require
from banjie.people.models import Account, Duty, Grant, Post, Role
from banjie.people.scopes import forget_scope
from banjie.people.verbs import Verb
from banjie.places.models import Area


@transaction.atomic
def grant(
    post: Post, *, verb: Verb, register: str, area: Area, by: Account | None, why: str = "", origin: str = "web"
) -> Grant | None:
    """Let a post do one thing in an area and below. None when it may already."""
    require(by, [area.pk, post.organisation.area_id])
    given, created = Grant.objects.get_or_create(post=post, verb=verb, register=register, area=area)
    if not created:
        return None
    record(f"post:{post.code}", "grant.give", facts(given), by=by, why=why, origin=origin)
    forget_scope(by)
    return given


@transaction.atomic
def revoke(given: Grant, *, by: Account | None, why: str = "", origin: str = "web") -> None:
    """Take a grant back."""
    require(by, [given.area_id, given.post.organisation.area_id])
    record(f"post:{given.post.code}", "grant.revoke", facts(given), by=by, why=why, origin=origin)
    given.delete()
    forget_scope(by)


@transaction.atomic
def assign_duty(
    post: Post,
    *,
    role: str,
    area: Area | None = None,
    register: str = "",
    key: str = "",
    begins_on: date | None = None,
    by: Account | None,
    why: str = "",
    origin: str = "web",
) -> Duty:
    """Make a post answer, in a role, for an area (on one register or all) or for one record (``register`` and ``key``)."""
    if (area is None) == (not key) or (key and not register):
        raise wrong(
            "area", area, Text("职责应对应一个地区或一条记录，二者择一", "a duty is for an area or for one record, not both")
        )
    if not Role.objects.filter(name=role).exists():
        raise wrong("role", role, Text("没有这个职责名称", "there is no such role"))
    require(by, [post.organisation.area_id, *([area.pk] if area else [])])
    if Duty.objects.filter(post=post, role=role, area=area, register=register, key=key, ends_on=None).exists():
        raise Conflict(Text("该岗位已承担此职责", "the post has this duty already"), theirs={}, yours={})
    duty = Duty.objects.create(post=post, role=role, area=area, register=register, key=key, begins_on=begins_on or today())
    record(f"post:{post.code}", "duty.assign", facts(duty), by=by, why=why, origin=origin)
    return duty


@transaction.atomic
def end_duty(duty: Duty, *, on: date | None = None, by: Account | None, why: str = "", origin: str = "web") -> None:
    """From the day ``on`` (today) the post no longer has the duty. Ended on its first day, it was never in force."""
    require(by, [duty.post.organisation.area_id, *([duty.area_id] if duty.area_id else [])])
    end(duty, f"post:{duty.post.code}", "duty.end", on, by=by, why=why, origin=origin)
