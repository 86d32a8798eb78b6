"""Names of places in running text: those of the county's own area tree first, else what is built like one (宁远县, 南坪街道).

Without a list of areas a name is believed only where a boundary stands before it: a sign, another place's name, or a
word that places stand behind (在, 占, 纳入). 全县 and 我镇 name no place: they point back to the one already spoken of.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from banjie.bulletins.drafts.wordlists import words

_SUFFIX = "省|自治州|市|州|县|区|街道|镇|乡|社区|村"
_PLACE = re.compile(rf"(?:[\u4e00-\u9fff]{{2,3}}?(?:{_SUFFIX}))+")
_LINKS = re.compile(rf"[\u4e00-\u9fff]{{2,3}}?(?:{_SUFFIX})")
_BOUNDARY = frozenset("，,。；;：:、！？!?“”‘’\"'()【】《》—-· \n在到向对与和及为由从将把去于占入以是给按令全")
_BEFORE = (
    "共产党",
    "中共",
    "政协",
    "纳入",
    "来自",
    "位于",
    "走进",
    "记者从",
    "根据",
    "其中",
    "今年",
    "去年",
    "以来",
    "如今",
    "近日",
    "近年来",
    "目前",
    "支持",
    "覆盖",
    "涉及",
    "包括",
)
_NO_STEM = frozenset(
    words(
        """
城市 全市 我市 本市 该市 各市 全县 我县 本县 该县 各县 全区 我区 本区 该区 各区 全镇 我镇 该镇 各镇 全乡 全村 该村 各村 我村 每村 街区 景区
园区 小区 社区 辖区 城区 老城区 校区 库区 地区 片区 灾区 山区 老区 市区 郊区 新区 高新区 开发区 工业区 农村 乡村 行政村 自然村 中心村
宜居村 示范村 贫困村 脱贫村 重点村 美丽乡村 示范县 百强县 大县 强县 小镇 乡镇 建制镇 中心镇 特色小镇 各乡镇 城乡 下乡 返乡 家乡 老乡 进村
驻村 入村 到村 逐村 每个社区 城镇 集镇 所在地 各街道 各社区 该社区 超市 上市 门市 股市 城市社区 工业园区 产业园区 生活区 功能区 服务区 保护区
商圈 住宅小区 居住区 棚户区 流域区 示范区 试验区 合作区 经开区 自贸区 综合体 市场 社会 中小城市 县城 县域 村居 县市区 区县 乡镇街道 个县 个区 个镇 个乡 个村 个社区 个街道
全省 我省 本省 该省 各省 外省 省市 县乡 县市 县区 市县 跨市 跨县 跨省 出省 在县 在市 各级市 地级市 县级市
"""
    )
)
_POINTING = re.compile(r"(?:全|我|本|该|辖)(?:省|市|县|区|街道|镇|乡|社区|村)")


_NO_NAME = frozenset(
    words(
        """
新增 建成 各类 老旧 全部 开展 其中 所有 基层 城市 农业 物流 工业 中心 打造 建设 推进 部分 重点 试点 示范 人均 年末 高于 低于 居全 列全 全体 多个
覆盖 涉及 惠及 走进 深入 服务 实施 完成 实现 推动 加快 促进 美丽 特色 传统 沿线 周边 附近 偏远 边远 贫困 脱贫 整个 产业 高新 经开 开发 自贸 保税 商业 合格 达标 验收 受灾 受益 参与 应验收
"""
    )
)
_SLOGAN = frozenset("兴强立活富治稳靓旺促名大")  # 交通兴县, 工业强县
_NO_TAIL = (
    "地区",
    "园区",
    "小区",
    "农村",
    "城镇",
    "乡村",
    "城乡",
    "乡镇",
    "全县",
    "全市",
    "全镇",
    "全区",
    "全省",
    "全村",
    "城区",
    "景区",
    "辖区",
    "社区村",
)
_NOT_BEHIND = frozenset("民场级域里内外居道民长干容营校企情史花树貌办")  # 村民, 市场, 县级, 镇域: another word


@dataclass(frozen=True, slots=True)
class Place:
    """A place named at ``start``; an empty name points back to the place already spoken of (全县)."""

    start: int
    end: int
    name: str


def places(text: str, areas: Sequence[str] = ()) -> tuple[Place, ...]:
    """All places of a folded text, in order. ``areas``: the names that the area tree knows."""
    known = _known(text, areas)
    taken = [(p.start, p.end) for p in known]
    built = [p for p in _built(text) if all(p.end <= s or p.start >= e for s, e in taken)] if len(taken) < 400 else []
    pointing = [Place(hit.start(), hit.end(), "") for hit in _POINTING.finditer(text)]
    return tuple(sorted((*known, *built, *pointing), key=lambda p: p.start))


def _known(text: str, areas: Sequence[str]) -> list[Place]:
    if not areas:
        return []
    pattern = re.compile("|".join(re.escape(a) for a in sorted({a for a in areas if len(a) > 1}, key=len, reverse=True)))
    return [Place(hit.start(), hit.end(), hit.group()) for hit in pattern.finditer(text)]


def _built(text: str) -> list[Place]:
    found = []
    for hit in _PLACE.finditer(text):
        start = hit.start()
        if text[hit.end() : hit.end() + 1] in _NOT_BEHIND and not text.startswith("民政", hit.end()):
            continue
        if not _bounded(text, start) or text[start] in _BOUNDARY:
            start = _later_start(text, hit)
        name = text[start : hit.end()]
        links = _LINKS.findall(name) if start >= 0 else []
        if (
            start >= 0
            and links
            and "".join(links) == name
            and not any(_no_name(link) or link[0] in "全各该每我本个跨沿实多几数两三四五六七八九十百" for link in links)
        ):
            found.append(Place(start, hit.end(), name))
    return found


def _no_name(link: str) -> bool:
    stem = re.sub(rf"(?:{_SUFFIX})$", "", link)
    return (
        stem[-1:] in _SLOGAN
        or link in _NO_STEM
        or stem in _NO_NAME
        or link.endswith(_NO_TAIL)
        or any(c in "上的于其在和与及为到把被中各每下内外前后" for c in stem)
    )


def _later_start(text: str, hit: re.Match[str]) -> int:
    """Where within the run a boundary word ends (纳入湖南省: behind 纳入); -1 where there is none."""
    for at in range(hit.start() + 1, min(hit.start() + 4, hit.end() - 2)):
        if _bounded(text, at):
            return at
    return -1


def _bounded(text: str, at: int) -> bool:
    dated = at > 1 and text[at - 1] in "年月日" and text[at - 2].isdigit()
    return at == 0 or dated or text[at - 1] in _BOUNDARY or text.endswith(_BEFORE, 0, at)
