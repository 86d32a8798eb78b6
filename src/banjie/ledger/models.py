"""The trail: entries that are only ever added, and what proves that none was altered."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Func

from banjie.ledger.queries import EntryQuerySet


class TransactionId(Func):
    """The number of the writing transaction on PostgreSQL; SQLite writes one at a time and needs none."""

    output_field = models.BigIntegerField()

    def as_sql(self, compiler, connection, **context):  # type: ignore[no-untyped-def,override]
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
    tx = models.BigIntegerField(db_default=TransactionId())  # indexed on PostgreSQL alone, in the migration

    objects: ClassVar[EntryQuerySet] = EntryQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        constraints = [models.UniqueConstraint(fields=["chain", "index"], name="entry_once_in_chain")]

    def __str__(self) -> str:
        return f"{self.chain}[{self.index}] {self.verb}"


class Head(models.Model):
    """Where each chain ends, so that a missing last entry is noticed and two writers take turns."""

    chain = models.CharField(max_length=120, primary_key=True)
    length = models.PositiveIntegerField()
    hash = models.CharField(max_length=64)

    def __str__(self) -> str:
        return f"{self.chain}: {self.length}"


class PersonalValue(models.Model):
    """A personal value beside the chain. The entry holds SHA-256(salt ‖ canonical value); this row may be erased."""

    entry = models.ForeignKey(Entry, models.PROTECT, related_name="personal_values")
    path = models.CharField(max_length=200)
    salt = models.BinaryField(max_length=16)
    value = models.JSONField()  # {"before": …, "after": …}

    class Meta:
        constraints = [models.UniqueConstraint(fields=["entry", "path"], name="personal_value_once")]

    def __str__(self) -> str:
        return f"{self.entry_id} {self.path}"


class Checkpoint(models.Model):
    """A signed statement: of the entries up to ``watermark``, in the order in which they were sealed, there are
    ``size`` and their RFC 6962 Merkle root is ``root``. ``previous`` is the digest of the statement before it."""

    number = models.PositiveIntegerField(unique=True)  # 1, 2, 3 …
    at = models.DateTimeField()
    watermark = models.TextField()
    size = models.BigIntegerField()
    root = models.CharField(max_length=64)
    frontier = models.BinaryField()  # roots of the complete subtrees, largest first, 32 bytes each
    previous = models.CharField(max_length=64)
    key = models.CharField(max_length=64)  # the Ed25519 public key; trusted only if the key folder knows it
    signature = models.CharField(max_length=128)

    def __str__(self) -> str:
        return f"checkpoint {self.number}: {self.size} entries"


class SealedBlock(models.Model):
    """Up to 1024 sealed entries, 48 bytes each: id (big-endian, 8 bytes), hash (32 bytes), transaction (8 bytes). Each 48 bytes
    are one leaf of the tree, so what a checkpoint signed can be held against the entries one by one."""

    start = models.BigIntegerField(unique=True)  # number of leaves before this block
    count = models.PositiveIntegerField()
    leaves = models.BinaryField()

    def __str__(self) -> str:
        return f"leaves {self.start} to {self.start + self.count - 1}"
