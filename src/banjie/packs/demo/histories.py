"""From rows as they are in the end to the writes that led there: entered late or early, wrong at first, filled in later."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from random import Random
from typing import Any

from banjie.lib import clock
from banjie.lib.clock import LOCAL
from banjie.lib.dates import parse_moment
from banjie.lib.errors import Refusal
from banjie.lib.text import Text
from banjie.packs.demo.days import OfficeDays, month_after
from banjie.packs.demo.definition import Correction, DemoSet, Late
from banjie.packs.demo.rows import Event, Row
from banjie.packs.demo.ways import choose_ways, steps_of
from banjie.registers.definition import Register

Actor = Callable[[DemoSet, Register, Row], str]  # the user name of whoever enters a row


@dataclass(slots=True)
class History:
    """The writes of all sets. ``order`` keeps what was thought of first before what came later at the same moment."""

    random: Random
    days: OfficeDays
    scale: int
    actor: Actor
    events: list[Event] = field(default_factory=list)
    today: date = field(default_factory=clock.today)

    def of_set(self, made: DemoSet, register: Register, rows: list[Row]) -> None:
        """Add the writes that make the rows of a set."""
        for row in rows:
            row.moment, row.by = self._moment(made, row), self.actor(made, register, row)
        if made.process:
            choose_ways(made, rows, self.random, self.scale)
            for row in rows:
                self.events += self._numbered(steps_of(made, row, self.days, self.random))
            return
        if made.late:
            self._delay(made.late, rows)
        wrong: dict[int, dict[str, Any]] = defaultdict(dict)
        for correction in made.corrections:
            self._correct(correction, made, register, rows, wrong)
        for row in rows:
            first = row.values | wrong[row.number]
            self._fill_in_later(made, register, row, first)
            self._add(row.moment, made, row, made.mode, made.why, first)

    def _moment(self, made: DemoSet, row: Row) -> datetime:
        recorded = made.recorded
        if recorded.at:
            return recorded.at
        if recorded.between:
            return self.days.some_time(*recorded.between)
        if recorded.day_of:
            return self.days.later(_as_day(row, recorded.day_of), (0, 2))
        if recorded.moment_of:
            return _as_moment(row, recorded.moment_of)
        if recorded.days_ago:
            return self.days.ago(self.today, recorded.days_ago)
        first, last = recorded.next_month or (1, 1)
        begins = month_after(row.month)
        return self.days.some_time(begins + timedelta(days=first - 1), begins + timedelta(days=last - 1))

    def _numbered(self, events: Iterator[Event]) -> Iterator[Event]:
        for order, event in enumerate(events, start=len(self.events)):
            yield replace(event, order=order)

    def _delay(self, late: Late, rows: list[Row]) -> None:
        for row in self.random.sample(rows, min(late.count * self.scale, len(rows))):
            assert row.moment is not None
            row.moment = self.days.later(row.moment.astimezone(LOCAL).date(), late.days)

    def _correct(
        self, correction: Correction, made: DemoSet, register: Register, rows: list[Row], wrong: dict[int, dict[str, Any]]
    ) -> None:
        name = correction.field
        able = [
            row for row in rows
            if row.get(name) and name not in wrong[row.number] and (not correction.months or row.month in correction.months)
            and (correction.at is None or _moment_of(row) < correction.at)
        ]  # fmt: skip
        wanted = correction.count * self.scale
        if len(able) < wanted:
            raise Refusal(
                Text(
                    f"要更正 {wanted} 行，可更正的只有 {len(able)} 行。",
                    f"{wanted} rows are to be corrected and only {len(able)} can be.",
                )
            )
        for row in self.random.sample(able, wanted):
            right = row.get(name)
            first = wrong[row.number][name] = _mistaken(right, self.random.choice(correction.factors), correction.step)
            why = self.random.choice(correction.why.raised if right > first else correction.why.lowered)
            moment = correction.at or self.days.later(_moment_of(row).astimezone(LOCAL).date(), correction.after_days or (1, 1))
            self._add(moment, made, row, "update", why, _key(register, row) | {name: right})

    def _fill_in_later(self, made: DemoSet, register: Register, row: Row, first: dict[str, Any]) -> None:
        for later in made.later:
            if row.get(later.after) is None:
                continue
            value = row.get(later.after)
            moment = value if isinstance(value, datetime) else self.days.later(_as_day(row, later.after), later.days)
            if moment <= _moment_of(row):
                continue  # it was known when the row was entered
            changes = {name: row.get(name) for name in later.fields}
            first.update({name: later.initially.get(name) for name in later.fields})
            self._add(moment, made, row, "update", later.why, _key(register, row) | changes)

    def _add(self, moment: datetime | None, made: DemoSet, row: Row, mode: str, why: str, values: dict[str, Any]) -> None:
        assert moment is not None
        self.events.append(Event(moment, len(self.events), made.register_, mode, row.by, why, values))


def batches(events: list[Event]) -> list[list[Event]]:
    """The writes in the order of their time; those of one moment, register, actor and reason together. Steps of matters stand
    alone."""
    together: dict[tuple[Any, ...], list[Event]] = defaultdict(list)
    for event in sorted(events):
        alone = event.order if event.process else None
        together[event.moment, event.register, event.mode, event.by, event.why, alone].append(event)
    return sorted(together.values(), key=lambda batch: (batch[0].moment, batch[0].order))


def _key(register: Register, row: Row) -> dict[str, Any]:
    return {name: row.get(name) for name in register.key}


def _moment_of(row: Row) -> datetime:
    assert row.moment is not None
    return row.moment


def _as_day(row: Row, name: str) -> date:
    value = row.get(name)
    return value if isinstance(value, date) else date.fromisoformat(str(value))


def _as_moment(row: Row, name: str) -> datetime:
    """Of a date: when the office opens."""
    value = row.get(name)
    if isinstance(value, datetime):
        return value
    text = str(value)
    return parse_moment(f"{text} 08:30" if len(text) == len("2021-10-31") else text)


def _mistaken(right: Any, factor: Decimal, step: Decimal) -> Decimal:
    """The wrong amount: ``right`` × factor in whole steps, and never the right one."""
    steps = (Decimal(right) * factor / step).quantize(Decimal(1), ROUND_HALF_UP)
    wrong = steps * step
    return wrong if wrong != right else wrong + step
