"""Two people open the same record and both save. The second is shown the difference and chooses; nothing is lost."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.desk import Office, find_record


def test_the_second_to_save_chooses_field_by_field_and_nothing_is_lost(office: Office) -> None:
    first, second = office.desk("clerk_baixi"), office.desk("statistician")
    address = find_record(first, "projects", "白溪镇")
    for page in (first, second):
        page.goto(f"{address}edit/")

    first.fill("#field-content", "两条隧道窑")
    first.fill("#field-year_target", "年底试生产")
    first.get_by_role("button", name="保存", exact=True).click()
    expect(first.locator(".note-success")).to_be_visible()

    second.fill("#field-content", "三条隧道窑")
    second.fill("#field-year_target", "十一月底试生产")
    second.fill("#field-completed_on", "2021-12-20")
    second.get_by_role("button", name="保存", exact=True).click()

    expect(second.get_by_role("heading", level=1)).to_have_text("两人同时修改了这条记录")
    content = second.get_by_role("group", name="建设内容")
    expect(content).to_contain_text("两条隧道窑")
    expect(content).to_contain_text("三条隧道窑")
    expect(second.get_by_role("heading", name="您的其他修改，将一并保存")).to_be_visible()
    expect(second.locator(".history").last).to_contain_text("吴白石")
    content.get_by_role("radio", name="您填的").check()
    second.get_by_role("group", name="年度目标").get_by_role("radio", name="对方已存").check()
    second.get_by_role("button", name="按选择保存").click()

    fields = second.locator(".fields")
    expect(fields).to_contain_text("三条隧道窑")
    expect(fields).to_contain_text("年底试生产")
    expect(fields).not_to_contain_text("十一月底试生产")
    expect(fields).to_contain_text("2021-12-20")
    history = second.locator("section", has=second.locator("#history")).locator(".history")
    expect(history).to_contain_text("由 两条隧道窑 改为 三条隧道窑")


def test_changes_to_different_fields_are_both_kept_without_a_question(office: Office) -> None:
    first, second = office.desk("clerk_baixi"), office.desk("statistician")
    address = find_record(first, "progress_reports", "2021-09")
    for page in (first, second):
        page.goto(f"{address}edit/")
    first.fill("#field-problem", "等待变压器到货")
    first.get_by_role("button", name="保存", exact=True).click()
    expect(first.locator(".note-success")).to_be_visible()
    second.fill("#field-image_progress", "厂房封顶")
    second.get_by_role("button", name="保存", exact=True).click()
    fields = second.locator(".fields")
    expect(fields).to_contain_text("等待变压器到货")
    expect(fields).to_contain_text("厂房封顶")
