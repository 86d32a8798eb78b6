"""docs/packs.md, tried as a new user would: its files are written, checked, installed, filled, and asked."""

from __future__ import annotations

import re
from collections import Counter
from decimal import Decimal
from pathlib import Path
from typing import get_args

import pytest
import yaml
from click.testing import CliRunner

from banjie.cli.packs import packs
from banjie.lib.text import reading_in
from banjie.matters.definition import Stage
from banjie.matters.models import Matter
from banjie.packs import installation
from banjie.packs.actions import install
from banjie.packs.demo import generators
from banjie.packs.demo.journeys import Doing
from banjie.packs.demo.loader import load_demo
from banjie.packs.reader import read, shipped
from banjie.packs.sources import SECTIONS
from banjie.registers.definition import KINDS
from banjie.registers.models import Record

PAGE = (Path(__file__).parents[2] / "docs/packs.md").read_text(encoding="utf-8")
FILES = [(name, text) for text, name in re.findall(r"```yaml\n(# file: (\S+)\n.*?)```", PAGE, re.DOTALL)]


@pytest.fixture
def promotions(tmp_path: Path) -> Path:
    folder = tmp_path / "promotions"
    folder.mkdir()
    for name, text in FILES:
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def run(*arguments: object) -> str:
    with reading_in("en"):
        result = CliRunner().invoke(packs, [str(a) for a in arguments])
    return result.output


def test_every_yaml_block_of_the_page_is_a_file_of_the_pack() -> None:
    assert len(FILES) == PAGE.count("```yaml") == 8
    assert all(yaml.safe_load(text) for _, text in FILES)


@pytest.mark.django_db
def test_the_steps_print_what_the_page_says(promotions: Path) -> None:
    later = {name: (promotions / name).read_text() for name in ("figures.yaml", "screens.yaml", "demo.yaml")}
    for name in (*later, "applications.yaml", "people.yaml", "applied.yaml"):
        (promotions / name).unlink()
    assert run("check", promotions) in PAGE
    events = (promotions / "events.yaml").read_text()
    (promotions / "events.yaml").write_text(events.replace("{name: code, type: text", "{name: code, type: txt"))
    faulty = run("check", promotions).splitlines()[0]
    assert faulty.split(" 'boolean'")[0] in PAGE
    (promotions / "events.yaml").write_text(events)
    for line in run("install", "--yes", promotions).splitlines():
        assert line in PAGE
    for name, text in later.items():
        (promotions / name).write_text(text)
    assert run("install", "--yes", promotions).splitlines()[0] in PAGE


@pytest.mark.django_db
def test_the_invented_records_meet_the_totals(promotions: Path) -> None:
    for pack in shipped():
        install(pack, by=None)
    pack = read(promotions, installation.known())
    install(pack, by=None)
    load_demo([pack])
    rows = [record.data for record in Record.objects.of("events")]
    assert len(rows) == 62
    assert sum(Decimal(row["turnover"]) for row in rows) == 1_620_000
    assert sum(Decimal(row["surplus"]) for row in rows) == 1_310_000


@pytest.mark.django_db
def test_the_matters_are_installed_and_invented_as_the_page_says(promotions: Path) -> None:
    for pack in shipped():
        install(pack, by=None)
    printed = run("install", "--yes", promotions).splitlines()
    assert [line for line in printed if "application" in line and line.startswith("added")][:2] == [
        line for line in PAGE.splitlines() if line.startswith(("added  register app", "added  process app"))
    ]
    load_demo([read(promotions, installation.known())])
    assert Counter((m.ending, m.late) for m in Matter.objects.filter(process="application")) == {
        ("done", False): 15, ("done", True): 3, ("rejected", False): 2
    }  # fmt: skip


def test_the_page_names_every_section_field_type_generator_stage_entry_and_step() -> None:
    makes = [arm.model_fields["make"].annotation.__args__[0] for arm in generators.Generator.__args__[0].__args__]
    stages = [name for name in Stage.model_fields if name not in {"title", "description"}]
    missing = [name for name in [*SECTIONS, *KINDS, *makes, *stages, *get_args(Doing)] if f"`{name}`" not in PAGE]
    assert missing == []
