"""Files that are no blank forms, or mean harm: a clear word of advice, in little time and memory."""

from __future__ import annotations

import io
import time
import tracemalloc
import zipfile
from collections.abc import Callable

import openpyxl
import pytest
import xlsxwriter  # type: ignore[import-untyped]

from banjie.bulletins.forms.packages import open_package
from banjie.bulletins.forms.reading import read_form
from banjie.bulletins.forms.writing import Entry, write
from banjie.lib.errors import Refusal
from tests.rooms import forms_made
from tests.rooms.sheets_made import member, with_member, xlsx

SHEET = "xl/worksheets/sheet1.xml"


def zeros(name: str, size: int) -> bytes:
    """A workbook with one member that packs a thousand times."""
    buffer = io.BytesIO(forms_made.plain())
    with zipfile.ZipFile(buffer, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, b"\0" * size)
    return buffer.getvalue()


def sheet_of(inside: bytes) -> bytes:
    head = b'<?xml version="1.0"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
    return with_member(forms_made.plain(), SHEET, head + inside + b"</sheetData></worksheet>")


LAUGHS = (
    b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
    b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>&b;</sheetData></worksheet>'
)
FILES: list[tuple[str, Callable[[], bytes], str]] = [
    ("an old .xls", lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "旧格式 .xls"),
    ("macros", lambda: with_member(forms_made.plain(), "xl/vbaProject.bin", b"x"), "含宏"),
    (
        "macros by type only",
        lambda: with_member(
            forms_made.plain(), "[Content_Types].xml",
            member(forms_made.plain(), "[Content_Types].xml").replace(b"sheet.main+xml", b"sheet.macroEnabled.main+xml"),
        ),
        "含宏",
    ),
    ("a binary workbook", lambda: with_member(forms_made.plain(), "xl/workbook.bin", b"x"), ".xlsb"),
    ("a web page", lambda: b"<html><table><tr><td>1</td></tr></table></html>", "网页"),
    ("a text", lambda: "乡镇,项目数".encode(), "只能填写 .xlsx"),
    ("a bare archive", lambda: _archive({"a.txt": b"x"}), "不是 .xlsx"),
    ("half a file", lambda: forms_made.plain()[:2000], "损坏"),
    ("a bomb", lambda: zeros("xl/media/image1.png", 60_000_000), "解压后过大"),
    ("a larger bomb", lambda: zeros("xl/media/image1.png", 90_000_000), "解压后过大"),
    ("broken XML", lambda: with_member(forms_made.plain(), SHEET, b"<worksheet><sheetData></worksheet>"), "损坏"),
    ("entities that grow", lambda: with_member(forms_made.plain(), SHEET, LAUGHS), "损坏"),
    ("a million empty rows", lambda: sheet_of(b'<row r="1"/>' * 1_000_000), "1,000,000 行"),
    ("too many cells", lambda: sheet_of(b'<row r="1">' + b"<c/>" * 200_000 + b"</row>"), "200,000 个单元格"),
    ("styles without end", lambda: with_member(forms_made.plain(), "xl/styles.xml", b"<styleSheet>" + b"<xf/>" * 1_500_000 + b"</styleSheet>"), "个标记"),
    ("headings by the hundred over rows by the thousand", lambda: xlsx(["乡镇", *(f"指标{n}" for n in range(290))], *([f"村{n}"] for n in range(2_000))), "580,000 个单元格"),
    ("cells that lie about their row", lambda: sheet_of(b'<row r="1"><c r="B7"/></row>'), "损坏"),
    (
        "a block over the whole sheet",
        lambda: with_member(forms_made.plain(), SHEET, member(forms_made.plain(), SHEET).replace(
            b"</sheetData>", b'</sheetData><mergeCells><mergeCell ref="A1:XFD1048576"/></mergeCells>')),
        "损坏",
    ),
    ("no blank cells", lambda: xlsx(["乡镇", "项目数"], ["洋溪镇", 3]), "没有找到要填的空格"),
    ("nothing at all", lambda: xlsx(), "没有找到要填的空格"),
]  # fmt: skip


def _archive(members: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return buffer.getvalue()


@pytest.mark.parametrize(("content", "says"), [f[1:] for f in FILES], ids=[f[0] for f in FILES])
def test_a_file_that_is_no_form_is_refused_with_advice_in_little_time_and_memory(content: Callable[[], bytes], says: str) -> None:
    given = content()
    tracemalloc.start()
    begun = time.monotonic()
    try:
        with pytest.raises(Refusal) as refused:
            read_form(given)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert says in refused.value.says.zh
    assert refused.value.says.en
    assert time.monotonic() - begun < 5
    assert peak < 150_000_000


def test_a_form_as_large_as_is_taken_is_read_in_a_few_seconds() -> None:
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("大表")
    sheet.append(["乡镇", *(f"指标{n}" for n in range(60))])
    for row in range(2_000):
        sheet.append([f"村{row}", *([None] * 60)])
    buffer = io.BytesIO()
    book.save(buffer)
    begun = time.monotonic()
    form = read_form(buffer.getvalue())
    assert sum(len(t.slots) for p in form.pages for t in p.layout.tables) == 120_000
    assert time.monotonic() - begun < 10


def test_what_the_writer_does_not_know_goes_through_byte_for_byte() -> None:
    """Shared strings, pictures, drop-down lists, conditional formats, print settings: from a form made by another program."""
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True})
    sheet = book.add_worksheet("表")
    sheet.write_row(0, 0, ["乡镇", "项目数"])
    sheet.write(1, 0, "洋溪镇")
    sheet.write_blank(1, 1, None, book.add_format({"border": 1}))
    sheet.data_validation("B2", {"validate": "integer", "criteria": ">=", "value": 0})
    sheet.conditional_format("B2:B9", {"type": "cell", "criteria": ">", "value": 5, "format": book.add_format({"bold": True})})
    sheet.set_header("&C机密")
    chart = book.add_chart({"type": "column"})
    chart.add_series({"values": "=表!$B$2:$B$9"})
    sheet.insert_chart("D2", chart)
    book.close()
    content = buffer.getvalue()
    form = read_form(content)
    made = write(form.package, {form.sheets[0].member: {(2, 2): Entry(3, "批注")}}, author="办结")
    before, after = open_package(content), open_package(made)
    changed = {n for n in before.members if before.members[n] != after.members[n]}
    assert changed == {SHEET, "xl/worksheets/_rels/sheet1.xml.rels", "xl/workbook.xml", "[Content_Types].xml"}
    xml = after.members[SHEET]
    for kept in (b"<dataValidation ", b"<conditionalFormatting", "机密".encode(), b"<drawing "):
        assert kept in xml
    assert xml.index(b"<drawing ") < xml.index(b"<legacyDrawing ")
    again = openpyxl.load_workbook(io.BytesIO(made))
    assert again["表"]["B2"].value == 3
    assert again["表"]["B2"].comment.text == "批注"
