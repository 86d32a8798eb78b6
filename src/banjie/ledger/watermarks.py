"""How far the trail has been read, so that whoever reads on misses nothing and reads nothing twice.

The highest id is no answer on PostgreSQL: ids are given when an entry is inserted, and an entry with a lower id can
be committed after one with a higher id. There the mark is a transaction snapshot, and an entry lies between two marks
if its transaction was visible in the new one and not in the old one. Whatever is visible in a snapshot is committed,
so any later transaction can read it: the two marks and the reading need not share a transaction.

SQLite has one writer at a time and gives ids in the order of commits; there the mark is the highest id.
"""

from __future__ import annotations

from typing import NamedTuple, NewType

from django.db import connection, transaction
from django.db.models import BooleanField, F, Func, Q, TextField, Value

from banjie.ledger import guards
from banjie.ledger.models import Checkpoint, Entry
from banjie.ledger.queries import EntryQuerySet
from banjie.lib.errors import Refusal
from banjie.lib.text import Text

Watermark = NewType("Watermark", str)  # opaque: keep it, compare it for equality, hand it back

# The first transaction number that nothing written here can have yet. One's own is not below the snapshot's end where no later
# transaction is over, so it counts by itself.
NEXT = (
    "GREATEST(pg_snapshot_xmax(pg_current_snapshot())::text::bigint,"
    " COALESCE(pg_current_xact_id_if_assigned()::text::bigint + 1, 0))"
)
ELSEWHERE = Text(
    "读取位置 {old} 不属于此数据库（可能由备份恢复），须从头重新读取",
    "the mark {old} was not made in this database (restored from a backup?): read the trail from its beginning again",
)
RESTORED = Text(
    "台账来自另一数据库的备份，须先执行 banjie migrate",
    "the trail was restored from a dump of another database: run banjie migrate first",
)


class StaleWatermark(Refusal):
    """The mark belongs to another database, or to a later state of this one. Read from the beginning."""


def current() -> Watermark:
    """The mark that covers everything committed by now.

    Must not be taken in a transaction that has written: on PostgreSQL that is a RuntimeError, because the snapshot
    could count entries as seen which may yet be rolled back.
    """
    return _current_snapshot() if connection.vendor == "postgresql" else _highest_id()


def entries_between(old: Watermark | None, new: Watermark) -> EntryQuerySet:
    """The entries that ``new`` covers and ``old`` does not (None covers nothing), by id. For large spans read
    ``.values_list(…).iterator(chunk_size=…)``. StaleWatermark if ``old`` cannot come before ``new`` here."""
    return _between_snapshots(old, new) if connection.vendor == "postgresql" else _between_ids(old, new)


def rebase() -> None:
    """After restoring a dump into another PostgreSQL: its transaction numbers mean nothing there, so all entries
    count as committed before anything else. Nothing that a hash covers is touched. Does nothing on SQLite.

    A checkpoint must follow before anything else is written: it tells which cluster the trail is in now (`actions.settle_in`)."""
    if connection.vendor != "postgresql":
        return
    with transaction.atomic():
        guards.take_down(connection)
        Entry.objects.exclude(tx=0).update(tx=0)
        guards.put_up(connection)


def moved_here() -> bool:
    """Whether the trail was written in another cluster than the one it lies in, so that it must be rebased."""
    if connection.vendor != "postgresql":
        return False
    last = Checkpoint.objects.order_by("-number").values_list("watermark", flat=True).first()
    if last is not None and cluster_of(last) != cluster():
        return True
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT COALESCE(MAX(tx), 0) >= {NEXT} FROM ledger_entry")  # noqa: S608 - a constant
        return bool(cursor.fetchone()[0])


def cluster() -> str:
    """What tells this database cluster from all others; "" on SQLite, whose ids are its own."""
    if connection.vendor != "postgresql":
        return ""
    with connection.cursor() as cursor:
        cursor.execute("SELECT system_identifier::text FROM pg_control_system()")
        return str(cursor.fetchone()[0])


def cluster_of(mark: str) -> str:
    """The cluster in which a mark was taken; "" for one of SQLite."""
    return mark.partition("@")[2]


def _highest_id() -> Watermark:
    with connection.cursor() as cursor:
        cursor.execute("SELECT COALESCE(MAX(id), 0) FROM ledger_entry")
        return Watermark(str(cursor.fetchone()[0]))


def _between_ids(old: Watermark | None, new: Watermark) -> EntryQuerySet:
    first, last = (_id(old) if old else 0), _id(new)
    if old and first > last:
        raise StaleWatermark(ELSEWHERE.format(old=old))
    return Entry.objects.filter(id__gt=first, id__lte=last).order_by("id")


def _id(mark: Watermark) -> int:
    if not mark.isdecimal():
        raise StaleWatermark(ELSEWHERE.format(old=mark))
    return int(mark)


class _Snapshot(NamedTuple):
    """A snapshot of one database cluster: everything below ``xmin`` is over, everything from ``xmax`` on is to come."""

    text: str
    xmin: int
    xmax: int
    cluster: str


def _current_snapshot() -> Watermark:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_current_xact_id_if_assigned() IS NOT NULL, pg_current_snapshot()::text,"
            " (SELECT system_identifier::text FROM pg_control_system()), (SELECT MAX(tx) FROM ledger_entry)"
        )
        has_written, snapshot, cluster, newest = cursor.fetchone()
    if has_written:
        raise RuntimeError("a watermark cannot be taken in a transaction that has written: take it before, or outside")
    mark = Watermark(f"{snapshot}@{cluster}")
    if (newest or 0) >= _snapshot(mark).xmax:
        raise StaleWatermark(RESTORED)
    return mark


def _snapshot(mark: Watermark) -> _Snapshot:
    text, at_sign, cluster = mark.partition("@")
    if not at_sign:
        raise StaleWatermark(ELSEWHERE.format(old=mark))
    xmin, xmax, _ = text.split(":")
    return _Snapshot(text, int(xmin), int(xmax), cluster)


def _between_snapshots(old: Watermark | None, new: Watermark) -> EntryQuerySet:
    end = _snapshot(new)
    found = Entry.objects.filter(Q(tx__lt=end.xmin) | Q(_visible_in(end)), tx__lt=end.xmax)
    if old:
        begin = _snapshot(old)
        if begin.cluster != end.cluster or begin.xmax > end.xmax:
            raise StaleWatermark(ELSEWHERE.format(old=old))
        found = found.filter(tx__gte=begin.xmin).exclude(_visible_in(begin))
    return found.order_by("id")


def _visible_in(snapshot: _Snapshot) -> Func:
    number = Func(F("tx"), template="%(expressions)s::text::xid8")
    taken = Func(Value(snapshot.text), template="%(expressions)s::pg_snapshot", output_field=TextField())
    return Func(number, taken, function="pg_visible_in_snapshot", output_field=BooleanField())
