"""A formula: one SQL expression of DuckDB's dialect, checked, that runs in Python and in four engines alike."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from typing import Literal as OneOf

from banjie.formulas.checking import Checker
from banjie.formulas.dialects import DuckDBWriter, PostgresWriter, SparkWriter
from banjie.formulas.errors import FormulaError, FormulaValueError
from banjie.formulas.evaluate import Run, evaluate_rows, runner
from banjie.formulas.grammar import HANDLERS
from banjie.formulas.kinds import Kind, column_type, fit
from banjie.formulas.reading import parse
from banjie.formulas.sql import Writer
from banjie.formulas.sqlite import SQLiteWriter
from banjie.formulas.tree import Aggregate, Call, Column, Literal, Node, is_null, walk
from banjie.lib.text import Text

Dialect = OneOf["duckdb", "postgres", "sqlite", "spark"]
Columns = Mapping[str, Kind]

WRITERS: dict[str, type[Writer]] = {
    "duckdb": DuckDBWriter,
    "postgres": PostgresWriter,
    "sqlite": SQLiteWriter,
    "spark": SparkWriter,
}


@dataclass(frozen=True)
class Formula:
    """A checked formula. Make one with ``compile_formula``; two with the same tree are equal."""

    text: str = field(compare=False)
    tree: Node

    @property
    def kind(self) -> Kind:
        """The kind of its answer."""
        return self.tree.type.kind

    @property
    def scale(self) -> int:
        """Decimal places of its answer; 0 unless the kind is DECIMAL."""
        return self.tree.type.scale

    @cached_property
    def columns(self) -> frozenset[str]:
        """Names of the columns it reads."""
        return frozenset(node.name for node in walk(self.tree) if isinstance(node, Column))

    @cached_property
    def has_aggregates(self) -> bool:
        return any(isinstance(node, Aggregate) for node in walk(self.tree))

    @cached_property
    def _run(self) -> Run:
        return runner(self.tree)

    def evaluate(self, row: Mapping[str, object]) -> Any:
        """The answer for one row (names to values; a missing name has no value).

        Decimals, dates and datetimes may come as JSON's texts; an aware datetime is taken in Asia/Shanghai.
        Raises FormulaValueError for a value of another kind, a number past its width, a day that does not exist.
        """
        if self.has_aggregates:
            raise TypeError("a formula with aggregates is asked of rows: evaluate_rows")
        return self._run(row)

    def evaluate_rows(self, rows: Iterable[Mapping[str, object]]) -> object:
        """The answer of a formula with aggregates over all rows."""
        return evaluate_rows(self.tree, rows)

    def to_sql(self, dialect: Dialect, column: Callable[[str], str] | None = None) -> str:
        """The formula as SQL. ``column`` writes a column's name; without it, as a quoted identifier.

        Columns must have the kinds' types: ``KIND_TO_DUCKDB``; in PostgreSQL text, bigint, numeric(24,6), boolean, date,
        timestamp (local time); in SQLite what ``banjie.formulas.sqlite`` tells, on a connection given to its ``install``.
        """
        return WRITERS[dialect](column).write(self.tree)


def compile_formula(text: str, columns: Columns, expects: Kind | None = None, aggregates: bool = False) -> Formula:
    """Read and check a formula.

    ``columns`` are the names it may use. ``expects`` is the kind its answer must have (an integer will do for a
    decimal and becomes one). With ``aggregates`` every column stands inside SUM, COUNT, MIN, MAX or AVG.
    Raises FormulaError, in both languages, pointing at the character at fault.
    """
    syntax = parse(text)
    node = Checker(text, columns, HANDLERS, aggregates=aggregates).node(syntax)
    formula = Formula(text, _of_kind(text, node, expects) if expects else node)
    _refuse_bloat(formula)
    return formula


def _of_kind(text: str, node: Node, expects: Kind) -> Node:
    wanted = column_type(expects)
    if is_null(node):
        return Literal(None, wanted)
    if node.type.kind is expects:
        return node
    if node.type.kind is Kind.INTEGER and expects is Kind.DECIMAL:
        return Literal(fit(node.value, wanted), wanted) if isinstance(node, Literal) else Call("to_decimal", (node,), wanted)
    says = Text("公式的结果应是{wanted}，现在是{found}", "the formula should give {wanted}, not {found}")
    raise FormulaError(says.format(wanted=expects.label, found=node.type.kind.label), text, len(text) - len(text.lstrip()))


def _refuse_bloat(formula: Formula) -> None:
    for dialect in WRITERS.values():
        try:
            dialect(None).write(formula.tree)
        except FormulaValueError as error:
            raise FormulaError(error.says, formula.text, 0) from None
