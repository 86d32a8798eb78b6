"""Small packs written to a folder for the tests of packs."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

import pytest

from banjie.packs.known import Known
from banjie.packs.problems import PackError
from banjie.packs.reader import NOTHING, read

HEAD = """
pack: shops
title: {zh: 商户, en: Shops}
version: "1.0"
"""

SHOPS = """
choices:
  - name: trades
    title: {zh: 行业, en: Trade}
    options:
      - {code: food, title: {zh: 餐饮, en: Food}}
      - {code: retail, title: {zh: 零售, en: Retail}}
registers:
  - name: shops
    title: {zh: 商户, en: Shops}
    key: code
    fields:
      - {name: code, type: text, required: true, title: {zh: 编号, en: Code}}
      - {name: trade, type: choice, of: trades, title: {zh: 行业, en: Trade}}
      - {name: year, type: year, title: {zh: 年份, en: Year}}
      - {name: turnover, type: decimal, unit: CNY, title: {zh: 营业额, en: Turnover}}
    rules:
      - {name: sane, check: "turnover >= 0", says: {zh: 不得为负, en: below nought}}
figures:
  - name: shops.turnover
    title: {zh: 营业额, en: Turnover}
    unit: CNY
    of: shops
    measure: "sum(turnover)"
    time: year
    by: [trade]
"""


def write(folder: Path, **files: str) -> Path:
    """Write ``name.yaml`` for each argument and give the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (folder / f"{name}.yaml").write_text(dedent(text).lstrip("\n"), encoding="utf-8")
    return folder


def problems(folder: Path, known: Known = NOTHING) -> list[str]:
    """``file:line:column: English message`` of every problem found."""
    with pytest.raises(PackError) as caught:
        read(folder, known)
    return [f"{p.at}: {p.says.en}" for p in caught.value.problems]
