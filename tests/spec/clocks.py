"""The tables of the clock specification: what happened to a clock, written as one cell, and when it is then due."""

from __future__ import annotations

from tests.spec.working_table import SHIPPED

from banjie.lib.dates import parse_moment
from banjie.matters.clocks import Event, EventKind, Explained, due_time
from banjie.places.calendar import Calendar
from banjie.places.terms import parse_term

YEAR = "2021-"
KINDS: dict[str, EventKind] = {"pause": "pause", "resume": "resume", "stop": "stop"}


def reckoned(start: str, term: str, happened: str, *, at_least: bool = False, calendar: Calendar = SHIPPED) -> Explained:
    """``happened`` is a list such as "pause 09-08 10:00, resume 09-10 15:00, extend 3 workdays 09-10 16:00"."""
    events = [Event("start", parse_moment(start))]
    for said in filter(None, (part.strip() for part in happened.split(","))):
        kind, *amount, day, hour = said.split()
        moment = parse_moment(f"{YEAR}{day} {hour}")
        events.append(Event("extend", moment, parse_term(" ".join(amount))) if kind == "extend" else Event(KINDS[kind], moment))
    return due_time(events, parse_term(term), calendar, at_least=at_least)


def due(start: str, term: str, happened: str, *, at_least: bool = False) -> str:
    """For instance "2021-09-15 17:30"; or "open" while the clock stands still."""
    found = reckoned(start, term, happened, at_least=at_least)
    return "open" if found.moment is None else f"{found.moment:%Y-%m-%d %H:%M}"
