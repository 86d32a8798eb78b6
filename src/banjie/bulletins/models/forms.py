"""Blank forms that the office keeps, and each time one was filled."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from banjie.bulletins.queries_of_forms import FormMappingQuerySet
from banjie.people.models import Account, Organisation
from banjie.registers.models import Record, StoredFile


class FormMapping(models.Model):
    """A form that was seen here: the blank file, and, once a person has confirmed them, what its headings mean.

    ``fingerprint`` is of the layout (see ``forms.fingerprint``), so the form of next month is the same one. ``body`` holds
    ``{"heads": {key: meaning}, "lists": {key: {register, filters, order, descending}}}``. It belongs to an organisation; the system
    and whoever is in no post keep theirs without one.
    """

    fingerprint = models.CharField(max_length=64)
    organisation = models.ForeignKey(Organisation, models.PROTECT, null=True, related_name="forms")
    title = models.CharField(max_length=200)
    file = models.ForeignKey(StoredFile, models.PROTECT, related_name="forms")
    name = models.CharField(max_length=255)  # of the file as it came
    body = models.JSONField(default=dict)
    turn = models.PositiveIntegerField(default=0)  # how often it was confirmed; 0: never
    confirmed_at = models.DateTimeField(null=True)
    confirmed_by = models.CharField(max_length=200, blank=True)
    received_at = models.DateTimeField()
    received_by = models.ForeignKey(Account, models.PROTECT, null=True, related_name="+")
    removed_at = models.DateTimeField(null=True)

    objects = FormMappingQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["fingerprint", "organisation"],
                condition=Q(organisation__isnull=False, removed_at=None),
                name="form_once_in_an_organisation",
            ),
            models.UniqueConstraint(
                fields=["fingerprint"], condition=Q(organisation__isnull=True, removed_at=None), name="form_once_without_one"
            ),
            models.CheckConstraint(
                condition=Q(turn=0, confirmed_at=None) | Q(turn__gt=0, confirmed_at__isnull=False),
                name="form_confirmed_has_a_time",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def chain(self) -> str:
        return f"form:{self.pk}"

    @property
    def confirmed(self) -> bool:
        return self.turn > 0


class Filling(models.Model):
    """One time that a form was filled, for an area and a period. Its counts are those of the record, by which figures count."""

    fingerprint = models.CharField(max_length=64)
    mapping = models.ForeignKey(FormMapping, models.PROTECT, null=True, related_name="fillings")
    record = models.ForeignKey(Record, models.PROTECT, related_name="+")
    area = models.CharField(max_length=24, blank=True)
    period = models.CharField(max_length=40, blank=True)
    as_of = models.DateTimeField()
    cells = models.PositiveIntegerField()
    blanks = models.PositiveIntegerField()
    filled_at = models.DateTimeField()
    filled_by = models.ForeignKey(Account, models.PROTECT, null=True, related_name="+")

    objects: models.Manager[Filling]

    class Meta:
        indexes = [models.Index(fields=["mapping", "-filled_at"], name="filling_newest")]


class AskedFact(models.Model):
    """A fact that a form has asked for: which figure, area, period and part, or which field of which record. Only its hash is kept,
    with the form that asked first."""

    fact = models.CharField(max_length=64)
    fingerprint = models.CharField(max_length=64)

    objects: models.Manager[AskedFact]

    class Meta:
        constraints = [models.UniqueConstraint(fields=["fact", "fingerprint"], name="fact_once_a_form")]
