"""Pages by key: the next page begins after the last row seen, so page 1,000 costs what page 1 costs."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.db.models import BooleanField, F, Func

from banjie.lib.errors import Invalid, Problem
from banjie.lib.text import Text
from banjie.registers.columns import FieldValue
from banjie.registers.definition import Register
from banjie.registers.queries import RecordQuerySet

if TYPE_CHECKING:
    from banjie.registers.models import Record

SIZE = 50
COUNTED_AT_MOST = 10_000


@dataclass(frozen=True)
class Order:
    """By which field, in which direction. The empty field means: last changed."""

    field: str = ""
    descending: bool = False


@dataclass(frozen=True)
class Page:
    """Some rows, and the cursors of the pages around them."""

    rows: list[Record]
    next: str | None
    previous: str | None


def page(rows: RecordQuerySet, register: Register, order: Order, *, after: str = "", before: str = "", size: int = SIZE) -> Page:
    """One page in the order asked for; ``after`` or ``before`` is a cursor of an earlier page. Raises Invalid."""
    backwards = bool(before)
    descending = order.descending != backwards
    ordered = in_order(rows, register, Order(order.field, descending))
    if cursor := before or after:
        value, pk = _read(cursor, register, order)
        ordered = ordered.filter(_Beyond(_position(register, order), F("id"), "<" if descending else ">", value, pk))
    found = list(ordered.select_related("area")[: size + 1])
    more, found = len(found) > size, found[:size]
    if backwards:
        found.reverse()
    following = more if not backwards else True
    preceding = more if backwards else bool(after)
    return Page(
        found,
        _write(found[-1]) if found and following else None,
        _write(found[0]) if found and preceding else None,
    )


def in_order(rows: RecordQuerySet, register: Register, order: Order) -> RecordQuerySet:
    """The rows sorted as asked, those with the same value by their id. Raises Invalid."""
    sign = "-" if order.descending else ""
    placed: RecordQuerySet = rows.annotate(position=_position(register, order))
    return placed.order_by(f"{sign}position", f"{sign}id")


def counted(rows: RecordQuerySet) -> tuple[int, bool]:
    """How many there are, and whether that is exact: counting stops at ``COUNTED_AT_MOST``."""
    number = rows.order_by()[: COUNTED_AT_MOST + 1].count()
    return min(number, COUNTED_AT_MOST), number <= COUNTED_AT_MOST


def _position(register: Register, order: Order) -> Any:
    if not order.field:
        return F("updated_at")
    if order.field == "key":
        return F("key")
    field = register.by_name.get(order.field)
    if field is None or field.personal:
        raise Invalid([Problem(order.field, order.field, Text("不能按此字段排序", "cannot be sorted by"))])
    return FieldValue(field)


def _write(record: Any) -> str:
    value = record.position
    text = f"{value:f}" if isinstance(value, Decimal) else value.isoformat() if hasattr(value, "isoformat") else value
    return base64.urlsafe_b64encode(json.dumps([text, record.pk], ensure_ascii=False).encode()).decode().rstrip("=")


def _read(cursor: str, register: Register, order: Order) -> tuple[Any, int]:
    try:
        value, pk = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        if not isinstance(value, str) or not isinstance(pk, int):
            raise ValueError(cursor)
        field = register.by_name.get(order.field)
        return (Decimal(value) if field is not None and FieldValue(field).numeric else value), pk
    except (ValueError, ArithmeticError, TypeError):
        raise Invalid(
            [
                Problem(
                    "after", cursor, Text("翻页标记无效，请回到第一页", "the page marker is not valid: go back to the first page")
                )
            ]
        ) from None


class _Beyond(Func):
    """``(position, id) > (value, id)``: a row comparison, which both databases answer from the index."""

    output_field = BooleanField()
    conditional = True

    def __init__(self, position: Any, identity: Any, operator: str, value: Any, pk: int) -> None:
        super().__init__(position, identity)
        self.operator, self.value, self.pk = operator, value, pk

    def as_sql(self, compiler: Any, connection: Any, **context: Any) -> tuple[str, list[Any]]:  # type: ignore[override]
        (position, params), (identity, _) = (compiler.compile(e) for e in self.source_expressions)
        value, mark = self.value, "%s"
        if connection.vendor == "sqlite":
            if isinstance(value, Decimal):
                value, mark = f"{value:f}", "CAST(%s AS NUMERIC)"
            elif position.endswith('"updated_at"'):  # SQLite keeps moments as text without the zone
                value = value.replace("T", " ").removesuffix("+00:00")
        elif position.endswith('"updated_at"'):
            mark = "%s::timestamptz"
        return f"({position}, {identity}) {self.operator} ({mark}, %s)", [*params, value, self.pk]
