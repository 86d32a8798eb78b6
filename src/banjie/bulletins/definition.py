"""What a bulletin is: a text with figures, tables, rankings and charts, of an area and a period, drafted when it is due.

Everything that computes is declared beside the text and named in it, so that a template is words and marks and can be checked
when the pack is: ``{{ value("projects.invested", over="to_date") }}``, ``{{ show("by_town") }}``.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Annotated, Literal, Self

from pydantic import Field as Slot
from pydantic import field_validator, model_validator

from banjie.lib.definition import BilingualError, Definition, DottedName, Label, Name, Sourced

Over = Literal["period", "to_date", "year", "year_before", "previous"]
Every = Literal["day", "week", "month", "quarter"]
OVERS: tuple[str, ...] = ("period", "to_date", "year", "year_before", "previous")
Path = tuple[str | int, ...]
FigureAt = tuple[Path, str, str]  # where a figure is named, which one, and the breakdown asked of it ("" for none)
COLOURS = ("red", "yellow", "green")


class Column(Definition):
    """One figure as a column; a bare name serves. ``over``: that of the block unless it says otherwise."""

    figure: DottedName
    over: Over | None = None
    title: Label | None = None
    places: int | None = Slot(default=None, ge=0, le=6)


class Reports(Definition):
    """Reports that are due each month: how many ought to send one, and how many came. What is missing stands in the table."""

    expected: DottedName
    received: DottedName


class LightRule(Sourced):
    """When the light is red, when it is yellow: formulas over the rule's ``inputs``; otherwise it is green. The rule of a bulletin
    is the newest in effect when its period ends; without one there is no light."""

    inputs: dict[Name, DottedName] = Slot(min_length=1)
    red: str
    yellow: str
    effective_from: date
    says: Label


class Block(Definition):
    """What tables, rankings, lists and charts have in common. ``over``: the stretch of time, seen from the bulletin's period."""

    name: Name
    title: Label
    over: Over = "period"
    note: Label | None = None

    @field_validator("name")
    @classmethod
    def _not_a_number(cls, value: str) -> str:
        if value.removeprefix("n").isdigit():
            raise BilingualError(
                f"「{value}」是数字标记用的名称，请换一个", f"{value} is how numbers are marked: choose another name"
            )
        return value


class Tabular(Block):
    columns: tuple[Column, ...] = Slot(min_length=1, max_length=8)
    light: tuple[LightRule, ...] = ()
    reports: Reports | None = None

    @field_validator("columns", mode="before")
    @classmethod
    def _bare_names(cls, value: object) -> object:
        return [{"figure": v} if isinstance(v, str) else v for v in value] if isinstance(value, (list, tuple)) else value

    @field_validator("light")
    @classmethod
    def _one_rule_a_day(cls, rules: tuple[LightRule, ...]) -> tuple[LightRule, ...]:
        days = [rule.effective_from for rule in rules]
        if len(set(days)) < len(days):
            raise BilingualError("同一天起施行的亮灯规则有两条", "two rules for the light take effect on the same day")
        return rules

    @property
    def inner(self) -> Iterator[tuple[Path, str]]:
        """Every figure of a row, with its place below the block."""
        yield from ((("columns", n, "figure"), c.figure) for n, c in enumerate(self.columns))
        for n, rule in enumerate(self.light):
            yield from ((("light", n, "inputs", name), figure) for name, figure in rule.inputs.items())
        if self.reports:
            yield ("reports", "expected"), self.reports.expected
            yield ("reports", "received"), self.reports.received


class Table(Tabular):
    """Figures by one breakdown, in the order of its parts."""

    by: Name
    whole: bool = True  # whether a line with the total stands at the end


class Ranking(Tabular):
    """A table ordered by one figure, highest first (``lowest_first``: the other way), ties sharing a place. The formula of the
    figure it is ordered by is printed beneath."""

    by: Name
    order: DottedName
    lowest_first: bool = False


class Listing(Tabular):
    """The records that a figure counts, one a row: fields of the register as they were known, and figures by what names them.

    ``of``: a measure; its register, condition and period say which records. ``by``: the breakdown of the columns whose parts
    are the records themselves (by the register's key). Refused on a confidential register.
    """

    of: DottedName
    by: Name
    fields: tuple[Name, ...] = Slot(min_length=1, max_length=6)
    only: tuple[Literal["red", "yellow", "green"], ...] = ()  # only these lights; none: all records


class Chart(Block):
    """A picture of one figure: ``bar`` by a breakdown, ``line`` by ``month`` or ``to_month``, held against another where given.
    The numbers stand beside it as its text."""

    figure: DottedName
    by: Name
    kind: Literal["bar", "line"] = "bar"
    against: DottedName | None = None


class Schedule(Definition):
    """When the next issue is drafted: ``day`` of the month (of the quarter's first month) or of the week (1 is Monday) after the
    period's end, from ``hour`` on."""

    every: Every
    day: int = Slot(default=1, ge=1, le=28)
    hour: int = Slot(default=8, ge=0, le=23)
    each: Literal["county", "town", "village", "grid"] | None = None  # one issue for each area of this level; None: one of all

    @model_validator(mode="after")
    def _a_day_of_the_week(self) -> Self:
        if self.every == "week" and self.day > 7:
            raise BilingualError("每周的 day 应为 1（星期一）至 7", "a day of the week is 1 (Monday) to 7")
        return self


class Masthead(Definition):
    """The head of an official document: the issuing body in red above a red line. The document number is typed by whoever publishes."""

    body: Label


Markdown = Annotated[Label, Slot()]


class Bulletin(Definition):
    """A bulletin as a pack declares it. ``template`` is Markdown with marks, in each language."""

    name: Name
    title: Label
    period: Every
    area: str = ""
    issuer: Label
    masthead: Masthead | None = None
    schedule: Schedule | None = None
    tables: tuple[Table, ...] = ()
    rankings: tuple[Ranking, ...] = ()
    lists: tuple[Listing, ...] = ()
    charts: tuple[Chart, ...] = ()
    template: Markdown

    @model_validator(mode="after")
    def _in_itself(self) -> Self:
        names = [block.name for _, block in self.blocks()]
        for name in names:
            if names.count(name) > 1:
                raise BilingualError(f"「{name}」重复", f"{name} stands twice")
        if self.schedule and self.schedule.every != self.period:
            raise BilingualError(
                f"每{EVERY[self.schedule.every]}起草的通报，时期不能是{EVERY[self.period]}", f"a bulletin of a {self.period} cannot be drafted every {self.schedule.every}"
            )  # fmt: skip
        return self

    def blocks(self) -> Iterator[tuple[Path, Block]]:
        """Everything that stands beside the text, with its place."""
        for section in ("tables", "rankings", "lists", "charts"):
            yield from (((section, n), block) for n, block in enumerate(getattr(self, section)))

    def block(self, name: str) -> Block | None:
        return next((block for _, block in self.blocks() if block.name == name), None)

    def figures(self) -> Iterator[FigureAt]:
        """Every figure that the blocks name, with its place and the breakdown asked of it."""
        for path, block in self.blocks():
            if isinstance(block, Chart):
                yield (*path, "figure"), block.figure, block.by
                if block.against:
                    yield (*path, "against"), block.against, block.by if block.kind == "bar" else ""
            elif isinstance(block, (Table, Ranking, Listing)):
                yield from (((*path, *inner), figure, block.by) for inner, figure in block.inner)
                if isinstance(block, Ranking):
                    yield (*path, "order"), block.order, block.by
                if isinstance(block, Listing):
                    yield (*path, "of"), block.of, ""


EVERY = {"day": "日", "week": "周", "month": "月", "quarter": "季度"}
