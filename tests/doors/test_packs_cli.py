"""``banjie packs`` as a person at a terminal meets it."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from tests.rooms.packs_written import HEAD, SHOPS, write

from banjie.cli.packs import packs
from banjie.lib.text import reading_in
from banjie.packs.models import InstalledPack
from banjie.registers.actions import create

pytestmark = pytest.mark.django_db


def run(*arguments: object, answer: str = "") -> Result:
    with reading_in("en"):
        return CliRunner().invoke(packs, [str(a) for a in arguments], input=answer)


def shops(folder: Path, text: str = SHOPS) -> Path:
    return write(folder / "shops", pack=HEAD, shops=text)


def test_check_says_that_all_is_well(tmp_path: Path) -> None:
    result = run("check", shops(tmp_path))
    assert (result.exit_code, result.stdout) == (0, "shops 1.0 has no problems: 1 registers, 1 figures.\n")
    assert not InstalledPack.objects.exists()


def test_check_lists_problems_by_file_line_and_column_and_fails(tmp_path: Path) -> None:
    result = run("check", shops(tmp_path, SHOPS.replace("turnover >= 0", "turnovr >= 0").replace("time: year", "time: yeer")))
    assert result.exit_code == 1
    assert result.stdout == ""
    assert result.stderr.splitlines() == [
        "shops/shops.yaml:17:30: there is no field turnovr; did you mean turnover?",
        "shops/shops.yaml:24:5: the register shops has no field yeer that figures may use",
        "2 problems; nothing was installed.",
    ]


def test_check_of_a_shipped_pack_needs_nothing_installed() -> None:
    folder = Path(__file__).parents[2] / "src/banjie/mechanisms/xinhua"
    assert run("check", folder).exit_code == 0


def test_install_shows_the_plan_and_asks(tmp_path: Path) -> None:
    result = run("install", shops(tmp_path), answer="n\n")
    assert result.exit_code == 0
    assert result.stdout.splitlines()[:2] == [
        "added  register shops (Shops): 4 fields, 1 rules",
        "added  figure shops.turnover (Turnover)",
    ]
    assert not InstalledPack.objects.exists()
    assert run("install", shops(tmp_path), answer="y\n").stdout.endswith("Installed shops 1.0.\n")
    assert InstalledPack.objects.get().name == "shops"


def test_installing_again_has_nothing_to_do(tmp_path: Path) -> None:
    run("install", "--yes", shops(tmp_path))
    assert run("install", "--yes", shops(tmp_path)).stdout == "shops: nothing to do.\n"


def test_a_refused_plan_is_shown_and_fails(tmp_path: Path) -> None:
    run("install", "--yes", shops(tmp_path))
    create("shops", {"code": "1", "trade": "food"}, by=None)
    without = SHOPS.replace("      - {code: food, title: {zh: 餐饮, en: Food}}\n", "")
    result = run("install", "--yes", shops(tmp_path, without))
    assert result.exit_code == 1
    assert "refused  register shops (Shops): the option food cannot be removed: 1 records hold it" in result.stdout
    assert result.stderr == "Nothing was installed.\n"


def test_list_names_what_is_installed(tmp_path: Path) -> None:
    assert run("list").stdout == "No pack is installed yet.\n"
    run("install", "--yes", shops(tmp_path))
    line = run("list").stdout
    assert line.startswith("shops                    1.0 ")
    assert line.rstrip().endswith("Shops")
