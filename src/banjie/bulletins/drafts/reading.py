"""The way in: a draft read once, with every quantity in its scope and its articles in order."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from banjie.bulletins.drafts.columns import Arranged, Article, Join, arrange
from banjie.bulletins.drafts.finding import find
from banjie.bulletins.drafts.folding import fold
from banjie.bulletins.drafts.placenames import places
from banjie.bulletins.drafts.quantity import Quantity
from banjie.bulletins.drafts.scope import with_scope
from banjie.lib.errors import Refusal
from banjie.lib.text import Text

LONGEST = 1_000_000  # characters: some five hundred pages


@dataclass(frozen=True, slots=True)
class Draft:
    """``text``: as given; the offsets of ``items`` count its characters. ``reading``: the folded text in reading order, with
    the same items in ``read`` by its offsets: what the checks of consistency look at. ``items`` and ``read`` run side by side."""

    text: str
    reading: str
    on: date
    items: tuple[Quantity, ...]
    read: tuple[Quantity, ...]
    articles: tuple[Article, ...]
    joins: tuple[Join, ...]

    @property
    def quantities(self) -> tuple[Quantity, ...]:
        """The items that say how many or how much, by the offsets of the text as given."""
        return tuple(i for i in self.items if i.kind == "quantity")

    def as_given(self, item: Quantity) -> Quantity:
        """An item of ``read`` by the offsets of the text as given."""
        return self.items[self.read.index(item)]


def read(text: str, on: date, areas: Sequence[str] = ()) -> Draft:
    """Read a draft. ``on``: the day on which it speaks, to which 今年 leans; ``areas``: the names that the area tree knows.

    Refusal where it is longer than some five hundred pages.
    """
    if len(text) > LONGEST:
        raise Refusal(
            Text(
                f"文稿超过{LONGEST // 10000}万字，请分开检查。",
                f"the draft is longer than {LONGEST:,} characters; check it in parts.",
            )
        )
    folded = fold(text)
    arranged = arrange(folded, places(folded, areas))
    reading, seams = _put_together(folded, arranged)
    found = find(reading, on)
    by_paragraph = _articles_by_paragraph(reading, arranged, seams)
    items = with_scope(found.items, reading, found.layout, found.whens, places(reading, areas), by_paragraph, on)
    given = tuple(_given(item, text, seams) for item in items)
    order = sorted(range(len(given)), key=lambda i: given[i].start)
    return Draft(
        text, reading, on, tuple(given[i] for i in order), tuple(items[i] for i in order), arranged.articles, arranged.joins
    )


@dataclass(frozen=True, slots=True)
class _Seam:
    """A paragraph of the reading order: where it begins there, and in the text as given."""

    there: int
    given: int
    length: int
    article: int
    place: str


def _put_together(text: str, arranged: Arranged) -> tuple[str, tuple[_Seam, ...]]:
    parts: list[str] = []
    seams: list[_Seam] = []
    at = 0
    for start, end, article, place, joined in arranged.order:
        if parts and not joined:
            parts.append("\n")
            at += 1
        parts.append(text[start:end])
        seams.append(_Seam(at, start, end - start, article, place))
        at += end - start
    return "".join(parts), tuple(seams)


def _articles_by_paragraph(reading: str, arranged: Arranged, seams: Sequence[_Seam]) -> tuple[tuple[int, str], ...]:
    """For each line of the reading order its article's number and place; joined paragraphs are one line."""
    return tuple(
        (seam.article, seam.place) for seam, entry in zip(seams, arranged.order, strict=True) if not entry[4] or seam.there == 0
    )


def _given(item: Quantity, text: str, seams: Sequence[_Seam]) -> Quantity:
    start, end = _back(item.start, seams), _back(item.end - 1, seams) + 1
    if end - start != item.end - item.start:  # parted by a column's end: what stands before the break
        end = start + item.end - item.start
    clause = (_back(item.clause[0], seams), max(end, _back(max(item.clause[0], item.clause[1] - 1), seams) + 1))
    sentence = (_back(item.sentence[0], seams), max(end, _back(max(item.sentence[0], item.sentence[1] - 1), seams) + 1))
    return replace(item, start=start, end=end, text=text[start:end], clause=clause, sentence=sentence)


def _back(at: int, seams: Sequence[_Seam]) -> int:
    i = max(0, bisect_right(seams, at, key=lambda s: s.there) - 1)
    seam = seams[i]
    return seam.given + min(at - seam.there, seam.length)
