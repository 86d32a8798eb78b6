"""Processes as installed, and matters as rows: where each is, whose turn it is, and by when."""

from __future__ import annotations

import json
from typing import Any

from django.db import models
from django.db.models import F, Q

from banjie.matters.queries import ClockQuerySet, MatterQuerySet, TaskQuerySet
from banjie.people.models import Account, Organisation, Post
from banjie.registers.models import Record

STATES = ["open", "suspended", "closed"]
ENDINGS = ["", "done", "rejected", "withdrawn", "expired"]
NOT_CLOSED = ~Q(state="closed")
LIVE = Q(closed_at__isnull=True)  # the same by the constraint below; without a parameter, so that SQLite finds partial indexes
UNDONE = Q(done_at__isnull=True)


class ProcessVersion(models.Model):
    """A process as installed. An open matter keeps the version under which it began."""

    name = models.CharField(max_length=60)
    number = models.PositiveIntegerField()
    body = models.TextField()  # JSON as text: the order of stages and exits matters, and jsonb forgets it
    digest = models.CharField(max_length=64)  # SHA-256 of the body
    pack = models.CharField(max_length=60)
    installed_at = models.DateTimeField()
    retired = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["name", "number"], name="process_version_once"),
            models.CheckConstraint(condition=Q(number__gte=1), name="process_version_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.name} v{self.number}"

    @property
    def mapping(self) -> dict[str, Any]:
        """The body, from which ``Process.load`` makes the process."""
        loaded: dict[str, Any] = json.loads(self.body)
        return loaded


class CalendarSnapshot(models.Model):
    """The content of a calendar version under which a clock runs, so that a promise can be reckoned again years later."""

    version = models.CharField(max_length=16, primary_key=True)
    body = models.JSONField()
    kept_at = models.DateTimeField()


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
            models.Index(fields=["owner_post", "due_at"], name="matter_of_post_by_due", condition=LIVE),
            models.Index(fields=["organisation", "due_at"], name="matter_of_office_by_due", condition=LIVE),
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


class Clock(models.Model):
    """A running term: of a stage, of a task, or (``stage`` empty) of the matter as a whole.

    The columns are what ``clocks.due_time`` last said of its events. For sweeps: a running clock is due for a look at
    ``next_sweep_at`` (first ``warn_at``, then ``due_at``, then the escalations, which the sweep sets one after another; None
    when nothing more is to come, or while it stands still). Every move of the clock sets it anew.
    """

    RUNNING, PAUSED, STOPPED = "running", "paused", "stopped"

    matter = models.ForeignKey(Matter, models.PROTECT, related_name="clocks")
    task = models.ForeignKey(Task, models.PROTECT, null=True, related_name="clocks")
    stage = models.CharField(max_length=48, blank=True)
    term = models.CharField(max_length=40)
    at_least = models.BooleanField(default=False)  # a notice that must have run
    promise = models.BooleanField(default=False)  # the office's own, shorter promise beside the statutory limit
    calendar_version = models.CharField(max_length=16)
    estimated = models.BooleanField(default=False)  # reckoned with a year whose official calendar was not out
    started_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True)
    state = models.CharField(max_length=8, default=RUNNING, choices=[(v, v) for v in (RUNNING, PAUSED, STOPPED)])
    warn_at = models.DateTimeField(null=True)
    next_sweep_at = models.DateTimeField(null=True)
    stopped_at = models.DateTimeField(null=True)
    late = models.BooleanField(default=False)  # stopped after it was due

    objects = ClockQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["matter", "stage", "at_least", "promise"],
                condition=Q(task=None) & ~Q(state="stopped"),
                name="clock_of_stage_once",
            ),
            models.UniqueConstraint(fields=["task", "promise"], condition=~Q(state="stopped"), name="clock_of_task_once"),
            models.CheckConstraint(
                condition=(Q(state="running", due_at__isnull=False, stopped_at=None))
                | (Q(state="paused", next_sweep_at=None, stopped_at=None))
                | (Q(state="stopped", next_sweep_at=None, stopped_at__isnull=False)),
                name="clock_state_fits",
            ),
        ]
        indexes = [
            models.Index(fields=["next_sweep_at"], name="clock_to_sweep", condition=Q(next_sweep_at__isnull=False)),
        ]


class ClockEvent(models.Model):
    """What happened to a clock. Added, never changed: the due time is a function of these and a calendar."""

    KINDS = ["start", "pause", "resume", "extend", "stop"]

    clock = models.ForeignKey(Clock, models.PROTECT, related_name="events")
    kind = models.CharField(max_length=6, choices=[(v, v) for v in KINDS])
    at = models.DateTimeField()
    basis = models.TextField(blank=True)  # the legal ground, or the reason
    evidence = models.TextField(blank=True)  # the document that shows it
    approver = models.ForeignKey(Account, models.PROTECT, null=True)
    amount = models.CharField(max_length=40, blank=True)  # of an extension, as a term

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["clock"], condition=Q(kind="start"), name="clock_started_once"),
            models.UniqueConstraint(fields=["clock"], condition=Q(kind="stop"), name="clock_stopped_once"),
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


class Extension(models.Model):
    """More time, asked for by the owner and decided by a supervisor."""

    clock = models.ForeignKey(Clock, models.PROTECT, related_name="extensions")
    matter = models.ForeignKey(Matter, models.PROTECT, related_name="extensions")
    amount = models.CharField(max_length=40)
    reason = models.TextField()
    state = models.CharField(max_length=8, default="asked", choices=[(v, v) for v in ("asked", "approved", "refused")])
    asked_at = models.DateTimeField()
    asked_by = models.ForeignKey(Account, models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(Account, models.PROTECT, null=True, related_name="+")
    says = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["clock"], condition=Q(state="asked"), name="extension_asked_once"),
            models.CheckConstraint(
                condition=Q(state="asked", decided_at=None) | (~Q(state="asked") & Q(decided_at__isnull=False)),
                name="extension_decided_at",
            ),
        ]


class Relocation(models.Model):
    """An explicit move of open matters to another version of their process: the list of what was moved, so that it can be undone."""

    process = models.CharField(max_length=60)
    to_number = models.PositiveIntegerField()
    mapping = models.JSONField()  # old stage → new stage, where they differ
    moved = models.JSONField()  # [{matter, from_number, from_stage, to_stage, version}]
    at = models.DateTimeField()
    by = models.ForeignKey(Account, models.PROTECT, null=True, related_name="+")
    undone_at = models.DateTimeField(null=True)
