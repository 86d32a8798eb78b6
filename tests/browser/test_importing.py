"""A sheet of projects comes from the town. It is tried first; what is wrong is named; only then is it written, all or nothing."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.desk import Office
from tests.browser.sheets import projects_sheet

A_WHILE = 60_000  # milliseconds for the worker, on two busy cores
WRONG: dict[int, tuple[int, object]] = {  # row: (column, what stands there)
    7: (2, "二〇二X"),
    412: (4, "白云镇"),
    900: (5, "航天"),
    1333: (8, "约三千"),
    1999: (7, "快了"),
}
TITLES = {2: "计划年度", 4: "所在乡镇", 5: "产业", 7: "项目状态", 8: "总投资（万元）"}


def upload(page: Page, register: str, sheet: Path) -> None:
    page.goto(f"/registers/{register}/import/")
    page.set_input_files("#file", sheet)
    page.get_by_role("button", name="上传并检查").click()


def count(page: Page, wanted: str) -> int:
    page.goto(f"/registers/projects/?q={wanted}")
    return int(page.inner_text("#count").replace(",", ""))


def test_five_bad_rows_in_two_thousand_are_named_and_nothing_is_written_until_they_are_right(
    office: Office, tmp_path: Path
) -> None:
    page = office.desk("clerk_yangxi")
    upload(page, "projects", projects_sheet(tmp_path / "bad.xlsx", 2000, series="YX5", year=2031, wrong=WRONG))
    expect(page.locator("#bad")).to_have_text("5", timeout=A_WHILE)
    expect(page.locator("#state")).to_contain_text("未写入任何内容")
    named = [row.locator("td").all_inner_texts() for row in page.locator("#problem-table tbody tr").all()]
    assert [(int(row), value) for row, _, value, _ in named] == [(row, str(value)) for row, (_, value) in WRONG.items()]
    for (_, where, _, reason), (column, _) in zip(named, WRONG.values(), strict=True):
        assert TITLES[column] in where
        assert reason
    assert count(page, "YX5") == 0

    upload(page, "projects", projects_sheet(tmp_path / "good.xlsx", 2000, series="YX5", year=2031))
    expect(page.locator("#state")).to_have_text("检查完毕，可以写入", timeout=A_WHILE)
    expect(page.locator("#created")).to_have_text("2,000")
    assert count(page, "YX5") == 0
    page.go_back()
    page.get_by_role("button", name="写入 2,000 行").click()
    expect(page.get_by_role("progressbar")).to_be_visible()
    expect(page.locator("#state")).to_have_text("导入完成", timeout=A_WHILE)
    assert count(page, "YX5") == 2000


def test_what_was_exported_imports_again_and_changes_nothing(office: Office, tmp_path: Path) -> None:
    page = office.desk("project_office")
    page.goto("/registers/projects/?plan_year__at_most=2021")
    number = page.inner_text("#count")
    page.locator("details.menu summary").click()
    with page.expect_download() as started:
        page.get_by_role("link", name="Excel (.xlsx)").click()
    sheet = tmp_path / "exported.xlsx"
    started.value.save_as(sheet)
    upload(page, "projects", sheet)
    expect(page.locator("#state")).to_have_text("检查完毕，与现有记录一致，无需写入", timeout=A_WHILE)
    expect(page.locator("#created")).to_have_text("0")
    expect(page.locator("#updated")).to_have_text("0")
    expect(page.locator(".counts dd").nth(2)).to_have_text(number)


def test_a_file_that_is_no_sheet_is_refused_in_words(office: Office, tmp_path: Path) -> None:
    page = office.desk("clerk_yangxi")
    (tmp_path / "letter.xlsx").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(64))
    upload(page, "projects", tmp_path / "letter.xlsx")
    said = page.locator("#problem-file").or_(page.locator("#state", has_text="未写入任何内容"))
    expect(said).to_be_visible(timeout=A_WHILE)


@pytest.mark.slow
def test_the_progress_of_twenty_thousand_rows_is_seen_to_move(office: Office, tmp_path: Path) -> None:
    page = office.desk("clerk_yangxi")
    upload(page, "projects", projects_sheet(tmp_path / "large.xlsx", 20_000, series="YX20K", year=2032))
    page.get_by_role("button", name="写入 20,000 行").click(timeout=A_WHILE)
    page.wait_for_url("**/imports/*/")
    seen = set()
    bar = page.get_by_role("progressbar")
    until = time.monotonic() + A_WHILE / 1000
    while not page.locator("#state", has_text="导入完成").is_visible():
        if bar.is_visible():
            seen.add(bar.get_attribute("value"))
        page.wait_for_timeout(200)
        assert time.monotonic() < until, page.inner_text("#run")
    assert len(seen) >= 3, seen
    expect(page.locator("#created")).to_have_text("20,000")
