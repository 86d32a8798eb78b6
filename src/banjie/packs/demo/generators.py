"""How the values of a field are invented: one small definition for each way, told apart by ``make``."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Annotated, Literal, Self

from pydantic import Discriminator, Field, StringConstraints, Tag, field_validator, model_validator

from banjie.lib.definition import BilingualError, Definition, DottedName, Name

Month = Annotated[str, StringConstraints(pattern=r"^[0-9]{4}-(0[1-9]|1[0-2])$")]
Constant = bool | int | Decimal | str | None


class Above(Definition):
    """More than an amount."""

    above: Decimal


def _arm(value: object) -> str:
    """Which arm of a union a value is for: a mapping, a list, or neither."""
    return "made" if isinstance(value, Mapping | Definition) else "several" if isinstance(value, list | tuple) else "constant"


Wanted = Annotated[
    Annotated[Constant, Tag("constant")] | Annotated[tuple[Constant, ...], Tag("several")] | Annotated[Above, Tag("made")],
    Discriminator(_arm),
]
Where = dict[Name, Wanted]  # fields, and the value (or one of the values) they must have


class Sequence(Definition):
    """Numbers in order: ``pattern: "XH2021-{n:03d}"``."""

    make: Literal["sequence"]
    pattern: str

    @field_validator("pattern")
    @classmethod
    def _numbered(cls, value: str) -> str:
        try:
            numbers = value.format(n=1), value.format(n=2)
        except (KeyError, IndexError, ValueError, AttributeError):
            numbers = ("", "")
        if numbers[0] == numbers[1]:
            raise BilingualError("pattern 须含序号 {n} 或 {n:03d}", "the pattern needs the number: {n} or {n:03d}")
        return value


class Words(Definition):
    """A phrase put together from word lists. ``words`` maps each slot of the pattern to a list, or to lists by the value
    of the field ``by``. ``{town}`` and other area fields stand for the area's name. ``once``: no phrase twice."""

    make: Literal["words"]
    pattern: str = "{word}"
    words: dict[Name, tuple[str, ...] | dict[Name, tuple[str, ...]]]
    by: Name | None = None
    once: bool = False
    where: Where = {}


class People(Definition):
    """Invented names of people."""

    make: Literal["people"]


class Phones(Definition):
    """Telephone numbers that nobody has: no mobile number begins with 10."""

    make: Literal["phones"]


class Areas(Definition):
    """Areas of a level within an area, some with more rows than others (``spread``), by name or code in ``weights``."""

    make: Literal["areas"]
    within: str
    level: str
    spread: Decimal = Field(default=Decimal("0.6"), ge=0, le=3)
    weights: dict[str, int] = {}


class Shares(Definition):
    """Values in fixed proportions. Where the shares add up to the count, they are exact numbers."""

    make: Literal["shares"]
    of: dict[str, Annotated[int, Field(ge=0)]] = Field(min_length=1)
    where: Where = {}


class Total(Definition):
    """Amounts that add up to ``total`` to the last unit, each a multiple of ``step``.

    ``spread``: how unequal they are (0: equal, but for ``follows``). ``follows``: larger where that field is larger;
    ``at_most``: never above ``at_most_times`` that field. ``per_parent`` shares out among the parents first, then among each parent's rows,
    by ``months`` (weights of the calendar months) and not before the parent's field ``since``.
    """

    make: Literal["total"]
    total: Decimal = Field(ge=0)
    step: Decimal = Field(default=Decimal(1), gt=0)
    spread: Decimal = Field(default=Decimal("0.5"), ge=0, le=3)
    follows: str = ""
    at_most: str = ""
    at_most_times: Decimal = Field(default=Decimal(1), gt=0)
    at_least: Decimal = Field(default=Decimal(0), ge=0)
    where: Where = {}
    per_parent: bool = False
    months: dict[Annotated[str, StringConstraints(pattern=r"^([1-9]|1[0-2])$")], int] = {}
    since: Name | None = None

    @model_validator(mode="after")
    def _whole_steps(self) -> Self:
        if self.total % self.step:
            raise BilingualError("total 应为 step 的整数倍", "the total must be a multiple of the step")
        return self


class Days(Definition):
    """Workdays, so many in each month; the other rows have none."""

    make: Literal["days"]
    of: dict[Month, Annotated[int, Field(ge=0)]] = Field(min_length=1)
    where: Where = {}


class Course(Definition):
    """Steps in their order: the rows of one parent, month after month, go through ``of`` and never back."""

    make: Literal["course"]
    of: tuple[str, ...] = Field(min_length=1)
    where: Where = {}


class SomeDay(Definition):
    """A workday between two days."""

    make: Literal["some_day"]
    between: tuple[date, date]


class After(Definition):
    """A workday so many days after the day in ``field``; only ``share`` of the rows have one, and none past ``until``."""

    make: Literal["after"]
    field: DottedName
    days: tuple[int, int]
    share: Decimal = Field(default=Decimal(1), gt=0, le=1)
    until: date | None = None


class Moment(Definition):
    """A moment so many ``minutes`` (from, to) after the one in ``since``, or in office hours of a workday: ``between`` two days, or
    so many ``days_ago`` (the larger number first) at the loading. ``count``: so many rows have one, drawn by lot."""

    make: Literal["moment"]
    since: DottedName | None = None
    minutes: tuple[Annotated[int, Field(ge=0)], Annotated[int, Field(ge=0)]] | None = None
    between: tuple[date, date] | None = None
    days_ago: tuple[Annotated[int, Field(ge=0)], Annotated[int, Field(ge=0)]] | None = None
    count: Annotated[int, Field(ge=0)] | None = None
    where: Where = {}

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if sum(way is not None for way in (self.since, self.between, self.days_ago)) != 1:
            raise BilingualError("since、between、days_ago 三者择一", "give one of since, between and days_ago")
        if (self.since is None) != (self.minutes is None):
            raise BilingualError("since 与 minutes 须一并写", "since and minutes go together")
        return self


class Reckoned(Definition):
    """A number worked out from the row's other numbers: ``formula: "opening + received - issued"``."""

    make: Literal["reckoned"]
    formula: str


class When(Definition):
    """One value where a field is set (or above 0), another where it is not."""

    make: Literal["when"]
    field: DottedName  # of the row, or of the one above it: parent.signage
    then: Constant = None
    otherwise: Constant = None


Generator = Annotated[
    Sequence | Words | People | Phones | Areas | Shares | Total | Days | Course | SomeDay | After | Moment | Reckoned | When,
    Field(discriminator="make"),
]
Content = Annotated[
    Annotated[Constant, Tag("constant")] | Annotated[Generator, Tag("made")] | Annotated[tuple[Generator, ...], Tag("several")],
    Discriminator(_arm),
]  # of several, a row takes the first that gives it a value
