"""Sharing a total out exactly. Everything is a whole number of steps; nothing is rounded away."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from random import Random

from banjie.lib.errors import Refusal
from banjie.lib.text import Text


def apportion(total: int, weights: Sequence[int], at_most: Sequence[int | None] | None = None, at_least: int = 0) -> list[int]:
    """Whole numbers in proportion to the weights (largest remainder), none above its cap or below ``at_least``, that add
    up to ``total``. What a cap cuts off goes to the others. Refusal where that cannot be.

    A weight of 0 gets 0, whatever ``at_least`` says.
    """
    sharing = [i for i, w in enumerate(weights) if w > 0]
    shares = [0] * len(weights)
    for i in sharing:
        shares[i] = at_least
    left = total - at_least * len(sharing)
    room: dict[int, int | None] = {i: _room(i, at_most, at_least) for i in sharing}
    if left < 0 or any(r is not None and r < 0 for r in room.values()):
        raise _impossible(total)
    while left > 0:
        open_ = [i for i in sharing if room[i] is None or room[i]]
        if not open_:
            raise _impossible(total)
        for i, share in zip(open_, _largest_remainder(left, [weights[i] for i in open_]), strict=True):
            space = room[i]
            taken = share if space is None else min(share, space)
            shares[i] += taken
            left -= taken
            room[i] = None if space is None else space - taken
    return shares


def unequal(random: Random, count: int, spread: Decimal) -> list[int]:
    """Weights drawn from a log-normal distribution: 0 makes them equal, 1 makes the largest some tens of times the median."""
    return [max(1, int(1_000_000 * random.lognormvariate(0, float(spread)))) for _ in range(count)]


def _largest_remainder(total: int, weights: Sequence[int]) -> list[int]:
    whole = sum(weights)
    exact = [Fraction(total * w, whole) for w in weights]
    shares = [int(e) for e in exact]
    order = sorted(range(len(weights)), key=lambda i: (shares[i] - exact[i], i))  # the largest remainder first
    for i in order[: total - sum(shares)]:
        shares[i] += 1
    return shares


def _room(i: int, at_most: Sequence[int | None] | None, at_least: int) -> int | None:
    cap = at_most[i] if at_most is not None else None
    return None if cap is None else cap - at_least


def _impossible(total: int) -> Refusal:
    return Refusal(Text(
        f"演示数据的总数 {total} 无法按所给的上下限和条件分配：请放宽 at_most、at_least 或 where。",
        f"the demonstration's total {total} cannot be shared out within the given limits: relax at_most, at_least or where.",
    ))  # fmt: skip
