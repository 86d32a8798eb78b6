"""The Python evaluator is held to the answers of DuckDB, SQLite and PostgreSQL, on generated formulas and rows.

``HYPOTHESIS_PROFILE=deep`` runs many more, at random; otherwise the same ones each time.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, closing, contextmanager
from typing import Any

import duckdb
import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.differential.formulas_generated import AGGREGATE, COLUMNS, FORMULA, ROWS

from banjie.formulas import (
    KIND_TO_DUCKDB,
    Columns,
    Dialect,
    Formula,
    FormulaError,
    FormulaValueError,
    Kind,
    compile_formula,
    sqlite,
)
from banjie.formulas.dialects import PostgresWriter

Row = dict[str, Any]
Answers = list[list[Any]]
Ask = Callable[[list[Row], list[Formula], bool], Answers]

DEEP = os.environ.get("HYPOTHESIS_PROFILE") == "deep"


def examples(count: int) -> settings:
    return settings(
        max_examples=count * 40 if DEEP else count,
        derandomize=not DEEP,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )


def _query(formulas: list[Formula], dialect: Dialect, whole: bool) -> str:
    asked = ", ".join(formula.to_sql(dialect) for formula in formulas)
    return f"SELECT {asked} FROM rows" if whole else f"SELECT {asked} FROM rows ORDER BY row_number"


def _insert(mark: str, columns: Columns) -> str:
    return f"INSERT INTO rows VALUES ({', '.join([mark] * (len(columns) + 1))})"


def _schema(types: Mapping[Kind, str], columns: Columns) -> str:
    return "CREATE TEMPORARY TABLE rows (row_number INTEGER, " + ", ".join(f'"{n}" {types[k]}' for n, k in columns.items()) + ")"


def _stored(rows: list[Row], columns: Columns) -> list[list[Any]]:
    return [[number, *map(row.get, columns)] for number, row in enumerate(rows)]


@contextmanager
def duckdb_engine(columns: Columns) -> Iterator[Ask]:
    with duckdb.connect() as connection:
        connection.execute("SET threads = 1")
        connection.execute(_schema(KIND_TO_DUCKDB, columns))

        def ask(rows: list[Row], formulas: list[Formula], whole: bool) -> Answers:
            connection.execute("DELETE FROM rows")
            if rows:
                connection.executemany(_insert("?", columns), _stored(rows, columns))
            return [list(row) for row in connection.execute(_query(formulas, "duckdb", whole)).fetchall()]

        yield ask


@contextmanager
def sqlite_engine(columns: Columns) -> Iterator[Ask]:
    with closing(sqlite3.connect(":memory:")) as connection:
        sqlite.install(connection)
        connection.execute(_schema(sqlite.SQLiteWriter.types, columns))

        def ask(rows: list[Row], formulas: list[Formula], whole: bool) -> Answers:
            connection.execute("DELETE FROM rows")
            connection.executemany(_insert("?", columns), [list(map(sqlite.store, row)) for row in _stored(rows, columns)])
            answers = connection.execute(_query(formulas, "sqlite", whole)).fetchall()
            return [[sqlite.read(value, formula.kind) for value, formula in zip(row, formulas, strict=True)] for row in answers]

        yield ask


@contextmanager
def postgres_engine(columns: Columns) -> Iterator[Ask]:
    with psycopg.connect(os.environ["BANJIE_DATABASE"], autocommit=True) as connection:
        connection.execute(_schema({**PostgresWriter.types, Kind.DECIMAL: "numeric(24,6)"}, columns))

        def ask(rows: list[Row], formulas: list[Formula], whole: bool) -> Answers:
            connection.execute("DELETE FROM rows")
            connection.cursor().executemany(_insert("%s", columns), _stored(rows, columns))
            return [list(row) for row in connection.execute(_query(formulas, "postgres", whole)).fetchall()]

        yield ask


def engines() -> dict[str, Callable[[Columns], AbstractContextManager[Ask]]]:
    """The databases of this test run: PostgreSQL takes part with BANJIE_TEST_DB=postgres."""
    found = {"duckdb": duckdb_engine, "sqlite": sqlite_engine}
    return {**found, "postgres": postgres_engine} if os.environ.get("BANJIE_TEST_DB") == "postgres" else found


@pytest.fixture(scope="module", params=engines())
def ask(request: pytest.FixtureRequest) -> Iterator[Ask]:
    with engines()[request.param](COLUMNS) as asking:
        yield asking


def _compiled(texts: list[str], aggregates: bool) -> list[Formula]:
    """The formulas that compile. Constants alone may not (their product is too large), and are then passed over."""
    found = []
    for text in texts:
        try:
            found.append(compile_formula(text, COLUMNS, aggregates=aggregates))
        except FormulaError as error:
            if not ("digits" in error.says.en or "64 bits" in error.says.en):
                raise AssertionError(text) from error
    return found


def _python(formula: Formula, rows: list[Row], whole: bool) -> list[Any] | None:
    """The evaluator's answers, or None if a value leaves its width: engines then refuse too, or may."""
    try:
        return [formula.evaluate_rows(rows)] if whole else [formula.evaluate(row) for row in rows]
    except FormulaValueError:
        return None


def hold(ask: Ask, rows: list[Row], texts: list[str], whole: bool) -> None:
    formulas = _compiled(texts, aggregates=whole)
    answered = [(f, answers) for f in formulas if (answers := _python(f, rows, whole)) is not None]
    if not answered:
        return
    theirs = ask(rows, [formula for formula, _ in answered], whole)
    for at, (formula, ours) in enumerate(answered):
        for number, answer in enumerate(ours):
            found = theirs[number][at]
            same = found == answer and isinstance(found, bool) == isinstance(answer, bool) and not isinstance(found, float)
            assert same, f"{formula.text}\n  on {rows if whole else rows[number]}\n  Python {answer!r}, the engine {found!r}"


@examples(140)
@given(rows=ROWS, texts=st.lists(FORMULA, min_size=20, max_size=20))
def test_an_engine_answers_as_python_does(ask: Ask, rows: list[Row], texts: list[str]) -> None:
    hold(ask, rows, texts, whole=False)


@examples(120)
@given(rows=st.one_of(ROWS, st.just([])), texts=st.lists(AGGREGATE, min_size=8, max_size=8))
def test_an_engine_aggregates_as_python_does(ask: Ask, rows: list[Row], texts: list[str]) -> None:
    hold(ask, rows, texts, whole=True)


NOTHING: Row = dict.fromkeys(COLUMNS)
FOUND_BEFORE = [
    "date_trunc('year', m) = TIMESTAMP '2021-10-31 00:00:00'",  # DuckDB's rewriting forgot that m may be NULL
    "date_trunc('month', m) <> TIMESTAMP '2021-10-31 00:00:00'",
    "date_trunc('year', m) IS DISTINCT FROM TIMESTAMP '2021-10-31 00:00:00'",
]


@pytest.mark.parametrize("text", FOUND_BEFORE)
def test_what_once_differed_agrees(ask: Ask, text: str) -> None:
    hold(ask, [NOTHING], [text], whole=False)
