"""Values in their base unit, and as people read them: the digits stay exact unless a rounding is asked for."""

from __future__ import annotations

from decimal import Decimal

import pytest

from banjie.lib.errors import NotFound
from banjie.lib.units import unit


@pytest.mark.parametrize(
    ("code", "value", "zh", "en"),
    [
        ("CNY", "12650000000", "126.5亿元", "CNY 12.65 billion"),
        ("CNY", "61078000000", "610.78亿元", "CNY 61.078 billion"),
        ("CNY", "1234567.89", "123.456789万元", "CNY 1.23456789 million"),
        ("CNY", "9999.5", "9999.5元", "CNY 9,999.5"),
        ("CNY", "-500000000", "−5亿元", "−CNY 500 million"),
        ("CNY", "0", "0元", "CNY 0"),
        ("USD", "210000000", "2.1亿美元", "USD 210 million"),
        ("USD", "40000000", "4000万美元", "USD 40 million"),
        ("percent", "0.79594790159190", "79.6%", "79.6%"),
        ("percent", "0.7955", "79.6%", "79.6%"),
        ("permille", "0.00402", "4.02‰", "4.02‰"),
        ("percentage_point", "-0.0373854317", "−3.74个百分点", "−3.74 percentage points"),
        ("percentage_point", "-0.00001", "0.00个百分点", "0.00 percentage points"),
        ("project", "232", "232个", "232 projects"),
        ("project", "1", "1个", "1 project"),
        ("person", "45678", "45678人", "45,678 persons"),
        ("person", "1125000", "112.5万人", "1,125,000 persons"),
        ("household", "104", "104户", "104 households"),
    ],
)
def test_a_value_is_shown_as_people_read_it(code: str, value: str, zh: str, en: str) -> None:
    shown = unit(code).display(Decimal(value))
    assert (shown.zh, shown.en) == (zh, en)


@pytest.mark.parametrize(
    ("code", "value", "places", "zh"),
    [
        ("percent", "0.7959", 0, "80%"),
        ("percent", "0.795", 0, "80%"),
        ("percent", "0.7949", 0, "79%"),
        ("CNY", "30981000000", 0, "310亿元"),
        ("CNY", "99999999.6", 0, "1亿元"),
        ("percentage_point", "-0.0373854317", 2, "−3.74个百分点"),
    ],
)
def test_a_rounding_that_is_asked_for_goes_half_up(code: str, value: str, places: int, zh: str) -> None:
    assert unit(code).display(Decimal(value), places=places).zh == zh


def test_an_unknown_unit_names_the_known_ones() -> None:
    with pytest.raises(NotFound, match="area"):
        unit("acre")
