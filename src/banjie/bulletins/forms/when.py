"""The period that a heading speaks of, and which days that is when the form is filled for a given period.

==========================================  =======================================================
本月, 当月                                   the last month of the form's period
上月                                         the month before that
本年累计, 年初至今, 截至目前                  the year up to the end of that month
1-10月, 截至10月底                           January to October of the form's year, whatever it is filled for
10月, 三季度, 上半年, 2021年, 2021年10月      as printed; the year is the form's where none is printed
本季, 全年, 本期                              the quarter, the year, the period that the form is filled for
上年同期, 去年同期                            the same days of the year before, of what stands beside or above
==========================================  =======================================================
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from banjie.lib.errors import Refusal
from banjie.lib.periods import Period
from banjie.lib.text import Text

Kind = Literal["months", "month", "month_before", "to_month", "quarter", "half", "year", "own", "same_before", "year_before"]


@dataclass(frozen=True)
class When:
    """A period as worded: its kind, the year if one is printed, and the first and last number (of months, quarter, half)."""

    kind: Kind
    year: int | None = None
    first: int = 0
    last: int = 0

    @property
    def beside(self) -> bool:
        """Whether it means what stands beside it, a year earlier."""
        return self.kind == "same_before"

    def days(self, form: Period, base: Period | None = None) -> Period:
        """The days meant. ``form``: the period that the form is filled for; ``base``: what 同期 refers to. Raises Refusal for
        a month that there is none of."""
        try:
            return self._days(form, base or form)
        except ValueError as error:
            raise Refusal(Text("表头中的时期不存在", f"there is no such period ({error})")) from error

    def _days(self, form: Period, base: Period) -> Period:
        year = self.year or form.last.year
        month = form.last.month
        match self.kind:
            case "months":
                return Period.of_months((year, self.first), (year, self.last))
            case "month":
                return Period.of_month(form.last)
            case "month_before":
                return Period.of_month(form.last.replace(day=1) - timedelta(days=1))
            case "to_month":
                return Period.of_months((year, 1), (year, month))
            case "quarter":
                number = self.first or (month + 2) // 3
                return Period.of_months((year, number * 3 - 2), (year, number * 3))
            case "half":
                return Period.of_months((year, self.first * 6 - 5), (year, self.first * 6))
            case "year":
                return Period.of_year(year)
            case "same_before":
                return base.year_before
            case "year_before":
                return Period.of_year(form.last.year - 1)
            case "own":
                return form


_ORDINAL = {"一": 1, "二": 2, "三": 3, "四": 4, "1": 1, "2": 2, "3": 3, "4": 4}
_TO = r"(?:-|—+|–|~|至|到|－)"


def _months(found: re.Match[str]) -> When:
    return When("months", int(found[1]) if found[1] else None, int(found[2]), int(found[3]))


def _up_to(found: re.Match[str]) -> When:
    return When("months", int(found[1]) if found[1] else None, 1, int(found[2]))


def _one_month(found: re.Match[str]) -> When:
    return When("months", int(found[1]) if found[1] else None, int(found[2]), int(found[2]))


# In this order: what is longer first.
_WORDED: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], When]], ...] = tuple(
    (re.compile(pattern), read)
    for pattern, read in (
        (r"(?:上年|去年|上一年|samemonthsofthepreviousyear)(?:同期|同月)数?|同期数?$", lambda m: When("same_before")),
        (rf"(?:(\d{{4}})年)?(\d{{1,2}})月?{_TO}(\d{{1,2}})月(?:份)?(?:累计)?", _months),
        (r"(?:截至|截止|截止到|至|到)(?:(\d{4})年)?(\d{1,2})月(?:份)?(?:\d{1,2}日|底|末)?(?:累计)?", _up_to),
        (r"(?:截至|截止)(?:到)?(?:目前|报告期末?|本?月底|本?月末|期末)(?:累计)?", lambda m: When("to_month")),
        (
            r"(?:自)?(?:本年|今年|当年|年初)(?:以来|至今|到今|至本月末?)?累计|年初(?:以来|至今)|本年至今|yeartodate",
            lambda m: When("to_month"),
        ),
        (r"本年度?1月至本月", lambda m: When("to_month")),
        (r"(?:(\d{4})年)?前三季度", lambda m: When("months", int(m[1]) if m[1] else None, 1, 9)),
        (r"(?:(\d{4})年)?第?([一二三四1-4])季度", lambda m: When("quarter", int(m[1]) if m[1] else None, _ORDINAL[m[2]])),
        (r"(?:(\d{4})年)?([上下])半年", lambda m: When("half", int(m[1]) if m[1] else None, 1 if m[2] == "上" else 2)),
        (r"(?:(\d{4})年)(\d{1,2})月(?:份)?", _one_month),
        (r"()(?<![\d年])(\d{1,2})月(?:份)", _one_month),
        (r"^()(\d{1,2})月(?!底|末|\d)", _one_month),
        (r"(\d{4})年(?:度|全年)?", lambda m: When("year", int(m[1]))),
        (r"(?:上年|去年)(?:全年)?", lambda m: When("year_before")),
        (r"(?:本|当)月(?:数|份)?|thismonth", lambda m: When("month")),
        (r"上个?月(?:数)?", lambda m: When("month_before")),
        (r"(?:本|当)季度?", lambda m: When("quarter")),
        (r"本期(?:数)?", lambda m: When("own")),
        (r"全年|(?:本|当)年度?(?!计划)", lambda m: When("year")),
    )
)
_ALONE_TO_MONTH = re.compile(r"累计(?:数)?|cumulative")


def parted_when(narrowed: str) -> tuple[str, When | None]:
    """A narrowed heading without its period, and the period: ``("完成投资", 1-10月)``."""
    if _ALONE_TO_MONTH.fullmatch(narrowed):
        return "", When("to_month")
    for pattern, read in _WORDED:
        if found := pattern.search(narrowed):
            return narrowed[: found.start()] + narrowed[found.end() :], read(found)
    return narrowed, None


def printed_period(title: str) -> Period | None:
    """The period that a form's title states with its year; None where it states none, or only part of one."""
    _, when = parted_when(title)
    if when is None or when.year is None:
        return None
    try:
        return when.days(Period.of_year(when.year))
    except Refusal:
        return None


def without_periods(text: str) -> str:
    """A text in which the numbers of years, months and days are left open, so that October's form is known again in November."""
    open_ended = re.sub(rf"\d{{1,2}}月?{_TO}(?=\d{{1,2}}月)", "", re.sub(r"\s", "", text))
    open_ended = re.sub(r"\d+(?=年|月|日|季度|\.\d|[-/.]\d)|(?<=[-/.])\d+", "#", open_ended)
    return re.sub(r"第?[一二三四](?=季度)|[上下](?=半年)", "#", open_ended)
