"""What a register is: its fields, its key, its rules. A pack's mapping becomes a frozen ``Register``."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cached_property
from typing import Any, Self

from pydantic import Field as Slot
from pydantic import field_validator, model_validator

from banjie.formulas import Formula, FormulaError, Kind, compile_formula
from banjie.lib.definition import BilingualError, Definition, Label, Name
from banjie.lib.errors import DefinitionError
from banjie.lib.text import Text
from banjie.registers.fields import KINDS, Choices, Field, FieldType, Lent, Option, Rule

__all__ = ["KINDS", "Choices", "Field", "FieldType", "Lent", "Option", "Parent", "Register", "Rule", "Sheet"]

PERSONAL = Text(
    "字段「{title}」是个人信息，不能用作{role}（{where}）：只有获准的人才能看到它",
    "{name} is personal and cannot be {role} ({where}): only those permitted may see it",
)
IN_A_FORMULA = Text(
    "字段「{title}」是个人信息，公式中不能使用：结果会泄露它",
    "{name} is personal and has no place in a formula: the result would give it away",
)


_DOTTED = re.compile(r"('(?:[^']|'')*')|\b[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*")


class Parent(Definition):
    """The register above this one; ``field`` holds the parent's key. The child lies in its parent's area."""

    register_name: Name = Slot(alias="register")
    field: Name


class Sheet(Definition):
    """A record as it is printed and signed: these fields, these child registers with their totals, who signs. All fields and all
    children where none are named."""

    title: Label | None = None
    fields: tuple[Name, ...] = ()
    children: tuple[Name, ...] = ()
    signed_by: tuple[Label, ...] = ()


class Register(Definition):
    """A kind of record with a declared schema."""

    name: Name
    title: Label
    description: Label | None = None
    key: tuple[Name, ...]  # one field or several; together unique in the register
    label: Name | None = None  # the field that names a record to people; the key where absent
    area: Name | None = None  # the field that places a record
    parent: Parent | None = None
    fields: tuple[Field, ...] = Slot(min_length=1)
    rules: tuple[Rule, ...] = ()
    choices: tuple[Choices, ...] = ()  # filled in by the pack reader with the lists that the fields use
    lends: tuple[Lent, ...] = ()  # filled in by the pack reader: what the formulas ask of records referred to
    columns: tuple[Name, ...] = ()  # shown in the table; the first eight that are not personal where absent
    sheet: Sheet | None = None  # how a record is printed
    confidential: bool = False  # read by whoever was granted it by name; to others its figures are numbers without rows

    @field_validator("key", mode="before")
    @classmethod
    def _one_or_many(cls, value: object) -> object:
        return [value] if isinstance(value, str) else value

    @model_validator(mode="after")
    def _names_fit(self) -> Self:
        names = [f.name for f in self.fields]
        for name in names:
            if names.count(name) > 1:
                raise BilingualError(f"字段「{name}」重复", f"the field {name} stands twice")
        for path, role, name in self._uses():
            if name not in names:
                says = Text("{where} 指向不存在的字段「{name}」", "{where} names the field {name}, which does not exist")
                raise DefinitionError(path, says.format(where=path[0], name=name))
            if (f := self.field(name)).personal:
                raise DefinitionError(path, PERSONAL.format(title=f.title, name=name, role=role, where=path[0]))
        for name in self.key:
            if not self.field(name).required:
                raise DefinitionError(("key",), Text(f"主键字段「{name}」须必填", f"the key field {name} must be required"))
        if self.area and self.field(self.area).type != "area":
            raise BilingualError(f"「{self.area}」须为 area 类型", f"{self.area} must be of type area")
        if self.parent and self.field(self.parent.field).of != self.parent.register_name:
            raise BilingualError(
                "parent 的字段须引用上级登记表", "the parent's field must be a reference to the parent's register"
            )
        for f in self.fields:
            if f.type == "choice" and f.of not in {c.name for c in self.choices}:
                raise BilingualError(f"没有名为「{f.of}」的选项表", f"there is no choices list called {f.of}")
        for number, name in enumerate(self.sheet.fields if self.sheet else ()):
            if name not in names:
                says = Text(f"打印单指向不存在的字段「{name}」", f"the sheet names the field {name}, which does not exist")
                raise DefinitionError(("sheet", "fields", number), says)
        for lent in self.lends:
            if lent.column in names:
                raise BilingualError(
                    f"字段「{lent.column}」与公式中的 {lent.written} 混淆，请换一个名称",
                    f"the field {lent.column} would be taken for {lent.written} in formulas: choose another name",
                )
        return self

    def _uses(self) -> Iterator[tuple[tuple[str | int, ...], Text, str]]:
        """Each field that serves the register itself: where it is named, as what, its name. All see what these hold."""
        for name in self.key:
            yield ("key",), Text("主键", "part of the key"), name
        if self.label:
            yield ("label",), Text("记录名称", "what names a record"), self.label
        if self.area:
            yield ("area",), Text("所属地区", "what places a record"), self.area
        if self.parent:
            yield ("parent", "field"), Text("上级记录", "what names the parent"), self.parent.field
        for number, name in enumerate(self.columns):
            yield ("columns", number), Text("表格的列", "a column of the table"), name

    def field(self, name: str) -> Field:
        return self.by_name[name]

    @cached_property
    def by_name(self) -> dict[str, Field]:
        return {f.name: f for f in self.fields}

    @cached_property
    def titles(self) -> dict[str, Text]:
        """What people call each field."""
        return {f.name: f.title for f in self.fields}

    @cached_property
    def remembered(self) -> dict[Any, Any]:
        """Look-ups that readers of values make once for a definition (option codes by label), kept as long as it."""
        return {}

    @cached_property
    def stated(self) -> tuple[Field, ...]:
        """The fields that people fill in."""
        return tuple(f for f in self.fields if not f.formula)

    @cached_property
    def personal(self) -> frozenset[str]:
        return frozenset(f.name for f in self.fields if f.personal)

    @cached_property
    def kinds(self) -> dict[str, Kind]:
        """What formulas know: every field but the personal ones."""
        return {f.name: f.kind for f in self.fields if not f.personal}

    @cached_property
    def table_columns(self) -> tuple[Field, ...]:
        return tuple(self.field(n) for n in self.columns) or tuple(f for f in self.fields if not f.personal)[:8]

    def options(self, field: Field) -> tuple[Option, ...]:
        return next((c.options for c in self.choices if c.name == field.of), ())

    @cached_property
    def computed(self) -> tuple[tuple[Field, Formula], ...]:
        """Computed fields with their compiled formulas; each may use stated fields, and those of records referred to."""
        stated = {f.name: f.kind for f in self.stated if not f.personal} | self.lent_kinds
        return tuple(
            (f, self._compiled(("fields", i, "formula"), f.formula, stated, f.kind))
            for i, f in enumerate(self.fields)
            if f.formula
        )

    @cached_property
    def checks(self) -> tuple[tuple[Rule, Formula], ...]:
        """Rules with their compiled checks."""
        return tuple(
            (r, self._compiled(("rules", i, "check"), r.check, self.kinds | self.lent_kinds, Kind.BOOLEAN))
            for i, r in enumerate(self.rules)
        )

    @cached_property
    def lenders(self) -> tuple[str, ...]:
        """The reference fields whose records lend values to formulas."""
        return tuple(dict.fromkeys(lent.reference for lent in self.lends))

    @cached_property
    def lent_kinds(self) -> dict[str, Kind]:
        return {lent.column: lent.kind for lent in self.lends}

    def compile(self) -> Self:
        """Compile every formula now, so that a fault shows at install time. Raises DefinitionError with its path."""
        _ = self.computed, self.checks
        return self

    def _compiled(self, path: tuple[str | int, ...], text: str, columns: dict[str, Kind], expects: Kind) -> Formula:
        columns_named = {lent.written: lent.column for lent in self.lends}
        plain = _DOTTED.sub(lambda m: m[1] or columns_named.get(m[0], m[0]), text) if self.lends else text
        try:
            return compile_formula(plain, columns, expects=expects)
        except FormulaError as error:
            raise DefinitionError(path, self._told(error, text), error.offset) from error

    def _told(self, error: FormulaError, text: str) -> Text:
        """Why a formula is wrong. Formulas do not know personal fields; that they are left out on purpose is said here."""
        word = re.match(r"\w+", text[error.offset or 0 :])
        f = self.by_name.get(word[0]) if word else None
        return IN_A_FORMULA.format(title=f.title, name=f.name) if f and f.personal else error.says
