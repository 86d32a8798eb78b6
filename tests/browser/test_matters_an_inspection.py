"""An inspection carried out by two officers, rectified, re-checked and published; and a grid worker who may not record one."""

from __future__ import annotations

import time

import pytest
from playwright.sync_api import Page, expect

from tests.browser.desk import Office
from tests.browser.test_matters_a_request_to_its_rating import button, stage, way

pytestmark = pytest.mark.slow

PHOTO = b"\x89PNG\r\n\x1a\n" + b"\x00" * 32
CODE = f"JC-{time.time_ns() % 10**8:08}"  # another one each time it is run on the same data


def add_officer(page: Page, position: int) -> None:
    """From the inspection's page: the officer at a position of the list, present that day."""
    home = page.url
    page.locator("section", has=page.locator("#children-inspection_officers")).get_by_role("link", name="新增").click()
    page.select_option("#field-officer", index=position)
    page.fill("#field-present_on", "2026-11-20")
    page.locator(".record-form .button-main").click()
    expect(page.locator(".note-success")).to_be_visible()
    page.goto(home)


def fill_in(page: Page, storage: str) -> None:
    page.fill("#field-trip", f"{CODE}-1")
    page.fill("#field-inspected_on", "2026-11-20")
    for head in ("use_check", "transport_check", "ledger_check"):
        page.select_option(f"#field-{head}", index=1)
    page.select_option("#field-storage_check", value=storage)
    page.select_option("#field-licence_valid", label="是")
    page.set_input_files("#files", {"name": "现场.png", "mimeType": "image/png", "buffer": PHOTO})


def test_an_inspection_takes_two_officers_and_a_defect_is_rectified_before_it_is_published(office: Office) -> None:
    inspector, head, grid = office.desk("inspector"), office.desk("inspection_head"), office.desk("grid_worker")

    inspector.goto("/processes/inspection/open/")
    inspector.fill("#field-code", CODE)
    inspector.select_option("#field-operator", index=1)
    inspector.select_option("#field-town", label="上梅街道")
    inspector.select_option("#field-kind", index=1)
    inspector.select_option("#field-certificates_shown", label="是")
    button(inspector, "提交")
    expect(inspector.locator(".note-success")).to_contain_text("已受理")
    assert stage(inspector) == "待检查"
    home = inspector.url

    # One officer is not enough, whatever was found.
    add_officer(inspector, 1)
    way(inspector, "有瑕疵，责令整改")
    fill_in(inspector, "defect")
    button(inspector, "有瑕疵，责令整改")
    expect(inspector.locator("#problems")).to_contain_text("执法人员不得少于两人")
    expect(inspector.locator("#field-trip")).to_have_value(f"{CODE}-1")  # nothing that was typed is lost
    inspector.goto(home)
    assert stage(inspector) == "待检查"

    # With two, a defect goes to rectification and not to publication.
    add_officer(inspector, 2)
    way(inspector, "检查符合，转公示")
    fill_in(inspector, "defect")
    button(inspector, "检查符合，转公示")
    expect(inspector.locator("#problems")).to_contain_text("有瑕疵或违法违规的不能直接公示")
    inspector.goto(home)
    way(inspector, "有瑕疵，责令整改")
    fill_in(inspector, "defect")
    button(inspector, "有瑕疵，责令整改")
    assert stage(inspector) == "整改"

    # A grid worker sees it, and cannot touch it.
    grid.goto(home)
    assert grid.locator(".ways, .offers").count() == 0
    number = inspector.locator(".offers a").first.get_attribute("href")
    assert number is not None
    grid.goto(number.rsplit("/", 2)[0] + "/advance/rechecking/")
    expect(grid.locator("main")).to_contain_text("现在还不能办理")
    grid.goto("/processes/inspection/open/")
    expect(grid.locator("main")).to_contain_text("权限")

    # Rectified, re-checked, and published by the head of the team.
    way(inspector, "已整改，转复查")
    inspector.fill("#field-finding", "库房温湿度记录缺页")
    inspector.fill("#field-rectified_on", "2026-11-22")
    button(inspector, "已整改，转复查")
    way(inspector, "复查合格")
    inspector.select_option("#field-recheck_passed", label="是")
    button(inspector, "复查合格")
    assert stage(inspector) == "结果公示"
    head.goto(home)
    way(head, "已公示")
    head.fill("#field-published_on", "2026-11-23")
    button(head, "已公示")
    expect(head.locator(".matter")).to_contain_text("办结")
    history = head.locator("section", has=head.locator("#history")).locator(".history")
    expect(history).to_contain_text("由「结果公示」办结：办结，按期")
