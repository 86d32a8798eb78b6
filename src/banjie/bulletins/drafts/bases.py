"""Is a number achieved, planned, aimed at, possible, or only intended? The words that say so, nearest first."""

from __future__ import annotations

import re

from banjie.bulletins.drafts.wordlists import words
from banjie.lib.text import Text

WORDS: dict[str, tuple[str, ...]] = {
    "plan": words(
        "计划 拟 规划 安排 任务 年度计划 计划投资 部署 将提供 将达 将新增 将建 将实施 将突破 将完成 将投入 将实现 将带动 将超 将着力 即将 planned plan"
    ),
    "target": words("目标 力争 争取 确保 预期 迈向 奔向 朝着 冲刺 target"),
    "estimate": words("预计 预估 估算 有望 预测 estimated expected"),
    "capacity": words(
        "产能 设计 可年产 年产能 可实现 可容纳 可提供 可吸纳 可带动 建成后 投产后 达产后 投用后 能完成 可年处理 可处理 能够 可新增 可达 capacity"
    ),
    "intention": words("意向 洽谈 有意 意愿 intention"),
    "actual": words("已 完成 累计 截至 截止 实际 新增 达成 现有 现已 共有 发放 实现 同比 开工 竣工 投产 completed actual"),
}
AFTER: dict[str, tuple[str, ...]] = {
    "capacity": ("产能", "的生产能力", "生产能力", "处理能力"),
    "intention": ("企业达成入园意向", "意向", "达成意向"),
    "target": ("的目标", "目标", "产业”的目标", "产业目标"),
    "plan": ("的计划", "计划", "任务"),
}
TITLES: dict[str, Text] = {
    "actual": Text("实际完成", "achieved"),
    "plan": Text("计划", "planned"),
    "target": Text("目标", "a target"),
    "estimate": Text("预计", "estimated"),
    "capacity": Text("能力", "a capacity"),
    "intention": Text("意向", "an intention"),
}
CARRIED = frozenset(
    {"plan", "target", "estimate", "capacity"}
)  # … to the later clauses of a sentence, until something achieved is named
_BY_WORD = {word: basis for basis, table in WORDS.items() for word in table}
_ALL = re.compile("|".join(sorted(map(re.escape, _BY_WORD), key=len, reverse=True)))
_CLAUSE = re.compile(r"[^，,。；;：:、\n]*")
_ANYWHERE = frozenset({"capacity", "intention"})
_OF_PLAN = re.compile(r"(?:完成|占|达到?|为)[^，,。；;]{0,12}(?:计划|目标|任务)[^，,。；;]{0,6}的?$")
_NAMES_OF_PLANS = re.compile(r"(?:规划|计划|安排|目标)(?:纲要|文件|局|书|方案)")


def basis_of(lead: str, behind: str, carried: str) -> str:
    """``lead``: the clause before the number; ``behind``: what follows it in the clause; ``carried``: the basis so far in its sentence."""
    if behind.startswith(("级", "”级", "”产业")):  # 千亿级园区
        return "target"
    clause = _CLAUSE.match(behind)
    for basis, table in AFTER.items():
        if behind.startswith(table) or (
            basis in _ANYWHERE and clause is not None and any(word in clause.group() for word in table)
        ):
            return basis
    if _OF_PLAN.search(lead):  # 完成年度计划的80%: a share of the plan that is achieved
        return "actual"
    said = [_BY_WORD[hit.group()] for hit in _ALL.finditer(_NAMES_OF_PLANS.sub("", lead))]
    if not said:
        return carried
    if (
        said[-1] == "actual"
        and any(s in CARRIED for s in said)
        and lead.endswith(("实现", "新增", "带动", "完成", "完成投资", "实现年产值", "新增就业"))
    ):
        return next(s for s in said if s in CARRIED)  # 建成后可实现年产值, 力争完成投资
    if said[-1] == "actual" and carried in CARRIED and not re.search("已|累计|截至|截止|实际|现有|同比", lead):
        return carried
    return said[-1]
