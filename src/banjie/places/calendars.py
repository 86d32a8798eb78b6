"""The calendar in force: the shipped one, overruled by the rows that the office has entered."""

from __future__ import annotations

from datetime import date
from functools import lru_cache

from django.conf import settings
from django.db import connection

from banjie.lib.text import Text
from banjie.places.calendar import Calendar, Day, Kind, Status, WorkingHours
from banjie.places.models import CalendarDay, CalendarYear
from banjie.places.shipped_calendar import shipped_days, shipped_years

YearRow = tuple[int, Status]
DayRow = tuple[date, Kind, str, str]
DEFAULT_HOURS = WorkingHours()


def official_calendar(rows: list[tuple] | None = None) -> Calendar:
    """The calendar in force, in one small query where nothing was entered since; the index behind it is built once for each content.

    Fetch it once for a piece of work and hand it to ``working_time.due``. Its ``version`` says which one was used.
    ``rows``: those of ``ROWS``, where they have just been read together with something else.
    """
    global _last
    if rows is None:
        with connection.cursor() as cursor:
            cursor.execute(ROWS)
            rows = cursor.fetchall()
    if _last is None or _last[0] != rows:
        _last = (rows, _read())
    return _last[1]


ROWS = (
    "SELECT CAST(year AS text) AS at, status, '', '' FROM places_calendaryear "
    "UNION ALL SELECT CAST(date AS text), kind, name_zh, name_en FROM places_calendarday ORDER BY at"
)
_last: tuple[list[tuple], Calendar] | None = None  # the rows as the database gave them, and what they come to


def _read() -> Calendar:
    years = CalendarYear.objects.order_by("year").values_list("year", "status")
    days = CalendarDay.objects.order_by("date").values_list("date", "kind", "name_zh", "name_en")
    return combined(tuple(years), tuple(days), WorkingHours(*settings.OFFICE_HOURS))


def shipped_calendar() -> Calendar:
    """The calendar of the program alone, for when there is no database."""
    return combined((), (), WorkingHours(*settings.OFFICE_HOURS))


@lru_cache(maxsize=8)
def combined(years: tuple[YearRow, ...], days: tuple[DayRow, ...], hours: WorkingHours = DEFAULT_HOURS) -> Calendar:
    """The shipped calendar with rows laid over it.

    A year declared official that the program knows only as an estimate starts from the bare week: its rows, copied
    from the notice, are then the whole truth. A day in a year that nobody declared changes the estimate, if there is one.
    """
    base_years, base_days = shipped_years(), shipped_days()
    entered = dict(years)
    replaced = {y for y, status in entered.items() if status == "official" and base_years.get(y) != "official"}
    all_years = base_years | entered
    all_days = {d: day for d, day in base_days.items() if d.year not in replaced}
    all_days |= {d: Day(kind, Text(zh, en)) for d, kind, zh, en in days if d.year in all_years}
    return Calendar(all_years, all_days, hours)
