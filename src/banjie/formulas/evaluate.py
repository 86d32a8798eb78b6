"""Run a tree on a row, in Python: each node becomes a function from a row to a value."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from typing import Any

from banjie.formulas.kinds import CONTEXT, fit, read_value
from banjie.formulas.operations import LENIENT, STRICT, divide
from banjie.formulas.quantiles import quantile
from banjie.formulas.tree import Aggregate, Call, Case, Column, Literal, Node, walk

Row = Mapping[Any, object]
"""Column names to values; inside ``evaluate_rows`` also aggregates to theirs."""
Run = Callable[[Row], Any]


def runner(node: Node) -> Run:
    """The function that computes ``node`` from a row. It raises FormulaValueError for values past their width."""
    match node:
        case Literal(value):
            return lambda row: value
        case Column(name, type):
            return lambda row: read_value(row.get(name), type.kind)
        case Aggregate():
            return lambda row: row[node]
        case Case():
            return _case(node)
        case Call():
            return _held_to_width(node, _call(node))


def _call(node: Call) -> Run:
    args = [runner(arg) for arg in node.args]
    if node.operation in EARLY:
        return EARLY[node.operation](args)
    if node.operation in LENIENT:
        lenient = LENIENT[node.operation]
        return lambda row: lenient(*[arg(row) for arg in args])
    return _strict(STRICT[node.operation], args)


def _strict(operation: Callable[..., Any], args: list[Run]) -> Run:
    def run(row: Row) -> Any:
        values = [arg(row) for arg in args]
        return None if None in values else operation(*values)

    return run


def _held_to_width(node: Node, run: Run) -> Run:
    type = node.type
    return (lambda row: fit(run(row), type)) if type.is_number else run


def _case(node: Case) -> Run:
    branches = [(runner(condition), runner(value)) for condition, value in node.branches]
    otherwise = runner(node.otherwise)

    def run(row: Row) -> Any:
        return next((value(row) for condition, value in branches if condition(row) is True), _UNDECIDED)

    def decided(row: Row) -> Any:
        value = run(row)
        return otherwise(row) if value is _UNDECIDED else value

    return _held_to_width(node, decided)


_UNDECIDED = object()


def _and(args: list[Run]) -> Run:
    def run(row: Row) -> bool | None:
        answer: bool | None = True
        for arg in args:
            value = arg(row)
            if value is False:
                return False
            if value is None:
                answer = None
        return answer

    return run


def _or(args: list[Run]) -> Run:
    def run(row: Row) -> bool | None:
        answer: bool | None = False
        for arg in args:
            value = arg(row)
            if value is True:
                return True
            if value is None:
                answer = None
        return answer

    return run


def _coalesce(args: list[Run]) -> Run:
    return lambda row: next((value for arg in args if (value := arg(row)) is not None), None)


EARLY: dict[str, Callable[[list[Run]], Run]] = {"and": _and, "or": _or, "coalesce": _coalesce}


def evaluate_rows(node: Node, rows: Iterable[Row]) -> object:
    """The answer of a formula with aggregates over ``rows``: first each aggregate, then what is made of them."""
    kept = list(rows)
    known = {part: aggregated(part, kept) for part in walk(node) if isinstance(part, Aggregate)}
    return runner(node)(known)


def aggregated(node: Aggregate, rows: list[Row]) -> object:
    if node.where is not None:
        chosen = runner(node.where)
        rows = [row for row in rows if chosen(row) is True]
    if node.arg is None:
        return len(rows)
    arg = runner(node.arg)
    values = [value for row in rows if (value := arg(row)) is not None]
    if node.share is not None:
        return fit(quantile(values, node.share), node.type)
    return fit(AGGREGATES[node.function](values), node.type)


def total(values: list[Any]) -> Any:
    if not values:
        return None
    if isinstance(values[0], int):
        return sum(values)
    result = Decimal(0)
    for value in values:
        result = CONTEXT.add(result, value)
    return result


AGGREGATES: dict[str, Callable[[list[Any]], Any]] = {
    "sum": total,
    "count": len,
    "count_distinct": lambda values: len(set(values)),
    "min": lambda values: min(values, default=None),
    "max": lambda values: max(values, default=None),
    "avg": lambda values: divide(total(values), len(values)) if values else None,
}
