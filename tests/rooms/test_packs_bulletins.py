"""Bulletins in a pack: a fault in a template is told by file, line and column; what is planned; what is retired."""

from __future__ import annotations

from pathlib import Path

import pytest

from banjie.bulletins.catalogue import bulletins_in_force
from banjie.packs.actions import install
from banjie.packs.reader import read
from tests.rooms.packs_written import HEAD, SHOPS, problems, write

BULLETIN = """
bulletins:
  - name: shops_monthly
    title: {zh: 商户通报, en: Shops}
    period: month
    issuer: {zh: 商务局, en: Commerce bureau}
    template:
      zh: |
        ## 一、营业额

        {{ value("shops.turnover", over="year") }}
      en: |
        ## Turnover

        {{ value("shops.turnover", over="year") }}
"""


def test_a_fault_in_a_template_is_shown_at_its_line(tmp_path: Path) -> None:
    written = BULLETIN.replace('{{ value("shops.turnover", over="year") }}\n      en', '{{ value("shops.turnovr") }}\n      en')
    (said,) = problems(write(tmp_path, pack=HEAD, shops=SHOPS, bulletins=written))
    line = written.lstrip("\n").splitlines().index('        {{ value("shops.turnovr") }}') + 1
    assert said.startswith(f"bulletins.yaml:{line}:9: ")
    assert "shops.turnovr" in said


@pytest.mark.django_db
def test_a_bulletin_comes_and_goes_with_its_pack(tmp_path: Path) -> None:
    told = [
        line.text.zh
        for _, line in install(read(write(tmp_path / "a", pack=HEAD, shops=SHOPS, bulletins=BULLETIN)), by=None).lines()
    ]
    assert "通报「商户通报」（shops_monthly）" in told
    assert [b.name for _, b in bulletins_in_force()] == ["shops_monthly"]
    told = [line.text.zh for _, line in install(read(write(tmp_path / "b", pack=HEAD, shops=SHOPS)), by=None).lines()]
    assert "通报「商户通报」（shops_monthly）" in told
    assert bulletins_in_force() == []
