"""A rate that follows from two numbers of the text: a completion rate from plan and completed, a signing rate from signed and all,
占…的25% from part and whole. Held to the precision of the rate as printed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal

from banjie.bulletins.drafts.comparing import WIDE, claim, written
from banjie.bulletins.drafts.consistency.remark import Remark, View, is_level, is_share
from banjie.bulletins.drafts.quantity import Quantity
from banjie.bulletins.drafts.units import same_kind
from banjie.bulletins.drafts.wordlists import words
from banjie.lib.text import Text

_COMPLETION = re.compile(
    r"完成(?:投资)?(?:比例|率|进度)|完成(?:了)?[^，,。；]{0,10}(?:计划|任务|目标)[^，,。；]{0,4}的?$|占[^，,。；]{0,10}(?:计划|任务|目标)[^，,。；]{0,4}的?$"
)
_RATE = re.compile(r"([\u4e00-\u9fff]{2})率(?:达到|达|为|约|是|超过|超)*$")
_RATE_BEHIND = re.compile(r"的?([\u4e00-\u9fff]{2})率")
_OF_WHOLE = re.compile(r"(?:占|完成|达到?)[^，,。；]{0,20}$")
_DONE = re.compile(r"完成|已|累计|实现|实际|到位")
_PLANNED = re.compile(r"计划|任务|目标|年度|应|总")
_SAME = {"签约": "签"}
_OF_SOMETHING_ELSE = frozenset(words("增长 覆盖 失业 利用 收益 周转 出生 死亡 自然 贡献 利润 负债 毛利 汇 镇化 入学 巩固 成活"))


def check(view: View) -> Iterator[Remark]:
    for paragraph in view.paragraphs():
        for i, rate in enumerate(paragraph):
            if not is_share(rate) or rate.value is None or rate.qualifier.move or rate.form != "number":
                continue
            earlier = [q for q in paragraph[max(0, i - 8) : i] if is_level(q)]
            pair = _whole_before(view, rate, earlier) or _completion(view, rate, earlier) or _by_stem(view, rate, earlier)
            if pair is not None:
                yield _judged(rate, *pair)


def _whole_before(view: View, rate: Quantity, earlier: Sequence[Quantity]) -> tuple[Quantity, Quantity] | None:
    """…5亿元,占总投资20亿元的25%: the whole stands right before 的25%."""
    if len(earlier) < 2 or view.between(earlier[-1].end + earlier[-1].qualifier.after, rate.start).strip("的约近超过") not in {
        "",
        "的",
    }:
        return None
    whole, part = earlier[-1], earlier[-2]
    if not _OF_WHOLE.search(view.lead(whole)) or not same_kind(whole.unit, part.unit) or part.sentence != whole.sentence:
        return None
    return part, whole


def _completion(view: View, rate: Quantity, earlier: Sequence[Quantity]) -> tuple[Quantity, Quantity] | None:
    if not _COMPLETION.search(view.lead(rate)):
        return None
    done = next((q for q in reversed(earlier) if q.scope.basis == "actual" and _DONE.search(view.lead(q))), None)
    if done is None or done.clause[1] + 1 < rate.clause[0] - 30:
        return None
    planned = [q for q in earlier if q.start < done.start and same_kind(q.unit, done.unit) and q.unit == done.unit]
    planned = [q for q in planned if q.scope.basis in {"plan", "target"} or _PLANNED.search(q.before)]
    wanted = [q for q in planned if "年度" in view.lead(q) or "今年" in view.lead(q) or "计划投资" in view.lead(q)] or planned
    fitting = [q for q in planned if _agrees(rate, done, q)]
    if fitting:
        return done, fitting[-1]
    wanted = [q for q in wanted if _kin(q, done) and not _another_between(view, q, done, earlier)]
    return (done, wanted[-1]) if wanted else None


def _another_between(view: View, planned: Quantity, done: Quantity, earlier: Sequence[Quantity]) -> bool:
    """Is another group of projects named between the two (其中续建项目35宗)? Its plan may not be printed at all."""
    if "其中" in view.between(planned.end, done.start):
        return True
    between = (q for q in earlier if planned.start < q.start < done.start and q.unit is not None and q.unit.family == "count")
    return any(not re.search("开工|竣工|完工|投产", q.before) for q in between)


def _kin(one: Quantity, other: Quantity) -> bool:
    """Do the two name the same thing? 计划种植早稻 and 完成集中育秧 do not."""
    pairs = {one.before[i : i + 2] for i in range(len(one.before) - 1)} - {"计划", "完成", "年度"}
    return any(other.before[i : i + 2] in pairs for i in range(len(other.before) - 1))


def _by_stem(view: View, rate: Quantity, earlier: Sequence[Quantity]) -> tuple[Quantity, Quantity] | None:
    """签约率100%: those signed, of those there are. The two must stand in the rate's sentence or in the one before."""
    hit = _RATE.search(view.lead(rate)) or _RATE_BEHIND.match(view.behind(rate))
    if hit is None or hit.group(1) in _OF_SOMETHING_ELSE:
        return None
    stem = _SAME.get(hit.group(1), hit.group(1))
    counted = [q for q in earlier if rate.sentence[0] - q.sentence[1] <= 2 and q.unit is not None]
    part = next((q for q in reversed(counted) if stem in q.before[-6:] or stem in view.lead(q)[-8:]), None)
    if part is None:
        return None
    wholes = [
        q for q in counted
        if q.start < part.start and q.value is not None and part.value is not None and q.value >= part.value
        and (q.sign == part.sign or _persons_as_households(q, part)) and not {"average", "per"} & set(q.qualifier.kinds)
    ]  # fmt: skip
    fitting = [q for q in wholes if _agrees(rate, part, q)]
    if fitting:
        return part, fitting[-1]
    beside = [q for q in wholes if q.sentence == rate.sentence]
    if len({q.value for q in wholes}) == 1 or beside:
        return part, (beside or wholes)[-1]
    return None  # with several wholes far off none is accused


def _persons_as_households(one: Quantity, other: Quantity) -> bool:
    return {one.sign, other.sign} == {"人", "户"} and "户" in one.after + other.after


def _agrees(rate: Quantity, part: Quantity, whole: Quantity) -> bool:
    if rate.value is None or part.value is None or not whole.value:
        return False
    true = WIDE.divide(part.value, whole.value)
    bound = rate.qualifier.bound
    return claim(rate.value, rate.step, bound).holds(true) or (
        bound == "exact" and abs(true - rate.value) <= _printed_slack(part, whole)
    )


def _judged(rate: Quantity, part: Quantity, whole: Quantity) -> Remark:
    assert rate.value is not None
    if not part.value or not whole.value:
        return Remark(
            "rates", "undecidable", (part, whole, rate), Text("分母或分子为零。", "numerator or denominator is nought.")
        )
    true = WIDE.divide(part.value, whole.value)
    holds = _agrees(rate, part, whole)
    because = Text(
        f"{part.text}÷{whole.text}＝{written(rate, true, more=2)}，文中为{rate.text}。",
        f"{part.text} ÷ {whole.text} = {written(rate, true, more=2)}; the text has {rate.text}.",
    )
    return Remark("rates", "holds" if holds else "fails", (part, whole, rate), because)


def _printed_slack(part: Quantity, whole: Quantity) -> Decimal:
    """How far the rate can move because part and whole are themselves printed rounded (no more than counts allow)."""
    if part.value is None or not whole.value or (part.step <= 1 and whole.step <= 1):
        return Decimal(0)
    return WIDE.divide(part.step / 2, whole.value) + WIDE.divide(part.value * whole.step / 2, whole.value * whole.value)
