"""What the database knows of how its tables are filled, by which it chooses an index. After many rows at once it must be told:
PostgreSQL looks by itself only after a while, SQLite never."""

from __future__ import annotations

from django.db import connection, transaction

MANY = 5_000  # rows written together; fewer do not change which index is the best
TABLES = ("registers_record", "registers_piece", "ledger_entry", "ledger_head")
ALL_ROWS = 0  # for SQLite to look at: from a sample it takes a register of a million rows for one of a thousand. 0.4 s a million


def refresh_statistics() -> None:
    """Look at the tables that records fill. Outside a transaction, or at the end of one."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(f"ANALYZE {', '.join(TABLES)}")
            return
        cursor.execute(f"PRAGMA analysis_limit = {ALL_ROWS}")
        for table in TABLES:
            if table != "registers_piece":  # a full-text index, which keeps its own
                cursor.execute(f"ANALYZE {table}")


def refresh_after(rows: int) -> None:
    """Once the rows of this transaction are committed, if they were many."""
    if rows >= MANY:
        transaction.on_commit(refresh_statistics, robust=True)


def optimize() -> None:
    """What SQLite asks to be done now and then, and before a long-lived connection closes; it decides what needs looking at."""
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute(f"PRAGMA analysis_limit = {ALL_ROWS}")
            cursor.execute("PRAGMA optimize")
