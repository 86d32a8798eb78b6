"""Who sits in which post, from when and until when."""

from __future__ import annotations

from datetime import date

from django.db import transaction

from banjie.lib.clock import today
from banjie.lib.errors import Conflict
from banjie.lib.text import Text
from banjie.people.actions.entries import chain, check_days, end, facts, record
from banjie.people.actions.permission import areas_of_post, require
from banjie.people.models import Account, Appointment, Post
from banjie.people.scopes import forget_scope


@transaction.atomic
def appoint(
    account: Account,
    *,
    post: Post,
    begins_on: date | None = None,
    ends_on: date | None = None,
    by: Account | None,
    why: str = "",
    origin: str = "web",
) -> Appointment:
    """Put a person in a post. They may do there what the post may, from ``begins_on`` until before ``ends_on``."""
    require(by, areas_of_post(post))
    begins_on = begins_on or today()
    check_days(begins_on, ends_on)
    if account.appointments.filter(post=post).exclude(ends_on__lte=begins_on).exists():
        raise Conflict(Text("此人已在该岗位任职", "this person holds the post already"), theirs={}, yours={})
    appointment = Appointment.objects.create(account=account, post=post, begins_on=begins_on, ends_on=ends_on)
    record(chain(account), "account.appoint", facts(appointment) | {"post": post.code}, by=by, why=why, origin=origin)
    forget_scope(account, by)
    return appointment


@transaction.atomic
def end_appointment(
    appointment: Appointment, *, on: date | None = None, by: Account | None, why: str = "", origin: str = "web"
) -> None:
    """From the day ``on`` (today) the person no longer holds the post. Ended on its first day, it was never in force."""
    require(by, areas_of_post(appointment.post))
    end(appointment, chain(appointment.account), "account.leave", on, by=by, why=why, origin=origin, post=appointment.post.code)
    forget_scope(appointment.account, by)
