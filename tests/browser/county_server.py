"""The demonstration county in a folder of its own, served as an office serves it: the web server with the worker beside it."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.error import URLError
from urllib.request import ProxyHandler, build_opener

READY_WITHIN = 60.0  # seconds


@dataclass(frozen=True)
class CountyServer:
    address: str  # http://127.0.0.1:port
    data: Path

    def command(self, *arguments: str) -> str:
        """Run ``banjie`` on the served data, as an administrator would in a terminal."""
        return _banjie(self.data, *arguments)


MOVED_CLOCK = Path(__file__).parent / "moved_clock"


def environment(data: Path) -> dict[str, str]:
    """Nothing of the test run reaches the server: not its database, not its settings. Where the folder has a file ``ahead``, the
    present is so many seconds ahead of the real time."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    moved = {"PYTHONPATH": str(MOVED_CLOCK), "MOVED_CLOCK": str(data / "ahead")} if (data / "ahead").exists() else {}
    return kept | moved | {"BANJIE_DATA": str(data), "PYTHONUTF8": "1"}


@contextmanager
def served(data: Path) -> Iterator[CountyServer]:
    """Make the demonstration (once) and serve it on a free port; everything started is ended on leaving."""
    _banjie(data, "demo", "--no-serve")
    port = _free_port()
    with (data / "server.log").open("wb") as log:
        server = subprocess.Popen(
            [sys.executable, "-m", "banjie.cli.main", "serve", "--port", str(port)],
            env=environment(data), cwd=data, stdout=log, stderr=subprocess.STDOUT, start_new_session=True,
        )  # fmt: skip
        try:
            address = f"http://127.0.0.1:{port}"
            _await_answer(f"{address}/accounts/login/", server, data / "server.log")
            yield CountyServer(address, data)
        finally:
            _end(server)


def _banjie(data: Path, *arguments: str) -> str:
    ran = subprocess.run(
        [sys.executable, "-m", "banjie.cli.main", *arguments],
        env=environment(data), cwd=data, capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    assert ran.returncode == 0, f"banjie {' '.join(arguments)} failed:\n{ran.stdout}\n{ran.stderr}"
    return ran.stdout


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _await_answer(address: str, server: subprocess.Popen[bytes], log: Path) -> None:
    opener = build_opener(ProxyHandler({}))  # never through a proxy of the machine
    until = time.monotonic() + READY_WITHIN
    while time.monotonic() < until:
        assert server.poll() is None, f"the server ended at once:\n{log.read_text()}"
        try:
            with opener.open(address, timeout=5):
                return
        except (URLError, ConnectionError, TimeoutError):
            time.sleep(0.1)
    raise AssertionError(f"the server did not answer within {READY_WITHIN:.0f} s:\n{log.read_text()}")


def _end(server: subprocess.Popen[bytes]) -> None:
    """The server, its web process and its worker: they share one process group that is theirs alone."""
    os.killpg(server.pid, signal.SIGTERM)
    with suppress(subprocess.TimeoutExpired):
        server.wait(timeout=10)
    with suppress(ProcessLookupError):  # all have gone already
        os.killpg(server.pid, signal.SIGKILL)
    server.wait()
