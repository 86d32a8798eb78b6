"""Pages by key: the next page begins after the last row seen, so page 1,000 costs what page 1 costs."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import BooleanField, F, Func

from banjie.lib.errors import Invalid, Problem
from banjie.lib.text import Text
from banjie.registers.columns import SQLITE_NUMBER, FieldValue
from banjie.registers.definition import Register
from banjie.registers.queries import RecordQuerySet
from banjie.registers.steering import order_index, through

if TYPE_CHECKING:
    from banjie.registers.models import Record

NO_ORDER = Text("不能按此字段排序", "cannot be sorted by")
NO_MARKER = Text("翻页标记无效，请回到第一页", "the page marker is not valid: go back to the first page")
PLACES = {"after": Text("翻页", "page")}
SIZE = 50
COUNTED_AT_MOST = 10_000
_COUNT_AND_CHOOSE = """
    WITH found(id, position) AS MATERIALIZED ({inner})
    SELECT (SELECT COUNT(*) FROM found), chosen.id
    FROM (SELECT 1) AS one
    LEFT JOIN (SELECT id, position FROM found WHERE {where} {ordered} LIMIT {size}) AS chosen ON TRUE
"""


@dataclass(frozen=True)
class Order:
    """By which field, in which direction. The empty field means: last changed."""

    field: str = ""
    descending: bool = False


@dataclass(frozen=True)
class Page:
    """Some rows, the cursors of the pages around them, and how many rows there are in all (``exact`` or at least)."""

    rows: list[Record]
    next: str | None
    previous: str | None
    number: int
    exact: bool


def page(
    rows: RecordQuerySet,
    register: Register,
    order: Order,
    *,
    after: str = "",
    before: str = "",
    size: int = SIZE,
    narrowing: str | None = None,
    live: bool = True,
) -> Page:
    """One page in the order asked for; ``after`` or ``before`` is a cursor of an earlier page. Raises Invalid.

    Two statements, whatever the size. The first counts up to ``COUNTED_AT_MOST`` and orders what it counted; if there is more than
    that, the rows lie thick enough in the index of the order to be found by walking it, which the second does. ``narrowing``: the
    index by which few rows are found, see ``steering``. ``live``: none was removed, so the fields' indexes hold them all.
    """
    backwards = bool(before)
    ordered = Order(order.field, order.descending != backwards)
    cursor = before or after
    beyond = _Beyond(_position(register, order), F("id"), ordered, *_read(cursor, register, order)) if cursor else None
    number, ids = _counted_and_chosen(rows, register, ordered, beyond, size + 1, narrowing)
    placed = in_order(rows, register, ordered).select_related("area")
    if number <= COUNTED_AT_MOST:
        found = list(placed.filter(pk__in=ids))
    else:
        walked = placed.filter(beyond) if beyond is not None else placed
        found = list(through(walked, order_index(register, order.field) if live else None)[: size + 1])
    more, found = len(found) > size, found[:size]
    if backwards:
        found.reverse()
    following = more if not backwards else True
    preceding = more if backwards else bool(after)
    return Page(
        found,
        _write(found[-1]) if found and following else None,
        _write(found[0]) if found and preceding else None,
        min(number, COUNTED_AT_MOST),
        number <= COUNTED_AT_MOST,
    )


def _counted_and_chosen(
    rows: RecordQuerySet, register: Register, order: Order, beyond: _Beyond | None, size: int, narrowing: str | None
) -> tuple[int, list[int]]:
    """The number of rows, counted up to one more than ``COUNTED_AT_MOST``, and the ids of the page if that was all of them."""
    placed = through(rows.order_by().annotate(position=_position(register, order)), narrowing)
    try:
        inner, params = placed.values_list("id", "position")[: COUNTED_AT_MOST + 1].query.sql_with_params()  # type: ignore[misc]
    except EmptyResultSet:  # nothing may be seen, or the area does not exist: there is nothing to ask
        return 0, []
    where, bound = beyond.written("position", "id", connection.vendor) if beyond is not None else ("TRUE", [])
    direction = "DESC" if order.descending else "ASC"
    ordered = f"ORDER BY position {direction}, id {direction}"
    with connection.cursor() as cursor:
        cursor.execute(_COUNT_AND_CHOOSE.format(inner=inner, where=where, ordered=ordered, size=size), [*params, *bound])
        found = cursor.fetchall()
    return found[0][0], [pk for _, pk in found if pk is not None]


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
        raise Invalid([Problem(order.field, order.field, NO_ORDER)], register.titles)
    return FieldValue(field)


def _write(record: Any) -> str:
    value = record.position
    text = f"{value:f}" if isinstance(value, Decimal) else value.isoformat() if hasattr(value, "isoformat") else value
    return base64.urlsafe_b64encode(json.dumps([text, record.pk], ensure_ascii=False).encode()).decode().rstrip("=")


def _read(cursor: str, register: Register, order: Order) -> tuple[Any, int]:
    try:
        value, pk = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        if not isinstance(value, str) or type(pk) is not int or not 0 < pk < 2**63:
            raise ValueError(cursor)
        field = register.by_name.get(order.field)
        return (_decimal(value) if field is not None and FieldValue(field).numeric else value), pk
    except (ValueError, ArithmeticError, TypeError):
        raise Invalid([Problem("after", cursor, NO_MARKER)], PLACES) from None


def _decimal(text: str) -> Decimal:
    """A number as ``_write`` writes it. ValueError for others: 1e999999 would be a million digits long."""
    if "e" in text.lower() or not (found := Decimal(text)).is_finite():
        raise ValueError(text)
    return found


class _Beyond(Func):
    """``(position, id) > (value, id)``: a row comparison, which both databases answer from the index."""

    output_field = BooleanField()
    conditional = True

    def __init__(self, position: Any, identity: Any, order: Order, value: Any, pk: int) -> None:
        super().__init__(position, identity)
        self.operator, self.value, self.pk = "<" if order.descending else ">", value, pk
        self.moment = not order.field

    def as_sql(self, compiler: Any, connection: Any, **context: Any) -> tuple[str, list[Any]]:  # type: ignore[override]
        (position, params), (identity, _) = (compiler.compile(e) for e in self.source_expressions)
        sql, bound = self.written(position, identity, connection.vendor)
        return sql, [*params, *bound]

    def written(self, position: str, identity: str, vendor: str) -> tuple[str, list[Any]]:
        """The comparison over these columns, and its parameters."""
        value, mark = self.value, "%s"
        if vendor == "sqlite":
            if isinstance(value, Decimal):
                value, mark = f"{value:f}", SQLITE_NUMBER
            elif self.moment:  # SQLite keeps moments as text without the zone
                value = value.replace("T", " ").removesuffix("+00:00")
        elif self.moment:
            mark = "%s::timestamptz"
        return f"({position}, {identity}) {self.operator} ({mark}, %s)", [value, self.pk]
