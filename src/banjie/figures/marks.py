"""How far the lake has read, kept in the lake itself, in the same transaction as what was read."""

# ruff: noqa: S608 - constants only
from __future__ import annotations

from typing import NamedTuple

import duckdb

from banjie.figures.engine import LAKE
from banjie.ledger.models import Entry
from banjie.ledger.watermarks import Watermark

FORMAT = 2  # of the lake's tables; a lake of another format is made anew
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


def create_marks(cursor: duckdb.DuckDBPyConnection) -> None:
    cursor.execute(
        f"CREATE TABLE IF NOT EXISTS {MARK} "
        "(format INTEGER, watermark VARCHAR, entry BIGINT, hash VARCHAR, closings BIGINT, tail BIGINT, n BIGINT)"
    )


def read_mark(cursor: duckdb.DuckDBPyConnection) -> Mark:
    row = cursor.execute(
        f"SELECT format, watermark, entry, hash, closings, tail, n FROM {MARK} ORDER BY n DESC LIMIT 1"
    ).fetchone()
    return Mark(*row[1:]) if row and row[0] == FORMAT else NOTHING


def write_mark(cursor: duckdb.DuckDBPyConnection, mark: Mark) -> None:
    """Marks are only added, which is cheaper than changing one; maintenance removes the old ones."""
    cursor.execute(f"INSERT INTO {MARK} VALUES ({FORMAT}, ?, ?, ?, ?, ?, ?)", [*mark[:-1], mark.n + 1])


def replace_marks(cursor: duckdb.DuckDBPyConnection, mark: Mark) -> None:
    """Remove all marks but this one."""
    cursor.execute(f"DELETE FROM {MARK}")
    write_mark(cursor, mark)


def fits_ledger(mark: Mark) -> bool:
    """Whether the last entry the lake has read is the one the ledger has. It is not after a backup was restored."""
    return mark.entry == 0 or Entry.objects.filter(pk=mark.entry, hash=mark.hash).exists()
