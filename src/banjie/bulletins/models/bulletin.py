"""Bulletins as installed, and each issue of them: drafted, perhaps edited, published."""

from __future__ import annotations

from django.db import models

from banjie.bulletins.queries import IssueQuerySet
from banjie.lib.text import Text


class BulletinVersion(models.Model):
    """A bulletin's definition as installed. A new version is a new row; an issue keeps the one it was drafted with."""

    name = models.CharField(max_length=100)
    number = models.PositiveIntegerField()
    body = models.JSONField()
    pack = models.CharField(max_length=60)
    installed_at = models.DateTimeField()
    retired = models.BooleanField(default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["name", "number"], name="bulletin_version_once")]

    def __str__(self) -> str:
        return f"{self.name} v{self.number}"


class Issue(models.Model):
    """One issue of a bulletin, frozen to its as-of.

    ``frozen`` holds what was computed and never changes: the numbers with their figures, scopes and values, and the tables,
    rankings and charts (see ``freezing``). ``text_zh`` and ``text_en`` are Markdown in which each of these is a mark; a person may
    edit the words around the marks until the issue is published. ``watermark``: how far the ledger had been read, ``entry`` the
    newest entry it covers. ``statement`` is what the signature covers, as canonical JSON. A correction is another issue that
    names this one.
    """

    class State(models.TextChoices):
        DRAFT = "draft"
        PUBLISHED = "published"

    version = models.ForeignKey(BulletinVersion, models.PROTECT, related_name="issues")
    name = models.CharField(max_length=100, db_index=True)
    area = models.CharField(max_length=24)
    period = models.CharField(max_length=40)
    edition = models.PositiveIntegerField(default=1)
    corrects = models.ForeignKey("self", models.PROTECT, null=True, related_name="corrections")
    state = models.CharField(max_length=10, choices=State.choices, default=State.DRAFT)
    as_of = models.DateTimeField()
    watermark = models.CharField(max_length=200)
    entry = models.BigIntegerField()
    counted = models.CharField(max_length=1000)  # the registers whose figures it gives, by name, a blank between them
    listed = models.CharField(max_length=1000, blank=True)  # those of which it names single records
    frozen = models.JSONField()
    text_zh = models.TextField()
    text_en = models.TextField()
    turn = models.PositiveIntegerField(default=1)  # rises with each edit, so that two people do not overwrite each other
    drafted_at = models.DateTimeField()
    drafted_by = models.CharField(max_length=200)
    edited_at = models.DateTimeField(null=True)
    edited_by = models.CharField(max_length=200, blank=True)
    published_at = models.DateTimeField(null=True)
    published_by = models.CharField(max_length=200, blank=True)
    statement = models.JSONField(null=True)
    public_key = models.CharField(max_length=64, blank=True)
    signature = models.CharField(max_length=128, blank=True)

    objects = IssueQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["name", "area", "period", "edition"], name="issue_edition_once"),
            models.UniqueConstraint(
                fields=["name", "area", "period"], condition=models.Q(state="draft"), name="issue_one_draft_at_a_time"
            ),
            models.CheckConstraint(
                condition=models.Q(state="draft", published_at=None, signature="")
                | (models.Q(state="published", published_at__isnull=False) & ~models.Q(signature="")),
                name="issue_published_is_signed",
            ),
        ]
        indexes = [models.Index(fields=["state", "-as_of"], name="issue_newest")]

    def __str__(self) -> str:
        return f"{self.name} {self.area} {self.period} [{self.edition}]"

    @property
    def title(self) -> Text:
        return Text.of(self.frozen["title"])

    @property
    def area_title(self) -> Text:
        return Text.of(self.frozen["area_title"])

    @property
    def period_title(self) -> Text:
        return Text.of(self.frozen["period_title"])

    @property
    def published(self) -> bool:
        return self.state == self.State.PUBLISHED
