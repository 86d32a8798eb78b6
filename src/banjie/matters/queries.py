"""Reading matters, tasks and clocks."""

from __future__ import annotations

from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import F, Q

from banjie.lib.clock import now
from banjie.matters.hands import hands_of
from banjie.people.models import Account
from banjie.people.scopes import scope_of
from banjie.people.verbs import Verb


def _owned_by(account: Account) -> Q:
    """With a post of theirs, or with an organisation of theirs and no particular post."""
    hands = hands_of(account)
    return Q(owner_post__in=sorted(hands.posts)) | Q(owner_post=None, organisation__in=sorted(hands.organisations))


class MatterQuerySet(models.QuerySet["Matter"]):  # type: ignore[name-defined]
    """Verbs for reading matters; they chain."""

    def visible_to(self, account: Account | None, verb: Verb = Verb.VIEW) -> Self:
        """The matters whose record the account may see. ``None`` is the system."""
        if account is None:
            return self
        return self.filter(scope_of(account).visible_q(verb, register="record__register", area="record__area_id"))

    def live(self) -> Self:
        """Those that are not closed."""
        return self.filter(closed_at__isnull=True)

    def owned_by(self, account: Account) -> Self:
        """Those whose next step is up to a post, or an organisation, of the account today."""
        return self.filter(_owned_by(account))

    def mine(self, account: Account) -> Self:
        """The workbench: live, owned, what is due first comes first; what has no due time comes last."""
        return self.live().owned_by(account).order_by(F("due_at").asc(nulls_last=True), "pk")

    def overdue(self, at: datetime | None = None) -> Self:
        return self.live().filter(due_at__lt=at or now())


class TaskQuerySet(models.QuerySet["Task"]):  # type: ignore[name-defined]
    """Verbs for reading tasks."""

    def mine(self, account: Account) -> Self:
        """The open tasks of the account's posts and organisations, what is due first comes first."""
        found = self.filter(_owned_by(account), done_at__isnull=True)
        return found.order_by(F("due_at").asc(nulls_last=True), "pk")


class ClockQuerySet(models.QuerySet["Clock"]):  # type: ignore[name-defined]
    """Verbs for reading clocks."""

    def standing(self) -> Self:
        """Running or paused: not stopped."""
        return self.filter(stopped_at__isnull=True)

    def to_sweep(self, at: datetime) -> Self:
        """What a sweep at this moment has to look at, oldest first."""
        return self.filter(next_sweep_at__lte=at).order_by("next_sweep_at", "pk")

    def of_estimates(self) -> Self:
        """Those that stand, reckoned with a year whose official calendar was not out."""
        return self.filter(estimated=True, stopped_at__isnull=True).order_by("pk")


class NoticeQuerySet(models.QuerySet["Notice"]):  # type: ignore[name-defined]
    """Verbs for reading notices."""

    def visible_to(self, account: Account | None) -> Self:
        """What the account was told: itself, through a post that it holds today, or as one of its organisation. A notice tells its
        recipient no more than its sentence; the matter behind it asks for permission as ever. ``None`` is the system."""
        if account is None:
            return self
        hands = hands_of(account)
        to_office = Q(organisation__in=sorted(hands.organisations))
        return self.filter(Q(account=account.pk) | Q(post__in=sorted(hands.posts)) | to_office)

    def delivered(self, at: datetime | None = None) -> Self:
        """Those whose time has come, the latest first: what was made at night waits for the morning."""
        return self.filter(deliver_at__lte=at or now()).order_by("-pk")

    def unseen(self, at: datetime | None = None) -> Self:
        """Delivered and not seen yet. What asks for work on a matter that was closed since no longer asks."""
        still = Q(matter=None) | Q(matter__closed_at__isnull=True) | Q(kind__in=OF_THE_END)
        return self.delivered(at).filter(still, seen_at__isnull=True)


OF_THE_END = ("closed", "branch_closed", "withdrawn")  # the kinds that tell of an ending


class ExpectedQuerySet(models.QuerySet["Expected"]):  # type: ignore[name-defined]
    """Verbs for reading what is expected."""

    def visible_to(self, account: Account | None, verb: Verb = Verb.VIEW) -> Self:
        """The items whose record in the register of expected items the account may see. ``None`` is the system."""
        if account is None:
            return self
        return self.filter(scope_of(account).visible_q(verb, register="record__register", area="record__area_id"))

    def owed(self) -> Self:
        """Neither met nor waived; what is due first comes first."""
        return self.filter(state__in=["expected", "missing"]).order_by("due_at", "pk")

    def mine(self, account: Account) -> Self:
        """The workbench: what a post, or an organisation, of the account owes."""
        return self.owed().filter(_owned_by(account))

    def missing(self) -> Self:
        """Due and not there."""
        return self.filter(state="missing").order_by("due_at", "pk")
