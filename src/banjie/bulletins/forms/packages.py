"""A blank form taken apart without trusting it: every member within bounds, and put together again with some of them changed.

A form is filled by changing the few cells that are filled. Whatever else the file holds (styles, pictures, drop-down lists,
print settings, things that a newer program wrote) goes through byte for byte.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from dataclasses import dataclass
from functools import cached_property
from posixpath import dirname, normpath
from typing import Any

from lxml import etree

from banjie.lib.errors import Refusal
from banjie.lib.text import Text
from banjie.registers.archives import BOMB, DAMAGED, NOT_A_WORKBOOK, bounded
from banjie.registers.sheets import MARKUP, OLD_OR_LOCKED, refuse_size

UNPACKED_AT_MOST = 64 * 1024 * 1024
ROWS_AT_MOST = 20_000  # row elements of a sheet, empty ones too
CELLS_AT_MOST = 150_000  # in all sheets
SHEETS_AT_MOST = 60
TAGS_AT_MOST = 1_000_000  # of one member: a tree takes many times the room of its text
_PIECE = 1 << 20
_ROW = re.compile(rb"<(?:\w+:)?row[\s/>]")
_CELL = re.compile(rb"<(?:\w+:)?c[\s/>]")

MACROS = Text(
    "含宏的工作簿（.xlsm）不填写：请在 Excel 或 WPS 中另存为不含宏的 .xlsx",
    "workbooks with macros (.xlsm) are not filled: save it as .xlsx without macros in Excel or WPS",
)
ONLY_XLSX = Text("只能填写 .xlsx 表格", "only .xlsx forms can be filled")
TOO_MANY_ROWS = Text(
    "「{name}」有 {n} 行（含空行），空白表最多 {most} 行：请删去末尾的空行后另存再试",
    "{name} has {n} rows, empty ones counted; a form has {most} at most: delete the trailing rows, save it and try again",
)
TOO_MANY_CELLS = Text(
    "表中有 {n} 个单元格，空白表最多 {most} 个：请删去多余的行列后另存再试",
    "the form has {n} cells; {most} at most: delete the rows and columns that are not used, save it and try again",
)
TOO_MANY_TAGS = Text(
    "文件内部有 {n} 个标记，不像正常的表格：请用 Excel 或 WPS 打开后另存为新文件再试",
    "the file holds {n} tags inside, which no ordinary sheet does: open it in Excel or WPS, save it as a new file and try again",
)
TOO_MANY_SHEETS = Text("有 {n} 张工作表，最多 {most} 张：请拆成几个文件", "there are {n} sheets; {most} at most: split the file")


def parsed(xml: bytes) -> Any:
    """The root of a member's XML. Raises Refusal for what is not well-formed, or declares types of its own (no program that
    writes sheets does, and what expands without end begins so)."""
    if b"<!DOCTYPE" in xml or b"<!ENTITY" in xml or xml.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise Refusal(DAMAGED)
    if (tags := xml.count(b"<")) > TAGS_AT_MOST:
        raise Refusal(TOO_MANY_TAGS.format(n=f"{tags:,}"))
    parser = etree.XMLParser(resolve_entities=False, load_dtd=False, no_network=True, huge_tree=False, remove_blank_text=False)
    try:
        return etree.fromstring(xml, parser)
    except etree.XMLSyntaxError as error:
        raise Refusal(DAMAGED) from error


def serialised(root: Any) -> bytes:
    said: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)
    return said


def relations_of(member: str) -> str:
    """Where the relations of a member lie: xl/worksheets/_rels/sheet1.xml.rels."""
    folder, _, name = member.rpartition("/")
    return f"{folder}/_rels/{name}.rels" if folder else f"_rels/{name}.rels"


@dataclass(frozen=True)
class SheetPart:
    """A worksheet as the workbook names it, and the member in which it lies."""

    name: str
    member: str
    hidden: bool


@dataclass(frozen=True)
class Package:
    """The members of a workbook in their order."""

    members: dict[str, bytes]

    @cached_property
    def workbook(self) -> str:
        """The member that names the sheets."""
        return "xl/workbook.xml"

    def related(self, member: str) -> dict[str, tuple[str, str]]:
        """What a member relates to: id → (the last word of the relation's type, the target's member)."""
        xml = self.members.get(relations_of(member))
        if xml is None:
            return {}
        found = {}
        for relation in parsed(xml):
            if not isinstance(relation.tag, str) or relation.get("TargetMode") == "External":
                continue
            target = relation.get("Target", "")
            path = target.lstrip("/") if target.startswith("/") else normpath(f"{dirname(member)}/{target}")
            found[relation.get("Id", "")] = (relation.get("Type", "").rpartition("/")[2], path)
        return found

    @cached_property
    def sheets(self) -> tuple[SheetPart, ...]:
        """The worksheets in their order; sheets that are charts or dialogs are left out."""
        related = self.related(self.workbook)
        found = []
        for sheet in parsed(self.members[self.workbook]).iterfind("{*}sheets/{*}sheet"):
            number = next((v for k, v in sheet.attrib.items() if k.endswith("}id")), "")
            kind, member = related.get(number, ("", ""))
            if kind == "worksheet" and member in self.members:
                hidden = sheet.get("state", "visible") != "visible"
                found.append(SheetPart(sheet.get("name", ""), member, hidden))
        return tuple(found)

    def with_members(self, changed: dict[str, bytes]) -> bytes:
        """The file with some members changed or added; the others as they were."""
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, content in {**self.members, **changed}.items():
                archive.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), content, zipfile.ZIP_DEFLATED)
        return buffer.getvalue()


def open_package(content: bytes) -> Package:
    """Take a form apart. Raises Refusal with advice for what is no .xlsx, damaged, or larger than any form is."""
    refuse_size(len(content))
    if content.startswith(b"\xd0\xcf\x11\xe0"):
        raise Refusal(OLD_OR_LOCKED)
    if not content.startswith(b"PK"):
        raise Refusal(MARKUP if content.lstrip()[:1] == b"<" else ONLY_XLSX)
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = _unpacked(archive)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError, UnicodeError) as error:
        raise Refusal(DAMAGED) from error
    package = Package(members)
    _bound(package)
    return package


def _unpacked(archive: zipfile.ZipFile) -> dict[str, bytes]:
    members = [m for m in archive.infolist() if not m.is_dir()]
    names = bounded(members, unpacked_at_most=UNPACKED_AT_MOST)
    if any(n.endswith("vbaProject.bin") for n in names):
        raise Refusal(MACROS)
    if "xl/workbook.xml" not in names or "[Content_Types].xml" not in names:
        raise Refusal(NOT_A_WORKBOOK)
    contents, total = {}, 0
    for member in members:  # Python stops each at the size that the directory gives, and checks it
        pieces = []
        with archive.open(member) as file:
            while piece := file.read(_PIECE):
                total += len(piece)
                if total > UNPACKED_AT_MOST:
                    raise Refusal(BOMB.format(size=f"> {UNPACKED_AT_MOST / 1e6:,.0f}"))
                pieces.append(piece)
        contents[member.filename] = b"".join(pieces)
    if b"macroEnabled" in contents["[Content_Types].xml"]:
        raise Refusal(MACROS)
    return contents


def _bound(package: Package) -> None:
    """Counted before anything is parsed: a tree takes many times the room of its text."""
    if len(package.sheets) > SHEETS_AT_MOST:
        raise Refusal(TOO_MANY_SHEETS.format(n=len(package.sheets), most=SHEETS_AT_MOST))
    cells = 0
    for sheet in package.sheets:
        xml = package.members[sheet.member]
        if (rows := sum(1 for _ in _ROW.finditer(xml))) > ROWS_AT_MOST:
            raise Refusal(TOO_MANY_ROWS.format(name=sheet.name, n=f"{rows:,}", most=f"{ROWS_AT_MOST:,}"))
        cells += sum(1 for _ in _CELL.finditer(xml))
    if cells > CELLS_AT_MOST:
        raise Refusal(TOO_MANY_CELLS.format(n=f"{cells:,}", most=f"{CELLS_AT_MOST:,}"))
