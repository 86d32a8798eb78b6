"""Numbers that say which, not how many: 第十二次, 二期, 首个, 一是, (一), 5号, and identifiers such as 国发〔2020〕5号 and G60."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

_NUMERALS = "零一二两三四五六七八九十百千"
_NTH = re.compile(rf"第\s?(?:\d+|[{_NUMERALS}]+)(?:产业|季度|书记|[次届个条批名位章节款项轮期代类种站家部号组版天]?)")
_FIRST = re.compile(r"首[个批家次届条座单款台张例期项部站所名位只份支笔](?!要|先|长)")
_LISTED = re.compile(
    rf"(?:^|(?<=[\n。；;，,：:！？]))\s{{0,4}}(?:(?:其?[{_NUMERALS[1:]}]{{1,3}})(?:是|要|、(?!\d))|\d{{1,2}}[.、．)](?!\d)|\([{_NUMERALS}]{{1,3}}\)|\(\d{{1,2}}\)|[①-⑳])",
    re.M,
)
_TAILED = re.compile(r"\((?:[一二三四五六七八九十]{1,3}|\d{1,2})\)")
_PHASE = re.compile(r"[一二三四五六]期(?![间满末盼])")
_TRIAL = re.compile(r"[一二]审(?![查批])")
_AGAIN = re.compile(
    r"[一二三四五六七八九十]{1,2}次(?=会议|全会|全体|党代会|代表大会)|[一二三四五六七八九十]{1,3}届(?!时)|二次(?=拆迁|供水|创业|开发|污染|分配|利用|加工|装修|征拆|搬迁|元|函)"
)
_DOCUMENT = re.compile(r"(?:(?![和与及据按])[\u4e00-\u9fffA-Z]){0,8}[〔\[(](?:19|20)\d\d[〕\])]\s?\d{1,4}号")
_CODE = re.compile(r"(?:[A-Z]{1,4}(?:/[A-Z])?[- ]?|[A-Za-z]{1,5}-?)\d[\dA-Za-z]*(?:[-.+:]\d+)*")
_LETTERED = re.compile(
    r"\d{1,3}(?:A级|[A-Z](?![A-Za-z])|D|G|K)(?=[\u4e00-\u9fff\W]|$)|\d{1,4}\+[A-Z]\w{0,3}|\d(?:\+\d){0,6}\+[NXnx](?:\+\w)?"
)
_NUMBERED = re.compile(rf"(?:\d{{1,5}}|[{_NUMERALS}]{{1,4}})(?:号(?![召码称])|国道|省道|县道|乡道|路公交|#)")
_HOTLINE = re.compile(
    r"(?:12345|12315|12348|12333|110|119|120|122|96\d{3})(?=[^\d]{0,2}(?:消防|热线|平台|便民|政务|工单|指挥|接警|急救|电话|报警|诉求))"
)
_PHONE = re.compile(r"(?:\d{3,4}-)?\d{7,}(?!\d|[.,]\d|[\u4e00-\u9fff%])|1\d{10}(?!\d)|\d{2,4}-\d{7,8}|\d{21,}")
_RANKED = re.compile(
    r"[前后](?:\d{1,3}(?:名|位|强|列)?(?![\d.%个年季次天月项家户日周轮批期小分万亿])|[一二三四五六七八九十]{1,3}(?:名|位|强|列))"
)
_GRADE = re.compile(r"(?:\d|[一二三四五])(?:级|星级|A级|等奖|年级|号)(?![联领])")


@dataclass(frozen=True, slots=True)
class Placed:
    """``start`` to ``end`` is an ordinal or an identifier (a name)."""

    start: int
    end: int
    kind: Literal["ordinal", "name"]


def listed(text: str) -> dict[int, Placed]:
    """The marks of lists (一是, 1., (一), 其二), by the character at which their numeral begins; found in one pass because they hang on what stands before."""
    found = {}
    for hit in _LISTED.finditer(text):
        start = hit.start() + len(hit.group()) - len(hit.group().lstrip())
        found[start] = Placed(start, hit.end(), "ordinal")
    for hit in _TAILED.finditer(text):
        found.setdefault(hit.start(), Placed(hit.start(), hit.end(), "ordinal"))
    for hit in _DOCUMENT.finditer(text):
        found[hit.start() + re.search(r"\d", hit.group()).start()] = Placed(hit.start(), hit.end(), "name")  # type: ignore[union-attr]
    return found


def placed_at(text: str, at: int) -> Placed | None:
    """The ordinal or identifier that begins at this character."""
    sign = text[at]
    if sign == "第":
        return _placed(_NTH, text, at, "ordinal")
    if sign == "首":
        return _placed(_FIRST, text, at, "ordinal")
    if sign in "前后":
        return _placed(_RANKED, text, at, "ordinal")
    if sign.isascii() and sign.isalpha():
        before = text[at - 1 : at]
        return None if before.isascii() and before.isalnum() else _placed(_CODE, text, at, "name")
    for pattern, kind in _FORMS:
        if hit := pattern.match(text, at):
            return Placed(at, hit.end(), kind)
    return None


_FORMS: tuple[tuple[re.Pattern[str], Literal["ordinal", "name"]], ...] = (
    (_HOTLINE, "name"),
    (_PHONE, "name"),
    (_LETTERED, "name"),
    (_NUMBERED, "ordinal"),
    (_PHASE, "ordinal"),
    (_TRIAL, "ordinal"),
    (_AGAIN, "ordinal"),
    (_GRADE, "ordinal"),
)


def _placed(pattern: re.Pattern[str], text: str, at: int, kind: Literal["ordinal", "name"]) -> Placed | None:
    hit = pattern.match(text, at)
    return Placed(at, hit.end(), kind) if hit else None
