"""What a register is: its fields, its key, its rules. A pack's mapping becomes a frozen ``Register``."""

from __future__ import annotations

from decimal import Decimal
from functools import cached_property
from typing import Any, Literal, Self

from pydantic import Field as Slot
from pydantic import field_validator, model_validator

from banjie.formulas import Formula, FormulaError, Kind, compile_formula
from banjie.lib.definition import BilingualError, Definition, Label, Name, Sourced
from banjie.lib.errors import DefinitionError
from banjie.lib.text import Text

FieldType = Literal[
    "text", "note", "integer", "decimal", "boolean", "date", "month", "year", "datetime", "choice", "reference", "area", "phone"
]

# What a formula sees of each type. A month is its first day, a year an integer, a reference the other record's key.
KINDS: dict[str, Kind] = {
    "text": Kind.TEXT,
    "note": Kind.TEXT,
    "integer": Kind.INTEGER,
    "decimal": Kind.DECIMAL,
    "boolean": Kind.BOOLEAN,
    "date": Kind.DATE,
    "month": Kind.DATE,
    "year": Kind.INTEGER,
    "datetime": Kind.DATETIME,
    "choice": Kind.TEXT,
    "reference": Kind.TEXT,
    "area": Kind.TEXT,
    "phone": Kind.TEXT,
}


class Option(Definition):
    """One value of a choice, with its label."""

    code: Name
    title: Label


class Choices(Definition):
    """A named list of options that fields share."""

    name: Name
    title: Label
    options: tuple[Option, ...] = Slot(min_length=1)

    @model_validator(mode="after")
    def _codes_once(self) -> Self:
        codes = [o.code for o in self.options]
        for code in codes:
            if codes.count(code) > 1:
                raise BilingualError(f"选项「{code}」重复", f"the option {code} stands twice")
        return self

    def label(self, code: str) -> Text:
        """The label of a code; the code itself where the list no longer has it."""
        return next((o.title for o in self.options if o.code == code), Text(code, code))


class Field(Sourced):
    """One column of a register. ``source`` says which rule or document asks for it."""

    name: Name
    type: FieldType
    title: Label
    help: Label | None = None
    required: bool = False
    personal: bool = False  # shown in clear only with the verb `personal`; kept out of figures, search and hashes
    index: bool = False  # filters and sorting on it get a database index
    unit: str = ""  # CNY, mu, household …: values are kept in this base unit
    of: Name | None = None  # the choices list, or the register a reference leads to
    formula: str = ""  # a computed field: worked out at each write, never typed in
    min: Decimal | None = None
    max: Decimal | None = None
    max_length: int = Slot(default=500, ge=1, le=20000)

    @model_validator(mode="after")
    def _of_fits(self) -> Self:
        if self.type in {"choice", "reference"} and not self.of:
            raise BilingualError(
                f"字段「{self.name}」须用 of 说明选项表或引用的登记表", f"{self.name} needs `of`: its choices or register"
            )
        if self.of and self.type not in {"choice", "reference"}:
            raise BilingualError(
                f"字段「{self.name}」不是选项也不是引用，不能有 of", f"{self.name} is neither choice nor reference: no `of`"
            )
        if self.formula and (self.required or self.personal):
            raise BilingualError(
                f"计算字段「{self.name}」不能必填或为个人信息", f"the computed field {self.name} is neither required nor personal"
            )
        return self

    @property
    def kind(self) -> Kind:
        return KINDS[self.type]


class Rule(Sourced):
    """What must hold in every record (error) or deserves a look (warning). Unknown (NULL) passes."""

    name: Name
    check: str
    says: Label
    severity: Literal["error", "warning"] = "error"


class Parent(Definition):
    """The register above this one; ``field`` holds the parent's key. The child lies in its parent's area."""

    register_name: Name = Slot(alias="register")
    field: Name


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
    columns: tuple[Name, ...] = ()  # shown in the table; the first eight fields where absent

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
        used = [("key", n) for n in self.key] + [("columns", n) for n in self.columns]
        used += [(w, n) for w, n in (("label", self.label), ("area", self.area)) if n]
        if self.parent:
            used.append(("parent", self.parent.field))
        for where, name in used:
            if name not in names:
                raise BilingualError(
                    f"{where} 指向不存在的字段「{name}」", f"{where} names the field {name}, which does not exist"
                )
        for name in self.key:
            if not self.field(name).required or self.field(name).personal:
                raise BilingualError(
                    f"主键字段「{name}」须必填且不得为个人信息", f"the key field {name} must be required and not personal"
                )
        if self.area and self.field(self.area).type != "area":
            raise BilingualError(f"「{self.area}」须为 area 类型", f"{self.area} must be of type area")
        if self.parent and self.field(self.parent.field).of != self.parent.register_name:
            raise BilingualError(
                "parent 的字段须引用上级登记表", "the parent's field must be a reference to the parent's register"
            )
        for f in self.fields:
            if f.type == "choice" and f.of not in {c.name for c in self.choices}:
                raise BilingualError(f"没有名为「{f.of}」的选项表", f"there is no choices list called {f.of}")
        return self

    def field(self, name: str) -> Field:
        return self.by_name[name]

    @cached_property
    def by_name(self) -> dict[str, Field]:
        return {f.name: f for f in self.fields}

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
        return tuple(self.field(n) for n in self.columns) or self.fields[:8]

    def options(self, field: Field) -> tuple[Option, ...]:
        return next((c.options for c in self.choices if c.name == field.of), ())

    @cached_property
    def computed(self) -> tuple[tuple[Field, Formula], ...]:
        """Computed fields with their compiled formulas; each may use stated fields only."""
        stated = {f.name: f.kind for f in self.stated if not f.personal}
        return tuple(
            (f, self._compiled(("fields", i, "formula"), f.formula, stated, f.kind))
            for i, f in enumerate(self.fields)
            if f.formula
        )

    @cached_property
    def checks(self) -> tuple[tuple[Rule, Formula], ...]:
        """Rules with their compiled checks."""
        return tuple(
            (r, self._compiled(("rules", i, "check"), r.check, self.kinds, Kind.BOOLEAN)) for i, r in enumerate(self.rules)
        )

    def compile(self) -> Self:
        """Compile every formula now, so that a fault shows at install time. Raises DefinitionError with its path."""
        _ = self.computed, self.checks
        return self

    def _compiled(self, path: tuple[str | int, ...], text: str, columns: dict[str, Kind], expects: Kind) -> Formula:
        try:
            return compile_formula(text, columns, expects=expects)
        except FormulaError as error:
            raise DefinitionError(path, error.says, error.offset) from error
