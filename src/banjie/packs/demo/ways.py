"""From the rows of matters to the steps that they take: which row goes which way, and when."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from random import Random
from typing import Any

from banjie.lib.dates import parse_moment
from banjie.lib.errors import Refusal
from banjie.lib.text import Text
from banjie.packs.demo.days import OfficeDays
from banjie.packs.demo.definition import DemoSet
from banjie.packs.demo.journeys import Step
from banjie.packs.demo.rows import Event, Row


def choose_ways(made: DemoSet, rows: list[Row], random: Random, scale: int) -> None:
    """Give every row its journey: exactly as many as are declared, drawn by lot among those that qualify."""
    left = list(rows)
    for journey in made.journeys:
        able = [row for row in left if row.meets(journey.where)]
        wanted = len(able) if journey.count is None else journey.count * scale
        if len(able) < wanted:
            raise Refusal(Text(
                f"「{journey.name}」要 {wanted} 件，符合条件的只有 {len(able)} 件。",
                f"{wanted} matters are to go the way {journey.name}, and only {len(able)} qualify.",
            ))  # fmt: skip
        chosen = {id(row) for row in random.sample(able, wanted)}
        for row in left:
            if id(row) in chosen:
                row.journey = journey
        left = [row for row in left if id(row) not in chosen]


def steps_of(made: DemoSet, row: Row, days: OfficeDays, random: Random) -> Iterator[Event]:
    """The opening of a matter, then its steps at their moments. ``order`` is left to the caller."""
    assert row.moment is not None
    later = {name for journey in made.journeys for name in journey.fills}
    first = {name: value for name, value in row.values.items() if name not in later}
    yield _event(made, row, row.moment, "open", row.by, first, why=made.why)
    moment = row.moment
    for step in row.journey.steps if row.journey else ():
        moment = _moment(step, row, moment, days)
        if moment < row.moment:
            raise Refusal(_BACKWARDS.format(name=row.journey.name if row.journey else ""))
        values = {name: row.get(name) for name in step.fills} | _set(step, row) | dict.fromkeys(step.now, moment)
        says = random.choice(step.says) if step.says else ""
        yield _event(made, row, moment, "step", step.by, values, why=step.why, step=step, says=_spoken(says, row))


def _moment(step: Step, row: Row, before: datetime, days: OfficeDays) -> datetime:
    if step.at is not None:
        return step.at
    if step.at_of is None:
        return days.step(before, *(step.after or ("1 hour", "1 hour")))
    value = row.get(step.at_of)
    if value is None:
        raise Refusal(_NO_MOMENT.format(key=row.key, field=step.at_of))
    if isinstance(value, datetime):
        return value
    text = str(value)
    return days.some_time(*[date.fromisoformat(text)] * 2) if len(text) == 10 else parse_moment(text)


_NO_MOMENT = Text(
    "「{key}」的「{field}」为空，不知道这一步的时间。", "{field} of {key} is empty: it says when the step is taken."
)
_BACKWARDS = Text("「{name}」中有一步早于收件时间。", "a step of the way {name} comes before the matter is handed in.")


def _event(made: DemoSet, row: Row, moment: Any, mode: str, by: str, values: dict[str, Any], **more: Any) -> Event:
    return Event(moment, 0, made.register_, mode, by, values=values, key=row.key, process=made.process or "", **more)


def _set(step: Step, row: Row) -> dict[str, Any]:
    return {n: _spoken(v, row) if isinstance(v, str) and "{" in v else v for n, v in step.set_.items()}


def _spoken(says: str, row: Row) -> str:
    """What is said may name fields of the row: 请补正 {subject} 的资料."""
    try:
        return says.format(**row.values)
    except (KeyError, IndexError, ValueError) as error:
        says_ = Text("演示中「{says}」所用的 {error} 不是字段。", "in the demonstration's words {says}, {error} is no field.")
        raise Refusal(says_.format(says=says, error=str(error))) from error
