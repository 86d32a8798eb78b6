"""Ballots as rows. Which household took part and what was chosen never stand in one row, nor in two with anything in common:
there are no rows of choices at all, only one sealed tally for each ballot (ADR 14)."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import F, Q

from banjie.matters.models.matters import Matter
from banjie.people.models import Account
from banjie.registers.models import StoredFile


class Ballot(models.Model):
    """A ballot over one matter. Its rule and its electorate are frozen when it opens; ``result`` is what was published."""

    OPEN, CLOSED = "open", "closed"
    FROZEN = ("matter_id", "code", "question", "rule", "rule_digest", "electorate_digest", "heads", "area", "opened_at")

    matter = models.ForeignKey(Matter, models.PROTECT, related_name="ballots")
    code = models.CharField(max_length=16, unique=True)  # in the address of its public notice
    question = models.TextField()
    rule = models.JSONField()
    rule_digest = models.CharField(max_length=64)  # SHA-256 of the canonical rule and question
    electorate_digest = models.CharField(max_length=64)  # of every household with its area
    heads = models.PositiveIntegerField()
    area = models.DecimalField(max_digits=16, decimal_places=4)
    opened_at = models.DateTimeField()
    opened_by = models.ForeignKey(Account, models.PROTECT, null=True, related_name="+")
    closes_at = models.DateTimeField()
    extensions = models.PositiveIntegerField(default=0)
    codes_issued = models.BooleanField(default=False)
    tally = models.BinaryField(default=bytes)  # encrypted, of one length whatever it holds; empty once the ballot is closed
    closed_at = models.DateTimeField(null=True)
    state = models.CharField(max_length=6, default=OPEN, choices=[(v, v) for v in (OPEN, CLOSED)])
    result = models.JSONField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["matter"], condition=Q(state="open"), name="ballot_one_open"),
            models.CheckConstraint(
                condition=Q(state="open", closed_at__isnull=True, result__isnull=True)
                | Q(state="closed", closed_at__isnull=False, result__isnull=False),
                name="ballot_closed_with_a_result",
            ),
            models.CheckConstraint(condition=Q(closes_at__gt=F("opened_at")), name="ballot_closes_after_opening"),
            models.CheckConstraint(
                condition=Q(closed_at__isnull=True) | Q(closed_at__gte=F("closes_at")), name="ballot_not_closed_early"
            ),
            models.CheckConstraint(condition=Q(heads__gte=1, area__gt=0), name="ballot_has_an_electorate"),
        ]
        indexes = [models.Index(fields=["state", "closes_at"], name="ballot_by_closing")]

    def __str__(self) -> str:
        return f"{self.code} ({self.state})"

    @property
    def rule_body(self) -> dict[str, Any]:
        body: dict[str, Any] = self.rule
        return body

    @property
    def chain(self) -> str:
        return f"ballot:{self.pk}"


class Elector(models.Model):
    """A household that may vote in a ballot, with the area of all its units. ``code_hash``: of its one-time code."""

    ballot = models.ForeignKey(Ballot, models.PROTECT, related_name="electors")
    household = models.CharField(max_length=200)  # its key in its register
    area = models.DecimalField(max_digits=14, decimal_places=4)
    code_hash = models.CharField(max_length=64, null=True, unique=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["ballot", "household"], name="elector_one_household_one_ballot"),
            models.CheckConstraint(condition=Q(area__gt=0), name="elector_has_area"),
        ]

    def __str__(self) -> str:
        return self.household


class Turnout(models.Model):
    """That a household took part: one row for each at most, without a number of its own, and only the day. Not what it chose."""

    WAYS = ("code", "paper")

    elector = models.OneToOneField(Elector, models.PROTECT, primary_key=True, related_name="turnout")
    way = models.CharField(max_length=5, choices=[(v, v) for v in WAYS])
    day = models.DateField()
    evidence = models.ForeignKey(StoredFile, models.PROTECT, null=True, related_name="+")  # the signed stub of a paper ballot

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(way="code", evidence__isnull=True) | Q(way="paper", evidence__isnull=False),
                name="turnout_on_paper_is_signed",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.elector_id} ({self.way})"
