"""Terms in days: what counts as a day, and when the last one ends.

The day of the event is not counted (Civil Code art. 201). A limit ends when the office closes on its last day
(art. 203). Days off and make-up workdays are those of the State Council's yearly notice.
"""

from __future__ import annotations

from datetime import date

from tests.spec.working_table import answer, cases

from banjie.places.calendars import combined


@cases("""
start            | term        | due              | why
2021-09-30 16:00 | 5 workdays  | 2021-10-13 17:30 | 1–7 Oct National Day; Fri 8, make-up Sat 9, Mon 11, Tue 12, Wed 13
2021-09-24 10:00 | 2 workdays  | 2021-09-27 17:30 | Sat 25 is off, make-up Sun 26 is the first, Mon 27 the second
2021-09-24 10:00 | 1 workday   | 2021-09-26 17:30 | a make-up Sunday is a workday like any other
2021-09-30 08:00 | 1 workday   | 2021-10-08 17:30 | the day of the event is not counted, even from before opening
2021-09-30 23:59 | 1 workday   | 2021-10-08 17:30 | nor from its last minute: the hour makes no difference
2021-10-03 12:00 | 1 workday   | 2021-10-08 17:30 | received on a day off: counting begins with the first workday after
2021-02-10 09:00 | 3 workdays  | 2021-02-20 17:30 | Spring Festival 11–17 Feb; Thu 18, Fri 19, make-up Sat 20
2021-02-05 09:00 | 2 workdays  | 2021-02-08 17:30 | make-up Sun 7 Feb before the festival, Mon 8
2022-01-28 09:00 | 3 workdays  | 2022-02-07 17:30 | make-up Sat 29 and Sun 30 Jan; 31 Jan–6 Feb festival; Mon 7
2022-01-28 09:00 | 5 workdays  | 2022-02-09 17:30 | the same, two more
2021-12-31 09:00 | 1 workday   | 2022-01-04 17:30 | across the year: 1–3 Jan is New Year, Tue 4
2021-06-11 09:00 | 10 workdays | 2021-06-28 17:30 | Dragon Boat Festival 12–14 June; Tue 15 is the first, Mon 28 the tenth
""")
def test_workdays_pass_over_days_off_and_count_make_up_days(start: str, term: str, due: str, why: str) -> None:
    assert answer(start, term)[0] == due, why


@cases("""
start            | term    | due              | why
2021-09-06 16:00 | 1 day   | 2021-09-07 17:30 | the next day
2021-03-01 10:00 | 30 days | 2021-03-31 17:30 | weekends within the term count; the last day is a Wednesday
2021-09-01 10:00 | 30 days | 2021-10-08 17:30 | the last day, 1 Oct, is a holiday: the first day after it that is not
2021-08-27 10:00 | 30 days | 2021-09-26 17:30 | the last day is a make-up Sunday: the office works, nothing moves
2021-09-03 10:00 | 15 days | 2021-09-18 17:30 | a make-up Saturday, likewise
2021-09-04 10:00 | 7 days  | 2021-09-13 17:30 | the last day is an ordinary Saturday: moved to Monday
2024-02-01 10:00 | 28 days | 2024-02-29 17:30 | a leap year has a 29 February
""")
def test_calendar_days_move_only_when_the_last_is_a_day_off(start: str, term: str, due: str, why: str) -> None:
    assert answer(start, term)[0] == due, why


HALF_DAYS = combined(
    (),
    (
        (date(2021, 9, 7), "morning", "全市运动会", "city games"),
        (date(2021, 9, 8), "afternoon", "停电检修", "power cut"),
    ),
)


@cases("""
start            | term       | due              | why
2021-09-06 10:00 | 1 workday  | 2021-09-07 12:00 | the office is open on the morning of the 7th: it is a workday, and ends at noon
2021-09-06 10:00 | 2 workdays | 2021-09-08 17:30 | the 8th is open in the afternoon
2021-09-06 10:00 | 3 workdays | 2021-09-09 17:30 | neither half day is lost
2021-09-05 10:00 | 2 days     | 2021-09-07 12:00 | a half day is no day off: a calendar term does not move from it
""")
def test_a_half_day_is_a_workday_that_ends_when_the_office_closes(start: str, term: str, due: str, why: str) -> None:
    assert answer(start, term, HALF_DAYS)[0] == due, why


@cases("""
start            | term        | allowed          | why
2021-09-01 10:00 | 10 workdays | 2021-09-16 00:00 | ten full workdays, 2–15 Sept; from the midnight after the tenth
2021-09-24 10:00 | 10 workdays | 2021-10-14 00:00 | make-up Sun 26 Sept counts, Golden Week does not
2021-03-01 10:00 | 30 days     | 2021-04-01 00:00 | 2–31 March are thirty full days
2021-09-01 10:00 | 30 days     | 2021-10-09 00:00 | the thirtieth, 1 Oct, is a holiday: people may still come on Fri 8 Oct
2021-09-24 23:50 | 1 workday   | 2021-09-27 00:00 | ten minutes of the 24th are nothing; Sun 26 has run when it is over
2021-09-30 16:00 | 9 hours     | 2021-10-01 01:00 | hours have run when they have run
""")
def test_a_statutory_notice_must_have_run_whole(start: str, term: str, allowed: str, why: str) -> None:
    assert answer(start, term, at_least=True)[0] == allowed, why


@cases("""
start            | term       | allowed          | why
2021-09-06 10:00 | 1 workday  | 2021-09-10 00:00 | the half days of the 7th and 8th do not count towards a notice: the 9th does
2021-09-03 10:00 | 2 workdays | 2021-09-10 00:00 | Mon 6 and Thu 9
""")
def test_a_half_day_does_not_count_towards_a_notice(start: str, term: str, allowed: str, why: str) -> None:
    assert answer(start, term, HALF_DAYS, at_least=True)[0] == allowed, why
