"""Clocks that are paused, resumed and extended. Without such events they are the terms of ``test_working_days`` and its neighbours.

September 2021: Mon 6, Mon 13; make-up Sat 18; Mid-Autumn 19–21; make-up Sun 26; Golden Week 1–7 October, make-up Sat 9.
The office is open 8:30–12:00 and 14:30–17:30.
"""

from __future__ import annotations

import pytest
from tests.spec.clocks import due, reckoned
from tests.spec.working_table import cases

from banjie.lib.errors import Refusal


@cases("""
start            | term       | happened                               | answer           | why
2021-09-06 11:00 | 5 workdays |                                        | 2021-09-13 17:30 | nothing happened: 7, 8, 9, 10, 13
2021-09-06 11:00 | 5 workdays | pause 09-08 10:00, resume 09-10 15:00  | 2021-09-15 17:30 | 8 and 9 do not count, 10 does: 7, 10, 13, 14, 15
2021-09-06 11:00 | 5 workdays | pause 09-10 15:00, resume 09-13 09:00  | 2021-09-14 17:30 | across a weekend: only Fri 10 is lost, Sat and Sun never counted
2021-09-06 11:00 | 5 workdays | pause 09-11 09:00, resume 09-12 20:00  | 2021-09-13 17:30 | a weekend alone takes nothing away
2021-09-06 11:00 | 5 workdays | pause 09-08 10:00, resume 09-08 16:00  | 2021-09-13 17:30 | resumed the same day: the day counts
2021-09-06 11:00 | 5 workdays | pause 09-08 18:00, resume 09-09 08:00  | 2021-09-13 17:30 | paused after closing, resumed before opening: no day is lost
2021-09-06 11:00 | 5 workdays | pause 09-13 10:00, resume 09-16 10:00  | 2021-09-16 17:30 | paused on the last day: it is made up on the day of the resumption
2021-09-06 11:00 | 5 workdays | pause 09-13 10:00, resume 09-16 18:00  | 2021-09-17 17:30 | resumed after closing: the next workday
2021-09-06 11:00 | 5 workdays | pause 09-14 10:00, resume 09-20 10:00  | 2021-09-13 17:30 | it was over when the pause began
2021-09-06 11:00 | 5 workdays | pause 09-08 10:00                      | open             | while the pause lasts nobody can tell
2021-09-06 11:00 | 5 workdays | pause 09-29 10:00                      | 2021-09-13 17:30 | unless it was over before
2021-09-06 11:00 | 5 workdays | pause 09-06 12:00, resume 09-07 09:00  | 2021-09-13 17:30 | the day of the event never counted
2021-09-29 11:00 | 3 workdays | pause 09-30 10:00, resume 10-08 09:00  | 2021-10-11 17:30 | Golden Week inside the pause: 8, make-up Sat 9, 11
2021-09-06 11:00 | 5 workdays | pause 09-07 09:00, resume 09-08 09:00, pause 09-09 09:00, resume 09-10 09:00 | 2021-09-15 17:30 | two pauses, a day each
""")
def test_a_pause_takes_away_the_days_from_its_first_to_the_one_before_its_last(
    start: str, term: str, happened: str, answer: str, why: str
) -> None:
    assert due(start, term, happened) == answer, why


@cases("""
start            | term    | happened                              | answer           | why
2021-09-06 11:00 | 10 days | pause 09-08 10:00, resume 09-10 15:00 | 2021-09-18 17:30 | two days later than 16: a make-up Saturday, the office works
2021-09-06 11:00 | 10 days | pause 09-08 10:00, resume 09-11 15:00 | 2021-09-22 17:30 | 19 is the last; the festival moves it past 21
2021-09-06 11:00 | 5 days  | pause 09-12 10:00, resume 09-14 10:00 | 2021-09-14 17:30 | 11 is the last, a Saturday, moved to Mon 13, where the clock stands still
""")
def test_calendar_days_are_paused_alike_and_moved_from_days_off(
    start: str, term: str, happened: str, answer: str, why: str
) -> None:
    assert due(start, term, happened) == answer, why


@cases("""
start            | term            | happened                              | answer           | why
2021-09-06 09:00 | 6 working hours |                                       | 2021-09-06 17:30 | 3 h until noon, 3 h in the afternoon
2021-09-06 09:00 | 6 working hours | pause 09-06 10:00, resume 09-06 11:00 | 2021-09-07 09:30 | an hour of office hours is lost
2021-09-06 09:00 | 6 working hours | pause 09-06 12:00, resume 09-06 14:30 | 2021-09-06 17:30 | a pause over the midday break costs nothing
2021-09-06 09:00 | 6 working hours | pause 09-06 16:30, resume 09-08 10:00 | 2021-09-08 11:00 | an hour is left, from the very minute
2021-09-30 16:30 | 3 working hours | pause 09-30 17:00, resume 10-08 08:30 | 2021-10-08 11:00 | half an hour before Golden Week, two and a half after
2021-09-06 09:00 | 9 hours         | pause 09-06 10:00, resume 09-06 23:30 | 2021-09-07 07:30 | clock hours run at night too
2021-09-06 09:00 | 9 hours         | pause 09-06 18:00, resume 09-07 09:00 | 2021-09-06 18:00 | over at the very moment of the pause
""")
def test_hours_stand_still_to_the_minute(start: str, term: str, happened: str, answer: str, why: str) -> None:
    assert due(start, term, happened) == answer, why


@cases("""
start            | term        | happened                                                    | answer           | why
2021-09-06 11:00 | 5 workdays  | extend 3 workdays 09-13 10:00                               | 2021-09-16 17:30 | 14, 15, 16
2021-09-06 11:00 | 5 workdays  | extend 3 workdays 09-15 10:00                               | 2021-09-16 17:30 | granted late: counted from the same start
2021-09-06 11:00 | 5 workdays  | extend 1 workday 09-07 10:00, extend 1 workday 09-08 10:00  | 2021-09-15 17:30 | twice
2021-09-06 11:00 | 5 workdays  | pause 09-08 10:00, resume 09-10 15:00, extend 1 workday 09-13 09:00 | 2021-09-16 17:30 | both
2021-09-06 09:00 | 6 working hours | extend 1.5 working hours 09-06 10:00                    | 2021-09-07 10:00 | 1.5 h of the next morning
""")
def test_an_extension_adds_to_the_term(start: str, term: str, happened: str, answer: str, why: str) -> None:
    assert due(start, term, happened) == answer, why


@cases("""
start            | term        | happened                              | allowed          | why
2021-09-06 11:00 | 10 workdays |                                       | 2021-09-19 00:00 | 7–10, 13–17, make-up Sat 18: ten whole days
2021-09-06 11:00 | 10 workdays | pause 09-08 10:00, resume 09-08 11:00 | 2021-09-23 00:00 | the 8th is not whole; after the festival Wed 22 is the tenth
2021-09-06 11:00 | 10 workdays | pause 09-08 10:00, resume 09-10 15:00 | 2021-09-25 00:00 | neither 8, 9 nor 10: 22, 23 and 24 make up for them
2021-09-06 11:00 | 10 workdays | pause 09-08 10:00                     | open             | a notice that is taken down does not run
2021-09-01 10:00 | 30 days     | pause 09-28 09:00, resume 09-29 09:00 | 2021-10-09 00:00 | 3 October would be the thirtieth: on Fri 8 people can come again
""")
def test_a_notice_counts_whole_days_only(start: str, term: str, happened: str, allowed: str, why: str) -> None:
    assert due(start, term, happened, at_least=True) == allowed, why


def test_a_joint_clock_is_the_main_matters_own() -> None:
    """Ten workdays for the whole; a branch of three that is paused for a week moves its own term and not that of the whole."""
    assert due("2021-09-06 11:00", "10 workdays", "") == "2021-09-18 17:30"
    assert due("2021-09-06 11:00", "3 workdays", "pause 09-07 09:00, resume 09-14 09:00") == "2021-09-16 17:30"


@pytest.mark.parametrize("happened", [
    "resume 09-07 10:00",
    "pause 09-07 10:00, pause 09-08 10:00",
    "pause 09-08 10:00, resume 09-07 10:00",
    "stop 09-07 10:00, pause 09-08 10:00",
    "extend 3 days 09-07 10:00",
])  # fmt: skip
def test_events_that_cannot_be_are_refused(happened: str) -> None:
    with pytest.raises(Refusal) as refused:
        due("2021-09-06 11:00", "5 workdays", happened)
    assert refused.value.says.zh
    assert refused.value.says.en


def test_the_calculation_reads_line_by_line() -> None:
    found = reckoned("2021-09-06 11:00", "5 workdays", "pause 09-08 10:00, resume 09-10 15:00, extend 1 workday 09-13 09:00")
    assert [line.says.en for line in found.lines] == [
        "extended by 1 workday at 2021-09-13 09:00: 6 workdays in all",
        "2021-09-06 11:00: the day of the event is not counted (Civil Code art. 201)",
        "2021-09-07: workday, 1 counted, 1 so far",
        "2021-09-08 to 2021-09-09: suspended, not counted",
        "2021-09-10: workday, 1 counted, 2 so far",
        "2021-09-11 to 2021-09-12: weekend, not counted",
        "2021-09-13 to 2021-09-16: workday, 4 counted, 6 so far",
        "due 2021-09-16 17:30",
    ]


def test_a_pause_that_cost_no_day_is_told_too() -> None:
    found = reckoned("2021-09-06 11:00", "2 workdays", "pause 09-06 12:00, resume 09-06 15:00, pause 09-09 09:00")
    assert [line.says.zh for line in found.lines] == [
        "2021-09-06 12:00 至 2021-09-06 15:00 曾暂停计时，没有占去应计的日子，期限不变",
        "2021-09-06 11:00：事件当日不计（《民法典》第二百零一条）",
        "2021-09-07 至 2021-09-08：工作日 2 天，累计 2",
        "截止 2021-09-08 17:30",
    ]
