"""The pack of composite approvals with the people of the demonstration county who work with it, and nothing else."""

from __future__ import annotations

from pathlib import Path

from banjie.packs.actions import install
from banjie.packs.definition import Pack
from banjie.packs.installation import known
from banjie.packs.reader import read

SHIPPED = Path(__file__).parents[2] / "src" / "banjie" / "mechanisms"
HEAD = """
pack: people_of_one_trip
title: {zh: 人员, en: People}
version: "1.0"
requires: [one_trip]
organisations:
  - {code: county_government, area: "431322", name: {zh: 新化县人民政府, en: Xinhua County Government}}
  - {code: construction_bureau, parent: county_government, area: "431322", name: {zh: 县住房和城乡建设局, en: Construction Bureau}}
"""


def installed(folder: Path) -> list[Pack]:
    """The packs in the order in which their demonstrations are loaded."""
    people = folder / "people"
    people.mkdir()
    (people / "pack.yaml").write_text(HEAD, encoding="utf-8")
    for name in ("areas", "one_trip"):
        (people / f"{name}.yaml").write_bytes((SHIPPED / "xinhua" / f"{name}.yaml").read_bytes())
    packs = []
    for place in (SHIPPED / "one_trip", people):
        pack = read(place, known())
        install(pack, by=None)
        packs.append(pack)
    return packs
