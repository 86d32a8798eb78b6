"""The lake as this process has it open: opened anew when its files are not what they were, made anew when they are damaged.

The lake is derived from the ledger. Whatever is wrong with it (removed while the server runs, moved, half restored, of an older
format, a file damaged) it is made again, by one process at a time; the others notice and open the new one.
"""

# ruff: noqa: S608 - names come from definitions, whose pattern admits a-z, 0-9 and _ only; values are quoted or bound
from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import duckdb
from django.conf import settings
from django.db import connection

from banjie.figures import tables
from banjie.figures.engine import CATALOG, LAKE, SCHEMA, metadata, open_engine
from banjie.figures.known_registers import version
from banjie.figures.marks import FORMAT, MARK, Mark, create_marks, read_mark
from banjie.figures.turns import alone
from banjie.lib.errors import Refusal
from banjie.lib.text import Text

Identity = tuple[tuple[int, int], ...]
_DAMAGE = (
    duckdb.IOException,
    duckdb.InvalidInputException,
    duckdb.InternalException,
    duckdb.FatalException,
    duckdb.SerializationException,
)
MENDING = Text(
    "指标数据文件有缺损，系统将自动重建，请稍候刷新再查。",
    "A file of the figures' store is damaged. It is made again by itself: ask again in a moment.",
)


class StoreDamaged(Refusal):
    """The store's files failed in the middle of an answer. The next question finds them mended."""


@dataclass
class Lake:
    """The lake as this process has it open."""

    root: Path
    process: int
    engine: duckdb.DuckDBPyConnection
    identity: Identity | None  # of its files when they were opened
    shapes: dict[str, int]  # the definition each table was last fitted to
    seen: tuple[object, Mark] | None = None  # the lake's newest state seen here, and the mark it holds
    doubtful: bool = False  # something failed that has to do with its files

    @contextmanager
    def cursor(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """A connection of its own to the same engine; threads do not share one."""
        cursor = self.engine.cursor()
        try:
            yield cursor
        finally:
            cursor.close()

    def mark(self, cursor: duckdb.DuckDBPyConnection) -> Mark:
        """The mark of the state that the cursor sees. To ask which state that is costs a fifth of reading the mark from it."""
        (state,) = cursor.execute(f"SELECT id FROM {LAKE}.current_snapshot()").fetchone() or (None,)
        seen = self.seen  # other threads may put a newer one in its place
        if seen is None or seen[0] != state:
            seen = self.seen = (state, read_mark(cursor))
        return seen[1]

    def fit_tables(self, cursor: duckdb.DuckDBPyConnection, numbers: dict[str, int]) -> bool:
        """Make missing tables, add missing columns. False where a column has another type or is no longer wanted."""
        if self.shapes == numbers:
            return True
        there = _columns(cursor)
        wanted = {name: tables.columns(version(name, number)) for name, number in numbers.items()}
        if any(wanted[name].get(column) != kind for name in wanted for column, kind in there.get(f"r_{name}", {}).items()):
            return False
        with transaction(cursor):
            for name, columns in wanted.items():
                found = there.get(f"r_{name}")
                if found is None:
                    cursor.execute(tables.create(tables.table(name), columns))
                    continue
                for column in (c for c in columns if c not in found):
                    cursor.execute(f'ALTER TABLE {tables.table(name)} ADD COLUMN "{column}" {columns[column]}')
        self.shapes = dict(numbers)
        return True

    def clear(self, cursor: duckdb.DuckDBPyConnection) -> None:
        """Drop every table of records and forget the mark, in one transaction; other processes have the lake open."""
        names = [name for name in _columns(cursor) if name.startswith("r_")]
        with transaction(cursor):
            for name in names:
                cursor.execute(f'DROP TABLE {LAKE}."{name}"')
            cursor.execute(f"DELETE FROM {MARK}")
            cursor.execute(f"DELETE FROM {tables.CLOSINGS}")
        self.shapes = {}


_lake: Lake | None = None


def opened() -> Lake:
    """The lake of this process; opened anew after a fork, when the settings name another folder, when its files were removed or
    replaced, and when something failed that has to do with them."""
    global _lake
    root, lake = root_folder(), _lake
    if lake is not None and _holds(lake, root):
        return lake
    with alone(root):
        lake = _lake
        if lake is None or not _holds(lake, root):
            lake = _lake = _open(root, deep=lake is not None and lake.doubtful)
        return lake


def close() -> None:
    """Let go of the lake in this process."""
    global _lake
    if _lake is not None and _lake.process == os.getpid():
        _lake.engine.close()
    _lake = None


def wipe(root: Path) -> None:
    """Delete the lake's files and catalog; the next figure makes them again. Processes that have it open notice."""
    close()
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(f'DROP SCHEMA IF EXISTS "{SCHEMA}" CASCADE')
    for name in ("data", "temp"):
        shutil.rmtree(root / name, ignore_errors=True)
    for leftover in root.glob(f"{CATALOG}*"):
        leftover.unlink()


def root_folder() -> Path:
    return Path(settings.LAKE_ROOT)


def is_damage(error: duckdb.Error) -> bool:
    """Whether an error may come from the files: DuckLake's own errors are plain ``duckdb.Error``."""
    return isinstance(error, _DAMAGE) or type(error) is duckdb.Error


@contextmanager
def transaction(cursor: duckdb.DuckDBPyConnection) -> Iterator[None]:
    cursor.execute("BEGIN")
    try:
        yield
        cursor.execute("COMMIT")
    except BaseException:
        with suppress(duckdb.Error):  # DuckDB has rolled back already when COMMIT itself failed
            cursor.execute("ROLLBACK")
        raise


def _holds(lake: Lake, root: Path) -> bool:
    """Whether the lake that is open is still the one to be asked."""
    return lake.process == os.getpid() and lake.root == root and not lake.doubtful and lake.identity == _identity(root)


def _identity(root: Path) -> Identity | None:
    """Which files these are: what was removed and made again has another number. None where one is missing."""
    parts = [root / "data"] if connection.vendor == "postgresql" else [root / "data", root / CATALOG]
    try:
        return tuple((found.st_dev, found.st_ino) for found in map(os.stat, parts))
    except FileNotFoundError:
        return None


def _open(root: Path, *, deep: bool) -> Lake:
    """Open what is there if it is whole, else an empty lake. The caller is alone."""
    if connection.vendor != "postgresql" and not (root / CATALOG).exists():
        wipe(root)  # files that no catalog knows
    engine = None
    try:
        engine = open_engine(root)
        whole = _whole(engine, root, deep=deep)
    except duckdb.Error as error:
        if "locked" in str(error):
            raise
        whole = False
    if engine is None or not whole:
        if engine is not None:
            engine.close()
        wipe(root)
        engine = open_engine(root)
    with transaction(engine):
        create_marks(engine)
        engine.execute(f"CREATE TABLE IF NOT EXISTS {tables.CLOSINGS} (_entry BIGINT, _at TIMESTAMP)")
    return Lake(root, os.getpid(), engine, _identity(root), {})


def _whole(engine: duckdb.DuckDBPyConnection, root: Path, *, deep: bool) -> bool:
    """Whether the lake is of this format and has all its files. ``deep``: and each of them can be read."""
    there = _columns(engine)
    if not there:
        return True
    (formats,) = engine.execute(f"SELECT list(DISTINCT format) FROM {MARK}").fetchone() or (None,)
    if formats and formats != [FORMAT]:
        return False
    listed = engine.execute(
        f"SELECT path FROM {metadata()}.ducklake_data_file WHERE end_snapshot IS NULL "
        f"UNION ALL SELECT path FROM {metadata()}.ducklake_delete_file WHERE end_snapshot IS NULL"
    ).fetchall()
    present = {name for _, _, names in os.walk(root / "data") for name in names}
    if any(Path(path).name not in present for (path,) in listed):
        return False
    if deep:
        for name in there:
            engine.execute(f'SELECT sum(hash(t)) FROM {LAKE}."{name}" AS t').fetchall()
    return True


def _columns(cursor: duckdb.DuckDBPyConnection) -> dict[str, dict[str, str]]:
    """The columns of every table of the lake, with their types."""
    rows = cursor.execute(
        f"SELECT table_name, column_name, data_type FROM duckdb_columns() WHERE database_name = '{LAKE}'"
    ).fetchall()
    there: dict[str, dict[str, str]] = {}
    for name, column, kind in rows:
        there.setdefault(name, {})[column] = kind
    return there
