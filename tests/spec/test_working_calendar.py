"""Years: which are official, which are estimates, and that nothing is ever guessed in silence."""

from __future__ import annotations

from datetime import date

import pytest
from tests.spec.working_table import SHIPPED, answer, cases

from banjie.places.calendar import NoCalendar
from banjie.places.calendars import combined


@cases("""
start            | term             | year | why
2026-12-30 16:00 | 5 workdays       | 2027 | the count runs into a year whose notice is not out
2026-12-31 16:00 | 30 days          | 2027 | the last day lies there, and may be a day off
2026-12-31 17:00 | 2 working hours  | 2027 | half an hour this year, the rest in the next
2003-12-01 10:00 | 1 workday        | 2003 | before the calendar begins
2035-12-28 10:00 | 20 workdays      | 2035 | an estimate is not official either
2040-01-05 10:00 | 1 workday        | 2040 | far beyond it
2026-12-01 10:00 | 5000 workdays    | 2027 | the first year that is missing is named
""")
def test_a_year_without_an_official_calendar_is_an_honest_error(start: str, term: str, year: str, why: str) -> None:
    with pytest.raises(NoCalendar) as refused:
        answer(start, term)
    assert refused.value.year == int(year), why
    assert year in refused.value.says.zh
    assert year in refused.value.says.en


@cases("""
start            | term            | due              | why
2026-12-30 16:00 | 5 workdays      | 2027-01-07 17:30 | Thu 31; New Year's Day and the weekend off; Mon 4 to Thu 7
2027-02-03 10:00 | 3 workdays      | 2027-02-10 17:30 | the four statutory days of Spring Festival, 5–8 Feb
2026-12-31 17:00 | 2 working hours | 2027-01-04 10:00 | half an hour on Thursday, an hour and a half on Monday
""")
def test_an_estimate_is_given_when_asked_for_and_says_so(start: str, term: str, due: str, why: str) -> None:
    shown, found = answer(start, term, estimate=True)
    assert shown == due, why
    assert found.estimated
    assert "estimate" in found.lines[-1].says.en
    assert "估计" in found.lines[-1].says.zh


def test_asking_for_an_estimate_changes_nothing_where_the_calendar_is_official() -> None:
    assert answer("2021-09-30 16:00", "5 workdays", estimate=True)[1].estimated is False


def test_there_is_no_estimate_beyond_the_almanac() -> None:
    with pytest.raises(NoCalendar) as refused:
        answer("2035-12-28 10:00", "20 workdays", estimate=True)
    assert (refused.value.year, refused.value.can_be_estimated) == (2036, False)


def test_the_last_official_day_needs_no_year_after_it() -> None:
    assert answer("2026-12-30 10:00", "1 workday")[0] == "2026-12-31 17:30"
    assert answer("2003-12-31 10:00", "1 workday")[0] == "2004-01-02 17:30"


def test_a_year_that_the_office_declares_official_is_its_rows_alone() -> None:
    rows = ((date(2027, 1, 1), "day_off", "元旦", "New Year"), (date(2027, 1, 2), "workday", "调休", "make-up"))
    calendar = combined(((2027, "official"),), rows)
    assert answer("2026-12-31 10:00", "1 workday", calendar)[0] == "2027-01-02 17:30"
    assert answer("2027-02-04 10:00", "1 workday", calendar)[0] == "2027-02-05 17:30"  # the estimate's festival is gone


def test_a_day_that_the_office_enters_overrules_the_shipped_calendar() -> None:
    calendar = combined((), ((date(2021, 10, 8), "day_off", "抗洪", "flood"),))
    assert answer("2021-09-30 16:00", "5 workdays", calendar)[0] == "2021-10-14 17:30"


def test_a_shipped_year_can_be_put_in_doubt() -> None:
    with pytest.raises(NoCalendar):
        answer("2026-06-01 10:00", "1 workday", combined(((2026, "estimate"),), ()))


def test_the_version_follows_the_content_and_not_its_order() -> None:
    days = ((date(2021, 9, 7), "morning", "运动会", "games"), (date(2021, 9, 8), "day_off", "停电", "power cut"))
    assert combined((), days).version == combined((), days[::-1]).version
    assert combined((), days).version != combined((), days[:1]).version != SHIPPED.version
    assert len(SHIPPED.version) == 16
