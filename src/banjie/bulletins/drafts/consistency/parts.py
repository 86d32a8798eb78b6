"""A part is no larger than its whole: what stands behind 其中, shares of coverage above 100 %, and wholes that the trade knows."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

from banjie.bulletins.drafts.comparing import written
from banjie.bulletins.drafts.consistency.remark import Remark, View, is_level, is_share, is_threshold
from banjie.bulletins.drafts.quantity import Quantity
from banjie.lib.text import Text

_NEVER_ABOVE = re.compile(
    r"覆盖率|参与率|签约率|满意率|满意度|合格率|办结率|入学率|参保率|普及率|知晓率|占比|比重|成活率|达标率|到位率|公开率|整改率|开工率"
)
_WITHIN: tuple[tuple[re.Pattern[str], re.Pattern[str], str], ...] = (  # the part, its whole, how near the two must stand
    (re.compile(r"规模(?:以上)?工业增加值"), re.compile(r"地区生产总值|GDP|生产总值"), "paragraph"),
    (re.compile(r"集聚[^，。]{0,4}链条?企业|园[区内][^，。]{0,6}企业"), re.compile(r"产业链企业"), "article"),
    (re.compile(r"已开工项目|已开工"), re.compile(r"计划实施[^，。]{0,4}项目"), "paragraph"),
    (re.compile(r"(?:年度|本年|今年)计划(?:完成)?投资"), re.compile(r"总投资"), "sentence"),
)
NEAR = 300  # characters within which a structure and its product are printed
_OUTPUT = re.compile(r"(?:创|总|实现)?产值")
_ALL_OUTPUT = re.compile(r"工业总产值")


def check(view: View) -> Iterator[Remark]:
    for sentence in view.sentences():
        yield from _among(view, sentence)
    for quantity in view.quantities:
        if (
            is_share(quantity)
            and quantity.value is not None
            and quantity.value > 1
            and not quantity.qualifier.move
            and _NEVER_ABOVE.search(quantity.before[-8:])
        ):
            yield Remark(
                "parts",
                "fails",
                (quantity,),
                Text(
                    f"{quantity.before[-8:]}不可能超过100%：{quantity.text}。",
                    f"a share of this kind cannot exceed 100%: {quantity.text}.",
                ),
            )
    yield from _known(view)
    yield from _industry(view)
    yield from _outputs(view)


def _among(view: View, sentence: tuple[Quantity, ...]) -> Iterator[Remark]:
    whole: Quantity | None = None
    parts: list[Quantity] = []
    depth = opened = 0
    for i, quantity in enumerate(sentence):
        before = sentence[i - 1] if i else None
        between = view.between(before.end if before else quantity.sentence[0], quantity.start)
        depth += between.count("(") - between.count(")")
        if whole is not None and depth < opened:
            break  # the brackets in which 其中 stands are closed
        if whole is not None and depth > opened:
            continue  # a part's own parts
        if "其中" in between and before is not None:
            opened = depth
            whole = next((q for q in reversed(sentence[max(0, i - 6) : i]) if is_level(q) and q.sign == quantity.sign), None)
            parts = []
        if whole is not None and is_level(quantity) and quantity.sign == whole.sign and quantity is not whole:
            if "。" in between or ";" in between or "；" in between or re.search("比|较|超过|增加|减少|另|目前|实际|已", between):
                break
            if not is_threshold(view, quantity):
                parts.append(quantity)
    if whole is None or not parts or whole.value is None:
        return
    values = [p.value for p in parts if p.value is not None]
    largest, total = max(values), sum(values, Decimal(0))
    slack = whole.step / 2 + sum((p.step / 2 for p in parts if p.step > 1), Decimal(0)) if whole.step > 1 else Decimal(0)
    if largest > whole.value and whole.qualifier.bound != "more":
        yield Remark(
            "parts",
            "fails",
            (whole, *parts),
            Text(f"「其中」的部分大于总数{whole.text}。", f"a part is larger than its whole, {whole.text}."),
        )
    elif len(parts) > 1 and total > whole.value + slack and whole.qualifier.bound == "exact":
        yield Remark(
            "parts",
            "fails",
            (whole, *parts),
            Text(f"「其中」各部分之和超过总数{whole.text}。", f"the parts add up to more than their whole, {whole.text}."),
        )
    else:
        yield Remark(
            "parts",
            "holds",
            (whole, *parts),
            Text(f"各部分未超过总数{whole.text}。", f"the parts do not exceed their whole, {whole.text}."),
        )


def _known(view: View) -> Iterator[Remark]:
    """Pairs that the trade knows, of one article and unit; started projects are no more than those planned."""
    for small, large, reach in _WITHIN:
        parts = [q for q in view.quantities if is_level(q) and small.search(q.before)]
        wholes = [q for q in view.quantities if is_level(q) and large.search(q.before)]
        for part in parts[:40]:
            whole = next(
                (w for w in reversed(wholes[:200]) if w is not part and w.sign == part.sign and _within(view, part, w, reach)),
                None,
            )
            if whole is None or whole.value is None or part.value is None:
                continue
            holds = part.value <= whole.value or whole.qualifier.bound in {"more", "above", "at_least"}
            yield Remark(
                "parts", "holds" if holds else "fails", (whole, part),
                Text(f"{part.text}（{part.before[-8:]}）{'未超过' if holds else '大于'}{whole.text}（{whole.before[-8:]}）。",
                     f"{part.text} is {'within' if holds else 'larger than'} {whole.text}."),
            )  # fmt: skip


def _within(view: View, part: Quantity, whole: Quantity, reach: str) -> bool:
    """Do part and whole belong together? In one sentence or paragraph the whole comes first."""
    if part.scope.article != whole.scope.article or part.scope.place != whole.scope.place:
        return False
    if reach == "article":
        return True
    same = (
        part.sentence == whole.sentence
        if reach == "sentence"
        else view.layout.paragraph(part.start) == view.layout.paragraph(whole.start)
    )
    return same and whole.start < part.start


def _industry(view: View) -> Iterator[Remark]:
    """规模工业增加值 within the secondary sector: that sector's share of the structure, of the gross product printed beside it."""
    for industry in (q for q in view.quantities if "规模" in q.before and "增加值" in q.before and is_level(q)):
        near = [q for q in view.quantities if q.scope.article == industry.scope.article and abs(q.start - industry.start) < NEAR]
        product = next((q for q in near if re.search("地区?生产总值|GDP", q.before) and q.sign == industry.sign), None)
        structure = [q for q in near if q.form == "ratio" and len(q.parts) == 3]
        if product is None or not structure or product.value is None or industry.value is None:
            continue
        latest = structure[-1]
        secondary = product.value * latest.parts[1] / 100
        holds = industry.value <= secondary
        yield Remark(
            "parts", "holds" if holds else "fails", (product, latest, industry),
            Text(f"第二产业约{written(product, secondary, more=1)}，{'不小于' if holds else '小于'}规模工业增加值{industry.text}。",
                 f"the secondary sector makes about {written(product, secondary, more=1)}, {'no less' if holds else 'less'} than {industry.text}."),
        )  # fmt: skip


def _outputs(view: View) -> Iterator[Remark]:
    """The outputs of single industries together against the gross output of industry; with years that differ no proof."""
    totals = [q for q in view.quantities if q.sign == "元" and _ALL_OUTPUT.search(q.before) and q.scope.basis == "actual"]
    for total in totals[:3]:
        single: dict[str, Quantity] = {}
        for q in view.quantities:
            if (
                q.sign == "元"
                and q is not total
                and _OUTPUT.search(q.before)
                and _whole_year(q)
                and q.scope.article == total.scope.article
            ):
                single.setdefault(q.before[-6:], q)
        if not single or total.value is None:
            continue
        together = sum((q.value for q in single.values() if q.value is not None), Decimal(0))
        holds = together <= total.value
        yield Remark(
            "outputs", "holds" if holds else "suspect", (total, *single.values()),
            Text(f"各产业产值合计{together / 10**8:f}亿元，{'未超过' if holds else '超过'}工业总产值{total.text}（口径与年份可能不同）。",
                 f"the outputs of single industries add up to {'no more' if holds else 'more'} than the gross output of industry, {total.text} (scopes and years may differ)."),
        )  # fmt: skip


def _whole_year(quantity: Quantity) -> bool:
    """One industry's output of a year, achieved."""
    period = quantity.scope.period
    part_of_year = period is not None and period.whole_months and period.months < 12
    return quantity.scope.basis == "actual" and not part_of_year and not _ALL_OUTPUT.search(quantity.before)
