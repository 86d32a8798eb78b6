"""Reading a sheet as people send it: .xlsx or .csv, whatever its name says, into rows that keep their sheet's row numbers."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from django.conf import settings
from python_calamine import CalamineError, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from banjie.lib.errors import Refusal
from banjie.lib.text import Text
from banjie.registers.archives import (
    COLUMNS_AT_MOST,
    DAMAGED,
    HEAD_ROOM,
    ROWS_AT_MOST,
    Workbook,
    column_number,
    open_workbook,
    refuse_large,
)
from banjie.registers.values import Unreadable

IGNORED = {"说明", "填表说明", "填报说明", "说明 notes", "instructions", "notes"}
CELL_AT_MOST = 32_767  # characters, as in Excel
DIGITS_KEPT = 10**15  # beyond, a spreadsheet's number has lost digits

OLD_OR_LOCKED = Text(
    "这是旧格式 .xls 或加了密码的工作簿：请去掉打开密码，另存为 .xlsx",
    "this is an old .xls or a workbook with a password: remove the password and save it as .xlsx",
)
MARKUP = Text(
    "这是网页或 XML，不是表格（有的系统把网页存成 .xls）：请用 Excel 或 WPS 打开后另存为 .xlsx",
    "this is HTML or XML, not a sheet: open it in Excel or WPS and save it as .xlsx",
)
UNKNOWN = Text("只能导入 .xlsx 和 .csv 文件", "only .xlsx and .csv files can be imported")
UNDECODABLE = Text(
    "文字编码无法识别：请把 CSV 存为 UTF-8 或 GB18030", "the text's encoding is not known: save the CSV as UTF-8 or GB18030"
)
EMPTY = Text("表格是空的", "the sheet is empty")
TOO_LARGE = Text("文件 {size} MB，超过上限 {most} MB：请拆成几个文件", "the file has {size} MB; {most} MB at most: split it")
UNSAVED = Text(
    "{n} 个公式（如 {cell}）没有保存计算结果：请用 Excel 或 WPS 打开、保存后再导入",
    "{n} formulas ({cell}, say) were saved without their results: open the file in Excel or WPS, save it and import it again",
)


class Merged(NamedTuple):
    """A merged block, rows and columns counted from 1, ends included."""

    top: int
    left: int
    bottom: int
    right: int


@dataclass
class Grid:
    """One sheet as it lies there: ``rows`` are ``(row number from 1, cells)``, empty rows left out."""

    name: str
    rows: list[tuple[int, list[object]]]
    merged: list[Merged] = field(default_factory=list)


def read_grids(source: Path | bytes) -> list[Grid]:
    """The sheets of a file that hold anything, those for instructions left out. Raises Refusal with advice."""
    refuse_size(source.stat().st_size if isinstance(source, Path) else len(source))
    head = source[:8] if isinstance(source, bytes) else _head(source)
    if head.startswith(b"PK"):
        grids = _read_workbook(open_workbook(source))
    elif head.startswith(b"\xd0\xcf\x11\xe0"):
        raise Refusal(OLD_OR_LOCKED)
    else:
        grids = [_read_csv(source if isinstance(source, bytes) else source.read_bytes())]
    if not any(grid.rows for grid in grids):
        raise Refusal(EMPTY)
    return [grid for grid in grids if grid.rows]


def refuse_size(size: int) -> None:
    """Raise Refusal where a file is larger than the office takes."""
    if size > settings.UPLOAD_LIMIT:
        raise Refusal(TOO_LARGE.format(size=f"{size / 2**20:,.1f}", most=f"{settings.UPLOAD_LIMIT / 2**20:,.0f}"))


def _head(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(8)


def _read_workbook(book: Workbook) -> list[Grid]:
    try:
        with CalamineWorkbook.from_filelike(io.BytesIO(book.content)) as reader:
            visible = [
                m.name
                for m in reader.sheets_metadata
                if m.typ == SheetTypeEnum.WorkSheet
                and m.visible == SheetVisibleEnum.Visible
                and m.name.strip().lower() not in IGNORED
            ]
            return [_read_sheet(reader, book, name) for name in visible]
    except CalamineError as error:
        raise Refusal(DAMAGED) from error


def _read_sheet(reader: CalamineWorkbook, book: Workbook, name: str) -> Grid:
    if unsaved := book.unsaved_formulas(name):
        raise Refusal(UNSAVED.format(n=len(unsaved), cell=unsaved[0]))
    sheet = reader.get_sheet_by_name(name)
    rows = [
        (number, _plain(cells))
        for number, cells in enumerate(sheet.to_python(skip_empty_area=False), start=1)
        if any(c != "" for c in cells)
    ]
    grid = Grid(name, rows, [Merged(a + 1, b + 1, c + 1, d + 1) for (a, b), (c, d) in sheet.merged_cell_ranges or []])
    _place_errors(grid, book.error_cells(name))
    return grid


def _plain(cells: list) -> list[object]:
    """Numbers as their author typed them: a spreadsheet keeps 2021 as 2021.0 and 0.3 as 0.30000000000000004."""
    for position, cell in enumerate(cells):
        kind = type(cell)
        if kind is float:
            if cell.is_integer():
                if abs(cell) < DIGITS_KEPT:
                    cells[position] = int(cell)
            else:
                cells[position] = float(f"{cell:.15g}")
        elif kind is str:
            if cell == "":
                cells[position] = None
        elif kind is datetime and cell.microsecond:
            cells[position] = (cell + timedelta(microseconds=500_000)).replace(microsecond=0)
    return cells


def _place_errors(grid: Grid, errors: dict[str, str]) -> None:
    """Put the spreadsheet's errors where the reader left nothing."""
    if not errors:
        return
    at = dict(grid.rows)
    for reference, shown in errors.items():
        match = re.fullmatch(r"([A-Z]+)(\d+)", reference)
        cells = at.get(int(match[2])) if match else None
        position = column_number(match[1]) - 1 if match else 0
        if cells is not None and position < len(cells):
            cells[position] = Unreadable(f"单元格是公式错误 {shown}", f"the cell holds the error {shown}")


def _read_csv(content: bytes) -> Grid:
    text = decoded(content)
    if text.lstrip()[:1] == "<":
        raise Refusal(MARKUP)
    first = next((line for line in io.StringIO(text) if line.strip()), "")
    delimiter = _delimiter(first)
    if (parts := max((line.count(delimiter) for line in io.StringIO(text)), default=0)) > CELL_AT_MOST + COLUMNS_AT_MOST:
        refuse_large("CSV", 1, parts + 1)  # more than a cell full of them: the row would be laid out before it is counted
    rows: list[tuple[int, list[object]]] = []
    number = width = 0
    try:
        for number, cells in enumerate(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True), start=1):
            if number > ROWS_AT_MOST + HEAD_ROOM:
                refuse_large("CSV", max(number, text.count("\n")), width)
            if any(cells):
                rows.append((number, [_guarded(cell) if cell else None for cell in cells]))
                width = max(width, len(cells))
    except csv.Error as error:
        says = Text(
            "第 {n} 行附近的引号没有成对，或分隔符有误：请用 Excel 或 WPS 打开检查后另存",
            "quotes or separators are wrong near row {n}: {error}",
        )
        raise Refusal(says.format(n=number + 1, error=error)) from error
    refuse_large("CSV", number, width)
    return Grid("CSV", rows)


def decoded(content: bytes) -> str:
    """The text of a CSV: UTF-8 and UTF-16 with or without mark, else GB18030. Raises Refusal."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        encodings = ["utf-16"]
    elif wide := unmarked_utf16(content):
        encodings = [wide]
    elif content.count(0) > len(content) // 100 + 3 or content.startswith(
        (b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"Rar!")
    ):
        raise Refusal(UNKNOWN)
    else:
        encodings = ["utf-8-sig", "gb18030"]
    for encoding in encodings:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if len(re.findall(r"[\x01-\x08\x0e-\x1f]", text[:4000])) > 4:
            raise Refusal(UNKNOWN)
        return text
    raise Refusal(UNDECODABLE)


def unmarked_utf16(content: bytes) -> str | None:
    """The encoding of UTF-16 without its mark, told by the zero bytes of its commas and line ends; None where it is none."""
    low, high = content[:4000:2].count(0), content[1:4000:2].count(0)
    if max(low, high) < 2 or min(low, high) * 20 > max(low, high) or len(content) % 2:
        return None
    if max(low, high) * 50 < len(content[:4000]):
        return None
    return "utf-16-be" if low > high else "utf-16-le"


def _delimiter(line: str) -> str:
    outside = re.sub(r'"[^"]*"', "", line)
    return max(",;\t", key=outside.count)


_GUARD = re.compile(r"'+[=+\-@\t\r]")


def _guarded(cell: str) -> object:
    """What `guarded` of exporting put before a formula sign is taken away again."""
    if len(cell) > CELL_AT_MOST:
        return Unreadable(f"单元格有 {len(cell)} 个字，过长", f"the cell has {len(cell)} characters, which is too long")
    return cell[1:] if cell[0] == "'" and _GUARD.match(cell) else cell
