"""Making the rows of each set, one set after the other, so that a set can hang on an earlier one."""

from __future__ import annotations

from typing import Any

from banjie.lib.errors import Refusal
from banjie.lib.text import Text
from banjie.packs.demo.days import months_between
from banjie.packs.demo.definition import DemoSet
from banjie.packs.demo.rows import Row
from banjie.packs.demo.values import Making, fill
from banjie.registers.definition import Register


def make_rows(made: DemoSet, register: Register, earlier: dict[str, list[Row]], making: Making) -> list[Row]:
    """The rows of one set as they are in the end. ``earlier``: the rows of the sets before it, by name."""
    rows = _literal(made) if made.rows else _children(made, register, earlier, making) if made.each else _counted(made, making)
    for name, content in made.fields.items():
        fill(name, content, [row for row in rows if not (made.rows and name in row.values)], making)
    for row in rows:
        row.key = "/".join(str(row.get(name)) for name in register.key)
    return rows


def _literal(made: DemoSet) -> list[Row]:
    return [Row(n, dict(values)) for n, values in enumerate(made.rows, start=1)]


def _counted(made: DemoSet, making: Making) -> list[Row]:
    if not made.parts:
        return [Row(n + 1, {}) for n in range(made.count * making.scale)]
    shared = [part.fields for part in made.parts for _ in range(part.count * making.scale)]
    making.random.shuffle(shared)
    return [Row(n, dict(values)) for n, values in enumerate(shared, start=1)]


def _children(made: DemoSet, register: Register, earlier: dict[str, list[Row]], making: Making) -> list[Row]:
    assert made.each is not None
    if register.parent is None:
        raise Refusal(
            Text(
                f"「{register.name}」没有上级登记表，不能用 each。", f"{register.name} has no parent register: `each` needs one."
            )
        )
    above = [row for row in earlier[made.each.set] if row.meets(made.each.where)]
    if made.each.share < 1:
        above = making.random.sample(above, int(len(above) * made.each.share))
    rows: list[Row] = []
    for month in months_between(made.months.first, made.months.last) if made.months else [""]:
        absent = set(making.random.sample(range(len(above)), min(made.missing.get(month, 0) * making.scale, len(above))))
        for n, parent in enumerate(above):
            if n not in absent:
                rows.append(Row(len(rows) + 1, _place(made, register, parent, month), parent, month))
    return rows


def _place(made: DemoSet, register: Register, parent: Row, month: str) -> dict[str, Any]:
    assert register.parent is not None
    values: dict[str, Any] = {register.parent.field: parent.key}
    if made.months:
        values[made.months.field] = month
    return values
