"""Periods as people write them, what they hold, and how they are read aloud."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

import pytest

from banjie.lib.errors import Refusal
from banjie.lib.periods import Period


@pytest.mark.parametrize(
    ("written", "first", "last", "kept_as"),
    [
        ("2021", "2021-01-01", "2021-12-31", "2021"),
        ("2021年", "2021-01-01", "2021-12-31", "2021"),
        ("2021-10", "2021-10-01", "2021-10-31", "2021-10"),
        ("2021年10月", "2021-10-01", "2021-10-31", "2021-10"),
        ("2021/2", "2021-02-01", "2021-02-28", "2021-02"),
        ("2020-02", "2020-02-01", "2020-02-29", "2020-02"),
        ("2021Q3", "2021-07-01", "2021-09-30", "2021Q3"),
        ("2021-Q3", "2021-07-01", "2021-09-30", "2021Q3"),
        ("2021年三季度", "2021-07-01", "2021-09-30", "2021Q3"),
        ("2021年前三季度", "2021-01-01", "2021-09-30", "2021-01..2021-09"),
        ("2021H1", "2021-01-01", "2021-06-30", "2021H1"),
        ("2021年下半年", "2021-07-01", "2021-12-31", "2021H2"),
        ("2021-01..2021-10", "2021-01-01", "2021-10-31", "2021-01..2021-10"),
        ("2021年1-10月", "2021-01-01", "2021-10-31", "2021-01..2021-10"),
        ("2021年1至10月", "2021-01-01", "2021-10-31", "2021-01..2021-10"),
        ("2021-10 ytd", "2021-01-01", "2021-10-31", "2021-01..2021-10"),
        ("2021年10月累计", "2021-01-01", "2021-10-31", "2021-01..2021-10"),
        ("2021-01..2021-12", "2021-01-01", "2021-12-31", "2021"),
        ("2016..2021", "2016-01-01", "2021-12-31", "2016..2021"),
        ("2020-11..2021-02", "2020-11-01", "2021-02-28", "2020-11..2021-02"),
        ("2021-09-15", "2021-09-15", "2021-09-15", "2021-09-15"),
        ("2021-09-01..2021-09-15", "2021-09-01", "2021-09-15", "2021-09-01..2021-09-15"),
        ("2021-09-01..2021-09-30", "2021-09-01", "2021-09-30", "2021-09"),
        ("２０２１年１０月", "2021-10-01", "2021-10-31", "2021-10"),
    ],
)
def test_a_period_is_read_as_people_write_it(written: str, first: str, last: str, kept_as: str) -> None:
    period = Period.parse(written)
    assert (period.start.isoformat(), period.last.isoformat(), str(period)) == (first, last, kept_as)
    assert Period.parse(str(period)) == period


@pytest.mark.parametrize(
    "written", ["", "last year", "2021-13", "2021-02-30", "2021-10..2021-01", "21", "2021Q5", "2021-09-15..2021-09-01", "1021"]
)
def test_what_is_no_period_is_refused_in_both_languages(written: str) -> None:
    with pytest.raises(Refusal) as refused:
        Period.parse(written)
    assert refused.value.says.zh
    assert refused.value.says.en
    assert refused.value.says.zh != refused.value.says.en


@pytest.mark.parametrize(
    ("written", "elapsed", "why"),
    [
        ("2021-01..2021-10", Fraction(10, 12), "months where it ends with a month"),
        ("2021-10", Fraction(10, 12), "what counts is where it ends"),
        ("2021", Fraction(1), "the year is over"),
        ("2021H1", Fraction(1, 2), "six of twelve"),
        ("2021-09-01..2021-09-15", Fraction(258, 365), "days otherwise"),
        ("2020-01-01..2020-02-15", Fraction(46, 366), "a leap year has 366"),
    ],
)
def test_the_share_of_the_year_that_is_over(written: str, elapsed: Fraction, why: str) -> None:
    assert Period.parse(written).elapsed == elapsed, why


@pytest.mark.parametrize(
    ("written", "before"),
    [
        ("2021", "2020"),
        ("2021-01..2021-10", "2020-01..2020-10"),
        ("2020-02", "2019-02"),
        ("2021-02", "2020-02"),
        ("2020-02-29", "2019-02-28"),
        ("2021-02-01..2021-02-15", "2020-02-01..2020-02-15"),
    ],
)
def test_the_same_period_of_the_year_before(written: str, before: str) -> None:
    assert Period.parse(written).year_before == Period.parse(before)


@pytest.mark.parametrize(
    ("written", "zh", "en"),
    [
        ("2021", "2021年", "2021"),
        ("2016..2021", "2016—2021年", "2016–2021"),
        ("2021H1", "2021年上半年", "first half of 2021"),
        ("2021Q3", "2021年三季度", "Q3 2021"),
        ("2021-10", "2021年10月", "October 2021"),
        ("2021-01..2021-10", "2021年1—10月", "January–October 2021"),
        ("2020-11..2021-02", "2020年11月—2021年2月", "November 2020 – February 2021"),
        ("2021-12-07", "2021年12月7日", "7 December 2021"),
    ],
)
def test_a_period_has_a_title_in_both_languages(written: str, zh: str, en: str) -> None:
    title = Period.parse(written).title
    assert (title.zh, title.en) == (zh, en)


def test_a_part_of_a_year_grows_to_what_a_yearly_figure_can_answer() -> None:
    assert str(Period.parse("2021-01..2021-10").grown_to("year")) == "2021"
    assert str(Period.parse("2021-02").grown_to("quarter")) == "2021Q1"
    assert date(2021, 10, 31) in Period.parse("2021-10")
    assert Period.parse("2021-10") in Period.parse("2021")
