"""What a figure is: one number that can be asked for by area, period, breakdown and as of a moment. Declared once.

A figure is exactly one of: a **measure** over a register, a **ratio** of two figures, a **schedule** comparison, a **growth**,
a **sum** of figures, or a **stated** observation that no record here can produce (a county's GDP). ``as of`` belongs to the
engine: no definition can write it.
"""

from __future__ import annotations

from decimal import Decimal
from hashlib import sha256
from typing import Literal, Self

from pydantic import Field as Slot
from pydantic import field_validator, model_validator

from banjie.lib import canonical
from banjie.lib.definition import BilingualError, Definition, DottedName, Label, Name, Sourced
from banjie.lib.units import UNITS

Basis = Literal["actual", "plan", "estimate", "target", "capacity", "intention"]
Grain = Literal["year", "quarter", "month"]
AREA_LEVELS = ("province", "city", "county", "town", "village", "grid")
TIME_STEPS = ("year", "quarter", "month", "to_month")  # to_month: each month with all before it in its year
KINDS = ("measure", "ratio", "schedule", "growth", "sum", "stated")


class Dimension(Definition):
    """What a figure may be broken down by: an area level, or a field of the register or of its parent (``parent.industry``)."""

    name: Name = Slot(alias="as")
    field: DottedName | None = None  # None: an area level


class Ratio(Definition):
    """numerator / denominator × factor."""

    numerator: DottedName
    denominator: DottedName
    factor: Decimal = Decimal(1)


class Schedule(Definition):
    """How far a completion rate is ahead (or, below nought, behind) of the share of the year that is over."""

    completion: DottedName


class Growth(Definition):
    """``year_on_year``: against the same period a year before. ``average_annual``: over a span of years, (last / first)^(1/n) - 1."""

    of: DottedName
    kind: Literal["year_on_year", "average_annual"] = "year_on_year"


class Stated(Definition):
    """An observation made elsewhere. ``value`` and the others name fields of the register; ``where`` finds the series.

    The observation is that of the very area asked for, not of what lies below it. Where several hold, the one recorded last
    is shown. ``factor`` brings the field to the base unit (a field in 亿元: 100000000; one in per cent: 0.01).
    """

    register_name: Name = Slot(alias="register")
    where: str = ""
    value: Name
    period: Name
    status: Name | None = None
    basis: Name | None = None
    qualifier: Name | None = None  # how the source words it: about (约), above (超), at_least (以上), below (不足)
    source: Name | None = None
    factor: Decimal = Decimal(1)


class Display(Definition):
    """How the value is written: in which of its unit's scales (亿元), with how many decimal places, and whether parts
    without a whole are joined (19.5:28.6:51.9)."""

    unit: str = ""
    places: int | None = Slot(default=None, ge=0, le=6)
    joined: bool = False


class Figure(Sourced):
    """A figure as a pack declares it."""

    name: DottedName
    title: Label
    aliases: tuple[str, ...] = ()
    description: Label | None = None
    unit: str
    basis: Basis = "actual"
    display: Display = Display()
    by: tuple[Dimension, ...] = ()

    of: Name | None = None
    measure: str = ""
    where: str = ""
    time: Name | None = None
    grain: Grain | None = None  # only meaningful for whole years, quarters or months
    additive: bool | None = None  # may parts be added up, over areas and over time; None: as the measure's aggregates allow

    ratio: Ratio | None = None
    schedule: Schedule | None = None
    growth: Growth | None = None
    sum: tuple[DottedName, ...] = ()
    stated: Stated | None = None

    @field_validator("by", mode="before")
    @classmethod
    def _short_forms(cls, value: object) -> object:
        return [_dimension(v) for v in value] if isinstance(value, (list, tuple)) else value

    @field_validator("unit")
    @classmethod
    def _known_unit(cls, value: str) -> str:
        if value not in UNITS:
            raise BilingualError(
                f"没有计量单位「{value}」；可用：{'、'.join(UNITS)}", f"there is no unit {value}; there are {', '.join(UNITS)}"
            )
        return value

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        if self.display.unit and self.display.unit not in UNITS[self.unit].scales:
            scales = "、".join(UNITS[self.unit].scales)
            raise BilingualError(
                f"单位 {self.unit} 不能显示为「{self.display.unit}」；可用：{scales}", f"{self.unit} is shown in one of {scales}"
            )
        given = [k for k in KINDS if getattr(self, k)]
        if len(given) != 1:
            kinds = ", ".join(KINDS)
            raise BilingualError(
                f"指标「{self.name}」须恰好是其中一种：{kinds}；现有：{', '.join(given) or '无'}",
                f"{self.name} must be exactly one of {kinds}; it has {', '.join(given) or 'none'}",
            )
        if self.measure and not self.of:
            raise BilingualError(
                f"指标「{self.name}」的 measure 须有 of(登记表)", f"the measure of {self.name} needs `of`, its register"
            )
        for only in ("of", "where", "time", "grain"):
            if getattr(self, only) and not self.measure:
                raise BilingualError(f"只有 measure 才有 {only}", f"only a measure has `{only}`")
        names = [d.name for d in self.by]
        for name in names:
            if names.count(name) > 1:
                raise BilingualError(f"分组「{name}」重复", f"the breakdown {name} stands twice")
        return self

    @property
    def kind(self) -> str:
        return next(k for k in KINDS if getattr(self, k))

    @property
    def parts(self) -> tuple[str, ...]:
        """The figures of which this one is made."""
        match self.kind:
            case "ratio" if self.ratio:
                return (self.ratio.numerator, self.ratio.denominator)
            case "schedule" if self.schedule:
                return (self.schedule.completion,)
            case "growth" if self.growth:
                return (self.growth.of,)
            case _:
                return self.sum

    def as_json(self) -> dict[str, object]:
        """The mapping from which ``load`` makes an equal figure."""
        return self.model_dump(mode="json", exclude_defaults=True, by_alias=True)


def digest(figures: dict[str, Figure], name: str) -> str:
    """The definition's hash: SHA-256 over the canonical JSON of the figure and of every figure it is made of."""
    wanted, seen = [name], dict[str, object]()
    while wanted:
        figure = figures[wanted.pop()]
        if figure.name not in seen:
            seen[figure.name] = figure.as_json()
            wanted.extend(figure.parts)
    return sha256(canonical.encode({"figure": name, "definitions": seen})).hexdigest()


def _dimension(value: object) -> object:
    """``town``, ``industry``, ``parent.industry`` or ``{field: parent.industry, as: trade}``."""
    if isinstance(value, str):
        return {"as": value.removeprefix("parent."), "field": None if value in AREA_LEVELS else value}
    if isinstance(value, dict) and "as" not in value and isinstance(value.get("field"), str):
        return {**value, "as": value["field"].removeprefix("parent.")}
    return value
