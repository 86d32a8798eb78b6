"""What holds of every clock, whatever happens to it: tried on calendars, terms and events that nobody chose."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from banjie.matters.clocks import Event, Explained, due_time
from banjie.places.calendar import Calendar, Day
from banjie.places.terms import Term, Unit
from banjie.places.working_time import due

BEGIN, LENGTH = date(2021, 1, 1), 300
YEARS = {2021: "official", 2022: "official"}
MINUTE = timedelta(minutes=1)

moments = st.integers(0, 200 * 24 * 60).map(lambda n: datetime(2021, 1, 2, tzinfo=UTC) + n * MINUTE)
units: st.SearchStrategy[Unit] = st.sampled_from(["hours", "working_hours", "workdays", "days"])
days_off = st.sets(st.integers(0, LENGTH - 1), max_size=40)
terms = st.builds(lambda n, unit: Term(Decimal(n), unit), st.integers(1, 40), units)
pauses = st.lists(st.tuples(st.integers(0, 30 * 24 * 60), st.integers(0, 20 * 24 * 60)), max_size=4)


def calendar(off: set[int], half: frozenset[int] = frozenset()) -> Calendar:
    days = {BEGIN + timedelta(days=n): Day("morning") for n in half} | {BEGIN + timedelta(days=n): Day("day_off") for n in off}
    return Calendar(YEARS, days)  # type: ignore[arg-type]


def happened(start: datetime, gaps: list[tuple[int, int]]) -> list[Event]:
    """Start, then pauses one after another: so long after the last thing, for so long."""
    events = [Event("start", start)]
    for wait, length in gaps:
        begins = events[-1].at + wait * MINUTE
        events += [Event("pause", begins, basis="听证"), Event("resume", begins + length * MINUTE)]
    return events


@given(moments, terms, days_off, st.booleans())
@settings(max_examples=300, deadline=None)
def test_a_clock_to_which_nothing_happens_is_a_plain_term(start: datetime, term: Term, off: set[int], at_least: bool) -> None:
    known = calendar(off)
    assert due_time([Event("start", start)], term, known, at_least=at_least).moment == due(start, term, known, at_least).moment


@given(moments, terms, days_off, st.booleans(), pauses)
@settings(max_examples=600, deadline=None)
def test_pausing_never_shortens(start: datetime, term: Term, off: set[int], at_least: bool, gaps: list[tuple[int, int]]) -> None:
    known, before = calendar(off), None
    for n in range(len(gaps) + 1):
        moment = due_time(happened(start, gaps[:n]), term, known, at_least=at_least).moment
        assert moment is not None
        assert before is None or moment >= before
        before = moment


@given(moments, terms, days_off, st.booleans(), pauses, st.integers(0, LENGTH - 1))
@settings(max_examples=600, deadline=None)
def test_more_days_off_never_bring_a_due_time_forward(
    start: datetime, term: Term, off: set[int], at_least: bool, gaps: list[tuple[int, int]], more: int
) -> None:
    events = happened(start, gaps)
    fewer = due_time(events, term, calendar(off), at_least=at_least).moment
    later = due_time(events, term, calendar(off | {more}), at_least=at_least).moment
    assert fewer is not None
    assert later is not None
    assert later >= fewer


@given(moments, terms, days_off, st.booleans(), pauses, st.integers(1, 20))
@settings(max_examples=300, deadline=None)
def test_an_extension_never_brings_a_due_time_forward(
    start: datetime, term: Term, off: set[int], at_least: bool, gaps: list[tuple[int, int]], more: int
) -> None:
    events = happened(start, gaps)
    extended = [*events, Event("extend", events[-1].at, Term(Decimal(more), term.unit))]
    one, two = (due_time(e, term, calendar(off), at_least=at_least).moment for e in (events, extended))
    assert one is not None
    assert two is not None
    assert two >= one


@given(
    moments,
    terms,
    days_off,
    st.frozensets(st.integers(0, LENGTH - 1), max_size=20),
    st.booleans(),
    pauses,
    st.integers(0, 9),
    st.booleans(),
)
@settings(max_examples=600, deadline=None)
def test_the_lines_of_the_explanation_sum_to_the_result(
    start: datetime,
    term: Term,
    off: set[int],
    half: frozenset[int],
    at_least: bool,
    gaps: list[tuple[int, int]],
    more: int,
    stays: bool,
) -> None:
    events = happened(start, gaps)
    if more:
        events.append(Event("extend", events[-1].at, Term(Decimal(more), term.unit)))
    if stays:
        events.append(Event("pause", events[-1].at + 90 * MINUTE))
    check_lines(due_time(events, term, calendar(off, half), at_least=at_least))


def check_lines(found: Explained) -> None:
    at = found.start
    for line in found.lines:
        assert line.begins == at or line.begins == line.ends
        at = max(at, line.ends)
    if found.moment is not None:
        assert at == found.moment
        assert sum(line.amount for line in found.lines) == found.term.amount
    else:
        assert sum(line.amount for line in found.lines) <= found.term.amount  # a notice may wait for its last workday


@given(moments, terms, days_off, pauses)
@settings(max_examples=300, deadline=None)
def test_a_limit_never_ends_while_its_clock_stands_still(
    start: datetime, term: Term, off: set[int], gaps: list[tuple[int, int]]
) -> None:
    found = due_time(happened(start, gaps), term, calendar(off))
    assert found.moment is not None
    assert not any(pause.begins < found.moment < (pause.ends or found.moment) for pause in found.pauses)
