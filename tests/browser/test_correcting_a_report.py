"""A monthly report was wrong. The clerk corrects it; the history says so, the cockpit follows, and the past stays what it was."""

from __future__ import annotations

import re
from decimal import Decimal

from playwright.sync_api import Page, expect

from tests.browser.desk import Office, find_record

TOWN = "431322102"
PERIOD = "2021-01..2021-10"


def headline(page: Page, title: str) -> str:
    return page.locator("#headline li", has=page.get_by_role("heading", name=title, exact=True)).locator("a").inner_text()


def in_yuan(shown: str) -> Decimal:
    number = re.search(r"[\d,.]+", shown)
    assert number is not None, shown
    times = 10**8 if "亿元" in shown else 10**4 if "万元" in shown else 1
    return Decimal(number[0].replace(",", "")) * times


def test_a_corrected_report_is_told_in_the_history_and_moves_the_towns_figure(office: Office) -> None:
    page = office.desk("clerk_yangxi")
    page.goto(f"/cockpit/?period={PERIOD}")
    before = headline(page, "累计完成投资")
    as_of_before = page.evaluate("new Date(Date.now() + 8 * 3600e3).toISOString().slice(0, 23)")  # Shanghai, as a form gives it

    page.goto(find_record(page, "progress_reports", "2021-10"))
    page.get_by_role("link", name="修改", exact=True).click()
    old = page.input_value("#field-invested")
    new = f"{Decimal(old.replace(',', '')) + 5000}"  # the form is in 万元: 0.5 亿元 more
    page.fill("#field-invested", new)
    page.fill("#why", "漏报一笔设备款")
    page.get_by_role("button", name="保存", exact=True).click()

    told = page.locator(".history li").first
    expect(told).to_contain_text("周小溪")
    expect(told).to_contain_text("漏报一笔设备款")
    sentence = told.inner_text().replace(",", "")
    assert re.search(rf"当月完成投资.*由 {re.escape(old.replace(',', ''))} ?万元 改为 {re.escape(new)} ?万元", sentence), sentence

    page.goto(f"/cockpit/?period={PERIOD}")
    after = headline(page, "累计完成投资")
    assert in_yuan(after) - in_yuan(before) == Decimal("50000000")

    page.goto(f"/figures/projects.invested/?area={TOWN}&period={PERIOD}&as_of={as_of_before}")
    expect(page.locator("#figure-value")).to_have_text(before)
    page.goto(f"/figures/projects.invested/?area={TOWN}&period={PERIOD}")
    expect(page.locator("#figure-value")).to_have_text(after)
    expect(page.locator(".vintages").first).to_contain_text("漏报一笔设备款")
