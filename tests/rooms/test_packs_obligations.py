"""Obligations in packs: checked at their place, planned, put in force and retired."""

from __future__ import annotations

from pathlib import Path

import pytest

from banjie.matters.obligations.installing import obligations_in_force
from banjie.packs import installation
from banjie.packs.actions import install
from banjie.packs.plans import Plan
from banjie.packs.reader import read
from tests.rooms.packs_written import HEAD, SHOPS, problems, write

REPORTS = """
roles:
  - {name: reporter, title: {zh: 专干, en: Reporter}}
registers:
  - name: reports
    title: {zh: 月报, en: Reports}
    key: [shop, month]
    parent: {register: shops, field: shop}
    fields:
      - {name: shop, type: reference, of: shops, required: true, title: {zh: 商户, en: Shop}}
      - {name: month, type: month, required: true, title: {zh: 月份, en: Month}}
      - {name: sold, type: decimal, title: {zh: 销售, en: Sold}}
"""
OBLIGATIONS = """
obligations:
  - name: monthly
    title: {zh: 每月一报, en: Monthly report}
    register: reports
    of: {register: shops, where: "trade = 'food'"}
    by: shop
    period: month
    each: month
    due: by the 5th
    owner: reporter
    starts: "2021-01-01"
    ends: "2022-01-01"
figures:
  - name: shops.missing
    title: {zh: 缺报, en: Missing}
    unit: report
    of: expected_items
    measure: "count(*)"
    where: "state = 'missing'"
"""


def written(folder: Path, obligations: str = OBLIGATIONS) -> Path:
    return write(folder / "shops", pack=HEAD, shops=SHOPS, reports=REPORTS, obligations=obligations)


def installed(folder: Path, obligations: str = OBLIGATIONS) -> list[str]:
    todo: Plan = install(read(written(folder, obligations), installation.known()), by=None)
    return [f"{heading.en}: {line.text.en}" for heading, line in todo.lines()]


FAULTS = {
    "an unknown register": ("register: reports", "register: report", "obligations.yaml:4:5", "no register called report. Did you mean reports?"),
    "an unknown field": ("by: shop", "by: shops", "obligations.yaml:6:5", "no field shops"),
    "a period that is no date": ("period: month", "period: sold", "obligations.yaml:7:5", "must be a month, a date"),
    "a condition over an unknown field": ("trade = 'food'", "trad = 'food'", "obligations.yaml:5:35", "trad"),
    "an unknown role": ("owner: reporter", "owner: reporters", "obligations.yaml:10:5", "no role called reporters"),
    "a due time that cannot be read": ("by the 5th", "soon", "obligations.yaml:9:5", "no due time"),
    "nobody who answers": ("    owner: reporter\n", "", "obligations.yaml:2:5", "who answers"),
}  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS)
def test_each_fault_is_named_at_its_place(fault: str, tmp_path: Path) -> None:
    old, new, where, says = FAULTS[fault]
    found = problems(written(tmp_path, OBLIGATIONS.replace(old, new)))
    assert any(line.startswith(where) and says in line for line in found), found


@pytest.mark.django_db
def test_an_obligation_is_planned_put_in_force_changed_and_retired(tmp_path: Path) -> None:
    assert "added: obligation monthly (Monthly report)" in installed(tmp_path)
    assert [(o.name, row.pack) for row, o in obligations_in_force()] == [("monthly", "shops")]
    assert installed(tmp_path) == []
    changed = installed(tmp_path, OBLIGATIONS.replace("by the 5th", "by the 10th"))
    assert changed == ["changed: obligation monthly (Monthly report): due changes from by the 5th to by the 10th"]
    assert "removed: obligation monthly (Monthly report)" in installed(tmp_path, "choices: []\n")
    assert obligations_in_force() == []


@pytest.mark.django_db
def test_an_obligation_of_another_pack_keeps_its_name(tmp_path: Path) -> None:
    installed(tmp_path)
    other = write(
        tmp_path / "other",
        pack=HEAD.replace("pack: shops", "pack: other"),
        obligations=OBLIGATIONS[: OBLIGATIONS.index("figures:")],
    )
    assert any("belongs to the pack shops" in line for line in problems(other, installation.known()))


@pytest.mark.django_db
def test_a_pack_without_obligations_may_be_installed_beside_figures_of_what_is_expected(tmp_path: Path) -> None:
    installed(tmp_path)
    other = write(tmp_path / "other", pack=HEAD.replace("pack: shops", "pack: other"))
    assert read(other, installation.known()).name == "other"


@pytest.mark.django_db
def test_who_may_see_what_is_expected_is_granted_like_any_register(tmp_path: Path) -> None:
    post = """
areas:
  - {code: "430000", level: province, name: {zh: 某县, en: A county}}
organisations:
  - {code: office, area: "430000", name: {zh: 办, en: Office}}
posts:
  - code: head
    organisation: office
    name: {zh: 主任, en: Head}
    grants: [{verbs: [view], registers: [expected_items], area: "430000"}]
"""
    assert any("expected_items" in line for line in problems(write(tmp_path / "bare", pack=HEAD, people=post)))
    full = write(tmp_path / "full", pack=HEAD, shops=SHOPS, reports=REPORTS, obligations=OBLIGATIONS, people=post)
    assert len(read(full).people.posts) == 1
