"""What cannot be so, or can hardly be so, by a rule of the trade: two officers an inspection, whole households, floor area and land."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

from banjie.bulletins.drafts.comparing import WIDE, claim, written
from banjie.bulletins.drafts.consistency.growth import STEEP
from banjie.bulletins.drafts.consistency.remark import Remark, View, is_level, is_share
from banjie.bulletins.drafts.quantity import Quantity
from banjie.lib.text import Text

MU = Decimal(10000) / 15  # square metres in a mu
OFFICERS = 2  # 行政处罚法 (2021) art. 42: no fewer than two officers
_OFFICERS = re.compile(r"执法人员|检查人员|执法力量")
_INSPECTED = re.compile(r"检查|经营户|企业|单位|商户|门店|场所|户|家")
_NOT_INSPECTED = re.compile(r"隐患|问题|立案|查处|罚|整改|约谈")
_PEOPLE = re.compile(r"^的?([\u4e00-\u9fff]{2})")
_AGES = re.compile(r"岁|学历|党员|女性|女")


def check(view: View) -> Iterator[Remark]:
    yield from _officers(view)
    yield from _whole(view)
    yield from _floors(view)
    yield from _average(view)
    yield from _implied(view)


def _officers(view: View) -> Iterator[Remark]:
    for sentence in view.sentences():
        for i, officers in enumerate(sentence):
            if officers.sign not in {"人次", "人"} or not _OFFICERS.search(officers.before) or officers.value is None:
                continue
            visited = [
                q
                for q in sentence[i + 1 :]
                if q.sign in {"户", "家", "个", "处"}
                and _INSPECTED.search(q.before + q.after)
                and not _NOT_INSPECTED.search(q.before + q.after)
                and q.value
            ]
            if not visited or officers.sign == "人":
                continue
            total = sum((q.value for q in visited if q.value is not None), Decimal(0))
            each = WIDE.divide(officers.value, total)
            holds = each >= OFFICERS or officers.qualifier.bound in {"more", "above", "at_least"}
            yield Remark(
                "officers", "holds" if holds else "fails", (officers, *visited),
                Text(f"{officers.text}÷{total:f}＝{each:.2f}，每次检查执法人员不得少于两人（行政处罚法第四十二条）。",
                     f"{officers.text} ÷ {total:f} = {each:.2f}; no inspection may have fewer than two officers."),
            )  # fmt: skip


def _whole(view: View) -> Iterator[Remark]:
    """70%的商户 of 217: a share of things that come whole."""
    for paragraph in view.paragraphs():
        for i, share in enumerate(paragraph):
            hit = (
                _PEOPLE.match(view.behind(share, 4)) if is_share(share) and share.value is not None and share.value < 1 else None
            )
            if hit is None or share.value is None:
                continue
            whole = next(
                (
                    q
                    for q in reversed(paragraph[:i])
                    if is_level(q) and q.step == 1 and (q.after.startswith(hit.group(1)) or q.before.endswith(hit.group(1)))
                ),
                None,
            )
            if whole is None or not whole.value:
                continue
            exact = share.value * whole.value
            near = [
                n
                for n in (exact // 1, exact // 1 + 1)
                if claim(share.value, share.step, "exact").holds(WIDE.divide(n, whole.value))
            ]
            said = "、".join(f"{n:f}" for n in near)
            yield Remark(
                "whole_numbers", "holds" if near or exact == exact.to_integral_value() else "fails", (whole, share),
                Text(f"{whole.text}的{share.text}为{exact.normalize():f}" + (f"，不是整数：只能是{said}四舍五入。" if exact != exact.to_integral_value() and near else "。"),
                     f"{share.text} of {whole.text} is {exact.normalize():f}" + (f": no whole number, so rounded from {said}." if exact != exact.to_integral_value() and near else ".")),
            )  # fmt: skip


def _floors(view: View) -> Iterator[Remark]:
    for paragraph in view.paragraphs():
        land = next((q for q in paragraph if q.sign == "亩" and "占地" in q.before and q.value), None)
        floor = next(
            (q for q in paragraph if q.sign == "平方米" and re.search("厂房|建筑|楼", q.after + q.before) and q.value), None
        )
        if (
            land is None
            or floor is None
            or land.value is None
            or floor.value is None
            or land.scope.article != floor.scope.article
        ):
            continue
        ratio = floor.value / (land.value * MU)
        fine = Decimal("0.05") <= ratio <= 6
        yield Remark(
            "floor_area", "holds" if fine else "suspect", (land, floor),
            Text(f"{land.text}＝{land.value * MU:.0f}平方米，容积率约{ratio:.2f}。", f"{land.text} is {land.value * MU:.0f} m²: a floor-area ratio of about {ratio:.2f}."),
        )  # fmt: skip


def _average(view: View) -> Iterator[Remark]:
    """A mean age and counts by age without the number of all: nothing can be held against them."""
    for sentence in view.sentences():
        mean = next((q for q in sentence if "average" in q.qualifier.kinds and q.sign == "岁"), None)
        counts = [q for q in sentence if q.sign == "人" and mean is not None and q.start > mean.start]
        if mean is None or len(counts) < 1 or not _AGES.search(view.between(mean.end, counts[-1].end)):
            continue
        if re.search(r"(?:共|总|其中|全部)", view.between(mean.sentence[0], counts[-1].start)):
            continue
        yield Remark(
            "averages", "undecidable", (mean, *counts),
            Text("只有平均数和分组人数，没有总人数，无法核对占比与平均数。", "a mean and counts of groups without the number of all: neither shares nor the mean can be checked."),
        )  # fmt: skip


def _implied(view: View) -> Iterator[Remark]:
    """年均增长56.6% to 2.1亿美元: what it says of the year from which it counts."""
    quantities = view.quantities
    for i, rate in enumerate(quantities):
        if (
            not is_share(rate)
            or "average_annual" not in rate.qualifier.kinds
            or rate.value is None
            or rate.value < STEEP
            or not i
        ):
            continue
        level = quantities[i - 1]
        years = _years(view, rate)
        if not is_level(level) or level.value is None or years is None or level.sentence != rate.sentence:
            continue
        base = WIDE.divide(level.value, (1 + rate.value) ** years)
        yield Remark(
            "implied_base", "holds" if rate.value <= 1 else "suspect", (level, rate),
            Text(f"{years}年年均增长{rate.text}，意味着基期约为{written(level, base, more=2)}，现为其{WIDE.divide(level.value, base):.2f}倍。",
                 f"an average of {rate.text} over {years} years implies a base of about {written(level, base, more=2)}; the level is {WIDE.divide(level.value, base):.2f} times that."),
        )  # fmt: skip


_BASE = re.compile(r"(?:与|比|较)((?:19|20)\d\d)年")


def _years(view: View, rate: Quantity) -> int | None:
    hits = list(_BASE.finditer(view.text, max(rate.sentence[0], rate.start - 300), rate.start))
    hit = hits[-1] if hits else None
    if hit is None or rate.scope.period is None:
        return None
    years = rate.scope.period.last.year - int(hit.group(1))
    return years if 1 < years < 40 else None
