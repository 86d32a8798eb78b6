"""Draws that anybody can repeat: by hand, by command, years later."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from banjie.cli.draws import draw as command
from banjie.lib.draws import draw, list_hash
from banjie.lib.errors import NotPermitted, Refusal
from banjie.registers.definition import Register
from banjie.registers.draws import FIELDS, faults, record_draw
from banjie.registers.installing import install_register
from banjie.registers.models import Record
from tests.rooms import county

NAMES = [f"E{n:02d}" for n in range(1, 13)]


def test_a_draw_is_repeated_with_nothing_but_sha256() -> None:
    hashed = hashlib.sha256("\n".join(sorted(NAMES)).encode()).hexdigest()
    tickets = {name: hashlib.sha256(f"seed\n{hashed}\n{name}".encode()).hexdigest() for name in NAMES}
    assert draw(NAMES, 4, seed="seed").names == tuple(sorted(NAMES, key=lambda name: tickets[name])[:4])


def test_who_is_recused_is_passed_over_and_the_next_ticket_takes_the_place() -> None:
    plain = draw(NAMES, 12, seed="seed").names
    found = draw(NAMES, 3, seed="seed", recused=[plain[1]])
    assert (found.names, found.passed_over) == ((plain[0], plain[2], plain[3]), (plain[1],))


@given(st.sets(st.text("abcdef", min_size=1, max_size=4), min_size=2, max_size=30), st.randoms(), st.data())
def test_the_order_of_the_list_changes_nothing_and_any_other_list_may(names: set[str], random: Any, data: Any) -> None:
    count = data.draw(st.integers(1, len(names)))
    one, other = sorted(names), sorted(names)
    random.shuffle(other)
    assert draw(one, count, seed="s") == draw(other, count, seed="s")
    assert len(set(draw(one, count, seed="s").names)) == count
    assert list_hash([*one, "z"]) != list_hash(one)


@pytest.mark.parametrize(
    ("names", "count", "seed", "recused", "says"),
    [
        (["a", "a"], 1, "s", [], "twice"),
        (["a", " "], 1, "s", [], "empty"),
        (["a", "b"], 3, "s", [], "3 cannot be drawn from the 2"),
        (["a", "b"], 2, "s", ["b"], "2 cannot be drawn from the 1"),
        (["a", "b"], 1, "s", ["c"], "c is recused but is not on the list"),
        (["a", "b"], 1, " ", [], "needs a seed"),
    ],
)
def test_what_is_no_fair_draw_is_refused(names: list[str], count: int, seed: str, recused: list[str], says: str) -> None:
    with pytest.raises(Refusal) as refused:
        draw(names, count, seed=seed, recused=recused)
    assert says in refused.value.says.en


def draws_register() -> None:
    note = {"type": "note", "title": {"zh": "项", "en": "item"}}
    fields: list[dict[str, Any]] = [
        {**note, "name": "code", "type": "text", "required": True},
        {**note, "name": "area", "type": "area"},
    ]
    fields += [{**note, "name": name, "type": "integer" if name == "wanted" else "note"} for name in FIELDS]
    mapping = {"name": "lots", "title": {"zh": "抽取", "en": "Lots"}, "key": "code", "area": "area", "fields": fields}
    install_register(Register.load(mapping), pack="test", by=None)


@pytest.fixture
def kept(db: None) -> Record:
    county.areas()
    draws_register()
    return record_draw("lots", {"code": "D1", "area": "431322"}, NAMES, count=4, recused={"E03": "亲属"}, by=None)


def run(*arguments: str) -> tuple[int, str]:
    found = CliRunner().invoke(command, list(arguments))
    return found.exit_code, found.output


def test_a_kept_draw_follows_from_its_list_and_seed(kept: Record) -> None:
    assert faults(kept) == []
    assert "E03" not in kept.data["drawn"].split()
    assert run("verify", "lots", "D1")[0] == 0
    assert run("verify", "lots", "D2")[0] == 1


@pytest.mark.parametrize(
    ("field", "value", "says"),
    [
        ("drawn", "E03\nE04\nE05\nE06", "抽取结果不符"),
        ("list", "\n".join([*NAMES, "E13"]), "名单的哈希值不符"),
        ("seed", "mine", "抽取结果不符"),
    ],
)
def test_a_draw_that_was_bent_is_found_out(kept: Record, field: str, value: str, says: str) -> None:
    kept.data[field] = value
    kept.save()
    assert any(says in fault.zh for fault in faults(kept))
    code, told = run("verify", "lots", "D1")
    assert code == 1
    assert says in told


def test_no_two_draws_have_the_same_seed(kept: Record) -> None:
    again = record_draw("lots", {"code": "D2", "area": "431322"}, NAMES, count=4, by=None)
    assert again.data["seed"] != kept.data["seed"]


def test_a_published_list_is_drawn_again_without_a_database(tmp_path: Path) -> None:
    file = tmp_path / "list.txt"
    file.write_text("\n".join(NAMES), encoding="utf-8")
    code, told = run("again", str(file), "--count", "4", "--seed", "seed")
    assert code == 0
    assert told.split()[-4:] == list(draw(NAMES, 4, seed="seed").names)


def test_drawing_takes_the_permission_to_create(kept: Record) -> None:
    stranger = county.person("stranger", "431322", [])
    with pytest.raises(NotPermitted):
        record_draw("lots", {"code": "D3", "area": "431322"}, NAMES, count=4, by=stranger)
