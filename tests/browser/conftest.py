"""A real Chromium before a real server. All these tests share one county and so run in one process, one after the other."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.browser.county_server import CountyServer, served
from tests.browser.desk import Office
from tests.conftest import NO_BROWSER

HERE = Path(__file__).parent
NAMES = ("chromium", "chromium-browser", "google-chrome")
FLAGS = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def chromium() -> str | None:
    """The machine's own Chromium; none is ever fetched."""
    return next((found for name in NAMES if (found := shutil.which(name))), None)


@pytest.hookimpl(tryfirst=True)  # before xdist reads the groups
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    missing = chromium() is None
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.xdist_group("browser"))
            if missing:
                item.add_marker(pytest.mark.skip(reason=NO_BROWSER))


@pytest.fixture(scope="package")
def county(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CountyServer]:
    with served(tmp_path_factory.mktemp("county")) as server:
        yield server


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """For the package, not the session: Playwright's loop must be gone before other tests touch the database."""
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium(), args=FLAGS, headless=True)
        yield started
        started.close()


@pytest.fixture(scope="package")
def logins() -> dict[str, object]:
    """The cookies of who has logged in already, by account: one log-in an account serves all stories."""
    return {}


@pytest.fixture
def office(county: CountyServer, browser: Browser, logins: dict[str, object]) -> Iterator[Office]:
    """Desks to sit down at. What every page must keep to is looked at when the story is over."""
    with Office(county, browser, logins).open() as opened:
        yield opened
    assert opened.faults == []
