"""Figures against a slow oracle that knows no SQL: it walks the ledger's entries and runs the formulas in Python.

Histories are generated: records of two registers are created, changed, moved to another town, removed and restored at random
moments, some at the very same one; the store catches up now and then in between. Any figure, area, period, breakdown and
moment must get the same answer from both, also after the lake was made anew or tidied.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase, TransactionTestCase
from tests.rooms.figures_world import BAIXI, COMMITTED, COUNTY, YANGXI, ask, build

from banjie.figures import store
from banjie.figures.catalogue import figures
from banjie.figures.plan import Measure
from banjie.ledger.models import Entry
from banjie.lib import clock
from banjie.lib.periods import Period
from banjie.registers.actions import create, remove, restore, update
from banjie.registers.models import Record
from banjie.registers.values import typed

Base = TransactionTestCase if COMMITTED else TestCase
START = datetime(2021, 1, 1, tzinfo=UTC)
AMOUNTS = st.one_of(st.none(), st.decimals(min_value=-1000, max_value=10**12, places=2))
INDUSTRIES = st.sampled_from([None, "ceramics", "printing", "health"])
TOWNS = st.sampled_from([YANGXI, BAIXI])
MONTHS = st.sampled_from([f"2021-{m:02}" for m in range(1, 13)])
STEP = st.one_of(
    st.tuples(st.just("project"), TOWNS, INDUSTRIES, AMOUNTS, st.sampled_from([None, "open", "dropped"])),
    st.tuples(st.just("report"), st.integers(0, 5), MONTHS, AMOUNTS),
    st.tuples(st.just("change_project"), st.integers(0, 5), TOWNS, INDUSTRIES, AMOUNTS),
    st.tuples(st.just("change_report"), st.integers(0, 9), AMOUNTS),
    st.tuples(st.just("remove"), st.integers(0, 9)),
    st.tuples(st.just("restore"), st.integers(0, 9)),
    st.tuples(st.just("catch_up")),
)
HISTORY = st.lists(st.tuples(st.integers(0, 40), STEP), min_size=4, max_size=25)  # days since the step before
NAMES = (
    "projects.count",
    "projects.planned",
    "projects.average",
    "projects.invested",
    "projects.reporting",
    "projects.ceramics_invested",
)
PERIODS = st.sampled_from([None, "2021", "2021-03", "2021H1", "2021-02..2021-09"])


def live(history: Iterable[tuple[int, tuple[object, ...]]]) -> datetime:
    """Let it happen; gives the moment after the end."""
    now = START
    for number, (days, step) in enumerate(history):
        now += timedelta(days=days)
        with clock.simulated(now):
            _do(number, step)
    return now + timedelta(days=1)


def _do(number: int, step: tuple[object, ...]) -> None:
    kind, *values = step
    if kind == "project":
        town, industry, planned, status = values
        row = {
            "code": f"P{number:03}",
            "town": town,
            "industry": industry,
            "planned": planned,
            "status": status,
            "plan_year": 2021,
        }
        create("projects", row, by=None)
    elif kind == "report":
        project = _nth("projects", values[0])
        key = f"{project.key}/{values[1]}" if project else ""
        if project and not Record.objects.of("reports").filter(key=key).exists():
            create("reports", {"project": project.key, "month": values[1], "invested": values[2]}, by=None)
    elif kind == "change_project" and (record := _nth("projects", values[0])):
        update(record, {"town": values[1], "industry": values[2], "planned": values[3]}, version=record.version, by=None)
    elif kind == "change_report" and (record := _nth("reports", values[0])):
        update(record, {"invested": values[1]}, version=record.version, by=None)
    elif kind == "remove" and (record := _nth("reports", values[0])):
        remove(record, version=record.version, by=None)
    elif kind == "restore":
        gone = (
            Record.objects.of("reports").filter(removed_at__isnull=False, parent__removed_at__isnull=True).order_by("pk").first()
        )
        if gone:
            restore(gone, version=gone.version, by=None)
    elif kind == "catch_up":
        store.catch_up()


def _nth(register: str, n: object) -> Record | None:
    rows = list(Record.objects.of(register).live().order_by("pk"))
    return rows[int(str(n)) % len(rows)] if rows else None


# -- the oracle ------------------------------------------------------------------------------------


def states(register: str, as_of: datetime | None) -> list[dict[str, object]]:
    """The body of the last entry of each record that was not removed, as known then."""
    last: dict[int, dict[str, object]] = {}
    for entry in Entry.objects.filter(verb__startswith="record.").order_by("id"):
        if entry.body["register"] == register and (as_of is None or entry.at <= as_of):
            last[entry.body["record"]] = entry.body
    return list(last.values())


def expected(name: str, area: str, period: str | None, by: str | None, as_of: datetime | None) -> dict[str | None, object]:
    plan = figures().plans[name]
    assert isinstance(plan, Measure)
    above = {b["record"]: b for b in states(plan.parent.name, as_of)} if plan.parent else {}
    rows, all_rows = [], []
    for body in states(plan.register.name, as_of):
        row = typed(body["data"], plan.register)  # type: ignore[arg-type]
        if plan.parent:
            parent = above.get(body["parent"])
            row |= {f"parent_{k}": v for k, v in typed(parent["data"] if parent else {}, plan.parent).items()}  # type: ignore[arg-type]
        in_area = area == COUNTY or body["area"] == area
        if not body["removed"] and in_area and _in_period(plan, row, period):
            all_rows.append(body)
            if _holds(plan, row):
                rows.append((body, row))

    def over(some: list[dict[str, object]], recorded: bool) -> object:
        """Over nothing recorded there is no value; over records of which none counts, what the measure is over no rows."""
        return plan.measure.evaluate_rows(some) if recorded else None

    answers: dict[str | None, object] = {None: over([row for _, row in rows], bool(all_rows))}
    if by == "town":
        codes = [YANGXI, BAIXI] if area == COUNTY else [area]
        for code in codes:
            there = any(body["area"] == code for body in all_rows)
            answers[code] = over([row for body, row in rows if body["area"] == code], there)
    elif by == "industry":
        column = "parent_industry" if plan.parent else "industry"
        for code in {row[column] for _, row in rows}:
            answers[str(code or "")] = plan.measure.evaluate_rows([row for _, row in rows if row[column] == code])
    return answers


def _in_period(plan: Measure, row: dict[str, object], period: str | None) -> bool:
    if period is None or plan.time is None:
        return True
    value = row[plan.time.name]
    if plan.time.type == "year":
        return value == 2021
    assert value is None or isinstance(value, date)
    return value is not None and value in Period.parse(period)


def _holds(plan: Measure, row: dict[str, object]) -> bool:
    return plan.where is None or plan.where.evaluate(row) is True


def _asked(name: str, area: str, period: str | None, by: str | None, as_of: datetime | None) -> dict[str | None, object]:
    given = ask(name, period, area=area, by=by, as_of=as_of)
    return {None: given.value} | {p.code: p.value for p in given.parts}


class TestFiguresAgreeWithTheOracle(Base):  # type: ignore[misc, valid-type]
    @settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
    @given(data=st.data(), history=HISTORY)
    def test_at_any_moment(self, data: st.DataObject, history: list[tuple[int, tuple[object, ...]]]) -> None:
        with clock.simulated(START):
            build()  # each example begins with an empty database
        end = live(history)
        moments = [None, *sorted(set(Entry.objects.filter(at__lte=end).values_list("at", flat=True)))]
        tidied = data.draw(st.sampled_from([store.catch_up, store.rebuild, store.maintain]))
        for round_ in range(2):
            for name in NAMES:
                period = data.draw(PERIODS)
                by = data.draw(
                    st.sampled_from([None, "town", *(["industry"] if "industry" in figures().plans[name].axes else [])])
                )
                area = data.draw(st.sampled_from([COUNTY, YANGXI, BAIXI]))
                as_of = data.draw(st.sampled_from(moments))
                as_of = as_of and max(moments[1] or START, as_of + timedelta(seconds=data.draw(st.sampled_from([0, -1, 3600]))))
                with clock.simulated(end):
                    question = (name, area, period, by, as_of)
                    assert _numbers(_asked(*question)) == _numbers(expected(*question)), (round_, question)
            tidied()


def _numbers(answers: dict[str | None, object]) -> dict[str | None, Decimal | None]:
    return {code: None if v is None else Decimal(str(v)) for code, v in answers.items()}


pytestmark = [pytest.mark.slow]
