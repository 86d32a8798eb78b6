"""Reckoning: numbers, and days with whole numbers of days."""

from __future__ import annotations

from collections.abc import Callable

from sqlglot import exp

from banjie.formulas.checking import Checker, Handlers, wider
from banjie.formulas.kinds import (
    DATE,
    INTEGER,
    MAX_SCALE,
    Kind,
    Type,
    decimal_type,
)
from banjie.formulas.tree import Literal, Node, is_null
from banjie.lib.text import Text

ARITHMETIC: dict[type[exp.Expr], str] = {
    exp.Add: "add",
    exp.Sub: "subtract",
    exp.Mul: "multiply",
    exp.Div: "divide",
    exp.Mod: "remainder",
}


def _arithmetic(c: Checker, e: exp.Expr) -> Node:
    left, right = c.node(e.this), c.node(e.expression)
    operation = ARITHMETIC[type(e)]
    if Kind.DATE in (left.type.kind, right.type.kind):
        return _day_arithmetic(c, e, left, right)
    left, right = c.number(e.this, left), c.number(e.expression, right)
    return c.call(e, operation, [left, right], _arithmetic_type(operation, left.type, right.type))


def _arithmetic_type(operation: str, a: Type, b: Type) -> Type:
    if operation == "divide":
        return decimal_type(MAX_SCALE)
    if operation == "multiply" and Kind.DECIMAL in (a.kind, b.kind):
        return decimal_type(min(a.scale + b.scale, MAX_SCALE))
    return wider(a, b)


def _day_arithmetic(c: Checker, e: exp.Expr, left: Node, right: Node) -> Node:
    minus, plus = isinstance(e, exp.Sub), isinstance(e, exp.Add)
    match left.type.kind, right.type.kind:
        case Kind.DATE, Kind.DATE if minus:
            return c.call(e, "days_between", [left, right], INTEGER)
        case Kind.DATE, Kind.INTEGER if plus or minus:
            return c.call(e, "add_days" if plus else "subtract_days", [left, right], DATE)
        case Kind.INTEGER, Kind.DATE if plus:
            return c.call(e, "add_days", [right, left], DATE)
    if is_null(left) or is_null(right):
        c.refuse(e, Text("这里的 NULL 要写明类型：CAST(NULL AS INTEGER)", "say what this NULL is: CAST(NULL AS INTEGER)"))
    return c.refuse(e, Text("日期只能：日期 - 日期、日期 ± 整数天", "dates do: date - date, and date plus or minus whole days"))


def _negate(c: Checker, e: exp.Expr) -> Node:
    if isinstance(e.this, exp.Literal) and e.this.this == str(2**63):
        return Literal(-(2**63), INTEGER)
    node = c.number(e.this, c.node(e.this))
    return c.call(e, "negate", [node], node.type)


def _abs(c: Checker, e: exp.Expr) -> Node:
    node = c.number(e.this, c.node(e.this))
    return c.call(e, "abs", [node], node.type)


def _round(c: Checker, e: exp.Expr) -> Node:
    c.arguments(e, "this", "decimals")
    node = c.number(e.this, c.node(e.this))
    places = c.constant(e.args["decimals"], 0, MAX_SCALE) if e.args.get("decimals") else 0
    if node.type.kind is Kind.INTEGER or places >= node.type.scale:
        return node
    return c.call(e, "round", [node, Literal(places, INTEGER)], decimal_type(places))


def _whole(operation: str) -> Callable[[Checker, exp.Expr], Node]:
    def handle(c: Checker, e: exp.Expr) -> Node:
        c.arguments(e, "this")
        node = c.number(e.this, c.node(e.this))
        return node if node.type.kind is Kind.INTEGER else c.call(e, operation, [node], INTEGER)

    return handle


HANDLERS: Handlers = {
    **dict.fromkeys(ARITHMETIC, _arithmetic),
    exp.Neg: _negate,
    exp.Abs: _abs,
    exp.Round: _round,
    exp.Floor: _whole("floor"),
    exp.Ceil: _whole("ceil"),
}
