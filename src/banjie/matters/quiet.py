"""When the office is open: what is made at night reaches people in the morning."""

from __future__ import annotations

from datetime import datetime, timedelta

from banjie.places.calendar import LOCAL, Calendar, midnight

ONE_DAY = timedelta(days=1)
LONGEST = 40  # days; no office is closed for longer


def office_moment(moment: datetime, calendar: Calendar) -> datetime:
    """The moment itself while the office is open, else when it next opens (local time). Later moments never come out earlier, so
    what is told keeps its order."""
    local = moment.astimezone(LOCAL)
    day = local.date()
    for _ in range(LONGEST):
        start = midnight(day)
        for opens, closes in calendar.hours.sessions(calendar.day(day).kind):
            if local <= start + closes:
                return max(local, start + opens)
        day += ONE_DAY
    return local
