"""Numerals, Arabic and Chinese, as exact decimals. They are read from folded text (see ``folding``)."""

from __future__ import annotations

import re
from decimal import Decimal

DIGITS = {c: i for i, c in enumerate("零一二三四五六七八九")} | {"两": 2, "廿": 20}
TENS = {"十": 10, "百": 100, "千": 1000}
MYRIADS = {"万": 10**4, "亿": 10**8}
CHINESE = "零一二两三四五六七八九十百千万亿"
MULTIPLIERS = {
    "万亿": Decimal(10**12),
    "亿": Decimal(10**8),
    "千万": Decimal(10**7),
    "百万": Decimal(10**6),
    "万": Decimal(10**4),
}
LONGEST = 20  # more digits are an identifier, not a quantity
LONGEST_SPOKEN = 32  # characters of a numeral in words

ARABIC = re.compile(r"\d{1,3}(?:,\d{3})+(?![\d])(?:\.\d+)?|\d+(?:\.\d+)?", re.ASCII)
RUN = re.compile(f"[{CHINESE}]+(?:点[零一二三四五六七八九]+)?")


def read_arabic(text: str) -> Decimal | None:
    """``1,234.5``. None for what has too many digits to be a quantity."""
    digits = text.replace(",", "")
    return None if len(digits) > LONGEST else Decimal(digits)


def decimals(text: str) -> int:
    """How many digits are printed behind the point."""
    return len(text.partition(".")[2])


def read_chinese(text: str) -> Decimal | None:
    """``三百二十一``, ``两千零五``, ``一点五``, ``二零二一``. None for what is no numeral (``一一``, ``十百``)."""
    if len(text) > LONGEST_SPOKEN:
        return None
    whole, point, behind = text.partition("点")
    number = _whole(whole)
    if number is None or not point:
        return number
    return number + sum((Decimal(DIGITS[c]).scaleb(-i) for i, c in enumerate(behind, 1)), Decimal(0))


def _whole(text: str) -> Decimal | None:
    if not text:
        return None
    if len(text) >= 3 and all(c in DIGITS and c != "两" for c in text):
        return Decimal("".join(str(DIGITS[c]) for c in text))  # digit by digit: 二零二一
    total, rest = 0, text
    for sign, size in (("亿", 10**8), ("万", 10**4)):
        above, found, below = rest.partition(sign)
        if not found:
            continue
        head = _whole(above) if "万" in above else _below_myriad(above, alone=True)
        if head is None:
            return None
        total += int(head) * size
        rest = below
        if not rest:
            return Decimal(total)
        if "亿" in rest and sign == "亿":
            return None
        if sign == "亿" and rest == "万":
            return None
    last = _below_myriad(rest, alone=total == 0)
    return None if last is None else Decimal(total) + last


def _below_myriad(text: str, *, alone: bool) -> Decimal | None:
    """Up to 9999. ``alone``: with nothing before it, where 百 says 100 and 十 says 10; behind 万, 五 says 5,000 (三万五)."""
    if not text:
        return Decimal(1) if alone else None
    total, digit, size, gap = 0, -1, 10**4, False
    for c in text:
        if c in TENS:
            if TENS[c] >= size or (digit == 0):
                return None
            if digit < 0 and total and c != "十":
                return None
            size = TENS[c]
            total += max(digit, 1) * size if digit != -1 else size
            digit, gap = -1, False
        elif c in DIGITS:
            if digit > 0 or (digit == 0 and DIGITS[c] == 0):
                return None
            digit, gap = DIGITS[c], gap or c == "零"
        else:
            return None
    if digit == 0 and total:
        return None
    if digit > 0 and size < 10**4 and size > 10 and not gap:
        return Decimal(total + digit * size // 10)  # 三百二: 320
    if digit > 0 and size == 10**4 and not alone and not gap:
        return Decimal(digit * 1000)  # 三万五: 35,000
    return Decimal(total + max(digit, 0))
