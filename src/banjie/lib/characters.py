"""Characters that nobody sees: which of them are dropped from what people type, and which make it be refused.

Copied text brings marks along that show nothing and break every comparison: a zero-width space in a code makes two codes that
look alike. Those are dropped. Controls and marks that turn the direction of writing around show one thing and mean another
(Unicode Technical Report 36, section 3.3): what holds them is refused. Line ends are for notes only.
"""

from __future__ import annotations

import re

from banjie.lib.text import Text

# Soft hyphen, letter marks of direction, vowel separator, zero-width blanks and joiners, word joiner, byte order mark.
_UNSEEN = re.compile("[\u00ad\u061c\u180e\u200b-\u200f\u2060-\u2064\ufeff]")
_LINE_ENDS = re.compile("\r\n|[\r\u2028\u2029]")
# C0 but tab and line feed, delete, C1, embeddings, overrides and isolates of direction, half characters, what is no character.
_REFUSED = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u206f\ufff9-\ufffb\ufffe\uffff\ud800-\udfff]")
_ODD = re.compile(f"{_UNSEEN.pattern}|[\t\n\r\u2028\u2029]|{_REFUSED.pattern}")


class Unprintable(ValueError):
    """The text holds characters that cannot be kept; ``says`` tells which and where."""

    def __init__(self, says: Text) -> None:
        super().__init__(says.en)
        self.says = says


def printable(text: str, *, lines: bool = False) -> str:
    """The text without what nobody sees, trimmed. ``lines``: it may have several. Raises Unprintable."""
    if not _ODD.search(text):
        return text.strip()
    text = _LINE_ENDS.sub("\n", _UNSEEN.sub("", text)).strip()
    if found := _REFUSED.search(text):
        raise Unprintable(_named(found[0], found.start()))
    if lines:
        return text
    if "\n" in text:
        raise Unprintable(Text("含有换行；这一项只能写一行", "holds a line break; only one line may stand here"))
    return text.replace("\t", " ")


def seen(text: str) -> str:
    """What of a text can be seen: for searching, where nothing is kept and nothing need be refused."""
    return _REFUSED.sub("", _UNSEEN.sub("", text)) if _ODD.search(text) else text


def _named(character: str, position: int) -> Text:
    turned = "\u202a" <= character <= "\u202e" or "\u2066" <= character <= "\u206f"
    what = (
        Text("改变文字方向的隐藏字符", "a hidden mark that turns the direction of writing")
        if turned
        else Text("控制字符", "a control character")
    )
    return Text(
        "第 {n} 个字是{what}（U+{code}），请删去后重填",
        "holds {what} (U+{code}) at character {n}: delete it and enter the text again",
    ).format(n=position + 1, what=what, code=f"{ord(character):04X}")
