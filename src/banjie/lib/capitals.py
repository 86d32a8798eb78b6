"""Sums of money in capital numerals, as vouchers and agreements write them: 人民币壹仟肆佰零玖元伍角整.

After 正确填写票据和结算凭证的基本规定 (支付结算办法附一, 银发〔1997〕393号): 零 stands once for zeros between other digits; a sum that
ends at 元 or 角 ends in 整; one that ends at 分 does not.
"""

from __future__ import annotations

from decimal import Decimal

DIGITS = "零壹贰叁肆伍陆柒捌玖"
PLACES = ("", "拾", "佰", "仟")
GROUPS = ("", "万", "亿")
CENT = Decimal("0.01")
LIMIT = Decimal(10) ** (4 * len(GROUPS))


def in_capitals(amount: Decimal) -> str:
    """A sum in yuan of whole cents. ValueError where there is more behind the cents, or for 10¹² yuan (万亿) and above."""
    if amount != amount.quantize(CENT) or abs(amount) >= LIMIT:
        raise ValueError(f"{amount} is no sum in cents below {LIMIT}")
    yuan, cents = divmod(int(abs(amount) * 100), 100)
    jiao, fen = divmod(cents, 10)
    whole = f"{_whole(yuan)}元" if yuan else ""
    if not cents:
        return f"{_sign(amount)}{whole or '零元'}整"
    gap = "零" if yuan and not jiao else ""
    tenths = f"{DIGITS[jiao]}角" if jiao else ""
    return f"{_sign(amount)}{whole}{gap}{tenths}{f'{DIGITS[fen]}分' if fen else '整'}"


def _sign(amount: Decimal) -> str:
    return "人民币负" if amount < 0 else "人民币"


def _whole(number: int) -> str:
    """Digits in groups of four, 零 once for whatever zeros stand between two that are said."""
    said, gap = "", False
    for place in range(len(str(number)) - 1, -1, -1):
        group, within = divmod(place, 4)
        digit = number // 10**place % 10
        if digit:
            said += f"{'零' if gap else ''}{DIGITS[digit]}{PLACES[within]}"
        gap = not digit
        if within == 0 and number // 10**place % 10_000:
            said += GROUPS[group]
    return said
