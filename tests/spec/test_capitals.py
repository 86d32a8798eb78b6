"""Sums in capital numerals. The first six are the examples of the rule (支付结算办法附一), where it allows two the one without 零 last."""

from __future__ import annotations

from decimal import Decimal

import pytest

from banjie.lib.capitals import in_capitals

TABLE = [
    ("1409.50", "人民币壹仟肆佰零玖元伍角整"),
    ("6007.14", "人民币陆仟零柒元壹角肆分"),
    ("1680.32", "人民币壹仟陆佰捌拾元叁角贰分"),
    ("107000.53", "人民币壹拾万零柒仟元伍角叁分"),
    ("16409.02", "人民币壹万陆仟肆佰零玖元零贰分"),
    ("325.04", "人民币叁佰贰拾伍元零肆分"),
    ("0", "人民币零元整"),
    ("0.05", "人民币伍分"),
    ("0.30", "人民币叁角整"),
    ("10", "人民币壹拾元整"),
    ("10000", "人民币壹万元整"),
    ("20010000", "人民币贰仟零壹万元整"),
    ("100000001", "人民币壹亿零壹元整"),
    ("100010000.10", "人民币壹亿零壹万元壹角整"),
    ("120030000400", "人民币壹仟贰佰亿零叁仟万零肆佰元整"),
    ("264744.21", "人民币贰拾陆万肆仟柒佰肆拾肆元贰角壹分"),
    ("-12.00", "人民币负壹拾贰元整"),
]


@pytest.mark.parametrize(("amount", "said"), TABLE)
def test_a_sum_reads_as_the_rule_writes_it(amount: str, said: str) -> None:
    assert in_capitals(Decimal(amount)) == said


@pytest.mark.parametrize("amount", ["0.001", "1.005", "1000000000000"])
def test_what_cannot_be_written_so_is_refused(amount: str) -> None:
    with pytest.raises(ValueError, match="no sum in cents"):
        in_capitals(Decimal(amount))
