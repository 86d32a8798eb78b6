"""Blank forms for tests, plain and ugly, made by code: what departments send round."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import openpyxl
from openpyxl.styles import Border, Font, Protection, Side
from openpyxl.workbook import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from tests.rooms.sheets_made import saved, with_member

THIN = Side(style="thin")
BOX = Border(left=THIN, right=THIN, top=THIN, bottom=THIN)


def put(sheet: Worksheet, cells: Mapping[str, object]) -> None:
    for place, value in cells.items():
        sheet[place] = value


def merge(sheet: Worksheet, *blocks: str) -> None:
    for block in blocks:
        sheet.merge_cells(block)


def frame(sheet: Worksheet, block: str) -> None:
    for row in sheet[block]:
        for cell in row:
            cell.border = BOX


def book(title: str = "Sheet1") -> tuple[Workbook, Worksheet]:
    made = openpyxl.Workbook()
    made.active.title = title
    return made, made.active


def plain() -> bytes:
    """1 · One row of headings with their units, a stub a town."""
    made, sheet = book("投资")
    put(
        sheet,
        {
            "A1": "乡镇投资情况表",
            "A2": "乡镇",
            "B2": "项目数（个）",
            "C2": "计划投资（万元）",
            "D2": "完成投资（万元）",
            "E2": "备注",
        },
    )
    put(sheet, {"A3": "洋溪镇", "A4": "白溪镇"})
    frame(sheet, "A2:E4")
    return saved(made)


def merged_two_rows() -> bytes:
    """2 · Merged headings in two rows, the unit in a corner, periods in the headings, a total with formulas, a note below."""
    made, sheet = book("10月")
    put(sheet, {
        "A1": "2021年1—10月重点项目投资完成情况统计表", "A2": "填报单位：", "F2": "单位：万元",
        "A3": "乡镇", "B3": "项目数", "C3": "投资情况", "F3": "备注", "C4": "计划", "D4": "1-10月完成", "E4": "上年同期完成",
        "A5": "合计", "A6": "洋溪镇", "A7": "其中：白溪镇", "C5": "=SUM(C6:C7)", "A8": "注：本表由发改局汇总，单位负责人签字后报送。",
    })  # fmt: skip
    merge(sheet, "A1:F1", "A3:A4", "B3:B4", "C3:E3", "F3:F4", "A8:F8")
    frame(sheet, "A3:F7")
    sheet["A1"].font = Font(size=18, bold=True)
    sheet.column_dimensions["A"].width = 31
    sheet["C6"].number_format = "#,##0.00"
    return saved(made)


def indicators() -> bytes:
    """3 · One row an indicator, with a column of units, a row of column numbers, periods across; a row that nobody keeps."""
    made, sheet = book("主要指标")
    put(sheet, {
        "A1": "主要指标月报", "A2": "指标名称", "B2": "计量单位", "C2": "代码", "D2": "本月", "E2": "本年累计", "F2": "上年同期", "G2": "同比增长(%)",
        "A3": "甲", "B3": "乙", "C3": "丙", "D3": 1, "E3": 2, "F3": 3, "G3": 4,
        "A4": "一、完成投资", "B4": "万元", "C4": "01", "A5": "二、在岗人数", "B5": "人", "C5": "02",
        "A6": "三、外商直接投资", "B6": "万美元", "C6": "03", "A7": "四、完成率", "B7": "%", "C7": "04",
    })  # fmt: skip
    frame(sheet, "A2:G7")
    return saved(made)


def industries_across() -> bytes:
    """4 · Two breakdowns: towns down, industries across under one figure; nothing is merged, although it is meant."""
    made, sheet = book()
    put(sheet, {
        "A1": "2021年分产业计划投资", "E2": "(金额单位：亿元)", "A3": "乡镇名称", "B3": "计划投资", "E3": "说明",
        "B4": "先进陶瓷", "C4": "现代文印", "D4": "小计", "A5": "洋溪", "A6": "白溪镇",
    })  # fmt: skip
    return saved(made)


def guarded() -> bytes:
    """5 · Protected but for some cells, a hidden column, cells that hold something already, text where a number is wanted."""
    made, sheet = book("报表")
    put(
        sheet,
        {
            "A1": "乡镇",
            "B1": "项目数",
            "C1": "计划投资（元）",
            "D1": "开工",
            "E1": "完成率（%）",
            "A2": "洋溪镇",
            "A3": "白溪镇",
            "B3": 7,
            "D3": "—",
        },
    )
    frame(sheet, "A1:E3")
    for place in ("B2", "B3", "D2", "D3", "E2", "E3"):
        sheet[place].protection = Protection(locked=False)
    sheet.column_dimensions["D"].hidden = True
    sheet.protection.sheet = True
    sheet.protection.password = "secret"
    return saved(made)


def several_sheets() -> bytes:
    """6 · Three sheets: a cover with labels to be filled by hand, a table, a hidden one that must be left alone."""
    made, cover = book("封面")
    put(cover, {"A1": "统 计 报 表", "A3": "填报单位：", "A4": "填表人：", "C4": "联系电话：", "A6": "项目数（个）"})
    frame(cover, "B6:B6")
    table = made.create_sheet("表1")
    put(table, {"A1": "指标", "B1": "数值", "A2": "计划投资（亿元）", "A3": "平均计划（万元）", "A4": "未登记的指标"})
    frame(table, "A1:B4")
    secret = made.create_sheet("代码表")
    put(secret, {"A1": "乡镇", "B1": "项目数", "A2": "洋溪镇"})
    secret.sheet_state = "hidden"
    return saved(made)


def unit_nowhere() -> bytes:
    """7 · No unit is stated anywhere, a total over some towns only, one heading that resembles a figure, one under a strange one."""
    made, sheet = book()
    put(sheet, {
        "A1": "乡镇", "B1": "计划投资", "C1": "项目数", "D1": "计划投资额度（万元）", "E1": "外资项目", "E2": "完成投资（万元）",
        "A3": "洋溪镇", "A4": "合计",
    })  # fmt: skip
    merge(sheet, "A1:A2", "B1:B2", "C1:C2", "D1:D2")
    frame(sheet, "A1:E4")
    return saved(made)


def list_form(rows: int = 5, *, footer: bool = True) -> bytes:
    """8 · A list: one row a project, running numbers, a total below, a column that nobody keeps, personal values."""
    made, sheet = book("项目清单")
    put(sheet, {
        "A1": "2021年重点项目清单", "G2": "单位：万元", "A3": "序号", "B3": "项目代码", "C3": "项目名称", "D3": "所在\n乡镇", "E3": "总投资",
        "F3": "环评文号", "G3": "联系电话",
    })  # fmt: skip
    merge(sheet, "A1:G1")
    frame(sheet, f"A3:G{3 + rows}")
    if footer:
        last = 4 + rows
        put(sheet, {f"A{last}": "合计", f"E{last}": f"=SUM(E4:E{last - 1})", f"A{last + 1}": "注：按总投资排序。"})
    return saved(made)


def two_tables() -> bytes:
    """9 · Two tables on one sheet, with their own titles and a blank line between; a merged stub over two rows."""
    made, sheet = book()
    put(sheet, {
        "A1": "一、项目", "A2": "乡镇", "B2": "类别", "C2": "数量", "A3": "洋溪镇", "B3": "项目数（个）", "B4": "计划投资（万元）",
        "A6": "二、指标", "A7": "指标", "B7": "2021年", "C7": "2020年", "A8": "生产总值（亿元）",
    })  # fmt: skip
    merge(sheet, "A3:A4", "A1:C1", "A6:C6")
    frame(sheet, "A2:C4")
    frame(sheet, "A7:C8")
    return saved(made)


def english() -> bytes:
    """10 · English headings, a unit row of its own, a cell that shows per cent by its format."""
    made, sheet = book("Return")
    put(sheet, {
        "A1": "Town", "B1": "Projects", "C1": "Planned", "D1": "Completion", "C2": "(CNY million)", "D2": "%",
        "A3": "Yangxi Town", "A4": "Baixi Town", "A5": "Total",
    })  # fmt: skip
    merge(sheet, "A1:A2", "B1:B2")
    frame(sheet, "A1:D5")
    sheet["D3"].number_format = "0.00%"
    return saved(made)


ALL: Iterable = (
    plain, merged_two_rows, indicators, industries_across, guarded, several_sheets, unit_nowhere, list_form, two_tables, english,
)  # fmt: skip


def with_macros() -> bytes:
    """A form that came as .xlsm."""
    return with_member(plain(), "xl/vbaProject.bin", b"macros")
