"""Figures as installed, and figures as published."""

from __future__ import annotations

from django.db import models

from banjie.lib.text import Text


class FigureVersion(models.Model):
    """A figure's definition as installed. A new version is a new row; what was published names the hash of its own."""

    name = models.CharField(max_length=100)
    number = models.PositiveIntegerField()
    body = models.JSONField()
    pack = models.CharField(max_length=60)
    installed_at = models.DateTimeField()
    retired = models.BooleanField(default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["name", "number"], name="figure_version_once")]

    def __str__(self) -> str:
        return f"{self.name} v{self.number}"


class Publication(models.Model):
    """A figure as it was published: what was said, signed. Never changed; a correction is a new one that names this one.

    ``body`` is what the signature covers, as canonical JSON: figure, area, period, as-of, value, unit, display, basis, status,
    the definition's hash, the number of rows and the digest of the set of rows, and the publication corrected, if any.
    """

    figure = models.CharField(max_length=100, db_index=True)
    area = models.CharField(max_length=24, blank=True)
    period = models.CharField(max_length=40, blank=True)
    vintage = models.PositiveIntegerField()
    corrects = models.ForeignKey("self", models.PROTECT, null=True, related_name="corrections")
    body = models.JSONField()
    public_key = models.CharField(max_length=64)
    signature = models.CharField(max_length=128)
    published_at = models.DateTimeField()
    published_by = models.CharField(max_length=200)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["figure", "area", "period", "vintage"], name="publication_vintage_once")]
        indexes = [models.Index(fields=["figure", "area", "period"], name="publication_of")]

    def __str__(self) -> str:
        return f"{self.figure} {self.area} {self.period} [{self.vintage}]"

    @property
    def display(self) -> Text:
        """The value as it was printed."""
        return Text.of(self.body["display"])
