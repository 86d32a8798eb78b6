"""The workbench leads to what is owed; the cockpit reads column by column in one unit, and on paper without the menu."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.browser.desk import Office, await_charts


def test_a_missing_report_is_two_clicks_from_the_workbench(office: Office) -> None:
    page = office.desk("project_office")
    page.goto("/")
    owed = page.locator("section", has=page.locator("#owed-missing_reports"))
    expect(owed.locator(".months")).to_contain_text("2021年10月 缺 14 份")
    owed.get_by_role("link", name="2021年9月").click()
    expect(page.locator("main ul.lines li")).to_have_count(6)
    page.locator("main ul.lines a.button").first.click()
    expect(page.locator("#field-month")).to_have_value("2021-09")
    assert page.input_value("#field-project")


def test_the_period_of_the_headline_figures_can_be_chosen(office: Office) -> None:
    page = office.desk("county_leader")
    page.goto("/")
    page.select_option("#ask-period", "2021-01..2021-05")
    page.locator(".period button").click()
    expect(page.locator(".headline-head h2")).to_contain_text("2021年1—5月")
    expect(page.locator(".headline")).not_to_contain_text("126.5亿元")


def test_numbers_of_the_cockpit_share_the_unit_of_their_column(office: Office) -> None:
    page = office.desk("county_leader")
    page.goto("/cockpit/")
    bare = re.compile(r"-?[\d,]+(\.\d+)?")
    for cell in page.locator(".map-table td").all_inner_texts():
        assert bare.fullmatch(cell)
    expect(page.locator(".map-table thead")).to_contain_text("亿元")
    expect(page.locator(".legend").last).to_contain_text("亿元")
    last = page.locator("#ranking tbody tr").last
    expect(last.locator("th")).to_have_text("无挂点县级领导")
    assert bare.fullmatch(last.locator("td").nth(2).inner_text())


def test_every_chart_has_a_table_and_paper_has_no_menu(office: Office) -> None:
    page = office.desk("county_leader")
    page.goto("/cockpit/")
    await_charts(page)
    for chart in page.locator("section", has=page.locator("[data-chart], [data-map]")).all():
        assert chart.locator("table tbody tr").count() > 0
    page.emulate_media(media="print")
    expect(page.locator(".side")).to_be_hidden()
    expect(page.locator(".asked")).to_be_hidden()
    expect(page.locator("#headline")).to_be_visible()


def test_the_page_of_a_pack_speaks_of_kinds_and_breakdowns_in_words(office: Office) -> None:
    page = office.desk("it_officer", language="en")
    page.goto("/packs/key_projects/")
    page.locator(".declared summary").first.click()
    expect(page.locator(".declared").first).to_contain_text("choice: Industry")
    expect(page.locator("section", has=page.locator("#figures"))).to_contain_text("by town")
    expect(page.locator("section", has=page.locator("#figures"))).to_contain_text("ratio")
