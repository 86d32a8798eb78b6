"""Sheets for tests, good and awkward."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence

import openpyxl

HEADINGS = ["项目代码", "项目名称", "乡镇", "产业", "总投资(万元)", "年度计划(万元)", "开工日期", "联系电话"]


def good_row(n: int, **values: object) -> list[object]:
    row = dict(
        zip(HEADINGS, [f"XH-{n:05}", f"项目{n}", "洋溪镇", "先进陶瓷", 1200, 300.5, "2021年3月8日", "13800001234"], strict=True)
    )
    return list((row | values).values())


def xlsx(*rows: Sequence[object], merged: Sequence[str] = (), title: str = "项目") -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = title
    for row in rows:
        sheet.append(list(row))
    for block in merged:
        sheet.merge_cells(block)
    return saved(book)


def saved(book: openpyxl.Workbook) -> bytes:
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def with_member(content: bytes, name: str, data: bytes) -> bytes:
    """The same archive with one member added or replaced."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as new:
        for member in old.namelist():
            if member != name:
                new.writestr(member, old.read(member))
        new.writestr(name, data)
    return buffer.getvalue()


def member(content: bytes, name: str) -> bytes:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return archive.read(name)


def csv(*rows: Sequence[object], delimiter: str = ",", encoding: str = "utf-8") -> bytes:
    return "\r\n".join(delimiter.join("" if c is None else str(c) for c in row) for row in rows).encode(encoding)
