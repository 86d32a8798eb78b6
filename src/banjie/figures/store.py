"""The store of versions: every state every record has had, in a DuckLake, kept in step with the ledger.

Before a figure is computed the store catches up: it reads the ledger's entries after its watermark, under a lock, and writes
their versions **and the new watermark in one transaction of the lake**. Killed at any moment, it has done all or nothing. The
ledger is the truth; the lake can be thrown away and made again (``rebuild``), and is, when its watermark does not fit the
ledger (a restored backup).

A version that is followed by another must be closed (``_to``). Rewriting rows among millions for a handful of changes would
cost a scan, so few closings are kept beside the tables (``lake.closings``) and folded into them when they have become many.
"""

# ruff: noqa: S608 - names come from definitions, whose pattern admits a-z, 0-9 and _ only; values are quoted or bound
from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import NamedTuple

import duckdb
from django.conf import settings
from django.db import connection
from django.db.models import Max, TextField
from django.db.models.functions import Cast
from filelock import FileLock

from banjie.figures import tables
from banjie.figures.engine import CATALOG, LAKE, SCHEMA, open_engine
from banjie.ledger.models import Entry
from banjie.ledger.queries import EntryQuerySet
from banjie.ledger.watermarks import StaleWatermark, Watermark, current, entries_between
from banjie.registers.catalogue import version
from banjie.registers.definition import Register
from banjie.registers.models import RegisterVersion
from banjie.registers.trail import STATES

CHUNK = 50_000  # entries read from the ledger at a time
FEW_CLOSINGS = 2_000  # up to so many are kept beside the tables, and no more than FOLD_AT in all
FOLD_AT = 10_000
TAIL_AT = 20_000  # rows inlined in the catalog before they are written out as Parquet
ADVISORY_LOCK = 0x666967757265  # "figure": one catch-up at a time among all processes on a PostgreSQL
FORMAT = 1  # of the lake's tables; a lake of another format is made anew
MARK = f"{LAKE}.watermark"


class Mark(NamedTuple):
    """How far the lake has read: the ledger's watermark, the last entry with its hash, and what waits to be tidied."""

    watermark: Watermark | None
    entry: int
    hash: str
    closings: int
    tail: int
    n: int = 0  # marks are numbered; the highest counts


NOTHING = Mark(None, 0, "", 0, 0)


@dataclass
class Lake:
    """The lake as this process has it open."""

    root: Path
    process: int
    engine: duckdb.DuckDBPyConnection
    shapes: dict[str, int]  # the definition each table was last fitted to
    seen: tuple[object, Mark] | None = None  # the lake's newest state seen here, and the mark it holds

    @contextmanager
    def cursor(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """A connection of its own to the same engine; threads do not share one."""
        cursor = self.engine.cursor()
        try:
            yield cursor
        finally:
            cursor.close()


class Reading(NamedTuple):
    """A view of the lake that does not change while it is used."""

    cursor: duckdb.DuckDBPyConnection
    closings: bool  # whether closings wait beside the tables and must be looked at


_lake: Lake | None = None


@contextmanager
def reading() -> Iterator[Reading]:
    """Catch up, then give a cursor in one read transaction of the lake."""
    lake, numbers = _opened(), _newest_numbers()
    with lake.cursor() as cursor:
        cursor.execute("BEGIN")
        mark = _mark(lake, cursor)
        if not _up_to_date(lake, numbers, mark):
            cursor.execute("ROLLBACK")
            with _alone(lake.root):
                _advance(lake, numbers)
            cursor.execute("BEGIN")
            mark = _mark(lake, cursor)
        try:
            yield Reading(cursor, mark.closings > 0)
        finally:
            with suppress(duckdb.Error):  # the transaction only read; an error inside has already ended it
                cursor.execute("ROLLBACK")


def catch_up() -> Lake:
    """Bring the lake up to the ledger's end as committed by now. Cheap when there is nothing new."""
    lake, numbers = _opened(), _newest_numbers()
    with lake.cursor() as cursor:
        mark = _mark(lake, cursor)
    if _up_to_date(lake, numbers, mark):
        return lake
    with _alone(lake.root):
        _advance(lake, numbers)
    return lake


def _up_to_date(lake: Lake, numbers: dict[str, int], mark: Mark) -> bool:
    if mark.watermark is None or lake.shapes != numbers or not _fits_ledger(mark):
        return False
    now = current()
    return mark.watermark == now or not entries_between(mark.watermark, now).exists()


def rebuild() -> None:
    """Throw away what the lake holds and make it again from the ledger. The answers are the same."""
    with _alone(_root()):
        try:
            lake = _opened()
        except duckdb.Error:  # the catalog itself is damaged
            reset()
            lake = _opened()
        with lake.cursor() as cursor:
            _clear(cursor, lake)
        _advance(lake, _newest_numbers())


def reset() -> None:
    """Delete the lake's files and catalog; the next figure makes it again. No other process may have it open."""
    with _alone(_root()):
        close()
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute(f'DROP SCHEMA IF EXISTS "{SCHEMA}" CASCADE')
        for name in ("data", "temp"):
            shutil.rmtree(_root() / name, ignore_errors=True)
        for leftover in _root().glob(f"{CATALOG}*"):
            leftover.unlink()


def maintain() -> None:
    """Fold closings, write inlined rows out, merge small files, drop what no snapshot needs. For a nightly job."""
    lake = catch_up()
    with _alone(lake.root), lake.cursor() as cursor:
        with _transaction(cursor):
            mark = _mark(lake, cursor)
            _fold(cursor, list(lake.shapes))
            cursor.execute(f"DELETE FROM {MARK}")
            _write_mark(cursor, mark._replace(closings=0, tail=0))
        _flush(cursor)
        cursor.execute(f"CALL ducklake_rewrite_data_files('{LAKE}')")
        cursor.execute(f"CALL ducklake_merge_adjacent_files('{LAKE}')")
        cursor.execute(f"CALL ducklake_expire_snapshots('{LAKE}', older_than => now() - INTERVAL 1 DAY)")
        cursor.execute(f"CALL ducklake_cleanup_old_files('{LAKE}', older_than => now() - INTERVAL 1 DAY)")
        cursor.execute(f"CALL ducklake_delete_orphaned_files('{LAKE}', older_than => now() - INTERVAL 1 DAY)")


def close() -> None:
    """Let go of the lake in this process."""
    global _lake
    if _lake is not None and _lake.process == os.getpid():
        _lake.engine.close()
    _lake = None


def _root() -> Path:
    return Path(settings.LAKE_ROOT)


def _opened() -> Lake:
    """The lake of this process; opened anew after a fork and when the settings name another folder."""
    global _lake
    lake = _lake
    if lake is not None and lake.process == os.getpid() and lake.root == _root():
        return lake
    with _alone(_root()):
        if _lake is None or _lake.process != os.getpid() or _lake.root != _root():
            engine = open_engine(_root())
            _prepare(engine)
            _lake = Lake(_root(), os.getpid(), engine, {})
        return _lake


def _prepare(engine: duckdb.DuckDBPyConnection) -> None:
    with _transaction(engine):
        engine.execute(
            f"CREATE TABLE IF NOT EXISTS {MARK} (format INTEGER, watermark VARCHAR, entry BIGINT, hash VARCHAR, closings BIGINT, tail BIGINT, n BIGINT)"
        )
        engine.execute(f"CREATE TABLE IF NOT EXISTS {tables.CLOSINGS} (_entry BIGINT, _at TIMESTAMP)")


def _clear(cursor: duckdb.DuckDBPyConnection, lake: Lake) -> None:
    """Drop every table of records and forget the mark, in one transaction; other processes have the lake open."""
    rows = cursor.execute(f"SELECT DISTINCT table_name FROM duckdb_columns() WHERE database_name = '{LAKE}'").fetchall()
    with _transaction(cursor):
        for (name,) in rows:
            if name.startswith("r_"):
                cursor.execute(f'DROP TABLE {LAKE}."{name}"')
        cursor.execute(f"DELETE FROM {MARK}")
        cursor.execute(f"DELETE FROM {tables.CLOSINGS}")
    lake.shapes = {}


def _mark(lake: Lake, cursor: duckdb.DuckDBPyConnection) -> Mark:
    """The mark of the state that the cursor sees. To ask which state that is costs a fifth of reading the mark from it."""
    (state,) = cursor.execute(f"SELECT id FROM {LAKE}.current_snapshot()").fetchone() or (None,)
    seen = lake.seen  # other threads may put a newer one in its place
    if seen is None or seen[0] != state:
        seen = lake.seen = (state, _read_mark(cursor))
    return seen[1]


def _read_mark(cursor: duckdb.DuckDBPyConnection) -> Mark:
    row = cursor.execute(
        f"SELECT format, watermark, entry, hash, closings, tail, n FROM {MARK} ORDER BY n DESC LIMIT 1"
    ).fetchone()
    return Mark(*row[1:]) if row and row[0] == FORMAT else NOTHING


def _write_mark(cursor: duckdb.DuckDBPyConnection, mark: Mark) -> None:
    """Marks are only added, which is cheaper than changing one; maintenance removes the old ones."""
    cursor.execute(f"INSERT INTO {MARK} VALUES ({FORMAT}, ?, ?, ?, ?, ?, ?)", [*mark[:-1], mark.n + 1])


def _fits_ledger(mark: Mark) -> bool:
    """Whether the last entry the lake has read is the one the ledger has. It is not after a backup was restored."""
    return mark.entry == 0 or Entry.objects.filter(pk=mark.entry, hash=mark.hash).exists()


def _newest_numbers() -> dict[str, int]:
    """The newest definition of every register, retired ones too: their records had figures."""
    return dict(RegisterVersion.objects.values_list("name").annotate(Max("number")))


def _advance(lake: Lake, numbers: dict[str, int]) -> None:
    """The catch-up itself; the caller holds the lock. A lake that does not fit the ledger, or the definitions, is made anew."""
    until = current()
    with lake.cursor() as cursor:
        mark = _mark(lake, cursor)
        try:
            new = entries_between(mark.watermark, until)
            fits = mark.watermark is not None and _fits_ledger(mark)
        except StaleWatermark:
            fits = False
        if not fits or not _fit_tables(cursor, lake, numbers):
            _clear(cursor, lake)
            _fit_tables(cursor, lake, numbers)
            mark, new = NOTHING, entries_between(None, until)
        _absorb(cursor, lake, mark, new, until)


def _fit_tables(cursor: duckdb.DuckDBPyConnection, lake: Lake, numbers: dict[str, int]) -> bool:
    """Make missing tables, add missing columns. False where a column has another type or is no longer wanted."""
    if lake.shapes == numbers:
        return True
    rows = cursor.execute(
        f"SELECT table_name, column_name, data_type FROM duckdb_columns() WHERE database_name = '{LAKE}'"
    ).fetchall()
    there: dict[str, dict[str, str]] = {}
    for name, column, kind in rows:
        there.setdefault(name, {})[column] = kind
    wanted = {name: tables.columns(version(name, number)) for name, number in numbers.items()}
    if any(wanted[name].get(column) != kind for name in wanted for column, kind in there.get(f"r_{name}", {}).items()):
        return False
    with _transaction(cursor):
        for name, columns in wanted.items():
            found = there.get(f"r_{name}")
            if found is None:
                cursor.execute(tables.create(tables.table(name), columns))
                continue
            for column in (c for c in columns if c not in found):
                cursor.execute(f'ALTER TABLE {tables.table(name)} ADD COLUMN "{column}" {columns[column]}')
    lake.shapes = dict(numbers)
    return True


def _absorb(cursor: duckdb.DuckDBPyConnection, lake: Lake, mark: Mark, new: EntryQuerySet, until: Watermark) -> None:
    """Write the versions of the new entries and the new mark, in one transaction."""
    last = new.order_by("-id").values_list("id", "hash").first()
    if last is None:
        if mark.watermark is None:
            with _transaction(cursor):
                _write_mark(cursor, mark._replace(watermark=until))
        return
    registers = {name: version(name, number) for name, number in lake.shapes.items()}
    staged = _stage(cursor, registers, lake.shapes, new)
    with _transaction(cursor):
        closings, tail = mark.closings, mark.tail
        for name in staged:
            closings += _close_older(cursor, name, kept_beside=closings)
            cursor.execute(tables.settle(registers[name]))
        if closings >= FOLD_AT:
            _fold(cursor, list(lake.shapes))
            closings = 0
        tail += sum(staged.values())
        entry, digest = last if last[0] > mark.entry else (mark.entry, mark.hash)
        flush = tail >= TAIL_AT
        _write_mark(cursor, Mark(until, entry, digest, closings, 0 if flush else tail, mark.n))
    for name in staged:
        cursor.execute(f"DROP TABLE {tables.staging(name)}")
    if flush:
        _flush(cursor)


# Columns come in as one text each, split inside: DuckDB takes 50 microseconds for each element of a list parameter. Neither
# JSON text as the databases give it nor a number or moment holds a line feed.
_STAGE_CHUNK = (
    "CREATE OR REPLACE TEMP TABLE entries AS SELECT id::BIGINT AS id, moment::TIMESTAMPTZ::TIMESTAMP AS moment, body, "
    "body->>'$.register' AS register FROM (SELECT unnest(string_split($1, chr(10))) AS id, "
    "unnest(string_split($2, chr(10))) AS moment, unnest(string_split($3, chr(10))) AS body)"
)
_KEEP_CLOSINGS = (
    f"INSERT INTO {tables.CLOSINGS} SELECT unnest(string_split($1, chr(10)))::BIGINT, "
    "unnest(string_split($2, chr(10)))::TIMESTAMP"
)


def _stage(
    cursor: duckdb.DuckDBPyConnection, registers: dict[str, Register], numbers: dict[str, int], new: EntryQuerySet
) -> dict[str, int]:
    """Read the entries that are versions into typed temporary tables; how many rows each register has there."""
    text = TextField()
    rows = new.filter(verb__in=STATES).values_list("id", Cast("at", text), Cast("body", text)).iterator(chunk_size=CHUNK)
    staged: dict[str, int] = {}
    while chunk := list(islice(rows, CHUNK)):
        cursor.execute(_STAGE_CHUNK, ["\n".join(map(str, column)) for column in zip(*chunk, strict=True)])
        for name, count in cursor.execute("SELECT register, count(*) FROM temp.entries GROUP BY register").fetchall():
            if name not in registers:
                continue  # a register that was never installed here; its entries stay in the ledger
            if name not in staged:
                cursor.execute(tables.create_staging(registers[name]))
            cursor.execute(tables.stage(registers[name], numbers[name]))
            staged[name] = staged.get(name, 0) + count
    return staged


def _close_older(cursor: duckdb.DuckDBPyConnection, name: str, *, kept_beside: int) -> int:
    """Close the versions in the lake that the staged ones follow. Gives how many closings were kept beside."""
    newer = cursor.execute(
        f"SELECT _record, arg_min(_entry, _version), min(_from) FROM {tables.staging(name)} GROUP BY _record HAVING min(_version) > 1"
    ).fetchall()
    if not newer:
        return 0
    if len(newer) <= FEW_CLOSINGS and kept_beside + len(newer) <= FOLD_AT:
        closings = _predecessors({record: (entry, at) for record, entry, at in newer})
        if closings is not None:
            if closings:
                cursor.execute(_KEEP_CLOSINGS, ["\n".join(map(str, column)) for column in zip(*closings, strict=True)])
            return len(closings)
    cursor.execute(tables.close_older(name))
    return 0


def _predecessors(newer: dict[int, tuple[int, datetime]]) -> list[tuple[int, datetime]] | None:
    """For each record its first new entry and the moment it was written: the entry before it, to be closed at that moment.

    None where a clock ran backwards between the two, and more than the last version must be closed.
    """
    chains = [f"record:{record}" for record in newer]
    earlier: dict[int, tuple[int, datetime]] = {}
    latest: dict[int, datetime] = {}
    begun: set[int] = set()
    rows = Entry.objects.filter(chain__in=chains, verb__in=STATES).order_by("chain", "index").values_list("chain", "id", "at")
    for chain, entry, moment in rows:
        record = int(chain.removeprefix("record:"))
        if entry == newer[record][0]:
            begun.add(record)
        if record not in begun:
            at = moment.astimezone(UTC).replace(tzinfo=None)
            earlier[record] = (entry, newer[record][1])
            latest[record] = max(latest.get(record, at), at)
    if any(newer[record][1] < at for record, at in latest.items()):
        return None
    return list(earlier.values())


def _fold(cursor: duckdb.DuckDBPyConnection, registers: list[str]) -> None:
    for name in registers:
        cursor.execute(tables.fold(name))
    cursor.execute(f"DELETE FROM {tables.CLOSINGS}")


def _flush(cursor: duckdb.DuckDBPyConnection) -> None:
    """Write the rows that lie in the catalog out as Parquet."""
    cursor.execute(f"CALL ducklake_flush_inlined_data('{LAKE}')")


@contextmanager
def _transaction(cursor: duckdb.DuckDBPyConnection) -> Iterator[None]:
    cursor.execute("BEGIN")
    try:
        yield
        cursor.execute("COMMIT")
    except BaseException:
        with suppress(duckdb.Error):  # DuckDB has rolled back already when COMMIT itself failed
            cursor.execute("ROLLBACK")
        raise


_turn = threading.RLock()
_depth = 0


@contextmanager
def _alone(root: Path) -> Iterator[None]:
    """One at a time: among threads, and among processes by a lock file here or an advisory lock in PostgreSQL."""
    global _depth
    with _turn:
        if _depth:
            yield
            return
        _depth += 1
        try:
            root.mkdir(parents=True, exist_ok=True)
            with _advisory_lock() if connection.vendor == "postgresql" else FileLock(root / "catch-up.lock"):
                yield
        finally:
            _depth -= 1


@contextmanager
def _advisory_lock() -> Iterator[None]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [ADVISORY_LOCK])
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [ADVISORY_LOCK])
