"""A bulletin in a browser: drafted as known on a day, its numbers opened, its words edited, signed, corrected, taken away; at both
widths and in both languages without a fault that axe finds."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.desk import HEIGHTS, NARROW, PATIENCE, WIDE, Office, scrolls_sideways
from tests.browser.test_every_page import faults_by_axe

pytestmark = pytest.mark.slow

AS_OF = "2021-11-08T09:00"


def draft(page: Page, period: str) -> str:
    page.goto("/bulletins/new/key_projects_monthly/")
    page.fill("#period", period)
    page.fill("#as_of", AS_OF)
    page.get_by_role("button", name="起草").click()
    expect(page.locator(".note-warning")).to_contain_text("草稿，未发布")
    return page.url


def looked_at(page: Page, address: str, language: str) -> None:
    for width in (WIDE, NARROW) if language == "zh" else (WIDE,):  # in English only words differ
        page.set_viewport_size({"width": width, "height": HEIGHTS[width]})
        page.goto(address)
        page.wait_for_load_state("networkidle")
        assert not scrolls_sideways(page), (address, width)
        assert faults_by_axe(page, colours=language == "zh") == "", (address, width)
    page.set_viewport_size({"width": WIDE, "height": HEIGHTS[WIDE]})


def test_a_statistician_drafts_reads_edits_and_signs(office: Office) -> None:
    page = office.desk("statistician")
    address = draft(page, "2021-10")
    number = page.locator("#n6")
    shown = number.inner_text()
    number.click()
    expect(page.locator("#figure-value")).to_have_text(shown)
    page.goto(address)
    expect(page.locator("#block-projects tbody tr")).to_have_count(232)
    page.get_by_role("link", name="修改正文").click()
    text = page.locator("#text_zh").input_value()
    page.fill("#text_zh", text.replace(f"{shown}|n6", "999亿元|n6"))
    page.get_by_role("button", name="保存").click()
    expect(page.locator("#problems")).to_contain_text("不能直接改")
    page.fill("#text_zh", text + "\n请各责任单位抓紧推进。\n")
    page.get_by_role("button", name="保存").click()
    expect(page.locator("article")).to_contain_text("请各责任单位抓紧推进。")
    page.get_by_role("link", name="发布", exact=True).click()
    page.fill("#number", "新重项办〔2021〕11号")
    page.get_by_role("button", name="签名发布").click()
    expect(page.locator("article")).to_contain_text("新重项办〔2021〕11号")
    expect(page.locator("#revised .revised s").first).to_be_visible(timeout=PATIENCE)  # reports that came after that day
    with page.expect_download() as download:
        page.locator("#files ~ ul").get_by_role("link", name="PDF").click()
    assert download.value.path().read_bytes().startswith(b"%PDF-")


def test_the_pages_fit_and_axe_finds_nothing(office: Office) -> None:
    chinese = office.desk("statistician")
    address = draft(chinese, "2021-09")
    pages = [
        "/bulletins/",
        address,
        f"{address}edit/",
        f"{address}publish/",
        f"{address}revised/",
        "/bulletins/new/key_projects_monthly/",
    ]
    english = office.desk("statistician", language="en")
    for one in pages:
        looked_at(chinese, one, "zh")
        looked_at(english, one, "en")
