"""A wrong definition is refused when it is installed, with the place of the fault."""

from __future__ import annotations

from typing import Any

import pytest

from banjie.figures.definition import Figure
from banjie.figures.plan import compile_all
from banjie.lib.errors import DefinitionError
from banjie.registers.definition import Register
from tests.rooms.figures_world import FIGURES, INDICATORS, PROJECTS, REPORTS, title

REGISTERS = {m["name"]: Register.load(m) for m in (PROJECTS, REPORTS, INDICATORS)}
COUNT: dict[str, Any] = {
    "name": "a.count",
    "title": title("数", "Count"),
    "unit": "project",
    "of": "projects",
    "measure": "count(*)",
}
RATIO: dict[str, Any] = {"name": "a.rate", "title": title("率", "Rate"), "unit": "percent"}


def refusal(*mappings: dict[str, Any]) -> DefinitionError:
    with pytest.raises(DefinitionError) as refused:
        compile_all([Figure.load(m, ("figures", i)) for i, m in enumerate(mappings)], REGISTERS)
    return refused.value


@pytest.mark.parametrize(
    ("change", "path", "offset", "says"),
    [
        ({"of": "nothing"}, ("of",), None, "no register called nothing"),
        ({"measure": "sum(plannned)"}, ("measure",), 4, "plannned"),
        ({"measure": "planned"}, ("measure",), 0, "SUM"),
        ({"measure": "1 + 1"}, ("measure",), 0, "aggregate"),
        ({"measure": "sum(town)"}, ("measure",), 4, ""),
        ({"measure": "max(started_on)"}, ("measure",), 0, "number"),
        ({"measure": "count(*); drop table x"}, ("measure",), 8, ""),
        ({"measure": "count(leader)"}, ("measure",), 6, "leader"),
        ({"where": "planned + 1"}, ("where",), 0, ""),
        ({"where": "industry = 'a' and parent.x = 1"}, ("where",), 19, "parent"),
        ({"time": "town"}, ("time",), None, "here it must be date / datetime / month / year"),
        ({"time": "nowhere"}, ("time",), None, "nowhere"),
        ({"unit": "acre"}, ("unit",), None, "there is no unit acre"),
        ({"by": ["colour"]}, ("by", 0), None, "colour"),
        ({"by": ["town", "parent.industry"]}, ("by", 1), None, "has no parent"),
        ({"by": ["month"]}, ("by", 0), None, "need not be declared"),
        ({"by": ["leader"]}, ("by", 0), None, "leader"),
        ({"measure": "avg(planned)", "additive": True}, ("additive",), None, "single SUM or COUNT"),
        ({"display": {"unit": "亩"}}, (), None, "is shown in one of"),
        ({"colour": "red"}, ("colour",), None, "there is no entry called colour"),
        ({"title": "项目"}, ("title",), None, "both languages"),
        ({"ratio": {"numerator": "a.count", "denominator": "a.count"}}, (), None, "exactly one of"),
        ({"measure": ""}, (), None, "exactly one of"),
    ],
)
def test_a_fault_is_named_with_its_place(
    change: dict[str, Any], path: tuple[str | int, ...], offset: int | None, says: str
) -> None:
    found = refusal({**COUNT, **change})
    assert found.path == ("figures", 0, *path)
    assert found.offset == offset
    assert says in found.says.en


@pytest.mark.parametrize(
    ("more", "path", "says"),
    [
        ({"ratio": {"numerator": "a.count", "denominator": "b.none"}}, ("ratio", "denominator"), "no figure called b.none"),
        ({"schedule": {"completion": "b.none"}}, ("schedule", "completion"), "no figure called b.none"),
        ({"growth": {"of": "b.none"}}, ("growth", "of"), "no figure called b.none"),
        ({"sum": ["a.count", "b.none"]}, ("sum", 1), "no figure called b.none"),
        ({"sum": ["a.count"]}, ("sum",), "cannot be added"),
        ({"ratio": {"numerator": "a.rate", "denominator": "a.count"}}, ("ratio",), "in a ring: a.rate → a.rate"),
        ({"ratio": {"numerator": "a.count", "denominator": "a.count"}, "by": ["town"]}, ("by", 0), "town"),
    ],
)
def test_a_figure_made_of_what_is_not_there_is_refused(more: dict[str, Any], path: tuple[str | int, ...], says: str) -> None:
    found = refusal(COUNT, {**RATIO, **more})
    assert found.path == ("figures", 1, *path)
    assert says in found.says.en


def test_a_ring_of_several_figures_is_refused() -> None:
    rings = [{**RATIO, "name": f"r.{a}", "sum": [f"r.{b}"]} for a, b in ("ab", "bc", "ca")]
    assert "r.a → r.b → r.c → r.a" in refusal(*rings).says.en


def test_two_figures_of_one_name_are_refused() -> None:
    assert refusal(COUNT, COUNT).path == ("figures", 1, "name")


def test_a_definition_is_kept_as_it_was_written() -> None:
    for mapping in FIGURES:
        figure = Figure.load(mapping)
        assert Figure.load(figure.as_json()) == figure


def test_the_hash_changes_with_the_definition_and_with_what_it_is_made_of() -> None:
    rate = {**RATIO, "ratio": {"numerator": "a.count", "denominator": "a.count"}}
    first = compile_all([Figure.load(COUNT), Figure.load(rate)], REGISTERS)
    second = compile_all([Figure.load({**COUNT, "where": "planned > 0"}), Figure.load(rate)], REGISTERS)
    again = compile_all([Figure.load(rate), Figure.load(COUNT)], REGISTERS)
    assert first.digest("a.rate") == again.digest("a.rate") != second.digest("a.rate")


def test_parent_in_quoted_text_is_left_alone() -> None:
    figure = Figure.load(
        {**COUNT, "of": "reports", "measure": "count(*)", "where": "project <> 'parent.x' and parent.industry = 'ceramics'"}
    )
    plan = compile_all([figure], REGISTERS).plans["a.count"]
    assert plan.where.columns == {"project", "parent_industry"}  # type: ignore[union-attr]
