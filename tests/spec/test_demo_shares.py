"""Sharing a total out exactly: whole steps, by weight, within limits.

| total | weights | at most    | each gets | why                                                        |
|------:|---------|------------|-----------|------------------------------------------------------------|
|    10 | 1 1 1   |            | 4 3 3     | the remainder goes to the largest fraction, then the first |
|     7 | 2 1     |            | 5 2       | 4.67 and 2.33: the larger fraction takes the last one      |
|    10 | 1 1     | 3 –        | 3 7       | what a limit cuts off goes to the others                   |
|     5 | 0 1     |            | 0 5       | weight 0 gets nothing                                      |
|     0 | 1 1     |            | 0 0       |                                                            |
"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from banjie.lib.errors import Refusal
from banjie.packs.demo.allocation import apportion

TABLE = [
    (10, [1, 1, 1], None, [4, 3, 3]),
    (7, [2, 1], None, [5, 2]),
    (10, [1, 1], [3, None], [3, 7]),
    (5, [0, 1], None, [0, 5]),
    (0, [1, 1], None, [0, 0]),
]


@pytest.mark.parametrize(("total", "weights", "at_most", "shares"), TABLE)
def test_the_table_above(total: int, weights: list[int], at_most: list[int | None] | None, shares: list[int]) -> None:
    assert apportion(total, weights, at_most) == shares


@given(st.integers(0, 10**15), st.lists(st.integers(0, 10**9), min_size=1, max_size=60).filter(any))
def test_any_total_is_shared_out_to_the_last_unit_and_nearly_in_proportion(total: int, weights: list[int]) -> None:
    shares = apportion(total, weights)
    assert sum(shares) == total
    assert all(abs(share * sum(weights) - total * weight) < sum(weights) for share, weight in zip(shares, weights, strict=True))


@given(st.data())
def test_limits_are_kept_and_the_sum_is_still_exact(data: st.DataObject) -> None:
    weights = data.draw(st.lists(st.integers(1, 1000), min_size=1, max_size=30))
    least = data.draw(st.integers(0, 5))
    most = data.draw(st.lists(st.one_of(st.none(), st.integers(least, 200)), min_size=len(weights), max_size=len(weights)))
    room = sum(2000 if m is None else m for m in most)
    total = data.draw(st.integers(least * len(weights), room))
    shares = apportion(total, weights, most, least)
    assert sum(shares) == total
    assert all(least <= share and (m is None or share <= m) for share, m in zip(shares, most, strict=True))


@pytest.mark.parametrize(
    ("total", "weights", "at_most", "at_least"), [(10, [1, 1], [4, 4], 0), (1, [1, 1], None, 1), (5, [0, 0], None, 0)]
)
def test_what_cannot_be_is_refused(total: int, weights: list[int], at_most: list[int | None] | None, at_least: int) -> None:
    with pytest.raises(Refusal, match="无法按所给的上下限"):
        apportion(total, weights, at_most, at_least)
