"""Where a form wants something: its tables, their headings (one row or several), their stubs, and the blank cells between.

Nothing here knows what the words mean. A table is a band of headings and the rows below it; a *list* is a table without stubs:
one row for each record. What stands beside a label, outside any table, is a *pair*.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

from banjie.bulletins.forms.packages import CELLS_AT_MOST, TOO_MANY_CELLS
from banjie.bulletins.forms.phrases import NOT_ASKED, UNIT_HEADING, is_unit, phrase
from banjie.bulletins.forms.workbook import Place, Sheet
from banjie.lib.errors import Refusal
from banjie.registers.headings import narrow

Axis = Literal["column", "row"]
BAND_AT_MOST = 5  # rows of headings
COLUMNS_AT_MOST = 300
_COUNTER = re.compile(r"[甲乙丙丁戊己庚辛]|[A-Za-z]|\(?\d{1,3}\)?")
_NOTE = re.compile(r"^(?:注|备注|说明|填表说明|填报说明|附注|note)s?(?:\d|[::]|$)", re.IGNORECASE)
_SIGNED = re.compile(
    r"填(?:表|报)(?:人|日期|单位|时间)|制表|审核|审批|负责人|联系(?:人|电话)|报送(?:单位|日期)|报出日期|签字|盖章|统计负责"
)
_CHINESE = re.compile(r"[\u4e00-\u9fff]")
_UNIT = re.compile(r"(?:^|[\s(])(?:计量|金额)?单位\s*:\s*([^\s)]+)")


@dataclass(frozen=True)
class Head:
    """The words over a column or beside a row, the outermost first, and the cell that holds the innermost."""

    axis: Axis
    position: int
    words: tuple[str, ...]
    at: Place
    unit: str = ""  # from a column of units

    @property
    def text(self) -> str:
        return " · ".join(self.words)


@dataclass(frozen=True)
class Slot:
    """A blank cell that is asked for, with its headings."""

    place: Place
    column: Head | None = None
    row: Head | None = None


@dataclass(frozen=True)
class Table:
    """A part of a sheet. ``rows_free`` of a list: the rows that a record each may fill; ``open_ended``: nothing stands below."""

    number: int
    kind: Literal["grid", "list", "pairs"]
    columns: tuple[Head, ...] = ()
    rows: tuple[Head, ...] = ()
    slots: tuple[Slot, ...] = ()
    rows_free: tuple[int, ...] = ()
    open_ended: bool = False
    counter: int | None = None  # of a list: the column of running numbers


@dataclass(frozen=True)
class Layout:
    title: str
    unit: str  # of the whole sheet: 单位：万元
    tables: tuple[Table, ...]


def lay_out(sheet: Sheet) -> Layout:
    """The tables of a sheet, from top to bottom. Raises Refusal where one asks for more cells than any form has."""
    return _Reading(sheet).layout()


def tidy(text: str) -> str:
    """A heading on one line, without the blanks that Chinese headings are spread out with: 统 计 表."""
    return re.sub(r"\s+", "" if _CHINESE.search(text) else " ", text).strip()


@dataclass
class _Band:
    """Rows of headings: from ``top`` to ``bottom``, over the columns from ``left`` to ``right``."""

    top: int
    bottom: int
    left: int
    right: int
    words: dict[int, tuple[str, ...]] = field(default_factory=dict)
    at: dict[int, Place] = field(default_factory=dict)


class _Reading:
    def __init__(self, sheet: Sheet) -> None:
        self.sheet = sheet
        self.own: dict[int, dict[int, str]] = {}  # row → column → the text that stands there itself
        for (row, column), cell in sheet.cells.items():
            if cell.text and not cell.formula and cell.number is None and column <= COLUMNS_AT_MOST:
                self.own.setdefault(row, {})[column] = tidy(cell.text)
        self.last = max((row for row, _ in sheet.cells), default=0)
        self.tables: list[Table] = []
        self.taken: set[int] = set()  # rows that belong to a table

    def layout(self) -> Layout:
        row = min(self.own, default=self.last + 1)
        while row <= self.last:
            band = self._band(row)
            if band is None:
                row += 1
                continue
            row = self._table(band)
        self._pairs()
        return Layout(self._title(), self._unit(), tuple(self.tables))

    # --- headings --------------------------------------------------------------------------------------------

    def _covering(self, row: int, column: int) -> str:
        """The text one reads at a place, one's own or that of the merged block over it."""
        cell = self.sheet.seen((row, column))
        return "" if cell.formula or cell.number is not None else cell.text

    def _band(self, top: int) -> _Band | None:
        """The headings that begin in a row: every column from the first to the last has words in one of the band's rows."""
        texts = self.own.get(top, {})
        if len(texts) < 2 or self._aside(top):
            return None
        left, right = min(texts), self._right(top, max(texts))
        band = _Band(top, top, left, right)
        while band.bottom - top + 1 < BAND_AT_MOST and self._goes_on(band):
            band.bottom += 1
            band.right = max([band.right, *(self._right(band.bottom, c) for c in self.own.get(band.bottom, {}))])
        for column in range(left, band.right + 1):
            if not any(self._covering(row, column) for row in range(top, band.bottom + 1)):
                return None
        if self._counting(band.bottom + 1, band):
            band.bottom += 1
        self._read_words(band)
        return band if any(self._blank_below(band, c) for c in range(left, band.right + 1)) else None

    def _right(self, row: int, column: int) -> int:
        block = self.sheet.blocks.get((row, column))
        return min(block.right, COLUMNS_AT_MOST) if block else column

    def _goes_on(self, band: _Band) -> bool:
        """Whether the next row belongs to the headings: it has words, none of them under the first heading, which then would be
        a stub, unless that one is itself merged over it."""
        below = band.bottom + 1
        block = self.sheet.blocks.get((band.top, band.left))
        if block is not None and block.bottom >= below:
            return True
        texts = self.own.get(below, {})
        inside = [c for c in texts if band.left <= c <= band.right]
        if not inside or band.left in texts or self._aside(below) or any(c < band.left for c in texts):
            return False
        parted = any(self._spans(band, c) for c in inside) or all(is_unit(narrow(texts[c]).strip("()")) for c in inside)
        gaps = [c for c in range(band.left, band.right + 1) if not self._headed(band, c)]
        return parted or any(c in texts for c in gaps)

    def _headed(self, band: _Band, column: int) -> bool:
        return any(self._covering(row, column) for row in range(band.top, band.bottom + 1))

    def _spans(self, band: _Band, column: int) -> bool:
        """Whether a heading of several columns lies over a column."""
        return any(
            (block := self.sheet.blocks.get((row, column))) is not None and block.right > block.left
            for row in range(band.top, band.bottom + 1)
        )

    def _counting(self, row: int, band: _Band) -> bool:
        """A row of column numbers below the headings: 甲 乙 1 2 3."""
        seen = [self.sheet.seen((row, c)).text for c in range(band.left, band.right + 1)]
        marks = [s for s in seen if s]
        return (
            len(marks) * 10 >= len(seen) * 6
            and len(marks) > 1
            and all(_COUNTER.fullmatch(narrow(s)) for s in marks)
            and len(set(marks)) == len(marks)
        )

    def _read_words(self, band: _Band) -> None:
        upper: dict[int, str] = {}  # in each row, the text that reaches right over blank cells without being merged
        for column in range(band.left, band.right + 1):
            words: list[str] = []
            for row in range(band.top, band.bottom + 1):
                if self._counting(row, band):
                    continue
                text = tidy(self._covering(row, column)) or self._reaching(band, row, column, upper)
                if text and (not words or words[-1] != text):
                    words.append(text)
                    band.at[column] = self._anchor(row, column)
                if self._covering(row, column):
                    upper[row] = text
            band.words[column] = tuple(words)

    def _reaching(self, band: _Band, row: int, column: int, upper: dict[int, str]) -> str:
        """An upper heading that was not merged over its columns: 投资情况 | (blank) with words below the blank one."""
        if row == band.bottom or row not in upper or self._headed_above(band, row, column):
            return ""
        return upper[row] if self.own.get(row + 1, {}).get(column) else ""

    def _headed_above(self, band: _Band, row: int, column: int) -> bool:
        return any(self._covering(r, column) for r in range(band.top, row))

    def _anchor(self, row: int, column: int) -> Place:
        block = self.sheet.blocks.get((row, column))
        return (block.top, block.left) if block else (row, column)

    def _blank_below(self, band: _Band, column: int) -> bool:
        return self.sheet.seen((band.bottom + 1, column)).empty

    # --- rows below ------------------------------------------------------------------------------------------

    def _table(self, band: _Band) -> int:
        """Read the table below a band; the first row that is no longer part of it."""
        rows: list[int] = []
        row = band.bottom + 1
        while row <= self.last and not self._ends(band, row):
            rows.append(row)
            row += 1
        stubs = self._stub_columns(band, rows)
        worded = [c for c in stubs if any(self._stub_word(r, c) for r in rows)]
        named = any(not phrase(self._stub_word(r, c)).total for c in worded for r in rows if self._stub_word(r, c))
        self.tables.append(self._grid(band, rows, stubs, worded) if named else self._list(band, rows, row))
        self.taken |= set(range(band.top, row))
        return row

    def _ends(self, band: _Band, row: int) -> bool:
        """Whether a row is a note, a line to be signed, or the beginning of the next table."""
        texts = self.own.get(row, {})
        if self._aside(row):
            return True
        inside = {c: t for c, t in texts.items() if band.left <= c <= band.right}
        if not inside:
            return not any((row, c) in self.sheet.cells for c in range(band.left, band.right + 1)) and not self._more(band, row)
        block = self.sheet.blocks.get((row, next(iter(texts)))) if len(texts) == 1 else None
        if block is not None and block.right - block.left >= max(2, (band.right - band.left) * 6 // 10):
            return True  # a title, or a note over the whole width
        again = sum(narrow(t) in {narrow(w) for w in band.words.get(c, ())} for c, t in inside.items())
        return again >= 2 and again * 2 > len(band.words)

    def _more(self, band: _Band, row: int) -> bool:
        """Whether the table goes on after one row that the file does not mention."""
        return bool(self.own.get(row + 1, {}).get(band.left)) and not self._aside(row + 1)

    def _aside(self, row: int) -> bool:
        """A note, or a line for who filled the form in and when."""
        texts = [unicodedata.normalize("NFKC", t).strip() for _, t in sorted(self.own.get(row, {}).items())]
        if not texts:
            return False
        if _NOTE.match(texts[0]) and len(texts) == 1:
            return True
        signed = sum(bool(_SIGNED.search(t)) or bool(_UNIT.search(t)) for t in texts)
        return signed * 2 >= len(texts) and (signed > 1 or any(":" in t for t in texts) or len(texts) == 1)

    def _stub_columns(self, band: _Band, rows: list[int]) -> list[int]:
        """Columns at the left that name the rows: those with words, or with running numbers."""
        found: list[int] = []
        for column in range(band.left, band.right + 1):
            texts = [r for r in rows if self._stub_word(r, column)]
            numbered = self._is_counter(band, column)
            if not texts and not numbered:
                break
            if texts and found and len(texts) * 3 < len(rows) and any(self._stub_word(r, found[-1]) for r in rows):
                break
            found.append(column)
        return found

    def _is_counter(self, band: _Band, column: int) -> bool:
        words = band.words.get(column, ())
        return bool(words) and narrow(words[-1]) in NOT_ASKED

    def _stub_word(self, row: int, column: int) -> str:
        return self._covering(row, column)

    def _grid(self, band: _Band, rows: list[int], stubs: list[int], worded: list[int]) -> Table:
        units = [c for c in range(band.left, band.right + 1) if band.words[c] and narrow(band.words[c][-1]) in UNIT_HEADING]
        units = [c for c in units if any(is_unit(narrow(self._covering(r, c))) for r in rows)]
        named = [c for c in worded if c not in units and not self._is_counter(band, c)] or worded
        columns = tuple(
            Head("column", c, band.words[c], band.at[c])
            for c in range(band.left, band.right + 1)
            if c not in stubs and c not in units and band.words[c]
        )
        heads: list[Head] = []
        above = dict.fromkeys(named, "")
        for row in rows:
            words: list[str] = []
            at = (row, named[-1])
            for n, column in enumerate(named):
                text = tidy(self._stub_word(row, column))
                if text and self.sheet.blocks.get((row, column)) == self.sheet.blocks.get((row, named[n - 1])) is not None and n:
                    continue  # one block over two stub columns: said once
                if not text and n < len(named) - 1 and any(self._stub_word(row, c) for c in named[n + 1 :]):
                    text = above[column]
                if text:
                    above[column] = text
                    words.append(text)
                    at = self._anchor(row, column)
            if words:
                unit = next((u for c in units if is_unit(u := narrow(self._covering(row, c)))), "")
                heads.append(Head("row", row, tuple(words), at, unit))
        if (asked := len(heads) * len(columns)) > CELLS_AT_MOST:
            raise Refusal(TOO_MANY_CELLS.format(n=f"{asked:,}", most=f"{CELLS_AT_MOST:,}"))
        slots = tuple(
            Slot((row.position, column.position), column, row)
            for row in heads
            for column in columns
            if self._asked((row.position, column.position))
        )
        return Table(len(self.tables) + 1, "grid", columns, tuple(heads), slots)

    def _list(self, band: _Band, rows: list[int], after: int) -> Table:
        columns = tuple(Head("column", c, w, band.at[c]) for c, w in sorted(band.words.items()) if w)
        wanted = [c.position for c in columns if not self._is_counter(band, c.position)]
        free: list[int] = []
        for row in rows:
            if any(not self.sheet.seen((row, c)).empty for c in wanted):
                break
            free.append(row)
        below = any(r >= after or r in rows[len(free) :] for r in self.own)
        counter = next((c.position for c in columns if narrow(c.words[-1]) in {"序号", "行号", "no", "no.", "#"}), None)
        return Table(len(self.tables) + 1, "list", columns, rows_free=tuple(free), open_ended=not below, counter=counter)

    def _asked(self, place: Place) -> bool:
        return self.sheet.at(place).empty and not self.sheet.covered(place)

    # --- outside of tables -----------------------------------------------------------------------------------

    def _pairs(self) -> None:
        """Labels with a blank cell beside them, in rows that belong to no table."""
        rows, slots = [], []
        for row in sorted(self.own.keys() - self.taken):
            for column, text in sorted(self.own[row].items()):
                place = (row, self._right(row, column) + 1)
                if _UNIT.search(unicodedata.normalize("NFKC", text)) or _NOTE.match(text) or not self._asked(place):
                    continue
                if place in self.sheet.cells and (len(self.own[row]) > 1 or place in self.sheet.blocks or self._framed(place)):
                    head = Head("row", row, (text,), (row, column))
                    rows.append(head)
                    slots.append(Slot(place, None, head))
        if slots:
            self.tables.append(Table(len(self.tables) + 1, "pairs", (), tuple(rows), tuple(slots)))

    def _framed(self, place: Place) -> bool:
        return self.sheet.at(place).style != 0

    def _title(self) -> str:
        for row in sorted(self.own)[:8]:
            texts = list(self.own[row].values())
            if len(texts) == 1 and not self._aside(row) and row not in self.taken:
                return texts[0]
        return ""

    def _unit(self) -> str:
        return next(self._units_stated(), "")

    def _units_stated(self) -> Iterator[str]:
        for row in sorted(self.own):
            for text in self.own[row].values():
                stated = _UNIT.search(unicodedata.normalize("NFKC", text))
                if stated:
                    for word in re.split(r"[,、/;]", stated[1]):
                        if is_unit(narrow(word)):
                            yield narrow(word)
