"""A formula as its readers say it: fields by their titles, options by their labels, the words of the language in Chinese or plain
English. It stands beside the formula itself, never in its place: what is computed is the formula."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from banjie.figures.plan import Leaf
from banjie.lib.text import Text, language
from banjie.registers.definition import Field, Register
from banjie.web.display import title_of

_TOKEN = re.compile(
    r"'(?:[^']|'')*'|is\s+not\s+null\b|is\s+null\b|not\s+in\b|count\s*\(\s*\*\s*\)|as_of\s*\(\s*\)|[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)?|<=|>=|<>|!=|.",
    re.I | re.S,
)
WORDS = {
    "sum": Text("合计", "sum"),
    "count": Text("计数", "count"),
    "count(*)": Text("记录数", "number of records"),
    "avg": Text("平均", "average"),
    "min": Text("最小", "least"),
    "max": Text("最大", "greatest"),
    "median": Text("中位数", "median"),
    "distinct": Text("不同的", "distinct"),
    "filter": Text("，只取", ", only"),
    "where": Text("", ""),
    "and": Text("且", "and"),
    "or": Text("或", "or"),
    "not": Text("非", "not"),
    "is": Text("为", "is"),
    "in": Text("属于", "is one of:"),
    "not in": Text("不属于", "is none of:"),
    "is null": Text("为空", "is empty"),
    "is not null": Text("不为空", "is filled in"),
    "between": Text("介于", "between"),
    "coalesce": Text("首个非空值", "first that is filled in"),
    "case": Text("分情况：", "by case:"),
    "when": Text("当", "when"),
    "then": Text("取", "take"),
    "else": Text("，否则取", ", otherwise"),
    "end": Text("", ""),
    "true": Text("是", "yes"),
    "false": Text("否", "no"),
    "null": Text("空", "nothing"),
    "concat": Text("连写", "joined"),
    "quantile": Text("分位数", "quantile"),
    "as_of()": Text("截至时点", "the moment asked for"),
    "<=": Text("≤", "≤"),
    ">=": Text("≥", "≥"),
    "<>": Text("≠", "≠"),
    "!=": Text("≠", "≠"),
    "*": Text("×", "×"),
    "/": Text("÷", "÷"),
}
FULL_WIDTH = {"(": "（", ")": "）", ",": "、"}
OF_PARENT = Text("{parent}的{field}", "{field} of {parent}")
_WIDE = r"[^\x00-\x7f]"
_BETWEEN_WIDE = re.compile(rf"(?<={_WIDE})\s+(?={_WIDE})|(?<=[（、，：])\s+|\s+(?=[）、，])")


@dataclass(frozen=True)
class Reader:
    """Reads formulas over one register, whose records may lie under those of another."""

    register: Register
    parent: Register | None

    @classmethod
    def of(cls, leaf: Leaf) -> Reader:
        return cls(leaf.register, leaf.parent)

    def read(self, formula: str) -> str:
        """The formula in the reader's language; empty for an empty one."""
        said = "".join(self._pieces(formula))
        said = re.sub(r"\s+", " ", said).strip()
        return _BETWEEN_WIDE.sub("", said) if language() == "zh" else re.sub(r" (?=,)|(?<=\w) (?=\()", "", said)

    def whole(self, measure: str, where: str) -> str:
        """What is reckoned, and over which records."""
        said = self.read(measure)
        return (
            str(Text("{said}，只计{where}", "{said} where {where}").format(said=said, where=self.read(where))) if where else said
        )

    def _pieces(self, formula: str) -> Iterator[str]:
        last: tuple[Register, Field] | None = None
        for found in _TOKEN.finditer(formula):
            piece = found[0]
            word = re.sub(r"\s+", "" if piece.endswith(")") else " ", piece.lower())
            named = self._field(piece)
            if named is not None:
                last = named
                yield self._title(*named)
            elif piece.startswith("'"):
                yield self._label(piece[1:-1], last)
            elif word in WORDS:
                yield f" {WORDS[word]} " if word[0].isalpha() and language() == "en" else str(WORDS[word])
            else:
                yield FULL_WIDTH.get(piece, piece) if language() == "zh" else piece

    def _field(self, piece: str) -> tuple[Register, Field] | None:
        """The field that a name stands for: one's own, or by ``parent.`` that of the record above."""
        above, _, name = piece.rpartition(".")
        owner = self.parent if above == "parent" else self.register if not above else None
        field = owner.by_name.get(name) if owner else None
        return (owner, field) if owner and field else None

    def _title(self, owner: Register, field: Field) -> str:
        if owner is self.register:
            return title_of(field)
        return str(OF_PARENT.format(parent=owner.title, field=title_of(field)))

    @staticmethod
    def _label(code: str, last: tuple[Register, Field] | None) -> str:
        """An option by its label, where the field before it is a choice that has it."""
        label: object = code
        if last is not None and last[1].type == "choice":
            label = next((o.title for o in last[0].options(last[1]) if o.code == code), code)
        return str(Text("「{label}」", '"{label}"').format(label=str(label)))
