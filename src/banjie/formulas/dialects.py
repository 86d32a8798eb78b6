"""What DuckDB, PostgreSQL and Spark each spell in their own way. SQLite has a file of its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from banjie.formulas.kinds import DIGITS, KIND_TO_DUCKDB, MAX_SCALE, Kind, decimal_type
from banjie.formulas.operations import SPACES
from banjie.formulas.quantiles import weighed
from banjie.formulas.sql import GUARD, Spelling, Writer, function, readings
from banjie.formulas.tree import Aggregate, Call, Case, Column, Literal, Node

_ONE_GUARD = f"0.{1:0{MAX_SCALE + 1}}"


def _unit(node: Call) -> str:
    unit = node.args[0]
    assert isinstance(unit, Literal)
    return str(unit.value)


# -- DuckDB ----------------------------------------------------------------------------------------


def _unscaled(writer: Writer, node: Node) -> str:
    """A number as a whole number of its last places: 12.5 with six places is 12500000."""
    sql = writer.arg(node)
    return f"CAST({sql} * {10**node.type.scale} AS HUGEINT)" if node.type.scale else f"CAST({sql} AS HUGEINT)"


def _duckdb_divide(writer: Writer, node: Call) -> str:
    """DuckDB's own / on decimals gives a double. Whole numbers of 128 bits give the exact quotient; // 0 is NULL."""
    a, b = node.args
    shift = (
        GUARD * 10 ** (b.type.scale - a.type.scale)
        if b.type.scale >= a.type.scale
        else GUARD // 10 ** (a.type.scale - b.type.scale)
    )
    quotient = f"{_unscaled(writer, a)} * CAST({shift} AS HUGEINT) // {_unscaled(writer, b)}"
    return f"ROUND(CAST({quotient} AS DECIMAL(38,0)) * {_ONE_GUARD}, {MAX_SCALE})"


def _duckdb_shift_days(operator: str) -> Spelling:
    def spell(writer: Writer, node: Call) -> str:
        day, days = node.args
        small = isinstance(days, Literal) and isinstance(days.value, int) and abs(days.value) < 2**31
        return f"{writer.arg(day)} {operator} {writer.arg(days) if small else f'CAST({writer.write(days)} AS INTEGER)'}"

    return spell


def _duckdb_date_trunc(writer: Writer, node: Call) -> str:
    sql = f"DATE_TRUNC('{_unit(node)}', {writer.write(node.args[1])})"
    # Bare, DuckDB 1.5.5 turns DATE_TRUNC(…, NULL) = a moment that is no such start into false instead of NULL.
    return f"CAST({sql} AS DATE)" if node.type.kind is Kind.DATE else f"COALESCE({sql}, NULL)"


_MIXING = {"add", "subtract", "remainder", "eq", "ne", "lt", "le", "gt", "ge", "distinct", "between", "in"}
_MIXING |= {"coalesce", "nullif", "greatest", "least"}


def _width(node: Node) -> int:
    """At most so many digits has DuckDB's type of this number."""
    match node:
        case Column():
            return 24 if node.type.kind is Kind.DECIMAL else 19
        case Literal(value):
            return max(len(str(value)), node.type.scale + 1)
        case Call("add" | "subtract", (a, b)):
            return min(DIGITS, max(_width(arg) - arg.type.scale for arg in (a, b)) + node.type.scale + 1)
        case _:
            return DIGITS if node.type.kind is Kind.DECIMAL else 19


def _aligned(nodes: Sequence[Node]) -> tuple[Node, ...]:
    """Numbers that DuckDB is to bring to one type. Where that needs more than 38 digits it would give up decimal places in
    silence: then the places are asked for. Columns and constants never need it."""
    scale = max(node.type.scale for node in nodes)
    whole = max(_width(node) - node.type.scale for node in nodes)
    if whole + scale <= DIGITS:
        return tuple(nodes)
    wanted = decimal_type(scale)
    return tuple(Call("to_decimal", (node,), wanted) if node.type.scale < scale else node for node in nodes)


class DuckDBWriter(Writer):
    types = KIND_TO_DUCKDB
    spellings = {
        "divide": _duckdb_divide,
        "length": function("LENGTH"),
        "starts_with": function("STARTS_WITH"),
        "contains": function("CONTAINS"),
        "year": function("YEAR"),
        "quarter": function("QUARTER"),
        "month": function("MONTH"),
        "day": function("DAY"),
        "last_day": function("LAST_DAY"),
        "add_days": _duckdb_shift_days("+"),
        "subtract_days": _duckdb_shift_days("-"),
        "days_between": "{0} - {1}",
        "date_diff": lambda writer, node: (
            f"DATE_DIFF('{_unit(node)}', {writer.write(node.args[1])}, {writer.write(node.args[2])})"
        ),
        "date_trunc": _duckdb_date_trunc,
        **readings("TRY_CAST(REGEXP_EXTRACT({0}, {1}) AS {2})"),
    }

    def quantile(self, node: Aggregate) -> str:
        """Over whole numbers of the last places, as in division."""
        assert node.arg is not None
        value = _unscaled(self, node.arg)
        ordered = f"LIST({value} ORDER BY {value}){self.known(node)}"
        sum_, whole = weighed(node, self.write, ordered=ordered, element="({list})[{place}]", over="{a} // {b}")
        shift = GUARD // 10**node.arg.type.scale
        return f"ROUND(CAST(({sum_}) * CAST({shift} AS HUGEINT) // {whole} AS DECIMAL(38,0)) * {_ONE_GUARD}, {MAX_SCALE})"

    def call(self, node: Call) -> str:
        if node.operation in _MIXING and all(arg.type.is_number for arg in node.args):
            node = replace(node, args=_aligned(node.args))
        return super().call(node)

    def case(self, node: Case) -> str:
        if node.type.kind is Kind.DECIMAL:
            values = _aligned([*(value for _, value in node.branches), node.otherwise])
            branches = tuple((condition, value) for (condition, _), value in zip(node.branches, values, strict=False))
            node = replace(node, branches=branches, otherwise=values[-1])
        return super().case(node)

    def literal(self, node: Literal) -> str:
        """A NULL beside a column must not widen the column."""
        scale = node.type.scale
        missing_decimal = node.value is None and node.type.kind is Kind.DECIMAL
        return f"CAST(NULL AS DECIMAL({12 + scale},{scale}))" if missing_decimal else super().literal(node)


# -- PostgreSQL ------------------------------------------------------------------------------------


def _byte_order(template: str) -> Spelling:
    """Text is ordered by code point, whatever the database's own collation."""

    def spell(writer: Writer, node: Call) -> str:
        return template.format(*[_collated(writer, arg) for arg in node.args])

    return spell


def _collated(writer: Writer, node: Node) -> str:
    return f'({writer.arg(node)} COLLATE "C")' if node.type.kind is Kind.TEXT else writer.arg(node)


def _collated_function(name: str) -> Spelling:
    return lambda writer, node: f"{name}({', '.join(_collated(writer, arg) for arg in node.args)})"


def _numeric(writer: Writer, node: Node) -> str:
    return writer.arg(node) if node.type.kind is Kind.DECIMAL else f"CAST({writer.write(node)} AS numeric)"


def _postgres_divide(writer: Writer, node: Call) -> str:
    a, b = (_numeric(writer, arg) for arg in node.args)
    return f"ROUND(DIV({a} * {GUARD}, NULLIF({b}, 0)) * {_ONE_GUARD}, {MAX_SCALE})"


def _part(name: str) -> Spelling:
    return lambda writer, node: f"CAST(EXTRACT({name} FROM {writer.write(node.args[0])}) AS bigint)"


def _postgres_date_diff(writer: Writer, node: Call) -> str:
    start, end = (writer.write(arg) for arg in node.args[1:])
    if _unit(node) == "day":
        return f"CAST(CAST({end} AS date) - CAST({start} AS date) AS bigint)"
    if _unit(node) == "minute":
        first, last = (f"EXTRACT(EPOCH FROM DATE_TRUNC('minute', CAST({moment} AS timestamp)))" for moment in (start, end))
        return f"CAST(({last} - {first}) / 60 AS bigint)"
    parts = {"year": ((1, "YEAR"),), "quarter": ((4, "YEAR"), (1, "QUARTER")), "month": ((12, "YEAR"), (1, "MONTH"))}[_unit(node)]
    sql = " + ".join(f"{times} * (EXTRACT({part} FROM {end}) - EXTRACT({part} FROM {start}))" for times, part in parts)
    return f"CAST({sql} AS bigint)"


def _postgres_date_trunc(writer: Writer, node: Call) -> str:
    sql = f"DATE_TRUNC('{_unit(node)}', CAST({writer.write(node.args[1])} AS timestamp))"
    return f"CAST({sql} AS date)" if node.type.kind is Kind.DATE else sql


def _postgres_to_text(writer: Writer, node: Call) -> str:
    arg = node.args[0]
    sql = writer.write(arg)
    if arg.type.kind is Kind.DECIMAL:
        sql = f"ROUND({sql}, {arg.type.scale})"
    return f"TO_CHAR({sql}, 'YYYY-MM-DD')" if arg.type.kind is Kind.DATE else f"CAST({sql} AS text)"


def _postgres_to_integer(writer: Writer, node: Call) -> str:
    sql = writer.write(node.args[0])
    return f"CAST(CAST({sql} AS integer) AS bigint)" if node.args[0].type.kind is Kind.BOOLEAN else f"CAST({sql} AS bigint)"


class PostgresWriter(Writer):
    types = {
        Kind.TEXT: "text",
        Kind.INTEGER: "bigint",
        Kind.DECIMAL: "numeric",
        Kind.BOOLEAN: "boolean",
        Kind.DATE: "date",
        Kind.DATETIME: "timestamp",
    }
    spellings = {
        "lt": _byte_order("{0} < {1}"),
        "le": _byte_order("{0} <= {1}"),
        "gt": _byte_order("{0} > {1}"),
        "ge": _byte_order("{0} >= {1}"),
        "between": _byte_order("{0} BETWEEN {1} AND {2}"),
        "greatest": _collated_function("GREATEST"),
        "least": _collated_function("LEAST"),
        "like": "{0} LIKE {1} ESCAPE ''",
        "divide": _postgres_divide,
        "remainder": lambda writer, node: f"{writer.wide(node.args[0])} % NULLIF({writer.wide(node.args[1])}, 0)",
        "length": "CAST(CHAR_LENGTH({0}) AS bigint)",
        "trim": f"BTRIM({{0}}, '{SPACES}')",
        "starts_with": function("STARTS_WITH"),
        "contains": "POSITION({1} IN {0}) > 0",
        "year": _part("YEAR"),
        "quarter": _part("QUARTER"),
        "month": _part("MONTH"),
        "day": _part("DAY"),
        "last_day": "CAST(DATE_TRUNC('month', CAST({0} AS timestamp)) + INTERVAL '1 month - 1 day' AS date)",
        "make_date": "MAKE_DATE(CAST({0} AS integer), CAST({1} AS integer), CAST({2} AS integer))",
        "add_days": "{0} + CAST({1} AS integer)",
        "subtract_days": "{0} - CAST({1} AS integer)",
        "days_between": "CAST({0} - {1} AS bigint)",
        "date_diff": _postgres_date_diff,
        "date_trunc": _postgres_date_trunc,
        "to_text": _postgres_to_text,
        "to_integer": _postgres_to_integer,
        **readings("CAST(SUBSTRING({0} FROM {1}) AS {2})"),
    }

    def quantile(self, node: Aggregate) -> str:
        assert node.arg is not None
        value = _numeric(self, node.arg)
        ordered = f"ARRAY_AGG({value} ORDER BY {value}){self.known(node)}"
        sum_, whole = weighed(node, self.write, ordered=ordered, element="({list})[{place}]", over="{a} / {b}")
        return f"ROUND(DIV(({sum_}) * {GUARD}, {whole}) * {_ONE_GUARD}, {MAX_SCALE})"

    def aggregate(self, node: Aggregate) -> str:
        if node.function in ("min", "max") and node.arg is not None and node.arg.type.kind is Kind.TEXT:
            return f"{node.function.upper()}({_collated(self, node.arg)}){self.filter(node)}"
        return super().aggregate(node)


# -- Spark -----------------------------------------------------------------------------------------

SPARK_SETTINGS = {
    "spark.sql.ansi.enabled": "true",
    "spark.sql.decimalOperations.allowPrecisionLoss": "false",
    "spark.sql.session.timeZone": "Asia/Shanghai",
    "spark.sql.timestampType": "TIMESTAMP_NTZ",
}
"""A Spark session that runs formulas needs these: errors instead of silent NULLs, and products that keep their places."""


def _spark_divide(writer: Writer, node: Call) -> str:
    a, b = (f"CAST({writer.write(arg)} AS DECIMAL(38,{arg.type.scale}))" for arg in node.args)
    return f"CAST(ROUND({a} / NULLIF({b}, 0), {MAX_SCALE}) AS DECIMAL(38,{MAX_SCALE}))"


def _spark_part(name: str) -> Spelling:
    return lambda writer, node: f"CAST({name}({writer.write(node.args[0])}) AS BIGINT)"


def _spark_date_diff(writer: Writer, node: Call) -> str:
    start, end = (writer.write(arg) for arg in node.args[1:])
    if _unit(node) == "day":
        return f"CAST(DATEDIFF({end}, {start}) AS BIGINT)"
    if _unit(node) == "minute":
        return f"CAST(TIMESTAMPDIFF(MINUTE, DATE_TRUNC('MINUTE', {start}), DATE_TRUNC('MINUTE', {end})) AS BIGINT)"
    parts = {"year": ((1, "YEAR"),), "quarter": ((4, "YEAR"), (1, "QUARTER")), "month": ((12, "YEAR"), (1, "MONTH"))}[_unit(node)]
    return "CAST(" + " + ".join(f"{times} * ({part}({end}) - {part}({start}))" for times, part in parts) + " AS BIGINT)"


def _spark_date_trunc(writer: Writer, node: Call) -> str:
    sql = f"DATE_TRUNC('{_unit(node)}', {writer.write(node.args[1])})"
    return f"CAST({sql} AS {writer.types[node.type.kind]})"


class SparkWriter(Writer):
    """Checked as Spark's syntax; not yet held to Spark's answers (the figures do not run on Spark yet)."""

    types = {
        Kind.TEXT: "STRING",
        Kind.INTEGER: "BIGINT",
        Kind.DECIMAL: "DECIMAL(24,6)",
        Kind.BOOLEAN: "BOOLEAN",
        Kind.DATE: "DATE",
        Kind.DATETIME: "TIMESTAMP_NTZ",
    }
    spellings = {
        "distinct": "NOT ({0} <=> {1})",
        "like": "{0} LIKE {1} ESCAPE '\\u0001'",
        "divide": _spark_divide,
        "remainder": lambda writer, node: f"{writer.wide(node.args[0])} % NULLIF({writer.wide(node.args[1])}, 0)",
        "length": "CAST(LENGTH({0}) AS BIGINT)",
        "trim": f"TRIM(BOTH '{SPACES}' FROM {{0}})",
        "concat": lambda writer, node: f"CONCAT_WS('', {', '.join(map(writer.write, node.args))})",
        "starts_with": function("STARTSWITH"),
        "contains": function("CONTAINS"),
        "year": _spark_part("YEAR"),
        "quarter": _spark_part("QUARTER"),
        "month": _spark_part("MONTH"),
        "day": _spark_part("DAY"),
        "last_day": function("LAST_DAY"),
        "make_date": "MAKE_DATE(CAST({0} AS INT), CAST({1} AS INT), CAST({2} AS INT))",
        "add_days": "DATE_ADD({0}, CAST({1} AS INT))",
        "subtract_days": "DATE_SUB({0}, CAST({1} AS INT))",
        "days_between": "CAST(DATEDIFF({0}, {1}) AS BIGINT)",
        "date_diff": _spark_date_diff,
        "date_trunc": _spark_date_trunc,
        **readings("TRY_CAST(NULLIF(REGEXP_EXTRACT({0}, {1}, 0), '') AS {2})"),
    }

    def identifier(self, name: str) -> str:
        return "`" + name.replace("`", "``") + "`"

    def literal(self, node: Literal) -> str:
        sql = super().literal(node)
        return sql.replace("TIMESTAMP ", "TIMESTAMP_NTZ ", 1) if node.type.kind is Kind.DATETIME and node.value else sql

    def quantile(self, node: Aggregate) -> str:
        assert node.arg is not None
        ordered = (
            f"ARRAY_SORT(COLLECT_LIST(CAST({self.write(node.arg)} AS DECIMAL(24,{node.arg.type.scale}))){self.filter(node)})"
        )
        element = "ELEMENT_AT({list}, CAST({place} AS INT))"
        sum_, whole = weighed(node, self.write, ordered=ordered, element=element, over="{a} DIV {b}")
        return f"CASE WHEN {self.write(replace(node, function='count', share=None))} > 0 THEN CAST(ROUND(({sum_}) / {whole}, {MAX_SCALE}) AS DECIMAL(38,{MAX_SCALE})) END"

    def string(self, value: str) -> str:
        return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"
