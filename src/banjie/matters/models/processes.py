"""Processes as installed, the calendars under which clocks run, and the moves of matters between versions."""

from __future__ import annotations

import json
from typing import Any

from django.db import models
from django.db.models import Q

from banjie.people.models import Account


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


class Relocation(models.Model):
    """An explicit move of open matters to another version of their process: the list of what was moved, so that it can be undone."""

    process = models.CharField(max_length=60)
    to_number = models.PositiveIntegerField()
    mapping = models.JSONField()  # old stage → new stage, where they differ
    moved = models.JSONField()  # [{matter, from_number, from_stage, to_stage, version}]
    at = models.DateTimeField()
    by = models.ForeignKey(Account, models.PROTECT, null=True, related_name="+")
    undone_at = models.DateTimeField(null=True)
