"""One fact printed twice must be printed alike: the same thing counted, of the same place and period, on the same basis."""

from __future__ import annotations

import re
from collections.abc import Iterator

from banjie.bulletins.drafts.comparing import claim_of
from banjie.bulletins.drafts.consistency.remark import Remark, View, is_level
from banjie.bulletins.drafts.consistency.subjects import subject_key, topic
from banjie.bulletins.drafts.quantity import Quantity
from banjie.lib.text import Text

_POINTING = ("该", "此", "其", "这", "某", "各", "每")
_EVERYWHERE = re.compile(
    r"年度|本年|当年|计划|完成|投资|目标|任务|占|低于|高于|超过|序时|时间|进度|总|概算|比例|累计|率|项目|额|数|增长|同比|安排|资金"
)
_SUBSET = re.compile(r"其中|[户家个项宗目业位员]中[,，]")  # 31宗未开工项目中,… : of a part only
_MOVING = frozenset({"year_on_year", "on_previous", "average_annual", "average", "per"})


def check(view: View) -> Iterator[Remark]:
    seen: dict[tuple[object, ...], list[Quantity]] = {}
    anchor: tuple[str, object] = ("", None)
    for sentence in view.sentences():
        about = topic(view, sentence)
        for quantity in sentence:
            if is_level(quantity) and quantity.unit is not None and quantity.unit.family == "count" and quantity.form == "number":
                anchor = (subject_key(quantity), quantity.value)
            key = _key(quantity, about, anchor)
            if key is None or _SUBSET.search(view.between(max(quantity.sentence[0], quantity.start - 80), quantity.start)):
                continue
            others = seen.setdefault(key, [])
            first = next((q for q in others if q.sentence != quantity.sentence and _same_time(q, quantity)), None)
            if first is not None:
                yield _judged(first, quantity)
            others.append(quantity)


def _same_time(one: Quantity, other: Quantity) -> bool:
    """The same period, or one of the two says none; 目前 is now, whatever the period before."""
    return (
        one.scope.period == other.scope.period
        or one.scope.period is None
        or other.scope.period is None
        or one.scope.until
        or other.scope.until
    )


def _key(quantity: Quantity, about: str, anchor: tuple[str, object]) -> tuple[object, ...] | None:
    """What must be alike. Words that every project has (完成投资, 占年度目标) name no fact: they count only with the number of
    projects last spoken of, which tells 省级6项 from 县级16项."""
    subject = subject_key(quantity)
    if (
        quantity.form != "number"
        or quantity.value is None
        or not subject
        or subject.startswith(_POINTING)
        or about.startswith(_POINTING)
    ):
        return None
    said = len(_EVERYWHERE.sub("", subject))
    if said < 3 and (not anchor[0] or len(subject) < 3):
        return None
    whose: object = anchor if said < 3 else (about if len(subject) < 5 else "")
    kinds = tuple(sorted(k for k in quantity.qualifier.kinds if k in _MOVING))
    scope = quantity.scope
    return whose, subject, quantity.sign, scope.place, _basis(scope.basis), kinds, quantity.qualifier.move


def _basis(basis: str) -> str:
    return "plan" if basis in {"plan", "target"} else basis


def _judged(first: Quantity, second: Quantity) -> Remark:
    one, other = claim_of(first), claim_of(second)
    same = first.value == second.value or (one is not None and other is not None and first.value is not None and second.value is not None
                                           and one.holds(second.value) and other.holds(first.value))  # fmt: skip
    if same:
        return Remark(
            "repeats", "holds", (first, second), Text(f"两处一致：{first.text}。", f"printed alike in both places: {first.text}.")
        )
    return Remark(
        "repeats", "fails", (first, second),
        Text(f"同一数据两处不一致：{first.text}与{second.text}（{second.scope.subject or second.before}）。", f"one fact printed twice: {first.text} and {second.text}."),
    )  # fmt: skip
