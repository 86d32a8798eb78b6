"""The form says who asks for a field, and says at each field what is wrong; nothing typed is lost."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.desk import Office


def test_the_form_says_which_rule_asks_for_a_field(office: Office) -> None:
    page = office.desk("project_office")
    page.goto("/registers/projects/new/")
    unit = page.locator("#control-unit")
    expect(unit).to_contain_text("项目单位负责制：每个项目明确责任单位")
    expect(page.locator("#field-unit")).to_have_accessible_description("填报依据：项目单位负责制：每个项目明确责任单位")


def test_what_is_wrong_stands_at_its_field_and_the_rest_stays_typed(office: Office) -> None:
    page = office.desk("project_office")
    page.goto("/registers/projects/new/")
    page.fill("#field-code", "XH-WRONG-1")
    page.fill("#field-name", "没填完的项目")
    page.fill("#field-total_investment", "三千万左右")
    page.get_by_role("button", name="保存", exact=True).click()

    summary = page.locator("#problems")
    expect(summary).to_be_focused()
    expect(summary).to_contain_text("没有保存")
    wrong = page.locator("#field-total_investment")
    expect(wrong).to_have_attribute("aria-invalid", "true")
    expect(wrong).to_have_value("三千万左右")
    expect(page.locator("#problem-total_investment")).to_be_visible()
    expect(page.locator("#problem-plan_year")).to_be_visible()
    expect(page.locator("#field-name")).to_have_value("没填完的项目")
    summary.get_by_role("link", name="总投资").click()
    expect(wrong).to_be_focused()


def test_a_rule_between_fields_is_told_in_its_own_words(office: Office) -> None:
    page = office.desk("project_office")
    page.goto("/registers/projects/new/")
    for name, value in {"code": "XH-RULE-1", "name": "计划大于总投资的项目", "plan_year": "2033", "unit": "县教育局"}.items():
        page.fill(f"#field-{name}", value)
    for name, label in {
        "in_plan": "是",
        "town": "洋溪镇",
        "industry": "社会民生",
        "kind": "标志性项目",
        "status": "前期准备",
    }.items():
        page.locator(f"#field-{name}").select_option(label=label)
    page.fill("#field-total_investment", "1000")
    page.fill("#field-planned_this_year", "2000")
    page.get_by_role("button", name="保存", exact=True).click()
    expect(page.locator("#problems")).to_contain_text("年度计划投资不得超过总投资")
    expect(page.locator("#problems")).to_contain_text("标志性项目和前期推进项目须有挂点县级领导")

    page.fill("#field-planned_this_year", "200")
    page.locator("#field-sponsor").select_option(label="县长")
    page.get_by_role("button", name="保存", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("计划大于总投资的项目")
    expect(page.locator(".note-success")).to_contain_text("已登记")
