"""Names, constants, conditions and choices."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal

from sqlglot import exp

from banjie.formulas import allowed
from banjie.formulas.checking import Checker, Handlers
from banjie.formulas.errors import FormulaValueError
from banjie.formulas.kinds import (
    BOOLEAN,
    INTEGER,
    MAX_SCALE,
    TEXT,
    Kind,
    Type,
    column_type,
    decimal_type,
    fit,
)
from banjie.formulas.tree import Case, Column, Literal, Node, children
from banjie.lib.text import Text

COMPARISONS: dict[type[exp.Expr], str] = {
    exp.EQ: "eq",
    exp.NEQ: "ne",
    exp.LT: "lt",
    exp.LTE: "le",
    exp.GT: "gt",
    exp.GTE: "ge",
    exp.NullSafeEQ: "not_distinct",
    exp.NullSafeNEQ: "distinct",
}


_NUMBER = re.compile(r"[0-9]+\.?[0-9]*|\.[0-9]+")


def _paren(c: Checker, e: exp.Expr) -> Node:
    return c.node(e.this)


def _column(c: Checker, e: exp.Expr) -> Node:
    c.arguments(e, "this")
    if not isinstance(e.this, exp.Identifier):
        c.refuse_unlisted(e.this)
    name = e.name
    if name not in c.columns:
        near = allowed.did_you_mean(name, c.columns)
        c.refuse(e, Text("没有字段 {name}{near}", "there is no field {name}{near}"), name=name, near=near)
    if c.aggregates and c.inside is None:
        says = Text(
            "字段 {name} 要放在 SUM、COUNT 等汇总之中", "the field {name} must stand inside SUM, COUNT or another aggregate"
        )
        c.refuse(e, says, name=name)
    return Column(name, column_type(c.columns[name]))


def _literal(c: Checker, e: exp.Expr) -> Node:
    if e.args.get("is_string"):
        return Literal(e.this, TEXT)
    if not _NUMBER.fullmatch(e.this):
        c.refuse(e, Text("数字写作 1234.5，不用科学记数法", "a number is written 1234.5, without an exponent"))
    if "." not in e.this:
        return _fitting(c, e, int(e.this), INTEGER)
    places = len(e.this.partition(".")[2])
    if places > MAX_SCALE:
        c.refuse(e, Text(f"小数最多{MAX_SCALE}位", f"a number has at most {MAX_SCALE} decimal places"))
    return _fitting(c, e, Decimal(e.this), decimal_type(places))


def _fitting(c: Checker, e: exp.Expr, value: object, type: Type) -> Node:
    try:
        return Literal(fit(value, type), type)
    except FormulaValueError as error:
        c.refuse(e, error.says)


def _null(c: Checker, e: exp.Expr) -> Node:
    return Literal(None, TEXT)


def _boolean(c: Checker, e: exp.Expr) -> Node:
    return Literal(bool(e.this), BOOLEAN)


def _logic(operation: str) -> Callable[[Checker, exp.Expr], Node]:
    def handle(c: Checker, e: exp.Expr) -> Node:
        """AND and OR; a chain is one node, so that twenty conditions are not twenty deep."""
        parts = list(e.flatten())
        return c.call(e, operation, [c.of(part, Kind.BOOLEAN) for part in parts], BOOLEAN)

    return handle


def _not(c: Checker, e: exp.Expr) -> Node:
    return c.call(e, "not", [c.of(e.this, Kind.BOOLEAN)], BOOLEAN)


def _comparison(c: Checker, e: exp.Expr) -> Node:
    args, common = c.alike((e.this, e.expression), (c.node(e.this), c.node(e.expression)))
    operation = COMPARISONS[type(e)]
    if operation in ("lt", "le", "gt", "ge") and common.kind is Kind.BOOLEAN:
        c.refuse(e, Text("是否值不分大小", "booleans have no order"))
    if operation == "not_distinct":
        return c.negated(e, c.call(e, "distinct", args, BOOLEAN))
    return c.call(e, operation, args, BOOLEAN)


def _between(c: Checker, e: exp.Expr) -> Node:
    c.arguments(e, "this", "low", "high")
    parts = (e.this, e.args["low"], e.args["high"])
    args, common = c.alike(parts, [c.node(part) for part in parts])
    if common.kind is Kind.BOOLEAN:
        c.refuse(e, Text("是否值不分大小", "booleans have no order"))
    return c.call(e, "between", args, BOOLEAN)


def _in(c: Checker, e: exp.Expr) -> Node:
    if e.args.get("query") or any(isinstance(option, exp.Query) for option in e.expressions):
        c.refuse(e, Text("公式中不能有子查询", "a formula holds no subquery"))
    c.arguments(e, "this", "expressions")
    parts = (e.this, *e.expressions)
    args, _ = c.alike(parts, [c.node(part) for part in parts])
    return c.call(e, "in", args, BOOLEAN)


def _is(c: Checker, e: exp.Expr) -> Node:
    if isinstance(e.expression, exp.Null):
        return c.call(e, "is_null", [c.node(e.this)], BOOLEAN)
    if isinstance(e.expression, exp.Boolean):
        args = [c.of(e.this, Kind.BOOLEAN), Literal(bool(e.expression.this), BOOLEAN)]
        return c.negated(e, c.call(e, "distinct", args, BOOLEAN))
    return c.refuse(e, Text("IS 之后写 [NOT] NULL、TRUE 或 FALSE", "after IS comes [NOT] NULL, TRUE or FALSE"))


def _choice(operation: str) -> Callable[[Checker, exp.Expr], Node]:
    def handle(c: Checker, e: exp.Expr) -> Node:
        c.arguments(e, "this", "expressions")
        parts = [c.argument(e, "this"), *e.expressions]
        args, common = c.alike(parts, [c.node(part) for part in parts])
        if operation != "coalesce" and common.kind is Kind.BOOLEAN:
            c.refuse(e, Text("是否值不分大小", "booleans have no order"))
        return c.call(e, operation, args, common)

    return handle


def _nullif(c: Checker, e: exp.Expr) -> Node:
    parts = (e.this, c.argument(e, "expression"))
    (value, unwanted), _ = c.alike(parts, [c.node(part) for part in parts])
    return c.call(e, "nullif", [value, unwanted], value.type)


def _case(c: Checker, e: exp.Expr) -> Node:
    if e.this and not isinstance(e.this, exp.Column):
        says = Text("CASE 之后只能是字段名；否则写 CASE WHEN … = …", "after CASE comes a field, or WHEN: write CASE WHEN … = …")
        c.refuse(e.this, says)
    ifs: list[exp.Expr] = e.args["ifs"]
    default = e.args.get("default") or exp.Null()
    return _branches(c, e, [(_condition(c, e.this, part.this), part.args["true"]) for part in ifs], default)


def _condition(c: Checker, subject: exp.Expr | None, e: exp.Expr) -> Node:
    """What a WHEN asks; in CASE x WHEN y it is whether x = y."""
    if not subject:
        return c.of(e, Kind.BOOLEAN)
    args, _ = c.alike((subject, e), (c.node(subject), c.node(e)))
    return c.call(e, "eq", args, BOOLEAN)


def _if(c: Checker, e: exp.Expr) -> Node:
    return _branches(c, e, [(c.of(e.this, Kind.BOOLEAN), c.argument(e, "true"))], e.args.get("false") or exp.Null())


def _branches(c: Checker, e: exp.Expr, branches: list[tuple[Node, exp.Expr]], default: exp.Expr) -> Node:
    parts = [*(value for _, value in branches), default]
    values, common = c.alike(parts, [c.node(part) for part in parts])
    pairs = tuple((condition, value) for (condition, _), value in zip(branches, values, strict=False))
    node = Case(pairs, values[-1], common)
    return c.folded(e, node) if all(isinstance(child, Literal) for child in children(node)) else node


HANDLERS: Handlers = {
    exp.Paren: _paren,
    exp.Column: _column,
    exp.Literal: _literal,
    exp.Null: _null,
    exp.Boolean: _boolean,
    exp.And: _logic("and"),
    exp.Or: _logic("or"),
    exp.Not: _not,
    **dict.fromkeys(COMPARISONS, _comparison),
    exp.Between: _between,
    exp.In: _in,
    exp.Is: _is,
    exp.Greatest: _choice("greatest"),
    exp.Least: _choice("least"),
    exp.Coalesce: _choice("coalesce"),
    exp.Nullif: _nullif,
    exp.Case: _case,
    exp.If: _if,
}
