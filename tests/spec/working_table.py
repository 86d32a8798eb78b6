"""The tables of the working-time specification: text that reads as a table and runs as tests."""

from __future__ import annotations

import pytest

from banjie.lib.dates import parse_moment
from banjie.places.calendar import Calendar
from banjie.places.calendars import combined
from banjie.places.deadline import Due
from banjie.places.terms import parse_term
from banjie.places.working_time import due

SHIPPED = combined((), ())


def cases(table: str) -> pytest.MarkDecorator:
    """Parametrize a test by the rows of a table; its first row names the test's arguments."""
    header, *rows = ([cell.strip() for cell in line.split("|")] for line in table.strip().splitlines() if line.strip("- |+"))
    return pytest.mark.parametrize(header, [pytest.param(*row, id=f"{row[0]} {row[1]}") for row in rows])


def answer(
    start: str, term: str, calendar: Calendar = SHIPPED, *, at_least: bool = False, estimate: bool = False
) -> tuple[str, Due]:
    """The due time as "2021-10-13 17:30", and the whole result."""
    found = due(parse_moment(start), parse_term(term), calendar, at_least, estimate)
    return f"{found.moment:%Y-%m-%d %H:%M}", found
