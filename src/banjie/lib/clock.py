"""The one place that asks what time it is, so that history can be loaded at its own time.

``now()`` is the moment at which something is recorded. Inside ``simulated(moment)`` it is that
moment, and ``is_simulated()`` is true: the ledger then also writes when the entry was really loaded.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

LOCAL = ZoneInfo("Asia/Shanghai")
_simulated: ContextVar[datetime | None] = ContextVar("simulated", default=None)


def now() -> datetime:
    """The present moment, aware, in UTC."""
    return _simulated.get() or datetime.now(UTC)


def really_now() -> datetime:
    """The wall clock, whatever is simulated."""
    return datetime.now(UTC)


def today() -> date:
    """The present day in local time."""
    return now().astimezone(LOCAL).date()


def is_simulated() -> bool:
    return _simulated.get() is not None


@contextmanager
def simulated(moment: datetime) -> Iterator[None]:
    """Record everything in this block as at ``moment`` (aware)."""
    if moment.tzinfo is None:
        raise ValueError("a simulated moment needs a time zone")
    token = _simulated.set(moment.astimezone(UTC))
    try:
        yield
    finally:
        _simulated.reset(token)
