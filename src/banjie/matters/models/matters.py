"""Matters as rows: where each is, whose turn it is, and by when."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from banjie.matters.models.processes import ProcessVersion
from banjie.matters.queries import MatterQuerySet, TaskQuerySet
from banjie.people.models import Account, Organisation, Post
from banjie.registers.models import Record

STATES = ["open", "suspended", "closed"]
ENDINGS = ["", "done", "rejected", "withdrawn", "expired"]
NOT_CLOSED = ~Q(state="closed")
LIVE = Q(closed_at__isnull=True)  # the same by the constraint below; without a parameter, so that SQLite finds partial indexes
UNDONE = Q(done_at__isnull=True)


class Matter(models.Model):
    """A record on its way through a process. The record holds the facts, this row where they stand."""

    record = models.OneToOneField(Record, models.PROTECT, related_name="matter")
    process = models.CharField(max_length=60)
    definition = models.ForeignKey(ProcessVersion, models.PROTECT, related_name="matters")
    stage = models.CharField(max_length=48)
    stage_since = models.DateTimeField()
    state = models.CharField(max_length=10, default="open", choices=[(v, v) for v in STATES])
    ending = models.CharField(max_length=10, blank=True, choices=[(v, v) for v in ENDINGS])
    code = models.CharField(max_length=16, null=True, unique=True)  # the applicant follows the matter by it
    main = models.ForeignKey("self", models.PROTECT, null=True, related_name="branches")
    owner_post = models.ForeignKey(Post, models.PROTECT, null=True, db_index=False, related_name="matters")
    organisation = models.ForeignKey(Organisation, models.PROTECT, null=True, db_index=False, related_name="matters")
    accepted_at = models.DateTimeField(null=True)  # when the owner of this stage took it up
    opened_at = models.DateTimeField()
    opened_by = models.ForeignKey(Account, models.PROTECT, null=True, related_name="matters_opened")
    closed_at = models.DateTimeField(null=True)
    due_at = models.DateTimeField(null=True)  # the earliest limit that is running; None while suspended or where there is none
    promised = models.JSONField(default=dict)  # what was promised when it began, never changed
    version = models.PositiveIntegerField(default=1)
    returns = models.PositiveIntegerField(default=0)
    reopenings = models.PositiveIntegerField(default=0)
    urges = models.PositiveIntegerField(default=0)
    suspended_since = models.DateTimeField(null=True)
    suspended_seconds = models.PositiveBigIntegerField(default=0)
    suspended_work_seconds = models.PositiveBigIntegerField(default=0)  # of them, while the office was open
    late = models.BooleanField(default=False)  # one of its limits was passed before its work was done

    objects = MatterQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(version__gte=1), name="matter_version_positive"),
            models.CheckConstraint(condition=Q(state__in=STATES), name="matter_state_known"),
            models.CheckConstraint(
                condition=(Q(state="closed", closed_at__isnull=False) & ~Q(ending=""))
                | (NOT_CLOSED & Q(closed_at=None, ending="")),
                name="matter_closed_with_an_ending",
            ),
            models.CheckConstraint(
                condition=Q(state="suspended", suspended_since__isnull=False) | (~Q(state="suspended") & Q(suspended_since=None)),
                name="matter_suspended_since",
            ),
            models.CheckConstraint(condition=Q(main=None) | ~Q(main=F("id")), name="matter_not_its_own_main"),
        ]
        indexes = [
            models.Index(fields=["owner_post", "due_at", "id"], name="matter_of_post_by_due", condition=LIVE),
            models.Index(fields=["organisation", "due_at", "id"], name="matter_of_office_by_due", condition=LIVE),
            models.Index(fields=["due_at"], name="matter_by_due", condition=LIVE),
            models.Index(fields=["process", "stage"], name="matter_by_stage", condition=LIVE),
        ]

    def __str__(self) -> str:
        return f"{self.process}/{self.stage}#{self.pk}"


class Task(models.Model):
    """A piece of work in a stage, with an owner of its own. Several run side by side."""

    OPEN, DONE, RETURNED, CANCELLED = "open", "done", "returned", "cancelled"

    matter = models.ForeignKey(Matter, models.PROTECT, related_name="tasks")
    name = models.CharField(max_length=48)
    stage = models.CharField(max_length=48)
    owner_post = models.ForeignKey(Post, models.PROTECT, null=True, db_index=False, related_name="tasks")
    organisation = models.ForeignKey(Organisation, models.PROTECT, null=True, db_index=False, related_name="tasks")
    state = models.CharField(max_length=10, default=OPEN, choices=[(v, v) for v in (OPEN, DONE, RETURNED, CANCELLED)])
    opened_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True)
    done_by = models.ForeignKey(Account, models.PROTECT, null=True)
    due_at = models.DateTimeField(null=True)
    note = models.TextField(blank=True)  # what was found, or why it was returned

    objects = TaskQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["matter", "name"], condition=Q(state="open"), name="task_open_once"),
            models.CheckConstraint(
                condition=Q(state="open", done_at=None) | (~Q(state="open") & Q(done_at__isnull=False)), name="task_done_at"
            ),
        ]
        indexes = [
            models.Index(fields=["owner_post", "due_at"], name="task_of_post_by_due", condition=UNDONE),
            models.Index(fields=["organisation", "due_at"], name="task_of_office_by_due", condition=UNDONE),
        ]


class Invitation(models.Model):
    """Another unit is asked to help with a matter that stays with its owner."""

    matter = models.ForeignKey(Matter, models.PROTECT, related_name="invitations")
    post = models.ForeignKey(Post, models.PROTECT, null=True, related_name="invitations")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="invitations")
    state = models.CharField(max_length=8, default="open", choices=[(v, v) for v in ("open", "answered", "declined", "ended")])
    asked_at = models.DateTimeField()
    asked_by = models.ForeignKey(Account, models.PROTECT, null=True, related_name="+")
    asks = models.TextField()
    due_at = models.DateTimeField(null=True)
    answered_at = models.DateTimeField(null=True)
    answered_by = models.ForeignKey(Account, models.PROTECT, null=True, related_name="+")
    answer = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["matter", "organisation"], condition=Q(state="open"), name="invitation_open_once"),
        ]
