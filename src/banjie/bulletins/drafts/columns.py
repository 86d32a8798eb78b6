"""A newspaper page whose columns were interleaved, put back in order as far as the text allows.

A paragraph that breaks off without a sign waits for its continuation. Each later paragraph goes to the article whose words it
shares most (pairs of characters, rare ones weighing more); an author's name in brackets ends an article; a paragraph that begins with
the end of a sentence, or stands behind a finished article without a headline, belongs to an article whose head is lost. Every join is
reported, and so is every end that found no continuation: what was guessed is marked, not hidden.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from math import log, sqrt
from typing import Literal

from banjie.bulletins.drafts.paragraphs import Paragraph, paragraphs_of
from banjie.bulletins.drafts.placenames import Place

_DIRECTED = re.compile(r"[运送发开通飞赶驶寄销][往到抵达至]")  # a verb and its direction, parted by a column's end
_DATELINE = re.compile(r"[\u4e00-\u9fff]{2,8}[:：]")
_ON_A_PAGE = 60  # articles among which a broken end may wait
_BESIDE = 6  # articles that may stand side by side on a page
_RECENT = 3  # paragraphs back at which an article without a broken end may still go on
_PAIRS = 1500  # pairs of characters looked at in one paragraph


@dataclass(frozen=True, slots=True)
class Join:
    """``start``: where the broken end lies; ``end``: where its continuation begins, None where it was not found.
    ``sure``: the continuation stands directly behind; False: it was chosen by what it speaks of."""

    start: int
    end: int | None
    sure: bool
    kind: Literal["break", "gap"] = "break"


@dataclass(frozen=True, slots=True)
class Article:
    """``paragraphs``: the first characters of its paragraphs, in reading order. ``headless``: its beginning is lost."""

    title: str
    place: str
    headless: bool
    paragraphs: tuple[int, ...]


@dataclass(slots=True)
class _Open:
    """An article while it is being put together."""

    heads: list[int] = field(default_factory=list)
    order: list[int] = field(default_factory=list)
    waiting: list[int] = field(default_factory=list)  # paragraphs that broke off and have no continuation yet
    closed: bool = False
    has_body: bool = False
    headless: bool = False
    words: Counter[str] = field(default_factory=Counter)
    place: str = ""


@dataclass(frozen=True, slots=True)
class Arranged:
    """The articles, and the paragraphs in reading order: (start, end, article, place, joined to the one before)."""

    articles: tuple[Article, ...]
    joins: tuple[Join, ...]
    order: tuple[tuple[int, int, int, str, bool], ...]


def arrange(text: str, places: Sequence[Place]) -> Arranged:
    """Put the paragraphs of a folded text in order."""
    return _Page(text, places).arranged()


class _Page:
    def __init__(self, text: str, places: Sequence[Place]) -> None:
        self.text = text
        self.paragraphs = paragraphs_of(text)
        self.places = self._places_by_paragraph(places)
        self.articles: list[_Open] = []
        self.joined: dict[int, tuple[int, bool]] = {}  # continuation → (what it continues, is that sure)
        self.pairs = [self._pairs(p) for p in self.paragraphs] if self._a_page() else []
        spread = Counter(pair for pairs in self.pairs for pair in pairs)
        self.weight = {pair: log(len(self.paragraphs) / n) for pair, n in spread.items()}

    def _a_page(self) -> bool:
        """Are there several articles, or ends that break off? A list without full stops is neither."""
        body = [p for p in self.paragraphs if p.kind == "body"]
        broken = sum(p.open and not p.listed for p in body)
        self.is_page = bool(broken or any(p.signed for p in body[:-1])) and broken * 2 <= len(body) + 1
        return self.is_page

    def _pairs(self, p: Paragraph) -> Counter[str]:
        line = self.text[p.start : min(p.end, p.start + _PAIRS)]
        return Counter(
            line[i : i + 2]
            for i in range(len(line) - 1)
            if "\u4e00" <= line[i] <= "\u9fff" and "\u4e00" <= line[i + 1] <= "\u9fff"
        )

    def _places_by_paragraph(self, places: Sequence[Place]) -> list[list[str]]:
        sorted_places, at, found = sorted((p for p in places if p.name), key=lambda p: p.start), 0, []
        for paragraph in self.paragraphs:
            mine = []
            while at < len(sorted_places) and sorted_places[at].start < paragraph.end:
                if sorted_places[at].start >= paragraph.start:
                    mine.append(sorted_places[at].name)
                at += 1
            found.append(mine)
        return found

    def arranged(self) -> Arranged:
        current: _Open | None = None
        for i, paragraph in enumerate(self.paragraphs):
            if paragraph.kind == "body":
                current = self._body(i, current)
            elif paragraph.kind == "caption" and current is not None:
                current.order.append(i)
            else:
                current = self._head(i, current)
        return self._result()

    def _head(self, i: int, current: _Open | None) -> _Open:
        """A headline behind a finished article, or with another place at its front, begins a new one; every other stands within."""
        line = self.text[self.paragraphs[i].start : self.paragraphs[i].end]
        fresh = current is None or current.closed
        if current is not None and not fresh and self.is_page and self.paragraphs[i].kind == "head" and _DATELINE.match(line):
            named = self.places[i][:1]
            fresh = bool(named) and named[0] not in self._place(current)
        if fresh or current is None:
            current = _Open()
            self.articles.append(current)
        if not current.has_body or line.startswith("——"):
            if (
                line.startswith("——")
                and i
                and i - 1 in current.order[-2:]
                and i - 1 not in current.heads[-2:]
                and self.paragraphs[i - 1].kind == "head"
            ):
                current.heads.append(i - 1)
            current.heads.append(i)
        current.order.append(i)
        self._remember(current, i)
        return current

    def _body(self, i: int, current: _Open | None) -> _Open:
        paragraph = self.paragraphs[i]
        waiting = [a for a in self.articles[-_ON_A_PAGE:] if a.waiting and not a.closed] if self.is_page else []
        candidates = (
            [a for a in self.articles[-_BESIDE:] if not a.closed and (a.waiting or i - a.order[-1] <= _RECENT)] if waiting else []
        )
        if current is not None and not current.closed and current not in candidates:
            candidates.append(current)
        if not candidates or (self.is_page and paragraph.fragment and not waiting):
            chosen = _Open(headless=bool(self.articles) and self.is_page)
            self.articles.append(chosen)
        elif len(candidates) == 1:
            chosen = candidates[0]
        else:
            chosen = max(candidates, key=lambda a: self._likeness(i, a) + (0.01 if a is current else 0.0))
        if chosen.waiting and self._continues(i, chosen, current):
            self._join(i, chosen)
        chosen.order.append(i)
        chosen.has_body = True
        self._remember(chosen, i)
        if paragraph.open and self.is_page and not paragraph.listed:
            chosen.waiting.append(i)
        chosen.closed = chosen.closed or (paragraph.signed and self.is_page)
        return chosen

    def _continues(self, i: int, article: _Open, current: _Open | None) -> bool:
        """May this paragraph continue a broken end? Not where it is an item of a list, nor behind a section's heading."""
        if self.paragraphs[i].listed:
            return False
        before = next((j for j in reversed(range(i)) if self.paragraphs[j].kind != "caption"), None)
        if before is None or article is not current or (self.paragraphs[before].kind == "body" and self.paragraphs[before].open):
            return True
        kind = self.paragraphs[before].kind
        return kind in {"head", "byline"} and before in article.heads[-3:]

    def _join(self, i: int, article: _Open) -> None:
        previous = next((j for j in reversed(range(i)) if self.paragraphs[j].kind != "caption"), -1)
        if article.waiting[-1] == previous:
            chosen, sure = previous, True
        else:
            chosen = max(article.waiting, key=lambda j: (self._fit(j, i), j))
            sure = len(article.waiting) == 1
        article.waiting.remove(chosen)
        self.joined[i] = (chosen, sure)

    def _fit(self, broken: int, i: int) -> float:
        """How well a paragraph continues a broken end: a verb and its direction parted by the break, else the words both share."""
        seam = self.text[self.paragraphs[broken].end - 1] + self.text[self.paragraphs[i].start]
        shared = self.pairs[broken].keys() & self.pairs[i].keys()
        likeness = float(sum(self.weight[p] for p in shared)) / sqrt(1 + len(self.pairs[i]))
        return likeness + (10.0 if _DIRECTED.fullmatch(seam) else 0.0)

    def _likeness(self, i: int, article: _Open) -> float:
        mine = self.pairs[i]
        if not mine or not article.words:
            return 0.0
        shared = sum(self.weight[p] for p in mine if p in article.words)
        return shared / (sum(self.weight[p] for p in mine) + 1) / (1 + log(1 + len(article.words))) * 5

    def _remember(self, article: _Open, i: int) -> None:
        if self.pairs:
            article.words.update(self.pairs[i])

    def _place(self, article: _Open) -> str:
        """That of its headline, else of its sections' headings, else the one that its text names most."""
        titled = [name for i in article.heads[:20] for name in self.places[i]]
        if titled:
            return max((name for name in titled if name.endswith(titled[0])), key=len)  # 石塘镇, 青岭县石塘镇
        named = Counter(name for i in article.order for name in self.places[i][:3])
        return max(named, key=lambda n: (named[n], -list(named).index(n))) if named else ""

    def _result(self) -> Arranged:
        order: list[tuple[int, int, int, str, bool]] = []
        articles: list[Article] = []
        for number, article in enumerate(self.articles):
            heads = set(article.heads)
            whole = own = self._place(article)
            sequence = self._sequence(article)
            for i in sequence:
                p = self.paragraphs[i]
                if p.kind in {"section", "head"} and i not in heads:
                    own = self.places[i][0] if self.places[i] else whole
                order.append((p.start, p.end, number, own, i in self.joined))
            title = "".join(self.text[self.paragraphs[i].start : self.paragraphs[i].end] for i in article.heads[:2])
            articles.append(
                Article(
                    title,
                    whole,
                    article.headless or (not article.heads and len(self.articles) > 1),
                    tuple(self.paragraphs[i].start for i in sequence),
                )
            )
        return Arranged(tuple(articles), self._joins(), tuple(order))

    def _sequence(self, article: _Open) -> list[int]:
        """Reading order: each continuation, with what follows it up to the next heading or break, directly behind its broken end."""
        runs: dict[int, list[int]] = {}
        free: list[list[int]] = []
        run: list[int] = []
        heads = set(article.heads)
        for i in article.order:
            if i in self.joined and (not run or self.joined[i][0] != run[-1]):
                run = [i]
                runs[self.joined[i][0]] = run
            elif i in heads and run and self.is_page and any(self.paragraphs[j].kind == "body" for j in run):
                run = [i]
                free.insert(0, run)
            elif (
                run and self.paragraphs[run[-1]].open and i not in self.joined and self.is_page and run[0] in self.joined
            ) or not run:
                run = [i]
                free.append(run)
            else:
                run.append(i)
        placed: list[int] = []
        for start in free:
            self._place_run(start, runs, placed)
        known = set(placed)
        return placed + [i for i in article.order if i not in known]

    def _place_run(self, run: list[int], runs: dict[int, list[int]], placed: list[int]) -> None:
        stack = [iter(run)]
        while stack:
            i = next(stack[-1], None)
            if i is None:
                stack.pop()
                continue
            placed.append(i)
            if i in runs:
                stack.append(iter(runs.pop(i)))

    def _joins(self) -> tuple[Join, ...]:
        joins = [Join(self.paragraphs[j].end, self.paragraphs[i].start, sure) for i, (j, sure) in self.joined.items()]
        joins += [Join(self.paragraphs[j].end, None, False, "gap") for a in self.articles for j in a.waiting]
        return tuple(sorted(joins, key=lambda j: j.start))
