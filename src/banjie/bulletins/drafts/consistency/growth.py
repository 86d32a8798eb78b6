"""Growth against levels: 由8.5亿元增长到10亿元,增长25%; last year's level and this year's in one text; what an average growth implies."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

from banjie.bulletins.drafts.comparing import WIDE, claim, written
from banjie.bulletins.drafts.consistency.remark import Remark, View, is_level, is_share
from banjie.bulletins.drafts.consistency.subjects import subject_key
from banjie.bulletins.drafts.quantity import Quantity
from banjie.lib.text import Text

_FROM = re.compile(r"(?:由|从)[^，,。；]{0,14}$")
_TO = re.compile(
    r"(?:增长|增加|提高|提升|上升|扩大|下降|减少|降低|压减|降|增|减|扩|升|发展|跃升|攀升|回落|缩短|变)(?:到|至|为|了)"
)
_AVERAGE = re.compile(r"年均(?:增长|增速)?")
_ON_LAST_YEAR = re.compile(
    r"^[,，、(]?(?:[比较](?:上年|去年|上年同期|去年同期)|同比)(?:净|共)?(?:增长|增加|减少|下降|多|少|增|减)(?:了)?(?:约)?$"
)
_STRAIGHT_ON = re.compile(r"[,，、](?:同比)?(?:增长|增加|下降|减少|降低|增幅|降幅|增|降)(?:了|为|达)?")
STEEP = Decimal("0.3")


def check(view: View) -> Iterator[Remark]:
    yield from _from_to(view)
    yield from _two_years(view)
    yield from _increase(view)


def _from_to(view: View) -> Iterator[Remark]:
    for sentence in view.sentences():
        for i in range(len(sentence) - 2):
            first, second = sentence[i], sentence[i + 1]
            between = view.between(first.end, second.start)
            if not (
                _FROM.search(view.lead(first))
                and _TO.search(between)
                and first.unit == second.unit
                and first.value
                and second.value is not None
            ):
                continue
            for said in sentence[i + 2 : i + 4]:
                if (
                    said.value is None
                    or not said.qualifier.move
                    or view.between(second.end, said.start).count("，") + view.between(second.end, said.start).count(",") > 1
                ):
                    break
                if is_share(said) and is_level(first) and is_level(second):
                    yield _growth(said, first, second)
                    break
                if said.unit == first.unit or (said.unit is not None and said.unit.family == "points" and is_share(first)):
                    yield _difference(said, first, second)
                    break


def _growth(said: Quantity, first: Quantity, second: Quantity) -> Remark:
    assert said.value is not None
    assert first.value
    assert second.value is not None
    true = WIDE.divide(second.value - first.value, first.value)
    shown = -true if said.qualifier.move == "down" else true
    slack = WIDE.divide(first.step / 2 + second.step / 2, first.value) if max(first.step, second.step) > 1 else Decimal(0)
    holds = claim(said.value, said.step, said.qualifier.bound).holds(shown) or abs(shown - said.value) <= slack + said.step / 2
    because = Text(
        f"由{first.text}到{second.text}，变动{written(said, true, more=2)}，文中为{said.text}。",
        f"from {first.text} to {second.text} is a change of {written(said, true, more=2)}; the text has {said.text}.",
    )
    return Remark("growth", "holds" if holds else "fails", (first, second, said), because)


def _difference(said: Quantity, first: Quantity, second: Quantity) -> Remark:
    assert said.value is not None
    assert first.value is not None
    assert second.value is not None
    true = abs(second.value - first.value)
    holds = claim(said.value, said.step, said.qualifier.bound).holds(true)
    because = Text(
        f"{second.text}与{first.text}相差{written(said, true, more=2)}，文中为{said.text}。",
        f"{second.text} and {first.text} differ by {written(said, true, more=2)}; the text has {said.text}.",
    )
    return Remark("growth", "holds" if holds else "fails", (first, second, said), because)


def _increase(view: View) -> Iterator[Remark]:
    """早稻面积42.96万亩,比上年增加9.94万亩,增长30.1%: the increase, over the level less the increase."""
    quantities = view.quantities
    for level, change, rate in zip(quantities, quantities[1:], quantities[2:], strict=False):
        if (
            level.sentence != rate.sentence
            or not (is_level(level) and is_level(change) and is_share(rate))
            or level.sign != change.sign
        ):
            continue
        if not (
            _ON_LAST_YEAR.search(view.between(level.end, change.start))
            and _STRAIGHT_ON.fullmatch(view.between(change.end, rate.start))
        ):
            continue
        if not (
            level.value
            and change.value
            and rate.value is not None
            and change.qualifier.move
            and change.qualifier.move == rate.qualifier.move
        ):
            continue
        before = level.value - change.value if change.qualifier.move == "up" else level.value + change.value
        if before <= 0:
            continue
        true = WIDE.divide(change.value, before)
        slack = WIDE.divide(change.step / 2, before) + WIDE.divide(change.value * (level.step + change.step) / 2, before * before)
        holds = abs(true - rate.value) <= slack + rate.step / 2 or claim(rate.value, rate.step, rate.qualifier.bound).holds(true)
        because = Text(
            f"变动{change.text}，上年为{written(level, before, more=1)}，增减幅应为{written(rate, true, more=1)}，文中为{rate.text}。",
            f"a change of {change.text} on {written(level, before, more=1)} is {written(rate, true, more=1)}; the text has {rate.text}.",
        )
        yield Remark("growth", "holds" if holds else "fails", (level, change, rate), because)


def _two_years(view: View) -> Iterator[Remark]:
    """The same subject in a year and in the year before, and a growth printed behind the later one; and a half-year that outdoes
    the whole year before it."""
    seen: dict[tuple[str, str, str, str], list[Quantity]] = {}
    quantities = view.quantities
    for i, quantity in enumerate(quantities):
        period = quantity.scope.period
        if not is_level(quantity) or period is None or quantity.scope.basis not in {"actual", "estimate"} or not quantity.value:
            continue
        key = (
            subject_key(quantity),
            quantity.sign,
            quantity.scope.place,
            "·".join(k for k in quantity.qualifier.kinds if k in {"average", "per"}),
        )
        if len(key[0]) < 3:
            continue
        for earlier in seen.get(key, [])[-6:]:
            then = earlier.scope.period
            if then is None or not earlier.value:
                continue
            growth = next(
                (
                    q
                    for q in quantities[i + 1 : i + 3]
                    if is_share(q)
                    and q.sentence == quantity.sentence
                    and q.qualifier.move
                    and "year_on_year" in q.qualifier.kinds
                ),
                None,
            )
            if then == period.year_before and growth is not None and growth.start == _next_start(quantities, i):
                yield _growth(growth, earlier, quantity)
            elif (
                then.whole_years
                and then.months == 12
                and period.start.year == then.start.year + 1
                and period.whole_months
                and period.months <= 6
                and quantity.value > earlier.value
            ):
                yield Remark(
                    "pace", "suspect", (earlier, quantity),
                    Text(f"{period.title.zh}的{quantity.text}已超过{then.title.zh}全年的{earlier.text}，请核实口径。",
                         f"{quantity.text} in {period.title.en} exceeds the whole of {then.title.en} ({earlier.text}); check what is counted."),
                )  # fmt: skip
        seen.setdefault(key, []).append(quantity)


def _next_start(quantities: tuple[Quantity, ...], i: int) -> int:
    return quantities[i + 1].start if i + 1 < len(quantities) else -1
