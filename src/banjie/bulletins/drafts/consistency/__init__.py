"""What a draft can be held to without any record. One file an idea; ``RULES`` lists them all, with what the manual says of each."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from banjie.bulletins.drafts.consistency import (
    achieved,
    growth,
    households,
    lists,
    parts,
    permille,
    plausible,
    rates,
    repeats,
    shares,
)
from banjie.bulletins.drafts.consistency.remark import Remark, Verdict, View
from banjie.bulletins.drafts.reading import Draft
from banjie.lib.text import Text

CHECKS: tuple[Callable[[View], Iterator[Remark]], ...] = (
    shares.check,
    rates.check,
    repeats.check,
    households.check,
    growth.check,
    parts.check,
    permille.check,
    lists.check,
    achieved.check,
    plausible.check,
)
RULES: dict[str, Text] = {
    "shares": Text("同一整体的各部分占比之和应为100", "shares of one whole add up to 100"),
    "rates": Text("比率应与文中的两个数相符", "a rate follows from the two numbers of the text"),
    "repeats": Text("同一数据前后应一致", "one fact printed twice is printed alike"),
    "households": Text("数户用「户」，数人用「人」", "households are not counted as persons"),
    "growth": Text("增幅应与前后两个水平相符", "growth agrees with the two levels"),
    "pace": Text("半年或数月超过上年全年，须核实", "a part of a year that outdoes the whole year before is looked at again"),
    "parts": Text("部分不大于整体", "a part is no larger than its whole"),
    "outputs": Text("各产业产值之和不大于工业总产值", "outputs of single industries do not exceed that of all"),
    "permille": Text("规定以‰计的指标不写成%", "an index defined per mille is not given per cent"),
    "lists": Text("「几大」「几项」与所列的项数相同", "an announced count is that of the list"),
    "achieved": Text("计划、产能、意向不写成已完成", "plan, capacity and intention are not presented as achieved"),
    "officers": Text("每次执法检查不少于两人", "no inspection with fewer than two officers"),
    "whole_numbers": Text("户数、家数的比例应能由整数得出", "a share of things that come whole comes from a whole number"),
    "floor_area": Text("建筑面积与占地面积相称", "floor area is in keeping with the land"),
    "averages": Text("平均数与分组数须有总数才能核对", "a mean and counts of groups need the number of all"),
    "implied_base": Text("年均增幅所意味的基期数应合理", "the base that an average growth implies is plausible"),
}


@dataclass(frozen=True, slots=True)
class Report:
    """The remarks of one draft, in the order of its text; ``items`` of each by the offsets of the text as given."""

    remarks: tuple[Remark, ...]

    def of(self, verdict: Verdict) -> tuple[Remark, ...]:
        return tuple(r for r in self.remarks if r.verdict == verdict)

    def as_list(self) -> list[dict[str, object]]:
        """The shape of ``consistency`` in ``banjie check --json``."""
        return [
            {"rule": r.rule, "verdict": r.verdict, "spans": [[i.start, i.end] for i in r.items], "because": r.because.as_dict()}
            for r in self.remarks
        ]


def check(draft: Draft) -> Report:
    """All checks over a draft. One remark for one rule and the same quantities; the gravest stays."""
    view = View.of(draft.reading, sorted(draft.read, key=lambda i: i.start))
    given = {(i.start, i.end): j for i, j in zip(draft.read, draft.items, strict=True)}
    kept: dict[tuple[str, tuple[int, ...]], Remark] = {}
    for one in CHECKS:
        for remark in one(view):
            items = tuple(given[(i.start, i.end)] for i in remark.items)
            key = (remark.rule, tuple(i.start for i in items))
            if key not in kept or _GRAVITY[remark.verdict] > _GRAVITY[kept[key].verdict]:
                kept[key] = replace(remark, items=items)
    return Report(tuple(sorted(kept.values(), key=lambda r: (r.items[0].start, r.rule))))


_GRAVITY: dict[Verdict, int] = {"holds": 0, "undecidable": 1, "suspect": 2, "fails": 3}
