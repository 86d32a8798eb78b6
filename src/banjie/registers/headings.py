"""Which column of a sheet is which field: names and titles in both languages, units behind them, one header row or two."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from banjie.lib.errors import NotFound
from banjie.lib.text import Text
from banjie.lib.units import unit as unit_of
from banjie.registers.archives import column_letter
from banjie.registers.definition import Field, Register
from banjie.registers.sheets import Grid, Merged

LOOKED_AT = 15  # rows from the top among which the header is looked for
REMARKS = {"必填", "选填", "可选", "required", "optional"}
MASKED = Text("已脱敏", "masked")
PASSED_OVER = {"序号", "行号", "no", "no.", "#", "错误原因", "reason"}  # and what `problems` writes beside a bad row
_SHARES = {
    "percent": {"%": "0.01", "percent": "0.01"},
    "permille": {"‰": "0.001"},
    "percentage_point": {"个百分点": "0.01", "百分点": "0.01", "percentagepoints": "0.01"},
}
_MULTIPLES = {
    "": 1,
    "百": 10**2,
    "千": 10**3,
    "万": 10**4,
    "十万": 10**5,
    "百万": 10**6,
    "千万": 10**7,
    "亿": 10**8,
    "万亿": 10**12,
}
_MULTIPLES_EN = {"": 1, "thousand": 10**3, "10,000": 10**4, "million": 10**6, "billion": 10**9}
_SUFFIX = re.compile(r"(.+?)(?:\(([^()]*)\)|\[([^\[\]]*)\])")
_UNIT_LINE = re.compile(r"(?:计量)?单位:(.+?)[)\]]?")


@dataclass(frozen=True)
class Column:
    """A column that is read: its position from 0, its heading as it stands, its field, and what its numbers are times."""

    position: int
    heading: str
    field: Field
    factor: Decimal

    @property
    def letter(self) -> str:
        return column_letter(self.position + 1)


@dataclass(frozen=True)
class Trouble:
    """One thing wrong with the headings."""

    row: int
    column: str
    heading: str
    says: Text


@dataclass(frozen=True)
class Layout:
    """Where the data begin and which columns hold what."""

    first: int  # index into the grid's rows
    row: int  # number of the (last) header row
    columns: list[Column]
    troubles: list[Trouble]


def narrow(text: object) -> str:
    """A heading without blanks, marks and width: ``总投资 (万元)*`` and ``总投资(万元)`` are the same."""
    return re.sub(r"[\s*::]+$", "", re.sub(r"\s+", "", unicodedata.normalize("NFKC", str(text)))).lstrip("*").lower()


def parted(heading: str) -> tuple[str, str]:
    """A narrowed heading and what stands in brackets at its end: ``("总投资", "万元")``."""
    match = _SUFFIX.fullmatch(heading)
    return (match[1], (match[2] or match[3] or "").removeprefix("单位:")) if match else (heading, "")


@lru_cache(maxsize=256)
def scales(code: str) -> dict[str, Decimal]:
    """What may stand behind a heading for fields kept in a unit, and how many base units it is."""
    if not code:
        return {}
    if code in _SHARES:
        return {word: Decimal(size) for word, size in _SHARES[code].items()}
    try:
        title = unit_of(code).title
    except NotFound:
        title = Text(code, code)
    found = {f"{more}{narrow(title.zh)}": Decimal(size) for more, size in _MULTIPLES.items()}
    for word in {narrow(title.en), narrow(code)} | ({"rmb"} if code == "CNY" else set()):
        found |= {f"{more}{word}": Decimal(size) for more, size in _MULTIPLES_EN.items()}
        found |= {f"{word}{more}": Decimal(size) for more, size in _MULTIPLES_EN.items()}
    if code == "CNY":
        found |= {"万": Decimal(10**4), "亿": Decimal(10**8), "人民币": Decimal(1), "¥": Decimal(1)}
    return found


class Matcher:
    """Finds the field that a heading names, and what its numbers are to be multiplied by."""

    def __init__(self, register: Register) -> None:
        self.titles: dict[str, Field | None] = {}  # None: two fields are called that
        self.bases: dict[str, Field | None] = {}  # titles without the unit behind them
        for f in register.fields:
            words = {narrow(f.name), narrow(f.title.zh), narrow(f.title.en)}
            self._note(self.titles, words, f)
            self._note(self.bases, {parted(w)[0] for w in words} - words, f)
        self.titles |= {narrow(f.name): f for f in register.fields}  # a name means its field, whatever others are called

    @staticmethod
    def _note(known: dict[str, Field | None], words: set[str], f: Field) -> None:
        for word in words:
            known[word] = None if word in known else f

    def __call__(self, heading: str, sheet_unit: str = "") -> tuple[Field, Decimal] | Text | None:
        """A Text says why the heading is not understood; None: no field is called that. ``sheet_unit`` stands for the whole
        sheet where the heading has no unit of its own."""
        whole = narrow(heading)
        base, stated = parted(whole)
        found = self.titles.get(whole)
        if found is None:
            found = self.titles[base] if base in self.titles else self.bases.get(base)
            if found is None:
                return None
            if stated and stated not in REMARKS and stated not in scales(found.unit):
                return Text(
                    f"「{found.title.zh}」后的「{stated}」无法识别", f"what stands behind {base}, {stated}, is not understood"
                )
        if found.type not in {"decimal", "integer"}:
            return found, Decimal(1)
        known = scales(found.unit)
        own = parted(narrow(found.title.zh))[1]
        return found, next((known[u] for u in (stated, sheet_unit, own) if u in known), Decimal(1))


def ignored(heading: str) -> bool:
    """Columns that carry nothing to be imported: counters, reasons, and personal values that were masked."""
    whole = narrow(heading)
    return whole in PASSED_OVER or parted(whole)[1] in {MASKED.zh, MASKED.en}


def lay_out(grid: Grid, register: Register) -> Layout | None:
    """Find the header row (or the two) by what the columns are called; None where nothing is recognised."""
    match = Matcher(register)
    best: tuple[tuple[int, int, int], int, int, list[str]] | None = None
    for index, (number, cells) in enumerate(grid.rows[:LOOKED_AT]):
        unit = _unit_line(grid, index)
        options = [(index + 1, [_shown(c) for c in cells])]
        below = grid.rows[index + 1] if index + 1 < len(grid.rows) else None
        if below is not None and below[0] == number + 1 and any(m.top <= number <= m.bottom for m in grid.merged):
            options.append((index + 2, _two_rows(match, number, cells, below[1], grid.merged)))
        for first, headings in options:
            score = (*_score(match, headings, unit), first == index + 1)  # of equals the single row
            if score[0] and (best is None or score > best[0]):
                best = (score, first, index, headings)
    if best is None:
        return None
    _, first, index, headings = best
    row = grid.rows[first - 1][0]
    columns, troubles = _assigned(match, headings, _unit_line(grid, index), row)
    troubles += _headless(grid, first, headings, row) + _merged_below(grid, row)
    return Layout(first, row, columns, troubles + _missing(register, columns, row))


def _shown(cell: object) -> str:
    return "" if cell is None else re.sub(r"\s*\n\s*", "", str(cell)).strip()


def _score(match: Matcher, headings: Sequence[str], unit: str) -> tuple[int, int]:
    found = [(h, m) for h in headings if h and not isinstance(m := match(h, unit), Text) and m is not None]
    return len({m[0].name for _, m in found}), sum(1 for h, _ in found if parted(narrow(h))[1])


def _two_rows(
    match: Matcher, number: int, above: Sequence[object], below: Sequence[object], merged: Sequence[Merged]
) -> list[str]:
    """One heading a column from two rows of which the upper one has merged cells."""
    headings = []
    for position in range(max(len(above), len(below))):
        block = next((m for m in merged if m.top <= number <= m.bottom and m.left <= position + 1 <= m.right), None)
        source = block.left - 1 if block else position
        top = _shown(above[source]) if source < len(above) else ""
        sub = _shown(below[position]) if position < len(below) else ""
        if not sub or (block and block.bottom > number):
            headings.append(top)
            continue
        choices = [sub, f"{top}{sub}", f"{top}({_inside(sub)})"] if top else [sub]
        headings.append(next((c for c in choices if isinstance(match(c), tuple)), f"{top} {sub}".strip()))
    return headings


def _inside(text: str) -> str:
    """What brackets around a whole cell hold: (万元) is 万元."""
    return re.sub(r"^[(\uff08]|[)\uff09]$", "", text)


def _unit_line(grid: Grid, header: int) -> str:
    """The unit that a line above the header states for the whole sheet (单位:万元)."""
    for _, cells in grid.rows[:header]:
        for cell in cells:
            if isinstance(cell, str) and (stated := _UNIT_LINE.search(narrow(cell))):
                rest = narrow(cell)[stated.start() :]
                whole = _UNIT_LINE.fullmatch(rest)
                return whole[1] if whole else ""
    return ""


def _assigned(match: Matcher, headings: Sequence[str], unit: str, row: int) -> tuple[list[Column], list[Trouble]]:
    columns: list[Column] = []
    troubles = []
    for position, heading in enumerate(headings):
        if not heading or ignored(heading):
            continue
        found, letter = match(heading, unit), column_letter(position + 1)
        if found is None:
            troubles.append(Trouble(row, letter, heading, Text("没有这个字段", "no field is called that")))
        elif isinstance(found, Text):
            troubles.append(Trouble(row, letter, heading, found))
        elif same := next((c for c in columns if c.field.name == found[0].name), None):
            says = Text(
                f"与 {same.letter} 列「{same.heading}」是同一字段", f"is the same field as column {same.letter}, {same.heading}"
            )
            troubles.append(Trouble(row, letter, heading, says))
        else:
            columns.append(Column(position, heading, *found))
    return [c for c in columns if not c.field.formula], troubles


def _headless(grid: Grid, first: int, headings: Sequence[str], row: int) -> list[Trouble]:
    width = max((len(cells) for _, cells in grid.rows[first:]), default=0)
    bare = [p for p in range(width) if p >= len(headings) or not headings[p]]
    troubles = []
    for position in bare:
        filled = next((n for n, cells in grid.rows[first:] if position < len(cells) and cells[position] is not None), None)
        if filled is None:
            continue
        block = next((m for m in grid.merged if m.top <= row <= m.bottom and m.left <= position + 1 <= m.right), None)
        says = Text(f"第 {filled} 行有值而没有表头", f"has a value in row {filled} and no heading")
        if block:
            where = f"{column_letter(block.left)}{block.top}:{column_letter(block.right)}{block.bottom}"
            says = Text(
                f"第 {row} 行表头 {where} 是合并单元格：请拆分并逐列填写表头",
                f"the heading {where} in row {row} is merged: split it and head each column",
            )
        troubles.append(Trouble(row, column_letter(position + 1), "", says))
    return troubles


def _merged_below(grid: Grid, row: int) -> list[Trouble]:
    troubles = []
    for block in [m for m in grid.merged if (m.bottom > row and m.top > row) or m.top <= row < m.bottom][:20]:
        where = f"{column_letter(block.left)}{block.top}:{column_letter(block.right)}{block.bottom}"
        says = Text(f"{where} 是合并单元格：请取消合并，每行都填上内容", f"{where} is merged: split it and fill in every row")
        troubles.append(Trouble(max(block.top, row), column_letter(block.left), "", says))
    return troubles


def _missing(register: Register, columns: Sequence[Column], row: int) -> list[Trouble]:
    """Every key column must be there; the other required ones may be missing only where records are updated (see importing)."""
    present = {c.field.name for c in columns}
    says = Text("缺少这一列：每条记录靠它辨认", "this column is missing (it is part of the key)")
    return [Trouble(row, "", register.field(n).title.zh, says) for n in register.key if n not in present]
