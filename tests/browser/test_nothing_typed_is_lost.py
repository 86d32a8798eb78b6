"""A form outlives a session that ended; a record that was removed comes back with one click."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from banjie.packs.demo.loader import DEMO_PASSWORD
from tests.browser.desk import Office, find_record


def log_in_again(page: Page, username: str) -> None:
    page.fill("[name=login]", username)
    page.fill("[name=password]", DEMO_PASSWORD)
    page.press("[name=password]", "Enter")


def test_what_was_typed_is_back_in_the_form_after_the_session_ended(office: Office) -> None:
    page = office.desk("clerk_yangxi")
    page.goto(find_record(page, "projects", "洋溪镇") + "edit/")
    page.fill("#field-year_target", "会话过期前写的一段话")
    page.fill("#why", "更正")
    page.context.clear_cookies(name="sessionid")
    page.locator(".record-form .button-main").click()
    expect(page.locator(".note-warning")).to_contain_text("刚才的操作没有完成")
    log_in_again(page, "clerk_yangxi")
    expect(page.locator("#kept")).to_be_visible()
    expect(page.locator("#field-year_target")).to_have_value("会话过期前写的一段话")
    expect(page.locator("#why")).to_have_value("更正")
    page.locator(".record-form .button-main").click()
    expect(page.locator(".fields")).to_contain_text("会话过期前写的一段话")
    assert page.evaluate("sessionStorage.getItem('banjie-draft')") is None


def test_what_one_person_typed_is_not_put_before_another(office: Office) -> None:
    page = office.desk("clerk_yangxi")
    page.goto(find_record(page, "projects", "洋溪镇") + "edit/")
    page.fill("#field-year_target", "别人不该看到的话")
    page.context.clear_cookies(name="sessionid")
    page.locator(".record-form .button-main").click()
    log_in_again(page, "project_office")
    expect(page.locator(".record-form")).to_be_visible()
    expect(page.locator("#kept")).to_be_hidden()
    expect(page.locator("#field-year_target")).not_to_have_value("别人不该看到的话")


def test_a_removed_record_is_restored_from_the_message(office: Office) -> None:
    page = office.desk("it_officer")
    address = find_record(page, "progress_reports", "XH2021-020")
    page.goto(address)
    page.locator("details.menu summary", has_text="删除").click()
    page.keyboard.press("Escape")
    expect(page.locator("#remove-why")).to_be_hidden()
    page.locator("details.menu summary", has_text="删除").click()
    page.fill("#remove-why", "重复")
    page.get_by_role("button", name="确认删除").click()
    page.get_by_role("button", name="撤销").click()
    expect(page.locator(".note-success")).to_contain_text("已恢复")
    page.goto(address)
    expect(page.locator(".head")).not_to_contain_text("已于")
