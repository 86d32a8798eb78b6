"""What the address of a figure asks for, links that ask for it, and the period one most likely means."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Self
from urllib.parse import urlencode

from django.db.models import Max, Min
from django.http import QueryDict
from django.urls import reverse

from banjie.figures.answers import Answer, Part
from banjie.figures.asking import Request
from banjie.figures.plan import Axis, Plan
from banjie.figures.processes import ProcessRegister
from banjie.figures.wording import leaves
from banjie.lib.clock import LOCAL, today
from banjie.lib.errors import Invalid, Problem, Refusal
from banjie.lib.periods import Period
from banjie.lib.text import Text
from banjie.matters.models import Matter
from banjie.people.models import Account
from banjie.registers.columns import FieldValue
from banjie.registers.definition import Field, Register
from banjie.registers.models import Record

STEPS = {
    "month": Text("按月", "by month"),
    "to_month": Text("按月累计", "by month, so far"),
    "quarter": Text("按季", "by quarter"),
    "year": Text("按年", "by year"),
}
LEVELS = {
    "province": Text("按省", "by province"),
    "city": Text("按市州", "by city"),
    "county": Text("按县区", "by county"),
    "town": Text("按乡镇", "by town"),
    "village": Text("按村", "by village"),
    "grid": Text("按网格", "by grid"),
}


@dataclass(frozen=True)
class Question:
    """A figure's address: area, period, breakdown, as of. Empty means: one's own area, the newest period, none, now."""

    area: str = ""
    period: str = ""
    by: str = ""
    as_of: str = ""  # local time, as a form's control gives it

    @classmethod
    def of(cls, query: QueryDict) -> Self:
        return cls(*(query.get(name, "").strip() for name in ("area", "period", "by", "as_of")))

    @property
    def moment(self) -> datetime | None:
        """Raises Invalid."""
        if not self.as_of:
            return None
        try:
            given = datetime.fromisoformat(self.as_of)
        except ValueError:
            says = Text("应为日期和时间，如 2021-12-13T09:00", "must be a date and time such as 2021-12-13T09:00")
            raise Invalid([Problem("as_of", self.as_of, says)], {"as_of": Text("截至时点", "as of")}) from None
        return given if given.tzinfo else given.replace(tzinfo=LOCAL)

    def request(self, name: str, *, by: str | None = None) -> Request:
        return Request(name, self.area or None, self.period or None, by or self.by or None, self.moment)

    def link(self, name: str, **changes: str) -> str:
        """The page of a figure asked this way; ``changes`` replace parts of the question."""
        return figure_link(name, replace(self, **changes))

    def link_with(self, name: str, more: Mapping[str, str], anchor: str) -> str:
        """The same page with further parameters, at a place in it."""
        address = self.link(name)
        return f"{address}{'&' if '?' in address else '?'}{urlencode(more)}#{anchor}"


def figure_link(name: str, question: Question) -> str:
    asked = {"area": question.area, "period": question.period, "by": question.by, "as_of": question.as_of}
    given = {k: v for k, v in asked.items() if v}
    return reverse("figure", args=[name]) + (f"?{urlencode(given)}" if given else "")


def answer_link(answer: Answer, **changes: str) -> str:
    """The page that opens an answer: the very same question."""
    question = Question(answer.area or "", str(answer.period) if answer.period else "")
    return figure_link(answer.figure, replace(question, **changes))


def part_link(question: Question, name: str, plan: Plan, part: Part) -> str:
    """Where a part opens: a town as that town's figure, a month as that month's, anything else at its place in the breakdown."""
    axis = plan.axes.get(question.by)
    if question.by in {"year", "quarter", "month"} and part.code:
        return question.link(name, period=part.code, by="")
    if question.by == "to_month" and part.code:
        return question.link(name, period=f"{part.code[:4]}-01..{part.code}", by="")
    if axis is not None and axis.level and part.code:
        return question.link(name, area=part.code, by="")
    return question.link_with(name, {"part": part.code}, "rows")


def newest_period(account: Account, plan: Plan) -> str:
    """The newest period for which there are records: the year up to its newest month, or the year. One look into an index."""
    for leaf in leaves(plan):
        if isinstance(leaf.register, ProcessRegister):
            return _newest_of_matters(leaf.register)
        if leaf.time is not None and (found := _newest(account, leaf.register, leaf.time)):
            return found
    return str(today().year)


def _newest_of_matters(register: ProcessRegister) -> str:
    """The year up to the month in which the newest matter was opened."""
    newest = Matter.objects.filter(process=register.process).aggregate(newest=Max("opened_at"))["newest"]
    day = newest.astimezone(LOCAL).date() if newest else today()
    return str(Period.of_months((day.year, 1), (day.year, day.month)))


def _end(account: Account, register: Register, field: Field, sign: str) -> str:
    """The field's value in the first record by it, or in the last (``-``); empty where there is none."""
    rows = Record.objects.visible_to(account).of(register.name).live().annotate(position=FieldValue(field))
    if not sign:
        rows = rows.exclude(position=None)  # PostgreSQL sorts what is missing last, SQLite first
    end = rows.order_by(f"{sign}position", f"{sign}id").values_list("data", flat=True).first()
    value = (end or {}).get(field.name)
    return "" if value is None else str(value)


def _newest(account: Account, register: Register, field: Field) -> str:
    text = _end(account, register, field, "-")
    if not text:
        return ""
    if field.type == "year" or len(text) < 7:
        return text[:4]
    months = Period.of_months((int(text[:4]), 1), (int(text[:4]), int(text[5:7])))
    return str(months) if months.start <= today() else ""


YEARS_OFFERED = 10


def years_recorded(account: Account, plans: Iterable[Plan]) -> list[int]:
    """The years of the records from which figures are computed, newest first: those from the newest record back to the oldest, ten
    at most. Two looks into an index for each column of time."""
    columns = {(leaf.register.name, leaf.time.name): leaf for plan in plans for leaf in leaves(plan) if leaf.time is not None}
    found: set[int] = set()
    for leaf in columns.values():
        if isinstance(leaf.register, ProcessRegister):
            found |= _years_of_matters(leaf.register)
        elif leaf.time is not None:
            ends = [_end(account, leaf.register, leaf.time, sign) for sign in ("", "-")]
            found |= {int(value[:4]) for value in ends if value[:4].isdigit()}
    known = [year for year in found if year <= today().year]
    if not known:
        return []
    return list(range(max(known), max(min(known), max(known) - YEARS_OFFERED + 1) - 1, -1))


def _years_of_matters(register: ProcessRegister) -> set[int]:
    ends = Matter.objects.filter(process=register.process).aggregate(Min("opened_at"), Max("opened_at"))
    return {moment.astimezone(LOCAL).year for moment in ends.values() if moment}


def breakdowns(plan: Plan) -> list[tuple[str, str]]:
    """The breakdowns offered, with what they are called."""
    found = [(name, str(_axis_title(name, axis))) for name, axis in plan.axes.items()]
    if any(leaf.time is not None for leaf in leaves(plan)):
        found += [(name, str(title)) for name, title in STEPS.items()]
    return found


def _axis_title(name: str, axis: Axis) -> Text:
    if axis.field is None:
        return LEVELS.get(axis.level or name, Text(name, name))
    title = axis.field.title
    return Text(f"按{title.zh}", f"by {title.en[:1].lower()}{title.en[1:]}")


def nobody_title(plan: Plan, by: str) -> Text:
    """What belongs to none of a breakdown's values is called by what it lacks: 无挂点县级领导."""
    axis = plan.axes.get(by)
    if axis is None or axis.field is None:
        return Text("未填写", "not filled in")
    title = axis.field.title
    return Text(f"无{title.zh}", f"no {title.en[:1].lower()}{title.en[1:]}")


def breakdown_title(plan: Plan, by: str) -> str:
    return dict(breakdowns(plan)).get(by, by)


def periods_offered(period: str, years: Sequence[int] = ()) -> Sequence[str]:
    """Periods for the list beneath the input: around the one in force, and the years that have records."""
    try:
        year = Period.parse(period).start.year
    except Refusal:
        year = today().year
    return [
        str(year),
        f"{year}H1",
        f"{year}H2",
        *(f"{year}Q{q}" for q in range(1, 5)),
        *(f"{year}-{m:02}" for m in range(1, 13)),
        *(str(y) for y in sorted({year - 1, *years} - {year}, reverse=True)),
    ]


@dataclass(frozen=True)
class PeriodGroup:
    """Periods under one heading of a list to choose from: (as an address carries it, its title)."""

    title: Text
    periods: list[tuple[str, str]]


def period_choices(chosen: str, years: Sequence[int] = ()) -> list[PeriodGroup]:
    """The periods that an office speaks in, around the one chosen (which is always among them), and ``years`` that have records."""
    try:
        now = Period.parse(chosen)
    except Refusal:
        now = Period.of_year(today().year)
    year = now.start.year
    groups = [
        (Text("累计", "So far"), [f"{year}-01..{year}-{m:02}" for m in range(11, 1, -1)]),
        (Text("当月", "One month"), [f"{year}-{m:02}" for m in range(12, 0, -1)]),
        (Text("季度和半年", "Quarter, half-year"), [*(f"{year}Q{q}" for q in range(1, 5)), f"{year}H1", f"{year}H2"]),
        (
            Text("全年", "Whole year"),
            [str(y) for y in sorted({*range(min(year + 2, today().year), year - 4, -1), *years}, reverse=True)],
        ),
    ]
    found = [PeriodGroup(title, [(p, str(Period.parse(p).title)) for p in periods]) for title, periods in groups]
    if not any(chosen == p for group in found for p, _ in group.periods):
        found.insert(0, PeriodGroup(Text("所选", "Chosen"), [(chosen, str(now.title))]))
    return found


def stamp(moment: datetime) -> str:
    """A moment as an address carries it: local time, exact."""
    return moment.astimezone(LOCAL).strftime("%Y-%m-%dT%H:%M:%S.%f")


def months_of(period: Period) -> int:
    """How many months of the period have begun by today."""
    last = min(period.last, today())
    if last < period.start:
        return 0
    return (last.year - period.start.year) * 12 + last.month - period.start.month + 1
