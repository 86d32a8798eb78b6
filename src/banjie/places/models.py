"""Areas, their boundaries, and the official calendar."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from banjie.lib.text import Text
from banjie.places.queries import AreaQuerySet, SuccessionQuerySet


class Area(models.Model):
    """A province, city, county, town, village or grid, for as long as its code was in force.

    A code never changes its meaning: an area that is split or moved is closed (``valid_to``) and its successors are
    new rows, tied to it by ``Succession``. So a record keeps the area it was made in.
    """

    LEVELS = ["province", "city", "county", "town", "village", "grid"]

    code = models.CharField(max_length=24, primary_key=True)
    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="children")
    level = models.CharField(max_length=12, choices=[(v, v) for v in LEVELS])
    name_zh = models.CharField(max_length=100)
    name_en = models.CharField(max_length=100)
    valid_from = models.DateField(default="1949-10-01")
    valid_to = models.DateField(null=True, blank=True)  # the first day on which it is no longer in force

    objects = AreaQuerySet.as_manager()

    class Meta:
        ordering = ["code"]
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gt=F("valid_from")), name="area_ends_after_it_begins"
            ),
        ]

    def __str__(self) -> str:
        return str(self.name)

    @property
    def name(self) -> Text:
        return Text(self.name_zh, self.name_en)


class Succession(models.Model):
    """``successor`` took over from ``predecessor`` (a split, a merger, a transfer) on a day."""

    predecessor = models.ForeignKey(Area, models.PROTECT, related_name="successions")
    successor = models.ForeignKey(Area, models.PROTECT, related_name="origins")
    on = models.DateField()

    objects = SuccessionQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["predecessor", "successor"], name="succession_once")]


class Boundary(models.Model):
    """The outline of an area as GeoJSON (WGS 84). ``schematic`` outlines are drawn for a demonstration only."""

    area = models.OneToOneField(Area, models.CASCADE, related_name="boundary")
    geojson = models.JSONField()
    source = models.CharField(max_length=300)
    schematic = models.BooleanField(default=False)


class CalendarYear(models.Model):
    """Whether the days off of a year are official or estimated, and by which notice."""

    OFFICIAL, ESTIMATE = "official", "estimate"

    year = models.PositiveSmallIntegerField(primary_key=True)
    status = models.CharField(max_length=10, choices=[(OFFICIAL, OFFICIAL), (ESTIMATE, ESTIMATE)])
    source = models.CharField(max_length=300)


class CalendarDay(models.Model):
    """A day entered by hand, which overrules the shipped calendar: a day off, a make-up workday, a half day."""

    WORKDAY, DAY_OFF, MORNING, AFTERNOON = "workday", "day_off", "morning", "afternoon"

    date = models.DateField(primary_key=True)
    kind = models.CharField(max_length=10, choices=[(v, v) for v in (WORKDAY, DAY_OFF, MORNING, AFTERNOON)])
    name_zh = models.CharField(max_length=60)
    name_en = models.CharField(max_length=60)
    source = models.CharField(max_length=300)
