"""Asking for figures: ``answer`` for one, ``many`` for a page of them.

    answer("projects.invested", account=account, area="431322", period="2021-01..2021-10", by="town")

Before anything is computed the store has caught up with the ledger, so what was saved a moment ago is counted. The area asked
for must lie where the account may view the figure's registers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from django.contrib.auth.models import AnonymousUser

from banjie.figures import cells, wording
from banjie.figures.asking import Asking, Request, Where, as_period, asking, axis_of, check_breakdown
from banjie.figures.catalogue import figures
from banjie.figures.cells import Cell
from banjie.figures.evaluation import Evaluation, Parts
from banjie.figures.plan import Axis, Combination, Observation, Plan
from banjie.figures.tracing import Trace, trace_of
from banjie.lib import clock
from banjie.lib.periods import Period
from banjie.lib.text import Text
from banjie.lib.units import plain
from banjie.people.models import Account

__all__ = ["Answer", "Part", "Request", "answer", "answers_to", "many"]


@dataclass(frozen=True, slots=True)
class Part:
    """One part of an answer: a town, an industry, a month."""

    code: str
    title: Text
    value: Decimal | None
    display: Text
    rows: int
    no_value: Text | None
    status: str
    notes: tuple[Text, ...] = ()
    inputs: tuple[Cell, ...] = ()  # of a ratio: numerator and denominator

    def as_json(self) -> dict[str, object]:
        said: dict[str, object] = {
            "code": self.code,
            "title": str(self.title),
            "value": _digits(self.value),
            "display": str(self.display),
        }
        said |= {"rows": self.rows, "status": self.status}
        return said | ({"no_value": str(self.no_value)} if self.no_value else {})


@dataclass(frozen=True, slots=True)
class Answer:
    """A figure's value with everything by which it can be checked.

    ``value`` is in the base unit (yuan; a ratio as a fraction), ``None`` where there is none, and then ``no_value`` says why.
    ``period`` is the one asked for; a note says where the figure is kept by longer stretches. ``area`` None: all there is.
    """

    figure: str
    title: Text
    area: str | None
    area_title: Text
    period: Period | None
    as_of: datetime
    value: Decimal | None
    unit: str
    display: Text
    basis: str
    status: str
    definition: str
    rows: int
    status_title: Text
    basis_title: Text
    no_value: Text | None = None
    by: str | None = None
    parts: tuple[Part, ...] = ()
    numerator: Answer | None = None
    denominator: Answer | None = None
    qualifier: str = ""
    source: str = ""
    notes: tuple[Text, ...] = ()
    additive: bool = True  # whether the parts add up to the whole
    trace: Trace | None = None

    def shown(self, places: int) -> Text:
        """The value at so many decimal places: 80% instead of 79.6%."""
        if self.value is None:
            return self.display
        cell = Cell(self.value, self.rows, qualifier=self.qualifier)
        return wording.display(figures().figures[self.figure], cell, places=places)

    def as_json(self) -> dict[str, object]:
        """The shape of ``banjie figure --json`` and of the API."""
        said: dict[str, object] = {
            "figure": self.figure,
            "area": self.area,
            "period": str(self.period) if self.period else None,
            "as_of": self.as_of.astimezone(clock.LOCAL).isoformat(),
            "value": _digits(self.value),
            "unit": self.unit,
            "display": str(self.display),
            "basis": self.basis,
            "status": self.status,
            "definition": self.definition,
            "rows": self.rows,
        }
        if self.no_value:
            said["no_value"] = str(self.no_value)
        if self.notes:
            said["notes"] = [str(n) for n in self.notes]
        if self.source:
            said["source"] = self.source
        if self.by:
            said["by"] = self.by
            said["parts"] = [p.as_json() for p in self.parts]
        if self.trace is not None:
            said["trace"] = self.trace.as_json()
        return said


def answer(
    name: str,
    *,
    account: Account | AnonymousUser | None,
    area: str | None = None,
    period: Period | str | None = None,
    by: str | None = None,
    as_of: datetime | None = None,
    trace: bool = False,
) -> Answer:
    """The figure as it is known now, or as it was known at ``as_of``. ``account`` None is the system, which sees everything.

    Raises NotFound (figure, area), NotPermitted (area), Refusal (a period that is none, a breakdown that is not offered).
    """
    request = Request(name, area, period, by, as_of)
    with asking(account) as asked:
        (given,) = answers_to(asked, [request])
        return replace(given, trace=trace_of(asked, request)) if trace else given


def many(requests: Sequence[Request], account: Account | AnonymousUser | None) -> list[Answer]:
    """Several figures as of one state of the store, in few scans: measures over the same rows share one."""
    with asking(account) as asked:
        return answers_to(asked, requests)


def answers_to(asked: Asking, requests: Sequence[Request]) -> list[Answer]:
    evaluations: dict[tuple[Where, datetime | None], Evaluation] = {}
    prepared = []
    for request in [replace(r, as_of=asked.moment(r.as_of)) for r in requests]:
        plan, period = asked.plan(request.name), as_period(request.period)
        check_breakdown(plan, request.by)
        where = asked.where(plan, request.area)
        evaluation = evaluations.setdefault((where, request.as_of), asked.evaluation(where, request.as_of))
        prepared.append((request, plan, period, where, evaluation))
    for evaluation in evaluations.values():
        evaluation.prepare((plan, period, r.by) for r, plan, period, _, mine in prepared if mine is evaluation)
    return [_answer(asked, request, plan, period, where, evaluation) for request, plan, period, where, evaluation in prepared]


def _answer(asked: Asking, request: Request, plan: Plan, period: Period | None, where: Where, evaluation: Evaluation) -> Answer:
    parts = evaluation.cells(plan, period, request.by)
    whole = parts[None]
    given = _made(asked, plan, whole, where, period, request.as_of)
    axis = axis_of(plan, request.by)
    if axis is not None:
        given = replace(given, by=request.by, parts=_parts(asked, plan, parts, axis))
    if isinstance(plan, Observation) and whole.value is None and period is not None:
        given = _joined(asked, given, plan, period, parts, axis, evaluation)
    if isinstance(plan, Combination) and plan.kind == "ratio" and len(whole.inputs) == 2:
        numerator, denominator = (
            _made(asked, p, cell, where, period, request.as_of) for p, cell in zip(plan.of, whole.inputs, strict=True)
        )
        given = replace(given, numerator=numerator, denominator=denominator)
    return given


def _made(asked: Asking, plan: Plan, cell: Cell, where: Where, period: Period | None, as_of: datetime | None) -> Answer:
    figure = plan.figure
    basis = cell.basis if isinstance(plan, Observation) else figure.basis
    return Answer(
        figure=figure.name,
        title=figure.title,
        area=where.area,
        area_title=where.title,
        period=period,
        as_of=as_of or asked.now,
        value=_given_out(plan, cell),
        unit=figure.unit,
        display=wording.display(figure, cell),
        basis=basis,
        status=cell.status,
        definition=asked.known.digest(figure.name),
        rows=cell.rows,
        status_title=wording.status_title(cell.status, plan),
        basis_title=wording.BASES.get(basis, Text(basis, basis)),
        no_value=cell.no_value,
        qualifier=cell.qualifier,
        source=cell.source,
        notes=cell.notes,
        additive=_adds_up(plan),
    )


def _parts(asked: Asking, plan: Plan, parts: Parts, axis: Axis | str) -> tuple[Part, ...]:
    of_all = [abs(cell.value) for cell in parts.values() if cell.value is not None]
    whole = parts[None].value
    like = whole if whole else max(of_all, default=None)
    codes = sorted((c for c in parts if c is not None), key=lambda c: wording.part_order(axis, c, plan))
    return tuple(
        Part(
            code, wording.part_title(axis, code, plan, asked.places), _given_out(plan, cell), wording.display(plan.figure, cell, like=like),
            cell.rows, cell.no_value, cell.status, cell.notes, cell.inputs,
        )
        for code in codes for cell in (parts[code],)
    )  # fmt: skip


def _joined(
    asked: Asking, given: Answer, plan: Observation, period: Period, parts: Parts, axis: Axis | str | None, evaluation: Evaluation
) -> Answer:
    """Shares that have no whole, shown side by side."""
    fields = [a for a in plan.axes.values() if a.field is not None]
    if len(fields) != 1 or not (plan.figure.display.joined or plan.figure.unit in {"percent", "permille"}):
        return given
    if axis != fields[0]:
        parts = evaluation.cells(plan, period, fields[0].name)
    found = sorted((c for c in parts if c), key=lambda c: wording.part_order(fields[0], c, plan))
    if not found:
        return replace(given, no_value=cells.NO_ROWS)
    each = [parts[c] for c in found]
    weakest = _made(asked, plan, cells.added(each), Where(given.area, given.area_title, None, True), period, given.as_of)
    return replace(
        given, display=wording.joined(plan.figure, each), rows=len(each), status=weakest.status, status_title=weakest.status_title,
        basis=each[0].basis, basis_title=weakest.basis_title, source=each[0].source, notes=each[0].notes,
    )  # fmt: skip


def _adds_up(plan: Plan) -> bool:
    if isinstance(plan, Combination):
        return plan.kind == "sum" and all(_adds_up(p) for p in plan.of)
    return getattr(plan, "additive", False)


def _given_out(plan: Plan, cell: Cell) -> Decimal | None:
    """The value as it leaves: sums exactly, quotients and roots to their significant digits."""
    inexact = isinstance(plan, Combination) and plan.kind != "sum"
    return cells.significant(cell.value) if inexact and cell.value is not None else cell.value


def _digits(value: Decimal | None) -> str | None:
    return None if value is None else plain(value)
