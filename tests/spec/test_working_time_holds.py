"""What holds for every start, term and calendar: found by search, not by example."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from banjie.places.calendar import LOCAL, Calendar, Day
from banjie.places.deadline import Due
from banjie.places.terms import Term
from banjie.places.working_time import due

YEARS = {2021: "official", 2022: "official", 2023: "estimate"}
DATES = st.dates(date(2021, 1, 1), date(2023, 12, 31))
SPECIAL = st.dictionaries(DATES, st.sampled_from(["workday", "day_off", "morning", "afternoon"]), max_size=60)
OFF = st.sets(DATES, max_size=60)
STARTS = st.datetimes(datetime(2021, 1, 1), datetime(2022, 6, 30)).map(lambda naive: naive.replace(tzinfo=LOCAL))  # noqa: DTZ001
TERMS = st.one_of(
    st.builds(Term, st.integers(1, 60).map(Decimal), st.sampled_from(["workdays", "days"])),
    st.builds(Term, st.integers(1, 20_000).map(lambda n: Decimal(n) / 100), st.sampled_from(["hours", "working_hours"])),
)


def calendar_of(special: dict[date, str]) -> Calendar:
    return Calendar(YEARS, {day: Day(kind) for day, kind in special.items()})


def reckon(start: datetime, term: Term, calendar: Calendar, at_least: bool) -> Due:
    return due(start, term, calendar, at_least, estimate=True)


@given(STARTS, TERMS, SPECIAL, st.booleans())
def test_the_lines_follow_one_another_and_add_up_to_the_result(
    start: datetime, term: Term, special: dict[date, str], at_least: bool
) -> None:
    found = reckon(start, term, calendar_of(special), at_least)
    lines = found.lines
    assert lines[0].begins == start
    assert all(before.ends == after.begins for before, after in pairwise(lines))
    assert start + sum((line.ends - line.begins for line in lines), timedelta()) == found.moment
    assert sum(line.amount for line in lines) == Fraction(term.amount)
    assert all(line.ends >= line.begins and line.amount >= 0 for line in lines)


@given(STARTS, TERMS, SPECIAL, OFF, st.booleans())
def test_more_days_off_never_bring_a_due_time_forward(
    start: datetime, term: Term, special: dict[date, str], off: set[date], at_least: bool
) -> None:
    fewer = reckon(start, term, calendar_of(special), at_least)
    more = reckon(start, term, calendar_of(special | dict.fromkeys(off, "day_off")), at_least)
    assert more.moment >= fewer.moment


@given(STARTS, TERMS, SPECIAL, st.booleans(), st.integers(1, 20))
def test_a_longer_term_is_never_over_earlier(
    start: datetime, term: Term, special: dict[date, str], at_least: bool, more: int
) -> None:
    calendar = calendar_of(special)
    longer = Term(term.amount + more, term.unit)
    assert reckon(start, longer, calendar, at_least).moment >= reckon(start, term, calendar, at_least).moment


@given(STARTS, TERMS, SPECIAL, st.booleans(), st.timedeltas(timedelta(0), timedelta(days=20)))
def test_a_later_start_is_never_due_earlier(
    start: datetime, term: Term, special: dict[date, str], at_least: bool, later: timedelta
) -> None:
    calendar = calendar_of(special)
    assert reckon(start + later, term, calendar, at_least).moment >= reckon(start, term, calendar, at_least).moment


@settings(max_examples=50)
@given(STARTS, st.integers(1, 60), SPECIAL)
def test_counting_workdays_by_hand_gives_the_same_day(start: datetime, n: int, special: dict[date, str]) -> None:
    calendar = calendar_of(special)
    day, left = start.date(), n
    while left:
        day += timedelta(days=1)
        left -= calendar.is_workday(day, estimate=True)
    assert reckon(start, Term(Decimal(n), "workdays"), calendar, False).last_day == day


@settings(max_examples=50)
@given(STARTS, st.integers(1, 3000), SPECIAL)
def test_counting_working_minutes_by_hand_gives_the_same_moment(
    start: datetime, hundredths: int, special: dict[date, str]
) -> None:
    calendar = calendar_of(special)
    term = Term(Decimal(hundredths) / 100, "working_hours")
    found = reckon(start, term, calendar, False).moment
    worked, day = timedelta(), start.date()
    while day <= found.date():
        for opens, closes in calendar.hours.sessions(calendar.day(day).kind):
            base = datetime(day.year, day.month, day.day, tzinfo=LOCAL)
            worked += max(timedelta(), min(base + closes, found) - max(base + opens, start))
        day += timedelta(days=1)
    assert worked == term.length
