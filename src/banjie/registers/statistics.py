"""What the database knows of how its tables are filled, by which it chooses an index. After many rows at once it must be told:
PostgreSQL looks by itself only after a while, SQLite never."""

from __future__ import annotations

from django.db import connection, transaction

MANY = 5_000  # rows written together; fewer do not change which index is the best
TABLES = ("registers_record", "registers_piece", "ledger_entry", "ledger_head")
ROWS_LOOKED_AT = 1_000  # of each index, on SQLite: enough to choose by, and quick at ten million rows


def refresh_statistics() -> None:
    """Look at the tables that records fill. Outside a transaction, or at the end of one."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(f"ANALYZE {', '.join(TABLES)}")
            return
        cursor.execute(f"PRAGMA analysis_limit = {ROWS_LOOKED_AT}")
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
            cursor.execute(f"PRAGMA analysis_limit = {ROWS_LOOKED_AT}")
            cursor.execute("PRAGMA optimize")
