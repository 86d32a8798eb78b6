"""Plan, capacity or intention presented as achieved: the same number once intended and once done, or 已 before 产能 and 意向."""

from __future__ import annotations

import re
from collections.abc import Iterator

from banjie.bulletins.drafts.bases import TITLES
from banjie.bulletins.drafts.consistency.remark import Remark, View, is_level
from banjie.bulletins.drafts.quantity import Quantity
from banjie.lib.text import Text

_CLAIMED = re.compile(r"已经?(?:实现|完成|达到|达|形成|建成|入驻|落户|投产)|实现了|完成了|现已")
_INTENDED = re.compile(r"^[^，,。；]{0,8}(?:意向|产能目标)")
_DONE = re.compile(r"已|完成|实现|入驻|投产|达|建成|落户|签约|生产|处理")
_NOT_YET = frozenset({"capacity", "intention", "target"})


def check(view: View) -> Iterator[Remark]:
    later: dict[tuple[object, str, int], Quantity] = {}
    for quantity in view.quantities:
        if not is_level(quantity) or quantity.value is None:
            continue
        lead, behind = view.lead(quantity), view.behind(quantity)
        if _CLAIMED.search(lead) and _INTENDED.match(behind) and "达成" not in behind and "签订" not in behind:
            yield Remark(
                "achieved", "suspect", (quantity,),
                Text(f"「{quantity.text}」是意向或目标，文中写成已经完成。", f'"{quantity.text}" is an intention or a target, written as if achieved.'),
            )  # fmt: skip
        key = (quantity.value, quantity.sign, quantity.scope.article)
        first = later.get(key)
        if quantity.scope.basis in _NOT_YET:
            later.setdefault(key, quantity)
        elif (
            first is not None
            and quantity.scope.basis == "actual"
            and _DONE.search(lead)
            and first.sentence != quantity.sentence
            and _kin(first, quantity)
        ):
            title = TITLES[first.scope.basis]
            yield Remark(
                "achieved", "suspect", (first, quantity),
                Text(f"{quantity.text}前文是{title.zh}，此处写成已实现。", f"{quantity.text} is {title.en} earlier in the text and achieved here."),
            )  # fmt: skip


def _kin(one: Quantity, other: Quantity) -> bool:
    """Do they share a word? Small round numbers return by chance."""
    pairs = {one.scope.subject[i : i + 2] for i in range(len(one.scope.subject) - 1)}
    mine = {other.scope.subject[i : i + 2] for i in range(len(other.scope.subject) - 1)}
    return bool(pairs & mine)
