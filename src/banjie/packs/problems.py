"""What is wrong with a pack: every finding with its file, line and column."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from banjie.lib.errors import Refusal
from banjie.lib.text import Text


@dataclass(frozen=True, slots=True, order=True)
class Position:
    """A place in a file of a pack. ``line`` and ``column`` count from 1, in characters; 0 means the file as a whole."""

    file: str
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}" if self.line else self.file


@dataclass(frozen=True, slots=True)
class PackProblem:
    """One finding. ``says`` tells what is wrong and what to do about it."""

    pack: str
    at: Position
    says: Text

    def __str__(self) -> str:
        return f"{self.at}: {self.says}"


class PackError(Refusal):
    """The pack cannot be used as it is. ``problems`` lists all that was found, in the order of the files."""

    def __init__(self, problems: Iterable[PackProblem]) -> None:
        self.problems = tuple(sorted(problems, key=lambda p: p.at))
        shown = self.problems[:50]
        super().__init__(Text("\n".join(f"{p.at}: {p.says.zh}" for p in shown), "\n".join(f"{p.at}: {p.says.en}" for p in shown)))
