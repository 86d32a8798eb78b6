"""What each operation means, in Python: the oracle the engines are held to.

A *strict* operation has no answer (NULL) as soon as one argument has none, and never sees None here.
The others, under ``LENIENT``, take None and decide. CASE, COALESCE, AND and OR stand in ``evaluate``: they stop early.
Values are held to their type's width by the evaluator, so nothing here rounds but ``divide``.
"""

from __future__ import annotations

import math
import re
from calendar import monthrange
from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from banjie.formulas.errors import FormulaValueError
from banjie.formulas.kinds import CONTEXT, DIGITS, MAX_SCALE, fit_decimal, too_wide
from banjie.lib.text import Text

Number = Decimal | int
SPACES = "\u0020\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000"
"""What TRIM removes: Unicode's spaces, the full-width one among them; not tabs or line ends."""
CAPITALS, SMALL = "ABCDEFGHIJKLMNOPQRSTUVWXYZ", "abcdefghijklmnopqrstuvwxyz"
INTEGER_TEXT = "[+-]?[0-9]{1,18}"
DECIMAL_TEXT = "[+-]?[0-9]{1,18}([.][0-9]{1,6})?"
_LEAP_CENTURY = "([2468][048]|[13579][26])00"
_LEAP_YEAR = "[1-9][0-9](0[48]|[2468][048]|[13579][26])"
DATE_TEXT = (
    "[1-9][0-9]{3}-((0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])|(0[469]|11)-(0[1-9]|[12][0-9]|30)|02-(0[1-9]|1[0-9]|2[0-8]))"
    f"|({_LEAP_CENTURY}|{_LEAP_YEAR})-02-29"
)
"""A day that exists, 1000-01-01 to 9999-12-31, written 2021-10-31. Whole in one pattern: older PostgreSQLs cannot
ask whether a text is a date without failing on one that is not."""


def divide(a: Number, b: Number) -> Decimal | None:
    """``a / b`` with twelve places, halves away from zero; no value when ``b`` is zero.

    Computed as every engine must: whole numbers, the quotient cut off one place later than it is kept, then rounded, which
    is the exact quotient rounded. FormulaValueError when what is divided leaves 128 bits on the way (10^19 for columns).
    """
    if b == 0:
        return None
    top, places = _unscaled(a)
    bottom, under = _unscaled(b)
    top *= 10 ** (MAX_SCALE + 1 + under - places)
    size = abs(top) // abs(bottom)
    if abs(top) >= 2**127 or size >= 10**DIGITS:
        raise too_wide()
    quotient = CONTEXT.scaleb(Decimal(size if (top < 0) == (bottom < 0) else -size), -MAX_SCALE - 1)
    return fit_decimal(quotient, MAX_SCALE)


def _unscaled(value: Number) -> tuple[int, int]:
    """A number as a whole number and its decimal places: 12.50 is 1250 and 2."""
    if isinstance(value, int):
        return value, 0
    exponent = value.as_tuple().exponent
    assert isinstance(exponent, int)
    return int(CONTEXT.scaleb(value, -exponent)), -exponent


def _add(a: Number, b: Number) -> Number:
    return a + b if isinstance(a, int) and isinstance(b, int) else CONTEXT.add(Decimal(a), Decimal(b))


def _subtract(a: Number, b: Number) -> Number:
    return a - b if isinstance(a, int) and isinstance(b, int) else CONTEXT.subtract(Decimal(a), Decimal(b))


def _multiply(a: Number, b: Number) -> Number:
    if isinstance(a, int) and isinstance(b, int):
        return a * b
    product = CONTEXT.multiply(Decimal(a), Decimal(b))
    if len(product.as_tuple().digits) > DIGITS:
        raise too_wide()
    return product


def _remainder(a: Number, b: Number) -> Number | None:
    """What is left of ``a``, with the sign of ``a``; no value when ``b`` is zero."""
    if b == 0:
        return None
    if isinstance(a, int) and isinstance(b, int):
        rest = abs(a) % abs(b)
        return -rest if a < 0 else rest
    return CONTEXT.remainder(Decimal(a), Decimal(b))


def like(text: str, pattern: str) -> bool:
    """SQL LIKE: ``%`` any run, ``_`` any one character, case counts. Two fingers, no backtracking to explode."""
    at = here = 0
    star, resume = -1, 0
    while at < len(text):
        if here < len(pattern) and pattern[here] == "%":
            star, resume = here, at
            here += 1
        elif here < len(pattern) and pattern[here] in ("_", text[at]):
            here, at = here + 1, at + 1
        elif star >= 0:
            resume += 1
            here, at = star + 1, resume
        else:
            return False
    return pattern[here:].strip("%") == ""


def _make_date(year: int, month: int, day: int) -> date:
    try:
        return date(year, month, day)
    except (ValueError, OverflowError):
        raise FormulaValueError(
            Text("没有{y}年{m}月{d}日这一天", "there is no day {y}-{m}-{d}").format(y=year, m=month, d=day)
        ) from None


def _add_days(day: date, days: int) -> date:
    try:
        return day + timedelta(days=days)
    except OverflowError:
        raise FormulaValueError(Text("日期超出公元1至9999年", "a date lies outside the years 1 to 9999")) from None


def _day_number(day: date) -> int:
    return day.toordinal()


def _minute_number(moment: date) -> int:
    minutes = moment.hour * 60 + moment.minute if isinstance(moment, datetime) else 0
    return moment.toordinal() * 1440 + minutes


UNITS: dict[str, Callable[[date], int]] = {
    "year": lambda d: d.year,
    "quarter": lambda d: d.year * 4 + (d.month - 1) // 3,
    "month": lambda d: d.year * 12 + d.month,
    "day": _day_number,
    "minute": _minute_number,
}
"""Each unit of ``date_diff``: the number of the year, quarter, month or day that a moment lies in."""


def _date_diff(unit: str, start: date, end: date) -> int:
    """How many borders of the unit lie between: 2021-12-31 to 2022-01-01 is one year."""
    return UNITS[unit](end) - UNITS[unit](start)


def _date_trunc(unit: str, moment: date) -> date:
    month = {"year": 1, "quarter": (moment.month - 1) // 3 * 3 + 1}.get(unit, moment.month)
    day = moment.day if unit == "day" else 1
    return datetime(moment.year, month, day) if isinstance(moment, datetime) else date(moment.year, month, day)  # noqa: DTZ001 - local


def _last_day(moment: date) -> date:
    return date(moment.year, moment.month, monthrange(moment.year, moment.month)[1])


def to_text(value: object) -> str:
    """A value as CAST(… AS TEXT) writes it: decimals with the places of their type, dates as ISO."""
    match value:
        case bool():
            return "true" if value else "false"
        case Decimal():
            return format(value, "f")
        case datetime():
            fraction = f".{value.microsecond:06}".rstrip("0") if value.microsecond else ""
            return value.strftime("%Y-%m-%d %H:%M:%S").rjust(19, "0") + fraction
        case date():
            return value.isoformat()
        case _:
            return str(value)


def _round_to_integer(a: Number) -> int:
    return a if isinstance(a, int) else int(fit_decimal(a, 0))


def _read_date(text: str) -> date | None:
    return date.fromisoformat(text) if re.fullmatch(DATE_TEXT, text) else None


def _read_number(text: str, pattern: str, kind: type[int] | type[Decimal]) -> Number | None:
    return kind(text) if re.fullmatch(pattern, text) else None


STRICT: dict[str, Callable[..., Any]] = {
    "not": lambda a: not a,
    "eq": lambda a, b: a == b,
    "ne": lambda a, b: a != b,
    "lt": lambda a, b: a < b,
    "le": lambda a, b: a <= b,
    "gt": lambda a, b: a > b,
    "ge": lambda a, b: a >= b,
    "add": _add,
    "subtract": _subtract,
    "multiply": _multiply,
    "divide": divide,
    "remainder": _remainder,
    "negate": lambda a: -a if isinstance(a, int) else CONTEXT.minus(a),
    "abs": abs,
    "round": lambda a, places: a,  # the type's scale does it
    "floor": math.floor,
    "ceil": math.ceil,
    "length": len,
    "lower": lambda a: a.translate(str.maketrans(CAPITALS, SMALL)),
    "upper": lambda a: a.translate(str.maketrans(SMALL, CAPITALS)),
    "trim": lambda a: a.strip(SPACES),
    "substring": lambda a, start, length: a[start - 1 : start - 1 + length],
    "join": lambda a, b: a + b,
    "starts_with": lambda a, b: a.startswith(b),
    "contains": lambda a, b: b in a,
    "like": like,
    "year": lambda a: a.year,
    "quarter": lambda a: (a.month + 2) // 3,
    "month": lambda a: a.month,
    "day": lambda a: a.day,
    "make_date": _make_date,
    "add_days": _add_days,
    "subtract_days": lambda day, days: _add_days(day, -days),
    "days_between": lambda a, b: (a - b).days,
    "date_diff": _date_diff,
    "date_trunc": _date_trunc,
    "last_day": _last_day,
    "to_text": to_text,
    "to_decimal": lambda a: a,
    "to_integer": lambda a: int(a) if isinstance(a, bool) else _round_to_integer(a),
    "to_date": lambda a: a.date() if isinstance(a, datetime) else a,
    "to_datetime": lambda a: datetime(a.year, a.month, a.day) if not isinstance(a, datetime) else a,  # noqa: DTZ001 - local
    "read_integer": lambda a: _read_number(a, INTEGER_TEXT, int),
    "read_decimal": lambda a: _read_number(a, DECIMAL_TEXT, Decimal),
    "read_date": _read_date,
    "read_boolean": lambda a: {"true": True, "false": False}.get(a),
}


def _between(a: Any, low: Any, high: Any) -> bool | None:
    above = None if a is None or low is None else a >= low
    below = None if a is None or high is None else a <= high
    if above is False or below is False:
        return False
    return None if above is None or below is None else True


def _in(a: Any, *options: Any) -> bool | None:
    if a is None:
        return None
    if any(option is not None and a == option for option in options):
        return True
    return None if None in options else False


def _known(values: tuple[Any, ...]) -> list[Any]:
    return [value for value in values if value is not None]


LENIENT: dict[str, Callable[..., Any]] = {
    "between": _between,
    "in": _in,
    "is_null": lambda a: a is None,
    "distinct": lambda a, b: a != b,
    "greatest": lambda *values: max(_known(values), default=None),
    "least": lambda *values: min(_known(values), default=None),
    "nullif": lambda a, b: None if a is not None and a == b else a,
    "concat": lambda *values: "".join(_known(values)),
}
