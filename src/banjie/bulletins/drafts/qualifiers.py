"""The words around a number that change what it claims. One table; ``comparing`` gives each bound its rule.

Bounds after 民法典 art. 1259: 以上, 以下, 以内 include the number itself; 超过, 不满, 以外 do not.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from banjie.bulletins.drafts.wordlists import words

# bound: the words that stand directly before the number
BEFORE: dict[str, str] = {
    **dict.fromkeys(
        words("大约 约 约为 约有 约占 约达 大概 大致 估计 预估 约合 左右约 近似 about around roughly approximately some"), "about"
    ),
    **dict.fromkeys(
        words("超 超过 已超 已超过 超出 突破 已突破 首次突破 破 逾 已逾 高于 多于 大于 远超 over exceeding above exceeded"),
        "above",
    ),
    "more than": "above",
    "exceeded": "above",
    **dict.fromkeys(["近", "将近", "接近", "逼近", "nearly", "almost"], "nearly"),
    **dict.fromkeys(words("不到 不足 未满 不满 低于 少于 小于 未达到 未达 below under"), "below"),
    "less than": "below",
    "fewer than": "below",
    **dict.fromkeys(words("不少于 不低于 不小于 至少 起码 最少 不下于 不下 最低 上 达上"), "at_least"),
    "at least": "at_least",
    "no less than": "at_least",
    **dict.fromkeys(
        words("不超过 不高于 不多于 不大于 至多 最多 最高 控制在 不得超过 未超过 严格控制在 压缩到 压减到 不超"), "at_most"
    ),
    "at most": "at_most",
    "up to": "at_most",
    "no more than": "at_most",
    "not more than": "at_most",
}
# what stands inside the number or directly behind it
INSIDE: dict[str, str] = {"余": "more", "多": "more", "来": "about", "几": "vague", "数": "vague"}
AFTER: dict[str, str] = {
    **dict.fromkeys(["左右", "上下", "前后", "or so"], "about"),
    **dict.fromkeys(["以上", "及以上", "之上"], "at_least"),
    "or more": "at_least",
    **dict.fromkeys(["以下", "及以下", "以内", "之内", "之下", "内"], "at_most"),
    "以外": "above",
    "不到": "below",
    "有余": "more",
}
# words that do not bound the number but say what kind of number it is: directly before it, or earlier in its clause
KINDS: dict[str, str] = {
    **dict.fromkeys(words("累计 累积 总计 合计 共计 总共 一共 共 共有 total cumulative"), "total"),
    **dict.fromkeys(["年均", "年均增长", "average annual"], "average_annual"),
    **dict.fromkeys(["同比", "同期", "较上年", "较去年", "比上年", "比去年", "year on year"], "year_on_year"),
    **dict.fromkeys(["环比", "较上月", "比上月", "比上季度"], "on_previous"),
    **dict.fromkeys(["平均", "人均", "户均", "亩均", "均", "average"], "average"),
    **dict.fromkeys(words("每年 每月 每周 每天 每日 每季度 每季 每 per"), "per"),
    **dict.fromkeys(words("达 达到 已达 已达到 高达 实现 完成 reached"), "reached"),
    **dict.fromkeys(["稳定在", "保持在", "维持在", "stood at"], "steady"),
    **dict.fromkeys(["目前", "截至目前", "现已", "已", "现有"], "so_far"),
}
UP = ("增长", "上升", "提高", "增加", "提升", "增幅", "上涨", "回升", "扩大", "增速", "翻", "up", "rose", "grew", "增")
DOWN = ("下降", "减少", "降低", "回落", "下跌", "下滑", "降幅", "缩减", "压减", "减", "降", "down", "fell", "negative", "负增长")
WORDS_ZH: dict[str, str] = {
    "about": "约", "above": "超", "nearly": "近", "below": "不到", "at_least": "以上", "at_most": "以下", "more": "余", "vague": "数",
}  # fmt: skip

_FILLERS = (
    *words("开展 举办 组织 进行 召开 巡护 走访 发放 安排 上门 配备 设立 开设 学习 维护"),
    "为",
    "有",
    "了",
    "是",
    "到",
    "在",
    "至",
    "于",
    "的",
    "已",
    "共",
    "以",
    "占",
    "仅",
    "出",
    "成",
    "过",
    "合",
    "计",
    "人民币",
    " ",
    "“",
    "‘",
    '"',
)
_BEFORE = frozenset({**BEFORE, **KINDS})
_LONGEST = max(map(len, _BEFORE))
_AFTER = sorted(AFTER, key=len, reverse=True)
_IN_CLAUSE = re.compile(
    "|".join(sorted((w for w in KINDS if len(w) > 1 and KINDS[w] not in {"reached", "so_far"}), key=len, reverse=True))
)
_MOVE = re.compile("|".join(sorted((*UP, *DOWN), key=len, reverse=True)))


@dataclass(frozen=True, slots=True)
class Qualifier:
    """``words``: as printed, in order. ``bound``: what they claim. ``kinds``: total, average_annual, year_on_year, … ``move``: up, down or nothing."""

    words: tuple[str, ...] = ()
    bound: str = "exact"
    kinds: tuple[str, ...] = ()
    move: str = ""
    after: int = 0  # how many characters behind the number belong to it


def qualifier_of(text: str, start: int, end: int, floor: int, inside: tuple[str, ...]) -> Qualifier:
    """What qualifies the number at ``start``–``end``. ``floor``: where its clause, or the number before it, ends;
    ``inside``: the words already read within it (余, 多)."""
    words, bounds, kinds = _directly_before(text, start, floor)
    lead = text[floor:start]
    for hit in _IN_CLAUSE.finditer(lead):
        if KINDS[hit.group()] not in kinds:
            kinds.append(KINDS[hit.group()])
            words.insert(0, hit.group())
    moves = [hit.group() for hit in _MOVE.finditer(lead[-12:])]
    behind = next((w for w in _AFTER if text.startswith(w, end) and not _is_place(text, end, w)), "")
    bounds += [INSIDE[w] for w in inside] + ([AFTER[behind]] if behind else [])
    words += [*inside, *([behind] if behind else [])]
    move = "" if not moves else ("up" if moves[-1] in UP else "down")
    return Qualifier(tuple(dict.fromkeys(words)), _one(bounds), tuple(kinds), move, len(behind))


def _is_place(text: str, end: int, word: str) -> bool:
    """内 behind a number is a limit only with time: 10日内; 3个村内 is a place."""
    return word == "内" and text[end - 1] not in "天日时月年周钟"


def _directly_before(text: str, start: int, floor: int) -> tuple[list[str], list[str], list[str]]:
    words: list[str] = []
    bounds: list[str] = []
    kinds: list[str] = []
    floor = max(floor, start - 5 * _LONGEST)
    text, start, floor = text[floor:start].lower(), start - floor, 0
    at = start
    for _ in range(5):
        word = _word_before(text, at, floor)
        if not word:
            filler = next((f for f in _FILLERS if text.endswith(f, floor, at)), "")
            at -= len(filler)
            word = _word_before(text, at, floor) if filler else ""
        if not word:
            break
        words.insert(0, word)
        (bounds if word in BEFORE else kinds).append(BEFORE.get(word) or KINDS[word])
        at -= len(word)
    return words, bounds, kinds


def _word_before(text: str, at: int, floor: int) -> str:
    """The longest qualifier that ends at this character."""
    for length in range(min(_LONGEST, at - floor), 0, -1):
        word = text[at - length : at]
        if word in _BEFORE and fits(word, text[max(floor, at - length - 1) : at - length]):
            return word
    return ""


def fits(word: str, lead: str) -> bool:
    """A word of one character is a qualifier only where it does not end another: 大约 is, 节约 is not; 上百 is, 网上 is not."""
    ends = {"约": "节条预特签违集公制简誓盟履协相解缴", "近": "附邻最就靠亲贴临", "破": "打磨踏冲", "上": "以线网路会村县乡市年月早晚马之身础山地加际面街场址车岗市楼",
            "超": "商大型赶高", "共": "公", "均": "平人户亩年", "过": "经通超", "破解": ""}.get(word, "")  # fmt: skip
    return not (lead and ends and lead[-1] in ends)


def _one(bounds: list[str]) -> str:
    """The bound of several words together: 控制在1%左右 is about, 超过1000余 is above, 约10余 is about, 稳定在…以上 is at least."""
    if not bounds:
        return "exact"
    if "vague" in bounds:
        return "vague"
    for first in ("about", "nearly", "below", "above"):
        if first in bounds:
            return first
    return bounds[-1]
