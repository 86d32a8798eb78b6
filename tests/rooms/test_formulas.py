"""What the language refuses, what it does with values at the edge, and the SQL it writes."""

from __future__ import annotations

import ast
import sqlite3
import sys
from contextlib import closing
from datetime import UTC, date, datetime
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from pathlib import Path

import duckdb
import pytest
import sqlglot
from hypothesis import example, given, settings
from hypothesis import strategies as st

import banjie.formulas
from banjie.formulas import FormulaError, FormulaValueError, Kind, compile_formula, sqlite
from banjie.formulas.allowed import SYNONYMS, names
from banjie.formulas.evaluate import EARLY
from banjie.formulas.formula import WRITERS
from banjie.formulas.grammar import HANDLERS
from banjie.formulas.operations import LENIENT, STRICT, divide
from banjie.formulas.sql import STANDARD
from banjie.lib.errors import DefinitionError

COLUMNS = {
    "a": Kind.DECIMAL,
    "b": Kind.DECIMAL,
    "i": Kind.INTEGER,
    "s": Kind.TEXT,
    "d": Kind.DATE,
    "m": Kind.DATETIME,
    "p": Kind.BOOLEAN,
}


def refusal(text: str, *, aggregates: bool = False, expects: Kind | None = None) -> FormulaError:
    with pytest.raises(FormulaError) as refused:
        compile_formula(text, COLUMNS, expects=expects, aggregates=aggregates)
    return refused.value


def test_a_refusal_is_a_definition_error_with_line_and_column() -> None:
    error = refusal("a > 1\n  AND zz > 2")
    assert isinstance(error, DefinitionError)
    assert (error.offset, error.line, error.column, error.path) == (12, 2, 7, ())


BOMBS = {
    "ten thousand brackets": "(" * 10_000 + "1" + ")" * 10_000,
    "brackets within the length": "(" * 900 + "1" + ")" * 900,
    "unclosed brackets": "(" * 1_900,
    "NOT without end": "NOT " * 490 + "p",
    "minus without end": "- " * 990 + "a",
    "CASE without end": "CASE WHEN " * 190,
    "functions in functions": "ABS(" * 450 + "a" + ")" * 450,
    "a very long sum": "+".join(["a"] * 900),
    "a very long concatenation": "||".join(["s"] * 600),
    "casts without end": "a" + "::TEXT::INTEGER" * 120,
    "SQL that doubles at each step": "DATE_DIFF('month', d, d + " * 20 + "1" + ")" * 20,
}


@pytest.mark.parametrize("text", BOMBS.values(), ids=BOMBS)
def test_a_bomb_is_refused_and_the_stack_left_alone(text: str) -> None:
    depth = sys.getrecursionlimit()
    refusal(text)
    assert sys.getrecursionlimit() == depth


def test_twenty_brackets_and_eighty_fields_are_allowed() -> None:
    assert compile_formula("(" * 20 + "a" + ")" * 20, COLUMNS).evaluate({"a": "1"}) == 1
    total = compile_formula(" + ".join(["a"] * 80), COLUMNS)
    assert total.evaluate({"a": "1"}) == 80
    assert duckdb.sql(f"SELECT {total.to_sql('duckdb')} FROM (SELECT 1::DECIMAL(24,6) AS a)").fetchall() == [(80,)]


OFF_THE_LIST = [
    "a; b",
    "SELECT a",
    "(SELECT 1)",
    "a IN (SELECT 1)",
    "EXISTS (SELECT 1)",
    "SUM(a) OVER ()",
    "x -> x",
    "*",
    "COUNT(*)",
]
OFF_THE_LIST += [
    "?",
    "$1",
    ":a",
    "a AS b",
    "a b",
    "a /* hidden */ + 1",
    "a -- rest",
    "DROP TABLE x",
    "ATTACH 'x'",
    "COPY x TO 'y'",
]
OFF_THE_LIST += [
    "read_csv('/etc/passwd')",
    "getenv('HOME')",
    "random()",
    "NOW()",
    "CURRENT_TIMESTAMP",
    "a[1]",
    "[a]",
    "{'k': a}",
    "a // b",
]
OFF_THE_LIST += [
    "a ** 2",
    "a ^ 2",
    "s ILIKE 'x'",
    "s LIKE 'x' ESCAPE '!'",
    "s ~ 'x'",
    "s SIMILAR TO 'x'",
    "s COLLATE nocase",
    "t.a",
]
OFF_THE_LIST += [
    "INTERVAL 1 DAY",
    "d + INTERVAL 1 MONTH",
    "ROW(1)",
    "COLUMNS(*)",
    "DATE_TO_DATE_STR(d)",
    "NVL(a, b)",
    "TRIM(BOTH 'x' FROM s)",
]
OFF_THE_LIST += [
    "",
    "  ",
    "'open",
    '"open',
    "a +",
    "a = ",
    ")",
    "ROUND()",
    "YEAR()",
    "@",
    "VAR_MAP(a)",
    "CASE a + 1 WHEN 1 THEN 2 END",
    "\0",
]


@pytest.mark.parametrize("text", OFF_THE_LIST)
def test_what_is_not_listed_is_refused(text: str) -> None:
    error = refusal(text)
    assert error.says.zh
    assert error.says.en
    assert error.offset is not None
    assert 0 <= error.offset <= len(text)


TYPE_ERRORS = [
    "a + s",
    "a = s",
    "d = m",
    "d > 1",
    "d + d",
    "d * 2",
    "d + 1.5",
    "m - m",
    "NOT a",
    "a AND p",
    "p < p",
    "LENGTH(a)",
    "YEAR(s)",
]
TYPE_ERRORS += [
    "s || i",
    "CASE WHEN a THEN 1 END",
    "CASE WHEN p THEN 1 ELSE 'x' END",
    "COALESCE(a, s)",
    "a IN (1, 'x')",
    "SUBSTRING(s, i, 1)",
]
TYPE_ERRORS += [
    "ROUND(a, i)",
    "ROUND(a, -1)",
    "CAST(s AS DATE)",
    "CAST(p AS DATE)",
    "CAST(a AS DOUBLE)",
    "CAST(a AS DECIMAL(10,2))",
    "1e5",
]
TYPE_ERRORS += [
    "DATE '2021-02-30'",
    "DATE 'yesterday'",
    "99999999999999999999",
    "9223372036854775807 + 1",
    "0.1234567890123",
    "d - NULL",
]


@pytest.mark.parametrize("text", TYPE_ERRORS)
def test_a_type_error_is_found_when_it_is_compiled(text: str) -> None:
    refusal(text)


MISUSED_AGGREGATES = [
    "a",
    "SUM(a) + b",
    "SUM(SUM(a))",
    "SUM(a) FILTER (WHERE SUM(b) > 1)",
    "SUM(DISTINCT a)",
    "COUNT(DISTINCT a, b)",
    "SUM(s)",
]
MISUSED_AGGREGATES += [
    "COUNT(a, b)",
    "MIN(p)",
    "ABS(a) FILTER (WHERE p)",
    "SUM(*)",
    "SUM(a) FILTER (WHERE a)",
    "SUM(a ORDER BY b)",
]


@pytest.mark.parametrize("text", MISUSED_AGGREGATES)
def test_an_aggregate_out_of_place_is_refused(text: str) -> None:
    refusal(text, aggregates=True)


def test_the_answer_must_have_the_kind_that_is_expected() -> None:
    assert "boolean" in refusal("a + 1", expects=Kind.BOOLEAN).says.en
    whole = compile_formula("i", COLUMNS, expects=Kind.DECIMAL)
    assert (whole.kind, str(whole.evaluate({"i": 3}))) == (Kind.DECIMAL, "3.000000")
    assert compile_formula("NULL", COLUMNS, expects=Kind.DATE).kind is Kind.DATE


def test_a_formula_tells_its_columns_kind_and_aggregates() -> None:
    formula = compile_formula("SUM(a) FILTER (WHERE p) / COUNT(*)", COLUMNS, aggregates=True)
    assert (formula.columns, formula.kind, formula.has_aggregates) == (frozenset({"a", "p"}), Kind.DECIMAL, True)
    with pytest.raises(TypeError):
        formula.evaluate({})


def test_values_come_as_a_record_keeps_them() -> None:
    row = {"a": "126.5", "d": "2021-10-31", "m": datetime(2021, 10, 31, 16, 30, tzinfo=UTC), "i": 3, "s": "x", "p": True}
    assert compile_formula("a * 2", COLUMNS).evaluate(row) == Decimal(253)
    assert compile_formula("d + i", COLUMNS).evaluate(row) == date(2021, 11, 3)
    assert compile_formula("CAST(m AS DATE)", COLUMNS).evaluate(row) == date(2021, 11, 1), (
        "16:30 in UTC is past midnight in Shanghai"
    )


@pytest.mark.parametrize(
    ("column", "value"), [("a", 1.5), ("a", "abc"), ("a", True), ("a", "NaN"), ("i", "3"), ("i", 2**63), ("p", 1), ("d", "31/10")]
)
def test_a_value_of_another_kind_is_refused_and_a_float_is_no_decimal(column: str, value: object) -> None:
    with pytest.raises(FormulaValueError):
        compile_formula(column, COLUMNS).evaluate({column: value})


TOO_LARGE = [("i * i", {"i": 2**40}), ("i + 1", {"i": 2**63 - 1}), ("-i", {"i": -(2**63)}), ("ABS(i)", {"i": -(2**63)})]
TOO_LARGE += [("a * b", {"a": "1e17", "b": "1e17"}), ("a * a * a", {"a": "1e10"})]


@pytest.mark.parametrize(("text", "row"), TOO_LARGE)
def test_a_number_too_large_is_an_error_in_python_duckdb_and_sqlite(text: str, row: dict[str, object]) -> None:
    formula = compile_formula(text, COLUMNS)
    with pytest.raises(FormulaValueError):
        formula.evaluate(row)
    types = {"a": "DECIMAL(24,6)", "b": "DECIMAL(24,6)", "i": "BIGINT"}
    values = ", ".join(f"CAST('{value}' AS {types[name]}) AS {name}" for name, value in row.items())
    with pytest.raises((duckdb.OutOfRangeException, duckdb.ConversionException)):
        duckdb.sql(f"SELECT {formula.to_sql('duckdb')} FROM (SELECT {values})").fetchall()
    with closing(sqlite3.connect(":memory:")) as connection:
        sqlite.install(connection)
        values = ", ".join(
            f"'{value}' AS {name}" if name != "i" else f"CAST('{value}' AS INTEGER) AS i" for name, value in row.items()
        )
        with pytest.raises(sqlite3.OperationalError):
            connection.execute(f"SELECT {formula.to_sql('sqlite')} FROM (SELECT {values})").fetchall()


def test_a_day_that_does_not_exist_is_an_error() -> None:
    with pytest.raises(FormulaValueError):
        compile_formula("make_date(i, 2, 29)", COLUMNS).evaluate({"i": 2023})
    assert compile_formula("CASE WHEN i % 4 = 0 THEN make_date(i, 2, 29) END", COLUMNS).evaluate({"i": 2023}) is None


@settings(derandomize=True, database=None, max_examples=400)
@given(
    st.decimals(min_value=-(10**12), max_value=10**12, places=6) | st.integers(-(10**12), 10**12),
    st.decimals(min_value=-(10**6), max_value=10**6, places=6) | st.integers(-(10**6), 10**6),
)
@example(Decimal("0.0000005"), 1_000_000)
@example(-1, 2_000_000_000_000)
def test_a_quotient_is_the_exact_one_rounded_half_away_from_zero(a: Decimal | int, b: Decimal | int) -> None:
    exact = Fraction(a) / Fraction(b) if b else None
    if exact is None:
        assert divide(a, b) is None
        return
    scaled = abs(exact) * 10**12
    rounded = Decimal(int(scaled + Fraction(1, 2))).scaleb(-12).quantize(Decimal("1e-12"), ROUND_HALF_UP)
    assert divide(a, b) == (rounded if exact >= 0 else -rounded)


PLAIN_SQL = {
    "a <= b * 0.5": '"a" <= ("b" * 0.5)',
    "a > 1 AND p OR s LIKE 'x%'": """(("a" > 1) AND "p") OR ("s" LIKE 'x%')""",
    "a BETWEEN 1 AND 2": '"a" BETWEEN 1 AND 2',
    "i IN (1, 2)": '"i" IN (1, 2)',
    "d - DATE '2021-01-01' > 30": """("d" - DATE '2021-01-01') > 30""",
    "COALESCE(a, 0)": 'COALESCE("a", 0)',
    "1 + 2 * 3": "7",
    "CASE WHEN p THEN 1 ELSE 0 END": 'CASE WHEN "p" THEN 1 ELSE 0 END',
}


@pytest.mark.parametrize(("text", "sql"), PLAIN_SQL.items(), ids=PLAIN_SQL)
def test_duckdb_gets_plain_operators_without_needless_casts(text: str, sql: str) -> None:
    assert compile_formula(text, COLUMNS).to_sql("duckdb") == sql


def test_the_caller_says_how_a_column_is_written() -> None:
    formula = compile_formula("a > 1", COLUMNS)
    assert formula.to_sql("postgres", lambda name: f"(r.data->>'{name}')::numeric") == "(r.data->>'a')::numeric > 1"
    assert compile_formula('"投""资" > 1', {'投"资': Kind.DECIMAL}).to_sql("duckdb") == '"投""资" > 1'


def test_no_text_of_a_formula_reaches_the_engine_unquoted() -> None:
    formula = compile_formula("s = 'it''s \\ -- /* ; \"'", COLUMNS)
    assert formula.evaluate({"s": "it's \\ -- /* ; \""}) is True
    assert duckdb.sql(f"""SELECT {formula.to_sql("duckdb")} FROM (SELECT 'it''s \\ -- /* ; "' AS s)""").fetchall() == [(True,)]
    assert formula.to_sql("spark") == "`s` = 'it\\'s \\\\ -- /* ; \"'"


SPARK = [
    "a / b",
    "date_diff('month', d, m)",
    "TRY_CAST(s AS DATE)",
    "s IS DISTINCT FROM 'x'",
    "CONCAT(s, 'x')",
    "date_trunc('month', d)",
]
SPARK += ["last_day(d) - make_date(2021, i, 1)", "TRIM(s) LIKE 'x%'", "m > TIMESTAMP '2021-01-01 00:00:00'", "CAST(a AS TEXT)"]


@pytest.mark.parametrize("text", SPARK)
def test_what_is_written_for_spark_is_spark_sql(text: str) -> None:
    sqlglot.parse_one(compile_formula(text, COLUMNS).to_sql("spark"), read="spark", error_level=sqlglot.ErrorLevel.RAISE)


def test_every_operation_has_a_meaning_and_a_spelling_in_every_dialect() -> None:
    operations = STRICT.keys() | LENIENT.keys() | EARLY.keys()
    for dialect, writer in WRITERS.items():
        spelled = STANDARD.keys() | writer.spellings.keys()
        if dialect != "sqlite":  # what it cannot spell, Python computes there
            assert operations <= spelled, dialect
        assert spelled <= operations, dialect


def test_the_rooms_source_never_evaluates_text() -> None:
    for file in Path(banjie.formulas.__file__).parent.glob("*.py"):
        called = {node.id for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))) if isinstance(node, ast.Name)}
        assert not called & {"eval", "exec", "compile", "__import__"}, file.name


def test_the_list_of_nodes_holds_no_statement_and_no_query() -> None:
    for node in HANDLERS:
        assert not issubclass(
            node, (sqlglot.exp.Query, sqlglot.exp.DDL, sqlglot.exp.DML, sqlglot.exp.Command, sqlglot.exp.Anonymous)
        )


def test_every_function_sqlglot_knows_is_ours_or_refused() -> None:
    ours = {*names(aggregates=False), *SYNONYMS}
    arguments = ["", "a", "s", "d", "s, s", "a, i", "'day', d, d", "p, a, a", "s, 1, 2", "i, i, i"]
    for name in sorted({name.lower() for function in sqlglot.exp.ALL_FUNCTIONS for name in function.sql_names()} - ours):
        for given_arguments in arguments:
            refusal(f"{name}({given_arguments})")


PIECES = [
    "a",
    "i",
    "s",
    "d",
    "m",
    "p",
    "1",
    "2.5",
    "'x'",
    "NULL",
    "(",
    ")",
    ",",
    "+",
    "-",
    "*",
    "/",
    "%",
    "<",
    "=",
    "<>",
    "||",
    "AND",
    "OR",
    "NOT",
    "IN",
    "BETWEEN",
    "LIKE",
    "IS",
    "CASE",
    "WHEN",
    "THEN",
    "ELSE",
    "END",
    "CAST(",
    "AS",
    "DATE",
    "INTEGER",
]
PIECES += [
    "COUNT(*)",
    "SUM(",
    "FILTER",
    "(WHERE",
    "DISTINCT",
    "ROUND(",
    "COALESCE(",
    "date_diff(",
    "'day'",
    ";",
    "--",
    "/*",
    "[",
    "]",
    "{",
    "}",
    ":",
    "?",
    "$",
    "@",
    "->",
    "::",
    "OVER",
    "SELECT",
    "FROM",
    "\\",
    '"',
    "`",
    "COLUMNS(",
]


@settings(derandomize=True, database=None, max_examples=1500, deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=9).map(" ".join), st.booleans())
def test_any_text_compiles_or_is_refused_at_a_place_within_it(text: str, aggregates: bool) -> None:
    try:
        formula = compile_formula(text, COLUMNS, aggregates=aggregates)
    except FormulaError as error:
        assert error.offset is not None  # noqa: PT017 - either outcome is right
        assert 0 <= error.offset <= len(text)  # noqa: PT017
    else:
        assert all(formula.to_sql(dialect) for dialect in ("duckdb", "postgres", "sqlite", "spark"))


def test_equal_formulas_are_equal_however_they_are_spaced() -> None:
    one, two = (compile_formula(text, COLUMNS) for text in ("a+1", "( a  +  1 )"))
    assert one == two
    assert hash(one) == hash(two)
