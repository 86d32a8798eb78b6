"""A blank form as a page shows it: the sheet with what each cell asks for, and the headings that a person may settle."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from banjie.bulletins.forms.lists import ListMatch
from banjie.bulletins.forms.matched import Asked, Matched
from banjie.bulletins.forms.meanings import Match, Standing
from banjie.bulletins.forms.reading import Page
from banjie.bulletins.forms.vocabulary import Vocabulary
from banjie.bulletins.forms.workbook import Place, reference
from banjie.figures.places import Places
from banjie.lib.text import Text
from banjie.registers.archives import column_letter

ROWS_SHOWN, COLUMNS_SHOWN = 120, 40  # of a sheet, on a page
UNITS = ("元", "万元", "亿元", "%", "‰", "个百分点")


@dataclass(frozen=True)
class Box:
    """One cell of the sheet on the page."""

    text: str
    rowspan: int
    colspan: int
    heading: bool
    standing: str = ""  # of a blank cell: filled, open, aside
    label: str = ""
    because: str = ""
    at: str = ""


@dataclass(frozen=True)
class Preview:
    """A sheet: its columns' letters, and its rows with their numbers. ``cut``: it is larger than what is shown."""

    name: str
    letters: list[str]
    rows: list[tuple[int, list[Box]]]
    cut: bool


@dataclass(frozen=True)
class Line:
    """A heading that a person may settle."""

    match: Match
    cell: str
    taken: str  # what it was taken for
    of_list: bool
    choices: list[tuple[str, str]]
    because: Text
    open: bool


def previews(matched: Matched, places: Places) -> list[Preview]:
    return [_preview(page, matched, places) for page in matched.form.pages]


def _preview(page: Page, matched: Matched, places: Places) -> Preview:
    sheet = page.sheet
    asked = {a.place: a for a in matched.asked if a.page == page.number}
    listed = dict(_listed(matched, page.number))
    used = [place for place, cell in sheet.cells.items() if not cell.empty] + list(asked) + list(listed)
    bottom, right = max((r for r, _ in used), default=1), max((c for _, c in used), default=1)
    rows = []
    for row in range(1, min(bottom, ROWS_SHOWN) + 1):
        boxes = [
            _box(page, (row, column), asked, listed, matched.words, places, right)
            for column in range(1, min(right, COLUMNS_SHOWN) + 1)
            if not sheet.covered((row, column))
        ]
        rows.append((row, boxes))
    letters = [column_letter(n) for n in range(1, min(right, COLUMNS_SHOWN) + 1)]
    return Preview(sheet.name, letters, rows, bottom > ROWS_SHOWN or right > COLUMNS_SHOWN)


def _box(
    page: Page, place: Place, asked: dict[Place, Asked], listed: dict[Place, Match], words: Vocabulary, places: Places, right: int
) -> Box:
    block, cell = page.sheet.blocks.get(place), page.sheet.at(place)
    rows = min(block.bottom, ROWS_SHOWN) - block.top + 1 if block else 1
    columns = min(block.right, right, COLUMNS_SHOWN) - block.left + 1 if block else 1
    at = reference(place)
    if not cell.empty:
        return Box("∑" if cell.formula else cell.text, rows, columns, bool(cell.text) and cell.number is None, at=at)
    if (wanted := asked.get(place)) is not None:
        return Box("", rows, columns, False, _kind(wanted.standing), _label(wanted, words, places), str(wanted.because), at)
    if (match := listed.get(place)) is not None:
        label = match.head.words[-1] if match.standing.fills and match.meaning.field else str(match.standing.label)
        return Box("", rows, columns, False, _kind(match.standing), label, str(match.because), at)
    return Box("", rows, columns, False, at=at)


def _kind(standing: Standing) -> str:
    if standing.fills:
        return "filled"
    return "aside" if standing is Standing.ASIDE else "open"


def _label(asked: Asked, words: Vocabulary, places: Places) -> str:
    """What a cell asks for, in a few words: 完成投资 洋溪镇 2021年1—10月（万元）."""
    if not asked.standing.fills:
        return str(asked.standing.label)
    said = [str(words.figures[asked.figure].title)]
    if asked.area:
        said.append(str(places.name(asked.area)))
    if asked.axis:
        found = (p.title for parts in words.parts.values() for p in parts if (p.axis, p.code) == (asked.axis, asked.part))
        said.append(str(next(found, asked.part)))
    if asked.period:
        said.append(str(asked.period.title))
    return " · ".join(said) + (f" [{asked.unit}]" if asked.unit else "")


def _listed(matched: Matched, number: int) -> Iterator[tuple[Place, Match]]:
    """The cells of the first blank rows of each list, with the match of their column."""
    for found in matched.lists:
        if found.page == number:
            for row in found.table.rows_free[:3]:
                for match in found.columns:
                    yield (row, match.head.position), match


def lines(matched: Matched, places: Places) -> list[Line]:
    """Every heading but those for remarks and counters, those that are not clear first."""
    of_lists = {m.key: found for found in matched.lists for m in found.columns}
    asked = [m for m in matched.matches.values() if m.standing is not Standing.ASIDE]
    made = [_line(m, matched, of_lists.get(m.key), places) for m in asked]
    order = {Standing.CLOSE: 0, Standing.UNKNOWN: 1}
    return sorted(made, key=lambda line: order.get(line.match.standing, 2))


def _line(match: Match, matched: Matched, found: ListMatch | None, places: Places) -> Line:
    meaning, words = match.meaning, matched.words
    said: list[str] = []
    choices = [(c.name, str(c.title)) for c in match.others if c.name]
    if found is not None and (register := words.registers.get(found.choice.register)) is not None:
        choices = [(f.name, str(f.title)) for f in register.fields]
        if meaning.field:
            said.append(str(register.field(meaning.field).title))
    if meaning.figure and meaning.figure in words.figures:
        said.append(str(words.figures[meaning.figure].title))
    if meaning.area:
        said.append(str(places.name(meaning.area)))
    if meaning.axis:
        said += [
            str(p.title) for parts in words.parts.values() for p in parts if (p.axis, p.code) == (meaning.axis, meaning.part)
        ][:1]
    if meaning.total:
        said.append(str(Text("合计", "total")))
    if meaning.growth:
        said.append(str(Text("同比", "year on year")))
    if meaning.unit:
        said.append(f"[{meaning.unit}]")
    if meaning.nothing:
        said = [str(Text("留空", "left blank"))]
    return Line(
        match,
        reference(match.head.at),
        " · ".join(said),
        found is not None,
        choices,
        matched.open.get(match.key, match.because),
        match.key in matched.open,
    )
