"""Marks in the text of an issue: ``⟦126.5亿元|n1⟧`` is the number n1 as it was frozen, ``⟦各乡镇进度|by_town⟧`` a block.

A person may move a mark or take it out, and may write around it; what stands inside was computed and is not typed over.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from banjie.lib.errors import Invalid, Problem
from banjie.lib.text import Language, Text

LONGEST = 200_000  # characters of an issue's text in one language
MARK = re.compile(r"⟦([^⟦⟧|]*)\|([a-z][a-z0-9_]{0,47})⟧")
_BRACKETS = re.compile(r"[⟦⟧]")
TITLES = {"zh": Text("中文正文", "Chinese text"), "en": Text("英文正文", "English text")}


def mark(shown: str, name: str) -> str:
    """A mark. What is shown cannot itself hold one."""
    return f"⟦{_BRACKETS.sub('', shown).replace('|', '/')}|{name}⟧"


def marks(text: str) -> Iterator[tuple[str, str]]:
    """(what is shown, name) of every mark."""
    return ((found[1], found[2]) for found in MARK.finditer(text))


def checked(text: str, frozen: Mapping[str, Any], language: Language) -> str:
    """The text with its line ends made plain. Raises Invalid, naming the first marks that are not as they were frozen."""
    plain = text.replace("\r\n", "\n").replace("\r", "\n")
    problems = list(_problems(plain, frozen, language))
    if problems:
        raise Invalid(problems[:5], {"text_zh": TITLES["zh"], "text_en": TITLES["en"]})
    return plain.strip() + "\n"


def _problems(text: str, frozen: Mapping[str, Any], language: Language) -> Iterator[Problem]:
    where = f"text_{language}"
    if len(text) > LONGEST:
        yield Problem(where, None, Text(f"正文超过 {LONGEST} 字", f"the text is longer than {LONGEST} characters"))
        return
    if not text.strip():
        yield Problem(where, None, Text("正文不能为空", "the text must not be empty"))
    if "\x00" in text:
        yield Problem(where, None, Text("正文中有不能保存的字符", "the text has a character that cannot be kept"))
    for shown, name in marks(text):
        known = meant(name, frozen, language)
        if known is None:
            says = Text("没有标记「{name}」，请删去", "there is no mark {name}: take it out")
            yield Problem(where, shown, says.format(name=name))
        elif shown != known:
            says = Text(
                "标记内的「{shown}」由记录算出，应为「{known}」，不能直接改；数据有误请更正记录，或删去标记另写",
                "“{shown}” inside a mark was computed and reads {known}: it cannot be typed over. Correct the records, or take the mark out",
            )
            yield Problem(where, shown, says.format(shown=shown, known=known))
    if _BRACKETS.search(MARK.sub("", text)):
        yield Problem(where, None, Text("有不完整的标记 ⟦…⟧，请恢复或删去", "a mark ⟦…⟧ is broken: restore it or take it out"))


def meant(name: str, frozen: Mapping[str, Any], language: Language) -> str | None:
    """What a mark of this name shows; None where there is none."""
    if name in frozen["numbers"]:
        return mark(frozen["numbers"][name][language], name)[1:].split("|")[0]
    block = frozen["blocks"].get(name)
    return mark(block["title"][language], name)[1:].split("|")[0] if block else None
