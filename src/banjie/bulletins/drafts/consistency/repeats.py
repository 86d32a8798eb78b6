"""One fact printed twice must be printed alike: the same thing counted, of the same place and period, on the same basis."""

from __future__ import annotations

from collections.abc import Iterator

from banjie.bulletins.drafts.comparing import claim_of
from banjie.bulletins.drafts.consistency.remark import Remark, View
from banjie.bulletins.drafts.consistency.subjects import subject_key, topic
from banjie.bulletins.drafts.quantity import Quantity
from banjie.lib.text import Text

_POINTING = ("该", "此", "其", "这", "某", "各", "每")
_MOVING = frozenset({"year_on_year", "on_previous", "average_annual", "average", "per"})


def check(view: View) -> Iterator[Remark]:
    seen: dict[tuple[object, ...], list[Quantity]] = {}
    for sentence in view.sentences():
        about = topic(view, sentence)
        for quantity in sentence:
            key = _key(quantity, about)
            if key is None:
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


def _key(quantity: Quantity, about: str) -> tuple[object, ...] | None:
    subject = subject_key(quantity)
    if (
        quantity.form != "number"
        or quantity.value is None
        or not subject
        or subject.startswith(_POINTING)
        or about.startswith(_POINTING)
    ):
        return None
    if len(subject) + len(about) < 6 or len(subject) < 3:
        return None
    kinds = tuple(sorted(k for k in quantity.qualifier.kinds if k in _MOVING))
    scope = quantity.scope
    return (
        about if len(subject) < 5 else "",
        subject,
        quantity.sign,
        scope.place,
        _basis(scope.basis),
        kinds,
        quantity.qualifier.move,
    )


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
