"""When something is due in or after its period: "5 workdays after the period", "by the 5th", 「次月5日前」."""

from __future__ import annotations

import re
import unicodedata
from calendar import monthrange
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from banjie.lib.errors import Refusal
from banjie.lib.periods import Period
from banjie.lib.text import Text
from banjie.places.calendar import Calendar, midnight
from banjie.places.terms import Term, parse_term
from banjie.places.working_time import due

ONE_DAY = timedelta(days=1)
NOT_READ = Text(
    "看不懂到期时间「{text}」。请写成「期末后5个工作日」「次月5日前」「当月25日前」或「期末」。",
    '"{text}" is no due time. Write "5 workdays after the period", "by the 5th", "by the 25th of the period" or "at its end".',
)
_AFTER = re.compile(r"(?P<term>.+?) after (the|its) (period|end)|期(末|满)后(?P<zh>.+?)内?")
_BY = re.compile(r"by the (?P<day>\d{1,2})(st|nd|rd|th)?(?P<within> of (the|its) period)?")
_BY_ZH = re.compile(r"(?P<which>次月|下月|当月|本月)(?P<day>\d{1,2})日(前|之前)?")
_END = re.compile(r"(at|by) (the|its) end( of the period)?|期末")


@dataclass(frozen=True, slots=True)
class DuePoint:
    """A ``term`` after the period's last day; or a ``day`` of the month that follows it, or (``within``) of its last month; or,
    with neither, the end of the period."""

    term: Term | None = None
    day: int | None = None
    within: bool = False

    def moment(self, period: Period, calendar: Calendar) -> datetime:
        """When it is due (local). A day off moves it to the next workday, as with any limit. Raises NoCalendar."""
        if self.term is not None:
            return due(midnight(period.last), self.term, calendar, estimate=True).moment
        day = period.last
        if self.day is not None:
            month = period.last if self.within else period.last.replace(day=1) + timedelta(days=31)
            day = date(month.year, month.month, min(self.day, monthrange(month.year, month.month)[1]))
        calendar.require(day.year, day.year, estimate=True)
        found = calendar.nth_workday(day - ONE_DAY, 1)
        calendar.require(day.year, found.year if found else max(calendar.years) + 1, estimate=True)
        assert found is not None
        return calendar.closing(found)


def parse_due(text: str) -> DuePoint:
    """Read a due time, English or Chinese. Refusal says how to write one."""
    plain = " ".join(unicodedata.normalize("NFKC", text).lower().split())
    if found := _AFTER.fullmatch(plain):
        return DuePoint(term=_in_days(parse_term(found["term"] or found["zh"]), text))
    if found := _BY.fullmatch(plain):
        return DuePoint(day=_day(found["day"], text), within=bool(found["within"]))
    if found := _BY_ZH.fullmatch(plain):
        return DuePoint(day=_day(found["day"], text), within=found["which"] in ("当月", "本月"))
    if _END.fullmatch(plain):
        return DuePoint()
    raise Refusal(NOT_READ.format(text=text))


def _in_days(term: Term, text: str) -> Term:
    if not term.counts_days:
        raise Refusal(NOT_READ.format(text=text))
    return term


def _day(digits: str, text: str) -> int:
    if not 1 <= int(digits) <= 31:
        raise Refusal(NOT_READ.format(text=text))
    return int(digits)
