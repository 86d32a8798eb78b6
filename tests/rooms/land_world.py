"""The pack of land acquisition with the people of the demonstration county who work with it, and nothing else."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from banjie.packs.actions import install
from banjie.packs.definition import Pack
from banjie.packs.demo.loader import DEMO_PASSWORD
from banjie.packs.installation import known
from banjie.packs.reader import read
from banjie.people.installation import install_people
from banjie.people.models import Account
from banjie.registers.actions import create
from tests.rooms.matters_world import at

SHIPPED = Path(__file__).parents[2] / "src" / "banjie" / "mechanisms"
SHANGDU, YANGXI, COUNTY = "431322002", "431322102", "431322"
HEAD = """
pack: people_of_land
title: {zh: 人员, en: People}
version: "1.0"
requires: [land_acquisition]
organisations:
  - {code: county_government, area: "431322", name: {zh: 新化县人民政府, en: Xinhua County Government}}
"""


def installed(folder: Path) -> list[Pack]:
    """The packs in the order in which their demonstrations are loaded."""
    people = folder / "people"
    people.mkdir()
    (people / "pack.yaml").write_text(HEAD, encoding="utf-8")
    for name in ("areas", "land"):
        (people / f"{name}.yaml").write_bytes((SHIPPED / "xinhua" / f"{name}.yaml").read_bytes())
    packs = []
    for place in (SHIPPED / "land_acquisition", people):
        pack = read(place, known())
        install(pack, by=None)
        packs.append(pack)
    return packs


def peopled(folder: Path) -> dict[str, Account]:
    """The packs and their people, and no records; the accounts by name."""
    with at("2020-10-09 09:00"):
        for pack in installed(folder):
            install_people(pack.people, by=None, password=DEMO_PASSWORD)
    return {account.username: account for account in Account.objects.all()}


PROJECT: dict[str, Any] = {
    "code": "P1", "name": "江边公园", "town": SHANGDU, "kind": "park", "land_mu": "3.5", "started_on": "2021-09-01",
}  # fmt: skip
HOUSEHOLD: dict[str, Any] = {
    "code": "H1", "project": "P1", "team": "一组", "second_relocation": False, "head": "刘满堂", "phone": "13907380001",
    "address": "柳林组 9 号", "house_m2": "120.5", "valued_on": "2021-09-28",
}  # fmt: skip
OLD, NEW = "B2018", "B2021"  # the standard until 2021-08-31, and that from 2021-09-01 on


def standards(by: Account) -> None:
    said = {"item": "房屋（砖混）", "measured_in": "平方米", "town": COUNTY, "confirmed": True, "document": "测试用"}
    for code, price, days in (
        (OLD, "1020", {"effective_from": "2018-01-01", "effective_until": "2021-08-31"}),
        (NEW, "1180.35", {"effective_from": "2021-09-01"}),
    ):
        create("compensation_standards", {"code": code, "unit_price": price, **days, **said}, by=by)
