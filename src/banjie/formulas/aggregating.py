"""SUM, COUNT, MIN, MAX and AVG, with FILTER."""

from __future__ import annotations

from sqlglot import exp

from banjie.formulas.checking import Checker, Handlers
from banjie.formulas.kinds import (
    INTEGER,
    MAX_SCALE,
    Kind,
    Type,
    decimal_type,
)
from banjie.formulas.tree import Aggregate, Node
from banjie.lib.text import Text

AGGREGATES: dict[type[exp.Expr], str] = {exp.Sum: "sum", exp.Count: "count", exp.Min: "min", exp.Max: "max", exp.Avg: "avg"}


def _aggregate(c: Checker, e: exp.Expr, where: Node | None = None) -> Node:
    name = AGGREGATES[type(e)]
    if not c.aggregates:
        c.refuse(e, Text("这里不能汇总({name})", "no aggregate ({name}) may stand here"), name=name)
    if c.inside:
        c.refuse(e, Text("汇总之中不能再汇总", "an aggregate does not stand inside another"))
    c.arguments(e, "this")
    inner = c.argument(e, "this")
    if isinstance(inner, exp.Star) and name == "count" and not inner.args.get("except_") and not inner.args.get("replace"):
        return Aggregate("count", None, where, INTEGER)
    distinct = isinstance(inner, exp.Distinct)
    if distinct:
        if name != "count" or len(inner.expressions) != 1 or inner.args.get("on"):
            c.refuse(inner, Text("DISTINCT 只用于 COUNT(DISTINCT 字段)", "DISTINCT stands in COUNT(DISTINCT field) only"))
        inner = inner.expressions[0]
    c.inside = name
    arg = c.node(inner)
    c.inside = None
    return Aggregate(f"{name}_distinct" if distinct else name, arg, where, _aggregate_type(c, inner, name, arg))


def _aggregate_type(c: Checker, e: exp.Expr, name: str, arg: Node) -> Type:
    if name == "count":
        return INTEGER
    if name in ("sum", "avg"):
        c.number(e, arg)
        return decimal_type(MAX_SCALE) if name == "avg" else arg.type if arg.type.is_number else INTEGER
    if arg.type.kind is Kind.BOOLEAN:
        c.refuse(e, Text("是否值不分大小", "booleans have no order"))
    return arg.type


def _filter(c: Checker, e: exp.Expr) -> Node:
    if type(e.this) not in AGGREGATES:
        c.refuse(e, Text("FILTER 只跟在汇总之后", "FILTER follows an aggregate"))
    if not c.aggregates or c.inside:
        return _aggregate(c, e.this)
    c.inside = "filter"
    where = c.of(c.argument(e, "expression").this, Kind.BOOLEAN)
    c.inside = None
    return _aggregate(c, e.this, where)


HANDLERS: Handlers = {
    **dict.fromkeys(AGGREGATES, _aggregate),
    exp.Filter: _filter,
}
