"""Every page, wide and narrow, in both languages: nothing sticks out, axe finds nothing, and a picture is kept of each."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from axe_playwright_python.base import AxeResults
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.browser.desk import HEIGHTS, NARROW, WIDE, Office, await_charts, find_record, scrolls_sideways
from tests.browser.sheets import projects_sheet


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
    Shown("workbench", "/"),
    Shown("registers", "/registers/"),
    Shown("register", "/registers/projects/", go=_open_filters),
    Shown("reports", "/registers/progress_reports/?sort=-invested"),
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
    Shown("packs", "/packs/"),
    Shown("pack", "/packs/key_projects/"),
    Shown("second-factor", "/accounts/2fa/"),
    Shown("password", "/accounts/password/change/"),
    Shown("log-out", "/accounts/logout/"),
    Shown("not-found", "/records/999999999/"),
    Shown("not-permitted", "/packs/", "clerk_yangxi"),
]


def faults_by_axe(page: Page) -> str:
    """What axe finds wrong, as a report; empty where it finds nothing. The script is brought in once a page."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(Axe().axe_script)
    found = AxeResults(page.evaluate("axe.run({resultTypes: ['violations']})"))
    return found.generate_report() if found.violations_count else ""


@pytest.fixture(scope="module")
def album(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("screenshots")
    yield folder
    print(f"\nscreenshots of every page: {folder}")


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("shown", PAGES, ids=lambda shown: shown.name)
def test_a_page_fits_both_widths_and_axe_finds_nothing(office: Office, shown: Shown, language: str, album: Path) -> None:
    page = office.desk(shown.account, language=language)
    page.goto(shown.address)
    if shown.go:
        shown.go(page)
    wrong = []
    for width in (WIDE, NARROW):
        if width == NARROW:
            page.set_viewport_size({"width": width, "height": HEIGHTS[width]})
            if shown.go is await_charts:  # they are laid out for the width at which a page is opened
                page.reload()
                await_charts(page)
        page.screenshot(path=album / f"{shown.name}-{language}-{width}.jpeg", full_page=True, quality=85, type="jpeg")
        if scrolls_sideways(page):
            wrong.append(f"{width}: the page scrolls sideways")
        if found := faults_by_axe(page):
            wrong.append(f"{width}: {found}")
    assert wrong == []


def test_axe_would_find_a_picture_without_words(office: Office) -> None:
    page = office.desk()
    page.goto("/accounts/login/")
    page.evaluate("document.querySelector('img').removeAttribute('alt')")
    assert "alternative text" in faults_by_axe(page)
