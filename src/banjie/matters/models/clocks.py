"""Clocks as rows, what happened to them, and more time that was asked for."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from banjie.matters.models.matters import Matter, Task
from banjie.matters.queries import ClockQuerySet
from banjie.people.models import Account


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
            models.Index(fields=["id"], name="clock_estimated", condition=Q(estimated=True, stopped_at__isnull=True)),
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
