"""One record on a sheet to print and sign: its fields, its children line by line, and what they add up to.

Which fields and children stand on it is said by the register (``sheet``); all of them where it says nothing. Money is in yuan and
to the cent: a sheet is signed, so nothing on it is rounded to 万元.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from banjie.lib.capitals import LIMIT, in_capitals
from banjie.lib.clock import now
from banjie.lib.text import Text, language
from banjie.lib.units import UNITS
from banjie.people.models import Account
from banjie.people.scopes import scope_of
from banjie.people.verbs import Verb
from banjie.registers.catalogue import catalogue
from banjie.registers.definition import Field, Register, Sheet
from banjie.registers.models import Record
from banjie.registers.values import Stored
from banjie.web.display import MONEY, NUMERIC, Reader, number, title_of, unit_of
from banjie.web.naming import called
from banjie.web.pages.records import visible_record
from banjie.web.permissions import SignedIn, logged_in

NOT_ADDED_UP = frozenset({"percent", "permille", "percentage_point", "ratio", "index", "point", "year"})
YUAN = Text("元", "yuan")
CENT = Decimal("0.01")


@dataclass(frozen=True)
class Heading:
    title: str
    unit: str
    numeric: bool
    names: bool  # what the line is called: the first column in words


@dataclass(frozen=True)
class Lines:
    """A child register on the sheet. ``totals`` has a text for each column, empty where nothing is added up; ``in_words`` has the
    title and capital numerals of each sum of money, in Chinese, as agreements carry them."""

    register: Register
    headings: list[Heading]
    rows: list[list[tuple[Heading, str]]]
    totals: list[tuple[Heading, str]]
    in_words: list[tuple[str, str]]

    @property
    def adds_up(self) -> bool:
        return any(total for _, total in self.totals)


@require_GET
@logged_in
def record_sheet(request: SignedIn, pk: int) -> HttpResponse:
    """The sheet of a record that one may see; personal values are masked for whoever may not see them in clear."""
    found = visible_record(request.user, pk)
    register = catalogue().register(found.register)
    sheet = register.sheet or Sheet()
    context = {
        "here": found.register,
        "record": found,
        "register": register,
        "sheet": sheet,
        "name": called(request.user, [found])[found.pk],
        "fields": _fields(request.user, register, found, sheet),
        "parts": _parts(request.user, found, sheet),
        "printed_at": now(),
    }
    return render(request, "records/sheet.html", context)


def _fields(account: Account, register: Register, record: Record, sheet: Sheet) -> list[tuple[str, str]]:
    """Title and text of each field that is filled in."""
    reader = Reader.for_rows(account, register, [record.data])
    wanted = [register.field(n) for n in sheet.fields] or list(register.fields)
    return [
        (f"{title_of(f)}", _said(reader, register, f, record, unit=True))
        for f in wanted
        if record.data.get(f.name) not in (None, "")
    ]


def _parts(account: Account, record: Record, sheet: Sheet) -> list[Lines]:
    scope = scope_of(account)
    below = {r.name: r for r in catalogue().children_of(record.register) if r.name in scope.registers(Verb.VIEW)}
    names = [n for n in sheet.children if n in below] if sheet.children else list(below)
    return [_lines(account, below[name], record) for name in names]


def _lines(account: Account, register: Register, above: Record) -> Lines:
    rows = Record.objects.visible_to(account).of(register.name).live().filter(parent=above).defer("search")
    records = sorted(rows, key=lambda r: _place(register, r))
    fields = [f for f in register.table_columns if register.parent is None or f.name != register.parent.field]
    named = next((f for f in fields if f.type not in NUMERIC), None)
    headings = [Heading(title_of(f), _unit(f), f.type in NUMERIC, f is named) for f in fields]
    reader = Reader.for_rows(account, register, [r.data for r in records])
    told = [[(h, _said(reader, register, f, r, unit=False)) for h, f in zip(headings, fields, strict=True)] for r in records]
    sums = [_sum(f, [r.data.get(f.name) for r in records]) for f in fields]
    totals = [(h, _total(f, whole)) for h, f, whole in zip(headings, fields, sums, strict=True)]
    words = [(title_of(f), _in_words(f, whole)) for f, whole in zip(fields, sums, strict=True) if whole is not None]
    return Lines(register, headings, told, totals, [(title, said) for title, said in words if said])


def _place(register: Register, record: Record) -> tuple[tuple[bool, int, str], ...]:
    """By the parts of the key, numbers as numbers: line 2 before line 10."""
    parts = [record.data.get(name) for name in register.key]
    return tuple((isinstance(p, int), p if isinstance(p, int) else 0, "" if isinstance(p, int) else str(p)) for p in parts)


def _said(reader: Reader, register: Register, field: Field, record: Record, *, unit: bool) -> str:
    value = record.data.get(field.name)
    if value is None or field.unit not in MONEY:
        return reader.text(register, field, value, area=record.area_id, unit=unit)
    return f"{_money(Decimal(str(value)))}{_behind(field) if unit else ''}"


def _money(value: Decimal) -> str:
    """To the cent, and exactly where there is more behind it."""
    return f"{value.quantize(CENT):,f}" if value == value.quantize(CENT) else number(value)


def _behind(field: Field) -> str:
    return str(YUAN if field.unit == "CNY" else UNITS[field.unit].title)


def _unit(field: Field) -> str:
    if field.type not in NUMERIC:
        return ""
    return _behind(field) if field.unit in MONEY else unit_of(field)


def _sum(field: Field, values: Sequence[Stored]) -> Decimal | None:
    """The sum of a column that has a unit in which things add up; without a unit nobody knows (a price, a number in a row)."""
    if field.type not in NUMERIC or not field.unit or field.unit in NOT_ADDED_UP:
        return None
    given = [Decimal(str(v)) for v in values if v is not None]
    return sum(given, Decimal(0)) if given else None


def _total(field: Field, whole: Decimal | None) -> str:
    if whole is None:
        return ""
    return _money(whole) if field.unit in MONEY else number(whole)


def _in_words(field: Field, whole: Decimal) -> str:
    if field.unit != "CNY" or language() != "zh" or whole != whole.quantize(CENT) or abs(whole) >= LIMIT:
        return ""
    return in_capitals(whole)
