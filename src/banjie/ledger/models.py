"""The trail: entries that are only ever added, and what proves that none was altered."""

from __future__ import annotations

from django.db import models
from django.db.models import Func, Value

from banjie.ledger.queries import EntryQuerySet


class TransactionId(Func):
    """The number of the writing transaction on PostgreSQL; SQLite writes one at a time and needs none."""

    output_field = models.BigIntegerField()

    def as_sql(self, compiler, connection, **context):  # type: ignore[no-untyped-def]
        return "0", []

    def as_postgresql(self, compiler, connection, **context):  # type: ignore[no-untyped-def]
        return "(pg_current_xact_id()::text::bigint)", []


class Entry(models.Model):
    """One thing that was done: who, when, what, before and after, and why. Never changed, never removed.

    Entries about one subject form a chain (``record:17``, ``register:projects``, ``account:3``). ``hash`` covers
    the chain, the index, the hash before it and everything said here, with personal values as salted commitments.
    """

    chain = models.CharField(max_length=120)
    index = models.PositiveIntegerField()
    at = models.DateTimeField(db_index=True)
    loaded_at = models.DateTimeField(null=True)  # the wall clock, where `at` was simulated
    actor_id = models.BigIntegerField(null=True)  # no foreign key: an entry outlives every account
    actor = models.CharField(max_length=200)  # the name as it was
    verb = models.CharField(max_length=60)
    body = models.JSONField()
    why = models.TextField(blank=True)
    origin = models.CharField(max_length=60)  # web, cli, api, job, import:12, demo
    previous = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)
    tx = models.BigIntegerField(db_default=TransactionId(), db_index=True)

    objects = EntryQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["chain", "index"], name="entry_once_in_chain")]

    def __str__(self) -> str:
        return f"{self.chain}[{self.index}] {self.verb}"


class Head(models.Model):
    """Where each chain ends, so that a missing last entry is noticed and two writers take turns."""

    chain = models.CharField(max_length=120, primary_key=True)
    length = models.PositiveIntegerField()
    hash = models.CharField(max_length=64)


class PersonalValue(models.Model):
    """A personal value beside the chain. The entry holds SHA-256(salt ‖ canonical value); this row may be erased."""

    entry = models.ForeignKey(Entry, models.PROTECT, related_name="personal_values")
    path = models.CharField(max_length=200)
    salt = models.BinaryField(max_length=16)
    value = models.JSONField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["entry", "path"], name="personal_value_once")]
