"""The job worker as a child of the server: started again when it dies, ended when the server ends, however that ends."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import threading
import time
from typing import Self

logger = logging.getLogger("banjie.jobs")

FIRST_WAIT, LONGEST_WAIT = 1.0, 60.0  # seconds before it is started again; doubled each time
HEALTHY_AFTER = 60.0  # one that has run for so long begins with the first wait again
FINISH_WITHIN, BREAK_OFF_WITHIN = 2.0, 0.5  # seconds for the job under way, then for letting go of it


class Supervised:
    """A context in which the worker runs. Should the server be killed, the worker notices that its parent is gone and ends by
    itself. A terminal's Ctrl+C does not reach it; it is told to stop when the server has."""

    def __init__(self, command: tuple[str, ...] | None = None, *, first_wait: float = FIRST_WAIT) -> None:
        self.command = command or (sys.executable, "-m", "banjie.cli.main", "work", "--child-of", str(os.getpid()))
        self.first_wait = first_wait
        self.child: subprocess.Popen[bytes] | None = None
        self._stopping = threading.Event()
        self._turn = threading.Lock()  # so that none is started while it is being stopped
        self._watch = threading.Thread(target=self._keep_alive, name="job-worker", daemon=True)

    def __enter__(self) -> Self:
        self._start()
        self._watch.start()
        return self

    def __exit__(self, *_: object) -> None:
        with self._turn:
            self._stopping.set()
            child = self.child
        if child is not None:
            _end(child)
        self._watch.join(1)

    def _start(self) -> subprocess.Popen[bytes] | None:
        with self._turn:
            if self._stopping.is_set():
                return None
            self.child = subprocess.Popen(self.command, stdin=subprocess.DEVNULL, start_new_session=True)
            return self.child

    def _keep_alive(self) -> None:
        wait, child = self.first_wait, self.child
        while child is not None:
            began = time.monotonic()
            status = child.wait()
            if self._stopping.is_set():
                return
            if time.monotonic() - began >= HEALTHY_AFTER:
                wait = self.first_wait
            logger.error("the job worker ended (%s); it is started again in %g s", _reason(status), wait)
            if self._stopping.wait(wait):
                return
            wait = min(wait * 2, LONGEST_WAIT)
            child = self._start()


def _reason(status: int) -> str:
    return f"signal {-status}" if status < 0 else f"exit status {status}"


def _end(child: subprocess.Popen[bytes]) -> None:
    """Let it finish its job; then let it break off, whose job the next worker takes up; then kill it."""
    for wait in (FINISH_WITHIN, BREAK_OFF_WITHIN):
        child.terminate()
        try:
            child.wait(timeout=wait)
        except subprocess.TimeoutExpired:
            continue
        return
    child.kill()
    child.wait()
