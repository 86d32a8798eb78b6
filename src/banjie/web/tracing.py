"""A figure's trace made ready for the page: every row and every change with its link, every value as people read it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse

from banjie.figures.catalogue import figures
from banjie.figures.cells import STATUSES
from banjie.figures.plan import Leaf
from banjie.figures.tracing import Change, Made, Row, Source, Trace, Vintage
from banjie.ledger.models import Entry
from banjie.lib.units import unit
from banjie.people.models import Account
from banjie.registers.models import Record
from banjie.web.asking import Question, stamp
from banjie.web.formula_words import Reader
from banjie.web.history import told
from banjie.web.naming import called
from banjie.web.pack_names import pack_titles


@dataclass(frozen=True)
class ShownRow:
    row: Row
    name: str
    shown: str
    link: str
    entry_link: str


@dataclass(frozen=True)
class ShownSource:
    """``words``: the formula with titles in the place of names; ``exact``: the formula itself."""

    source: Source
    link: str
    rows: list[ShownRow]
    words: str
    exact: str


@dataclass(frozen=True)
class ShownChange:
    change: Change
    says: str
    link: str


@dataclass(frozen=True)
class ShownVintage:
    vintage: Vintage
    shown: str
    status: str
    link: str
    changes: list[ShownChange]

    @property
    def count(self) -> int:
        return len(self.changes) + self.vintage.more_changes


@dataclass(frozen=True)
class ShownTrace:
    sources: list[ShownSource]
    vintages: list[ShownVintage]
    older: datetime | None


def shown(account: Account, name: str, question: Question, trace: Trace) -> ShownTrace:
    """Four queries, whatever the number of rows: names of the records and their parents, and the entries."""
    names = _names(account, [r.record for s in trace.sources for r in s.rows])
    sentences = _sentences(account, [c.entry for v in trace.vintages for c in v.changes])
    sources = [_source(s, question, names) for s in trace.sources]
    alike = len({str(v.display) for v in trace.vintages}) < len(trace.vintages)
    vintages = [_vintage(v, name, question, sentences, alike) for v in trace.vintages]
    return ShownTrace(sources, vintages, trace.older)


def _source(source: Source, question: Question, names: dict[int, str]) -> ShownSource:
    rows = [_row(row, source, names) for row in source.rows]
    words, exact = in_words(source.figure, source.formula, source.where)
    return ShownSource(source, question.link(source.figure, by=""), rows, words, exact)


def in_words(figure: str, formula: str, where: str) -> tuple[str, str]:
    """A formula with its condition as people say it, and as it stands; the second is empty where it says nothing else."""
    plan = figures().plans.get(figure)
    exact = f"{formula} where {where}" if where else formula
    words = Reader.of(plan).whole(formula, where) if isinstance(plan, Leaf) else formula
    return words, "" if words == exact else exact


def defined(made: Sequence[Made]) -> list[tuple[Made, str, str, str]]:
    """Each definition with its formula in words, as it stands, and the title of its pack."""
    found, packs = [], pack_titles()
    for m in made:
        figure, plan = figures().figures[m.figure], figures().plans.get(m.figure)
        where = figure.where or (figure.stated.where if figure.stated else "")
        words, exact = in_words(m.figure, m.formula.zh, where or "") if isinstance(plan, Leaf) else (str(m.formula), "")
        found.append((m, words, exact, packs.get(m.pack, "")))
    return found


def _names(account: Account, ids: Iterable[int]) -> dict[int, str]:
    rows = Record.objects.visible_to(account).filter(pk__in=set(ids)).defer("search")
    return called(account, rows)


def _sentences(account: Account, ids: Sequence[int]) -> dict[int, str]:
    return told(account, Entry.objects.filter(pk__in=ids)) if ids else {}


def _row(row: Row, source: Source, names: dict[int, str]) -> ShownRow:
    home = reverse("record", args=[row.record])
    value = "—" if row.value is None else str(unit(source.unit).display(row.value))
    name = row.label if row.label != row.key else names.get(row.record, row.label)  # as it was called then
    return ShownRow(row, name, value, home, f"{home}#entry-{row.entry}")


def _vintage(vintage: Vintage, name: str, question: Question, sentences: dict[int, str], alike: bool) -> ShownVintage:
    """``alike``: some values read the same as displayed, so each is shown with two more decimals where it has them."""
    figure = figures().figures[name]
    places = unit(figure.unit).places if figure.display.places is None else figure.display.places
    shown = str(vintage.display)
    if alike and vintage.value is not None and places is not None:
        shown = str(unit(figure.unit).display(vintage.value, places=places + 2, scale=figure.display.unit))
    changes = [
        ShownChange(c, sentences.get(c.entry, ""), f"{reverse('record', args=[c.record])}#entry-{c.entry}")
        for c in vintage.changes
    ]
    status = str(STATUSES.get(vintage.status, vintage.status)) if vintage.status != "normal" else ""
    return ShownVintage(vintage, shown, status, question.link(name, as_of=stamp(vintage.known_from)), changes)
