"""Persons where households are meant: 104名征拆户, or one count printed in 名 and in 户."""

from __future__ import annotations

import re
from collections.abc import Iterator

from banjie.bulletins.drafts.consistency.remark import Remark, View
from banjie.lib.text import Text

_HOUSEHOLDS = re.compile(r"^(?:的)?[\u4e00-\u9fff]{0,6}户(?![籍口主外均])")
_PERSONS = re.compile(r"^(?:的)?[\u4e00-\u9fff]{0,3}(?:党员|干部|群众|学生|教师|志愿者|护林员|网格员|人员)")


def check(view: View) -> Iterator[Remark]:
    quantities = view.quantities
    for i, quantity in enumerate(quantities):
        behind = view.behind(quantity, 9)
        if quantity.unit is not None and quantity.unit.family == "person" and _HOUSEHOLDS.match(behind):
            twin = next((q for q in quantities[max(0, i - 4) : i + 5] if q.sign == "户" and q.value == quantity.value), None)
            because = Text(
                f"「{quantity.text}{behind}」数的是户，单位应为「户」。",
                f'"{quantity.text}{behind}" counts households: the unit should be 户.',
            )
            yield Remark("households", "fails", (quantity,) if twin is None else (quantity, twin), because)
        elif quantity.sign == "户" and _PERSONS.match(behind):
            yield Remark(
                "households", "fails", (quantity,),
                Text(f"「{quantity.text}{behind}」数的是人，单位应为「人」。", f'"{quantity.text}{behind}" counts persons: the unit should be 人.'),
            )  # fmt: skip
