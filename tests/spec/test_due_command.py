"""``banjie due``, case by case: what an office asks, and the answer worked out by hand from the State Council's notices.

Office hours are 8:30–12:00 and 14:30–17:30 (6.5 hours a day). Days off in 2021: 11–17 February (worked: 7 and 20), 3–5 April,
1–5 May (worked: 25 April, 8 May), 12–14 June, 19–21 September (worked: 18), 1–7 October (worked: 26 September, 9 October);
in 2022: 1–3 January, 31 January–6 February (worked: 29 and 30 January), 3–5 April (worked: 2).
"""

from __future__ import annotations

import json
from typing import Any

import pytest
from click.testing import CliRunner

from banjie.cli import due as module
from banjie.cli.due import SHIPPED, due
from banjie.places.calendars import shipped_calendar

WORKDAYS = [
    ("2021-09-30 16:00", "5 workdays", "2021-10-13 17:30"),  # Golden Week; the Saturday of the 9th is worked
    ("2021-09-24", "2 workdays", "2021-09-27 17:30"),  # the Sunday of the 26th is worked
    ("2021-09-30 23:59", "1个工作日", "2021-10-08 17:30"),
    ("2021-10-01 10:00", "1 workday", "2021-10-08 17:30"),  # from a day off
    ("2021-10-08 08:00", "1 workday", "2021-10-09 17:30"),  # before the office opens; due on a worked Saturday
    ("2021-09-17 18:00", "1 workday", "2021-09-18 17:30"),  # after hours on a Friday; the Saturday is worked
    ("2021-09-18 09:00", "1 workday", "2021-09-22 17:30"),  # then three days of Mid-Autumn
    ("2021-02-05 09:00", "3 workdays", "2021-02-09 17:30"),  # Sunday the 7th is worked
    ("2021-02-10 17:00", "5 workdays", "2021-02-23 17:30"),  # Spring Festival; Saturday the 20th is worked
    ("2022-01-28 15:00", "3 workdays", "2022-02-07 17:30"),  # both days of the week-end before Spring Festival are worked
    ("2021-04-30 12:00", "2 workdays", "2021-05-07 17:30"),
    ("2021-04-23 12:00", "2 workdays", "2021-04-26 17:30"),
    ("2021-06-11 09:00", "1 workday", "2021-06-15 17:30"),
    ("2021-12-31 09:00", "1 workday", "2022-01-04 17:30"),  # over the New Year
    ("2022-04-01 09:00", "1 workday", "2022-04-02 17:30"),
    ("2021-11-01 09:00", "20 workdays", "2021-11-29 17:30"),
]
WORKING_HOURS = [
    ("2021-11-02 11:30", "2 working hours", "2021-11-02 16:00"),  # across the midday break
    ("2021-11-02 12:10", "1 working hour", "2021-11-02 15:30"),  # asked in the break
    ("2021-11-02 17:00", "1个工作小时", "2021-11-03 09:00"),
    ("2021-11-02 19:00", "0.5 working hours", "2021-11-03 09:00"),  # after office hours
    ("2021-11-05 16:30", "4 working hours", "2021-11-08 11:30"),  # over a week-end
    ("2021-09-24 16:00", "9 working hours", "2021-09-27 09:30"),  # a worked Sunday between
    ("2021-09-30 17:00", "1 working hour", "2021-10-08 09:00"),
    ("2021-11-02 08:30", "6.5 working hours", "2021-11-02 17:30"),
    ("2021-11-02 08:30", "3.5 working hours", "2021-11-02 12:00"),
    ("2021-02-10 16:30", "2 working hours", "2021-02-18 09:30"),
]
CLOCK = [
    ("2021-09-30 20:00", "9小时", "2021-10-01 05:00"),  # nine hours are nine hours, at night and on a day off
    ("2021-12-31 23:30", "2 hours", "2022-01-01 01:30"),
    ("2021-11-02 09:15", "90 minutes", None),
    ("2021-11-01 15:00", "10 days", "2021-11-11 17:30"),
    ("2021-09-22", "15日", "2021-10-08 17:30"),  # the last day is one off: the next workday
    ("2021-11-03", "10 days", "2021-11-15 17:30"),  # a Saturday: the Monday after
]
NOTICES = [
    ("2021-11-01", "at least 10 days", "2021-11-12 00:00"),
    ("2021-10-11", "at least 30 days", "2021-11-11 00:00"),
    ("2021-10-11 16:00", "不少于10个工作日", "2021-10-26 00:00"),
    ("2021-09-24", "at least 5 workdays", "2021-10-01 00:00"),
]
PAUSED = [  # moment, term, options, due
    ("2021-11-01 09:00", "5 workdays", ["--pause", "2021-11-03 10:00..2021-11-05 09:00"], "2021-11-10 17:30"),  # the 3rd and 4th
    ("2021-11-01 09:00", "5 workdays", ["--pause", "2021-11-03 10:00..2021-11-03 15:00"], "2021-11-08 17:30"),  # same day: none
    ("2021-11-01 09:00", "5 workdays", ["--pause", "2021-11-03 18:00..2021-11-04 09:00"], "2021-11-08 17:30"),  # after hours
    ("2021-09-24 10:00", "5个工作日", ["--pause", "2021-09-27 15:00..2021-10-08 09:00"], "2021-10-12 17:30"),
    ("2021-11-02 09:00", "4 working hours", ["--pause", "2021-11-02 10:00..2021-11-03 09:30"], "2021-11-03 15:00"),
    ("2021-11-02 09:00", "9 hours", ["--pause", "2021-11-02 12:00..2021-11-02 14:30"], "2021-11-02 20:30"),
    ("2021-09-24", "at least 10 workdays", ["--pause", "2021-09-27..2021-09-28 10:00"], "2021-10-16 00:00"),
    ("2021-09-24 10:00", "5 workdays", ["--extend", "2021-09-29 09:00 + 3 workdays"], "2021-10-11 17:30"),
    ("2021-11-01 09:00", "5 workdays", ["--pause", "2021-11-03 10:00.."], None),  # still suspended
]


@pytest.fixture(autouse=True)
def _the_shipped_calendar(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "calendar_in_force", lambda: (shipped_calendar(), SHIPPED))


def asked(*arguments: str) -> dict[str, Any]:
    result = CliRunner().invoke(due, [*arguments, "--json"])
    assert result.exit_code == 0, result.output
    return dict(json.loads(result.output))


def shown(answer: dict[str, Any]) -> str | None:
    return answer["due"] and answer["due"][:16].replace("T", " ")


@pytest.mark.parametrize(("moment", "term", "expected"), [*WORKDAYS, *WORKING_HOURS, *CLOCK, *NOTICES])
def test_from_a_moment(moment: str, term: str, expected: str | None) -> None:
    if expected is None:
        assert CliRunner().invoke(due, [moment, term]).exit_code == 2
    else:
        assert shown(asked(moment, term)) == expected


@pytest.mark.parametrize(("moment", "term", "options", "expected"), PAUSED)
def test_with_what_happened_on_the_way(moment: str, term: str, options: list[str], expected: str | None) -> None:
    assert shown(asked(moment, term, *options)) == expected


@pytest.mark.parametrize(
    "options", [[], ["--pause", "2021-11-03 10:00..2021-11-05 09:00"], ["--extend", "2021-11-03 + 2 workdays"]]
)
def test_the_lines_add_up_to_the_term(options: list[str]) -> None:
    answer = asked("2021-11-01 09:00", "5 workdays", *options)
    assert sum(int(line["amount"]) for line in answer["lines"]) == int(answer["term"].split()[0].removesuffix("wd"))


@pytest.mark.parametrize(
    ("option", "text", "says"),
    [
        ("--pause", "2021-11-03", "is no pause"),
        ("--pause", "..2021-11-03", "is no pause"),
        ("--pause", "2021-11-05..2021-11-03", "ends before it begins"),
        ("--pause", "soon..2021-11-03", "soon"),
        ("--extend", "3 workdays", "is no extension"),
        ("--extend", "2021-11-03 + 3 hours", "in the unit of the term itself"),
    ],
)
def test_what_is_no_pause_or_extension_is_told(option: str, text: str, says: str) -> None:
    result = CliRunner().invoke(due, ["2021-11-01", "5 workdays", option, text, "--lang", "en"])
    assert result.exit_code == 2
    assert says in result.output


def test_two_pauses_that_overlap_are_refused() -> None:
    both = ["--pause", "2021-11-02..2021-11-04", "--pause", "2021-11-03..2021-11-05"]
    result = CliRunner().invoke(due, ["2021-11-01", "5 workdays", *both, "--lang", "en"])
    assert result.exit_code == 2
    assert "do not follow one another" in result.output


def test_a_year_that_is_only_estimated_is_not_used_unasked_with_a_pause_either() -> None:
    arguments = ["2026-12-24", "5 workdays", "--pause", "2026-12-25..2026-12-28", "--lang", "en"]
    assert "no official calendar for 2027" in CliRunner().invoke(due, arguments).output
    assert CliRunner().invoke(due, [*arguments, "--estimate"]).output.startswith("due (estimate)")
