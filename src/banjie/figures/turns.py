"""One at a time: whoever changes the store waits for its turn, among threads and among processes."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.db import connection
from filelock import FileLock

ADVISORY_LOCK = 0x666967757265  # "figure": one catch-up at a time among all processes on a PostgreSQL

_turn = threading.RLock()
_depth = 0


@contextmanager
def alone(root: Path) -> Iterator[None]:
    """Among processes by a lock file or an advisory lock in PostgreSQL. The file lies beside the lake's folder, not in it: whoever
    removes the folder must not remove the lock that another process holds."""
    global _depth
    with _turn:
        if _depth:
            yield
            return
        _depth += 1
        try:
            root.parent.mkdir(parents=True, exist_ok=True)
            with _advisory_lock() if connection.vendor == "postgresql" else FileLock(root.parent / f"{root.name}.lock"):
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
