"""How the wording of a form is read: periods, units, numbering, totals. Each line is a rule; without it the line fails."""

from __future__ import annotations

import pytest

from banjie.bulletins.forms.phrases import phrase
from banjie.bulletins.forms.when import parted_when, printed_period, without_periods
from banjie.lib.periods import Period
from banjie.registers.headings import narrow

# The form is filled for January to October 2021.
PERIODS = [
    ("本月", "2021-10"),
    ("当月数", "2021-10"),
    ("上月", "2021-09"),
    ("本年累计", "2021-01..2021-10"),
    ("累计", "2021-01..2021-10"),
    ("年初至今", "2021-01..2021-10"),
    ("截至目前", "2021-01..2021-10"),
    ("1-10月", "2021-01..2021-10"),
    ("1—9月累计", "2021-01..2021-09"),
    ("1月至8月", "2021H1..2021-08"),
    ("截至10月底", "2021-01..2021-10"),
    ("2020年1-10月", "2020-01..2020-10"),
    ("9月份", "2021-09"),
    ("9月", "2021-09"),
    ("2021年8月", "2021-08"),
    ("三季度", "2021Q3"),
    ("本季度", "2021Q4"),
    ("前三季度", "2021-01..2021-09"),
    ("上半年", "2021H1"),
    ("全年", "2021"),
    ("2019年", "2019"),
    ("上年", "2020"),
    ("上年同期", "2020-01..2020-10"),
    ("去年同期数", "2020-01..2020-10"),
    ("同期", "2020-01..2020-10"),
    ("本期", "2021-01..2021-10"),
]

# As printed | the words | unit | period | growth | total
HEADINGS = [
    ("总投资（万元）", "总投资", "万元", False, False, False),
    ("总投资\n(亿元)", "总投资", "亿元", False, False, False),
    ("完成率%", "完成率", "%", False, False, False),
    ("（万元）", "", "万元", False, False, False),
    ("一、完成投资", "完成投资", "", False, False, False),
    ("1.完成投资", "完成投资", "", False, False, False),
    ("（一）完成投资", "完成投资", "", False, False, False),
    ("①完成投资", "完成投资", "", False, False, False),
    ("其中：洋溪镇", "洋溪镇", "", False, False, False),
    ("1-10月完成投资（万元）", "完成投资", "万元", True, False, False),
    ("其中：10月完成投资", "完成投资", "", True, False, False),
    ("截至10月底累计", "", "", True, False, False),
    ("同比增长（%）", "", "%", False, True, False),
    ("完成投资比上年同期增长", "完成投资", "", False, True, False),
    ("合计", "", "", False, False, True),
    ("总　计", "", "", False, False, True),
    ("年度计划投资", "年度计划投资", "", False, False, False),
    ("完成投资（不含前期）", "完成投资(不含前期", "", False, False, False),
    ("项目个数(必填)", "项目个数", "", False, False, False),
]

FORMS = [
    ("2021年1—10月投资完成情况", "2021年1—11月投资完成情况", True),
    ("10月", "11月", True),
    ("三季度报表", "四季度报表", True),
    ("截至2021年10月31日", "截至2021年11月30日", True),
    ("2021-10-31", "2021-11-30", True),
    ("1-10月完成", "1-10月计划", False),
    ("表1", "表2", False),
]


@pytest.mark.parametrize(("worded", "days"), PERIODS)
def test_the_period_that_a_heading_speaks_of(worded: str, days: str) -> None:
    rest, when = parted_when(narrow(worded))
    assert rest == ""
    assert when is not None
    expected = Period.parse("2021-01..2021-08") if days == "2021H1..2021-08" else Period.parse(days)
    assert when.days(Period.parse("2021-01..2021-10")) == expected


@pytest.mark.parametrize(("printed", "core", "unit", "dated", "growth", "total"), HEADINGS)
def test_a_heading_taken_apart(printed: str, core: str, unit: str, dated: bool, growth: bool, total: bool) -> None:
    found = phrase(printed)
    assert (found.core, found.unit, found.when is not None, found.growth, found.total) == (core, unit, dated, growth, total)


@pytest.mark.parametrize("word", ["备注", "序号", "No.", "指标代码", "签字"])
def test_columns_for_remarks_and_counters_ask_for_nothing(word: str) -> None:
    assert phrase(word).not_asked


@pytest.mark.parametrize(("one", "other", "same"), FORMS)
def test_a_monthly_form_is_known_again_whatever_its_month(one: str, other: str, same: bool) -> None:
    assert (without_periods(one) == without_periods(other)) is same


@pytest.mark.parametrize(
    ("title", "period"), [("2021年1—10月投资情况表", "2021-01..2021-10"), ("2021年10月月报", "2021-10"), ("10月月报", None), ("投资情况表", None)]
)  # fmt: skip
def test_a_title_states_a_period_only_with_its_year(title: str, period: str | None) -> None:
    found = printed_period(title)
    assert (str(found) if found else None) == period
