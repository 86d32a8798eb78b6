"""The sheets of a blank form as plain values: what stands in each cell, what is merged, hidden, locked. Nothing is changed here."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import cached_property
from typing import Any, NamedTuple

from banjie.bulletins.forms.packages import Package, parsed
from banjie.lib.errors import Refusal
from banjie.registers.archives import DAMAGED, column_letter, column_number
from banjie.registers.sheets import Merged

LAST_ROW, LAST_COLUMN = 1_048_576, 16_384  # of any sheet
_REFERENCE = re.compile(r"\$?([A-Za-z]{1,3})\$?(\d{1,7})")
_BUILT_IN = {9: "0%", 10: "0.00%", 11: "0.00E+00", 14: "yyyy-mm-dd", 22: "yyyy-mm-dd hh:mm", 49: "@", 1: "0", 2: "0.00", 3: "#,##0", 4: "#,##0.00"}  # fmt: skip

Place = tuple[int, int]  # row and column, from 1


class Style(NamedTuple):
    """What of a cell's style matters for filling: its number format, and whether it is locked once the sheet is protected."""

    format: str
    locked: bool


PLAIN = Style("General", True)


@dataclass(frozen=True)
class Cell:
    """What stands in a cell. ``text`` is what one reads, "" where it is empty; a formula is content whatever its result."""

    text: str = ""
    number: Decimal | None = None
    formula: bool = False
    style: int = 0

    @property
    def empty(self) -> bool:
        return not self.text and not self.formula


EMPTY = Cell()


@dataclass(frozen=True)
class Sheet:
    """One worksheet. ``cells`` has those that the file mentions, empty but styled ones too."""

    name: str
    member: str
    hidden: bool
    protected: bool
    cells: Mapping[Place, Cell]
    merged: tuple[Merged, ...]
    hidden_rows: frozenset[int]
    hidden_columns: tuple[tuple[int, int], ...]
    styles: tuple[Style, ...]

    @cached_property
    def blocks(self) -> dict[Place, Merged]:
        """Each place inside a merged block, with its block."""
        return {
            (row, column): m for m in self.merged for row in range(m.top, m.bottom + 1) for column in range(m.left, m.right + 1)
        }

    def at(self, place: Place) -> Cell:
        return self.cells.get(place, EMPTY)

    def seen(self, place: Place) -> Cell:
        """What one sees at a place: inside a merged block, what its first cell holds."""
        block = self.blocks.get(place)
        return self.at((block.top, block.left)) if block else self.at(place)

    def style(self, place: Place) -> Style:
        number = self.at(place).style
        return self.styles[number] if number < len(self.styles) else PLAIN

    def locked(self, place: Place) -> bool:
        return self.protected and self.style(place).locked

    def out_of_sight(self, place: Place) -> bool:
        """Whether its row or column is hidden."""
        return place[0] in self.hidden_rows or any(first <= place[1] <= last for first, last in self.hidden_columns)

    def covered(self, place: Place) -> bool:
        """Whether a merged block lies over it, of which it is not the first cell."""
        block = self.blocks.get(place)
        return block is not None and (block.top, block.left) != place


def reference(place: Place) -> str:
    """(7, 4) → D7."""
    return f"{column_letter(place[1])}{place[0]}"


def place_of(text: str) -> Place | None:
    """D7 → (7, 4); None where it names no cell."""
    found = _REFERENCE.fullmatch(text.strip())
    if found is None:
        return None
    place = int(found[2]), column_number(found[1])
    return place if 1 <= place[0] <= LAST_ROW and place[1] <= LAST_COLUMN else None


def read_sheets(package: Package) -> tuple[Sheet, ...]:
    """Every worksheet, hidden ones too. Raises Refusal."""
    shared = _shared(package)
    styles = _styles(package)
    return tuple(_sheet(package, part.name, part.member, part.hidden, shared, styles) for part in package.sheets)


def _sheet(package: Package, name: str, member: str, hidden: bool, shared: list[str], styles: tuple[Style, ...]) -> Sheet:
    root = parsed(package.members[member])
    cells: dict[Place, Cell] = {}
    hidden_rows = set()
    below = 0
    for row in root.iterfind("{*}sheetData/{*}row"):
        below = _number(row.get("r"), below + 1)
        if row.get("hidden") in {"1", "true"}:
            hidden_rows.add(below)
        beside = 0
        for cell in row.iterfind("{*}c"):
            place = place_of(cell.get("r")) if cell.get("r") else (below, beside + 1)
            if place is None or place[0] != below:
                raise Refusal(DAMAGED)
            beside = place[1]
            cells[place] = _cell(cell, shared)
    protection = root.find("{*}sheetProtection")
    columns = tuple(
        (_number(c.get("min"), 0), _number(c.get("max"), 0))
        for c in root.iterfind("{*}cols/{*}col")
        if c.get("hidden") in {"1", "true"}
    )
    protected = protection is not None and protection.get("sheet") in {"1", "true"}
    return Sheet(name, member, hidden, protected, cells, _merged(root), frozenset(hidden_rows), columns, styles)


def _merged(root: Any) -> tuple[Merged, ...]:
    """Merged blocks; of those that reach over whole rows or columns only as much as a form could have."""
    found, covered = [], 0
    for block in root.iterfind("{*}mergeCells/{*}mergeCell"):
        ends = [end for text in block.get("ref", "").split(":") if (end := place_of(text)) is not None]
        if len(ends) != 2:
            continue
        (top, left), (bottom, right) = ends
        covered += (bottom - top + 1) * (right - left + 1)
        if bottom < top or right < left or covered > 200_000:
            raise Refusal(DAMAGED)
        found.append(Merged(top, left, bottom, right))
    return tuple(found)


def _cell(cell: Any, shared: list[str]) -> Cell:
    style, kind = _number(cell.get("s"), 0), cell.get("t", "n")
    formula = cell.find("{*}f") is not None
    value = cell.findtext("{*}v")
    if kind == "inlineStr":
        return Cell(_rich(cell.find("{*}is")).strip(), None, formula, style)
    if value is None or value == "":
        return Cell("", None, formula, style)
    if kind == "s":
        index = _number(value, -1)
        return Cell(shared[index].strip() if 0 <= index < len(shared) else "", None, formula, style)
    if kind == "n":
        try:
            number = Decimal(value)
        except InvalidOperation:
            return Cell(value, None, formula, style)
        return Cell(f"{number:f}" if number.is_finite() and abs(number.adjusted()) < 30 else value, number, formula, style)
    return Cell(value.strip(), None, formula, style)


def _number(text: str | None, otherwise: int) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 9 else otherwise


def _rich(element: Any) -> str:
    """The text of a string, its runs joined, without the readings above them."""
    if element is None:
        return ""
    runs = [t.text or "" for t in element.iterfind("{*}t")] + [t.text or "" for t in element.iterfind("{*}r/{*}t")]
    return "".join(runs)


def _shared(package: Package) -> list[str]:
    member = next((m for kind, m in package.related(package.workbook).values() if kind == "sharedStrings"), "")
    if member not in package.members:
        return []
    return [_rich(string) for string in parsed(package.members[member]).iterfind("{*}si")]


def _styles(package: Package) -> tuple[Style, ...]:
    member = next((m for kind, m in package.related(package.workbook).values() if kind == "styles"), "")
    if member not in package.members:
        return (PLAIN,)
    root = parsed(package.members[member])
    formats = {_number(f.get("numFmtId"), -1): f.get("formatCode", "") for f in root.iterfind("{*}numFmts/{*}numFmt")}
    found = []
    for style in root.iterfind("{*}cellXfs/{*}xf"):
        number = _number(style.get("numFmtId"), 0)
        protection = style.find("{*}protection")
        locked = protection is None or protection.get("locked", "1") not in {"0", "false"}
        found.append(Style(formats.get(number) or _BUILT_IN.get(number, "General"), locked))
    return tuple(found) or (PLAIN,)
