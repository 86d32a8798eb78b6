"""Asking for figures: ``answer`` for one, ``many`` for a page of them.

    answer("projects.invested", account=account, area="431322", period="2021-01..2021-10", by="town")

Before anything is computed the store has caught up with the ledger, so what was saved a moment ago is counted. The area asked
for must lie where the account may view the figure's registers.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from functools import reduce
from typing import Any

from django.contrib.auth.models import AnonymousUser

from banjie.figures import cells, store, wording
from banjie.figures.catalogue import figures
from banjie.figures.cells import Cell
from banjie.figures.definition import TIME_STEPS
from banjie.figures.evaluation import Evaluation, Parts
from banjie.figures.places import Places
from banjie.figures.plan import Axis, Combination, Compiled, Observation, Plan
from banjie.lib import clock
from banjie.lib.errors import NotFound, NotPermitted, Refusal
from banjie.lib.periods import Period
from banjie.lib.text import Text
from banjie.lib.units import plain
from banjie.people.areasets import EVERYWHERE, AreaSet
from banjie.people.models import Account
from banjie.people.scopes import scope_of
from banjie.people.verbs import Verb


@dataclass(frozen=True, slots=True)
class Request:
    """One question, for ``many``."""

    name: str
    area: str | None = None
    period: Period | str | None = None
    by: str | None = None
    as_of: datetime | None = None


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
    no_value: Text | None = None
    by: str | None = None
    parts: tuple[Part, ...] = ()
    numerator: Answer | None = None
    denominator: Answer | None = None
    status_title: Text = Text("", "")
    basis_title: Text = Text("", "")
    qualifier: str = ""
    source: str = ""
    notes: tuple[Text, ...] = ()
    additive: bool = True  # whether the parts add up to the whole
    trace: Any = None  # tracing.Trace, where asked for

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
        (given,) = asked.answers([request])
        return given


def many(requests: Sequence[Request], account: Account | AnonymousUser | None) -> list[Answer]:
    """Several figures as of one state of the store, in few scans: measures over the same rows share one."""
    with asking(account) as asked:
        return asked.answers(requests)


@dataclass(frozen=True, slots=True)
class Where:
    """The area asked for, resolved: its code, and the codes to which rows are restricted (None: not at all)."""

    area: str | None
    title: Text
    areas: frozenset[str] | None
    unplaced: bool


@dataclass
class Asking:
    """An account asking questions of one state of the store."""

    account: Account | AnonymousUser | None
    reading: store.Reading
    known: Compiled
    places: Places
    now: datetime

    def answers(self, requests: Sequence[Request]) -> list[Answer]:
        evaluations: dict[tuple[Where, datetime | None], Evaluation] = {}
        prepared = []
        for request in requests:
            plan, period = self.plan(request.name), as_period(request.period)
            _check_breakdown(plan, request.by)
            where = self.where(plan, request.area)
            evaluation = evaluations.setdefault((where, request.as_of), self.evaluation(where, request.as_of))
            prepared.append((request, plan, period, where, evaluation))
        for evaluation in evaluations.values():
            evaluation.prepare((plan, period, r.by) for r, plan, period, _, mine in prepared if mine is evaluation)
        return [self._answer(request, plan, period, where, evaluation) for request, plan, period, where, evaluation in prepared]

    def plan(self, name: str) -> Plan:
        """Raises NotFound."""
        if name not in self.known.plans:
            raise NotFound(Text(f"没有名为「{name}」的指标", f"there is no figure called {name}"))
        return self.known.plans[name]

    def evaluation(self, where: Where, as_of: datetime | None) -> Evaluation:
        return Evaluation(self.reading.cursor, self.reading.closings, as_of, where.area, where.areas, where.unplaced, self.places)

    def where(self, plan: Plan, area: str | None) -> Where:
        """The area asked for, or the account's own. Raises NotFound and NotPermitted."""
        held = self._may_view(plan)
        if area is None:
            return self._own(held)
        if area not in self.places.by_code:
            raise NotFound(Text(f"没有代码为「{area}」的地区", f"there is no area with the code {area}"))
        within = self.places.within(area)
        if not within <= held.codes and not held.everything:
            raise NotPermitted(self._refusal(area, held))
        return self._where(area, within, held)

    def _may_view(self, plan: Plan) -> AreaSet:
        """Where the account may view every register the figure is made of."""
        if self.account is None:
            return EVERYWHERE
        scope = scope_of(self.account)
        held = [scope.areas(Verb.VIEW, register) for register in sorted(plan.registers)]
        if any(not h for h in held):
            raise NotPermitted(
                Text(
                    "您没有查看「{figure}」所用登记表的权限。如工作需要,请联系本单位信息管理员授权。",
                    "You may not view the registers that {figure} is made of. If your work needs it, ask your IT officer for a grant.",
                ).format(figure=plan.figure.title)
            )
        return reduce(_both, held)

    def _own(self, held: AreaSet) -> Where:
        if held.everything:
            tops = self.places.tops & self.places.by_code.keys()
            if len(tops) != 1:
                return Where(None, Text("全部地区", "all areas"), None, True)
            (top,) = tops
            return self._where(top, self.places.within(top), held)
        tops = self._tops(held.codes)
        if len(tops) == 1:
            return self._where(tops[0], self.places.within(tops[0]), held)
        names = Text("、".join(self.places.name(c).zh for c in tops), ", ".join(self.places.name(c).en for c in tops))
        return Where(None, names, held.codes, held.unplaced)

    def _where(self, area: str, within: frozenset[str], held: AreaSet) -> Where:
        unplaced = held.unplaced and bool(self.places.tops) and self.places.tops <= within
        everything = unplaced and within >= self.places.by_code.keys()
        return Where(area, self.places.name(area), None if everything else within, unplaced)

    def _tops(self, codes: frozenset[str]) -> list[str]:
        """The highest areas among some, by code."""
        return sorted(c for c in codes if c in self.places.by_code and self.places.by_code[c].parent not in codes)

    def _refusal(self, area: str, held: AreaSet) -> Text:
        tops = self._tops(held.codes)[:8]
        return Text("您不能查询{area};可以查询:{names}", "You may not ask about {area}; you may ask about: {names}").format(
            area=self.places.name(area),
            names=Text("、".join(self.places.name(c).zh for c in tops), ", ".join(self.places.name(c).en for c in tops)),
        )

    def _answer(self, request: Request, plan: Plan, period: Period | None, where: Where, evaluation: Evaluation) -> Answer:
        parts = evaluation.cells(plan, period, request.by)
        whole = parts[None]
        given = self._made(plan, whole, where, period, request.as_of)
        axis = _axis(plan, request.by)
        if axis is not None:
            given = replace(given, by=request.by, parts=self._parts(plan, parts, axis))
        if isinstance(plan, Observation) and whole.value is None and period is not None:
            given = self._joined(given, plan, period, parts, axis, evaluation)
        if isinstance(plan, Combination) and plan.kind == "ratio" and len(whole.inputs) == 2:
            numerator, denominator = (
                self._made(p, cell, where, period, request.as_of) for p, cell in zip(plan.of, whole.inputs, strict=True)
            )
            given = replace(given, numerator=numerator, denominator=denominator)
        return given

    def _made(self, plan: Plan, cell: Cell, where: Where, period: Period | None, as_of: datetime | None) -> Answer:
        figure = plan.figure
        return Answer(
            figure.name, figure.title, where.area, where.title, period, as_of or self.now,
            _given_out(plan, cell), figure.unit, wording.display(figure, cell), cell.basis if isinstance(plan, Observation) else figure.basis,
            cell.status, self.known.digest(figure.name), cell.rows, cell.no_value,
            status_title=wording.status_title(cell.status, plan), basis_title=wording.BASES.get(cell.basis, Text(cell.basis, cell.basis)),
            qualifier=cell.qualifier, source=cell.source, notes=cell.notes, additive=_adds_up(plan),
        )  # fmt: skip

    def _parts(self, plan: Plan, parts: Parts, axis: Axis | str) -> tuple[Part, ...]:
        codes = sorted((c for c in parts if c is not None), key=lambda c: wording.part_order(axis, c, plan))
        return tuple(
            Part(
                code, wording.part_title(axis, code, plan, self.places), _given_out(plan, cell), wording.display(plan.figure, cell),
                cell.rows, cell.no_value, cell.status, cell.notes, cell.inputs,
            )
            for code in codes for cell in (parts[code],)
        )  # fmt: skip

    def _joined(
        self, given: Answer, plan: Observation, period: Period, parts: Parts, axis: Axis | str | None, evaluation: Evaluation
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
        weakest = self._made(plan, cells.added(each), Where(given.area, given.area_title, None, True), period, given.as_of)
        return replace(
            given, display=wording.joined(plan.figure, each), rows=len(each), status=weakest.status, status_title=weakest.status_title,
            basis=each[0].basis, basis_title=weakest.basis_title, source=each[0].source, notes=each[0].notes,
        )  # fmt: skip


@contextmanager
def asking(account: Account | AnonymousUser | None) -> Iterator[Asking]:
    """Catch up with the ledger and ask. All answers inside are of one state of the store."""
    with store.reading() as reading:
        yield Asking(account, reading, figures(), Places.read(), clock.now())


def as_period(period: Period | str | None) -> Period | None:
    return Period.parse(period) if isinstance(period, str) else period


def _axis(plan: Plan, by: str | None) -> Axis | str | None:
    return by if by is None or by in TIME_STEPS else plan.axes[by]


def _check_breakdown(plan: Plan, by: str | None) -> None:
    if by is None or by in TIME_STEPS or by in plan.axes:
        return
    offered = ", ".join((*plan.axes, *TIME_STEPS))
    raise Refusal(
        Text("「{figure}」不能按 {by} 分组;可用:{offered}", "{figure} cannot be broken down by {by}; there are {offered}").format(
            figure=plan.figure.title, by=by, offered=offered
        )
    )


def _both(a: AreaSet, b: AreaSet) -> AreaSet:
    """Where both are permitted."""
    if a.everything or b.everything:
        return b if a.everything else a
    return AreaSet(a.codes & b.codes, None, a.unplaced and b.unplaced)


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
