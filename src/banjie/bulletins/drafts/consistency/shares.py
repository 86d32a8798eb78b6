"""Shares of one whole must add up to 100, to the precision printed (published bulletins round: ± half a digit a part)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import ROUND_FLOOR, Decimal

from banjie.bulletins.drafts.consistency.remark import Remark, View, is_share
from banjie.bulletins.drafts.quantity import Quantity
from banjie.lib.text import Text
from banjie.lib.units import plain

HUNDRED = Decimal(100)
_OF_ONE_WHOLE = re.compile(r"(?:占比?|比重|份额)(?:分别)?(?:为|达|是|约)?$|分别(?:占|为|是)")
_STRUCTURE = re.compile(r"结构|构成|比例|之比|占比|比重|三次产业|调整|优化")


def check(view: View) -> Iterator[Remark]:
    """Ratios of three parts or more that are near 100, and runs of shares in one sentence."""
    for quantity in view.quantities:
        if (
            quantity.form == "ratio"
            and len(quantity.parts) >= 3
            and (_near(sum(quantity.parts)) or _STRUCTURE.search(view.lead(quantity)))
        ):
            yield _judged((quantity,), list(quantity.parts), quantity.step)
    for sentence in view.sentences():
        run = _run(view, sentence)
        if len(run) >= 3:
            parts = [q.value * HUNDRED for q in run if q.value is not None]
            total = sum(parts)
            if _near(total) or total > HUNDRED:
                yield _judged(tuple(run), parts, max(q.step for q in run) * HUNDRED)


def _near(total: Decimal | int) -> bool:
    return 90 <= total <= 110


def _run(view: View, sentence: tuple[Quantity, ...]) -> list[Quantity]:
    """Shares in sequence that speak of one whole: each behind 占, or all behind 分别占."""
    shares = [q for q in sentence if is_share(q) and q.value is not None and q.form == "number" and not q.qualifier.move]
    opening = view.between(sentence[0].sentence[0], shares[-1].start) if shares else ""
    together = "分别占" in opening or "占比分别" in opening or "比重分别" in opening
    return [q for q in shares if together or _OF_ONE_WHOLE.search(view.lead(q))]


def _judged(items: tuple[Quantity, ...], parts: list[Decimal], step: Decimal) -> Remark:
    total = sum(parts, Decimal(0))
    slack = (step * len(parts) / 2 / step).to_integral_value(rounding=ROUND_FLOOR) * step
    said = "＋".join(plain(p) for p in parts)
    holds = abs(total - HUNDRED) <= slack
    because = Text(
        f"各部分相加：{said}＝{plain(total)}，应为100（允许±{plain(slack)}）。",
        f"the parts add up to {plain(total)}; they should make 100 (within {plain(slack)}).",
    )
    return Remark("shares", "holds" if holds else "fails", items, because)
