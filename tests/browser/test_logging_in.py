"""The door: a wrong password is told, guessing is stopped, logging out ends it, and a second factor can be added."""

from __future__ import annotations

from playwright.sync_api import expect

from banjie.packs.demo.loader import DEMO_PASSWORD
from tests.browser.desk import Office, log_in

ATTEMPTS = 10  # AXES_FAILURE_LIMIT


def test_after_repeated_failures_log_in_is_paused_and_says_for_how_long(office: Office) -> None:
    office.county.command("account", "admin", "locked_out", "--name", "丁锁", "--password", "a-right-password-7")
    page = office.desk()
    for _ in range(ATTEMPTS):
        page.goto("/accounts/login/")
        page.fill("[name=login]", "locked_out")
        page.fill("[name=password]", "a-wrong-password-7")
        with page.expect_navigation():
            page.press("[name=password]", "Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("暂时不能登录")
    expect(page.locator("main")).to_contain_text("15 分钟后再试")
    page.goto("/accounts/login/")
    page.fill("[name=login]", "locked_out")
    page.fill("[name=password]", "a-right-password-7")
    page.press("[name=password]", "Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("暂时不能登录")


def test_a_wrong_password_is_told_without_saying_which_part_was_wrong(office: Office) -> None:
    page = office.desk()
    page.goto("/accounts/login/")
    page.fill("[name=login]", "nobody_at_all")
    page.fill("[name=password]", "a-wrong-password-7")
    page.press("[name=password]", "Enter")
    expect(page.locator("main")).to_contain_text("用户名或密码不正确")
    expect(page.locator("[name=login]")).to_have_value("nobody_at_all")


def test_logging_out_ends_the_session(office: Office) -> None:
    page = office.desk()
    log_in(page, "project_office")
    page.get_by_role("link", name="退出").click()
    page.locator("main").get_by_role("button", name="退出").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("登录")
    page.goto("/registers/projects/")
    expect(page.get_by_role("heading", level=1)).to_have_text("登录")
    assert "next=" in page.url


def test_the_page_asked_for_opens_after_logging_in(office: Office) -> None:
    page = office.desk()
    page.goto("/registers/projects/?q=XH2021-001")
    page.fill("[name=login]", "project_office")
    page.fill("[name=password]", DEMO_PASSWORD)
    page.press("[name=password]", "Enter")
    expect(page.locator("#count")).to_have_text("1")


def test_the_second_factor_can_be_reached_and_begun(office: Office) -> None:
    page = office.desk()
    log_in(page, "county_leader")
    page.locator(".side-name").click()
    expect(page.locator("main")).to_contain_text("两步验证")
    page.get_by_role("link", name="启用").click()
    if page.get_by_role("heading", name="请确认是您本人").is_visible():  # asked again, as the setting guards the account
        page.fill("[name=password]", DEMO_PASSWORD)
        page.press("[name=password]", "Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("启用两步验证")
    shown = page.locator("main img").first
    assert shown.evaluate("image => image.complete && image.naturalWidth > 0")
