"""A heading taken apart: its words, the unit behind them, the period, and whether it asks for a total or for growth."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from banjie.bulletins.forms.when import When, parted_when
from banjie.lib.units import UNITS
from banjie.registers.headings import REMARKS, narrow, parted, scales

_NUMBERING = re.compile(r"^(?:[一二三四五六七八九十]{1,3}[、.]|\d{1,2}[、.](?!\d)|\((?:[一二三四五六七八九十]{1,3}|\d{1,2})\)|#)")
_CIRCLED = "①②③④⑤⑥⑦⑧⑨⑩⑪⑫ \t\r\n"
_AMONG = re.compile(r"^(?:其中|内)[::]?")
_GROWTH = re.compile(
    r"(?:同比|比上年同期|较上年同期|比上年|较上年|比去年同期|比去年)(?:增长|增减|±|增幅|增速)?(?:率|幅度)?|^(?:增长率|增速|增幅|增长)$|yearonyear"
)
_WHOLE = re.compile(r"总计|合计|共计|小计|总数|总体|全(?:县|市|区|镇|乡|街道)(?:合计|总计)?|县(?:级)?合计|total|all")
_LOOSE = re.compile(r"(?:情况|进度情况|指标|内容|数据|统计)$")
_FILLER = re.compile(r"(?:个数|数量|总数|户数|件数|总额|数额|金额|数|额|情况)$")
NOT_ASKED = {
    "备注", "说明", "序号", "行号", "编号", "no", "no.", "#", "代码", "指标代码", "remarks", "notes", "签字", "签名", "盖章", "公章",
}  # fmt: skip
VALUES = {"数值", "数据", "数量", "金额", "数", "值", "完成数", "实绩", "value", "values", "amount", "number"}
UNIT_HEADING = {"计量单位", "单位", "unit", "units"}


@dataclass(frozen=True)
class Phrase:
    """``whole``: as it stands, narrowed, without its unit; ``core``: without the period, numbering and words of growth too."""

    whole: str
    core: str
    unit: str = ""
    when: When | None = None
    growth: bool = False
    total: bool = False

    @property
    def not_asked(self) -> bool:
        """A column for remarks, counters and signatures."""
        return self.core in NOT_ASKED


@lru_cache(maxsize=1)
def _units() -> frozenset[str]:
    """Every word that may stand for a unit: 万元, 亩, %, 个百分点, 万户."""
    return frozenset(word for code in UNITS for word in scales(code))


def is_unit(word: str) -> bool:
    return word in _units()


def folded(core: str) -> str:
    """A name without what only says that it counts: 项目个数 and 项目数 are 项目."""
    return _FILLER.sub("", core) or core


def loose(core: str) -> str:
    """An upper heading without what only says that it heads: 投资情况 is 投资."""
    return _LOOSE.sub("", core) or core


@lru_cache(maxsize=4096)
def phrase(text: str) -> Phrase:
    """Take a heading apart."""
    whole, unit = _without_unit(narrow(text.lstrip(_CIRCLED))[:200])
    bare = _AMONG.sub("", _NUMBERING.sub("", whole))
    growth = bool(_GROWTH.search(bare))  # before the period: 比上年同期增长 is no period
    core, when = parted_when(_GROWTH.sub("", bare))
    core = core.strip("()-—、,，:：.。")
    total = bool(_WHOLE.fullmatch(core))
    return Phrase(whole, "" if total else core, unit, when, growth, total)


def _without_unit(text: str) -> tuple[str, str]:
    bare = text.strip("()[]")
    if is_unit(bare):
        return "", bare
    base, stated = parted(text)
    if stated and (is_unit(stated) or stated in REMARKS):
        return base, stated if is_unit(stated) else ""
    if stated and (found := next((u for u in re.split(r"[,，、/;；]", stated) if is_unit(u)), "")):
        return base, found
    for sign in ("%", "‰"):
        if text.endswith(sign):
            return text[:-1], sign
    return text, ""
