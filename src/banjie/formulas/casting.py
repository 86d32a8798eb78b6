"""CAST, TRY_CAST, and dates written as constants."""

from __future__ import annotations

import re
from datetime import date, datetime

from sqlglot import exp

from banjie.formulas.checking import Checker, Handlers
from banjie.formulas.kinds import (
    DATE,
    DATETIME,
    DIGITS,
    MAX_SCALE,
    Kind,
    Type,
    column_type,
    decimal_type,
)
from banjie.formulas.tree import Literal, Node, is_null
from banjie.lib.text import Text

CASTS: dict[str, Kind] = {
    **dict.fromkeys(("TEXT", "VARCHAR"), Kind.TEXT),
    **dict.fromkeys(("INT", "BIGINT"), Kind.INTEGER),
    "DECIMAL": Kind.DECIMAL,
    "BOOLEAN": Kind.BOOLEAN,
    "DATE": Kind.DATE,
    **dict.fromkeys(("TIMESTAMP", "TIMESTAMPNTZ", "DATETIME"), Kind.DATETIME),
}


CONVERSIONS: dict[tuple[Kind, Kind], str] = {
    (Kind.INTEGER, Kind.TEXT): "to_text",
    (Kind.DECIMAL, Kind.TEXT): "to_text",
    (Kind.BOOLEAN, Kind.TEXT): "to_text",
    (Kind.DATE, Kind.TEXT): "to_text",
    (Kind.DATETIME, Kind.TEXT): "to_text",
    (Kind.INTEGER, Kind.DECIMAL): "to_decimal",
    (Kind.DECIMAL, Kind.DECIMAL): "to_decimal",
    (Kind.DECIMAL, Kind.INTEGER): "to_integer",
    (Kind.BOOLEAN, Kind.INTEGER): "to_integer",
    (Kind.DATETIME, Kind.DATE): "to_date",
    (Kind.DATE, Kind.DATETIME): "to_datetime",
}
"""What CAST may do: only what cannot fail but by size. Reading text is TRY_CAST's: what cannot be read has no value."""


READINGS = {
    Kind.INTEGER: "read_integer",
    Kind.DECIMAL: "read_decimal",
    Kind.DATE: "read_date",
    Kind.BOOLEAN: "read_boolean",
}


def _cast(c: Checker, e: exp.Expr) -> Node:
    c.arguments(e, "this", "to")
    target = _cast_type(c, e)
    if isinstance(e.this, exp.Literal) and e.this.args.get("is_string") and type(e) is exp.Cast and target in (DATE, DATETIME):
        return _written_moment(c, e, e.this.this, target)
    node = c.node(e.this)
    if is_null(node):
        return Literal(None, target)
    if node.type.kind is target.kind and (target.kind is not Kind.DECIMAL or node.type == target):
        return node
    operation = CONVERSIONS.get((node.type.kind, target.kind))
    if operation is None and node.type.kind is Kind.TEXT and target.kind in READINGS:
        operation = READINGS[target.kind]
        if not isinstance(e, exp.TryCast):
            says = Text("文本用 TRY_CAST 转换，读不出的没有值", "read text with TRY_CAST: what cannot be read has no value")
            c.refuse(e, says)
    if operation is None:
        says = Text("{a}不能转换为{b}", "{a} does not turn into {b}")
        c.refuse(e, says, a=node.type.kind.label, b=target.kind.label)
    return c.call(e, operation, [node], target)


def _cast_type(c: Checker, e: exp.Expr) -> Type:
    to: exp.DataType = e.args["to"]
    kind = CASTS.get(to.this.name) if isinstance(to.this, exp.DataType.Type) else None
    if kind is None:
        says = Text(
            "类型只能是 TEXT、INTEGER、DECIMAL、BOOLEAN、DATE、TIMESTAMP",
            "the type is one of TEXT, INTEGER, DECIMAL, BOOLEAN, DATE, TIMESTAMP",
        )
        c.refuse(e, says)
    sizes = [int(part.name) if part.name.isdigit() else -1 for part in to.expressions]
    if kind is Kind.DECIMAL and sizes:
        if len(sizes) != 2 or sizes[0] != DIGITS or not 0 <= sizes[1] <= MAX_SCALE:
            says = Text(f"写作 DECIMAL 或 DECIMAL({DIGITS},小数位)", f"write DECIMAL or DECIMAL({DIGITS},places)")
            c.refuse(e, says)
        return decimal_type(sizes[1])
    if sizes:
        c.refuse(e, Text("这个类型不带长度", "this type takes no length"))
    return column_type(kind)


def _written_moment(c: Checker, e: exp.Expr, text: str, target: Type) -> Node:
    """DATE '2021-10-31' and TIMESTAMP '2021-10-31 09:00:00': constants, checked now."""
    shape = r"\d{4}-\d\d-\d\d" if target == DATE else r"\d{4}-\d\d-\d\d \d\d:\d\d(:\d\d(\.\d{1,6})?)?"
    try:
        if not re.fullmatch(shape, text, re.ASCII):
            raise ValueError
        return Literal(date.fromisoformat(text) if target == DATE else datetime.fromisoformat(text), target)
    except ValueError:
        says = Text(
            "“{text}”不是日期；写作 DATE '2021-10-31' 或 TIMESTAMP '2021-10-31 09:00:00'",
            "'{text}' is no day or moment; write DATE '2021-10-31' or TIMESTAMP '2021-10-31 09:00:00'",
        )
        c.refuse(e, says, text=text)


HANDLERS: Handlers = {
    exp.Cast: _cast,
    exp.TryCast: _cast,
}
