"""An issue tracker as one writes it in an afternoon: issues, and a journal of what was done."""

from __future__ import annotations

from django.conf import settings
from django.db import models


class Issue(models.Model):
    subject = models.CharField(max_length=255)
    fields = models.JSONField(default=dict)
    stage = models.CharField(max_length=48, default="received")
    assigned_to = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    version = models.PositiveIntegerField(default=1)
    opened_at = models.DateTimeField(auto_now_add=True)
    closed_at = models.DateTimeField(null=True)
    due_at = models.DateTimeField(null=True)

    class Meta:
        app_label = "rest_alternative"
        indexes = [models.Index(fields=["assigned_to", "due_at", "id"], name="alternative_by_due")]


class Line(models.Model):
    issue = models.ForeignKey(Issue, models.PROTECT, related_name="journal")
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now_add=True)
    from_stage = models.CharField(max_length=48, blank=True)
    stage = models.CharField(max_length=48)
    body = models.JSONField(default=dict)

    class Meta:
        app_label = "rest_alternative"
