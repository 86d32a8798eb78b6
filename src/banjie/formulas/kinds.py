"""The kinds of value a formula knows, and how each is kept.

A decimal also has a **scale**, the number of its decimal places, known when the formula is compiled:
a column has six, ``1.25`` has two, a quotient twelve. That is what makes one answer possible in four engines.

DATETIME is wall-clock time in Asia/Shanghai without a zone: ``year(reported_at)`` is the year people lived in.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Context, Decimal
from enum import StrEnum

from banjie.formulas.errors import FormulaValueError
from banjie.lib.clock import LOCAL
from banjie.lib.text import Text


class Kind(StrEnum):
    """The type of a value."""

    TEXT = "text"
    INTEGER = "integer"
    DECIMAL = "decimal"
    BOOLEAN = "boolean"
    DATE = "date"
    DATETIME = "datetime"

    @property
    def label(self) -> Text:
        return _LABELS[self]


_LABELS = {
    Kind.TEXT: Text("文本", "text"),
    Kind.INTEGER: Text("整数", "integer"),
    Kind.DECIMAL: Text("小数", "decimal"),
    Kind.BOOLEAN: Text("是否", "boolean"),
    Kind.DATE: Text("日期", "date"),
    Kind.DATETIME: Text("日期时间", "datetime"),
}

COLUMN_SCALE = 6
"""Decimal places of every decimal column."""
MAX_SCALE = 12
"""Decimal places of a quotient, and the most any number may have."""
DIGITS = 38
"""Digits of a decimal in all, before and after the point together."""

KIND_TO_DUCKDB = {
    Kind.TEXT: "VARCHAR",
    Kind.INTEGER: "BIGINT",
    Kind.DECIMAL: "DECIMAL(24,6)",
    Kind.BOOLEAN: "BOOLEAN",
    Kind.DATE: "DATE",
    Kind.DATETIME: "TIMESTAMP",
}
"""How the figures' store types a column of each kind. DECIMAL(24,6) holds up to 10^18 yuan to the
millionth; DuckDB sums it as DECIMAL(38,6), so ten million of the largest values still fit with room to spare,
and a product of two columns is DECIMAL(38,12), exact without a cast."""

CONTEXT = Context(prec=120, rounding=ROUND_HALF_UP)
"""Wide enough that nothing is rounded but where this package says so."""
_QUANTA = tuple(Decimal(1).scaleb(-scale) for scale in range(MAX_SCALE + 1))
_LIMITS = tuple(Decimal(10) ** (DIGITS - scale) for scale in range(MAX_SCALE + 1))
_INTEGERS = range(-(2**63), 2**63)


@dataclass(frozen=True, slots=True)
class Type:
    """A kind and, for decimals, the number of decimal places."""

    kind: Kind
    scale: int = 0

    @property
    def is_number(self) -> bool:
        return self.kind in (Kind.INTEGER, Kind.DECIMAL)


TEXT, INTEGER, BOOLEAN = Type(Kind.TEXT), Type(Kind.INTEGER), Type(Kind.BOOLEAN)
DATE, DATETIME = Type(Kind.DATE), Type(Kind.DATETIME)


def decimal_type(scale: int = COLUMN_SCALE) -> Type:
    return Type(Kind.DECIMAL, scale)


def column_type(kind: Kind) -> Type:
    return decimal_type() if kind is Kind.DECIMAL else Type(kind)


def too_wide() -> FormulaValueError:
    return FormulaValueError(Text("小数超出38位", "a decimal number has more than 38 digits"))


def fit_decimal(value: Decimal | int, scale: int) -> Decimal:
    """``value`` with exactly ``scale`` places, halves away from zero; FormulaValueError past 38 digits in all."""
    number = CONTEXT.quantize(Decimal(value), _QUANTA[scale])
    if abs(number) >= _LIMITS[scale]:
        raise too_wide()
    return number or number.copy_abs()  # no minus zero: engines have none


def fit_integer(value: int) -> int:
    """``value`` itself; FormulaValueError outside 64 bits."""
    if value not in _INTEGERS:
        raise FormulaValueError(Text("整数超出64位", "a whole number lies outside 64 bits"))
    return value


def fit(value: object, type: Type) -> object:
    """A value just computed, held to its type's width."""
    if value is None:
        return None
    if type.kind is Kind.DECIMAL:
        assert isinstance(value, (Decimal, int))
        return fit_decimal(value, type.scale)
    if type.kind is Kind.INTEGER:
        assert isinstance(value, int)
        return fit_integer(value)
    return value


def read_value(value: object, kind: Kind) -> object:
    """A value from a record as formulas use it. Reads what JSON keeps as text: decimals, dates and datetimes.

    Raises FormulaValueError for a value of another kind; a float is never a decimal.
    """
    if value is None:
        return None
    try:
        return _READERS[kind](value)
    except (TypeError, ValueError, ArithmeticError):
        raise FormulaValueError(
            Text("值“{value}”不是{kind}", "the value {value} is not of kind {kind}").format(value=repr(value), kind=kind.label)
        ) from None


def _read_text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value


def _read_integer(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise TypeError
    return fit_integer(value)


def _read_decimal(value: object) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, (Decimal, int, str)):
        raise TypeError
    number = Decimal(value)
    if not number.is_finite():
        raise ValueError
    return fit_decimal(number, COLUMN_SCALE)


def _read_boolean(value: object) -> bool:
    if not isinstance(value, bool):
        raise TypeError
    return value


def _read_date(value: object) -> date:
    if isinstance(value, str):
        return date.fromisoformat(value)
    if not isinstance(value, date) or isinstance(value, datetime):
        raise TypeError
    return value


def _read_datetime(value: object) -> datetime:
    moment = datetime.fromisoformat(value) if isinstance(value, str) else value
    if not isinstance(moment, datetime):
        raise TypeError
    return moment if moment.tzinfo is None else moment.astimezone(LOCAL).replace(tzinfo=None)


_READERS = {
    Kind.TEXT: _read_text,
    Kind.INTEGER: _read_integer,
    Kind.DECIMAL: _read_decimal,
    Kind.BOOLEAN: _read_boolean,
    Kind.DATE: _read_date,
    Kind.DATETIME: _read_datetime,
}
