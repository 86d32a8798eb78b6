"""What a figure answers: values, reasons where there is none, breakdowns, as of, growth, schedule, stated observations.

Each case can be checked by hand: yuan in round numbers, two towns, a few months.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from tests.rooms import county
from tests.rooms.figures_world import (
    BAIXI,
    COMMITTED,
    COUNTY,
    FIGURES,
    YANGXI,
    ask,
    at,
    build,
    change,
    parts,
    project,
    report,
    stated,
    value,
)

from banjie.figures.actions import install_figures
from banjie.figures.answers import Request, many
from banjie.figures.definition import Figure
from banjie.lib import clock
from banjie.lib.errors import NotFound, NotPermitted, Refusal
from banjie.lib.text import reading_in
from banjie.people.verbs import Verb
from banjie.places.models import Area
from banjie.registers.actions import create, remove, restore

pytestmark = pytest.mark.django_db(transaction=COMMITTED)
D = Decimal


@pytest.fixture(autouse=True)
def _world() -> None:
    build()


def test_the_numbers_of_the_county() -> None:
    """158.93 亿 planned, 126.5 亿 done by October: 79.59 %, 3.74 points behind ten twelfths of the year."""
    project("A", planned="10000000000")
    project("B", BAIXI, planned="5893000000")
    report("A", "2021-03", "8000000000")
    report("B", "2021-10", "4650000000")
    report("B", "2021-11", "1")
    done = ask("projects.completion", "2021-01..2021-10")
    assert done.value == D("0.795947901591896")
    assert (done.display.zh, done.shown(0).zh) == ("79.6%", "80%")
    assert done.numerator is not None
    assert done.denominator is not None
    assert (done.numerator.value, done.numerator.display.zh) == (D(12650000000), "126.5亿元")
    assert (done.denominator.value, done.denominator.display.zh) == (D(15893000000), "158.93亿元")
    lag = ask("projects.lag", "2021-01..2021-10")
    assert lag.value == D("-0.0373854317414375")
    assert lag.display.zh == "−3.74个百分点"


@pytest.mark.parametrize(
    ("figure", "period", "reason"),
    [
        ("projects.count", "2021", "在所问的地区和时期内没有记录"),
        ("projects.count", "2199", "所问的时期尚未开始"),
        ("projects.planned", "2021", "在所问的地区和时期内没有记录"),
        ("projects.average", None, "在所问的地区和时期内没有记录"),
        ("projects.completion", "2021-01..2021-10", "分子「完成投资」没有数值：在所问的地区和时期内没有记录"),
        ("projects.growth", "2021", "本期没有数值：在所问的地区和时期内没有记录"),
        ("projects.lag", None, "进度比较须在一个年度之内"),
        ("projects.both", "2021", "「完成投资」没有数值：在所问的地区和时期内没有记录"),
        ("county.gdp", "2021", "在所问的地区和时期内没有记录"),
        ("county.gdp", None, "须说明时期"),
        ("county.gdp_growth", "2021", "年均增速须问两个或以上整年，如 2016..2021"),
        ("county.gdp_growth", "2016..2021", "2021年没有数值：在所问的地区和时期内没有记录"),
    ],
)
def test_over_nothing_there_is_no_value_and_the_reason_says_of_what(figure: str, period: str | None, reason: str) -> None:
    """Never 0: that nothing was recorded does not mean that there was nothing."""
    given = ask(figure, period)
    assert given.no_value is not None
    assert given.no_value.zh == reason
    assert (given.value, given.status, given.as_json()["value"]) == (None, "missing", None)


def test_records_of_which_none_counts_are_a_true_nought() -> None:
    """No violation in a quarter of inspections is 0; the sum over no violations is nothing that anybody stated."""
    project("A", planned="7", status="dropped")
    assert value("projects.count", "2021") == D(0)
    given = ask("projects.planned", "2021")
    assert given.no_value is not None
    assert (given.value, given.no_value.zh) == (None, "有记录，但没有符合本指标口径的")
    assert parts("projects.count", "2021", by="town") == {YANGXI: D(0), BAIXI: None}
    assert value("projects.count", "2020") is None
    assert value("projects.count", "2021", area=BAIXI) is None


def test_a_part_says_the_same_as_the_figure_asked_for_that_part() -> None:
    project("A", status="dropped")
    project("B", BAIXI, plan_year=2020)
    for year in ("2020", "2021"):
        given = parts("projects.count", year, by="town")
        assert given == {town: value("projects.count", year, area=town) for town in (YANGXI, BAIXI)}


def test_growth_names_the_period_that_has_no_value() -> None:
    project("A")
    report("A", "2021-10", "100")
    given = ask("projects.growth", "2021-10")
    assert given.no_value is not None
    assert given.no_value.zh == "上年同期没有数值：在所问的地区和时期内没有记录"
    assert given.no_value.en == "the same period a year before has no value: there are no records in this area and period"
    stated("gdp", 2021, "121", "2022-03-01 09:00")
    given = ask("county.gdp_growth", "2016..2021")
    assert given.no_value is not None
    assert given.no_value.zh == "2016年没有数值：在所问的地区和时期内没有记录"


def test_a_note_about_the_denominator_names_the_denominator() -> None:
    project("A", planned="100")
    report("A", "2021-10", "50")
    assert [n.zh for n in ask("projects.completion", "2021-10").notes] == ["「计划投资」按年统计，所取为2021年的数"]


@pytest.mark.parametrize(
    ("as_of", "says"),
    [
        ("2020-12-31 09:00", "台账自2021年1月4日 09:00起记，此前没有可查的数"),
        ("2199-01-01 09:00", "截至时点不能晚于现在"),
        ("0001-01-01 00:00", "台账自2021年1月4日 09:00起记，此前没有可查的数"),
        ("9999-12-31 23:59", "截至时点不能晚于现在"),
    ],
)
def test_a_moment_out_of_range_is_refused_with_the_range(as_of: str, says: str) -> None:
    project("A", on="2021-01-04 09:00")
    with pytest.raises(Refusal) as refused:
        ask("projects.count", "2021", as_of=at(as_of))
    assert says in refused.value.says.zh


def test_later_today_is_now() -> None:
    """A day as typed means its end; today's has not come yet."""
    project("A")
    with clock.simulated(at("2021-06-01 15:00")):
        given = ask("projects.count", "2021", as_of=at("2021-06-01 23:59"))
    assert (given.value, given.as_of) == (D(1), at("2021-06-01 15:00"))


def test_rows_without_a_value_are_told_apart_from_no_rows() -> None:
    project("A")
    given = ask("projects.planned", "2021")
    assert (given.value, given.rows) == (None, 1)
    assert "1 条记录" in given.no_value.zh  # type: ignore[union-attr]


def test_a_zero_denominator_gives_no_value_and_names_the_denominator() -> None:
    project("A", planned="0")
    report("A", "2021-01", "5")
    given = ask("projects.completion", "2021")
    assert given.value is None
    assert given.no_value is not None
    assert "计划投资" in given.no_value.zh


def test_parts_sum_to_the_whole_and_what_belongs_nowhere_is_shown() -> None:
    project("A", planned="3")
    project("B", BAIXI, planned="4", industry="printing")
    project("C", BAIXI, planned="5", industry=None)
    assert parts("projects.planned", "2021", by="town") == {YANGXI: D(3), BAIXI: D(9)}
    assert parts("projects.planned", "2021", by="industry") == {"ceramics": D(3), "printing": D(4), "": D(5)}
    given = ask("projects.planned", "2021", by="industry")
    assert [p.title.zh for p in given.parts] == ["先进陶瓷", "现代文印", "未填写"]
    assert given.value == sum(p.value or 0 for p in given.parts)


def test_parts_are_shown_in_the_unit_of_the_whole() -> None:
    """Otherwise nobody can compare them down a column: 万元 beside 亿元."""
    project("A")
    project("B", BAIXI)
    report("A", "2021-01", "250000000")
    report("B", "2021-01", "3500000")
    install_figures([Figure.load({**_figure("projects.invested"), "display": {}})], pack="test", by=None)
    given = ask("projects.invested", "2021", by="town")
    assert (given.display.zh, [p.display.zh for p in given.parts]) == ("2.535亿元", ["2.5亿元", "0.035亿元"])
    assert [p.display.en for p in given.parts] == ["CNY 250 million", "CNY 3.5 million"]


def _figure(name: str) -> dict[str, Any]:
    return next(f for f in FIGURES if f["name"] == name)


def test_towns_without_records_are_shown_too() -> None:
    project("A", planned="3")
    assert parts("projects.count", "2021", by="town") == {YANGXI: D(1), BAIXI: None}
    assert parts("projects.planned", "2021", by="town") == {YANGXI: D(3), BAIXI: None}


def test_the_whole_of_an_average_is_not_the_sum_of_its_parts() -> None:
    project("A", planned="1")
    project("B", BAIXI, planned="3")
    project("C", BAIXI, planned="8")
    given = ask("projects.average", by="town")
    assert {p.code: p.value for p in given.parts} == {YANGXI: D(1), BAIXI: D("5.5")}
    assert given.value == D(4)
    assert not given.additive


def test_a_child_is_parted_by_a_field_of_its_parent_as_it_was_then() -> None:
    a = project("A", planned="3")
    report("A", "2021-01", "7", on="2021-02-03 09:00")
    change(a, "2021-06-01 09:00", industry="printing")
    assert parts("projects.invested", "2021", by="industry") == {"printing": D(7)}
    assert parts("projects.invested", "2021", by="industry", as_of=at("2021-03-01 00:00")) == {"ceramics": D(7)}
    assert value("projects.ceramics_invested", "2021") is None
    assert value("projects.ceramics_invested", "2021", as_of=at("2021-03-01 00:00")) == D(7)


def test_a_late_correction_shows_now_and_not_before() -> None:
    project("A", planned="100")
    r = report("A", "2021-10", "50", on="2021-11-03 10:00")
    change(r, "2021-12-06 15:30", why="核对后更正", invested="45")
    assert value("projects.invested", "2021-10") == D(45)
    assert value("projects.invested", "2021-10", as_of=at("2021-12-06 15:29:59")) == D(50)
    assert value("projects.invested", "2021-10", as_of=at("2021-12-06 15:30")) == D(45)
    assert value("projects.invested", "2021-10", as_of=at("2021-11-03 09:59")) is None


def test_what_was_removed_does_not_count_until_it_is_restored() -> None:
    a = project("A", planned="100")
    remove(a.pk, version=1, by=None)
    assert value("projects.count", "2021") is None
    restore(a.pk, version=2, by=None)
    assert value("projects.count", "2021") == 1


def test_a_yearly_figure_asked_for_months_answers_for_the_year_and_says_so() -> None:
    project("A", planned="100")
    given = ask("projects.planned", "2021-01..2021-10")
    assert given.value == D(100)
    assert ["2021年" in n.zh for n in given.notes] == [True]
    assert ask("projects.planned", "2021").notes == ()


@pytest.mark.parametrize(
    ("period", "count"),
    [
        ("2021", 3),
        ("2021-05", 1),
        ("2021Q2", 2),
        ("2021H1", 2),
        ("2021-05-01..2021-05-30", None),
        ("2021-05-31", 1),
        ("2020", None),
    ],
)
def test_dates_fall_into_half_open_periods(period: str, count: int | None) -> None:
    for code, day in (("A", date(2021, 5, 31)), ("B", date(2021, 6, 1)), ("C", date(2021, 7, 1))):
        project(code, started_on=day)
    assert value("projects.started", period) == count


def test_a_moment_counts_on_its_local_day() -> None:
    """00:30 on 1 June in Xinhua is still 31 May in UTC."""
    project("A", visited_at="2021-06-01 00:30")
    assert value("projects.visited", "2021-06") == 1
    assert value("projects.visited", "2021-05") is None


def test_by_month_each_month_and_so_far() -> None:
    project("A", planned="100")
    for month, sum_ in (("2021-01", "10"), ("2021-03", "5"), ("2021-04", "1")):
        report("A", month, sum_)
    assert parts("projects.invested", "2021Q1", by="month") == {"2021-01": D(10), "2021-02": None, "2021-03": D(5)}
    assert parts("projects.invested", "2021Q1", by="to_month") == {"2021-01": D(10), "2021-02": D(10), "2021-03": D(15)}
    assert parts("projects.invested", "2021H1", by="quarter") == {"2021Q1": D(15), "2021Q2": D(1)}
    assert parts("projects.completion", "2021Q1", by="to_month") == {
        "2021-01": D("0.1"),
        "2021-02": D("0.1"),
        "2021-03": D("0.15"),
    }
    assert parts("projects.lag", "2021Q1", by="to_month")["2021-03"] == D("-0.1")
    assert parts("projects.reporting", "2021Q1", by="to_month") == {"2021-01": D(1), "2021-02": D(1), "2021-03": D(1)}


def test_what_may_not_be_added_over_time_is_not() -> None:
    project("A")
    report("A", "2021-01", "0", workers=10)
    report("A", "2021-02", "0", workers=12)
    given = ask("projects.workers", "2021-01..2021-02")
    assert given.value is None
    assert given.no_value is not None
    assert "不能跨月相加" in given.no_value.zh
    assert value("projects.workers", "2021-02") == 12
    assert parts("projects.workers", "2021Q1", by="month") == {"2021-01": D(10), "2021-02": D(12), "2021-03": None}


def test_growth_on_the_year_before() -> None:
    project("A", plan_year=2020)
    report("A", "2020-10", "80")
    report("A", "2021-10", "100")
    assert value("projects.growth", "2021-10") == D("0.25")
    assert parts("projects.growth", "2021Q4", by="month") == {"2021-10": D("0.25"), "2021-11": None, "2021-12": None}
    assert value("projects.growth", "2020-10") is None


def test_average_annual_growth_over_a_span() -> None:
    stated("gdp", 2016, "100", "2017-03-01 09:00")
    stated("gdp", 2018, "121", "2019-03-01 09:00")
    given = ask("county.gdp_growth", "2016..2018")
    assert (given.value, given.display.zh) == (D("0.1"), "10.0%")
    stated("gdp", 2017, "7", "2018-03-01 09:00")
    assert value("county.gdp_growth", "2016..2018") == D("0.1"), "only the first and the last year count"


def test_a_sum_of_figures_has_no_value_while_one_has_none() -> None:
    project("A", planned="100")
    assert value("projects.both", "2021") is None
    report("A", "2021-10", "1")
    assert value("projects.both", "2021") == D(101)


def test_a_stated_observation_keeps_its_vintages() -> None:
    gdp = stated(
        "gdp", 2021, "31000000000", "2021-12-13 09:30", status="estimated", basis="estimate", wording="about", source="湖南日报"
    )
    then = ask("county.gdp", "2021", as_of=at("2021-12-13 18:00"))
    assert (then.display.zh, then.display.en, then.status, then.basis) == (
        "约310亿元",
        "about CNY 31 billion",
        "estimated",
        "estimate",
    )
    assert (then.status_title.zh, then.source) == ("预计", "湖南日报")
    change(gdp, "2022-04-18 15:40", value="30981000000", status="final", basis="actual", wording=None)
    now = ask("county.gdp", "2021")
    assert (now.display.zh, now.status, now.basis) == ("309.81亿元", "final", "actual")
    assert ask("county.gdp", "2021", as_of=at("2021-12-13 18:00")).value == D(31000000000)
    assert value("county.gdp", "2021", area=YANGXI) is None, "the county's is not the town's"


def test_shares_without_a_whole_stand_side_by_side() -> None:
    for sector, share in (("primary", "0.195"), ("secondary", "0.286"), ("tertiary", "0.519")):
        stated("structure", 2021, share, "2021-12-13 09:30", sector=sector)
    given = ask("county.structure", "2021", by="sector")
    assert given.display.zh == "19.5:28.6:51.9"
    assert [p.title.zh for p in given.parts] == ["一产", "二产", "三产"]
    assert ask("county.structure", "2021").display.zh == "19.5:28.6:51.9"


def test_several_figures_are_answered_together_as_they_are_alone() -> None:
    project("A", planned="100")
    report("A", "2021-10", "1")
    requests = [
        Request("projects.count", None, "2021"),
        Request("projects.planned", None, "2021", "town"),
        Request("projects.completion", COUNTY, "2021-01..2021-10"),
        Request("projects.count", BAIXI, "2021"),
        Request("projects.invested", None, "2021", "month", at("2021-06-01 00:00")),
    ]
    together = many(requests, None)
    alone = [ask(r.name, r.period, area=r.area, by=r.by, as_of=r.as_of) for r in requests]  # type: ignore[arg-type]
    assert [a.value for a in together] == [a.value for a in alone]
    assert [[p.value for p in a.parts] for a in together] == [[p.value for p in a.parts] for a in alone]


def test_an_area_is_a_subtree_and_one_without_a_code_is_refused() -> None:
    Area.objects.create(code="431322102001", parent_id=YANGXI, level="village", name_zh="甲村", name_en="Jia")
    project("A", "431322102001")
    project("B", BAIXI)
    assert value("projects.count", "2021", area=YANGXI) == 1
    assert parts("projects.count", "2021", by="town") == {YANGXI: D(1), BAIXI: D(1)}
    with pytest.raises(NotFound, match="nowhere"):
        ask("projects.count", "2021", area="nowhere")


def test_the_clerk_of_one_town_sees_that_town_only() -> None:
    clerk = county.person("clerk", YANGXI, [Verb.VIEW])
    project("A", planned="1")
    project("B", BAIXI, planned="2")
    mine = many([Request("projects.count", None, "2021", "town")], clerk)[0]
    assert (mine.area, mine.value, [p.code for p in mine.parts]) == (YANGXI, D(1), [YANGXI])
    for area in (BAIXI, COUNTY):
        with pytest.raises(NotPermitted) as refused:
            many([Request("projects.count", area, "2021")], clerk)
        assert "洋溪镇" in refused.value.says.zh, "it names what they may ask for"
    stranger = county.person("stranger", YANGXI, [])
    with pytest.raises(NotPermitted):
        many([Request("projects.count", None, "2021")], stranger)


def test_a_figure_that_reads_the_parent_needs_the_right_to_view_the_parent() -> None:
    clerk = county.person("clerk", YANGXI, [Verb.VIEW], register="reports")
    with pytest.raises(NotPermitted):
        many([Request("projects.invested", None, "2021", "industry")], clerk)


def test_a_breakdown_that_is_not_offered_is_refused_with_those_that_are() -> None:
    with pytest.raises(Refusal, match="town, industry, listed"):
        ask("projects.count", "2021", by="colour")
    with pytest.raises(NotFound):
        ask("projects.nothing", "2021")


def test_the_json_has_the_agreed_shape() -> None:
    project("A", planned="61078000000")
    with reading_in("zh"):
        said = ask("projects.planned", "2021", as_of=at("2021-12-13 09:00")).as_json()
    assert said["definition"] == ask("projects.planned", "2021").definition
    assert len(str(said.pop("definition"))) == 64
    assert said == {
        "figure": "projects.planned", "area": COUNTY, "period": "2021", "as_of": "2021-12-13T09:00:00+08:00", "value": "61078000000",
        "unit": "CNY", "display": "610.78亿元", "basis": "plan", "status": "normal", "rows": 1,
    }  # fmt: skip


def test_exact_decimals_survive_sums() -> None:
    for i in range(10):
        project(f"P{i}", planned="0.1")
    project("Q", planned="999999999999999999.999999")
    assert ask("projects.planned", "2021").as_json()["value"] == "1000000000000000000.999999"


def test_records_made_a_moment_ago_are_counted() -> None:
    for n in range(1, 4):
        create("projects", {"code": f"N{n}", "town": YANGXI, "plan_year": 2021}, by=None)
        assert value("projects.count", "2021") == n
