"""Who works here, in which post, with which duties, and what they may do where."""

from __future__ import annotations

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.db.models import F, Q

from banjie.lib.text import Text
from banjie.people.queries import AppointmentQuerySet, DutyQuerySet, GrantQuerySet, TokenQuerySet
from banjie.people.verbs import Verb
from banjie.places.models import Area

FOR_AN_AREA = Q(area__isnull=False, key="")
FOR_A_RECORD = Q(area__isnull=True) & ~Q(register="") & ~Q(key="")
# ends_on is the first day on which no longer: one that ends on the day it begins was taken back and never in force
NOT_ENDED_BEFORE_BEGUN = Q(ends_on__isnull=True) | Q(ends_on__gte=F("begins_on"))


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

    objects = AppointmentQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=NOT_ENDED_BEFORE_BEGUN, name="appointment_not_ended_before_begun"),
            models.UniqueConstraint(fields=["account", "post"], condition=Q(ends_on__isnull=True), name="appointment_open_once"),
        ]

    def __str__(self) -> str:
        return f"{self.account_id} → {self.post_id}, {self.begins_on} – {self.ends_on or ''}"


class Role(models.Model):
    """What a duty is called: sponsor leader, responsible unit, reporter. Named by the packs."""

    name = models.SlugField(max_length=60, primary_key=True)
    title_zh = models.CharField(max_length=200)
    title_en = models.CharField(max_length=200)

    def __str__(self) -> str:
        return str(self.title)

    @property
    def title(self) -> Text:
        return Text(self.title_zh, self.title_en)


class Duty(models.Model):
    """A role for an area or for one record: sponsor leader of a project, reporter of a town. Held by a post.

    For an area: ``area`` is set, ``register`` narrows it to one register, ``key`` is empty.
    For a record: ``register`` and ``key`` are set, ``area`` is not.
    """

    post = models.ForeignKey(Post, models.PROTECT, related_name="duties")
    role = models.SlugField(max_length=60)  # a Role's name; assign_duty holds it to one
    area = models.ForeignKey(Area, models.PROTECT, null=True, blank=True)
    register = models.CharField(max_length=60, blank=True)
    key = models.CharField(max_length=120, blank=True)
    begins_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)

    objects = DutyQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["register", "key", "role"], name="duty_of_record")]
        constraints = [
            models.CheckConstraint(condition=NOT_ENDED_BEFORE_BEGUN, name="duty_not_ended_before_begun"),
            models.CheckConstraint(condition=FOR_AN_AREA | FOR_A_RECORD, name="duty_for_an_area_or_a_record"),
            models.UniqueConstraint(
                fields=["post", "role", "area", "register"],
                condition=FOR_AN_AREA & Q(ends_on__isnull=True),
                name="duty_for_an_area_open_once",
            ),
            models.UniqueConstraint(
                fields=["post", "role", "register", "key"],
                condition=FOR_A_RECORD & Q(ends_on__isnull=True),
                name="duty_for_a_record_open_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.role}: {self.area_id or f'{self.register}/{self.key}'}"


class Grant(models.Model):
    """What a post may do: one verb, on one register (``*`` for all), in one area and all below it."""

    post = models.ForeignKey(Post, models.PROTECT, related_name="grants")
    verb = models.CharField(max_length=20, choices=[(v.value, v.value) for v in Verb])
    register = models.CharField(max_length=60)
    area = models.ForeignKey(Area, models.PROTECT)

    objects = GrantQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["post", "verb", "register", "area"], name="grant_once")]

    def __str__(self) -> str:
        return f"{self.verb} {self.register} {self.area_id}"


class ConfidentialRegister(models.Model):
    """A register that no grant on all registers reaches: it is read by whoever was granted it by name. Said by its definition when
    that is installed, kept here because it is asked for wherever permissions are."""

    name = models.CharField(max_length=60, primary_key=True)

    def __str__(self) -> str:
        return self.name


class Token(models.Model):
    """What a program shows to act as an account. The secret is shown once and kept as its SHA-256; the prefix names the token."""

    account = models.ForeignKey(Account, models.PROTECT, related_name="tokens")
    name = models.CharField(max_length=100)  # what it is for: "service desk telephone line"
    prefix = models.CharField(max_length=12, unique=True)
    digest = models.CharField(max_length=64)
    read_only = models.BooleanField(default=False)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)  # to the hour

    objects = TokenQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(expires_at__gt=F("created_at")), name="token_expires_after_its_making"),
        ]

    def __str__(self) -> str:
        return f"{self.prefix} {self.name}"
