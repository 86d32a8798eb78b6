"""SUM, COUNT, MIN, MAX, AVG, MEDIAN and QUANTILE, with FILTER."""

from __future__ import annotations

from decimal import Decimal

from sqlglot import exp

from banjie.formulas.checking import Checker, Handlers
from banjie.formulas.kinds import (
    INTEGER,
    MAX_SCALE,
    Kind,
    Type,
    decimal_type,
)
from banjie.formulas.quantiles import PLACES
from banjie.formulas.tree import Aggregate, Literal, Node
from banjie.lib.text import Text

AGGREGATES: dict[type[exp.Expr], str] = {
    exp.Sum: "sum", exp.Count: "count", exp.Min: "min", exp.Max: "max", exp.Avg: "avg", exp.Median: "median", exp.Quantile: "quantile",
}  # fmt: skip
HALF = Decimal("0.5")


def _aggregate(c: Checker, e: exp.Expr, where: Node | None = None) -> Node:
    name = AGGREGATES[type(e)]
    if not c.aggregates:
        c.refuse(e, Text("这里不能汇总（{name}）", "no aggregate ({name}) may stand here"), name=name)
    if c.inside:
        c.refuse(e, Text("汇总之中不能再汇总", "an aggregate does not stand inside another"))
    c.arguments(e, "this", *(["quantile"] if name == "quantile" else []))
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
    if name in ("median", "quantile"):
        return Aggregate(
            "quantile", c.number(inner, arg), where, decimal_type(MAX_SCALE), HALF if name == "median" else _share(c, e)
        )
    return Aggregate(f"{name}_distinct" if distinct else name, arg, where, _aggregate_type(c, inner, name, arg))


def _share(c: Checker, e: exp.Expr) -> Decimal:
    given = c.argument(e, "quantile")
    node = c.node(given)
    share = Decimal(node.value) if isinstance(node, Literal) and isinstance(node.value, (int, Decimal)) else None
    if share is None or not 0 <= share <= 1 or share != round(share, PLACES):
        c.refuse(given, Text("这里要写0至1的小数，如0.9", "a share from 0 to 1 must be written here, such as 0.9"))
    return share


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
