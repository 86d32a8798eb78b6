"""From what people type or a sheet holds to the stored form of a field, and back to what formulas and people read.

Stored forms: decimal "126.5", date "2021-10-31", month "2021-10", datetime "2021-10-31T08:00:00Z", year and integer
as numbers, choice and area as codes, reference as the other record's key. Empty is ``None``.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time
from decimal import Context, Decimal, InvalidOperation

from banjie.lib.characters import Unprintable, printable, seen
from banjie.lib.clock import LOCAL
from banjie.lib.text import Text
from banjie.registers.definition import Field, Lent, Register

Stored = str | int | bool | None


class Unreadable(ValueError):
    """The value cannot be read as its field's type; ``says`` tells what was expected."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(en)
        self.says = Text(zh, en)


DIGITS_AT_MOST = 18  # before the point: a quadrillion yuan, and still exact in every engine
PLACES_AT_MOST = 6  # after the point, as the figure store keeps them
YEARS = range(1900, 2101)

_NUMBER = re.compile(r"[+-]?(\d{1,3}(,\d{3})+|\d+)?(\.\d+)?")
_SCIENTIFIC = re.compile(r"[+-]?\d(\.\d+)?[eE][+-]?\d{1,2}")
_EXACT = Context(prec=120)  # nothing is rounded before it is measured
_DATE = re.compile(
    r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?(?:[T\s]+(\d{1,2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?)?"
)
_COMPACT_DATE = re.compile(r"(\d{4})(\d{2})(\d{2})")
_MONTH = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*月?")
_PHONE = re.compile(r"(\+?86)?1\d{10}|0\d{9,11}|\d{7,8}|400\d{7}")
_BLANKS = re.compile(r"[\s-]")
_TRUE = {"是", "真", "true", "yes", "y", "1", "√", "对"}
_FALSE = {"否", "假", "false", "no", "n", "0", "×", "错"}


def text_of(raw: object) -> str:
    """Typed text with full-width digits and letters made narrow, blanks trimmed, and without what nobody sees."""
    text = str(raw)
    return (text if text.isascii() else unicodedata.normalize("NFKC", seen(text))).strip()


def line_of(raw: object) -> str:
    """One line of text as it is kept. Raises Unreadable."""
    return _kept(raw, lines=False)


def _kept(raw: object, *, lines: bool) -> str:
    try:
        return printable(str(raw), lines=lines)
    except Unprintable as error:
        raise Unreadable(error.says.zh, error.says.en) from None


def _text(raw: object, field: Field, register: Register) -> Stored:
    text = _kept(raw, lines=field.type == "note")
    if len(text) > field.max_length:
        raise Unreadable(
            f"长度 {len(text)} 超过 {field.max_length} 个字", f"is {len(text)} characters long; {field.max_length} at most"
        )
    return text or None


def _decimal(raw: object, field: Field, register: Register) -> Stored:
    if isinstance(raw, bool):
        raise Unreadable("应为数字", "must be a number")
    value = raw if isinstance(raw, Decimal) else _number(raw)
    if not value.is_finite():
        raise Unreadable("应为有限的数字", "must be a finite number")
    plain = value.normalize(_EXACT)
    if plain.adjusted() >= DIGITS_AT_MOST:
        raise Unreadable(f"整数部分超过 {DIGITS_AT_MOST} 位", f"has more than {DIGITS_AT_MOST} digits before the point")
    if -int(plain.as_tuple().exponent) > PLACES_AT_MOST:
        raise Unreadable(f"小数超过 {PLACES_AT_MOST} 位", f"has more than {PLACES_AT_MOST} decimal places")
    _within(value, field)
    return f"{plain:f}" if plain else "0"


def _number(raw: object) -> Decimal:
    if isinstance(raw, float):
        raw = repr(raw)  # a sheet's 0.1 is the number that its author typed
    text = text_of(raw)
    try:
        if (isinstance(raw, str) and not (_NUMBER.fullmatch(text) or _SCIENTIFIC.fullmatch(text))) or len(text) > _EXACT.prec:
            raise InvalidOperation
        return Decimal(text.replace(",", ""))
    except InvalidOperation:
        raise Unreadable("应为数字，如 1234.56", "must be a number such as 1234.56") from None


def _integer(raw: object, field: Field, register: Register) -> Stored:
    stored = _decimal(raw, field, register)
    if "." in str(stored):
        raise Unreadable("应为整数", "must be a whole number")
    value = int(str(stored))
    if abs(value) >= 2**53:
        raise Unreadable("数字过大", "is too large")
    return value


def _within(value: Decimal, field: Field) -> None:
    if field.min is not None and value < field.min:
        raise Unreadable(f"不得小于 {field.min}", f"must not be below {field.min}")
    if field.max is not None and value > field.max:
        raise Unreadable(f"不得大于 {field.max}", f"must not be above {field.max}")


def _boolean(raw: object, field: Field, register: Register) -> Stored:
    if isinstance(raw, bool):
        return raw
    word = text_of(raw).lower()
    if word in _TRUE:
        return True
    if word in _FALSE:
        return False
    raise Unreadable("应为「是」或「否」", "must be yes or no")


def _moment(raw: object) -> datetime | None:
    """A date or datetime read from an object or from text; naive means local time."""
    if isinstance(raw, datetime):
        return raw if raw.tzinfo else raw.replace(tzinfo=LOCAL)
    if isinstance(raw, date):
        return datetime.combine(raw, time(), LOCAL)
    text = text_of(raw)
    try:
        if "T" in text and (text.endswith("Z") or "+" in text):
            return datetime.fromisoformat(text)
        if match := _COMPACT_DATE.fullmatch(text):
            return datetime(*map(int, match.groups()), tzinfo=LOCAL)  # type: ignore[misc,arg-type]
        if match := _DATE.fullmatch(text):
            year, month, day, hour, minute, second = (int(g) if g else 0 for g in match.groups())
            return datetime(year, month, day, hour, minute, second, tzinfo=LOCAL)
    except ValueError:
        return None
    return None


def _date(raw: object, field: Field, register: Register) -> Stored:
    moment = _moment(raw)
    if moment is None or moment.year not in YEARS:
        raise Unreadable("应为日期，如 2021-10-31", "must be a date such as 2021-10-31")
    return moment.astimezone(LOCAL).date().isoformat()


def _datetime(raw: object, field: Field, register: Register) -> Stored:
    moment = _moment(raw)
    if moment is None or moment.year not in YEARS:
        raise Unreadable("应为日期和时间，如 2021-10-31 16:00", "must be a date and time such as 2021-10-31 16:00")
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _month(raw: object, field: Field, register: Register) -> Stored:
    if isinstance(raw, date):
        return f"{raw.year:04}-{raw.month:02}"
    match = _MONTH.fullmatch(text_of(raw))
    if match and int(match[1]) in YEARS and 1 <= int(match[2]) <= 12:
        return f"{int(match[1]):04}-{int(match[2]):02}"
    moment = _moment(raw)
    if moment and moment.year in YEARS:
        return f"{moment.year:04}-{moment.month:02}"
    raise Unreadable("应为月份，如 2021-10", "must be a month such as 2021-10")


def _year(raw: object, field: Field, register: Register) -> Stored:
    text = text_of(raw).removesuffix("年").removesuffix(".0")
    if text.isascii() and text.isdigit() and int(text) in YEARS:
        return int(text)
    raise Unreadable("应为年份，如 2021", "must be a year such as 2021")


def _choice(raw: object, field: Field, register: Register) -> Stored:
    code = _codes(register, field).get(text_of(raw))
    if code is not None:
        return code
    options = register.options(field)
    known_zh = "、".join(o.title.zh for o in options[:12])
    known_en = ", ".join(o.title.en for o in options[:12])
    raise Unreadable(f"不在选项之中：{known_zh}", f"is not among the options: {known_en}")


def _codes(register: Register, field: Field) -> dict[str, str]:
    """Option codes by what people write for them. Where two options share a label, it means the first."""
    known = register.remembered.get(("codes", field.of))
    if known is None:
        known = {}
        for option in register.options(field):
            for word in (option.code, text_of(option.title.zh), text_of(option.title.en)):
                known.setdefault(word, option.code)
        register.remembered["codes", field.of] = known
    return known


def _phone(raw: object, field: Field, register: Register) -> Stored:
    text = _BLANKS.sub("", text_of(raw).removesuffix(".0"))
    if _PHONE.fullmatch(text):
        return text
    raise Unreadable("应为电话号码", "must be a telephone number")


# Areas and references are read as text here; that they exist is asked for all rows at once (see writing.py).
_READERS: dict[str, Callable[[object, Field, Register], Stored]] = {
    "text": _text,
    "note": _text,
    "integer": _integer,
    "decimal": _decimal,
    "boolean": _boolean,
    "date": _date,
    "month": _month,
    "year": _year,
    "datetime": _datetime,
    "choice": _choice,
    "reference": _text,
    "area": _text,
    "phone": _phone,
}


def stored(raw: object, field: Field, register: Register) -> Stored:
    """The stored form of a value. Raises Unreadable."""
    if raw is None or (isinstance(raw, str) and not raw.strip()):
        return None
    if isinstance(raw, Unreadable):  # a sheet's cell that was found wanting before its field was known
        raise raw
    return _READERS[field.type](raw, field, register)


def from_formula(value: object, field: Field, register: Register) -> Stored:
    """The stored form of what a computed field's formula gave; decimals are rounded half up to six places."""
    if isinstance(value, Decimal):
        value = value.quantize(Decimal(1).scaleb(-PLACES_AT_MOST), rounding="ROUND_HALF_UP")
    return stored(value, field, register)


def _typed_month(value: Stored) -> object:
    year, month = str(value).split("-")
    return date(int(year), int(month), 1)


_TYPED: dict[str, Callable[[Stored], object]] = {
    "decimal": lambda v: Decimal(str(v)),
    "date": lambda v: date.fromisoformat(str(v)),
    "month": _typed_month,
    "datetime": lambda v: datetime.fromisoformat(str(v)),
}


def typed(data: Mapping[str, Stored], register: Register) -> dict[str, object]:
    """A row as formulas see it: every non-personal field, Decimal and date objects, ``None`` where empty."""
    row: dict[str, object] = {}
    by_name = register.by_name
    for name in register.kinds:
        value = data.get(name)
        row[name] = None if value is None else reader(value) if (reader := _TYPED.get(by_name[name].type)) else value
    return row


def typed_value(value: Stored, field: Field | Lent) -> object:
    """One stored value as a Python object."""
    reader = _TYPED.get(field.type)
    return reader(value) if reader and value is not None else value
