"""What people are told, and how it goes out to them and to other systems."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q

from banjie.matters.models.clocks import Clock
from banjie.matters.models.matters import Matter
from banjie.matters.models.obligations import Expected
from banjie.matters.queries import NoticeQuerySet
from banjie.people.models import Account, Organisation, Post

TO_ONE = (
    Q(account__isnull=False, post=None, organisation=None)
    | Q(account=None, post__isnull=False, organisation=None)
    | Q(account=None, post=None, organisation__isnull=False)
)


class Notice(models.Model):
    """One thing that one person, post or organisation is told. ``said`` holds what was true then; both languages are made of it
    when it is read (``notice_wording``).

    ``step`` is set for what a sweep or an obligation makes: with what it is about and the recipient it is there only once.
    ``deliver_at`` is when the office is next open. ``posted_at``: its deliveries were made out, or there is nothing to deliver.
    """

    account = models.ForeignKey(Account, models.PROTECT, null=True, db_index=False, related_name="notices")
    post = models.ForeignKey(Post, models.PROTECT, null=True, db_index=False, related_name="notices")
    organisation = models.ForeignKey(Organisation, models.PROTECT, null=True, db_index=False, related_name="notices")
    matter = models.ForeignKey(Matter, models.PROTECT, null=True, related_name="notices")
    clock = models.ForeignKey(Clock, models.PROTECT, null=True, db_index=False, related_name="notices")
    expected = models.ForeignKey(Expected, models.PROTECT, null=True, db_index=False, related_name="notices")
    kind = models.CharField(max_length=20)
    step = models.CharField(max_length=40, blank=True)
    said = models.JSONField(default=dict)
    created_at = models.DateTimeField()
    deliver_at = models.DateTimeField()
    posted_at = models.DateTimeField(null=True)
    seen_at = models.DateTimeField(null=True)
    seen_by = models.ForeignKey(Account, models.PROTECT, null=True, db_index=False, related_name="+")

    objects = NoticeQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=TO_ONE, name="notice_to_one_recipient"),
            models.CheckConstraint(condition=Q(seen_at=None, seen_by=None) | Q(seen_at__isnull=False), name="notice_seen_by"),
            models.CheckConstraint(
                condition=Q(step="", clock=None, expected=None)
                | (~Q(step="") & (Q(clock__isnull=False, expected=None) | Q(clock=None, expected__isnull=False))),
                name="notice_step_of_something",
            ),
            *(
                models.UniqueConstraint(
                    fields=[of, "step", to],
                    condition=Q(**{f"{of}__isnull": False, f"{to}__isnull": False}),
                    name=f"notice_of_{of}_to_{to}_once",
                )
                for of in ("clock", "expected")
                for to in ("account", "post", "organisation")
            ),
        ]
        indexes = [
            models.Index(fields=["post", "-id"], name="notice_unseen_by_post", condition=Q(seen_at__isnull=True)),
            models.Index(fields=["account", "-id"], name="notice_unseen_by_account", condition=Q(seen_at__isnull=True)),
            models.Index(fields=["organisation", "-id"], name="notice_unseen_by_office", condition=Q(seen_at__isnull=True)),
            models.Index(fields=["deliver_at"], name="notice_to_post", condition=Q(posted_at__isnull=True)),
        ]

    def __str__(self) -> str:
        return f"{self.kind} #{self.pk}"


class Endpoint(models.Model):
    """Another system's address that is told of notices. ``kinds``: which; none means all. ``secret`` signs what is sent."""

    name = models.CharField(max_length=100)
    url = models.CharField(max_length=500)
    secret = models.CharField(max_length=100)
    kinds = models.JSONField(default=list)
    added_at = models.DateTimeField()
    added_by = models.ForeignKey(Account, models.PROTECT, null=True, related_name="+")
    retired_at = models.DateTimeField(null=True)
    failures = models.PositiveIntegerField(default=0)  # in a row without any answer
    paused_until = models.DateTimeField(null=True)  # nothing is tried before: it did not answer at all

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["url"], condition=Q(retired_at=None), name="endpoint_active_once"),
        ]

    def __str__(self) -> str:
        return self.name


class Delivery(models.Model):
    """A notice on its way out by one channel: a letter to an account, or an event to an endpoint.

    ``event`` is the same at every attempt, so that the receiver can tell a repetition. A waiting delivery has ``next_at``; while
    one is being sent, that is when another worker may take it up should this one die.
    """

    WAITING, SENT, DROPPED = "waiting", "sent", "dropped"

    notice = models.ForeignKey(Notice, models.PROTECT, related_name="deliveries")
    matter = models.ForeignKey(Matter, models.PROTECT, null=True, db_index=False, related_name="+")
    account = models.ForeignKey(Account, models.PROTECT, null=True, db_index=False, related_name="+")
    endpoint = models.ForeignKey(Endpoint, models.PROTECT, null=True, related_name="deliveries")
    event = models.UUIDField(default=uuid.uuid4, unique=True)
    state = models.CharField(max_length=8, default=WAITING, choices=[(v, v) for v in (WAITING, SENT, DROPPED)])
    attempts = models.PositiveIntegerField(default=0)
    next_at = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)
    failure = models.CharField(max_length=300, blank=True)  # what the last attempt came to

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(account__isnull=False, endpoint=None) | Q(account=None, endpoint__isnull=False),
                name="delivery_by_one_channel",
            ),
            models.CheckConstraint(
                condition=Q(state="waiting", next_at__isnull=False, sent_at=None)
                | Q(state="sent", next_at=None, sent_at__isnull=False)
                | Q(state="dropped", next_at=None, sent_at=None),
                name="delivery_state_fits",
            ),
            models.UniqueConstraint(
                fields=["notice", "account"], condition=Q(account__isnull=False), name="delivery_letter_once"
            ),
            models.UniqueConstraint(
                fields=["notice", "endpoint"], condition=Q(endpoint__isnull=False), name="delivery_event_once"
            ),
        ]
        indexes = [
            models.Index(fields=["next_at"], name="delivery_to_send", condition=Q(next_at__isnull=False)),
            models.Index(fields=["endpoint", "matter", "notice"], name="delivery_in_order", condition=Q(next_at__isnull=False)),
        ]


class Attempt(models.Model):
    """A step that was refused where that matters: before a statutory notice had run, or by somebody whose turn it was not.

    A refusal changes nothing, so it is no entry in the record's chain; that somebody tried is kept here, beside it.
    """

    matter = models.ForeignKey(Matter, models.PROTECT, related_name="attempts")
    account = models.ForeignKey(Account, models.PROTECT, null=True, related_name="+")
    verb = models.CharField(max_length=30)
    stage = models.CharField(max_length=48)
    to = models.CharField(max_length=48, blank=True)
    reason_zh = models.TextField()
    reason_en = models.TextField()
    at = models.DateTimeField()
