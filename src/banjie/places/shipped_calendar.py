"""The calendar that comes with the program: official days of chinesecalendar, and an estimate for the years after.

The official part is the State Council's yearly notice on public holidays (国务院办公厅关于部分节假日安排的通知).
The estimate knows the statutory festivals only (全国年节及纪念日放假办法, as amended from 2025-01-01); which weekends
are exchanged for workdays is not known before the notice, so an estimate is never used unless it is asked for.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from chinese_calendar.constants import Holiday, holidays, workdays  # type: ignore[import-untyped]

from banjie.lib.text import Text
from banjie.places.calendar import Day, Status

NEW_YEAR = Text("元旦", "New Year's Day")
SPRING = Text("春节", "Spring Festival")
QINGMING = Text("清明节", "Tomb-sweeping Day")
LABOUR = Text("劳动节", "Labour Day")
DRAGON_BOAT = Text("端午节", "Dragon Boat Festival")
MID_AUTUMN = Text("中秋节", "Mid-Autumn Festival")
NATIONAL = Text("国庆节", "National Day")
_NAMES = {
    Holiday.new_years_day.value: NEW_YEAR,
    Holiday.spring_festival.value: SPRING,
    Holiday.tomb_sweeping_day.value: QINGMING,
    Holiday.labour_day.value: LABOUR,
    Holiday.dragon_boat_festival.value: DRAGON_BOAT,
    Holiday.national_day.value: NATIONAL,
    Holiday.mid_autumn_festival.value: MID_AUTUMN,
    Holiday.anti_fascist_70th_day.value: Text("抗战胜利70周年纪念日", "70th anniversary of victory"),
}

# The first day of the lunar year, Qingming, Dragon Boat and Mid-Autumn, as the almanac gives them.
_ALMANAC = {
    2027: ("02-06", "04-05", "06-09", "09-15"),
    2028: ("01-26", "04-04", "05-28", "10-03"),
    2029: ("02-13", "04-04", "06-16", "09-22"),
    2030: ("02-03", "04-05", "06-05", "09-12"),
    2031: ("01-23", "04-05", "06-24", "10-01"),
    2032: ("02-11", "04-04", "06-12", "09-19"),
    2033: ("01-31", "04-04", "06-01", "09-08"),
    2034: ("02-19", "04-05", "06-20", "09-27"),
    2035: ("02-08", "04-05", "06-10", "09-16"),
}


def shipped_years() -> dict[int, Status]:
    """Each year that the program knows by itself, and how well."""
    official: dict[int, Status] = dict.fromkeys(range(min(holidays).year, max(holidays).year + 1), "official")
    estimates: dict[int, Status] = dict.fromkeys(_ALMANAC, "estimate")
    return estimates | official


def shipped_days() -> dict[date, Day]:
    """The days of those years that differ from "Monday to Friday are worked"."""
    official = {day: Day("day_off", _name(name)) for day, name in holidays.items()}
    official |= {day: Day("workday", _name(name)) for day, name in workdays.items()}
    known = range(min(holidays).year, max(holidays).year + 1)
    return dict(_estimated(known)) | official


def _name(english: str) -> Text:
    return _NAMES.get(english, Text(english, english))


def _estimated(known: range) -> Iterator[tuple[date, Day]]:
    for year, (spring, qingming, dragon_boat, mid_autumn) in _ALMANAC.items():
        if year in known:
            continue
        first = date.fromisoformat(f"{year}-{spring}")
        yield date(year, 1, 1), Day("day_off", NEW_YEAR)
        for offset in (-1, 0, 1, 2):
            yield first + timedelta(days=offset), Day("day_off", SPRING)
        yield date.fromisoformat(f"{year}-{qingming}"), Day("day_off", QINGMING)
        yield date(year, 5, 1), Day("day_off", LABOUR)
        yield date(year, 5, 2), Day("day_off", LABOUR)
        yield date.fromisoformat(f"{year}-{dragon_boat}"), Day("day_off", DRAGON_BOAT)
        yield date.fromisoformat(f"{year}-{mid_autumn}"), Day("day_off", MID_AUTUMN)
        for day in (1, 2, 3):
            yield date(year, 10, day), Day("day_off", NATIONAL)
