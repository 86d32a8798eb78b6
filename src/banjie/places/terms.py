"""Terms as regulations and packs write them: "9 hours", "6 working hours", "5 workdays", "30 days", 「5个工作日」."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Literal

from banjie.lib.errors import Refusal
from banjie.lib.text import Text

Unit = Literal["hours", "working_hours", "workdays", "days"]

LARGEST = {"hours": 100_000, "working_hours": 100_000, "workdays": 10_000, "days": 36_525}  # a century is surely a slip
_ENGLISH: dict[Unit, tuple[str, str]] = {
    "hours": ("hour", "hours"),
    "working_hours": ("working hour", "working hours"),
    "workdays": ("workday", "workdays"),
    "days": ("day", "days"),
}
_CHINESE: dict[Unit, str] = {"hours": "小时", "working_hours": "个工作小时", "workdays": "个工作日", "days": "日"}
_SPELLINGS: list[tuple[str, Unit]] = [
    (r"(clock )?hours?|h|个?(自然)?小时", "hours"),
    (r"(working|work|business|office)[- ]?hours?|个?工作(小时|时)", "working_hours"),
    (r"(working|work|business)[- ]?days?|个?工作[日天]", "workdays"),
    (r"(calendar )?days?|d|日|天|个?(自然|日历)[日天]", "days"),
]
_SHAPE = re.compile(r"(?P<amount>\d+(\.\d+)?|[〇零一二两三四五六七八九十百]+)\s*(?P<unit>\S.*)")
_DIGITS = {c: i for i, c in enumerate("〇一二三四五六七八九")} | {"零": 0, "两": 2}


@dataclass(frozen=True, slots=True)
class Term:
    """A length of time as a rule states it. ``amount`` > 0; days are whole, hours go to the hundredth."""

    amount: Decimal
    unit: Unit

    def __post_init__(self) -> None:
        fault = _fault(self.amount, self.unit)
        if fault:
            raise Refusal(fault)

    def __str__(self) -> str:
        """The canonical English spelling, which ``parse_term`` reads back to an equal term."""
        return self.title.en

    @property
    def title(self) -> Text:
        one, many = _ENGLISH[self.unit]
        return Text(f"{self.amount:f}{_CHINESE[self.unit]}", f"{self.amount:f} {one if self.amount == 1 else many}")

    @property
    def counts_days(self) -> bool:
        return self.unit in ("workdays", "days")

    @property
    def whole(self) -> int:
        """The number of days of a term in days."""
        return int(self.amount)

    @property
    def length(self) -> timedelta:
        """The length of a term in hours."""
        return timedelta(microseconds=int(self.amount * 3_600_000_000))


def parse_term(text: str) -> Term:
    """Read a term in English or Chinese, with full-width digits or Chinese numerals. Refusal says what is wrong."""
    plain = " ".join(unicodedata.normalize("NFKC", text).lower().replace("_", " ").split())
    found = _SHAPE.fullmatch(plain)
    unit = _unit(found["unit"]) if found else None
    amount = _amount(found["amount"]) if found else None
    if unit is None or amount is None:
        raise Refusal(
            Text(
                f"看不懂期限「{text}」。请写成「5个工作日」「6个工作小时」「9小时」「30日」这样的形式。",
                f'"{text}" is not a term. Write it like "5 workdays", "6 working hours", "9 hours" or "30 days".',
            )
        )
    return Term(amount, unit)


def _unit(spelling: str) -> Unit | None:
    return next((unit for pattern, unit in _SPELLINGS if re.fullmatch(pattern, spelling)), None)


def _amount(digits: str) -> Decimal | None:
    if digits[0].isdigit() and digits.isascii():
        return Decimal(digits)
    value = _chinese_number(digits)
    return None if value is None else Decimal(value)


def _chinese_number(numeral: str) -> int | None:
    """三十 → 30, 十五 → 15, 一百二十 → 120, 两 → 2; None for what is not a numeral below a thousand."""
    shape = re.fullmatch(r"(?:([一二两三四五六七八九])百)?(?:零|([一二三四五六七八九])?(十))?([一二两三四五六七八九])?", numeral)
    if not shape or not numeral.strip("零"):
        return None
    hundreds, tens, ten, ones = shape.groups()
    return 100 * _DIGITS.get(hundreds, 0) + (10 * _DIGITS.get(tens, 1) if ten else 0) + _DIGITS.get(ones, 0)


def _fault(amount: Decimal, unit: Unit) -> Text | None:
    if not amount.is_finite() or amount <= 0:
        return Text("期限必须大于零。", "a term must be more than nothing.")
    if amount > LARGEST[unit]:
        return Text(
            f"期限过长：最多{LARGEST[unit]}{_CHINESE[unit]}。",
            f"the term is too long: at most {LARGEST[unit]} {_ENGLISH[unit][1]}.",
        )
    if unit in ("workdays", "days") and amount != amount.to_integral_value():
        return Text("以日计算的期限必须是整数，半天请写成小时。", "a term in days must be whole; write half a day in hours.")
    if amount * 100 != (amount * 100).to_integral_value():
        return Text("小时最多两位小数。", "hours have at most two decimals.")
    return None
