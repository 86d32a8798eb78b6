"""One request from intake to a rated closure, as four people see it: the shop that asks, the clerk, the head of the desk, the
county leader. In the middle it is suspended, and each sees what that does to the due time."""

from __future__ import annotations

import re
import time
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.browser.desk import NARROW, Office

SUBJECT = f"夜市摊位电表申请迟迟没有回音（{time.time_ns() % 10**6:06}）"  # another one each time it is run on the same data


def button(page: Page, name: str) -> None:
    page.locator("main").get_by_role("button", name=name, exact=True).click()


def open_matter(page: Page, subject: str = SUBJECT) -> None:
    """From the list of one's matters to the matter, as one does in the morning."""
    page.goto("/matters/")
    page.get_by_role("link", name=subject).first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text(subject)


def way(page: Page, name: str) -> None:
    page.locator(".ways").get_by_role("link", name=name, exact=True).click()


def other_step(page: Page, name: str) -> None:
    page.locator(".offers").get_by_role("link", name=name, exact=True).click()


def due_time(page: Page) -> str:
    shown = page.locator(".panel-due time")
    return str(shown.get_attribute("datetime"))


def stage(page: Page) -> str:
    return page.locator(".strip [aria-current=step] b").inner_text()


def test_a_request_is_handed_in_suspended_extended_answered_rated_low_and_called_back(office: Office, tmp_path: Path) -> None:
    shop = office.desk(width=NARROW)
    clerk, head, leader = office.desk("desk_shangmei"), office.desk("desk_head"), office.desk("county_leader")

    # The shop asks, by phone, without an account, and gets a code.
    shop.goto("/public/")
    shop.get_by_role("link", name="市场主体诉求办理").click()
    button(shop, "提交")
    expect(shop.get_by_role("alert")).to_contain_text("没有提交")
    shop.fill("#field-subject", SUBJECT)
    shop.select_option("#field-town", label="上梅街道")
    shop.fill("#field-enterprise", "梅山小吃")
    shop.fill("#field-phone", "13973800001")
    photo = tmp_path / "申请表.txt"
    photo.write_text("电表申请表\n", encoding="utf-8")
    shop.set_input_files("#files", photo)
    button(shop, "提交")
    code = shop.locator(".code-big").inner_text()
    assert re.fullmatch(r"[2-9A-Z]{5}-[2-9A-Z]{5}", code)
    assert stage(shop) == "受理"

    # The clerk finds it on the workbench, takes it up, and takes it in.
    clerk.goto("/")
    expect(clerk.locator("#my-matters")).to_contain_text("我的事项")
    open_matter(clerk)
    other_step(clerk, "接办")
    button(clerk, "接办")
    expect(clerk.locator(".matter")).to_contain_text("已接办")
    way(clerk, "受理")
    button(clerk, "受理")
    expect(clerk.locator("#problems")).to_contain_text("这一步必须填写")  # told what is missing; nothing happened
    clerk.select_option("#field-kind", label="水电气网")
    clerk.select_option("#field-urgency", label="水电气热（24 小时）")
    clerk.fill("#field-obstacle", "供电所等街道盖章")
    clerk.fill("#field-contacted_at", shanghai_now(clerk))
    button(clerk, "受理")
    expect(clerk.locator(".note-success")).to_be_visible()
    assert stage(clerk) == "办理"
    first_due = due_time(clerk)

    # It has to wait for an expert's report: suspended on a legal ground. The form says beforehand what that does.
    other_step(clerk, "暂停")
    expect(clerk.locator("section", has=clerk.locator("#effects"))).to_contain_text("个工作日后")
    clerk.fill("#ask-basis", "行政许可法第四十五条：鉴定所需时间不计")
    clerk.fill("#ask-evidence", "鉴定委托书〔2026〕3号")
    button(clerk, "暂停")
    expect(clerk.locator(".matter")).to_contain_text("已暂停")
    shop.reload()
    expect(shop.get_by_role("heading", level=1)).to_contain_text("已暂停")
    expect(shop.locator("main")).not_to_contain_text("谢店门")  # no official is named to anybody outside
    other_step(clerk, "恢复办理")
    effects = clerk.locator("section", has=clerk.locator("#effects"))
    expect(effects).to_contain_text("暂停前的期限")
    expect(effects).to_contain_text("现在恢复")
    button(clerk, "恢复办理")
    assert due_time(clerk) > first_due  # later by as long as it stood still
    clerk.locator(".clocks summary").first.click()
    expect(clerk.locator(".reckoning").first).to_contain_text("暂停计时")

    # The shop is asked for a document, and hands it in by its code.
    other_step(clerk, "退回补正")
    clerk.fill("#ask-wanted", "摊位经营协议复印件")
    button(clerk, "退回补正")
    shop.goto("/public/follow/")
    shop.fill("#code", code.lower())
    button(shop, "查进度")
    expect(shop.locator(".wanted")).to_contain_text("摊位经营协议复印件")
    agreement = tmp_path / "协议.txt"
    agreement.write_text("摊位经营协议\n", encoding="utf-8")
    shop.set_input_files("#files", agreement)
    button(shop, "补交")
    expect(shop.locator(".note-success")).to_contain_text("已补交")

    # The clerk asks for two hours more, and the head of the desk approves: the due time moves, and is explained.
    open_matter(clerk)
    before = due_time(clerk)
    other_step(clerk, "申请延期")
    clerk.fill("#ask-amount", "2")
    clerk.fill("#ask-reason", "等供电所现场勘查")
    button(clerk, "申请延期")
    assert due_time(clerk) == before  # asked for is not approved
    head.goto("/matters/")
    head.locator("section", has=head.locator("#to-decide")).get_by_role("link", name=SUBJECT).click()
    expect(head.locator("section", has=head.locator("#effects"))).to_contain_text("同意延长")
    button(head, "同意")
    clerk.reload()
    assert due_time(clerk) > before

    # Answered, then rated by the shop itself: not satisfied, so it cannot simply be closed.
    way(clerk, "答复诉求人")
    clerk.fill("#field-answer", "电表本周五安装")
    clerk.fill("#field-answered_at", shanghai_now(clerk))
    button(clerk, "答复诉求人")
    expect(clerk.locator(".note-success")).to_be_visible()
    shop.reload()
    assert shop.locator("input[name=grade]").count() == 5
    assert shop.locator("input[name=grade]:checked").count() == 0  # nothing is suggested
    shop.get_by_label("不满意", exact=True).check()
    shop.select_option("#field-solved", label="否")
    button(shop, "提交评价")
    expect(shop.locator("main")).to_contain_text("您的评价")
    assert stage(shop) == "整改回访"

    # The head puts it right, calls back, and closes it.
    open_matter(head)
    way(head, "已整改并回访")
    head.fill("#field-rectified", "当天装好电表")
    head.fill("#field-called_back_at", shanghai_now(head))
    button(head, "已整改并回访")
    expect(head.locator(".matter")).to_contain_text("办结")
    shop.reload()
    assert stage(shop) == "办结"

    # The county leader finds it among what was closed last, and reads how it went; there is nothing for him to press.
    leader.goto("/matters/?whose=all&state=closed")
    leader.locator("#table").get_by_role("link", name=SUBJECT).click()
    expect(leader.locator(".matter")).to_contain_text("办结")
    assert leader.locator(".ways, .offers").count() == 0

    history = head.locator("section", has=head.locator("#history")).locator(".history")
    for said in (
        "登记并开始办理",
        "接办「受理」环节",
        "暂停计时，依据：行政许可法第四十五条",
        "恢复计时",
        "退回补正",
        "批准延期",
        "由「整改回访」办结",
    ):
        expect(history).to_contain_text(said)


def shanghai_now(page: Page) -> str:
    """The present minute as a control of date and time takes it; the browser is set to the county's time."""
    return str(page.evaluate("new Date(Date.now() - new Date().getTimezoneOffset() * 60000).toISOString().slice(0, 16)"))
