"""Records out as a sheet that imports again to the same records. Rows stream: memory does not grow with their number."""

from __future__ import annotations

import csv
import io
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, BinaryIO, Literal

import xlsxwriter  # type: ignore[import-untyped]
from django.db import transaction

from banjie.ledger.actions import record_entry
from banjie.lib import clock
from banjie.lib.clock import LOCAL
from banjie.lib.errors import NotPermitted, Refusal
from banjie.lib.text import Language, Text
from banjie.lib.units import plain
from banjie.people.models import Account
from banjie.people.scopes import scope_of_actor
from banjie.people.verbs import Verb
from banjie.registers.catalogue import catalogue
from banjie.registers.definition import Register
from banjie.registers.export_columns import Column, columns_of, masked
from banjie.registers.models import Record
from banjie.registers.queries import RecordQuerySet
from banjie.registers.rows import key_title

__all__ = ["Export", "Format", "export", "guarded", "masked"]

Format = Literal["xlsx", "csv"]
MEDIA_TYPES = {"xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "csv": "text/csv; charset=utf-8"}
ROWS_OF_A_SHEET = 1_048_575
DIGITS_EXACT = 15  # what a spreadsheet keeps of a number
CHUNK = 2_000
FIRST_SURE_DAY = date(1900, 3, 1)  # before it, spreadsheets count a day that never was
SIGNS = ("=", "+", "-", "@", "\t", "\r")  # what a spreadsheet may take for the beginning of a formula

NOT_GRANTED = Text("您没有导出「{register}」的权限", "you may not export {register}")
TOO_MANY = Text(
    "{n} 行超过一张表的上限：请加筛选，或导出 CSV", "{n} rows are more than a sheet holds: filter them, or export CSV"
)
NOTES = Text("说明", "Notes")


@dataclass(frozen=True)
class Export:
    """A finished export: ``file`` stands at its beginning and is gone when closed. ``masked``: some personal values were."""

    file: BinaryIO
    name: str
    media_type: str
    rows: int
    masked: bool


def export(
    register: str,
    rows: RecordQuerySet,
    *,
    by: Account | None,
    format: Format = "xlsx",
    language: Language = "zh",
    asked: Mapping[str, object] | None = None,
    why: str = "",
    origin: str = "web",
) -> Export:
    """Write the rows that the account may export, and say so in the ledger (``asked``: the filter, as the ledger keeps it).

    Personal values are masked wherever one of the rows lies outside the account's `personal` scope; a masked column says so in
    its heading, and an import passes it over. Raises NotPermitted, Refusal.
    """
    definition = catalogue().register(register)
    if not scope_of_actor(by).areas(Verb.EXPORT, register):
        raise NotPermitted(NOT_GRANTED.format(register=definition.title))
    seen = rows.of(register).visible_to(by).visible_to(by, Verb.EXPORT)
    if not seen.query.order_by:
        seen = seen.order_by("id")
    masked = bool(definition.personal) and by is not None and _some_outside(seen, by)
    columns = columns_of(definition, language, masked)
    file = tempfile.TemporaryFile()  # noqa: SIM115 - the caller closes it
    try:
        count = _write_csv(file, columns, seen) if format == "csv" else _write_xlsx(file, columns, seen, definition, language, by)
        with transaction.atomic():
            body = {
                "register": register, "format": format, "language": language, "count": count,
                "masked": masked, "filter": dict(asked or {}),
            }  # fmt: skip
            record_entry(chain=f"export:{register}", verb="register.export", body=body, by=by, why=why, origin=origin)
    except BaseException:
        file.close()
        raise
    file.seek(0)
    title = definition.title.zh if language == "zh" else definition.title.en
    return Export(file, f"{title} {clock.today():%Y-%m-%d}.{format}", MEDIA_TYPES[format], count, masked)


def _some_outside(rows: RecordQuerySet, by: Account) -> bool:
    """Whether the account may not see the personal values of every row."""
    permitted = Record.objects.visible_to(by, Verb.PERSONAL)
    return rows.order_by().exclude(pk__in=permitted.values("pk")).exists()


def _values(columns: Sequence[Column], rows: RecordQuerySet) -> Iterator[list[object]]:
    wanted = [(c.field.name, c.write) for c in columns]
    for data in rows.values_list("data", flat=True).iterator(chunk_size=CHUNK):
        yield [None if (value := data.get(name)) is None else write(value) for name, write in wanted]


def _write_csv(file: BinaryIO, columns: Sequence[Column], rows: RecordQuerySet) -> int:
    count = 0
    text = io.TextIOWrapper(file, encoding="utf-8-sig", newline="")
    writer = csv.writer(text)
    writer.writerow([guarded(c.heading) for c in columns])
    for values in _values(columns, rows):
        count += 1
        writer.writerow([_csv_cell(v) for v in values])
    text.flush()
    text.detach()
    return count


def _csv_cell(value: object) -> str:
    if isinstance(value, str):
        return guarded(value)
    if isinstance(value, Decimal):
        return plain(value)
    return "" if value is None else str(value)


def guarded(text: str) -> str:
    """Text that a spreadsheet will not run: an apostrophe before a formula sign. An import takes it off again."""
    return f"'{text}" if text.lstrip("'").startswith(SIGNS) else text


def _write_xlsx(
    file: BinaryIO, columns: Sequence[Column], rows: RecordQuerySet, register: Register, language: Language, by: Account | None
) -> int:
    number = rows.order_by().count()
    if number > ROWS_OF_A_SHEET:
        raise Refusal(TOO_MANY.format(n=f"{number:,}"))
    title = register.title.zh if language == "zh" else register.title.en
    with tempfile.TemporaryDirectory(prefix="banjie-export-") as folder:
        book = xlsxwriter.Workbook(file, {"constant_memory": True, "tmpdir": folder, "strings_to_formulas": False})
        sheet = book.add_worksheet(_sheet_name(title))
        bold, day = book.add_format({"bold": True, "bottom": 1}), book.add_format({"num_format": "yyyy-mm-dd"})
        moment = book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
        sheet.freeze_panes(1, 0)
        for position, column in enumerate(columns):
            sheet.set_column(position, position, min(40, max(12, 2 * len(column.heading))))
        for position, column in enumerate(columns):
            sheet.write_string(0, position, column.heading, bold)
        count = 0
        for values in _values(columns, rows):
            count += 1
            for position, value in enumerate(values):
                _write_cell(sheet, count, position, value, day, moment)
        _write_notes(book, register, count, language, by)
        book.close()
    return count


def _write_cell(sheet: Any, row: int, position: int, value: object, day: Any, moment: Any) -> None:
    """Typed where the sheet keeps it exactly, else as text; text never as a formula."""
    match value:
        case None:
            pass
        case str():
            sheet.write_string(row, position, value)
        case datetime():
            sheet.write_datetime(row, position, value, moment)
        case date() if value >= FIRST_SURE_DAY:
            sheet.write_datetime(row, position, value, day)
        case Decimal() | int() if _exact(value):
            sheet.write_number(row, position, float(value))
        case Decimal():
            sheet.write_string(row, position, plain(value))
        case _:
            sheet.write_string(row, position, str(value))


def _exact(value: Decimal | int) -> bool:
    return len(Decimal(value).normalize().as_tuple().digits) <= DIGITS_EXACT and abs(value) < 10**DIGITS_EXACT


def _write_notes(book: Any, register: Register, count: int, language: Language, by: Account | None) -> None:
    at = f"{clock.now().astimezone(LOCAL):%Y-%m-%d %H:%M}"
    notes = (
        Text(f"{register.title.zh}：{count} 条记录，导出于 {at}", f"{register.title.en}: {count} records, exported {at}"),
        Text(f"导出人：{by.name.zh if by else '系统'}", f"Exported by: {by.name.en if by else 'the system'}"),
        Text(
            f"修改后可原样导入；{key_title(register).zh}相同的记录会被更新，计算列和已脱敏的列不导入",
            f"May be changed and imported again: records of the same {key_title(register).en} are updated; computed and masked columns are passed over",
        ),
    )
    sheet = book.add_worksheet(NOTES.zh if language == "zh" else NOTES.en)
    sheet.set_column(0, 0, 100)
    for row, note in enumerate(notes):
        sheet.write_string(row, 0, note.zh if language == "zh" else note.en)


def _sheet_name(title: str) -> str:
    name = "".join("_" if c in "[]:*?/\\'" else c for c in title)[:31].strip()
    return name if name and name.lower() not in {"说明", "notes", "history"} else f"{name}_"[:31]
