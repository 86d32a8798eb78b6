"""``banjie due``: the deadline, line by line, from a terminal."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from django.db import connection

from banjie.cli.due import due
from banjie.places import actions
from banjie.places.definition import DayDefinition


def run(*arguments: str) -> Result:
    return CliRunner().invoke(due, arguments)


@pytest.mark.django_db
def test_it_prints_the_deadline_and_every_line_of_the_calculation() -> None:
    result = run("2021-09-30 16:00", "5 workdays", "--lang", "en")
    assert result.exit_code == 0
    lines = result.output.splitlines()
    assert lines[0] == "due  2021-10-13 17:30"
    assert "2021-10-01 (Fri) to 2021-10-07 (Thu): National Day, not counted" in lines[3]
    assert "make-up workday" in lines[5]
    assert "from the database" in lines[-1]


@pytest.mark.django_db
def test_it_speaks_chinese_first() -> None:
    assert run("２０２１-09-24", "２个工作日").output.startswith("截止  2021-09-27 17:30")


@pytest.mark.django_db
def test_it_tells_when_a_notice_has_run() -> None:
    result = run("2021-09-01", "30日", "--at-least", "--lang", "en")
    assert result.output.startswith("next step allowed from  2021-10-09 00:00")


@pytest.mark.django_db
def test_its_json_adds_up() -> None:
    answer = json.loads(run("2021-09-30 16:00", "6 working hours", "--json").output)
    assert answer["due"] == "2021-10-08T15:30:00+08:00"
    assert sum(Fraction(line["amount"]) for line in answer["lines"]) == 6
    assert answer["lines"][0]["begins"] == answer["start"]
    assert answer["lines"][-1]["ends"] == answer["due"]


@pytest.mark.django_db
def test_it_uses_the_days_that_the_office_entered() -> None:
    day = DayDefinition.load({"date": "2021-10-08", "kind": "day_off", "name": {"zh": "抗洪", "en": "flood"}, "source": "县政府"})
    actions.set_calendar_day(day=day, by=None)
    assert "2021-10-14 17:30" in run("2021-09-30 16:00", "5 workdays").output


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("arguments", "status", "says"),
    [
        (("2021-13-40", "5 workdays"), 2, "2021-13-40"),
        (("yesterday", "5 workdays"), 2, "yesterday"),
        (("2021-09-30", "5 fortnights"), 2, "5 fortnights"),
        (("2021-09-30", "0 workdays"), 2, "more than nothing"),
        (("2026-12-30", "5 workdays"), 1, "no official calendar for 2027"),
        (("2026-12-30", "5 workdays"), 1, "--estimate"),
        (("2036-12-30", "5 workdays"), 1, "no official calendar for 2036"),
    ],
)
def test_what_it_cannot_reckon_it_says(arguments: tuple[str, str], status: int, says: str) -> None:
    result = run(*arguments, "--lang", "en")
    assert result.exit_code == status
    assert says in result.output


@pytest.mark.django_db
def test_an_estimate_calls_itself_one() -> None:
    result = run("2026-12-30 16:00", "5 workdays", "--estimate", "--lang", "en")
    assert result.output.startswith("due (estimate)  2027-01-07 17:30")


def test_without_a_database_it_uses_the_shipped_calendar_and_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    if connection.vendor != "sqlite":
        pytest.skip("a database file is SQLite's")
    missing = tmp_path / "none.sqlite3"
    monkeypatch.setitem(connection.settings_dict, "NAME", str(missing))
    result = run("2021-09-30 16:00", "5 workdays", "--lang", "en")
    assert "2021-10-13 17:30" in result.output
    assert "no database was found" in result.output
    assert not missing.exists()
