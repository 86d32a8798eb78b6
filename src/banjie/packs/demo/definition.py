"""The section ``demo``: which invented records are made, and which counts, totals and shares they meet exactly.

Each set makes rows of one register: literal ``rows``, a ``count`` of invented ones, or one for each record of another
set (``each``), month by month if ``months`` are given. With ``process`` the records are matters: they are opened, and go the
ways in ``journeys``. ``docs/packs.md`` explains each entry with an example.
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Literal, Self

from pydantic import Field, field_validator, model_validator

from banjie.lib.clock import LOCAL
from banjie.lib.definition import BilingualError, Definition, Name
from banjie.packs.demo.generators import Constant, Content, Month, Where
from banjie.packs.demo.journeys import Journey


class Part(Definition):
    """Some of the rows, with what they have in common."""

    count: Annotated[int, Field(ge=0)]
    fields: dict[Name, Constant]


class Each(Definition):
    """One row for each row of another set, put under it by the register's parent field."""

    set: Name
    where: Where = {}
    share: Decimal = Field(default=Decimal(1), gt=0, le=1)  # of the rows, chosen by lot


class Months(Definition):
    """The months for which there is a row: both ends count."""

    field: Name
    first: Month = Field(alias="from")
    last: Month = Field(alias="to")


class Recorded(Definition):
    """When rows are entered: at one moment, on workdays between two days, so many days into the following month, within two
    days of the day in a field (``day_of``), at the moment in a field (``moment_of``), or so many days before the
    demonstration is loaded (``days_ago``: two numbers, the larger first)."""

    at: datetime | None = None
    between: tuple[date, date] | None = None
    next_month: tuple[int, int] | None = None
    day_of: Name | None = None
    moment_of: Name | None = None
    days_ago: tuple[Annotated[int, Field(ge=0)], Annotated[int, Field(ge=0)]] | None = None

    @field_validator("at")
    @classmethod
    def _local(cls, value: datetime | None) -> datetime | None:
        return value.replace(tzinfo=LOCAL) if value is not None and value.tzinfo is None else value

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        ways = ("at", "between", "next_month", "day_of", "moment_of", "days_ago")
        if sum(getattr(self, way) is not None for way in ways) != 1:
            raise BilingualError(f"{'、'.join(ways)} 择一", f"give one of {', '.join(ways[:-1])} and {ways[-1]}")
        if self.days_ago and self.days_ago[0] < self.days_ago[1]:
            raise BilingualError("days_ago 的第一个数不得小于第二个", "the first number of days_ago is the larger one")
        return self


class Later(Definition):
    """Fields that are empty at first, or as in ``initially``, and filled in some days after the date in ``after``, or at the
    very moment that a datetime there says."""

    after: Name
    days: tuple[int, int] = (0, 3)
    fields: tuple[Name, ...] = Field(min_length=1)
    initially: dict[Name, Constant] = {}
    why: str = ""


class Reasons(Definition):
    """Why an amount was put right: reasons for raising it, and for lowering it."""

    raised: tuple[str, ...] = Field(min_length=1)
    lowered: tuple[str, ...] = Field(min_length=1)


class Correction(Definition):
    """Rows first entered with a wrong amount and put right later. The totals hold after the correction."""

    field: Name
    count: Annotated[int, Field(ge=0)]
    months: tuple[Month, ...] = ()
    factors: tuple[Decimal, ...] = Field(min_length=1)
    step: Decimal = Field(default=Decimal(1), gt=0)
    after_days: tuple[int, int] | None = None
    at: datetime | None = None
    why: Reasons

    @field_validator("at")
    @classmethod
    def _local(cls, value: datetime | None) -> datetime | None:
        return value.replace(tzinfo=LOCAL) if value is not None and value.tzinfo is None else value

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if (self.at is None) == (self.after_days is None):
            raise BilingualError("at 与 after_days 二者择一", "give one of at and after_days")
        return self


class Late(Definition):
    """How many rows are entered late, and by how many days."""

    count: Annotated[int, Field(ge=0)]
    days: tuple[int, int]


class DemoSet(Definition):
    """Rows of one register, and the days on which they were entered."""

    set_: Name = Field(alias="set")
    register_: Name = Field(alias="register")
    mode: Literal["create", "update"] = "create"
    by: str = ""
    by_duty: Name | None = None  # entered by whoever has this duty for the row's area, if anybody has
    why: str = ""
    recorded: Recorded
    rows: tuple[dict[Name, Constant], ...] = ()
    count: Annotated[int, Field(ge=0)] = 0
    parts: tuple[Part, ...] = ()
    each: Each | None = None
    months: Months | None = None
    fields: dict[Name, Content] = {}
    missing: dict[Month, Annotated[int, Field(ge=0)]] = {}
    late: Late | None = None
    later: tuple[Later, ...] = ()
    corrections: tuple[Correction, ...] = ()
    process: Name | None = None  # the records are matters of this process
    journeys: tuple[Journey, ...] = ()
    duties: dict[Name, Name] = {}  # role → the field that names the post which gets this duty for the record

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if sum((bool(self.rows), bool(self.count or self.parts), self.each is not None)) != 1:
            raise BilingualError("rows、count（或 parts）、each 三者择一", "give one of rows, count (or parts) and each")
        if self.parts and self.count and sum(p.count for p in self.parts) != self.count:
            raise BilingualError("parts 的 count 之和应等于 count", "the counts of the parts must add up to the count")
        if self.months and not self.each:
            raise BilingualError("有 months 时须有 each", "months need each")
        if self.journeys and not self.process:
            raise BilingualError("有 journeys 时须有 process", "journeys need process")
        if self.process and (self.mode == "update" or self.later or self.corrections or self.late):
            raise BilingualError(
                "办理事项不能用 mode: update、late、later、corrections；请写 journeys",
                "matters have no mode: update, late, later or corrections: write journeys",
            )
        if (self.missing or self.recorded.next_month) and not self.months:
            raise BilingualError("missing 和 next_month 须有 months", "missing and next_month need months")
        return self

    @property
    def size(self) -> int:
        """How many rows at scale 1, where that is known before others are made."""
        return len(self.rows) or self.count or sum(p.count for p in self.parts)
