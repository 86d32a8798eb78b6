"""Registers as installed, and the records in them. Everything the office keeps is a ``Record``."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from banjie.people.models import Account
from banjie.places.models import Area
from banjie.registers.queries import RecordQuerySet


class RegisterVersion(models.Model):
    """A register's definition as installed. A new version is a new row; entries name the version they were made under."""

    name = models.CharField(max_length=60)
    number = models.PositiveIntegerField()
    body = models.JSONField()
    digest = models.CharField(max_length=64)  # SHA-256 of the canonical body
    pack = models.CharField(max_length=60)
    installed_at = models.DateTimeField()
    retired = models.BooleanField(default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["name", "number"], name="register_version_once")]

    def __str__(self) -> str:
        return f"{self.name} v{self.number}"


class Record(models.Model):
    """A row of a register. ``data`` holds the stored form of every field (decimals and dates as text)."""

    register = models.CharField(max_length=60)
    key = models.CharField(max_length=200)
    label = models.CharField(max_length=500)
    area = models.ForeignKey(Area, models.PROTECT, null=True, related_name="records")
    parent = models.ForeignKey("self", models.PROTECT, null=True, related_name="children")
    data = models.JSONField()
    search = models.TextField(blank=True)  # what may be searched, normalised; see search.py
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    removed_at = models.DateTimeField(null=True)

    objects = RecordQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["register", "key"], name="record_key_once"),
            models.CheckConstraint(condition=Q(updated_at__gte=F("created_at")), name="record_updated_after_created"),
        ]
        indexes = [
            models.Index(fields=["register", "-updated_at", "-id"], name="record_recent"),
            models.Index(fields=["register", "area", "id"], name="record_area"),
            models.Index(fields=["register", "-updated_at"], name="record_removed", condition=Q(removed_at__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"{self.register}/{self.key}"

    @property
    def chain(self) -> str:
        """The record's chain in the ledger."""
        return f"record:{self.pk}"


class StoredFile(models.Model):
    """A file once, by the hash of its content."""

    sha256 = models.CharField(max_length=64, primary_key=True)
    size = models.PositiveBigIntegerField()
    media_type = models.CharField(max_length=100)
    stored_at = models.DateTimeField()


class Attachment(models.Model):
    """A file that belongs to a record."""

    record = models.ForeignKey(Record, models.PROTECT, related_name="attachments")
    file = models.ForeignKey(StoredFile, models.PROTECT, related_name="attachments")
    name = models.CharField(max_length=255)
    attached_at = models.DateTimeField()
    attached_by = models.ForeignKey(Account, models.PROTECT, null=True)
    removed_at = models.DateTimeField(null=True)


class SavedView(models.Model):
    """A filter, search and order of a register that somebody keeps under a name, for themselves or for all."""

    account = models.ForeignKey(Account, models.CASCADE, related_name="saved_views")
    register = models.CharField(max_length=60)
    name = models.CharField(max_length=80)
    query = models.JSONField()
    shared = models.BooleanField(default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account", "register", "name"], name="saved_view_once")]


class ImportRun(models.Model):
    """One import of a sheet: what was asked, how far it is, what came of it."""

    WAITING, CHECKING, WRITING, DONE, REFUSED, FAILED = "waiting", "checking", "writing", "done", "refused", "failed"

    register = models.CharField(max_length=60)
    account = models.ForeignKey(Account, models.PROTECT)
    file = models.ForeignKey(StoredFile, models.PROTECT)
    name = models.CharField(max_length=255)
    dry_run = models.BooleanField(default=True)
    partial = models.BooleanField(default=False)
    state = models.CharField(max_length=10, default=WAITING)
    rows = models.PositiveIntegerField(default=0)
    created = models.PositiveIntegerField(default=0)
    updated = models.PositiveIntegerField(default=0)
    unchanged = models.PositiveIntegerField(default=0)
    problems = models.JSONField(default=list)
    asked_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
