"""How a text is written in the file, so that a fault at its 17th character is shown at the right line and column."""

from __future__ import annotations

import re
from dataclasses import dataclass

from banjie.packs.problems import Position

_ESCAPE = re.compile(r"\\(x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|.)", re.DOTALL)
_BLOCK_HEADER = re.compile(r"[|>][-+0-9]*[^\n]*\n")


@dataclass(frozen=True, slots=True)
class Spelling:
    """``spelled`` is the text as in the file, from ``at`` on, with its quotes; ``value`` what it means."""

    at: Position
    spelled: str
    value: str

    def position(self, offset: int) -> Position:
        """The place in the file of the character ``offset`` (from 0) of the value."""
        index = _index_of(self.spelled, self.value, offset)
        before = self.spelled[:index]
        breaks = before.count("\n")
        if not breaks:
            return Position(self.at.file, self.at.line, self.at.column + index)
        return Position(self.at.file, self.at.line + breaks, index - before.rfind("\n"))


def _index_of(spelled: str, value: str, offset: int) -> int:
    """Walk both texts side by side. Folding changes only blanks, so every other character is met in order."""
    index = _start(spelled)
    last = index
    for character in value[: offset + 1]:
        if character.isspace():
            last = index
            continue
        index = _meet(spelled, character, index)
        last = index
        index += _width(spelled, index)
    if offset >= len(value):  # the fault is that the text ends
        return min(index, len(spelled))
    return min(last, len(spelled) - 1)


def _start(spelled: str) -> int:
    header = _BLOCK_HEADER.match(spelled)
    if header:
        return header.end()
    return 1 if spelled[:1] in {'"', "'"} else 0


def _meet(spelled: str, character: str, index: int) -> int:
    """The index at which ``character`` is spelled, from ``index`` on."""
    while index < len(spelled) - 1 and spelled[index] != character and not _escaped(spelled, index):
        index += 1
    return index


def _escaped(spelled: str, index: int) -> bool:
    """An escape in double quotes that spells a character; a line broken with a backslash spells none."""
    return spelled[0] == '"' and spelled[index] == "\\" and spelled[index + 1 : index + 2] not in {"\n", "n", "t", " "}


def _width(spelled: str, index: int) -> int:
    if spelled[0] == '"' and spelled[index : index + 1] == "\\":
        found = _ESCAPE.match(spelled, index)
        return len(found.group()) if found else 1
    return 2 if spelled[0] == "'" and spelled[index : index + 2] == "''" else 1
