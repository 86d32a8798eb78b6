"""MEDIAN and QUANTILE: the value at a share of the way through the ordered values, exactly.

Of n values in order, numbered from 0, the quantile at share q lies at place q × (n − 1); between two values it is interpolated in
a straight line (DuckDB's and PostgreSQL's ``quantile_cont``, Excel's PERCENTILE.INC). The median is the quantile at 0.5. The
engines' own interpolate in binary fractions, and PostgreSQL's takes no decimals, so the two neighbours are fetched and weighed
with whole numbers: one answer, to twelve places, in every engine.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from banjie.formulas.kinds import CONTEXT, INTEGER
from banjie.formulas.operations import Number, divide
from banjie.formulas.tree import Aggregate, Node

PLACES = 4
"""Decimal places that a share may have: 0.9, 0.995."""


def quantile(values: list[Number], share: Decimal) -> Decimal | None:
    """The answer in Python; None of no values."""
    if not values:
        return None
    ordered = sorted(values)
    numerator, whole = fraction(share)
    low, rest = divmod(numerator * (len(ordered) - 1), whole)
    high = low + (rest > 0)
    weighed = CONTEXT.add(
        CONTEXT.multiply(Decimal(ordered[low]), Decimal(whole - rest)), CONTEXT.multiply(Decimal(ordered[high]), Decimal(rest))
    )
    return divide(weighed, whole)


def fraction(share: Decimal) -> tuple[int, int]:
    """A share as two whole numbers: 0.9 is 9000 of 10000."""
    return int(share * 10**PLACES), 10**PLACES


def weighed(node: Aggregate, write: Callable[[Node], str], *, ordered: str, element: str, over: str) -> tuple[str, int]:
    """SQL of the two neighbours, each times its weight, added up; and by what the sum is to be divided.

    ``ordered`` is the ordered list of the values; ``element`` gives one of it, numbered from 1: "{list}[{place}]"; ``over`` divides
    whole numbers: "{a} // {b}".
    """
    assert node.share is not None
    numerator, whole = fraction(node.share)
    count = write(Aggregate("count", node.arg, node.where, INTEGER))
    place = f"({numerator} * ({count} - 1))"
    low, rest = f"({over.format(a=place, b=whole)})", f"({place} % {whole})"
    high = f"({over.format(a=f'({place} + {whole - 1})', b=whole)})"
    first, second = (element.format(list=ordered, place=f"{number} + 1") for number in (low, high))
    return f"{first} * ({whole} - {rest}) + {second} * {rest}", whole
