"""Opening an .xlsx without trusting it: bounded before and while it is unpacked, and wrapped anew for the reader.

The reader gets a copy without compression that holds the workbook's XML and nothing else, so what was measured is what is
read: a size in the archive's directory that lies, a picture of 2 GB or a second directory never reach it.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from posixpath import normpath

from banjie.lib.errors import Refusal
from banjie.lib.text import Text

UNPACKED_AT_MOST = 320 * 1024 * 1024
MEMBERS_AT_MOST = 2_000
SMALL = 24 * 1024 * 1024  # below this no ratio is suspicious
RATIO_AT_MOST = 120  # sheets of offices pack 8 to 30 times
COLUMNS_AT_MOST = 500
ROWS_AT_MOST = 200_000
HEAD_ROOM = 20  # rows above the data: titles, units, headings
CELLS_AT_MOST = 8_000_000
TEXT_AT_MOST = 256 * 1024 * 1024  # in all cells together, a text that many of them share counted for each
_PIECE = 1 << 20

BOMB = Text(
    "文件解压后过大（{size} MB），不像正常的表格：请删去空白的行列和图片后另存，或拆成几个文件",
    "the file unpacks to {size} MB, which no ordinary sheet does: delete empty rows, columns and pictures and save it again, or split it",
)
DAMAGED = Text(
    "文件已损坏，无法读取：请用 Excel 或 WPS 打开后另存为 .xlsx",
    "the file is damaged: open it in Excel or WPS and save it as .xlsx",
)
MACROS = Text(
    "含宏的工作簿（.xlsm）不能导入：请另存为不含宏的 .xlsx",
    "workbooks with macros (.xlsm) are not taken: save it as .xlsx without macros",
)
BINARY = Text("不支持 .xlsb：请另存为 .xlsx", ".xlsb is not read: save it as .xlsx")
NOT_A_WORKBOOK = Text(
    "这不是 .xlsx 表格：请用 Excel 或 WPS 另存为 .xlsx", "this is not an .xlsx workbook: save it as .xlsx in Excel or WPS"
)

# Cells that hold something; one that is only styled ends in "/>" and takes no place in the reader's grid.
_CELL = re.compile(rb"<(?:\w+:)?c\b[^>]*?\sr\s*=\s*[\"']([A-Za-z]{1,3})(\d+)[\"'][^>]*(?<!/)>")
_ERROR_CELL = re.compile(
    rb"<(?:\w+:)?c\b(?=[^>]*\st\s*=\s*[\"']e[\"'])[^>]*?\sr\s*=\s*[\"']([A-Z]{1,3}\d+)[\"'][^>]*>(.*?)</(?:\w+:)?c>", re.DOTALL
)
_FORMULA_CELL = re.compile(
    rb"<(?:\w+:)?c\b([^>]*)>\s*<(?:\w+:)?f\b[^>]*?(?:/>|>[^<]*</(?:\w+:)?f>)\s*(?:<(?:\w+:)?v\s*/>|<(?:\w+:)?v></(?:\w+:)?v>)?\s*</(?:\w+:)?c>"
)
_VALUE = re.compile(rb"<(?:\w+:)?v>([^<]*)<")
_BARE_CELLS = re.compile(rb"(?:<(?:\w+:)?c\b[^<>]*/>)+")  # styled and empty: they take the reader time and tell it nothing
_SHARED = re.compile(rb"<(?:\w+:)?si\b.*?</(?:\w+:)?si>|<(?:\w+:)?si\s*/>", re.DOTALL)
_SHARED_CELL = re.compile(rb"<(?:\w+:)?c\b(?=[^>]*\st\s*=\s*[\"']s[\"'])[^>]*>\s*<(?:\w+:)?v>\s*(\d+)\s*<")
_REFERENCE = re.compile(rb"\sr\s*=\s*[\"']([A-Z]{1,3}\d+)[\"']")
_SHEET = re.compile(rb"<(?:\w+:)?sheet\b[^>]*>")
_RELATION = re.compile(rb"<(?:\w+:)?Relationship\b[^>]*>")


@dataclass(frozen=True)
class Workbook:
    """The XML of a workbook, safe to hand to a reader, and where each sheet's XML lies."""

    content: bytes
    sheets: dict[str, bytes]  # name → XML

    def error_cells(self, sheet: str) -> dict[str, str]:
        """Cells whose formula failed: ``{"D7": "#N/A"}``. The reader would give them as empty."""
        xml = self.sheets.get(sheet, b"")
        if not re.search(rb"\st\s*=\s*[\"']e[\"']", xml):
            return {}
        return {
            reference.decode(): (v[1].decode() if (v := _VALUE.search(body)) else "?")
            for reference, body in _ERROR_CELL.findall(xml)
        }

    def unsaved_formulas(self, sheet: str) -> list[str]:
        """Cells with a formula whose result was never saved (files made by programs); they would be read as empty."""
        xml = self.sheets.get(sheet, b"")
        if not re.search(rb"<(?:\w+:)?f[ />]", xml):
            return []
        found = []
        for attributes in _FORMULA_CELL.findall(xml):
            if re.search(rb"\st\s*=\s*[\"']str[\"']", attributes):
                continue  # a formula whose result is the empty text
            reference = _REFERENCE.search(attributes)
            found.append(reference[1].decode() if reference else "?")
        return found


def open_workbook(source: Path | bytes) -> Workbook:
    """Unpack a workbook within bounds. Raises Refusal with advice."""
    try:
        with zipfile.ZipFile(io.BytesIO(source) if isinstance(source, bytes) else source) as archive:
            members = _wanted(archive)
            contents = _unpacked(archive, members)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError, UnicodeError) as error:
        raise Refusal(DAMAGED) from error
    sheets = _sheets(contents)
    for name, xml in sheets.items():
        _bound(name, xml)
    _bound_texts(contents.get("xl/sharedStrings.xml", b""), sheets.values())
    return Workbook(_rewrapped(contents), sheets)


def bounded(members: Sequence[zipfile.ZipInfo], *, unpacked_at_most: int) -> set[str]:
    """The names of the members, if the directory says nothing that no workbook would. Raises Refusal."""
    names = {m.filename for m in members}
    if len(members) > MEMBERS_AT_MOST or len(names) != len(members):
        raise Refusal(DAMAGED)
    size, packed = sum(m.file_size for m in members), sum(m.compress_size for m in members)
    if size > unpacked_at_most or (size > SMALL and size > RATIO_AT_MOST * max(packed, 1)):
        raise Refusal(BOMB.format(size=f"{size / 1e6:,.0f}"))
    if "xl/workbook.bin" in names:
        raise Refusal(BINARY)
    return names


def _wanted(archive: zipfile.ZipFile) -> list[zipfile.ZipInfo]:
    """The members that hold the sheets, after a look at the directory alone."""
    members = archive.infolist()
    names = bounded(members, unpacked_at_most=UNPACKED_AT_MOST)
    if "xl/vbaProject.bin" in names:
        raise Refusal(MACROS)
    if "xl/workbook.xml" not in names:
        raise Refusal(NOT_A_WORKBOOK)
    return [
        m for m in members if m.filename.endswith((".xml", ".rels")) and not m.filename.startswith(("docProps/", "xl/theme/"))
    ]


def _unpacked(archive: zipfile.ZipFile, members: list[zipfile.ZipInfo]) -> dict[str, bytes]:
    """Read piece by piece: Python stops each member at the size that the directory gives, and checks it."""
    contents, total = {}, 0
    for member in members:
        sheet = member.filename.startswith("xl/worksheets/")
        pieces, rest = [], b""
        with archive.open(member) as file:
            while piece := file.read(_PIECE):
                total += len(piece)
                if total > UNPACKED_AT_MOST:
                    raise Refusal(BOMB.format(size=f"> {UNPACKED_AT_MOST / 1e6:,.0f}"))
                if sheet:  # cut behind a tag, so that no cell lies across two pieces
                    whole, end, rest = (rest + piece).rpartition(b">")
                    if len(rest) > 4 * _PIECE:  # no cell is that long
                        raise Refusal(DAMAGED)
                    piece = _BARE_CELLS.sub(b"", whole + end)
                pieces.append(piece)
        contents[member.filename] = b"".join([*pieces, rest])
    if b"macroEnabled" in contents.get("[Content_Types].xml", b""):
        raise Refusal(MACROS)
    return contents


def _sheets(contents: dict[str, bytes]) -> dict[str, bytes]:
    targets = {}
    for tag in _RELATION.findall(contents.get("xl/_rels/workbook.xml.rels", b"")):
        target = _attribute(tag, "Target")
        targets[_attribute(tag, "Id")] = target.lstrip("/") if target.startswith("/") else normpath(f"xl/{target}")
    found = {}
    for tag in _SHEET.findall(contents["xl/workbook.xml"]):
        found[_attribute(tag, "name")] = contents.get(targets.get(_attribute(tag, r"\w+:id"), ""), b"")
    return found


def _attribute(tag: bytes, name: str) -> str:
    match = re.search(rb"\s" + name.encode() + rb"\s*=\s*(?:\"([^\"]*)\"|'([^']*)')", tag)
    text = (match[1] if match[1] is not None else match[2]).decode("utf-8", "replace") if match else ""
    for entity, character in (("&lt;", "<"), ("&gt;", ">"), ("&quot;", '"'), ("&apos;", "'"), ("&amp;", "&")):
        text = text.replace(entity, character)
    return text


def _bound(name: str, xml: bytes) -> None:
    """The reader lays out a full grid from the first cell to the last: refuse one that is mostly nothing, or too large."""
    if xml.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise Refusal(DAMAGED)  # UTF-16: the bounds could not be looked for
    cells = _CELL.findall(xml)
    if not cells:
        return
    columns = max(column_number(c.decode()) for c in {column for column, _ in cells})
    rows = max(map(int, {row for _, row in cells}))
    refuse_large(name, rows, columns)


def _bound_texts(shared: bytes, sheets: Iterable[bytes]) -> None:
    """The reader gives each cell a text of its own, also where a million cells share one that the file holds once."""
    lengths = [len(text) for text in _SHARED.findall(shared)]
    if not lengths:
        return
    used = Counter(chain.from_iterable(_SHARED_CELL.findall(xml) for xml in sheets))
    total = sum(lengths[int(index)] * count for index, count in used.items() if int(index) < len(lengths))
    if total > TEXT_AT_MOST:
        raise Refusal(BOMB.format(size=f"{total / 1e6:,.0f}"))


def refuse_large(name: str, rows: int, columns: int) -> None:
    """Raise Refusal where a sheet has more rows, columns or cells than are taken at once."""
    if rows - HEAD_ROOM > ROWS_AT_MOST:
        says = Text(
            "「{name}」到第 {n} 行，一次最多 {most} 行：请删去末尾的空行或拆成几个文件",
            "{name} reaches row {n}; {most} rows at most: delete trailing rows or split the file",
        )
        raise Refusal(says.format(name=name, n=f"{rows:,}", most=f"{ROWS_AT_MOST:,}"))
    if columns > COLUMNS_AT_MOST:
        says = Text("「{name}」有 {n} 列，最多 {most} 列", "{name} has {n} columns; {most} at most")
        raise Refusal(says.format(name=name, n=columns, most=COLUMNS_AT_MOST))
    if rows * columns > CELLS_AT_MOST:
        says = Text("「{name}」有 {n} 个单元格，过大：请拆成几个文件", "{name} has {n} cells, which is too many: split the file")
        raise Refusal(says.format(name=name, n=f"{rows * columns:,}"))


def column_number(letters: str) -> int:
    """A → 1, Z → 26, AA → 27."""
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - 64
    return number


def column_letter(number: int) -> str:
    """1 → A, 27 → AA."""
    letters = ""
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def _rewrapped(contents: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for name, content in contents.items():
            archive.writestr(name, content)
    return buffer.getvalue()
