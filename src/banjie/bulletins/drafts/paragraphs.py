"""What each paragraph of a page is: headline, section heading, byline, caption, body, and whether it breaks off."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

ParagraphKind = Literal["head", "section", "byline", "caption", "body"]
_SECTION = re.compile(
    r"【.*】|[一二三四五六七八九十]+、.{0,38}|\([一二三四五六七八九十]+\).{0,38}|第[一二三四五六七八九十]+[章节部分].{0,38}|\d{1,2}[.、].{0,20}|#{1,6} .*"
)
_BYLINE = re.compile(r"(?:[\u4e00-\u9fff·]{2,4}[ 、]){1,8}[\u4e00-\u9fff·]{2,4}|(?:本报)?(?:记者|通讯员)[ :].{2,30}")
_CAPTION = re.compile(r".{2,40}\([^()]{2,20}(?:供图|摄|图)\)|.{2,40}(?:供图|摄)")
_SIGNED = re.compile(r"(?:^|[。！？…”’!?])\((?:[\u4e00-\u9fff·]{2,4}[ 、]?){1,4}\)$")
_LISTED = re.compile(r"\s*(?:[-*•·●■◆○]|\(?[一二三四五六七八九十\d]{1,3}(?:[)、．]|\.(?!\d))|[①-⑳]|\||#)")
_ENDS = frozenset('。！？!?…”’"」』)】：:；;|')
HEAD = 32  # the longest line that may be a heading


@dataclass(frozen=True, slots=True)
class Paragraph:
    """``start``, ``end``: characters of the text. ``open``: it breaks off without a sign; ``signed``: the author's name ends it."""

    start: int
    end: int
    kind: ParagraphKind
    open: bool
    signed: bool
    listed: bool
    fragment: bool  # begins with the end of a sentence (场舞。欢快的歌声…)


def paragraphs_of(text: str) -> tuple[Paragraph, ...]:
    """The paragraphs that hold anything, in order."""
    found, at = [], 0
    for line in text.split("\n"):
        if line.strip():
            lead = len(line) - len(line.lstrip())
            found.append(_paragraph(line.strip(), at + lead, at + len(line.rstrip())))
        at += len(line) + 1
    return tuple(found)


def _paragraph(line: str, start: int, end: int) -> Paragraph:
    short = len(line) <= HEAD
    closed = line[-1] in _ENDS
    signed = len(line) < 4000 and bool(_SIGNED.search(line[-24:]))
    listed = bool(_LISTED.match(line))
    kind: ParagraphKind = "body"
    if signed and len(line) <= 16:
        kind = "body"
    elif short and _CAPTION.fullmatch(line):
        kind = "caption"
    elif short and _SECTION.fullmatch(line) and not line.endswith(("。", "；", ";")):
        kind = "section"
    elif short and _BYLINE.fullmatch(line) and "——" not in line:
        kind = "byline"
    elif short and not line.endswith(("。", "！", "？", "；", ";", "，", ",")):
        kind = "head"
    first = re.match(r"[\u4e00-\u9fff]{1,3}[。！？]", line)
    return Paragraph(start, end, kind, kind == "body" and not closed, signed, listed, bool(first) and len(line) > 20)
