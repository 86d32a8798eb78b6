"""Records as a table: the same on the register page, under a parent, and in search results."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.urls import reverse

from banjie.people.models import Account
from banjie.registers.definition import Field, Register
from banjie.registers.models import Record
from banjie.web.display import NUMERIC, Reader, title_of, unit_of


@dataclass(frozen=True)
class Column:
    field: Field
    title: str
    unit: str
    numeric: bool


@dataclass(frozen=True)
class Cell:
    """``link`` leads to the record (first cell), to the record referred to, or to where a number came from."""

    column: Column
    text: str
    link: str = ""
    head: bool = False


@dataclass(frozen=True)
class Row:
    record: Record
    cells: list[Cell]


@dataclass(frozen=True)
class Table:
    register: Register
    columns: list[Column]
    rows: list[Row]


def column(field: Field) -> Column:
    return Column(field, title_of(field), unit_of(field) if field.type in NUMERIC else "", field.type in NUMERIC)


def table(account: Account, register: Register, records: Sequence[Record], *, without: str = "") -> Table:
    """The register's table columns for these records; ``without`` leaves one field out (the parent's, under the parent)."""
    columns = [column(f) for f in register.table_columns if f.name != without]
    reader = Reader.for_rows(account, register, [r.data for r in records])
    return Table(register, columns, [Row(r, cells(reader, register, columns, r)) for r in records])


def cells(reader: Reader, register: Register, columns: Sequence[Column], record: Record) -> list[Cell]:
    """The first cell opens the record; every number opens its own history there; a reference opens what it names."""
    home = reverse("record", args=[record.pk])
    found = []
    for position, c in enumerate(columns):
        value = record.data.get(c.field.name)
        text = reader.text(register, c.field, value, area=record.area_id)
        there = reader.reference(c.field, value)
        if position == 0:
            found.append(Cell(c, text, home, head=True))
        elif c.numeric and value is not None:
            found.append(Cell(c, text, f"{home}?field={c.field.name}#history"))
        else:
            found.append(Cell(c, text, reverse("record", args=[there.id]) if there else ""))
    return found
