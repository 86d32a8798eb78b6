"""Slogans, policies, idioms and place names that contain numerals and count nothing.

``NAMES`` are reported (class ``name``): a reader may ask why 十四五 was not checked. ``IDIOMS`` are passed over in silence.
Both are tables of words, so that an office may read them; the patterns below catch the shapes that the language keeps coining.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from banjie.bulletins.drafts.wordlists import words

NAMES: tuple[str, ...] = words(
    """
十二五 十三五 十四五 十五五 一件事一次办 高效办成一件事 最多跑一次 一次办好 一网通办 一网统管 一窗受理 一窗通办 一门式 一站式 一卡通
一表通 一码通 一张网 一张图 一盘棋 一条龙 一把手 一号文件 三管齐下 双管齐下 三位一体 五位一体 四位一体 四风 两委 两会 两新组织 两山
两学一做 三会一课 三重一大 三严三实 三公经费 三支一扶 四议两公开 五险一金 两癌 三品一标 三下乡 四好农村路 四上企业 两不愁三保障 三农
三资 三强 五好园区 三高四新 三湘四水 两型社会 一老一小 三区三线 双减 双随机 双碳 双招双引 双引擎 双星 双拥 双一流 双报到 六稳 六保
三保 三去一降一补 八项规定 四个意识 四个自信 四个全面 两个维护 两个确立 两个全覆盖 四个不摘 两个责任 两个毫不动摇 两个一百年 三个代表
两个务必 三个务必 四大家 两代表一委员 一带一路 一江两岸 两岸 百里画廊 百花齐放 百强县 千强镇 五保户 三无小区 三类人员 两违 九小场所
三小场所 三防 三同时 三合一 多规合一 三甲医院 十九大 二十大 十八大 八一路 五一路 九三学社 万企兴万村 万企帮万村 千村示范 万村整治
千万工程 百千万工程 第一书记 三大攻坚战 四下基层 一岗双责 一长四员 之一 七一 六一 三八 学前三年 九年义务教育 十二年教育
"""
)
IDIOMS: tuple[str, ...] = words(
    """
统一 一些 一定 一般 一样 一直 一起 一旦 一切 一律 一致 一边 一面 一线 一带 一体 一系列 一方面 一部分 一道 一同 一时 一度 一番
一股 一派 一片 一如既往 一一 进一步 逐一 唯一 单一 万一 专一 第一时间 第一线 第一手 一步步 一个个 一件件 一项项 一条条 一户户
一家家 一次次 一张张 一次性 一家人 一家亲 一点一滴 一段时间 一段时期 一席之地 一年四季 一年一度 一年来 一天天 一年年 一份子 一个人 一个样
一日千里 一门心思 一心一意 一应俱全 一帆风顺 一往无前 一马当先 一体化 一体推进 万千 万众一心 万家灯火 千家万户 进万家 到万家 暖万家
入万家 百家争鸣 百家讲坛 千方百计 千头万绪 千军万马 千载难逢 百姓 百货 百年大计 百年老店 百年奋斗 十分 十足 十全十美 四处 四面八方
四通八达 五湖四海 五颜六色 七嘴八舌 八方 九牛一毛 三天两头 三五成群 三令五申 三番五次 两手抓 两口子 三口之家 两全其美 两难 三轮车
四轮 三次产业 每千人口 每万人口 每万人 每千人 每十万 三角洲 三角 五金 七夕 万达 万象 万物 万能 千古 千金 千斤顶 二元结构 二元化 一元化 多元 三元区 四川 九江 三亚 六安 三明市
九寨沟 五指山 千山 万水千山 三峡 店小二 一分为二 一分钱一分货 举一反三 独一无二 数一数二 接二连三 不二 略知一二 一流 一手 一头 一口气
一步到位 一条心 一家子 一大批 一批批 一批 半数以上学生 一块块 一年到头 每一个 每一名 每一位 每一户 每一家 每一项 每一次 每一件
每一笔 每一条 每一天 每一处 每一场 这一次 这一个 那一个 另一个 另一家 同一个 同一家 任何一个 任何一家 下一个 上一个 某一个 哪一个
这一项
"""
)
AS_COUNT = "个户人次年月天名家件条项期亩元吨周日米辆台场处座所份万亿千百十成倍级大类种位里岁届批名组对只头"

_NUMERALS = "一二两三四五六七八九"
_COINED = re.compile(rf"(?:[{_NUMERALS}][\u4e00-\u9fff](?<![{_NUMERALS}十百千万亿零点]))+")
_SHAPES = re.compile(
    rf"[{_NUMERALS}多]位一体|[{_NUMERALS}十]{{1,3}}届[{_NUMERALS}]中全会|十[{_NUMERALS}]五(?=规划|时期|期间|末|开局|以来|”|\")"
    r"|\d{1,3}分钟[^，。；、\s]{0,6}?圈|\d{1,2}·\d{1,2}"
)
_QUOTED = re.compile(r"[“‘「『]([^“”‘’「」『』\n]{1,14})[”’」』]|\"([^\"\n]{1,14})\"")
_INSIDE = re.compile(rf"(?:(?<!小)(?<!星期)(?<!周)[{_NUMERALS}十]|[百千万](?!姓|货|物|象|能|分)|双)")
_BROKEN = re.compile(r"[，。；！？,;!?、]")


@dataclass(frozen=True, slots=True)
class Named:
    """A stretch of text that is a name, or an idiom to be passed over."""

    start: int
    end: int
    said: bool  # reported as a name; False: passed over


def _alternatives(words: Iterable[str]) -> re.Pattern[str]:
    """One pattern for a table of words, longest first, grouped by their first character so that few are tried anywhere."""
    by_first: dict[str, list[str]] = {}
    for word in sorted(words, key=len, reverse=True):
        by_first.setdefault(word[0], []).append(word[1:])
    groups = (f"{re.escape(first)}(?:{'|'.join(map(re.escape, rest))})" for first, rest in by_first.items())
    return re.compile("|".join(groups))


_WORDS = _alternatives({*NAMES, *IDIOMS})
_SAID = frozenset(NAMES)


def named(text: str) -> tuple[Named, ...]:
    """The names and idioms of a folded text, in order, none within another. A word whose numeral belongs to a longer
    numeral (系统一百二十个: 统一) is none."""
    found = sorted((*_words(text), *_shapes(text), *_coined(text), *_quoted(text)), key=lambda n: (n.start, -n.end))
    kept: list[Named] = []
    for one in found:
        if not kept or one.start >= kept[-1].end:
            kept.append(one)
        elif one.end > kept[-1].end and one.said and not kept[-1].said:
            kept[-1] = one
    return tuple(kept)


def _words(text: str) -> Iterator[Named]:
    for hit in _WORDS.finditer(text):
        word = hit.group()
        if not _torn(text, hit.start(), hit.end()):
            yield Named(hit.start(), hit.end(), word in _SAID)


def _torn(text: str, start: int, end: int) -> bool:
    """Does its first or last numeral belong to a longer one outside?"""
    more = "零一二两三四五六七八九十百千万亿"
    before, after = text[start - 1 : start], text[end : end + 1]
    return (text[start] in more and before != "" and before in more + "第.0123456789") or (
        text[end - 1] in more and after != "" and (after in "十百千万亿" or (after in "个名家户" and text[start] not in more))
    )


def _shapes(text: str) -> Iterator[Named]:
    for hit in _SHAPES.finditer(text):
        yield Named(hit.start(), hit.end(), True)


def _coined(text: str) -> Iterator[Named]:
    """一居一品, 三会一课: numeral and character in turns, at least twice. 一年两次 is no name: what ends as a count counts."""
    for hit in _COINED.finditer(text):
        before = text[hit.start() - 1 : hit.start()]
        pairs = (hit.end() - hit.start()) // 2
        last = text[hit.end() - 1]
        if pairs >= 2 and last not in AS_COUNT and before not in {"第", *"零十百千万亿分点"} and "是" not in hit.group():
            yield Named(hit.start(), hit.end(), True)


def _quoted(text: str) -> Iterator[Named]:
    """A short quotation around a numeral is what somebody calls something, unless it is nothing but a number and its unit."""
    for hit in _QUOTED.finditer(text):
        group = 1 if hit.group(1) is not None else 2
        inner = hit.group(group)
        if _BROKEN.search(inner) or not _INSIDE.search(inner) or _counts(inner):
            continue
        yield Named(*hit.span(group), True)


_ONLY_A_COUNT = re.compile(
    r"\d.*|[约近超]?[一二两三四五六七八九十百千万亿零点]+(?:余|多)?(?:分之.*|成.?|倍|[个名家户人次项件条亩元吨天年]{1,2})|[百千万]亿.*|百分.*"
)


def _counts(inner: str) -> bool:
    return _ONLY_A_COUNT.fullmatch(inner) is not None
