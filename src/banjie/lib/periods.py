"""Periods: the stretch of days that a figure is about. Half-open local dates, the way people write them.

======================  =========================================
``2021``                the year
``2021H1``              the first half-year
``2021Q3``              the third quarter
``2021-10``             the month
``2021-01..2021-10``    January to October
``2021-10 ytd``         the year up to the end of October: the same period as ``2021-01..2021-10``
``2021-09-15``          the day
``2021-09-01..2021-09-15``  both days and all between them
======================  =========================================

Chinese forms are read too (2021年, 2021年10月, 2021年1-10月, 2021年上半年, 2021年三季度, 2021年前三季度).
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction

from banjie.lib.errors import Refusal
from banjie.lib.text import Text

YEARS = range(1900, 2201)
_MONTHS_EN = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
_ORDINALS = ("一", "二", "三", "四")


@dataclass(frozen=True, slots=True)
class Period:
    """``start`` is the first day, ``end`` the first day no longer in it."""

    start: date
    end: date

    def __post_init__(self) -> None:
        if self.end <= self.start:
            raise Refusal(
                Text(
                    f"时期的结束（{self.last}）早于开始（{self.start}）。",
                    f"the period ends ({self.last}) before it begins ({self.start}).",
                )
            )

    @classmethod
    def of_year(cls, year: int) -> Period:
        return cls(date(year, 1, 1), date(year + 1, 1, 1))

    @classmethod
    def of_months(cls, first: tuple[int, int], last: tuple[int, int]) -> Period:
        """From the first to the last (year, month), both within."""
        return cls(date(*first, 1), _month_after(date(*last, 1)))

    @classmethod
    def of_month(cls, day: date) -> Period:
        """The month in which a day lies."""
        return cls.of_months((day.year, day.month), (day.year, day.month))

    @classmethod
    def parse(cls, text: str) -> Period:
        """Read a period as people write it. Refusal, in both languages, when it is none."""
        wanted = re.sub(r"\s+", " ", unicodedata.normalize("NFKC", text)).strip()
        for pattern, read in _FORMS:
            if found := pattern.fullmatch(wanted):
                try:
                    return read(*found.groups())
                except ValueError as error:
                    raise Refusal(Text(f"没有「{text}」这个时期。", f'there is no such period as "{text}" ({error}).')) from error
        raise Refusal(
            Text(
                f"看不懂时期「{text}」。请写成 2021、2021-10、2021Q3、2021H1、2021-01..2021-10 或 2021-09-01..2021-09-15。",
                f'"{text}" is not a period. Write 2021, 2021-10, 2021Q3, 2021H1, 2021-01..2021-10 or 2021-09-01..2021-09-15.',
            )
        )

    @property
    def last(self) -> date:
        """The last day within it."""
        return self.end - timedelta(days=1)

    @property
    def whole_months(self) -> bool:
        return self.start.day == 1 and self.end.day == 1

    @property
    def whole_years(self) -> bool:
        return self.whole_months and self.start.month == 1 and self.end.month == 1

    @property
    def months(self) -> int:
        """How many months it has. Only of whole months."""
        if not self.whole_months:
            raise ValueError(f"{self} is not made of whole months")
        return (self.end.year - self.start.year) * 12 + self.end.month - self.start.month

    @property
    def in_one_year(self) -> bool:
        return self.start.year == self.last.year

    @property
    def year(self) -> Period:
        """The calendar years that hold it: for a period in 2021 the year 2021."""
        return Period(date(self.start.year, 1, 1), date(self.last.year + 1, 1, 1))

    @property
    def elapsed(self) -> Fraction:
        """The share of its year that is over when it ends: by months (October: 10/12) where it ends with a month,
        otherwise by days (15 September 2021: 258/365). Only of a period within one year."""
        if not self.in_one_year:
            raise ValueError(f"{self} does not lie in one year")
        if self.end.day == 1:
            return Fraction(self.last.month, 12)
        begin = date(self.last.year, 1, 1)
        return Fraction((self.end - begin).days, (date(self.last.year + 1, 1, 1) - begin).days)

    @property
    def year_before(self) -> Period:
        """The same period of the year before; 29 February becomes the 28th."""
        return Period(
            _a_year_earlier(self.start),
            _a_year_earlier(self.last) + timedelta(days=1) if self.end.day != 1 else _a_year_earlier(self.end),
        )

    def grown_to(self, grain: str) -> Period:
        """The whole years, quarters or months that hold it."""
        size = {"year": 12, "quarter": 3, "month": 1}[grain]
        first = date(self.start.year, (self.start.month - 1) // size * size + 1, 1)
        last = date(self.last.year, (self.last.month - 1) // size * size + size, 1)
        return Period(first, _month_after(last))

    def __contains__(self, other: object) -> bool:
        if isinstance(other, Period):
            return self.start <= other.start and other.end <= self.end
        return isinstance(other, date) and self.start <= other < self.end

    def __str__(self) -> str:
        first, last = self.start, self.last
        if not self.whole_months:
            return first.isoformat() if first == last else f"{first.isoformat()}..{last.isoformat()}"
        if self.whole_years and self.months == 12:
            return f"{first.year:04}"
        if self.months == 6 and first.month in {1, 7}:
            return f"{first.year:04}H{first.month // 6 + 1}"
        if self.months == 3 and first.month % 3 == 1:
            return f"{first.year:04}Q{first.month // 3 + 1}"
        if self.months == 1:
            return f"{first.year:04}-{first.month:02}"
        if self.whole_years:
            return f"{first.year:04}..{last.year:04}"
        return f"{first.year:04}-{first.month:02}..{last.year:04}-{last.month:02}"

    @property
    def title(self) -> Text:
        """As a heading reads it: 2021年1—10月, January–October 2021."""
        first, last = self.start, self.last
        if not self.whole_months:
            return _title_of_days(first, last)
        if self.whole_years:
            return (
                Text(f"{first.year}年", str(first.year))
                if self.months == 12
                else Text(f"{first.year}—{last.year}年", f"{first.year}–{last.year}")
            )
        if self.in_one_year and self.months == 6 and first.month in {1, 7}:
            half = first.month // 6
            return Text(f"{first.year}年{'上下'[half]}半年", f"{'first' if half == 0 else 'second'} half of {first.year}")
        if self.in_one_year and self.months == 3 and first.month % 3 == 1:
            quarter = first.month // 3
            return Text(f"{first.year}年{_ORDINALS[quarter]}季度", f"Q{quarter + 1} {first.year}")
        if self.months == 1:
            return Text(f"{first.year}年{first.month}月", f"{_MONTHS_EN[first.month - 1]} {first.year}")
        if self.in_one_year:
            return Text(
                f"{first.year}年{first.month}—{last.month}月",
                f"{_MONTHS_EN[first.month - 1]}–{_MONTHS_EN[last.month - 1]} {first.year}",
            )
        return Text(
            f"{first.year}年{first.month}月—{last.year}年{last.month}月",
            f"{_MONTHS_EN[first.month - 1]} {first.year} – {_MONTHS_EN[last.month - 1]} {last.year}",
        )


def _title_of_days(first: date, last: date) -> Text:
    def zh(day: date) -> str:
        return f"{day.year}年{day.month}月{day.day}日"

    def en(day: date) -> str:
        return f"{day.day} {_MONTHS_EN[day.month - 1]} {day.year}"

    return Text(zh(first), en(first)) if first == last else Text(f"{zh(first)}—{zh(last)}", f"{en(first)} – {en(last)}")


def _month_after(day: date) -> date:
    return date(day.year + day.month // 12, day.month % 12 + 1, 1)


def _a_year_earlier(day: date) -> date:
    leap_day = day.month == 2 and day.day == 29
    return date(day.year - 1, 2, 28) if leap_day else day.replace(year=day.year - 1)


def _year(text: str) -> int:
    year = int(text)
    if year not in YEARS:
        raise ValueError(f"the year must lie between {YEARS[0]} and {YEARS[-1]}")
    return year


def _whole_year(year: str) -> Period:
    return Period.of_year(_year(year))


def _years(first: str, last: str) -> Period:
    return Period(date(_year(first), 1, 1), date(_year(last) + 1, 1, 1))


def _month(year: str, month: str) -> Period:
    return Period.of_months((_year(year), int(month)), (_year(year), int(month)))


def _months(first_year: str, first: str, last_year: str, last: str) -> Period:
    return Period.of_months((_year(first_year), int(first)), (_year(last_year), int(last)))


def _months_of_year(year: str, first: str, last: str) -> Period:
    return _months(year, first, year, last)


def _year_to_date(year: str, month: str) -> Period:
    return _months(year, "1", year, month)


def _quarter(year: str, quarter: str) -> Period:
    number = _ORDINALS.index(quarter) + 1 if quarter in _ORDINALS else int(quarter)
    return Period.of_months((_year(year), number * 3 - 2), (_year(year), number * 3))


def _three_quarters(year: str) -> Period:
    return _months(year, "1", year, "9")


def _half(year: str, half: str) -> Period:
    first = 1 if half in {"1", "上"} else 7
    return Period.of_months((_year(year), first), (_year(year), first + 5))


def _day(year: str, month: str, day: str) -> Period:
    first = date(_year(year), int(month), int(day))
    return Period(first, first + timedelta(days=1))


def _days(*parts: str) -> Period:
    return Period(_day(*parts[:3]).start, _day(*parts[3:]).end)


_Y, _M, _D = r"(\d{4})", r"(\d{1,2})", r"(\d{1,2})"
_TO = r" ?(?:\.\.+|~|至|到|—+|–) ?"
_FORMS = [
    (re.compile(pattern, re.IGNORECASE), read)
    for pattern, read in (
        (rf"{_Y}年?", _whole_year),
        (rf"{_Y}年?{_TO}{_Y}年?", _years),
        (rf"{_Y}[-/.]{_M}", _month),
        (rf"{_Y}年{_M}月", _month),
        (rf"{_Y}[-/.]{_M}{_TO}{_Y}[-/.]{_M}", _months),
        (rf"{_Y}年{_M}月{_TO}{_Y}年{_M}月", _months),
        (rf"{_Y}年{_M}月?(?:{_TO}|-){_M}月", _months_of_year),
        (rf"{_Y}[-/.]{_M} ?ytd", _year_to_date),
        (rf"{_Y}年{_M}月累计", _year_to_date),
        (rf"{_Y}-?Q([1-4])", _quarter),
        (rf"{_Y}年第?([一二三四1-4])季度", _quarter),
        (rf"{_Y}年前三季度", _three_quarters),
        (rf"{_Y}-?H([12])", _half),
        (rf"{_Y}年([上下])半年", _half),
        (rf"{_Y}[-/.]{_M}[-/.]{_D}", _day),
        (rf"{_Y}年{_M}月{_D}日", _day),
        (rf"{_Y}[-/.]{_M}[-/.]{_D}{_TO}{_Y}[-/.]{_M}[-/.]{_D}", _days),
        (rf"{_Y}年{_M}月{_D}日{_TO}{_Y}年{_M}月{_D}日", _days),
    )
]
