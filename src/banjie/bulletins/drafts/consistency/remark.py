"""What a draft says against itself, or with itself: one remark for each check that could be made."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Literal

from banjie.bulletins.drafts.clauses import Layout, layout
from banjie.bulletins.drafts.quantity import Quantity
from banjie.lib.text import Text

Verdict = Literal["holds", "fails", "suspect", "undecidable"]


@dataclass(frozen=True, slots=True)
class Remark:
    """``items``: the quantities concerned, in the order of the text. ``rule``: the name under which the manual explains the check."""

    rule: str
    verdict: Verdict
    items: tuple[Quantity, ...]
    because: Text


@dataclass(frozen=True, slots=True)
class View:
    """A draft in reading order, as the checks look at it: ``items`` all, ``quantities`` those that count."""

    text: str
    items: tuple[Quantity, ...]
    layout: Layout

    @classmethod
    def of(cls, text: str, items: Sequence[Quantity]) -> View:
        return cls(text, tuple(items), layout(text))

    @property
    def quantities(self) -> tuple[Quantity, ...]:
        return tuple(i for i in self.items if i.kind == "quantity")

    def sentences(self) -> Iterator[tuple[Quantity, ...]]:
        """The quantities of each sentence that has any."""
        for _, group in groupby(self.quantities, key=lambda q: q.sentence[0]):
            yield tuple(group)

    def paragraphs(self) -> Iterator[tuple[Quantity, ...]]:
        for _, group in groupby(self.quantities, key=lambda q: self.layout.paragraph(q.start)[0]):
            yield tuple(group)

    def between(self, start: int, end: int) -> str:
        return self.text[max(0, start) : end]

    def lead(self, quantity: Quantity, length: int = 60) -> str:
        """The words of its clause before a quantity."""
        return self.text[max(quantity.clause[0], quantity.start - length) : quantity.start]

    def behind(self, quantity: Quantity, length: int = 12) -> str:
        """The words right behind a quantity and its qualifier, in its clause."""
        end = quantity.end + quantity.qualifier.after
        return self.text[end : min(max(end, quantity.clause[1]), end + length)]


def is_share(quantity: Quantity) -> bool:
    return quantity.unit is not None and quantity.unit.family == "share"


def is_level(quantity: Quantity) -> bool:
    """An amount or a count, no share, growth or duration."""
    return (
        quantity.value is not None
        and quantity.form == "number"
        and not quantity.per
        and (quantity.unit is None or quantity.unit.family not in {"share", "points", "times", "time", "age"})
    )


def is_threshold(view: View, quantity: Quantity) -> bool:
    """10亿元以上项目, 50万元以上的村: a limit by which others are counted, no count itself."""
    bound = quantity.qualifier.words[-1:] and quantity.qualifier.words[-1] in {"以上", "以下", "以内", "及以上", "及以下"}
    behind = view.behind(quantity, 2)
    return bool(bound) and bool(behind) and ("\u4e00" <= behind[0] <= "\u9fff")
