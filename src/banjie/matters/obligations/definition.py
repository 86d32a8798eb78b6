"""What an obligation is, as a pack declares it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from functools import cached_property
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BeforeValidator, model_validator
from pydantic import Field as Slot

from banjie.lib.definition import BilingualError, Definition, Label, Name, Sourced
from banjie.lib.errors import Refusal
from banjie.lib.periods import Period
from banjie.matters.definition import OwnerSlot, TermText
from banjie.matters.obligations.due_points import DuePoint, parse_due

Each = Literal["week", "month", "quarter", "half", "year"]
MONTHS = {"month": 1, "quarter": 3, "half": 6, "year": 12}
ONE_DAY = timedelta(days=1)


def _due(text: str) -> str:
    try:
        parse_due(text)
    except Refusal as refusal:
        raise BilingualError(refusal.says.zh, refusal.says.en) from None
    return text


class Of(Definition):
    """Who owes: each record of a ``register`` (for which ``where`` holds), each post with a ``role``, each area of a level
    (``areas``), or the ``organisations`` with these codes. A bare name in a pack is a register."""

    register_name: Name | None = Slot(default=None, alias="register")
    where: str = ""
    role: Name | None = None
    areas: Literal["city", "county", "town", "village", "grid"] | None = None
    organisations: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        ways = [self.register_name, self.role, self.areas, self.organisations or None]
        if sum(way is not None for way in ways) != 1:
            raise BilingualError(
                "of 须在 register、role、areas、organisations 中四选一", "`of` is one of register, role, areas and organisations"
            )
        if self.where and self.register_name is None:
            raise BilingualError("where 只能用于 register", "`where` goes with a register")
        return self


class Obligation(Sourced):
    """``at_least`` records of ``register`` from each that owes, for each period. ``by``: the register's field that says whose a
    record is (the key of the owing record, the code of the post, area or organisation); ``period``: its field that says for
    when; ``where``: which records count. ``owner``: who answers for an item; of a post or an organisation, itself."""

    name: Name
    title: Label
    description: Label | None = None
    register_name: Name = Slot(alias="register")
    of: Annotated[Of, BeforeValidator(lambda value: {"register": value} if isinstance(value, str) else value)]
    by: Name
    period: Name
    each: Each
    due: Annotated[str, AfterValidator(_due)]
    at_least: int = Slot(default=1, ge=1, le=1000)
    where: str = ""
    owner: OwnerSlot | None = None
    warn: TermText | None = None
    starts: date
    ends: date | None = None  # the first day of the first period no longer owed

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if self.owner is None and (self.of.register_name or self.of.areas):
            raise BilingualError("须说明责任人（owner）", "say who answers for it (owner)")
        if self.of.areas and self.owner is not None and self.owner.role is None:
            raise BilingualError("按地区的义务，owner 须为职责", "an obligation of areas has a role for its owner")
        if self.ends is not None and self.ends <= self.starts:
            raise BilingualError("结束须晚于开始", "it ends before it begins")
        return self

    @cached_property
    def due_point(self) -> DuePoint:
        return parse_due(self.due)

    def periods(self, until: date) -> Iterator[Period]:
        """The whole periods that begin on ``until`` or before, from the one in which the obligation starts."""
        first = self.starts
        first = first - ONE_DAY * first.weekday() if self.each == "week" else _first_of(first, MONTHS[self.each])
        while first <= until and (self.ends is None or first < self.ends):
            after = first + 7 * ONE_DAY if self.each == "week" else _months_on(first, MONTHS[self.each])
            yield Period(first, after)
            first = after


def period_code(period: Period) -> str:
    """As items and screens call it: 2021-09, 2021Q3, 2021H2, 2021, 2021W37."""
    if period.whole_months:
        return str(period)
    year, week, _ = period.start.isocalendar()
    return f"{year}W{week:02}"


def _first_of(day: date, months: int) -> date:
    return date(day.year, (day.month - 1) // months * months + 1, 1)


def _months_on(day: date, months: int) -> date:
    ordinal = day.year * 12 + day.month - 1 + months
    return date(ordinal // 12, ordinal % 12 + 1, 1)
