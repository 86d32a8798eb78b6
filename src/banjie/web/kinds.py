"""What the kinds of fields and figures are called."""

from __future__ import annotations

from banjie.figures.definition import Figure
from banjie.lib.text import Text
from banjie.registers.catalogue import catalogue
from banjie.registers.definition import Field, Register

FIELDS: dict[str, Text] = {
    "text": Text("文字", "text"),
    "note": Text("长文字", "long text"),
    "integer": Text("整数", "whole number"),
    "decimal": Text("数值", "number"),
    "boolean": Text("是／否", "yes or no"),
    "date": Text("日期", "date"),
    "month": Text("月份", "month"),
    "year": Text("年度", "year"),
    "datetime": Text("日期和时间", "date and time"),
    "choice": Text("选项", "choice"),
    "reference": Text("引用", "reference"),
    "area": Text("地区", "area"),
    "phone": Text("电话", "telephone"),
}
FIGURES: dict[str, Text] = {
    "measure": Text("由记录计算", "computed from records"),
    "stated": Text("登记的数值", "stated, with its source"),
    "ratio": Text("比率", "ratio"),
    "growth": Text("增速", "growth"),
    "sum": Text("合计", "sum"),
    "schedule": Text("与序时进度之差", "ahead of or behind schedule"),
}


def field_kind(field: Field, register: Register) -> str:
    """What kind of value a field holds, and of which list or register: 选项：产业."""
    kind = FIELDS[field.type]
    if field.type == "choice":
        of = next((c.title for c in register.choices if c.name == field.of), None)
    else:
        named = catalogue().registers.get(field.of or "")
        of = named.title if named else None
    return str(Text(f"{kind.zh}：{of.zh}", f"{kind.en}: {of.en}") if of else kind)


def figure_kind(figure: Figure) -> str:
    """How a figure comes about."""
    return str(FIGURES.get(figure.kind, Text(figure.kind, figure.kind)))
