"""Whether a worker is alive, told without the database: on SQLite a long import holds it, and the worker is alive all the same.

Each worker has a locked file in ``workers`` of the data folder (`worker`); it touches the file every few seconds from a thread of
its own. Web machines that share the data folder see it too.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event, Thread

from django.conf import settings

from banjie.lib import clock

logger = logging.getLogger("banjie.jobs")

BEAT = 5.0  # seconds
SILENT_AFTER = timedelta(seconds=60)  # a restart takes a few seconds, and is no news


def folder() -> Path:
    """Where the workers' files lie."""
    return Path(settings.DATA) / "workers"


@contextmanager
def beating(path: Path, *, every: float = BEAT) -> Iterator[None]:
    """Touch a worker's file as long as the block runs, however long one job takes."""
    done = Event()

    def beat() -> None:
        while not done.wait(every):
            try:
                os.utime(path)
            except OSError as error:  # a full or lost disk: the jobs will say so themselves
                logger.warning("the worker's sign of life was not written: %s", error.strerror)

    thread = Thread(target=beat, name="heartbeat", daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join(every)


def last_seen() -> datetime | None:
    """When any worker was last alive (UTC); None where none ever ran, or all ended in an orderly way."""
    seen = []
    for path in folder().glob("*.lock"):
        try:
            seen.append(path.stat().st_mtime)
        except FileNotFoundError:
            continue  # it ended just now
    return datetime.fromtimestamp(max(seen), UTC) if seen else None


def is_silent() -> bool:
    """Whether no worker has been alive for a while, so that imports and nightly work wait."""
    seen = last_seen()
    return seen is None or clock.really_now() - seen > SILENT_AFTER
