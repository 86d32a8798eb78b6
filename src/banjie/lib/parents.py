"""A process that ends when the one that started it does, even if that was killed and could say nothing."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable

SERVER = "_BANJIE_SERVER"  # in the environment of a server's processes: the process id of the server
LOOKS_EVERY = 1.0  # seconds


def when_parent_ends(parent: int, then: Callable[[], object], *, every: float = LOOKS_EVERY) -> threading.Thread:
    """Call ``then`` from a thread of its own as soon as ``parent`` (a process id) is no longer this process's parent."""

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(every)
        then()

    thread = threading.Thread(target=watch, name="parent-watch", daemon=True)
    thread.start()
    return thread
