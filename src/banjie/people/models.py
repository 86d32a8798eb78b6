"""Who works here, in which post, with which duties, and what they may do where."""

from __future__ import annotations

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.db.models import F, Q

from banjie.lib.text import Text
from banjie.people.queries import DatedQuerySet, GrantQuerySet
from banjie.people.verbs import Verb
from banjie.places.models import Area

ENDS_AFTER_IT_BEGINS = Q(ends_on__isnull=True) | Q(ends_on__gt=F("begins_on"))


class Account(AbstractUser):
    """A person who can log in. ``name`` is what the ledger and the screens call them."""

    name_zh = models.CharField(max_length=100)
    name_en = models.CharField(max_length=100, blank=True)

    def __str__(self) -> str:
        return str(self.name)

    @property
    def name(self) -> Text:
        return Text(self.name_zh or self.username, self.name_en or self.name_zh or self.username)


class Organisation(models.Model):
    """A government, subdistrict office, bureau, station or company that has posts."""

    code = models.SlugField(max_length=60, unique=True)
    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="children")
    area = models.ForeignKey(Area, models.PROTECT)
    name_zh = models.CharField(max_length=200)
    name_en = models.CharField(max_length=200)

    def __str__(self) -> str:
        return str(self.name)

    @property
    def name(self) -> Text:
        return Text(self.name_zh, self.name_en)


class Post(models.Model):
    """A chair in an organisation; people come and go, the post and its grants stay."""

    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="posts")
    code = models.SlugField(max_length=60, unique=True)
    name_zh = models.CharField(max_length=200)
    name_en = models.CharField(max_length=200)

    def __str__(self) -> str:
        return str(self.name)

    @property
    def name(self) -> Text:
        return Text(self.name_zh, self.name_en)


class Appointment(models.Model):
    """Who holds a post, from when and until when (the first day on which no longer)."""

    account = models.ForeignKey(Account, models.PROTECT, related_name="appointments")
    post = models.ForeignKey(Post, models.PROTECT, related_name="appointments")
    begins_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)

    objects = DatedQuerySet.as_manager()

    class Meta:
        constraints = [models.CheckConstraint(condition=ENDS_AFTER_IT_BEGINS, name="appointment_ends_after_it_begins")]


class Duty(models.Model):
    """A role for an area or for one record: sponsor leader of a project, reporter of a town. Held by a post."""

    post = models.ForeignKey(Post, models.PROTECT, related_name="duties")
    role = models.SlugField(max_length=60)
    area = models.ForeignKey(Area, models.PROTECT, null=True, blank=True)
    register = models.CharField(max_length=60, blank=True)
    key = models.CharField(max_length=120, blank=True)
    begins_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)

    objects = DatedQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["register", "key", "role"], name="duty_of_record")]
        constraints = [
            models.CheckConstraint(condition=ENDS_AFTER_IT_BEGINS, name="duty_ends_after_it_begins"),
            models.CheckConstraint(condition=Q(area__isnull=False) ^ ~Q(key=""), name="duty_for_an_area_or_a_record"),
        ]


class Grant(models.Model):
    """What a post may do: one verb, on one register (``*`` for all), in one area and all below it."""

    post = models.ForeignKey(Post, models.PROTECT, related_name="grants")
    verb = models.CharField(max_length=20, choices=[(v.value, v.value) for v in Verb])
    register = models.CharField(max_length=60)
    area = models.ForeignKey(Area, models.PROTECT)

    objects = GrantQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["post", "verb", "register", "area"], name="grant_once")]
