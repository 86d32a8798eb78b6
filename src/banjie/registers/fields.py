"""What registers are made of: fields with their types and units, choices with their options, rules."""

from __future__ import annotations

from decimal import Decimal
from typing import Literal, Self

from pydantic import Field as Slot
from pydantic import field_validator, model_validator

from banjie.formulas import Kind
from banjie.lib.definition import BilingualError, Definition, Label, Name, Sourced
from banjie.lib.text import Text
from banjie.lib.units import UNITS, unknown

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

    @field_validator("unit")
    @classmethod
    def _known_unit(cls, code: str) -> str:
        if code and code not in UNITS:
            raise BilingualError(*unknown(code))
        return code

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
        if self.unit and self.type not in {"decimal", "integer"}:
            raise BilingualError(
                f"字段「{self.name}」不是数字，不能有计量单位（unit）", f"{self.name} holds no numbers: it has no unit"
            )
        if self.personal and self.index:
            raise BilingualError(
                f"字段「{self.name}」是个人信息，不能按它查找，不要写 index",
                f"{self.name} is personal and cannot be looked up by: leave out `index`",
            )
        return self

    @property
    def kind(self) -> Kind:
        return KINDS[self.type]


class Lent(Definition):
    """A field of the record that a reference leads to, for formulas: ``standard.unit_price``."""

    reference: Name
    field: Name
    type: FieldType

    @property
    def written(self) -> str:
        """As a formula names it."""
        return f"{self.reference}.{self.field}"

    @property
    def column(self) -> str:
        """How its column is called inside: equally long, so that the place of a fault stays what it is."""
        return f"{self.reference}_{self.field}"

    @property
    def kind(self) -> Kind:
        return KINDS[self.type]


class Rule(Sourced):
    """What must hold in every record (error) or deserves a look (warning). Unknown (NULL) passes."""

    name: Name
    check: str
    says: Label
    severity: Literal["error", "warning"] = "error"
