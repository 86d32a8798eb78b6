"""The matters held against the trail: each stands where its last step has put it, and so do its clocks, tasks and all that is asked.

Of a matter every column is compared, with what the steps said of it (``entries.state_of``, ``said_rows``). Of its clocks, tasks,
invitations and extensions likewise; the events of each clock one by one and in their order; and each due time is reckoned anew from
the events and the calendar that was kept. Not compared, since no entry tells of them: notices and their deliveries, attempts that
were refused, and when a clock is next looked at. A matter opened before entries told of such rows is held against what they do tell.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from banjie.ledger.comparing import CHUNK, Against, Said, joined, told
from banjie.ledger.findings import Finding, Kind, Report
from banjie.ledger.reading import in_chunks, one_view
from banjie.ledger.verification import Progress
from banjie.lib.errors import Refusal
from banjie.lib.text import Text
from banjie.matters import entries
from banjie.matters.calendars import calendar_of, rebuilt
from banjie.matters.clocks import Event, due_time
from banjie.matters.models import CalendarSnapshot, Clock, ClockEvent, Matter
from banjie.matters.said_rows import COLUMNS, EVENT, KINDS, MATTER, NOTHING, digest, plain
from banjie.matters.said_titles import EVENTS, PARTS, RECKONED, ROW_PARTS, ROW_TITLES, SNAPSHOT
from banjie.places.terms import parse_term

DIFFERS = Text("{s} 与台账不符：{what}已被绕过系统改动", "{s} is not where the trail says: {what} was changed from outside")
NO_ENTRY = Text("{s} 在台账中没有记载，系绕过系统添加", "the trail knows nothing of {s}: it was added from outside")
NO_ROW = Text("{s} 已被绕过系统删除：台账中还有它", "{s} was deleted from outside: the trail still tells of it")
UNREADABLE = Text("{s} 的内容无法读取：已被绕过系统改动", "{s} cannot be read: it was changed from outside")
OLDER = Text(
    "{n} 件事项早于台账记录计时和任务的版本，其计时按计时事件重新计算，任务等按现有记载核对",
    "{n} matters were opened before the trail told of clocks and tasks: their due times were reckoned anew, the rest as far as it is told",
)
_OPENED = "SELECT id, chain FROM ledger_entry WHERE verb = 'matter.open' ORDER BY id"
_COLUMNS = (
    "id", "record_id", "process", "definition__number", "version", "stage", "stage_since", "state", "ending", "opened_at",
    "closed_at", "due_at", "owner_post__code", "organisation__code", "returns", "reopenings", "urges", "late", "main_id",
    "opened_by_id", "code", "promised", *MATTER,
)  # fmt: skip
# What a row gives that Banjie cannot have written.
_WRONG_VALUES = (ValueError, TypeError, AttributeError, KeyError, OverflowError)
Row = dict[str, Any]


def verify_matters(progress: Progress | None = None) -> Report:
    """Compare every matter, and the rows that belong to it, with the entries of its record. Memory does not grow with their number."""
    report = Report()
    with one_view():
        _calendars(report)
        done, total, older = 0, Matter.objects.count(), 0
        for rows in in_chunks("SELECT id, record_id FROM matters_matter ORDER BY id", CHUNK):
            older += _verify(report, rows)
            report.count("matters", len(rows))
            done += len(rows)
            if progress:
                progress(done, total)
        if older:
            report.notes.append(OLDER.format(n=older))
        for entry, chain in _without_row():
            says = NO_ROW.format(s=Text(f"{chain} 的事项", f"the matter of {chain}"))
            report.add(Finding(Kind.ROW, f"matter of {chain}", says, entry))
    return report


@dataclass(slots=True)
class _Story:
    """What the entries of one record say of its matter."""

    entry: int | None = None
    state: Mapping[str, Any] = field(default_factory=dict)
    matter: Mapping[str, Any] | None = None  # what stands beside the state, if the last entry tells of it
    start: Mapping[str, Any] | None = None  # what was so from the opening on
    rows: dict[str, dict[str, Said]] = field(default_factory=lambda: defaultdict(dict))
    events: dict[str, list[Mapping[str, Any]]] = field(default_factory=lambda: defaultdict(list))

    @property
    def whole(self) -> bool:
        """Whether the trail has told of every row since the matter was opened."""
        return self.start is not None


@dataclass(slots=True)
class _Held:
    """What the tables hold of the matters of a chunk, by matter."""

    matters: dict[int, Row]
    rows: dict[str, dict[int, dict[str, Row]]]
    events: dict[int, list[Row]]  # by clock


def _verify(report: Report, rows: list[tuple]) -> int:
    """How many of them were opened before the trail told of all."""
    try:
        held = _read([pk for pk, _ in rows])
    except _WRONG_VALUES:
        if len(rows) > 1:
            return sum(_verify(report, [row]) for row in rows)
        ((pk, record),) = rows
        report.add(Finding(Kind.ROW, f"matter:{pk}", UNREADABLE.format(s=_name(pk, record))))
        return 0
    stories = _stories([f"record:{record}" for _, record in rows])
    for pk, record in rows:
        story = stories.get(f"record:{record}", _Story())
        if story.entry is None:
            report.add(Finding(Kind.ROW, f"matter:{pk}", NO_ENTRY.format(s=_name(pk, record))))
            continue
        _compare_matter(report, held.matters[pk], story)
        _compare_rows(report, pk, record, held, story)
    return sum(not story.whole for story in stories.values() if story.entry)


def _read(pks: list[int]) -> _Held:
    matters = {row["id"]: row for row in Matter.objects.filter(pk__in=pks).order_by().values(*_COLUMNS)}
    rows: dict[str, dict[int, dict[str, Row]]] = {}
    for model, kind in KINDS.items():
        of: defaultdict[int, dict[str, Row]] = defaultdict(dict)
        for row in model._default_manager.filter(matter__in=pks).order_by("pk").values("id", *COLUMNS[model]):
            of[row["matter_id"]][str(row["id"])] = row
        rows[kind] = of
    events: defaultdict[int, list[Row]] = defaultdict(list)
    for row in ClockEvent.objects.filter(clock__matter__in=pks).order_by("pk").values("clock_id", *EVENT):
        events[row["clock_id"]].append(row)
    return _Held(matters, rows, events)


def _stories(chains: list[str]) -> dict[str, _Story]:
    found: defaultdict[str, _Story] = defaultdict(_Story)
    for chain, entry, verb, body in told(chains, like="matter.%"):
        story = found[chain]
        story.entry, story.state = entry, _object(body.get("matter"))
        said = body.get("rows")
        story.matter = _object(said.get("matter")) if isinstance(said, dict) else None
        if not isinstance(said, dict):
            continue
        if verb == entries.OPEN:
            story.start = story.matter
        for kind in KINDS.values():
            for number, columns in _object(said.get(kind)).items():
                known = story.rows[kind].get(number)
                story.rows[kind][number] = Said(entry, {**(known.facts if known else {}), **_object(columns)})
        for clock, events in _object(said.get("events")).items():
            story.events[clock] += [_object(event) for event in events]
    return found


def _compare_matter(report: Report, row: Row, story: _Story) -> None:
    said = story.state
    held: Row = {
        "process": row["process"], "number": row["definition__number"], "stage": row["stage"], "state": row["state"],
        "ending": row["ending"] or None, "version": row["version"], "stage_since": entries.moment(row["stage_since"]),
        "opened_at": entries.moment(row["opened_at"]), "closed_at": entries.moment(row["closed_at"]),
        "due_at": entries.moment(row["due_at"]), "owner": row["owner_post__code"], "organisation": row["organisation__code"],
        "returns": row["returns"], "reopenings": row["reopenings"], "urges": row["urges"], "late": row["late"],
        "main": row["main_id"], "id": row["id"],
    }  # fmt: skip
    expected = {
        **said,
        "owner": _object(said.get("owner")).get("code"),
        "organisation": _object(said.get("organisation")).get("code"),
    }
    if story.matter is not None:
        held |= {name: _none(row[name]) for name in MATTER}
        expected |= {name: _none(story.matter.get(name)) for name in MATTER}
    if story.start is not None:
        held |= {
            "opened_by_id": row["opened_by_id"], "code": digest(row["code"]) if row["code"] else None, "promised": _digest(row["promised"])
        }  # fmt: skip
        expected |= {name: story.start.get(name) for name in ("opened_by_id", "code", "promised")}
    wrong = [title for part, title in PARTS.items() if held.get(part) != expected.get(part) and part in held]
    if wrong:
        says = DIFFERS.format(s=_name(row["id"], row["record_id"]), what=joined(wrong))
        report.add(Finding(Kind.ROW, f"matter:{row['id']}", says, story.entry))


def _compare_rows(report: Report, pk: int, record: int, held: _Held, story: _Story) -> None:
    for model, kind in KINDS.items():
        against = Against(report, kind.removesuffix("s"), ROW_TITLES[kind], ROW_PARTS[kind])
        there = held.rows[kind].get(pk, {})
        for number, row in there.items():
            said = story.rows[kind].get(number)
            if said is None and not story.whole:
                continue
            passing = _settled_since(row, said) if model is Clock else ()
            facts = {c: _none(row[c]) for c in COLUMNS[model] if (story.whole or (said and c in said.facts)) and c not in passing}
            known = Said(said.entry, {c: _none(v) for c, v in said.facts.items() if c not in passing}) if said else None
            against.compare(number, _called(pk, record, row), known, facts)
        for number in story.rows[kind].keys() - there.keys():
            said = story.rows[kind][number]
            against.gone(number, _called(pk, record, said.facts), said.entry)
    for number, clock in held.rows["clocks"].get(pk, {}).items():
        _compare_clock(report, _called(pk, record, clock), number, clock, held.events.get(clock["id"], []), story)


def _settled_since(row: Row, said: Said | None) -> tuple[str, ...]:
    """The columns that change without an entry: where the official calendar of an estimated year leaves a due time as it was, the
    clock runs under it from then on (``reckoning``). The due time is reckoned anew in any case."""
    settled = said is not None and said.facts.get("estimated") is True and row["estimated"] is False
    return ("calendar_version", "estimated", "warn_at") if settled else ()


def _compare_clock(report: Report, name: Text, number: str, clock: Row, events: list[Row], story: _Story) -> None:
    """The events of a clock, and what they come to."""
    against = Against(report, "clock", ROW_TITLES["clocks"], {})
    said = story.rows["clocks"].get(number)
    entry = said.entry if said else None
    if story.whole:
        there = [{name: _none(event[name]) for name in EVENT} for event in events]
        expected = [{name: _none(event.get(name)) for name in EVENT} for event in story.events.get(number, [])]
        if there != expected:
            against.differs(number, name, [EVENTS], entry)
            return
    if not _reckoned(clock, events):
        against.differs(number, name, [RECKONED], entry)


def _reckoned(clock: Row, events: list[Row]) -> bool:
    """Whether the due time is what the events come to under the calendar of the clock."""
    try:
        happened = [
            Event(e["kind"], e["at"], parse_term(e["amount"]) if e["amount"] else None)
            for e in sorted(events, key=lambda e: e["at"])
        ]
        found = due_time(happened, parse_term(clock["term"]), calendar_of(clock["calendar_version"]), at_least=clock["at_least"])
    except (Refusal, *_WRONG_VALUES):
        return False
    return (found.moment, found.estimated) == (clock["due_at"], clock["estimated"])


def _calendars(report: Report) -> None:
    """Each calendar that was kept for clocks gives its version, which is a digest of its content."""
    for snapshot in CalendarSnapshot.objects.order_by("version").iterator(chunk_size=10):
        try:
            same = rebuilt(snapshot.body).version == snapshot.version
        except _WRONG_VALUES:
            same = False
        if not same:
            report.add(Finding(Kind.ROW, f"calendar:{snapshot.version}", SNAPSHOT.format(v=snapshot.version)))


def _called(pk: int, record: int, row: Mapping[str, Any]) -> Text:
    """A clock, task or the like by its matter, and by its stage or its own name where it has one."""
    own = row.get("name") or row.get("stage") or ""
    of = _name(pk, record)
    return Text(f"{of.zh} {own}".rstrip(), f"{own} of {of.en}" if own else f"of {of.en}")


def _name(pk: int, record: int) -> Text:
    return Text(f"事项 {pk}（record:{record}）", f"matter {pk} (record:{record})")


def _none(value: Any) -> object:
    """What is nothing in an entry is nothing in a row."""
    value = plain(value)
    return None if value in NOTHING else value


def _digest(value: Any) -> str | None:
    try:
        return digest(value)
    except _WRONG_VALUES:
        return None


def _object(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _without_row() -> Iterator[tuple[int, str]]:
    """The opened matters that have no row: the opening entry's id, and the record's chain."""
    for rows in in_chunks(_OPENED):
        pks = [int(chain[7:]) for _, chain in rows if chain[7:].isdecimal()]
        there = {f"record:{pk}" for pk in Matter.objects.filter(record__in=pks).values_list("record", flat=True)}
        yield from ((entry, chain) for entry, chain in rows if chain not in there)
