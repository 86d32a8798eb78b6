"""The job worker beside the server: started again when it dies, gone when the server is."""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from banjie.cli import supervision
from banjie.cli.supervision import Supervised

SLEEPER = (sys.executable, "-c", "import time; time.sleep(60)")
DEAF = (
    sys.executable,
    "-c",
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('x', flush=True); time.sleep(60)",
)


@pytest.fixture
def log() -> Iterator[list[str]]:
    said: list[str] = []
    handler = logging.Handler()
    handler.emit = lambda record: said.append(record.getMessage())  # type: ignore[method-assign]
    logging.getLogger("banjie.jobs").addHandler(handler)
    yield said
    logging.getLogger("banjie.jobs").removeHandler(handler)


def until(true: Callable[[], object], seconds: float = 10) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if true():
            return True
        time.sleep(0.02)
    return False


def lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return not Path(f"/proc/{pid}/stat").exists() or Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"


def test_a_worker_that_was_killed_is_started_again_and_a_line_says_so(log: list[str]) -> None:
    with Supervised(SLEEPER, first_wait=0.05) as worker:
        assert worker.child is not None
        first = worker.child.pid
        os.kill(first, signal.SIGKILL)
        assert until(lambda: worker.child and worker.child.pid != first)
        second = worker.child.pid
        assert lives(second)
    assert log == ["the job worker ended (signal 9); it is started again in 0.05 s"]
    assert not lives(second)


def test_one_that_dies_again_and_again_is_waited_for_longer_each_time(log: list[str]) -> None:
    with Supervised((sys.executable, "-c", "raise SystemExit(3)"), first_wait=0.02):
        assert until(lambda: len(log) >= 3)
    assert [line.rsplit(" ", 2)[1] for line in log[:3]] == ["0.02", "0.04", "0.08"]
    assert "exit status 3" in log[0]


def test_one_that_does_not_listen_is_ended_within_three_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervision, "FINISH_WITHIN", 0.2)
    monkeypatch.setattr(supervision, "BREAK_OFF_WITHIN", 0.2)
    with Supervised(DEAF) as worker:
        assert worker.child is not None
        pid = worker.child.pid
        time.sleep(0.3)
        began = time.monotonic()
    assert time.monotonic() - began < 3
    assert not lives(pid)


def test_the_worker_ends_when_its_server_was_killed(tmp_path: Path) -> None:
    """A parent that starts a watching child, and is killed: the child is gone within seconds."""
    child = "import os, time; from banjie.lib.parents import when_parent_ends; when_parent_ends(os.getppid(), lambda: os._exit(0), every=0.05); print('ready', flush=True); time.sleep(60)"
    program = textwrap.dedent(
        f"""
        import subprocess, sys, time
        child = subprocess.Popen([sys.executable, "-c", {child!r}], stdout=subprocess.PIPE)
        child.stdout.readline()
        print(child.pid, flush=True)
        time.sleep(60)
        """
    )
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        parent.kill()
    assert until(lambda: not lives(pid))
