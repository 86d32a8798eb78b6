"""What holds of any text: what was written in any of the ways is read back, offsets are those of the text, and nothing takes for ever."""

from __future__ import annotations

import time
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from banjie.bulletins.drafts.comparing import claim_of, compare, written
from banjie.bulletins.drafts.consistency import check
from banjie.bulletins.drafts.folding import fold
from banjie.bulletins.drafts.numerals import read_chinese
from banjie.bulletins.drafts.reading import LONGEST, read
from banjie.lib.errors import Refusal

TODAY = date(2021, 12, 13)
_DIGITS = "零一二三四五六七八九"


def in_chinese(number: int) -> str:
    """321 as 三百二十一: the inverse of reading, for the test alone."""
    if number < 10_000:
        return _group(number)
    for size, sign in ((10**8, "亿"), (10**4, "万")):
        if number >= size:
            rest = number % size
            gap = "零" if rest and rest < size // 10 else ""
            return in_chinese(number // size) + sign + gap + (in_chinese(rest) if rest else "")
    raise AssertionError


def _group(number: int) -> str:
    said, gap = "", False
    for size, sign in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit = number // size % 10
        if digit:
            said += ("零" if gap and said else "") + _DIGITS[digit] + sign
        gap = not digit
    return said or "零"


@given(st.integers(1, 10**12 - 1))
def test_a_chinese_numeral_is_read_back(number: int) -> None:
    assert read_chinese(in_chinese(number)) == number


FORMS = [
    ("{n}户", lambda n: Decimal(n)),
    ("{n}万元", lambda n: Decimal(n) * 10_000),
    ("{n}亿元", lambda n: Decimal(n) * 10**8),
    ("{n}余人", lambda n: Decimal(n)),
    ("{n}%", lambda n: Decimal(n) / 100),
    ("{n}‰", lambda n: Decimal(n) / 1000),
    ("{n}个百分点", lambda n: Decimal(n) / 100),
    ("{n}亩", lambda n: Decimal(n)),
]


@given(
    st.integers(1, 99_999),
    st.sampled_from(FORMS),
    st.sampled_from(["plain", "grouped", "wide", "chinese"]),
    st.sampled_from(["", "约", "超过", "累计", "不少于"]),
)
def test_a_number_written_in_any_way_is_read_back(number: int, form: tuple[str, object], way: str, before: str) -> None:
    template, worth = form
    plain = str(number)
    wide = "".join(chr(ord(c) + 0xFEE0) for c in plain)
    digits = {"plain": plain, "grouped": f"{number:,}", "wide": wide, "chinese": in_chinese(number)}[way]
    if way == "chinese" and (number < 11 or number >= 10_000 or "%" in template or "‰" in template or "点" in template):
        digits = plain
    text = f"目前全县完成{before}{template.format(n=digits)}。"
    (item,) = [i for i in read(text, TODAY).items if i.kind == "quantity"]
    assert item.value == worth(number)  # type: ignore[operator]
    assert text[item.start : item.end] == item.text == template.format(n=digits)


@given(st.decimals("0.01", "9999", places=2), st.sampled_from(["亿元", "万户", "%", "公里"]))
def test_a_decimal_claims_itself_and_its_printed_precision(number: Decimal, unit: str) -> None:
    (item,) = read(f"完成{number:f}{unit}。", TODAY).quantities
    said = claim_of(item)
    assert item.value is not None
    assert said is not None
    assert said.holds(item.value)
    assert said.holds(item.value + item.step / 3)
    assert not said.holds(item.value + item.step)
    assert compare(item, item.value).verdict == "agrees"
    assert written(item, item.value) == item.text


@settings(max_examples=60, deadline=None)
@given(
    st.text(
        alphabet="一二两三十百千万亿零半双第首0123456789.,:：%‰+-—至年月日时个户名元亩次约余多超近以上下（）()“”、，。\n 县镇其中占率",
        max_size=300,
    )
)
def test_any_text_is_read_and_its_items_stand_apart_in_order(text: str) -> None:
    draft = read(text, TODAY)
    check(draft)
    assert all(0 <= i.start < i.end <= len(text) and text[i.start : i.end] == i.text for i in draft.items)
    assert all(a.end <= b.start for a, b in zip(draft.items, draft.items[1:], strict=False))


@given(st.text(max_size=200))
def test_folding_moves_no_character(text: str) -> None:
    assert len(fold(text)) == len(text)


HOSTILE = {
    "digits": "1" * 100_000,
    "grouped": "1," * 6_000,
    "a ratio without end": "1:" * 6_000,
    "a sum without end": "1+" * 6_000,
    "ranges": "1—" * 6_000,
    "numerals": "一" * 100_000,
    "long numerals": "一百二十三万" * 15_000,
    "brackets": "（" * 50_000 + "）" * 50_000,
    "quotations": "“一" * 30_000,
    "places": "青岭县" * 30_000,
    "lines": "1亿元\n" * 4_000,
    "parts": "总数5个，其中1个、" * 2_000,
    "rates": "完成5个，签约4个，签约率80%，" * 1_500,
    "one sentence again": "全县农村低保对象12460人。" * 2_000,
    "signed": "好。（张三）\n" * 3_000,
}


@pytest.mark.slow
@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_text_takes_no_longer_than_its_length(name: str) -> None:
    """Twice the text takes about twice the time: a text whose time grew with the square would take four times as long."""
    text = HOSTILE[name]

    def seconds(part: str) -> float:
        began = time.process_time()
        check(read(part, TODAY))
        return time.process_time() - began

    half = min(seconds(text[: len(text) // 2]) for _ in range(3))
    assert min(seconds(text) for _ in range(3)) < 3.2 * half + 0.5


def test_a_book_is_refused_before_it_is_read() -> None:
    with pytest.raises(Refusal):
        read("一" * (LONGEST + 1), TODAY)
