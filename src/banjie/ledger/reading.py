"""Streaming the raw rows of the trail for verification: exactly what is stored, in bounded memory.

On SQLite the body is read as the text that was hashed, so that even a changed blank is noticed; PostgreSQL keeps
jsonb, which is written out canonically again.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import NamedTuple

from django.db import connection, transaction

from banjie.lib import canonical

CHUNK = 2000
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d{6})?").fullmatch

_SQLITE = (
    'SELECT id, chain, "index", CAST(at AS TEXT), CAST(loaded_at AS TEXT), actor_id, actor, verb, CAST(body AS TEXT), why,'
    ' origin, previous, hash FROM ledger_entry ORDER BY chain, "index"'
)
_ISO = "to_char({} AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')"
_POSTGRESQL = (
    f'SELECT id, chain, "index", {_ISO.format("at")}, {_ISO.format("loaded_at")}, actor_id, actor, verb, body::text, why,'  # noqa: S608 - constants
    ' origin, previous, hash FROM ledger_entry ORDER BY chain, "index"'
)


class Stored(NamedTuple):
    """A row as it lies in the table; moments and body still as the database writes them."""

    id: int
    chain: str
    index: int  # type: ignore[assignment]  # hides tuple.index, which nobody wants of a row
    at: str
    loaded_at: str | None
    actor_id: int | None
    actor: str
    verb: str
    body: str
    why: str
    origin: str
    previous: str
    hash: str


@contextmanager
def one_view() -> Iterator[None]:
    """Everything read inside is as of one moment, and no writer waits for it. A surrounding transaction is used."""
    if connection.in_atomic_block:
        yield
    elif connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("BEGIN DEFERRED")  # Django's own BEGIN is IMMEDIATE and would stop every writer
            try:
                yield
            finally:
                cursor.execute("ROLLBACK")
    else:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            yield


def stored_entries() -> Iterator[list[Stored]]:
    """All entries, chain by chain and by index, in chunks."""
    statement = _SQLITE if connection.vendor == "sqlite" else _POSTGRESQL
    for rows in in_chunks(statement):
        yield [Stored._make(row) for row in rows]


def in_chunks(statement: str, size: int = CHUNK) -> Iterator[list[tuple]]:
    """The rows of a SELECT, in chunks, without holding all of them."""
    with connection.chunked_cursor() as cursor:
        cursor.execute(statement)
        while rows := cursor.fetchmany(size):
            yield rows


class AsHashed(NamedTuple):
    """How to get back, from what this database stores, the text that was hashed. Both raise ValueError for what
    Banjie cannot have stored."""

    moment: Callable[[str], str]
    body: Callable[[str], str]


def as_hashed() -> AsHashed:
    if connection.vendor == "sqlite":
        return AsHashed(_moment_from_sqlite, str)
    return AsHashed(str, canonical.again)


def rows_of(table: str, key: str, columns: str, ids: Sequence[int]) -> list[tuple]:
    """The rows of a table whose ``key`` is among many ids, sent as one value."""
    if connection.vendor == "sqlite":
        among, value = "IN (SELECT value FROM json_each(%s))", [json.dumps(ids)]
    else:
        among, value = "= ANY(%s)", [list(ids)]  # type: ignore[list-item]
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {columns} FROM {table} WHERE {key} {among}", value)  # noqa: S608 - constants
        return list(cursor.fetchall())


def _moment_from_sqlite(stored: str) -> str:
    if not _MOMENT(stored) or stored.endswith(".000000"):
        raise ValueError(f"not a moment as the ledger stores it: {stored}")
    return f"{stored[:10]}T{stored[11:]}{'' if len(stored) == 26 else '.000000'}Z"
