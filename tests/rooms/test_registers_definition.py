"""What a register's definition may not say: nothing personal where everybody looks, no unit that nobody knows."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from banjie.lib.errors import DefinitionError
from banjie.lib.text import reading_in
from banjie.registers.definition import Register
from tests.rooms import county
from tests.rooms.packs_written import HEAD, SHOPS, problems, write


@pytest.fixture(autouse=True)
def _in_english() -> Iterator[None]:
    with reading_in("en"):
        yield


def projects(fields: dict[str, dict[str, Any]] | None = None, **changes: object) -> dict[str, Any]:
    """The register of projects with other entries, and other entries in fields."""
    mapping: dict[str, Any] = copy.deepcopy(county.PROJECTS) | changes
    for f in mapping["fields"]:
        f |= (fields or {}).get(f["name"], {})
    return mapping


PERSONAL: dict[str, Any] = {"personal": True}

# What of the definition shows something personal → where it says so.
SHOWN_TO_ALL: dict[str, tuple[dict[str, Any], tuple[str | int, ...]]] = {
    "the key": (projects({"code": PERSONAL}), ("key",)),
    "a part of the key": (projects({"name": PERSONAL}, key=["code", "name"], label=None), ("key",)),
    "the name of a record": (projects(label="phone"), ("label",)),
    "the area": (projects({"town": PERSONAL}), ("area",)),
    "the parent": (
        copy.deepcopy(county.REPORTS)
        | {"key": "month", "fields": [f | PERSONAL if f["name"] == "project" else f for f in county.REPORTS["fields"]]},
        ("parent", "field"),
    ),
    "a column of the table": (projects(columns=["code", "phone"]), ("columns", 1)),
    "a computed field": (projects({"left_over": {"type": "text", "formula": "phone || '!'"}}), ("fields", 8, "formula")),
    "a rule": (
        projects(rules=[{"name": "odd", "check": "total > 1 and phone = '1'", "says": {"zh": "错", "en": "wrong"}}]),
        ("rules", 0, "check"),
    ),
}


@pytest.mark.parametrize("what", SHOWN_TO_ALL)
def test_what_is_personal_is_refused_as(what: str) -> None:
    mapping, path = SHOWN_TO_ALL[what]
    with pytest.raises(DefinitionError, match="is personal and") as refused:
        Register.load(mapping).compile()
    assert refused.value.path == path
    assert "是个人信息" in refused.value.says.zh


def test_a_formula_is_blamed_at_the_very_word() -> None:
    with pytest.raises(DefinitionError) as refused:
        Register.load(SHOWN_TO_ALL["a rule"][0]).compile()
    assert refused.value.offset == len("total > 1 and ")


def test_a_personal_field_is_neither_indexed_nor_shown_where_no_columns_are_named() -> None:
    with pytest.raises(DefinitionError, match="leave out `index`"):
        Register.load(projects({"phone": {"index": True}}))
    assert "phone" not in {f.name for f in Register.load(projects()).table_columns}


def test_a_definition_that_lies_deeper_is_blamed_at_its_whole_path() -> None:
    with pytest.raises(DefinitionError) as refused:
        Register.load(projects(label="phone"), ("registers", 3))
    assert refused.value.path == ("registers", 3, "label")


def test_a_personal_field_is_found_in_the_packs_file_by_line_and_column(tmp_path: Path) -> None:
    owner = "      - {name: owner, type: text, personal: true, title: {zh: 业主, en: Owner}}\n    rules:"
    text = SHOPS.replace("    rules:", owner, 1).replace("key: code", "key: code\n    label: owner", 1)
    found = problems(write(tmp_path / "shops", pack=HEAD, shops=text))
    line = text.strip("\n").splitlines().index("    label: owner") + 1
    assert found == [
        f"shops.yaml:{line}:5: owner is personal and cannot be what names a record (label): only those permitted may see it"
    ]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('measure: "sum(turnover)"', 'measure: "sum(turnover)"\n    where: "owner = \'x\'"'),
        ('measure: "sum(turnover)"', 'measure: "count(owner)"'),
        ("by: [trade]", "by: [trade, owner]"),
        ("time: year", "time: owner"),
    ],
)
def test_no_figure_is_made_of_what_is_personal(old: str, new: str, tmp_path: Path) -> None:
    owner = "      - {name: owner, type: text, personal: true, title: {zh: 业主, en: Owner}}\n    rules:"
    text = SHOPS.replace("    rules:", owner, 1)
    write(tmp_path / "good", pack=HEAD, shops=text)
    assert old in text
    found = problems(write(tmp_path / "shops", pack=HEAD, shops=text.replace(old, new)))
    assert len(found) == 1
    assert "owner" in found[0]


@pytest.mark.parametrize(
    ("unit", "says"),
    [
        ("cny", "there is no unit cny; there are CNY"),
        ("yuan", "there is no unit yuan; there are CNY"),
        ("万元", "there is no unit 万元; there are CNY"),
        ("houshold", "there is no unit houshold; there are household"),
    ],
)
def test_a_unit_that_does_not_exist_is_refused_at_its_place_with_those_near_it(unit: str, says: str, tmp_path: Path) -> None:
    text = SHOPS.replace("type: decimal, unit: CNY", f"type: decimal, unit: {unit}")
    assert text != SHOPS
    found = problems(write(tmp_path / "shops", pack=HEAD, shops=text))
    line, number = next((line, n) for n, line in enumerate(text.strip("\n").splitlines(), start=1) if f"unit: {unit}" in line)
    assert len(found) == 1, found
    assert found[0].startswith(f"shops.yaml:{number}:{line.index('unit:') + 1}: {says}")


def test_only_numbers_have_a_unit() -> None:
    with pytest.raises(DefinitionError, match="holds no numbers"):
        Register.load(projects({"name": {"unit": "CNY"}}))


# The sheet on which a record is printed


def test_a_sheet_names_fields_that_exist() -> None:
    with pytest.raises(DefinitionError, match="the sheet names the field phonee") as refused:
        Register.load(projects(sheet={"fields": ["code", "phonee"]}))
    assert refused.value.path == ("sheet", "fields", 1)


def test_a_sheet_names_registers_that_hang_below(tmp_path: Path) -> None:
    shops = SHOPS.replace("    key: code\n", "    key: code\n    sheet: {children: [stalls]}\n", 1)
    found = problems(write(tmp_path, pack=HEAD, shops=shops))
    assert len(found) == 1
    assert found[0].startswith("shops.yaml:11:")
    assert "stalls is no register below this one" in found[0]


def test_a_definition_without_a_sheet_is_stored_as_before() -> None:
    assert "sheet" not in Register.load(projects()).as_json()
