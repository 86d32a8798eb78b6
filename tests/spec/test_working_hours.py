"""Terms in hours: clock hours run day and night; working hours only while the office is open (8:30–12:00, 14:30–17:30)."""

from __future__ import annotations

from datetime import date, time

import pytest
from tests.spec.working_table import answer, cases

from banjie.places.calendar import Calendar, WorkingHours
from banjie.places.calendars import combined


@cases("""
start            | term       | due              | why
2021-09-30 16:00 | 9 hours    | 2021-10-01 01:00 | clock hours run through the night and the holiday
2021-09-30 16:00 | 24 hours   | 2021-10-01 16:00 | a day and a night
2021-12-31 23:30 | 1 hour     | 2022-01-01 00:30 | across the year
1998-05-01 10:00 | 48 hours   | 1998-05-03 10:00 | no calendar is needed to add hours
2021-09-30 16:00 | 0.25 hours | 2021-09-30 16:15 | a quarter of an hour
""")
def test_clock_hours_run_without_a_break(start: str, term: str, due: str, why: str) -> None:
    assert answer(start, term)[0] == due, why


@cases("""
start            | term              | due              | why
2021-09-28 09:00 | 2 working hours   | 2021-09-28 11:00 | within the morning
2021-09-28 09:00 | 3 working hours   | 2021-09-28 12:00 | exactly at noon: not the afternoon's opening
2021-09-28 11:00 | 2 working hours   | 2021-09-28 15:30 | the break from 12:00 to 14:30 does not count
2021-09-28 13:00 | 1 working hour    | 2021-09-28 15:30 | received during the break
2021-09-28 07:00 | 1 working hour    | 2021-09-28 09:30 | received before opening
2021-09-28 20:00 | 1 working hour    | 2021-09-29 09:30 | received after hours: from the next opening
2021-09-28 17:30 | 1 working hour    | 2021-09-29 09:30 | at the very close
2021-09-30 16:00 | 6 working hours   | 2021-10-08 15:30 | 1½ h on Thursday; after Golden Week 3½ h in the morning and 1 h more
2021-10-03 10:00 | 6.5 working hours | 2021-10-08 17:30 | received on a holiday: the whole first workday, to its close
2021-09-24 17:00 | 1 working hour    | 2021-09-26 09:00 | half an hour on Friday, half on make-up Sunday
2021-09-27 08:30 | 13 working hours  | 2021-09-28 17:30 | two full days
""")
def test_working_hours_stop_when_the_office_is_closed(start: str, term: str, due: str, why: str) -> None:
    assert answer(start, term)[0] == due, why


HALF_DAYS = combined((), ((date(2021, 9, 7), "morning", "运动会", "games"), (date(2021, 9, 8), "afternoon", "停电", "power cut")))


@cases("""
start            | term            | due              | why
2021-09-07 11:00 | 2 working hours | 2021-09-08 15:30 | 1 h until noon; the office opens again at 14:30 next day
2021-09-07 15:00 | 1 working hour  | 2021-09-08 15:30 | that afternoon is off
2021-09-08 09:00 | 3 working hours | 2021-09-08 17:30 | a morning off, then the whole afternoon
""")
def test_working_hours_know_half_days(start: str, term: str, due: str, why: str) -> None:
    assert answer(start, term, HALF_DAYS)[0] == due, why


def test_an_office_may_keep_other_hours() -> None:
    hours = WorkingHours(morning=(time(9, 0), time(13, 0)), afternoon=(time(13, 0), time(17, 0)))
    calendar = Calendar({2021: "official"}, {}, hours)
    assert answer("2021-09-28 12:00", "2 working hours", calendar)[0] == "2021-09-28 14:00"
    assert answer("2021-09-28 12:00", "1 workday", calendar)[0] == "2021-09-29 17:00"


def test_hours_that_overlap_are_refused() -> None:
    with pytest.raises(ValueError, match="two sessions"):
        WorkingHours(morning=(time(8, 30), time(15, 0)), afternoon=(time(14, 30), time(17, 30)))
