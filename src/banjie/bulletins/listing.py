"""The records that a figure counts, with some of their fields, as they were known at a moment."""

# ruff: noqa: S608 - names come from definitions, whose pattern admits a-z, 0-9 and _ only; values are quoted or bound
from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from banjie.figures import sql
from banjie.figures.asking import Asking, Where
from banjie.figures.places import Places
from banjie.figures.plan import Measure
from banjie.figures.stretches import widened
from banjie.lib.clock import LOCAL
from banjie.lib.periods import Period
from banjie.lib.text import Text
from banjie.lib.units import UNITS, unit
from banjie.registers.definition import Field, Register

MOST = 2000  # records in one list
NOTHING = Text("—", "—")


@dataclass(frozen=True, slots=True)
class Listed:
    """One record: its id, key and label then, the ledger entry that wrote this version, and the fields asked for."""

    record: int
    key: str
    label: str
    entry: int
    fields: tuple[Text, ...]


def listed(asked: Asking, where: Where, plan: Measure, period: Period, as_of: datetime, fields: list[Field]) -> list[Listed]:
    """The records by key; at most ``MOST``. The caller has settled that they may be shown."""
    chosen = asked.evaluation(where, as_of).slice(plan, widened(plan, period)[0])
    columns = ", ".join(["t._record", "t._key", "t._label", "t._entry", *(f't."{f.name}"' for f in fields)])
    scan = sql.source(plan, chosen, parent=sql.parent_is_read(plan, [plan], None)) + sql.condition(plan, chosen)
    rows = asked.reading.cursor.execute(f"SELECT {columns} FROM {scan} ORDER BY t._key, t._record LIMIT {MOST}").fetchall()
    return [
        Listed(
            record,
            key,
            label or key,
            entry,
            tuple(said(f, v, plan.register, asked.places) for f, v in zip(fields, values, strict=True)),
        )
        for record, key, label, entry, *values in rows
    ]


def said(field: Field, value: object, register: Register, places: Places) -> Text:
    """A value of the store as people read it."""
    if value is None:
        return NOTHING
    match field.type:
        case "choice":
            return next((o.title for o in register.options(field) if o.code == value), Text(str(value), str(value)))
        case "area":
            return places.name(str(value))
        case "boolean":
            return Text("是", "yes") if value else Text("否", "no")
    if isinstance(value, Decimal | int) and field.unit in UNITS:
        return unit(field.unit).display(Decimal(value))
    if isinstance(value, datetime):
        local = value if value.tzinfo is None else value.astimezone(LOCAL)
        return Text(f"{local:%Y-%m-%d %H:%M}", f"{local:%Y-%m-%d %H:%M}")
    if isinstance(value, date):
        shown = f"{value:%Y-%m}" if field.type == "month" else value.isoformat()
        return Text(shown, shown)
    return Text(str(value), str(value))
