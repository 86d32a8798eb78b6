"""Every page, wide and narrow, in both languages: nothing sticks out and axe finds nothing. Pictures are kept of what is wrong.

The pages of one account and language are looked at in one browser context, so that scripts and styles are fetched once. axe looks
at both widths in Chinese; in English, where only words differ, at one, and without measuring the same colours again.
"""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.base import AxeResults
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from tests.browser.county_server import CountyServer
from tests.browser.desk import HEIGHTS, NARROW, WIDE, Office, await_charts, find_record, scrolls_sideways
from tests.browser.sheets import projects_sheet

pytestmark = pytest.mark.slow


@dataclass(frozen=True)
class Shown:
    """A page and how to come to it. ``go`` does what a click would do before one looks."""

    name: str
    address: str
    account: str | None = "it_officer"
    go: Callable[[Page], None] | None = None


def _open_filters(page: Page) -> None:
    page.locator(".filter-more summary").click()


def _save_nothing(page: Page) -> None:
    page.locator(".record-form .button-main").click()
    page.wait_for_selector("#problems")


def _first_project(page: Page) -> None:
    page.goto(find_record(page, "projects", "XH2021-001"))


def _edit_first_project(page: Page) -> None:
    page.goto(find_record(page, "projects", "XH2021-001") + "edit/")


def _first_report(page: Page) -> None:
    page.goto(find_record(page, "progress_reports", "XH2021-001"))


def _two_at_once(page: Page) -> None:
    """Open a form, save the record from another tab, then save the form: the difference to settle."""
    address = find_record(page, "progress_reports", "XH2021-002") + "edit/"
    page.goto(address)
    with page.context.new_page() as other:
        other.goto(address)
        other.fill("#field-problem", f"用地待批 {time.monotonic_ns()}")
        other.locator(".record-form .button-main").click()
        other.wait_for_selector(".note-success")
    page.fill("#field-problem", "资金待落实")
    page.locator(".record-form .button-main").click()
    page.wait_for_selector("#conflict")


def _try_a_bad_sheet(page: Page) -> None:
    with tempfile.TemporaryDirectory() as folder:
        page.set_input_files(
            "#file",
            projects_sheet(Path(folder) / "项目.xlsx", 9, series="BAD", year=2034, wrong={3: (5, "航天"), 7: (8, "三千")}),
        )
        page.locator(".upload-sheet .button-main").click()
        page.wait_for_selector("#problem-table", timeout=60_000)


PAGES = [
    Shown("log-in", "/accounts/login/", None),
    Shown("workbench", "/", "project_office"),
    Shown("leader", "/", "county_leader"),
    Shown("missing-reports", "/workbench/missing_reports/?month=2021-09", "project_office"),
    Shown("registers", "/registers/"),
    Shown("register", "/registers/projects/", go=_open_filters),
    Shown("reports", "/registers/progress_reports/?sort=-invested"),
    Shown("removed", "/registers/projects/?removed=1"),
    Shown("record", "/registers/projects/", go=_first_project),
    Shown("child-record", "/registers/progress_reports/", go=_first_report),
    Shown("edit", "/registers/projects/", go=_edit_first_project),
    Shown("new-refused", "/registers/projects/new/", go=_save_nothing),
    Shown("import", "/registers/projects/import/"),
    Shown("import-tried", "/registers/projects/import/", "clerk_yangxi", _try_a_bad_sheet),
    Shown("conflict", "/registers/progress_reports/", go=_two_at_once),
    Shown("search", "/search/?q=洋溪"),
    Shown("cockpit", "/cockpit/", go=await_charts),
    Shown("figures", "/figures/"),
    Shown("figure", "/figures/projects.invested/?period=2021-01..2021-10&by=town", "statistician", await_charts),
    Shown("ratio", "/figures/projects.completion/?period=2021-01..2021-10&by=industry", "statistician", await_charts),
    Shown("forms", "/forms/", "statistician"),
    Shown("packs", "/packs/"),
    Shown("pack", "/packs/key_projects/"),
    Shown("second-factor", "/accounts/2fa/"),
    Shown("password", "/accounts/password/change/"),
    Shown("log-out", "/accounts/logout/"),
    Shown("not-found", "/records/999999999/"),
    Shown("not-permitted", "/packs/", "clerk_yangxi"),
]


COLOURS_ASIDE = {"color-contrast": {"enabled": False}}


def faults_by_axe(page: Page, *, colours: bool = True) -> str:
    """What axe finds wrong, as a report; empty where it finds nothing. The script is brought in once a page."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(Axe().axe_script)
    options = {"resultTypes": ["violations"]} | ({} if colours else {"rules": COLOURS_ASIDE})
    found = AxeResults(page.evaluate("options => axe.run(options)", options))
    return found.generate_report() if found.violations_count else ""


@dataclass
class Sittings:
    """One page for each account and language, kept from test to test."""

    office: Office
    pages: dict[tuple[str | None, str], Page] = field(default_factory=dict)

    def page(self, account: str | None, language: str) -> Page:
        if (account, language) not in self.pages:
            self.pages[account, language] = self.office.desk(account, language=language)
        page = self.pages[account, language]
        page.set_viewport_size({"width": WIDE, "height": HEIGHTS[WIDE]})
        return page

    def new_faults(self) -> list[str]:
        """What the watches saw since they were last asked."""
        found = self.office.faults
        for watch in self.office.watches:
            watch.faults.clear()
        return found


@pytest.fixture(scope="module")
def sittings(county: CountyServer, browser: Browser, logins: dict[str, Any]) -> Iterator[Sittings]:
    with Office(county, browser, logins).open() as opened:
        yield Sittings(opened)


@pytest.fixture(scope="module")
def album(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("screenshots")


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("shown", PAGES, ids=lambda shown: shown.name)
def test_a_page_fits_both_widths_and_axe_finds_nothing(sittings: Sittings, shown: Shown, language: str, album: Path) -> None:
    page = sittings.page(shown.account, language)
    page.goto(shown.address)
    if shown.go:
        shown.go(page)
    wrong = faults_at(page, WIDE, axe=True, colours=language == "zh")
    picture(page, album / f"{shown.name}-{language}-{WIDE}.jpeg", wrong)
    page.set_viewport_size({"width": NARROW, "height": HEIGHTS[NARROW]})
    if shown.go is await_charts:  # they are laid out for the width at which a page is opened
        page.reload()
        await_charts(page)
    narrow = faults_at(page, NARROW, axe=language == "zh", colours=True)
    picture(page, album / f"{shown.name}-{language}-{NARROW}.jpeg", narrow)
    assert wrong + narrow + sittings.new_faults() == []


def faults_at(page: Page, width: int, *, axe: bool, colours: bool) -> list[str]:
    wrong = [f"{width}: the page scrolls sideways"] if scrolls_sideways(page) else []
    found = faults_by_axe(page, colours=colours) if axe else ""
    return [*wrong, f"{width}: {found}"] if found else wrong


def picture(page: Page, path: Path, wrong: list[str]) -> None:
    """Keep one of what is wrong, or of everything where BANJIE_SCREENSHOTS asks for it."""
    if wrong or os.environ.get("BANJIE_SCREENSHOTS") == "1":
        page.screenshot(path=path, full_page=True, quality=85, type="jpeg")
        print(f"picture: {path}")


def test_axe_would_find_a_picture_without_words(office: Office) -> None:
    page = office.desk()
    page.goto("/accounts/login/")
    page.evaluate("document.querySelector('img').removeAttribute('alt')")
    assert "alternative text" in faults_by_axe(page)
