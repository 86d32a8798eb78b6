"""SQLite has no decimals: it keeps them as text, and Python does the exact work.

``install(connection)`` gives a ``sqlite3`` connection two functions, ``banjie_formula`` and ``banjie_aggregate``. Comparisons of
text, integers and dates, logic, CASE and COALESCE stay SQLite's own, so an index still serves them.

Columns must hold: TEXT, DECIMAL as text ("126.5"; an integer will do), INTEGER and BOOLEAN as integers, DATE as
"2021-10-31", DATETIME as "2021-10-31 09:00:00" in local time. ``read`` turns an answer back into a Python value.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any

from banjie.formulas.evaluate import AGGREGATES
from banjie.formulas.kinds import Kind, Type, fit
from banjie.formulas.operations import LENIENT, STRICT, to_text
from banjie.formulas.quantiles import quantile
from banjie.formulas.sql import Spelling, Writer, function
from banjie.formulas.tree import Aggregate, Call, Literal

Stored = str | int | None

NATIVE: dict[str, Spelling] = {
    "distinct": "{0} IS NOT {1}",
    "length": function("LENGTH"),
    "substring": function("SUBSTR"),
    "starts_with": "INSTR({0}, {1}) = 1",
    "contains": "INSTR({0}, {1}) > 0",
    "year": "CAST(SUBSTR({0}, 1, 4) AS INTEGER)",
    "month": "CAST(SUBSTR({0}, 6, 2) AS INTEGER)",
    "day": "CAST(SUBSTR({0}, 9, 2) AS INTEGER)",
}
OWN = {"and", "or", "not", "is_null", "coalesce", "join", "read_boolean"} | NATIVE.keys()
"""Operations that SQLite computes itself, whatever the kinds."""
COMPARING = {"eq", "ne", "lt", "le", "gt", "ge", "distinct", "between", "in", "nullif"}
"""Operations that SQLite computes itself unless a decimal takes part."""


class SQLiteWriter(Writer):
    types = {
        Kind.TEXT: "TEXT",
        Kind.INTEGER: "INTEGER",
        Kind.DECIMAL: "TEXT",
        Kind.BOOLEAN: "INTEGER",
        Kind.DATE: "TEXT",
        Kind.DATETIME: "TEXT",
    }
    spellings = NATIVE

    def type(self, type: Type) -> str:
        return self.types[type.kind]

    def call(self, node: Call) -> str:
        decimals = any(arg.type.kind is Kind.DECIMAL for arg in node.args)
        if node.operation in (COMPARING if not decimals else set()) | (OWN - COMPARING):
            return super().call(node)
        return f"banjie_formula({self.signature(node.operation, node)}, {', '.join(map(self.write, node.args))})"

    def signature(self, name: str, node: Call | Aggregate) -> str:
        args = node.args if isinstance(node, Call) else () if node.arg is None else (node.arg,)
        return "'" + " ".join([name, _code(node.type), *(_code(arg.type) for arg in args)]) + "'"

    def literal(self, node: Literal) -> str:
        stored = store(node.value)
        if stored is None:
            return "NULL"
        return self.string(stored) if isinstance(stored, str) else super().literal(node)

    def aggregate(self, node: Aggregate) -> str:
        if node.share is not None and node.arg is not None:
            signature = self.signature(f"quantile:{node.share}", node)
            return f"banjie_aggregate({signature}, {self.write(node.arg)}){self.filter(node)}"
        if node.arg is None or node.arg.type.kind is not Kind.DECIMAL or node.function == "count":
            return super().aggregate(node)
        if node.function == "avg":
            return super().aggregate(node)
        sql = f"banjie_aggregate({self.signature(node.function, node)}, {self.write(node.arg)}){self.filter(node)}"
        return f"COALESCE({sql}, 0)" if node.function == "count_distinct" else sql


def _code(type: Type) -> str:
    return f"{type.kind}:{type.scale}"


def store(value: object) -> Stored:
    """A Python value as SQLite keeps it."""
    match value:
        case None:
            return None
        case bool():
            return int(value)
        case int() | str():
            return value
        case datetime():
            return value.isoformat(sep=" ")
        case Decimal() | date():
            return to_text(value)
        case _:
            raise TypeError(value)


def read(value: object, kind: Kind) -> Any:
    """An answer of SQLite as the Python value it stands for."""
    if value is None:
        return None
    return _READERS[kind](value)


_READERS: dict[Kind, Callable[[Any], Any]] = {
    Kind.TEXT: str,
    Kind.INTEGER: int,
    Kind.DECIMAL: Decimal,
    Kind.BOOLEAN: bool,
    Kind.DATE: date.fromisoformat,
    Kind.DATETIME: datetime.fromisoformat,
}


@lru_cache(maxsize=1024)
def _signature(text: str) -> tuple[str, Type, list[Type]]:
    name, *codes = text.split(" ")
    types = [Type(Kind(code.partition(":")[0]), int(code.partition(":")[2])) for code in codes]
    return name, types[0], types[1:]


def _formula(signature: str, *stored: Stored) -> Stored:
    name, result, kinds = _signature(signature)
    values = [fit(read(value, type.kind), type) for value, type in zip(stored, kinds, strict=True)]
    if name in LENIENT:
        return store(fit(LENIENT[name](*values), result))
    return None if None in values else store(fit(STRICT[name](*values), result))


class _Gathering:
    """One aggregate over decimals: gathers the values, and computes as Python does."""

    def __init__(self) -> None:
        self.signature: str | None = None
        self.values: list[Any] = []

    def step(self, *args: Any) -> None:
        self.signature, stored = args
        if stored is not None:
            kind = _signature(args[0])[2][0].kind
            self.values.append(read(stored, kind))

    def finalize(self) -> Stored:
        if self.signature is None:  # no row at all
            return None
        name, result, _ = _signature(self.signature)
        name, _, share = name.partition(":")
        if share:
            return store(fit(quantile(self.values, Decimal(share)), result))
        return store(fit(AGGREGATES[name](self.values), result))


def install(connection: sqlite3.Connection) -> None:
    """Give the connection what ``to_sql("sqlite")`` needs. A value past its width is an sqlite3.OperationalError."""
    connection.create_function("banjie_formula", -1, _formula, deterministic=True)
    connection.create_aggregate("banjie_aggregate", 2, _Gathering)  # type: ignore[arg-type]
