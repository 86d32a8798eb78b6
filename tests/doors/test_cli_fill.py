"""``banjie fill`` at a terminal: what it fills, what it says stays blank, and that corrections are kept."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from click.testing import CliRunner, Result
from tests.rooms import county, forms_made
from tests.rooms import figures_world as world

from banjie.cli.filling import fill_
from banjie.lib.errors import Invalid, NotFound, Refusal
from banjie.people.verbs import Verb

pytestmark = pytest.mark.django_db(transaction=world.COMMITTED)


@pytest.fixture(autouse=True)
def _county(tmp_path: Path, settings: Any) -> None:
    settings.FILES_ROOT = tmp_path / "files"
    world.build()
    world.project("A", planned="30000000")
    world.project("B", world.BAIXI, planned="12340000", industry="printing")
    world.report("A", "2021-10", "1200000")


def run(*arguments: object) -> Result:
    return CliRunner().invoke(fill_, [str(a) for a in arguments])


def form(tmp_path: Path, content: bytes) -> Path:
    path = tmp_path / "报表.xlsx"
    path.write_bytes(content)
    return path


def test_it_fills_beside_the_form_and_lists_what_stays_blank(tmp_path: Path) -> None:
    path = form(tmp_path, forms_made.plain())
    result = run(path, "--period", "2021-01..2021-10")
    assert result.exit_code == 0
    assert "✓ 已填 5 格：乡镇投资情况表（新化县 2021年1—10月）" in result.output
    assert "投资 D4  在所问的地区和时期内没有记录" in result.output
    sheet = openpyxl.load_workbook(tmp_path / "报表（已填）.xlsx").active
    assert sheet["C3"].value == 3000
    assert "http://127.0.0.1:8000/figures/projects.planned/" in sheet["C3"].comment.text
    assert openpyxl.load_workbook(path).active["C3"].value is None  # the blank form stays blank


def test_it_speaks_english_and_json(tmp_path: Path) -> None:
    path, out = form(tmp_path, forms_made.plain()), tmp_path / "out.xlsx"
    said = json.loads(run(path, "--period", "2021-01..2021-10", "-o", out, "--json", "--lang", "en").output)
    assert said["output"] == str(out)
    assert said["filled"][1]["cell"] == "C3"
    assert said["filled"][1]["value"] == "3000"
    assert said["filled"][1]["because"] == "it is the title of the figure Planned; it is the area Yangxi Town"
    assert said["blank"] == [{"sheet": "投资", "cell": "D4", "because": "there are no records in this area and period"}]
    assert "5 cells filled" in run(path, "--period", "2021-01..2021-10", "-o", out, "--lang", "en").output


def test_a_correction_is_kept_for_the_next_time(tmp_path: Path) -> None:
    path = form(tmp_path, forms_made.unit_nowhere())
    run(path, "--period", "2021-01..2021-10", "--set", "B1=projects.planned:亿元", "--set", "Sheet1!D1=-")
    result = run(path, "--period", "2021-01..2021-10")
    assert "沿用已确认的" in result.output
    assert "D3" not in result.output
    sheet = openpyxl.load_workbook(tmp_path / "报表（已填）.xlsx").active
    assert sheet["B3"].value == 0.3
    assert sheet["B4"].value is None  # nobody said what the total over one of two towns means


@pytest.mark.parametrize("wrong", ["B1", "B1=no.such", "Z99=projects.count", "B1=projects.planned:亩"])
def test_a_correction_that_makes_no_sense_is_refused(tmp_path: Path, wrong: str) -> None:
    result = run(form(tmp_path, forms_made.unit_nowhere()), "--set", wrong)
    assert isinstance(result.exception, Invalid)
    assert not (tmp_path / "报表（已填）.xlsx").exists()


def test_it_fills_with_the_permission_of_an_account(tmp_path: Path) -> None:
    county.person("clerk", world.YANGXI, [Verb.VIEW])
    run(form(tmp_path, forms_made.plain()), "--period", "2021-01..2021-10", "--as", "clerk")
    sheet = openpyxl.load_workbook(tmp_path / "报表（已填）.xlsx").active
    assert [sheet["C3"].value, sheet["C4"].value] == [3000, None]


@pytest.mark.parametrize(
    ("arguments", "error"), [(["--area", "999"], NotFound), (["--period", "soon"], Refusal), (["--where", "x=1"], Invalid)]
)
def test_what_was_asked_wrongly_is_said(tmp_path: Path, arguments: list[str], error: type[Exception]) -> None:
    assert isinstance(run(form(tmp_path, forms_made.plain()), *arguments).exception, error)


def test_a_form_known_as_of_a_past_moment_holds_what_was_known_then(tmp_path: Path) -> None:
    path = form(tmp_path, forms_made.plain())
    run(path, "--period", "2021-01..2021-10", "--as-of", "2021-10-31")
    sheet = openpyxl.load_workbook(tmp_path / "报表（已填）.xlsx").active
    assert [sheet["C3"].value, sheet["D3"].value] == [3000, None]  # the report came on 4 November
    assert "截至：2021-10-31 23:59" in sheet["C3"].comment.text
