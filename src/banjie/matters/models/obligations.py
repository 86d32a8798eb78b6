"""What has to arrive again and again, and each time that it is expected."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import F, Q

from banjie.matters.queries import ExpectedQuerySet
from banjie.people.models import Account, Organisation, Post
from banjie.registers.models import Record


class ObligationVersion(models.Model):
    """An obligation as installed. An item keeps the version under which it was expected."""

    name = models.CharField(max_length=60)
    number = models.PositiveIntegerField()
    body = models.JSONField()
    digest = models.CharField(max_length=64)  # SHA-256 of the canonical body
    pack = models.CharField(max_length=60)
    installed_at = models.DateTimeField()
    retired = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["name", "number"], name="obligation_version_once"),
            models.CheckConstraint(condition=Q(number__gte=1), name="obligation_version_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.name} v{self.number}"

    @property
    def mapping(self) -> dict[str, Any]:
        body: dict[str, Any] = self.body
        return body


class Expected(models.Model):
    """One item that is due: this owner, this period. Its ``record`` in the register of expected items says the same to people and
    to figures; this row is what jobs and the workbench ask.

    ``expected`` until it is due, then ``missing``; ``met`` or ``late`` once enough has arrived; ``waived`` by a supervisor.
    """

    EXPECTED, MET, LATE, MISSING, WAIVED = "expected", "met", "late", "missing", "waived"
    OWED = (EXPECTED, MISSING)

    record = models.OneToOneField(Record, models.PROTECT, related_name="expected")
    obligation = models.CharField(max_length=60)
    definition = models.ForeignKey(ObligationVersion, models.PROTECT, related_name="items")
    of_key = models.CharField(max_length=200)  # key of the record, code of the post, area or organisation that owes it
    period = models.CharField(max_length=12)  # 2021-09, 2021Q3, 2021H2, 2021 or 2021W37
    begins_on = models.DateField()
    ends_on = models.DateField()  # the first day that is no longer in the period
    due_at = models.DateTimeField()
    state = models.CharField(max_length=8, default=EXPECTED, choices=[(v, v) for v in (EXPECTED, MET, LATE, MISSING, WAIVED)])
    arrived = models.PositiveIntegerField(default=0)
    met_at = models.DateTimeField(null=True)
    met_by = models.ForeignKey(Record, models.PROTECT, null=True, related_name="meets")
    owner_post = models.ForeignKey(Post, models.PROTECT, null=True, db_index=False, related_name="+")
    organisation = models.ForeignKey(Organisation, models.PROTECT, null=True, db_index=False, related_name="+")
    remind_at = models.DateTimeField(null=True)  # when the owner is to be told next; None when nothing more is to come
    waived_by = models.ForeignKey(Account, models.PROTECT, null=True, related_name="+")
    waived_why = models.TextField(blank=True)

    objects = ExpectedQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["obligation", "of_key", "period"], name="expected_once"),
            models.CheckConstraint(condition=Q(ends_on__gt=F("begins_on")), name="expected_period_not_empty"),
            models.CheckConstraint(
                condition=Q(state__in=["met", "late"], met_at__isnull=False, met_by__isnull=False)
                | (~Q(state__in=["met", "late"]) & Q(met_at=None, met_by=None)),
                name="expected_met_by_something",
            ),
            models.CheckConstraint(condition=~Q(state="waived") | ~Q(waived_why=""), name="expected_waived_with_a_reason"),
        ]
        indexes = [
            models.Index(
                fields=["owner_post", "due_at"], name="expected_of_post", condition=Q(state__in=["expected", "missing"])
            ),
            models.Index(
                fields=["organisation", "due_at"], name="expected_of_office", condition=Q(state__in=["expected", "missing"])
            ),
            models.Index(fields=["obligation", "period"], name="expected_owed", condition=Q(state__in=["expected", "missing"])),
            models.Index(fields=["remind_at"], name="expected_to_remind", condition=Q(remind_at__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"{self.obligation} {self.of_key} {self.period}"
