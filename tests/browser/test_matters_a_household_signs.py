"""A household from registration to its signed agreement and its money: compensation line by line, a sheet to sign, nothing signed
before signing has opened; and a county leader who sees the number and not the household."""

from __future__ import annotations

import time

import pytest
from playwright.sync_api import Page, expect

from tests.browser.desk import NARROW, WIDE, Office, find_record, scrolls_sideways
from tests.browser.test_matters_a_request_to_its_rating import button, open_matter, stage, way

pytestmark = pytest.mark.slow

CODE = f"HX-{time.time_ns() % 10**7:07}"  # another one each time it is run on the same data
HEAD_OF_HOUSEHOLD = "石望江"


def add_line(page: Page, number: int, standard: str, quantity: str) -> None:
    """From the household's page: one item of its compensation, by a standard."""
    page.locator("section", has=page.locator("#children-compensation_lines")).get_by_role("link", name="新增").click()
    page.fill("#field-number", str(number))
    page.select_option("#field-standard", value=standard)
    page.fill("#field-quantity", quantity)
    page.locator(".record-form .button-main").click()


def signed_on(page: Page, day: str) -> None:
    way(page, "签订协议")
    page.fill("#field-signed_on", day)
    page.fill("#field-agreement_no", f"征补协 {CODE}")
    page.select_option("#field-position", label="同意")
    button(page, "签订协议")


def test_a_household_is_registered_compensated_line_by_line_signs_and_is_paid(office: Office) -> None:
    team, commander = office.desk("household_team"), office.desk("commander")
    cashier, leader = office.desk("cashier"), office.desk("county_leader")

    # The team registers the household in a project whose signing has been opened.
    team.goto("/processes/household_case/open/")
    team.fill("#field-code", CODE)
    team.select_option("#field-project", value="ZS2021-02")
    team.fill("#field-team", "一组")
    team.select_option("#field-second_relocation", label="否")
    team.fill("#field-head", HEAD_OF_HOUSEHOLD)
    team.fill("#field-phone", "13907380099")
    team.fill("#field-address", "河湾组 30 号")
    team.fill("#field-house_m2", "120.5")
    team.fill("#field-valued_on", "2021-09-28")
    button(team, "提交")
    expect(team.locator(".note-success")).to_contain_text("已受理")
    assert stage(team) == "逐户分析"
    home = team.url.split("#")[0]
    way(team, "分析完成")
    team.fill("#field-analysis", "单一产权，无争议")
    button(team, "分析完成")

    # Without its compensation listed item by item there is nothing to talk about.
    way(team, "方案商定，上门协商")
    team.fill("#field-plan", "货币补偿")
    button(team, "方案商定，上门协商")
    expect(team.locator("#problems")).to_contain_text("须先逐项列明补偿")
    expect(team.locator("#field-plan")).to_have_value("货币补偿")  # nothing that was typed is lost

    # A standard that had been replaced on the household's day is refused; the one in force counts.
    team.goto(home)
    add_line(team, 1, "BZ2018-01", "118.25")
    expect(team.locator("#problems")).to_contain_text("没有施行")
    team.goto(home)
    add_line(team, 1, "BZ2021-01", "118.25")
    expect(team.locator(".note-success")).to_be_visible()
    team.goto(home)
    add_line(team, 2, "BZ2021-04", "333.33")
    team.goto(home)
    way(team, "方案商定，上门协商")
    team.fill("#field-plan", "货币补偿")
    button(team, "方案商定，上门协商")
    assert stage(team) == "上门协商"

    # It declines for now; nobody presses, and it comes back.
    way(team, "暂不同意，继续做工作")
    team.select_option("#field-position", label="暂不同意")
    team.fill("#field-position_on", "2026-11-20")
    button(team, "暂不同意，继续做工作")
    open_matter(commander, CODE)
    assert stage(commander) == "暂不同意"

    # The county leader sees the number, and not who.
    leader.goto("/figures/land.declining/")
    expect(leader.locator("main")).to_contain_text("逐条记录只有承办人员可以查看")
    expect(leader.locator("main")).not_to_contain_text(CODE)
    leader.goto(f"/search/?q={HEAD_OF_HOUSEHOLD}")
    assert leader.get_by_role("link", name=CODE).count() == 0
    for address in (home, f"{home}sheet/"):
        leader.goto(address)
        expect(leader.locator("main")).to_contain_text("没有这条记录")
        expect(leader.locator("main")).not_to_contain_text(HEAD_OF_HOUSEHOLD)

    # The sheet to be signed: every line, the sum in figures and in capitals, and it prints without the frame.
    commander.goto(home)
    commander.get_by_role("link", name="补偿明细表").click()
    table = commander.locator("table.grid")
    expect(table.locator("tbody tr").nth(0)).to_contain_text("139,535.00")  # 118.25 × 1180
    expect(table.locator("tbody tr").nth(1)).to_contain_text("3,866.63")  # 333.33 × 11.6 = 3866.628
    expect(table.locator("tfoot")).to_contain_text("143,401.63")
    expect(commander.locator("main")).to_contain_text("人民币壹拾肆万叁仟肆佰零壹元陆角叁分")
    expect(commander.locator("main")).to_contain_text(HEAD_OF_HOUSEHOLD)
    commander.evaluate("window.print = () => { document.body.dataset.printed = 'yes' }")
    button(commander, "打印")
    expect(commander.locator("body")).to_have_attribute("data-printed", "yes")
    commander.emulate_media(media="print")
    expect(commander.locator(".side")).to_be_hidden()
    expect(table).to_be_visible()
    commander.emulate_media(media="screen")
    commander.set_viewport_size({"width": NARROW, "height": 740})
    assert not scrolls_sideways(commander)
    commander.set_viewport_size({"width": WIDE, "height": 900})

    # A signature dated before signing was opened is refused; one of today is taken.
    commander.goto(home)
    signed_on(commander, "2021-11-19")
    expect(commander.locator("#problems")).to_contain_text("公告期未满、签约尚未开始，不得签订协议")
    commander.goto(home)
    assert stage(commander) == "暂不同意"
    signed_on(commander, "2026-11-23")
    assert stage(commander) == "支付补偿"

    # And it is paid.
    open_matter(cashier, CODE)
    way(cashier, "已足额支付")
    cashier.fill("#field-paid_on", "2026-11-23")
    cashier.fill("#field-payment_no", f"ZF-{CODE}")
    button(cashier, "已足额支付")
    expect(cashier.locator(".matter")).to_contain_text("办结")
    assert find_record(team, "households", CODE) == home.replace(office.county.address, "")
