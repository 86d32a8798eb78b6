"""Sheets as offices send them, made for the stories."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import xlsxwriter

HEADINGS = [
    "项目编号",
    "项目名称",
    "计划年度",
    "列入年度计划",
    "所在乡镇",
    "产业",
    "项目类别",
    "项目状态",
    "总投资（万元）",
    "年度计划投资（万元）",
    "责任单位",
]


def projects_sheet(
    path: Path, number: int, *, series: str, year: int, wrong: Mapping[int, tuple[int, object]] | None = None
) -> Path:
    """``number`` projects from row 2 on. ``wrong``: row of the sheet → (column from 0, what stands there instead)."""
    book = xlsxwriter.Workbook(path, {"constant_memory": True})
    sheet = book.add_worksheet("项目")
    sheet.write_row(0, 0, HEADINGS)
    for n in range(1, number + 1):
        row: list[object] = [
            f"{series}-{n:05d}", f"洋溪镇便民工程{series}{n}号", year, "是", "洋溪镇", "社会民生", "一般重点项目", "前期准备",
            100 + n % 900, 50 + n % 40, "洋溪镇人民政府",
        ]  # fmt: skip
        if wrong and n + 1 in wrong:
            column, value = wrong[n + 1]
            row[column] = value
        sheet.write_row(n, 0, row)
    book.close()
    return path
