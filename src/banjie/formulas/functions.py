"""Functions of text and of dates; those of one plain signature stand in ``allowed``."""

from __future__ import annotations

from collections.abc import Collection

from sqlglot import exp

from banjie.formulas import allowed
from banjie.formulas.checking import Checker, Handlers
from banjie.formulas.kinds import (
    BOOLEAN,
    INTEGER,
    TEXT,
    Kind,
)
from banjie.formulas.operations import UNITS
from banjie.formulas.tree import Literal, Node
from banjie.lib.text import Text


def _like(c: Checker, e: exp.Expr) -> Node:
    c.arguments(e, "this", "expression")
    node = c.call(e, "like", [c.of(e.this, Kind.TEXT), c.of(e.expression, Kind.TEXT)], BOOLEAN)
    return c.negated(e, node) if e.args.get("negate") else node


def _concat(c: Checker, e: exp.Expr) -> Node:
    c.arguments(e, "expressions")
    return c.call(e, "concat", [c.of(part, Kind.TEXT) for part in e.expressions], TEXT)


def _substring(c: Checker, e: exp.Expr) -> Node:
    c.arguments(e, "this", "start", "length")
    start = c.constant(c.argument(e, "start"), 1, 10**6)
    length = c.constant(e.args["length"], 0, 10**6) if e.args.get("length") else 10**6
    return c.call(e, "substring", [c.of(e.this, Kind.TEXT), Literal(start, INTEGER), Literal(length, INTEGER)], TEXT)


def _plain(c: Checker, e: exp.Expr) -> Node:
    signature = allowed.PLAIN[type(e)]
    c.arguments(e, *signature.args)
    args = [c.of(c.argument(e, name), *kinds) for name, kinds in zip(signature.args, signature.kinds, strict=True)]
    return c.call(e, signature.operation, args, signature.result)


def _unit(c: Checker, e: exp.Expr, units: Collection[str]) -> Literal:
    unit = str(e.args["unit"].name if e.args.get("unit") else "").lower()
    if unit not in units:
        known = [f"'{name}'" for name in units]
        zh, en = "、".join(known), f"{', '.join(known[:-1])} or {known[-1]}"
        c.refuse(e, Text(f"单位只能是 {zh}", f"the unit is {en}"))
    return Literal(unit, TEXT)


def _date_diff(c: Checker, e: exp.Expr) -> Node:
    c.arguments(e, "this", "expression", "unit")
    start, end = c.argument(e, "expression"), c.argument(e, "this")
    args = [_unit(c, e, UNITS), c.of(start, *allowed.MOMENT), c.of(end, *allowed.MOMENT)]
    return c.call(e, "date_diff", args, INTEGER)


def _date_trunc(c: Checker, e: exp.Expr) -> Node:
    c.arguments(e, "this", "unit")
    moment = c.of(c.argument(e, "this"), *allowed.MOMENT)
    return c.call(e, "date_trunc", [_unit(c, e, TRUNCATED), moment], moment.type)


TRUNCATED = tuple(unit for unit in UNITS if unit != "minute")

HANDLERS: Handlers = {
    exp.Like: _like,
    exp.Concat: _concat,
    exp.Substring: _substring,
    exp.DateDiff: _date_diff,
    exp.DateTrunc: _date_trunc,
    exp.TimestampTrunc: _date_trunc,
    **dict.fromkeys(allowed.PLAIN, _plain),
}
