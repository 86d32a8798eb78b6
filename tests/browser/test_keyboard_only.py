"""A record is found, opened, changed and saved without the mouse."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from banjie.packs.demo.loader import DEMO_PASSWORD
from tests.browser.desk import Office

FAR = 80  # presses of Tab within which anything must be reached


def tab_to(page: Page, selector: str) -> None:
    for _ in range(FAR):
        page.keyboard.press("Tab")
        if page.evaluate("(selector) => document.activeElement?.matches(selector) ?? false", selector):
            return
    raise AssertionError(f"{selector} was not reached with Tab")


def test_log_in_search_open_edit_and_save_with_the_keyboard_alone(office: Office) -> None:
    page = office.desk()
    page.goto("/accounts/login/")
    page.keyboard.type("clerk_yangxi")  # the name is where one begins
    page.keyboard.press("Tab")
    page.keyboard.type(DEMO_PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("周小溪")

    page.keyboard.press("/")
    expect(page.locator("#find")).to_be_focused()
    page.keyboard.type("洋溪")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("洋溪")
    tab_to(page, "main ul.lines a")
    page.keyboard.press("Enter")
    expect(page.locator("#fields")).to_be_visible()
    tab_to(page, "main a.button-main")
    page.keyboard.press("Enter")
    expect(page.locator(".record-form")).to_be_visible()
    tab_to(page, "#field-year_target")
    page.keyboard.press("Control+A")
    page.keyboard.type("只用键盘改的")
    tab_to(page, ".record-form .button-main")
    page.keyboard.press("Enter")
    expect(page.locator(".fields")).to_contain_text("只用键盘改的")


def test_the_skip_link_is_first_and_leads_to_the_content(office: Office) -> None:
    page = office.desk("clerk_yangxi")
    page.goto("/registers/projects/")
    page.keyboard.press("Tab")
    skip = page.locator(".skip-link")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page.locator("#main")).to_be_focused()


def test_on_a_register_page_the_slash_goes_to_that_registers_search(office: Office) -> None:
    page = office.desk("clerk_yangxi")
    page.goto("/registers/projects/")
    page.keyboard.press("/")
    expect(page.locator("#q")).to_be_focused()
    page.keyboard.type("a/b")
    expect(page.locator("#q")).to_have_value("a/b")
