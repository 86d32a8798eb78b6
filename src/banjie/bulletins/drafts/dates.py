"""Dates as drafts write them, and the period that each means.

A date is found wherever it has a numeral (``2021年``, ``去年10月``, ``1至10月``, ``12月7日``, ``8:30``, ``三季度``). Words without a numeral
(``今年``, ``上半年``, ``目前``) set the period too, but are no quantity of the text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta

from banjie.bulletins.drafts.numerals import read_chinese
from banjie.bulletins.drafts.wordlists import words
from banjie.lib.periods import Period

RELATIVE = {"今年": 0, "本年": 0, "当年": 0, "去年": -1, "上年": -1, "前年": -2, "明年": 1, "次年": 1, "翌年": 1}
MONTHS = {
    m: i for i, m in enumerate(words("January February March April May June July August September October November December"), 1)
}
_MONTH = r"(?:1[0-2]|0?[1-9])"
_DAY = r"(?:3[01]|[12]\d|0?[1-9])"
_CHINESE_MONTH = "(?:十[一二]?|[一二三四五六七八九])"
_CHINESE_DAY = "(?:三十一?|二?十[一二三四五六七八九]?|[一二三四五六七八九])"
_TO = r"\s?(?:至|到|—{1,2}|-|~)\s?"
_TAIL = "(?:底|末|初|中旬|上旬|下旬|以来|份以来|前后)?"
_YEAR = r"(?:(?P<year>(?:19|20)\d\d)年度?|(?P<chinese_year>[一二]零?[零一二三四五六七八九]{2,3})年|(?P<relative>今年|本年|当年|去年|上年|前年|明年|次年|翌年)度?)"
_WITHIN = (
    r"(?:(?P<half>[上下])半年"
    r"|(?P<first_quarters>前)(?P<quarters>[二两三23])个?季度"
    r"|第?(?P<quarter>[一二三四1-4])季度"
    rf"|(?P<from_month>{_MONTH})(?:月份?)?{_TO}(?P<to_month>{_MONTH})月份?"
    rf"|(?P<month>{_MONTH})月份?(?:(?P<day>{_DAY})[日号](?:\d{{1,2}}[时点](?:\d{{1,2}}分)?)?)?(?:{_TO}(?:(?P<end_month>{_MONTH})月)?(?P<end_day>{_DAY})[日号](?:\d{{1,2}}[时点])?)?"
    rf"|(?P<chinese_month>{_CHINESE_MONTH})月份?(?:(?P<chinese_day>{_CHINESE_DAY})[日号])?)"
)
_FORMS = (
    re.compile(rf"(?P<first_year>(?:19|20)\d\d)年?{_TO}(?P<last_year>(?:19|20)\d\d)年度?", re.ASCII),
    re.compile(r"(?P<y>(?:19|20)\d\d)(?P<s>[-./])(?P<m>1[0-2]|0?[1-9])(?P=s)(?P<d>3[01]|[12]\d|0?[1-9])(?!\d|[.%])", re.ASCII),
    re.compile(rf"(?:{_YEAR}的?\s?)?{_WITHIN}{_TAIL}", re.ASCII),
    re.compile(rf"{_YEAR}{_TAIL}", re.ASCII),
    re.compile(r"(?:(?P<en_day>\d{1,2}) )?(?P<en_month>January|February|March|April|May|June|July|August|September|October|November|December)"
               r"(?: (?:to|–|—|-) (?P<en_to>January|February|March|April|May|June|July|August|September|October|November|December))?"
               r"(?: (?P<en_day2>\d{1,2})(?:,|(?!\d)))?(?:,? (?P<en_year>(?:19|20)\d\d))?", re.ASCII),
)  # fmt: skip
_CLOCK = re.compile(
    r"(?:(?:上午|下午|晚上|早上|清晨|凌晨|中午|傍晚|深夜|晚|早)\s?\d{1,2}(?:[:点时]\d{0,2}分?半?)|(?:[01]?\d|2[0-4]):[0-5]\d(?::[0-5]\d)?(?![\d.:])|(?:3[01]|[12]\d|[1-9])日\d{1,2}[时点](?:\d{1,2}分)?|(?:[01]?\d|2[0-4])[点时](?:[0-5]?\d分|半|整)|(?:[01]?\d|2[0-4])时(?![段间期代差速长空]))",
    re.ASCII,
)
_ERA = re.compile(r"(?:19|20)?\d0年代|(?:二十|[十]?[一二三四五六七八九])世纪|\d{1,2}世纪|[一二三四五六七八九]十年代", re.ASCII)
_WEEKDAY = re.compile(r"(?:星期|周|礼拜)[一二三四五六日天](?!次|个)")
_MONTH_DAY = re.compile(r"(?:每月|本月|当月|次月|上月|每年|下月)\s?(?:前|的)?\d{1,2}[日号](?:前)?", re.ASCII)
_DAY_ALONE = re.compile(rf"(?<=[至到\n。；]){_DAY}[日号](?=[，,上下晚凌起前。]|$)", re.ASCII)
TRIGGERS = frozenset("0123456789一二两三四五六七八九十今本当去上前明次翌第下晚早清傍深凌中每星周礼JFMASOND")


@dataclass(frozen=True, slots=True)
class When:
    """A date or time word: where it stands, the period it means (None: a clock time, a weekday), and what it leans on.

    ``until``: the state at the end of it (截至10月底). ``weak``: its year was taken from elsewhere."""

    start: int
    end: int
    period: Period | None
    year: int | None = None
    weak: bool = False
    numeral: bool = True  # has a numeral, and so is an item of the text


def date_at(text: str, at: int, on: date, year: int | None = None) -> When | None:
    """The date that begins at this character. ``on``: the day on which the draft speaks; ``year``: the year it last named."""
    if text[at] not in TRIGGERS:
        return None
    for form in (_CLOCK, _ERA, _WEEKDAY, _MONTH_DAY, _DAY_ALONE):
        if hit := form.match(text, at):
            return When(at, hit.end(), None, numeral=True)
    for form in _FORMS:
        if hit := form.match(text, at):
            found = {k: v for k, v in hit.groupdict().items() if v is not None}
            when = _meaning(found, on, year)
            if when is not None and _is_date(text, at, hit.end(), found):
                period, of_year, weak = when
                return When(at, hit.end(), period, of_year, weak, _has_numeral(hit.group()))
    return None


def _has_numeral(text: str) -> bool:
    return any(c.isdigit() or c in "一二两三四五六七八九十" for c in text)


def _is_date(text: str, at: int, end: int, found: dict[str, str]) -> bool:
    """一月 but not 一月一次; 3—5月 but not 每3—5月; a month in Chinese numerals stands after no numeral."""
    before = text[at - 1 : at]
    if before in {".", ":"} and text[at - 2 : at - 1].isdigit():
        return False
    if before and (before in "零一二三四五六七八九十百千万亿") and text[at] not in "今去明本上前":
        return False
    if "en_month" in found:
        return len(found) > 1 or not before.isalpha()
    if "chinese_month" in found and "chinese_day" not in found and "relative" not in found and "chinese_year" not in found:
        return text[end : end + 2] not in {"一次", "一调", "一通", "两次"} and before not in {"每", "个"}
    return True


def _meaning(found: dict[str, str], on: date, year: int | None) -> tuple[Period, int, bool] | None:
    try:
        return _period(found, on, year)
    except (ValueError, OverflowError):
        return None


def _period(found: dict[str, str], on: date, carried: int | None) -> tuple[Period, int, bool] | None:
    if "first_year" in found:
        first, last = int(found["first_year"]), int(found["last_year"])
        return (Period(date(first, 1, 1), date(last + 1, 1, 1)), last, False) if first <= last else None
    if "y" in found:
        day = date(int(found["y"]), int(found["m"]), int(found["d"]))
        return Period(day, day + timedelta(days=1)), day.year, False
    if "en_month" in found:
        return _english(found, on, carried)
    said = _said_year(found, on)
    year, weak = (said, False) if said is not None else (carried or on.year, True)
    if "half" in found:
        first = 1 if found["half"] == "上" else 7
        return Period.of_months((year, first), (year, first + 5)), year, weak
    if "quarters" in found:
        return Period.of_months((year, 1), (year, 3 * {"二": 2, "两": 2, "三": 3, "2": 2, "3": 3}[found["quarters"]])), year, weak
    if "quarter" in found:
        quarter = "一二三四".find(found["quarter"]) + 1 or int(found["quarter"])
        return Period.of_months((year, quarter * 3 - 2), (year, quarter * 3)), year, weak
    if "from_month" in found:
        first, last = int(found["from_month"]), int(found["to_month"])
        return (Period.of_months((year, first), (year, last)), year, weak) if first <= last else None
    if "month" in found or "chinese_month" in found:
        month = int(found["month"]) if "month" in found else int(read_chinese(found["chinese_month"]) or 0)
        spoken = found.get("chinese_day")
        first_day = int(found["day"]) if "day" in found else (int(read_chinese(spoken) or 0) if spoken else None)
        if first_day is None:
            return Period.of_months((year, month), (year, month)), year, weak
        start = date(year, month, first_day)
        end = date(year, int(found.get("end_month", month)), int(found["end_day"])) if "end_day" in found else start
        return (Period(start, end + timedelta(days=1)), year, weak) if end >= start else None
    return Period.of_year(year), year, weak


def _said_year(found: dict[str, str], on: date) -> int | None:
    if "year" in found:
        return int(found["year"])
    if "chinese_year" in found:
        read = read_chinese(found["chinese_year"])
        return int(read) if read is not None and 1900 <= read < 2200 else None
    return on.year + RELATIVE[found["relative"]] if "relative" in found else None


def _english(found: dict[str, str], on: date, carried: int | None) -> tuple[Period, int, bool]:
    year = int(found["en_year"]) if "en_year" in found else carried or on.year
    month, last = MONTHS[found["en_month"]], MONTHS[found.get("en_to", found["en_month"])]
    day = found.get("en_day") or found.get("en_day2")
    if day and "en_to" not in found:
        start = date(year, month, int(day))
        return Period(start, start + timedelta(days=1)), year, "en_year" not in found
    return Period.of_months((year, month), (year, last)), year, "en_year" not in found
