"""English on every page for whoever wants it. What people typed stays in the language in which they typed it."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.desk import Office, find_record, log_in

HAN = re.compile(r"[\u4e00-\u9fff]")
PAGES = [
    "/", "/registers/", "/registers/projects/", "/registers/projects/new/", "/registers/projects/import/", "/search/", "/cockpit/",
    "/figures/", "/figures/projects.completion/?period=2021-01..2021-10", "/packs/", "/packs/key_projects/", "/accounts/2fa/",
    "/accounts/password/change/", "/accounts/logout/", "/records/999999999/",
]  # fmt: skip
LABELS = "h2, h3, button, label, legend, th[scope=col], nav[aria-label] a, summary, dt, .tag, .count, .foot span, .side a:not(.side-name)"


def chinese_labels(page: Page) -> list[str]:
    """The program's own words on the page that are still Chinese: headings, buttons, labels, titles, placeholders."""
    texts = [*page.locator(LABELS).all_inner_texts(), page.title()]
    texts += page.eval_on_selector_all("[placeholder]", "all => all.map(one => one.placeholder)")
    texts += page.eval_on_selector_all("[aria-label]", "all => all.map(one => one.getAttribute('aria-label'))")
    return [text for text in texts if HAN.search(text) and text.strip() != "中文"]


@pytest.mark.parametrize("address", PAGES)
def test_a_page_in_english_has_no_chinese_label_left(office: Office, address: str) -> None:
    page = office.desk("it_officer", language="en")
    page.goto(address)
    assert page.locator("html").get_attribute("lang") == "en"
    assert chinese_labels(page) == []


def test_a_record_in_english_shows_the_data_as_they_were_typed(office: Office) -> None:
    page = office.desk("it_officer", language="en")
    page.goto(find_record(page, "projects", "XH2021-001"))
    headings = page.locator("main h2").all_inner_texts()
    assert [heading for heading in headings if HAN.search(heading)] == []
    assert HAN.search(page.inner_text("h1"))


def test_the_choice_of_language_outlasts_pages_and_logging_out(office: Office) -> None:
    page = office.desk()
    log_in(page, "project_office")
    page.get_by_role("button", name="English").click()
    expect(page.get_by_role("link", name="Workbench")).to_be_visible()
    page.get_by_role("link", name="Cockpit").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Key projects cockpit")
    page.get_by_role("link", name="Log out").click()
    page.locator("main").get_by_role("button", name="Log out").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Log in")
    page.get_by_role("button", name="中文").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("登录")
