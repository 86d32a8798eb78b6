"""What a pack may put on the workbench: lists whose conditions an index serves, over registers and fields that exist."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from banjie.packs.reader import read
from banjie.packs.workbench import conditions
from banjie.registers.queries import Filter
from tests.rooms.packs_written import HEAD, SHOPS, problems, write

LIST = """
roles:
  - {name: keeper, title: {zh: 管理员, en: Keeper}}
screens:
  workbench:
    - name: poor
      title: {zh: 营业额低, en: Poor}
      empty: {zh: 没有, en: None}
      register: REGISTER
      where: "WHERE"
      order: ORDER
      mine: {duty: keeper}
"""


def written(where: str = "trade = 'food'", register: str = "shops", order: str = "code") -> str:
    return LIST.replace("WHERE", where).replace("REGISTER", register).replace("ORDER", order)


@pytest.mark.parametrize(
    ("where", "filters"),
    [
        ("", []),
        ("trade = 'food'", [Filter("trade", "is", "food")]),
        ("trade <> 'food' and turnover >= 3", [Filter("trade", "is_not", "food"), Filter("turnover", "at_least", 3)]),
        ("trade in ('food', 'retail')", [Filter("trade", "any_of", ["food", "retail"])]),
        ("turnover is null", [Filter("turnover", "empty")]),
        ("turnover is not null", [Filter("turnover", "filled")]),
    ],
)
def test_a_condition_becomes_filters(tmp_path: Path, where: str, filters: list[Filter]) -> None:
    register = read(write(tmp_path / "shops", pack=HEAD, shops=SHOPS)).registers[0]
    assert [c.on(date(2021, 4, 10)) for c in conditions(register, where)] == filters


@pytest.mark.parametrize(
    ("operator", "wanted"),
    [("<", ("at_most", "2021-04-09")), ("<=", ("at_most", "2021-04-10")), (">", ("at_least", "2021-04-11"))],
)
def test_today_is_the_day_on_which_one_looks(tmp_path: Path, operator: str, wanted: tuple[str, str]) -> None:
    shops = SHOPS.replace("type: year,", "type: date,").replace("    time: year\n", "")
    register = read(write(tmp_path / "shops", pack=HEAD, shops=shops)).registers[0]
    (only,) = conditions(register, f"year {operator} today")
    found = only.on(date(2021, 4, 10))
    assert (found.comparison, found.value) == wanted


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"where": "turnover < 3"}, "a workbench list's conditions are joined by and"),
        ({"where": "turnover = 3 or trade = 'food'"}, "a workbench list's conditions are joined by and"),
        ({"where": "turnover + 1 = 3"}, "a workbench list's conditions are joined by and"),
        ({"where": "rent = 3"}, "rent"),
        ({"register": "stalls"}, "there is no register called stalls"),
        ({"order": "rent"}, "shops has no field rent"),
    ],
)
def test_what_cannot_be_served_is_refused_with_its_place(tmp_path: Path, changed: dict[str, str], says: str) -> None:
    found = problems(write(tmp_path / "shops", pack=HEAD, shops=SHOPS, screens=written(**changed)))
    assert len(found) == 1
    assert found[0].startswith("screens.yaml:")
    assert says in found[0]


def test_a_list_for_holders_of_a_role_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    screens = written().replace("duty: keeper", "duty: keepr")
    (found,) = problems(write(tmp_path / "shops", pack=HEAD, shops=SHOPS, screens=screens))
    assert "there is no role called keepr. Did you mean keeper?" in found


def test_a_list_stands_once(tmp_path: Path) -> None:
    twice = written() + written().split("workbench:\n")[1]
    assert "stands twice" in problems(write(tmp_path / "shops", pack=HEAD, shops=SHOPS, screens=twice))[0]
