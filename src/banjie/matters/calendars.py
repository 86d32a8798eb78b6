"""The calendar under which a clock runs: that of the day on which it started, also when the office has entered another since."""

from __future__ import annotations

from datetime import date, time
from functools import partial

from django.db import transaction

from banjie.lib import clock
from banjie.lib.errors import NotFound
from banjie.lib.text import Text
from banjie.matters.models import CalendarSnapshot
from banjie.places.calendar import Calendar, Day, WorkingHours
from banjie.places.calendars import official_calendar

_by_version: dict[str, Calendar] = {}  # by content, so what is in it is never wrong
_kept: set[str] = set()  # versions that are committed in the database


def calendar_in_force(rows: list[tuple] | None = None) -> Calendar:
    """The calendar in force, kept for the clocks that are to run under it. Call it inside the action's transaction."""
    calendar = official_calendar(rows)
    _by_version[calendar.version] = calendar
    if calendar.version not in _kept:
        version = calendar.version
        CalendarSnapshot.objects.get_or_create(
            version=version, defaults={"body": partial(_body, calendar), "kept_at": clock.now()}
        )
        transaction.on_commit(lambda: _kept.add(version))
    return calendar


def calendar_of(version: str) -> Calendar:
    """The calendar with this version. Raises NotFound."""
    if version not in _by_version:
        kept = CalendarSnapshot.objects.filter(version=version).first()
        if kept is None:
            raise NotFound(Text(f"没有版本为 {version} 的日历", f"there is no calendar with the version {version}"))
        _by_version[version] = rebuilt(kept.body)
    return _by_version[version]


def _body(calendar: Calendar) -> dict[str, object]:
    hours = calendar.hours
    return {
        "years": {str(year): status for year, status in calendar.years.items()},
        "days": [[str(d), day.kind, day.name.as_dict() if day.name else None] for d, day in sorted(calendar.days.items())],
        "hours": [[t.isoformat() for t in session] for session in (hours.morning, hours.afternoon)],
    }


def rebuilt(body: dict) -> Calendar:
    """The calendar of which this was kept."""
    morning, afternoon = ((time.fromisoformat(a), time.fromisoformat(b)) for a, b in body["hours"])
    days = {date.fromisoformat(d): Day(kind, Text.of(name) if name else None) for d, kind, name in body["days"]}
    return Calendar({int(y): status for y, status in body["years"].items()}, days, WorkingHours(morning, afternoon))
