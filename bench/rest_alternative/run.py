"""Measure the alternative as ours was measured."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil

PORT = 8918


def alternative(postgres: Any, rows: int, server: Any, line: Any, measured: Callable[..., float]) -> dict[str, float]:
    """Milliseconds of processor time by what was asked, under the names that ours are printed with."""
    if "alternative" not in postgres.psql("SELECT datname FROM pg_database;"):
        postgres.psql("CREATE DATABASE alternative;")
    here = str(Path(__file__).parents[1])
    os.environ["PYTHONPATH"] = os.pathsep.join([here, *filter(None, [os.environ.get("PYTHONPATH")])])
    filled = subprocess.run(
        [sys.executable, "-m", "rest_alternative.fill", str(rows)],
        cwd=here,
        capture_output=True,
        text=True,
        check=True,
    )
    command = [sys.executable, "-m", "granian", "--interface", "wsgi", "--port", str(PORT), "--blocking-threads", "4"]
    run = time.time_ns()
    with server([*command, "rest_alternative.wsgi:application"], PORT) as web:
        processes = [web, psutil.Process(postgres.get_pid())]
        ask = line(PORT, f"Token {filled.stdout.split()[0]}")
        versions = {int(pk): int(v) for pk, v in (pair.split(":") for pair in filled.stdout.split()[1:])}

        def advance(n: int) -> None:
            ask("POST", f"/issues/{n + 1}/advance/", {"to": "handling", "version": versions[n + 1]})

        fields = {"kind": "路灯", "town": "431322102"}
        return {
            "create": measured(
                "create", lambda n: ask("POST", "/issues/", {"subject": f"N-{run}-{n}", "fields": fields}), processes
            ),
            "advance": measured("advance", advance, processes),
            "my open matters by due date": measured("my open matters by due date", lambda n: ask("GET", "/issues/"), processes),
            "one with history": measured("one with history", lambda n: ask("GET", f"/issues/{n + 5000}/"), processes),
        }
