"""The store of versions: every state every record has had, in a DuckLake, kept in step with the ledger.

Before a figure is computed the store catches up: it reads the ledger's entries after its watermark, under a lock, and writes
their versions **and the new watermark in one transaction of the lake**. Killed at any moment, it has done all or nothing. The
ledger is the truth; the lake can be thrown away and made again (``rebuild``), and is, when its watermark does not fit the
ledger (a restored backup) or its files are not what they were. ``lake`` opens it, ``absorbing`` reads the ledger into it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import NamedTuple

import duckdb

from banjie.figures.absorbing import advance, flush, fold
from banjie.figures.engine import LAKE
from banjie.figures.known_registers import newest_numbers
from banjie.figures.lake import MENDING, Lake, StoreDamaged, close, is_damage, opened, root_folder, transaction, wipe
from banjie.figures.marks import Mark, fits_ledger, replace_marks
from banjie.figures.turns import alone
from banjie.ledger.watermarks import current, entries_between

__all__ = ["Reading", "catch_up", "close", "maintain", "reading", "rebuild", "reset"]


class Reading(NamedTuple):
    """A view of the lake that does not change while it is used."""

    cursor: duckdb.DuckDBPyConnection
    closings: bool  # whether closings wait beside the tables and must be looked at


@contextmanager
def reading() -> Iterator[Reading]:
    """Catch up, then give a cursor in one read transaction of the lake. Raises StoreDamaged where its files fail meanwhile."""
    lake, cursor, mark = _begun()
    try:
        yield Reading(cursor, mark.closings > 0)
    except duckdb.Error as error:
        if not is_damage(error):
            raise
        lake.doubtful = True
        raise StoreDamaged(MENDING) from error
    finally:
        with suppress(duckdb.Error):  # the transaction only read; an error inside has already ended it
            cursor.execute("ROLLBACK")
        cursor.close()


def catch_up() -> Lake:
    """Bring the lake up to the ledger's end as committed by now. Cheap when there is nothing new."""
    lake, cursor, _ = _begun()
    cursor.close()
    return lake


def rebuild() -> None:
    """Throw away what the lake holds and make it again from the ledger. The answers are the same."""
    with alone(root_folder()):
        lake = opened()
        with lake.cursor() as cursor:
            lake.clear(cursor)
        advance(lake, newest_numbers())


def reset() -> None:
    """Delete the lake's files and catalog; the next figure makes it again."""
    with alone(root_folder()):
        wipe(root_folder())


def maintain() -> None:
    """Fold closings, write inlined rows out, merge small files, drop what no snapshot needs. For a nightly job."""
    lake = catch_up()
    with alone(lake.root), lake.cursor() as cursor:
        with transaction(cursor):
            mark = lake.mark(cursor)
            fold(cursor, lake)
            replace_marks(cursor, mark._replace(closings=0, tail=0))
        flush(cursor)
        cursor.execute(f"CALL ducklake_rewrite_data_files('{LAKE}')")
        cursor.execute(f"CALL ducklake_merge_adjacent_files('{LAKE}')")
        cursor.execute(f"CALL ducklake_expire_snapshots('{LAKE}', older_than => now() - INTERVAL 1 DAY)")
        cursor.execute(f"CALL ducklake_cleanup_old_files('{LAKE}', older_than => now() - INTERVAL 1 DAY)")
        cursor.execute(f"CALL ducklake_delete_orphaned_files('{LAKE}', older_than => now() - INTERVAL 1 DAY)")


def _begun() -> tuple[Lake, duckdb.DuckDBPyConnection, Mark]:
    """A cursor in a read transaction of a lake that has caught up. Damage is mended once; what then still fails is raised."""
    try:
        return _begin(opened())
    except duckdb.Error as error:
        if not is_damage(error):
            raise
    return _begin(opened())


def _begin(lake: Lake) -> tuple[Lake, duckdb.DuckDBPyConnection, Mark]:
    numbers = newest_numbers()
    cursor = lake.engine.cursor()
    try:
        cursor.execute("BEGIN")
        mark = lake.mark(cursor)
        if not _up_to_date(lake, numbers, mark):
            cursor.execute("ROLLBACK")
            with alone(lake.root):
                advance(lake, numbers)
            cursor.execute("BEGIN")
            mark = lake.mark(cursor)
    except BaseException as error:
        lake.doubtful |= isinstance(error, duckdb.Error) and is_damage(error)
        cursor.close()
        raise
    return lake, cursor, mark


def _up_to_date(lake: Lake, numbers: dict[str, int], mark: Mark) -> bool:
    if mark.watermark is None or lake.shapes != numbers or not fits_ledger(mark):
        return False
    now = current()
    return mark.watermark == now or not entries_between(mark.watermark, now).exists()
