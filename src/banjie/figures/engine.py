"""The figure engine of this process: one DuckDB, with the lake attached and every other door shut.

The extensions are loaded by their path in the installed wheels (signatures are checked, nothing is downloaded, nothing is
copied into the home folder). Then external access goes off, the lake's folder excepted, and the configuration is locked: no
formula, however it came in, can read a file or a network address.
"""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from types import ModuleType

import duckdb
import duckdb_extension_ducklake  # type: ignore[import-untyped]
import duckdb_extension_postgres_scanner  # type: ignore[import-untyped]
import duckdb_extension_sqlite_scanner  # type: ignore[import-untyped]
from django.db import connection

LAKE = "lake"
CATALOG = "catalog.sqlite"
SCHEMA = "lake"  # of the catalog, in PostgreSQL
INLINED_ROWS = 2000  # inserts up to this size are kept in the catalog until maintenance writes them out as Parquet
BUSY = 20_000  # milliseconds to wait for another process that writes the SQLite catalog
MEMORY = 0.4  # of the machine, for each process that asks for figures; beyond it DuckDB spills to the lake's folder


def open_engine(root: Path) -> duckdb.DuckDBPyConnection:
    """A DuckDB with the lake in ``root`` attached as ``lake``."""
    (root / "data").mkdir(parents=True, exist_ok=True)
    (root / "temp").mkdir(exist_ok=True)
    postgres = connection.vendor == "postgresql"
    engine = duckdb.connect(config={"autoinstall_known_extensions": "false", "autoload_known_extensions": "false"})
    try:
        for wheel in (
            duckdb_extension_ducklake,
            duckdb_extension_postgres_scanner if postgres else duckdb_extension_sqlite_scanner,
        ):
            engine.execute(f"LOAD {quoted(_binary(wheel))}")
        engine.execute(f"SET temp_directory = {quoted(str(root / 'temp'))}")
        engine.execute(f"SET memory_limit = {quoted(_memory())}")
        engine.execute("SET GLOBAL TimeZone = 'UTC'")
        engine.execute(_attach(root, postgres=postgres))
        engine.execute(f"SET allowed_directories = [{quoted(str(root) + os.sep)}]")
        engine.execute("SET enable_external_access = false")
        engine.execute("SET lock_configuration = true")
    except BaseException:
        with suppress(duckdb.Error):
            engine.close()
        raise
    return engine


def metadata() -> str:
    """Where DuckLake's own tables lie, as SQL in front of their names."""
    return f"__ducklake_metadata_{LAKE}" + (f'."{SCHEMA}"' if connection.vendor == "postgresql" else "")


def quoted(text: str) -> str:
    """A text as an SQL literal."""
    return "'" + text.replace("'", "''") + "'"


def _memory() -> str:
    return f"{int(os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') * MEMORY) // 2**20}MiB"


def _binary(wheel: ModuleType) -> str:
    return str(next(Path(wheel.__path__[0]).rglob("*.duckdb_extension")))


def _attach(root: Path, *, postgres: bool) -> str:
    """The folder may have been moved or restored elsewhere since the catalog was made: its files are named relative to it."""
    folder = quoted(str(root / "data") + os.sep)
    options = f"DATA_PATH {folder}, OVERRIDE_DATA_PATH true, DATA_INLINING_ROW_LIMIT {INLINED_ROWS}"
    if not postgres:
        return f"ATTACH {quoted(f'ducklake:sqlite:{root / CATALOG}')} AS {LAKE} ({options}, META_JOURNAL_MODE 'WAL', META_BUSY_TIMEOUT {BUSY})"
    return f"ATTACH {quoted(f'ducklake:postgres:{_address()}')} AS {LAKE} ({options}, METADATA_SCHEMA {quoted(SCHEMA)})"


def _address() -> str:
    """The database Django uses, as a libpq connection string."""
    settings = connection.settings_dict
    parts = {
        "dbname": settings["NAME"],
        "user": settings["USER"],
        "password": settings["PASSWORD"],
        "host": settings["HOST"],
        "port": settings["PORT"],
    }
    return " ".join(f"{key}={_libpq(str(value))}" for key, value in parts.items() if value)


def _libpq(value: str) -> str:
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"
