"""What an issue would say now: its numbers asked again, and those that came out otherwise, with old and new.

Only figures whose definition is still the one that was printed are compared: a changed definition is another figure, not a
correction. So is what changes by itself as time goes by (what is overdue, what has expired).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from banjie.bulletins.freezing import shown
from banjie.bulletins.models import Issue
from banjie.figures.answers import Answer, answers_to
from banjie.figures.asking import Asking, Request, asking
from banjie.figures.wording import leaves
from banjie.lib.text import Text
from banjie.lib.units import plain

Wanted = tuple[str, str, str]  # figure, period, breakdown


@dataclass(frozen=True, slots=True)
class Change:
    """A number that is another now. ``where``: the mark of a number in the text, or the name of a block."""

    where: str
    figure: str
    title: Text
    period: str
    by: str
    part: str
    then: Text
    now: Text


@dataclass(frozen=True, slots=True)
class Revised:
    """``changes`` in the order of the document; ``apart``: figures that were left out because their definition has changed."""

    changes: tuple[Change, ...]
    apart: frozenset[str]


@dataclass(frozen=True, slots=True)
class _Said:
    """One number as it was printed, and where to ask for it again."""

    where: str
    figure: str
    title: Text
    period: str
    by: str
    part: str
    part_title: Text | None
    definition: str
    value: str | None
    shown: Text
    places: int | None = None

    @property
    def question(self) -> Wanted:
        return self.figure, self.period, self.by


def revised(issue: Issue, *, as_of: datetime | None = None) -> Revised:
    """Compare with what is known at ``as_of`` (None: now). Read as the system: whoever may see the issue may see its correction."""
    said = [*_numbers(issue.frozen), *_cells(issue.frozen)]
    with asking(None) as asked:
        same = {s.figure for s in said if _same(asked, s)}
        apart = frozenset(s.figure for s in said) - same - _moving(asked, said)
        wanted = list(dict.fromkeys(s.question for s in said if s.figure in same))
        requests = [Request(figure, issue.area, period or None, by or None, as_of) for figure, period, by in wanted]
        answers = dict(zip(wanted, answers_to(asked, requests), strict=True))
    found: dict[tuple[Wanted, str], Change] = {}  # a number that stands in several places is told once
    for s in said:
        change = _compared(s, answers[s.question]) if s.figure in same else None
        if change is not None:
            found.setdefault((s.question, s.part), change)
    return Revised(tuple(found.values()), apart)


def _numbers(frozen: dict[str, Any]) -> Iterator[_Said]:
    for mark, n in frozen["numbers"].items():
        if "figure" in n:
            part = Text.of(n["part_title"]) if "part_title" in n else None
            yield _Said(
                mark, n["figure"], Text.of(n["title"]), n["period"], n.get("by", ""), n.get("part", ""), part, n["definition"],
                n["value"], Text(n["zh"], n["en"]), n["places"],
            )  # fmt: skip


def _cells(frozen: dict[str, Any]) -> Iterator[_Said]:
    for name, block in frozen["blocks"].items():
        if block["kind"] == "chart":
            for p in block["points"]:
                yield _Said(
                    name, block["figure"], Text.of(block["figure_title"]), block["period"], block["by"], p["code"], Text.of(p["title"]),
                    block["definition"], p["value"], Text(p["zh"], p["en"]),
                )  # fmt: skip
            continue
        for row in block["rows"]:
            for column, cell in zip(block["columns"], row["cells"], strict=True):
                yield _Said(
                    name, column["figure"], Text.of(column["title"]), column["period"], block["by"], row["code"], Text.of(row["title"]),
                    column["definition"], cell["value"], Text(cell["zh"], cell["en"]), column["places"],
                )  # fmt: skip


def _same(asked: Asking, said: _Said) -> bool:
    plans = asked.known.plans
    return said.figure in plans and asked.known.digest(said.figure) == said.definition and not _moves(asked, said.figure)


def _moving(asked: Asking, said: list[_Said]) -> frozenset[str]:
    return frozenset(s.figure for s in said if s.figure in asked.known.plans and _moves(asked, s.figure))


def _moves(asked: Asking, figure: str) -> bool:
    return any(leaf.moves for leaf in leaves(asked.known.plans[figure]))


def _compared(said: _Said, answer: Answer) -> Change | None:
    part = next((p for p in answer.parts if p.code == said.part), None) if said.by else None
    value: Decimal | None = (part.value if part else None) if said.by else answer.value
    whole = answer.display if said.places is None else answer.shown(said.places)
    display = shown(part, answer, said.places) if said.by else whole
    if (None if value is None else plain(value)) == said.value and (value is not None or display == said.shown or said.by):
        return None
    title = (
        Text("{figure}（{part}）", "{figure}, {part}").format(figure=said.title, part=said.part_title)
        if said.part_title
        else said.title
    )
    return Change(said.where, said.figure, title, said.period, said.by, said.part, said.shown, display)
