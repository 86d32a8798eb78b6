"""The pack of residents' matters with the people of the demonstration who work with it, and nothing else."""

from __future__ import annotations

from pathlib import Path

from banjie.packs.actions import install
from banjie.packs.definition import Pack
from banjie.packs.installation import known
from banjie.packs.reader import read

SHIPPED = Path(__file__).parents[2] / "src" / "banjie" / "mechanisms"
SHANGMEI, BAIMA = "431322001", "431322001902"
HEAD = """
pack: people_of_residents
title: {zh: 人员, en: People}
version: "1.0"
requires: [residents]
organisations:
  - {code: shangmei_office, area: "431322001", name: {zh: 上梅街道办事处, en: Shangmei Subdistrict Office}}
"""


def installed(folder: Path) -> list[Pack]:
    """The packs in the order in which their demonstrations are loaded."""
    people = folder / "people"
    people.mkdir()
    (people / "pack.yaml").write_text(HEAD, encoding="utf-8")
    for name in ("areas", "residents"):
        (people / f"{name}.yaml").write_bytes((SHIPPED / "xinhua" / f"{name}.yaml").read_bytes())
    packs = []
    for place in (SHIPPED / "residents", people):
        pack = read(place, known())
        install(pack, by=None)
        packs.append(pack)
    return packs
