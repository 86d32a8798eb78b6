"""Runs the tables of ``formulas.py`` in Python and in the databases, and holds the manual to them."""

from __future__ import annotations

from typing import Any

import pytest
from tests.differential.test_formulas import engines
from tests.spec.formulas import COLUMNS, MANUAL, REFUSED, SECTIONS, manual

from banjie.formulas import FormulaError, compile_formula
from banjie.lib.text import reading_in

CASES = [(f"{formula} · {row}", formula, row, answer) for section in SECTIONS for formula, row, answer, _ in section.cases]
GROUPS = [(f"{formula} · {rows}", formula, rows, answer) for section in SECTIONS for formula, rows, answer, _ in section.groups]


@pytest.mark.parametrize(("formula", "row", "answer"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_a_formula_answers_as_the_manual_says(formula: str, row: dict[str, Any], answer: Any) -> None:
    assert compile_formula(formula, COLUMNS).evaluate(row) == answer


@pytest.mark.parametrize(("formula", "rows", "answer"), [case[1:] for case in GROUPS], ids=[case[0] for case in GROUPS])
def test_a_measure_answers_as_the_manual_says(formula: str, rows: list[dict[str, Any]], answer: Any) -> None:
    assert compile_formula(formula, COLUMNS, aggregates=True).evaluate_rows(rows) == answer


@pytest.mark.parametrize("engine", engines())
def test_every_database_answers_as_the_manual_says(engine: str) -> None:
    with engines()[engine](COLUMNS) as ask:
        for _, formula, row, answer in CASES:
            assert ask([row], [compile_formula(formula, COLUMNS)], False) == [[answer]], formula
        for _, formula, rows, answer in GROUPS:
            assert ask(rows, [compile_formula(formula, COLUMNS, aggregates=True)], True) == [[answer]], formula


@pytest.mark.parametrize(("formula", "offset", "says"), REFUSED, ids=[case[0] for case in REFUSED])
def test_a_wrong_formula_is_refused_at_its_place(formula: str, offset: int, says: str) -> None:
    with pytest.raises(FormulaError) as refused:
        compile_formula(formula, COLUMNS)
    assert (refused.value.offset, refused.value.says.en) == (offset, says)
    with reading_in("zh"):
        assert any("\u4e00" <= character <= "\u9fff" for character in str(refused.value))


def test_the_manual_is_up_to_date() -> None:
    assert MANUAL.read_text(encoding="utf-8") == manual(), "run: python -m tests.spec.formulas"
