"""From entries of the ledger to versions in the lake: staged, the older ones closed, written with the new mark at once.

A version that is followed by another must be closed (``_to``). Rewriting rows among millions for a handful of changes would
cost a scan, so few closings are kept beside the tables (``lake.closings``) and folded into them when they have become many.

An entry of a matter is a version of the matter, in the virtual register of its process, and one of the record where the step
changed it.
"""

# ruff: noqa: S608 - names come from definitions, whose pattern admits a-z, 0-9 and _ only; values are quoted or bound
from __future__ import annotations

from datetime import UTC, datetime
from itertools import islice

import duckdb
from django.db.models import Q, TextField
from django.db.models.functions import Cast

from banjie.figures import tables
from banjie.figures.engine import LAKE
from banjie.figures.known_registers import version
from banjie.figures.lake import Lake, transaction
from banjie.figures.marks import NOTHING, Mark, fits_ledger, write_mark
from banjie.figures.processes import ProcessRegister, register_name
from banjie.ledger.models import Entry
from banjie.ledger.queries import EntryQuerySet
from banjie.ledger.watermarks import StaleWatermark, Watermark, current, entries_between
from banjie.matters import entries as matters
from banjie.registers.definition import Register
from banjie.registers.trail import STATES

CHUNK = 50_000  # entries read from the ledger at a time
FEW_CLOSINGS = 2_000  # up to so many are kept beside the tables, and no more than FOLD_AT in all
FOLD_AT = 10_000
TAIL_AT = 20_000  # rows inlined in the catalog before they are written out as Parquet
OF_MATTERS = Q(verb__in=matters.VERBS)
OF_RECORDS = Q(verb__in=STATES) | Q(verb=matters.OPEN) | (OF_MATTERS & ~Q(body__before={}))


def advance(lake: Lake, numbers: dict[str, int]) -> None:
    """The catch-up itself; the caller is alone. A lake that does not fit the ledger, or the definitions, is made anew."""
    until = current()
    with lake.cursor() as cursor:
        mark = lake.mark(cursor)
        try:
            new = entries_between(mark.watermark, until)
            fits = mark.watermark is not None and fits_ledger(mark)
        except StaleWatermark:
            fits = False
        if not fits or not lake.fit_tables(cursor, numbers):
            lake.clear(cursor)
            lake.fit_tables(cursor, numbers)
            mark, new = NOTHING, entries_between(None, until)
        absorb(cursor, lake, mark, new, until)


def absorb(cursor: duckdb.DuckDBPyConnection, lake: Lake, mark: Mark, new: EntryQuerySet, until: Watermark) -> None:
    """Write the versions of the new entries and the new mark, in one transaction."""
    last = new.order_by("-id").values_list("id", "hash").first()
    if last is None:
        if mark.watermark is None:
            with transaction(cursor):
                write_mark(cursor, mark._replace(watermark=until))
        return
    staged = _stage(cursor, lake.shapes, new)
    with transaction(cursor):
        closings, tail = mark.closings, mark.tail
        for register, _ in staged:
            closings += _close_older(cursor, register, kept_beside=closings)
            cursor.execute(tables.settle(register))
        if closings >= FOLD_AT:
            fold(cursor, lake)
            closings = 0
        tail += sum(count for _, count in staged)
        entry, digest = last if last[0] > mark.entry else (mark.entry, mark.hash)
        full = tail >= TAIL_AT
        write_mark(cursor, Mark(until, entry, digest, closings, 0 if full else tail, mark.n))
    for register, _ in staged:
        cursor.execute(f"DROP TABLE {tables.staging(register.name)}")
    if full:
        flush(cursor)


def fold(cursor: duckdb.DuckDBPyConnection, lake: Lake) -> None:
    """Write the closings that wait beside the tables into them."""
    for name, number in lake.shapes.items():
        cursor.execute(tables.fold(version(name, number)))
    cursor.execute(f"DELETE FROM {tables.CLOSINGS}")


def flush(cursor: duckdb.DuckDBPyConnection) -> None:
    """Write the rows that lie in the catalog out as Parquet."""
    cursor.execute(f"CALL ducklake_flush_inlined_data('{LAKE}')")


# Columns come in as one text each, split inside: DuckDB takes 50 microseconds for each element of a list parameter. Neither
# JSON text as the databases give it nor a number or moment holds a line feed.
_STAGE_CHUNK = (
    "CREATE OR REPLACE TEMP TABLE entries AS SELECT id::BIGINT AS id, moment::TIMESTAMPTZ::TIMESTAMP AS moment, body, "
    "CASE WHEN NOT starts_with(verb, 'matter.') THEN body->>'$.register' "
    f"WHEN verb = '{matters.OPEN}' OR (body->>'$.before') <> '{{}}' THEN body->>'$.register' END AS register, "
    "CASE WHEN starts_with(verb, 'matter.') THEN body->>'$.matter.process' END AS process FROM (SELECT "
    "unnest(string_split($1, chr(10))) AS id, unnest(string_split($2, chr(10))) AS moment, "
    "unnest(string_split($3, chr(10))) AS body, unnest(string_split($4, chr(10))) AS verb)"
)
_KEEP_CLOSINGS = (
    f"INSERT INTO {tables.CLOSINGS} SELECT unnest(string_split($1, chr(10)))::BIGINT, "
    "unnest(string_split($2, chr(10)))::TIMESTAMP"
)


def _stage(cursor: duckdb.DuckDBPyConnection, numbers: dict[str, int], new: EntryQuerySet) -> list[tuple[Register, int]]:
    """Read the entries that are versions into typed temporary tables; how many rows each register has there."""
    text = TextField()
    wanted = new.filter(verb__in=(*STATES, *matters.VERBS))
    rows = wanted.values_list("id", Cast("at", text), Cast("body", text), "verb").iterator(chunk_size=CHUNK)
    staged: dict[str, tuple[Register, int]] = {}
    while chunk := list(islice(rows, CHUNK)):
        cursor.execute(_STAGE_CHUNK, ["\n".join(map(str, column)) for column in zip(*chunk, strict=True)])
        for name, process, count in cursor.execute(
            "SELECT register, process, count(*) FROM temp.entries GROUP BY ALL"
        ).fetchall():
            for table in (name, register_name(process) if process else None):
                if table not in numbers:
                    continue  # a register that was never installed here; its entries stay in the ledger
                known, rows_before = staged.get(table) or (version(table, numbers[table]), 0)
                staged[table] = (known, rows_before + count)
                if rows_before == 0:
                    cursor.execute(tables.create_staging(known))
        for name, (known, _) in staged.items():
            cursor.execute(tables.stage(known, numbers[name]))
    return list(staged.values())


def _close_older(cursor: duckdb.DuckDBPyConnection, register: Register, *, kept_beside: int) -> int:
    """Close the versions in the lake that the staged ones follow. Gives how many closings were kept beside."""
    newer = cursor.execute(
        f"SELECT _record, arg_min(_entry, _version), min(_from) FROM {tables.staging(register.name)} "
        "GROUP BY _record HAVING min(_version) > 1"
    ).fetchall()
    if not newer:
        return 0
    if len(newer) <= FEW_CLOSINGS and kept_beside + len(newer) <= FOLD_AT:
        of = OF_MATTERS if isinstance(register, ProcessRegister) else OF_RECORDS
        closings = _predecessors({record: (entry, at) for record, entry, at in newer}, of)
        if closings is not None:
            if closings:
                kept = [(tables.closing_number(register, entry), at) for entry, at in closings]
                cursor.execute(_KEEP_CLOSINGS, ["\n".join(map(str, column)) for column in zip(*kept, strict=True)])
            return len(closings)
    cursor.execute(tables.close_older(register.name))
    return 0


def _predecessors(newer: dict[int, tuple[int, datetime]], of: Q) -> list[tuple[int, datetime]] | None:
    """For each record its first new entry and the moment it was written: the entry before it, to be closed at that moment.

    None where a clock ran backwards between the two, and more than the last version must be closed.
    """
    chains = [f"record:{record}" for record in newer]
    earlier: dict[int, tuple[int, datetime]] = {}
    latest: dict[int, datetime] = {}
    begun: set[int] = set()
    rows = Entry.objects.filter(of, chain__in=chains).order_by("chain", "index").values_list("chain", "id", "at")
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
