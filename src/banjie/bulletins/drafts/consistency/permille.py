"""Per cent where the regulation's index is per mille: 林业有害生物成灾率 and others."""

from __future__ import annotations

from collections.abc import Iterator

from banjie.bulletins.drafts.consistency.remark import Remark, View
from banjie.lib.text import Text

INDEXES: dict[str, str] = {
    "成灾率": "主要林业有害生物成灾率＝成灾面积÷（现有林面积＋未成林面积）×1000‰",
    "森林火灾受害率": "森林火灾受害率以‰计",
    "出生率": "人口出生率以‰计",
    "死亡率": "人口死亡率以‰计",
    "人口自然增长率": "人口自然增长率以‰计",
}


def check(view: View) -> Iterator[Remark]:
    for quantity in view.quantities:
        index = next((name for name in INDEXES if name in view.lead(quantity, 24)[-(len(name) + 14) :]), None)
        if index is not None and quantity.unit is not None and quantity.unit.sign == "%":
            yield Remark(
                "permille", "suspect", (quantity,),
                Text(f"「{index}」按规定以‰计，文中写{quantity.text}，请核实是否应为‰。", f"the index {index} is defined per mille; the text has {quantity.text}: is ‰ meant?"),
            )  # fmt: skip
        elif index is not None and quantity.unit is not None and quantity.unit.sign == "‰":
            yield Remark("permille", "holds", (quantity,), Text(f"「{index}」以‰计。", f"the index {index} is given per mille."))
