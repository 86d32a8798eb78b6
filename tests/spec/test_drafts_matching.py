"""Which declared figure a number of a draft is: by unit, words, basis and growth; never on a doubt."""

from __future__ import annotations

from datetime import date

from tests.spec.working_table import cases

from banjie.bulletins.drafts.matching import Declared, match
from banjie.bulletins.drafts.reading import read

FIGURES = (
    Declared("projects.count", ("重点项目数", "重点项目", "计划实施的重点项目"), "project", "plan"),
    Declared("projects.started", ("已开工项目", "开工项目数", "开工项目"), "project"),
    Declared("projects.invested", ("累计完成投资", "完成投资"), "CNY"),
    Declared("projects.planned", ("年度计划投资",), "CNY", "plan"),
    Declared("projects.total", ("总投资",), "CNY", "plan"),
    Declared("projects.completion", ("年度投资完成率", "完成比例", "投资完成率"), "percent"),
    Declared("land.signed", ("签约户数", "签约"), "household"),
    Declared("land.signing", ("签约率",), "percent"),
    Declared("gdp", ("地区生产总值", "GDP"), "CNY"),
    Declared("gdp.growth", ("地区生产总值增长", "地区生产总值增速"), "percent", growth=True),
)


@cases("""
text                                        | found      | figure
计划实施重点项目232个                       | 232个      | projects.count
已开工项目209个                             | 209个      | projects.started
累计完成投资126.5亿元                       | 126.5亿元  | projects.invested
年度计划投资158.93亿元                      | 158.93亿元 | projects.planned
项目计划总投资610.78亿元                    | 610.78亿元 | projects.total
投资完成比例80%                             | 80%        | projects.completion
以100%的签约率报批                          | 100%       | land.signing
7天签约104户                                | 104户      | land.signed
地区生产总值约310亿元                       | 310亿元    | gdp
地区生产总值同比增长8%                      | 8%         | gdp.growth
培训护林员300人                             | 300人      | none
森林覆盖率64%                               | 64%        | none
""")
def test_a_number_is_matched_to_the_figure_that_it_is(text: str, found: str, figure: str) -> None:
    item = next(i for i in read(text, date(2021, 12, 13)).items if i.text == found)
    answer = match(item, FIGURES)
    assert (answer.best.figure.name if answer.best and answer.kind == "matched" else answer.kind) == figure
    if answer.best is not None:
        assert answer.best.because.zh != answer.best.because.en


def test_two_figures_that_fit_alike_are_ambiguous_and_both_named() -> None:
    twins = (Declared("a.invested", ("完成投资",), "CNY"), Declared("b.invested", ("完成投资",), "CNY"))
    (item,) = read("完成投资5亿元", date(2021, 12, 13)).quantities
    answer = match(item, twins)
    assert answer.kind == "ambiguous"
    assert answer.best is not None
    assert answer.runner_up is not None
    assert {answer.best.figure.name, answer.runner_up.figure.name} == {"a.invested", "b.invested"}


def test_a_share_is_never_matched_to_an_amount() -> None:
    (item,) = read("完成投资80%", date(2021, 12, 13)).quantities
    assert match(item, (Declared("projects.invested", ("完成投资",), "CNY"),)).kind == "none"
