"""Records out as a sheet that imports again to the same records. Rows stream: memory does not grow with their number."""

from __future__ import annotations

import csv
import io
import re
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import BinaryIO, Literal

import xlsxwriter
from django.db import transaction

from banjie.ledger.actions import record_entry
from banjie.lib import clock
from banjie.lib.clock import LOCAL
from banjie.lib.errors import NotFound, NotPermitted, Refusal
from banjie.lib.text import Language, Text
from banjie.lib.units import plain
from banjie.lib.units import unit as unit_of
from banjie.people.models import Account
from banjie.people.scopes import scope_of_actor
from banjie.people.verbs import Verb
from banjie.places.models import Area
from banjie.registers.catalogue import catalogue
from banjie.registers.definition import Field, Register
from banjie.registers.headings import MASKED, Matcher, narrow, parted, scales
from banjie.registers.models import Record
from banjie.registers.queries import RecordQuerySet
from banjie.registers.values import Stored, text_of

Format = Literal["xlsx", "csv"]
MEDIA_TYPES = {"xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "csv": "text/csv; charset=utf-8"}
ROWS_OF_A_SHEET = 1_048_575
DIGITS_EXACT = 15  # what a spreadsheet keeps of a number
CHUNK = 2_000
FIRST_SURE_DAY = date(1900, 3, 1)  # before it, spreadsheets count a day that never was
_BRACKETED = re.compile(r"\s*[((\[][^((\[]*$")  # the unit behind a title
SIGNS = ("=", "+", "-", "@", "\t", "\r")  # what a spreadsheet may take for the beginning of a formula

NOT_GRANTED = Text("您没有导出「{register}」的权限", "you may not export {register}")
TOO_MANY = Text("{n} 行超过一张表的上限:请加筛选,或导出 CSV", "{n} rows are more than a sheet holds: filter them, or export CSV")
NOTES = Text("说明", "Notes")


@dataclass(frozen=True)
class Export:
    """A finished export: ``file`` stands at its beginning and is gone when closed. ``masked``: some personal values were."""

    file: BinaryIO
    name: str
    media_type: str
    rows: int
    masked: bool


@dataclass(frozen=True)
class _Column:
    field: Field
    heading: str
    write: Callable[[Stored], object]  # str, int, Decimal, date or datetime


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
    columns = _columns(definition, language, masked)
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


def masked(value: object) -> str:
    """A personal value with its middle hidden: 138****1234, 王**."""
    text = str(value)
    if len(text) > 7:
        return f"{text[:3]}{'*' * (len(text) - 7)}{text[-4:]}"
    return text[:1] + "*" * max(1, len(text) - 1)


def _columns(register: Register, language: Language, hidden: bool) -> list[_Column]:
    match = Matcher(register)
    areas = _area_names(language) if any(f.type == "area" for f in register.fields) else {}
    columns = []
    for f in register.fields:
        heading, factor = _heading(f, match, language)
        write = _writer(f, register, language, factor, areas)
        if hidden and f.personal:
            heading, write = f"{heading}({MASKED.zh if language == 'zh' else MASKED.en})", masked
        columns.append(_Column(f, heading, write))
    return columns


def _heading(f: Field, match: Matcher, language: Language) -> tuple[str, Decimal]:
    """The title with the unit of the numbers below it; the field's name where an import would not know the title."""
    title = f.title.zh if language == "zh" else f.title.en
    word = _unit_word(f, language)
    if word:
        factor = scales(f.unit)[narrow(word)]
        base = _BRACKETED.sub("", title) if parted(narrow(title))[1] in scales(f.unit) else title
        for heading in (f"{base}({word})", f"{f.name}({word})"):
            if match(heading) == (f, factor):
                return heading, factor
    return (title if match(title) == (f, Decimal(1)) else f.name), Decimal(1)


def _unit_word(f: Field, language: Language) -> str:
    """元, 亩, % …; nothing for bare numbers."""
    if f.type not in {"decimal", "integer"} or f.unit in {"", "ratio", "index"}:
        return ""
    shares = {"percent": "%", "permille": "‰", "percentage_point": "个百分点" if language == "zh" else "percent"}
    if f.unit in shares:
        return shares[f.unit] if narrow(shares[f.unit]) in scales(f.unit) else ""
    try:
        title = unit_of(f.unit).title
    except NotFound:
        return ""
    return title.zh if language == "zh" else title.en


def _area_names(language: Language) -> dict[str, str]:
    """Names of the areas in force that no other area bears; where there is none, the code stands in the sheet."""
    rows = list(Area.objects.on(clock.today()).values_list("code", "name_zh", "name_en"))
    borne: dict[str, int] = {}
    for _, zh, en in rows:
        for name in {text_of(zh), text_of(en)}:
            borne[name] = borne.get(name, 0) + 1
    named = {code: zh if language == "zh" else en for code, zh, en in rows}
    return {code: name for code, name in named.items() if name and borne[text_of(name)] == 1}


def _writer(f: Field, register: Register, language: Language, factor: Decimal, areas: Mapping[str, str]) -> Callable[[Stored], object]:
    match f.type:
        case "decimal" | "integer":
            return (lambda v: Decimal(str(v))) if factor == 1 else (lambda v: Decimal(str(v)) / factor)
        case "boolean":
            yes, no = ("是", "否") if language == "zh" else ("yes", "no")
            return lambda v: yes if v else no
        case "choice":
            labels = _option_labels(f, register, language)
            return lambda v: labels.get(str(v), str(v))
        case "area":
            return lambda v: areas.get(str(v), str(v))
        case "date":
            return lambda v: date.fromisoformat(str(v))
        case "datetime":
            return lambda v: datetime.fromisoformat(str(v)).astimezone(LOCAL).replace(tzinfo=None)
        case "year":
            return lambda v: v
    return str


def _option_labels(f: Field, register: Register, language: Language) -> dict[str, str]:
    """Labels by code, as far as a label means one option."""
    options = register.options(f)
    borne: dict[str, int] = {}
    for o in options:
        for word in {o.code, text_of(o.title.zh), text_of(o.title.en)}:
            borne[word] = borne.get(word, 0) + 1
    named = {o.code: o.title.zh if language == "zh" else o.title.en for o in options}
    return {code: label for code, label in named.items() if borne[text_of(label)] == 1}


def _values(columns: Sequence[_Column], rows: RecordQuerySet) -> Iterator[list[object]]:
    wanted = [(c.field.name, c.write) for c in columns]
    for data in rows.values_list("data", flat=True).iterator(chunk_size=CHUNK):
        yield [None if (value := data.get(name)) is None else write(value) for name, write in wanted]


def _write_csv(file: BinaryIO, columns: Sequence[_Column], rows: RecordQuerySet) -> int:
    count = 0
    text = io.TextIOWrapper(file, encoding="utf-8-sig", newline="")
    writer = csv.writer(text)
    writer.writerow([guarded(c.heading) for c in columns])
    for count, values in enumerate(_values(columns, rows), start=1):
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
    file: BinaryIO, columns: Sequence[_Column], rows: RecordQuerySet, register: Register, language: Language, by: Account | None
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
        for count, values in enumerate(_values(columns, rows), start=1):
            for position, value in enumerate(values):
                match value:
                    case None:
                        pass
                    case str():
                        sheet.write_string(count, position, value)
                    case datetime():
                        sheet.write_datetime(count, position, value, moment)
                    case date() if value >= FIRST_SURE_DAY:
                        sheet.write_datetime(count, position, value, day)
                    case Decimal() | int() if _exact(value):
                        sheet.write_number(count, position, float(value))
                    case Decimal():
                        sheet.write_string(count, position, plain(value))
                    case _:
                        sheet.write_string(count, position, str(value))
        _write_notes(book, title, count, language, by)
        book.close()
    return count


def _exact(value: Decimal | int) -> bool:
    return len(Decimal(value).normalize().as_tuple().digits) <= DIGITS_EXACT and abs(value) < 10**DIGITS_EXACT


def _write_notes(book: xlsxwriter.Workbook, title: str, count: int, language: Language, by: Account | None) -> None:
    notes: Iterable[Text] = (
        Text(f"{title}:{count} 条记录,导出于 {datetime.now(UTC).astimezone(LOCAL):%Y-%m-%d %H:%M}", f"{title}: {count} records, exported {datetime.now(UTC).astimezone(LOCAL):%Y-%m-%d %H:%M}"),
        Text(f"导出人:{by.name.zh if by else '系统'}", f"Exported by: {by.name.en if by else 'the system'}"),
        Text("修改后可原样导入;主键相同的记录会被更新,计算列和已脱敏的列不导入", "May be changed and imported again: records of the same key are updated; computed and masked columns are passed over"),
    )
    sheet = book.add_worksheet(NOTES.zh if language == "zh" else NOTES.en)
    sheet.set_column(0, 0, 100)
    for row, note in enumerate(notes):
        sheet.write_string(row, 0, note.zh if language == "zh" else note.en)


def _sheet_name(title: str) -> str:
    name = "".join("_" if c in "[]:*?/\\'" else c for c in title)[:31].strip()
    return name if name and name.lower() not in {"说明", "notes", "history"} else f"{name}_"[:31]
