"""A form whose headings were matched: each blank cell with the question it asks, or the reason why it stays blank."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from banjie.bulletins.forms.layout import Slot, Table
from banjie.bulletins.forms.lists import Choice, ListMatch, match_list, of_the_year
from banjie.bulletins.forms.matching import base_of, match_head
from banjie.bulletins.forms.meanings import Match, Meaning, Standing, key_of
from banjie.bulletins.forms.reading import Form, Page
from banjie.bulletins.forms.vocabulary import FigureWords, Vocabulary
from banjie.bulletins.forms.when import When
from banjie.bulletins.forms.workbook import Place
from banjie.lib.errors import Refusal
from banjie.lib.periods import Period
from banjie.lib.text import Text
from banjie.registers.headings import scales

NEEDS_UNIT = {"CNY", "USD", "percent", "permille", "percentage_point"}

LOCKED = Text("单元格被锁定，由发表单位填写或计算", "the cell is locked: whoever sent the form fills it in")
UNSEEN = Text("在隐藏的行或列中", "it lies in a hidden row or column")
LEFT_BLANK = Text("已选择不填", "somebody chose to leave it blank")
NO_FIGURE = Text("行和列的表头都没有说明是哪一项指标", "neither its row nor its column names a figure")
TWO_FIGURES = Text("行和列各说明了一项指标", "its row and its column name different figures")
TWO_AREAS = Text("行和列各说明了一个地区", "its row and its column name different areas")
TWO_PARTS = Text("行和列各说明了一个分组", "its row and its column name different breakdowns")
TWO_PERIODS = Text("行和列各说明了一个时期", "its row and its column name different periods")
TWO_UNITS = Text("行和列注明的单位不同", "its row and its column state different units")
NO_BREAKDOWN = Text("指标「{figure}」不能按「{part}」分组", "{figure} cannot be broken down to {part}")
NO_GROWTH = Text("没有登记「{figure}」的同比指标", "there is no figure for the growth of {figure}")
ODD_UNIT = Text("单位「{unit}」与指标「{figure}」不符", "the unit {unit} does not fit the figure {figure}")
NO_UNIT = Text("没有注明单位，请选择", "no unit is stated: choose one")
NO_PERIOD = Text("没有说明时期：请注明填报时期", "no period is stated: say for which period the form is to be filled")
PRESENT_ONLY = Text(
    "指标「{figure}」只有截至时点的数，没有{period}的数", "{figure} stands as of a moment; there is none for {period}"
)
NOT_ALL = Text(
    "合计旁只列了 {n} 个地区或分组中的 {listed} 个，请确认合计是否指全部",
    "only {listed} of the {n} parts are listed beside the total, so what it means is not certain: look at it",
)
BOTH = Text("{column}；{row}", "{column}; {row}")
ASIDE = Text("备注、序号、签字等，不填", "remarks, counters and signatures are left alone")


@dataclass(frozen=True)
class Scope:
    """For what a form is filled: the area (None: all there is), the period, and the areas within."""

    area: str | None
    period: Period | None
    within: frozenset[str]


@dataclass(frozen=True)
class Asked:
    """A blank cell: the question, or why there is none. ``unit`` is the word of the unit in which the number is wanted."""

    page: int
    place: Place
    keys: tuple[str, ...]  # of the headings it hangs on
    standing: Standing
    because: Text
    figure: str = ""
    area: str | None = None
    axis: str = ""
    part: str = ""
    period: Period | None = None
    unit: str = ""
    doubt: tuple[str, ...] = ()  # the headings that a person can settle it by, although each of them is clear by itself


@dataclass(frozen=True)
class Kept:
    """What a person settled for a form: the meaning of headings by their key, and the registers of lists."""

    heads: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    lists: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    because: Text = LEFT_BLANK


@dataclass(frozen=True)
class Matched:
    form: Form
    words: Vocabulary
    scope: Scope
    matches: Mapping[str, Match]
    lists: tuple[ListMatch, ...]
    asked: tuple[Asked, ...]
    timeless: frozenset[str]  # figures that stand as of a moment and know no period

    @cached_property
    def open(self) -> dict[str, Text]:
        """The headings that a person must look at, with the reason: those that are not clear, and those whose cells are not."""
        found = {m.key: m.because for m in self.matches.values() if m.standing in {Standing.CLOSE, Standing.UNKNOWN}}
        for cell in self.asked:
            if cell.standing is Standing.CLOSE:
                found |= {key: cell.because for key in cell.doubt if key not in found}
        return found


def match_form(form: Form, words: Vocabulary, scope: Scope, timeless: frozenset[str], kept: Kept) -> Matched:
    """Match every heading, then every cell. Deterministic: the same form, words and period give the same."""
    matches: dict[str, Match] = {}
    lists: list[ListMatch] = []
    for page in form.pages:
        for table in page.layout.tables:
            if table.kind == "list":
                found = _list(page, table, words, scope, kept)
                lists.append(found)
                matches |= {m.key: m for m in found.columns}
                continue
            for head in (*table.columns, *table.rows):
                key = key_of(page.number, table.number, head)
                matches[key] = _settled(match_head(key, head, words, scope.within), kept, words)
    maker = _Questions(words, scope, matches, timeless)
    asked = tuple(a for page in form.pages for table in page.layout.tables for a in maker.of_table(page, table))
    return Matched(form, words, scope, matches, tuple(lists), asked, timeless)


def _settled(match: Match, kept: Kept, words: Vocabulary) -> Match:
    """The match with what a person said of it, as far as it still holds: a figure may have been retired since."""
    said = kept.heads.get(match.key)
    if said is None:
        return match
    meaning = Meaning.of(said, match.meaning.when)
    if meaning.figure and meaning.figure not in words.figures:
        return match
    return match.settled(meaning, kept.because)


def _list(page: Page, table: Table, words: Vocabulary, scope: Scope, kept: Kept) -> ListMatch:
    said = kept.lists.get(f"{page.number}/{table.number}")
    found = match_list(page.number, table, page.layout.title, page.layout.unit, words, Choice.of(said) if said else None)
    register = words.registers.get(found.choice.register)
    if register is None:
        return found
    if said is None or found.choice.yearly:
        choice = replace(found.choice, filters=of_the_year(register, scope.period), yearly=True)
        found = replace(found, choice=choice)
    columns = []
    for match in found.columns:
        settled = kept.heads.get(match.key)
        meaning = Meaning.of(settled, None) if settled is not None else match.meaning
        known = settled is not None and (not meaning.field or meaning.field in register.by_name)
        columns.append(match.settled(meaning, kept.because) if known else match)
    return replace(found, columns=tuple(columns))


class _Questions:
    """What each blank cell asks, from its column and its row."""

    def __init__(self, words: Vocabulary, scope: Scope, matches: Mapping[str, Match], timeless: frozenset[str]) -> None:
        self.words, self.scope, self.matches, self.timeless = words, scope, matches, timeless

    def of_table(self, page: Page, table: Table) -> list[Asked]:
        if table.kind == "list":
            return []
        columns = {h.position: self.matches[key_of(page.number, table.number, h)] for h in table.columns}
        found = []
        for slot in table.slots:
            row = self.matches[key_of(page.number, table.number, slot.row)] if slot.row else None
            column = columns[slot.column.position] if slot.column else None
            found.append(self._asked(page, table, slot, column, row, columns))
        return self._whole(page, table, found)

    def _asked(
        self, page: Page, table: Table, slot: Slot, column: Match | None, row: Match | None, columns: Mapping[int, Match]
    ) -> Asked:
        matches = [m for m in (column, row) if m is not None]
        bare = Asked(page.number, slot.place, tuple(m.key for m in matches), Standing.UNKNOWN, NO_FIGURE)
        if any(m.standing is Standing.ASIDE for m in matches):
            return replace(bare, standing=Standing.ASIDE, because=ASIDE)
        if page.sheet.locked(slot.place):
            return replace(bare, standing=Standing.ASIDE, because=LOCKED)
        if page.sheet.out_of_sight(slot.place):
            return replace(bare, standing=Standing.ASIDE, because=UNSEEN)
        if any(m.meaning.nothing for m in matches):
            return replace(bare, standing=Standing.ASIDE, because=LEFT_BLANK)
        for standing in (Standing.UNKNOWN, Standing.CLOSE):
            if (first := next((m for m in matches if m.standing is standing), None)) is not None:
                return replace(bare, standing=standing, because=first.because)
        return self._question(bare, page, slot, column, row, columns)

    def _question(
        self, bare: Asked, page: Page, slot: Slot, column: Match | None, row: Match | None, columns: Mapping[int, Match]
    ) -> Asked:
        meanings = [m.meaning for m in (column, row) if m is not None]
        figures = {m.figure for m in meanings if m.figure}
        areas = {m.area for m in meanings if m.area}
        parts = {(m.axis, m.part) for m in meanings if m.axis}
        for several, says in ((figures, TWO_FIGURES), (areas, TWO_AREAS), (parts, TWO_PARTS)):
            if len(several) > 1:
                return replace(bare, standing=Standing.CLOSE, because=says, doubt=bare.keys)
        if not figures:
            return bare
        figure = self.words.figures[figures.pop()]
        growth = any(m.growth for m in meanings)
        if growth:
            if not figure.year_on_year or figure.year_on_year not in self.words.figures:
                return replace(bare, because=NO_GROWTH.format(figure=figure.title))
            figure = self.words.figures[figure.year_on_year]
        axis, part = parts.pop() if parts else ("", "")
        if axis and axis not in figure.axes:
            return replace(bare, because=NO_BREAKDOWN.format(figure=figure.title, part=part))
        period = self._period(bare, figure, column, row, columns)
        if isinstance(period, Asked):
            return period
        unit = self._unit(bare, page, slot, figure, meanings, growth=growth)
        if isinstance(unit, Asked):
            return unit
        settled = any(m.standing is Standing.SETTLED for m in (column, row) if m is not None)
        reasons = [m.because for m in (column, row) if m is not None]
        because = BOTH.format(column=reasons[0], row=reasons[1]) if len(reasons) == 2 else reasons[0]
        return replace(
            bare, standing=Standing.SETTLED if settled else Standing.SURE, because=because, figure=figure.name,
            area=areas.pop() if areas else self.scope.area, axis=axis, part=part, period=period, unit=unit,
        )  # fmt: skip

    def _period(
        self, bare: Asked, figure: FigureWords, column: Match | None, row: Match | None, columns: Mapping[int, Match]
    ) -> Period | Asked | None:
        given = [m.meaning.when for m in (column, row) if m is not None and m.meaning.when is not None]
        beside = next((w for w in given if w.beside), None)
        plain = [w for w in given if not w.beside]
        if len(set(plain)) > 1:
            return replace(bare, standing=Standing.CLOSE, because=TWO_PERIODS, doubt=bare.keys)
        form = self.scope.period
        if form is None:
            absolute = next((w for w in plain if w.year is not None), None)
            if absolute is None or beside is not None:
                if figure.name in self.timeless and not given:
                    return None
                return replace(bare, standing=Standing.CLOSE, because=NO_PERIOD)
            form = Period.of_year(absolute.year or 0)
        try:
            days = plain[0].days(form) if plain else form
            if beside is not None:
                base = plain[0] if plain else self._base(column, columns)
                days = beside.days(form, base.days(form) if base else form)
        except Refusal as refusal:
            return replace(bare, standing=Standing.CLOSE, because=refusal.says)
        if figure.name in self.timeless and given and days != form:
            return replace(bare, because=PRESENT_ONLY.format(figure=figure.title, period=days.title))
        return days

    def _base(self, column: Match | None, columns: Mapping[int, Match]) -> When | None:
        """What 上年同期 over a column refers to: a heading above it, else the nearest column to its left that states a period."""
        if column is None:
            return None
        if above := base_of(column.head):
            return above
        for position in range(column.head.position - 1, 0, -1):
            when = columns[position].meaning.when if position in columns else None
            if when is not None and not when.beside:
                return when
        return None

    def _unit(
        self, bare: Asked, page: Page, slot: Slot, figure: FigureWords, meanings: Sequence[Meaning], *, growth: bool
    ) -> str | Asked:
        doubt = tuple(k for k, m in zip(bare.keys, meanings, strict=True) if m.figure)
        known = scales(figure.unit)
        stated = list(dict.fromkeys(m.unit for m in meanings if m.unit and (not growth or m.unit in known)))
        if len({known.get(u) for u in stated}) > 1:
            return replace(bare, standing=Standing.CLOSE, because=TWO_UNITS, doubt=bare.keys)
        if stated:
            if stated[0] in known:
                return stated[0]
            says = ODD_UNIT.format(unit=stated[0], figure=figure.title)
            return replace(bare, standing=Standing.CLOSE, because=says, doubt=doubt)
        if page.layout.unit in known:
            return page.layout.unit
        if figure.unit not in NEEDS_UNIT:
            return ""
        if "%" in page.sheet.style(slot.place).format and figure.unit in {"percent", "permille"}:
            return "%" if figure.unit == "percent" else ""
        return replace(bare, standing=Standing.CLOSE, because=NO_UNIT, doubt=doubt)

    def _whole(self, page: Page, table: Table, found: list[Asked]) -> list[Asked]:
        """A total beside parts that are not all there are may mean either: a person must say which."""
        for heads in (table.rows, table.columns):
            matches = [self.matches[key_of(page.number, table.number, h)] for h in heads]
            says = self._incomplete([m.meaning for m in matches])
            totals = {m.key for m in matches if m.meaning.total and m.standing is not Standing.SETTLED}
            if says is not None and totals:
                found = [
                    replace(a, standing=Standing.CLOSE, because=says, doubt=tuple(totals & set(a.keys)))
                    if a.standing.fills and totals & set(a.keys)
                    else a
                    for a in found
                ]
        return found

    def _incomplete(self, meanings: list[Meaning]) -> Text | None:
        listed = {m.area for m in meanings if m.area}
        below = self.words.below.get(self.scope.area or "", frozenset())
        if listed and listed < below:
            return NOT_ALL.format(n=len(below), listed=len(listed))
        for axis in {m.axis for m in meanings if m.axis}:
            parts = {m.part for m in meanings if m.axis == axis}
            known = {p.code for found in self.words.parts.values() for p in found if p.axis == axis}
            if parts < known:
                return NOT_ALL.format(n=len(known), listed=len(parts))
        return None
