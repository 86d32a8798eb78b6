"""A monthly form arrives from the department above: it is brought in, what is open is settled once, and it is downloaded filled."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest
from playwright.sync_api import Page, expect

from tests.browser.desk import NARROW, WIDE, Office, scrolls_sideways
from tests.browser.test_every_page import faults_by_axe
from tests.rooms.forms_made import book, frame, merge, put, saved

pytestmark = pytest.mark.slow

TOTAL, TOWN, DEVELOPMENT = 5, 6, "填报单位：新化县发展和改革局"


def monthly(path: Path, months: str = "1—10月") -> Path:
    """The form of the month, with one heading that has no unit and a total over two of the county's towns."""
    made, sheet = book("月报")
    put(sheet, {
        "A1": f"2021年{months}重点项目投资完成情况统计表", "A2": DEVELOPMENT, "F2": "单位：万元", "A3": "乡镇", "B3": "重点项目数（个）",
        "C3": "投资情况", "E3": "开工率", "F3": "备注", "C4": "年度计划投资", "D4": f"{months.replace('—', '-')}累计完成投资",
        f"A{TOTAL}": "合计", f"A{TOWN}": "洋溪镇", "A7": "白溪镇", "A8": "注：每月5日前报送。",
    })  # fmt: skip
    merge(sheet, "A1:F1", "A3:A4", "B3:B4", "C3:D3", "E3:E4", "F3:F4", "A8:F8")
    frame(sheet, "A3:F7")
    path.write_bytes(saved(made))
    return path


def bring_in(page: Page, sheet: Path) -> None:
    page.goto("/forms/")
    page.set_input_files("#file", sheet)
    page.get_by_role("button", name="上传并识别").click()
    page.wait_for_selector(".sheet-preview")


def download(page: Page, folder: Path) -> openpyxl.worksheet.worksheet.Worksheet:
    with page.expect_download() as caught:
        page.get_by_role("button", name="填好并下载").click()
    path = folder / caught.value.suggested_filename
    caught.value.save_as(path)
    assert path.name.endswith("（已填）.xlsx")
    return openpyxl.load_workbook(path).active


def test_what_is_open_is_settled_once_and_the_next_month_needs_nothing(office: Office, tmp_path: Path) -> None:
    page = office.desk("statistician")
    bring_in(page, monthly(tmp_path / "月报.xlsx"))
    expect(page.locator(".sheet-preview .cell-filled").first).to_contain_text("重点项目数")
    expect(page.locator("#confirm")).to_contain_text("没有注明单位，请选择")
    assert download(page, tmp_path)[f"E{TOWN}"].value is None
    page.get_by_label("开工率 的单位").select_option("%")
    page.get_by_label("合计 是").select_option("-")
    page.get_by_role("button", name="确认并保留").click()
    expect(page.locator(".note-success")).to_contain_text("已确认")
    expect(page.locator("#confirm")).to_contain_text("没有待确认的表头")
    filled = download(page, tmp_path)
    assert filled[f"E{TOWN}"].value is not None
    assert filled[f"A{TOTAL}"].value == "合计"
    assert filled[f"B{TOTAL}"].value is None

    bring_in(page, monthly(tmp_path / "月报11月.xlsx", "1—11月"))
    expect(page.locator("#confirm")).to_contain_text("没有待确认的表头")
    expect(page.locator(".lead")).to_contain_text("2021年1—11月")
    sheet = download(page, tmp_path)
    comment = sheet[f"D{TOWN}"].comment.text
    assert "范围：洋溪镇 2021年1—11月" in comment
    page.goto(next(line for line in comment.splitlines() if "http" in line).partition("：")[2])
    expect(page.locator("h1")).to_have_text("累计完成投资")  # the comment's link opens the figure's trace
    assert office.faults == []


def test_the_page_of_a_form_fits_both_widths_and_axe_finds_nothing(office: Office, tmp_path: Path) -> None:
    page = office.desk("statistician")
    bring_in(page, monthly(tmp_path / "月报.xlsx"))
    page.locator("details.settled summary").click()
    for width in (WIDE, NARROW):
        page.set_viewport_size({"width": width, "height": 900})
        assert not scrolls_sideways(page)
        assert faults_by_axe(page) == ""
    assert office.faults == []
