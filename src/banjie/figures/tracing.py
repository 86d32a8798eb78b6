"""Opening a figure: how it is defined, from which rows it comes, and what it was said to be before.

Permission was settled when the area was resolved: all rows lay where the account may view their register. A record that has left
since, for another town, still counts in what was known then; but it is counted only, and neither named nor linked. The rows of a
confidential register, and the entries that changed them, are withheld from whoever may only count it.
"""

# ruff: noqa: S608 - names come from definitions, whose pattern admits a-z, 0-9 and _ only; values are quoted or bound
from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal

from django.contrib.auth.models import AnonymousUser

from banjie.figures import cells, sql, wording
from banjie.figures.asking import Asking, Request, Where, as_period, asking, axis_of, check_breakdown
from banjie.figures.cells import Cell
from banjie.figures.definition import TIME_STEPS
from banjie.figures.evaluation import Evaluation
from banjie.figures.models import FigureVersion
from banjie.figures.plan import Axis, Leaf, Measure, Observation, Plan
from banjie.figures.stretches import asked_leaves
from banjie.ledger.models import Entry
from banjie.lib import clock
from banjie.lib.errors import Refusal
from banjie.lib.periods import Period
from banjie.lib.text import Text
from banjie.lib.units import plain
from banjie.people.models import Account
from banjie.registers.models import Record

ROWS = 50
ROWS_AT_MOST = 1000
VINTAGES = 20
ENTRIES_AT_MOST = 20  # named with one vintage; the rest are counted


@dataclass(frozen=True, slots=True)
class Row:
    """One record's version that counted, the ledger entry that wrote it, and what it contributed by itself."""

    register: str
    record: int
    key: str
    label: str
    version: int
    entry: int
    area: str | None
    known_from: datetime
    value: Decimal | None

    def as_json(self) -> dict[str, object]:
        return {
            "register": self.register, "record": self.record, "key": self.key, "label": self.label, "version": self.version,
            "entry": self.entry, "area": self.area, "known_from": self.known_from.astimezone(clock.LOCAL).isoformat(),
            "value": None if self.value is None else plain(self.value),
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Source:
    """One measure or observation a figure rests on, with a page of its rows. ``total``: how many rows there are."""

    figure: str
    title: Text
    register: str
    register_title: Text
    formula: str
    where: str
    time: str
    period: Period | None
    unit: str
    value: Decimal | None
    display: Text
    no_value: Text | None
    total: int
    rows: tuple[Row, ...]
    offset: int
    withheld: bool = False  # the register is confidential: its rows are shown only to whoever was granted it by name
    unseen: int = 0  # rows of this page whose record the account may not open any more: counted, not shown

    @property
    def next_offset(self) -> int | None:
        """Where the next page begins; None at the end."""
        after = self.offset + len(self.rows) + self.unseen
        return after if after < self.total and not self.withheld else None

    def as_json(self) -> dict[str, object]:
        return {
            "figure": self.figure, "register": self.register, "formula": self.formula, "where": self.where, "time": self.time,
            "period": str(self.period) if self.period else None, "unit": self.unit,
            "value": None if self.value is None else plain(self.value), "display": str(self.display),
            "total": self.total, "next_offset": self.next_offset, "rows": [r.as_json() for r in self.rows],
            **({"withheld": True} if self.withheld else {}), **({"unseen": self.unseen} if self.unseen else {}),
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Made:
    """A definition that takes part in a figure: its formula in words, its version, the pack and the rule it comes from."""

    figure: str
    title: Text
    formula: Text
    definition: str
    number: int
    pack: str
    source: str

    def as_json(self) -> dict[str, object]:
        return {
            "figure": self.figure, "formula": str(self.formula), "definition": self.definition, "number": self.number,
            "pack": self.pack, "source": self.source,
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Change:
    """One ledger entry that changed a figure: who did what, when and why, and the fields with their old and new values."""

    entry: int
    at: datetime
    actor: str
    why: str
    verb: str
    register: str
    record: int
    key: str
    label: str
    fields: tuple[tuple[Text, str | None, str | None], ...]

    def as_json(self) -> dict[str, object]:
        return {
            "entry": self.entry, "at": self.at.astimezone(clock.LOCAL).isoformat(), "actor": self.actor, "why": self.why,
            "verb": self.verb, "register": self.register, "record": self.record, "key": self.key,
            "fields": [{"field": str(f), "before": b, "after": a} for f, b, a in self.fields],
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Vintage:
    """A value and the stretch of recorded time through which it was what we knew. ``known_to`` None: it still is."""

    value: Decimal | None
    display: Text
    status: str
    known_from: datetime
    known_to: datetime | None
    changes: tuple[Change, ...]
    more_changes: int

    def as_json(self) -> dict[str, object]:
        return {
            "value": None if self.value is None else plain(self.value), "display": str(self.display), "status": self.status,
            "known_from": self.known_from.astimezone(clock.LOCAL).isoformat(),
            "known_to": self.known_to.astimezone(clock.LOCAL).isoformat() if self.known_to else None,
            "changes": [c.as_json() for c in self.changes], "more_changes": self.more_changes,
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Trace:
    """All that a figure opens to. ``vintages``: the newest first; ``older`` asks for those before them."""

    formulas: tuple[Made, ...]
    sources: tuple[Source, ...]
    vintages: tuple[Vintage, ...]
    older: datetime | None

    def as_json(self) -> dict[str, object]:
        return {
            "formulas": [f.as_json() for f in self.formulas],
            "sources": [s.as_json() for s in self.sources],
            "vintages": [v.as_json() for v in self.vintages],
        }


def trace(
    name: str,
    *,
    account: Account | AnonymousUser | None,
    area: str | None = None,
    period: Period | str | None = None,
    as_of: datetime | None = None,
    by: str | None = None,
    part: str | None = None,
    offset: int = 0,
    limit: int = ROWS,
    before: datetime | None = None,
) -> Trace:
    """Open a figure, or one ``part`` of its breakdown ``by``. ``offset`` and ``limit`` page the rows; ``before`` the vintages."""
    with asking(account) as asked:
        return trace_of(asked, Request(name, area, period, by, as_of), part=part, offset=offset, limit=limit, before=before)


def trace_of(
    asked: Asking,
    request: Request,
    *,
    part: str | None = None,
    offset: int = 0,
    limit: int = ROWS,
    before: datetime | None = None,
) -> Trace:
    """As ``trace``, of a state of the store that is already open."""
    plan, period = asked.plan(request.name), as_period(request.period)
    request = replace(request, as_of=asked.moment(request.as_of))
    check_breakdown(plan, request.by)
    by = request.by if part is not None else None
    if by in TIME_STEPS and part and period is not None:
        period, by = _narrowed(period, part, by or ""), None
    where = asked.where(plan, request.area)
    evaluation = asked.evaluation(where, request.as_of)
    page = (max(0, offset), min(max(1, limit), ROWS_AT_MOST))
    sources = [
        _source(asked, evaluation, leaf, span, axis_of(leaf, by), part or "", *(page if asked.may_open(leaf, where) else (0, 0)))
        for leaf, span in asked_leaves(plan, period)
    ]
    vintages, older = _vintages(asked, where, plan, period, by, part or "", before or request.as_of)
    if any(source.withheld for source in sources):
        vintages = [replace(v, changes=(), more_changes=len(v.changes) + v.more_changes) for v in vintages]
    return Trace(tuple(_made(asked, plan)), tuple(sources), tuple(vintages), older)


def _narrowed(period: Period, part: str, step: str) -> Period:
    """The period of one part of a breakdown by time."""
    try:
        inside = Period.parse(part)
    except Refusal:
        return period
    return Period(period.start if step == "to_month" else max(inside.start, period.start), min(inside.end, period.end))


def _source(
    asked: Asking,
    evaluation: Evaluation,
    leaf: Leaf,
    span: Period | None,
    axis: Axis | str | None,
    part: str,
    offset: int,
    limit: int,
) -> Source:
    """``limit`` 0: the rows are withheld."""
    chosen = evaluation.slice(leaf, span)
    if isinstance(axis, Axis) and axis.level:
        evaluation.fill_places(axis.level)
    query = sql.rows(leaf, chosen, axis, part, offset=offset, limit=limit)
    found = evaluation.cursor.execute(query).fetchall() if limit else []
    seen = _seen(asked, [row[0] for row in found])
    rows = tuple(
        Row(
            leaf.register.name,
            record,
            key,
            label,
            version,
            entry,
            area,
            since.replace(tzinfo=UTC),
            None if value is None else Decimal(value),
        )
        for record, key, label, version, entry, area, since, value in found
        if record in seen
    )
    whole = evaluation.cells(leaf, span, axis.name if isinstance(axis, Axis) else axis)  # type: ignore[arg-type]
    cell = whole.get(part, cells.without_value(cells.NO_ROWS)) if axis is not None else whole[None]
    figure = leaf.figure
    formula = figure.measure if isinstance(leaf, Measure) else leaf.value.name if isinstance(leaf, Observation) else ""
    condition = figure.where or (figure.stated.where if figure.stated else "")
    total = cell.rows if isinstance(leaf, Measure) else len(found) + offset
    return Source(
        figure.name, figure.title, leaf.register.name, leaf.register.title, formula, condition, leaf.time.name if leaf.time else "",
        span, figure.unit, cell.value, wording.display(figure, cell), cell.no_value, total, rows, offset, not limit, len(found) - len(rows),
    )  # fmt: skip


def _made(asked: Asking, plan: Plan) -> list[Made]:
    """The figure's definition and those of all figures that it is made of, itself first."""
    names: list[str] = []
    wanted = [plan.figure.name]
    while wanted:
        name = wanted.pop(0)
        if name not in names:
            names.append(name)
            wanted.extend(asked.known.figures[name].parts)
    versions = {v.name: v for v in FigureVersion.objects.filter(name__in=names).order_by("number")}
    return [
        Made(
            name, asked.known.figures[name].title, wording.formula(asked.known, name), asked.known.digest(name),
            versions[name].number, versions[name].pack, asked.known.figures[name].source,
        )
        for name in names
    ]  # fmt: skip


def _vintages(
    asked: Asking, where: Where, plan: Plan, period: Period | None, by: str | None, part: str, until: datetime | None
) -> tuple[list[Vintage], datetime | None]:
    """The newest values and when each was known. The value is computed anew for each moment at which a row changed."""
    moments, touched = _moments(asked, where, plan, period, by, part, until)
    shown = moments[: VINTAGES + 1]
    found: list[tuple[datetime, Cell]] = []
    for at in shown:
        parts = asked.evaluation(where, at).cells(plan, period, by)
        found.append((at, parts.get(part, cells.without_value(cells.NO_ROWS)) if by else parts[None]))
    vintages: list[Vintage] = []
    known_to: datetime | None = None
    older = found[VINTAGES][0] if len(found) > VINTAGES else None
    for i, (at, cell) in enumerate(found[:VINTAGES]):
        if i + 1 < len(found) and _same(found[i + 1][1], cell):
            continue  # nothing came of what changed at this moment
        changes, more = _changes(asked, at, touched[at])
        vintages.append(Vintage(_given(plan, cell), wording.display(plan.figure, cell), cell.status, at, known_to, changes, more))
        known_to = at
    return vintages, older


def _same(a: Cell, b: Cell) -> bool:
    return (a.value, a.status, a.qualifier) == (b.value, b.status, b.qualifier)


def _given(plan: Plan, cell: Cell) -> Decimal | None:
    return cell.value if cell.value is None or isinstance(plan, Leaf) else cells.significant(cell.value)


def _moments(
    asked: Asking, where: Where, plan: Plan, period: Period | None, by: str | None, part: str, until: datetime | None
) -> tuple[list[datetime], dict[datetime, dict[str, set[int]]]]:
    """When rows began or ceased to count, the newest first, with the records concerned by register."""
    touched: dict[datetime, dict[str, set[int]]] = {}
    evaluation = asked.evaluation(where, until)
    for leaf, span in asked_leaves(plan, period):
        axis = axis_of(leaf, by)
        if isinstance(axis, Axis) and axis.level:
            evaluation.fill_places(axis.level)
        inner = sql.spans(leaf, evaluation.slice(leaf, span), axis, part)
        limit = f" AND moment <= {sql.moment(until)}" if until else ""
        query = (
            f"WITH spans AS MATERIALIZED ({inner}), changed AS (SELECT since AS moment, record, parent FROM spans "
            f"UNION ALL SELECT until, record, parent FROM spans) SELECT moment, string_agg(DISTINCT record::VARCHAR, ','), "
            f"string_agg(DISTINCT parent::VARCHAR, ',') FROM changed WHERE moment < TIMESTAMP '9999-01-01'{limit} "
            f"GROUP BY moment ORDER BY moment DESC LIMIT {VINTAGES + 1}"
        )
        for at, records, parents in evaluation.cursor.execute(query).fetchall():
            registers = touched.setdefault(at.replace(tzinfo=UTC), {})
            registers.setdefault(leaf.register.name, set()).update(map(int, records.split(",")))
            if leaf.parent and parents:
                registers.setdefault(leaf.parent.name, set()).update(map(int, parents.split(",")))
    return sorted(touched, reverse=True), touched


def _changes(asked: Asking, at: datetime, touched: dict[str, set[int]]) -> tuple[tuple[Change, ...], int]:
    ids: set[int] = set()
    moment = at.astimezone(UTC).replace(tzinfo=None)
    for register, records in touched.items():
        listed = ",".join(map(str, sorted(records)))
        ids |= {row[0] for row in asked.reading.cursor.execute(sql.entries_at(register), [moment, listed]).fetchall()}
    entries = list(Entry.objects.filter(pk__in=sorted(ids)[:ENTRIES_AT_MOST]).order_by("id"))
    seen = _seen(asked, [e.body["record"] for e in entries])
    shown = tuple(_change(e) for e in entries if e.body["record"] in seen)
    return shown, len(ids) - len(shown)


def _seen(asked: Asking, records: Collection[int]) -> set[int]:
    """Which of these records the account may open today."""
    if asked.account is None or not records:
        return set(records)
    if not isinstance(asked.account, Account):
        return set()
    return set(Record.objects.visible_to(asked.account).filter(pk__in=set(records)).values_list("pk", flat=True))


def _change(entry: Entry) -> Change:
    body = entry.body
    return Change(
        entry.pk, entry.at, entry.actor, entry.why, entry.verb, body["register"], body["record"], body["key"], body["label"],
        tuple(_fields(body)),
    )  # fmt: skip


def _fields(body: dict[str, dict[str, object]]) -> Sequence[tuple[Text, str | None, str | None]]:
    """The fields that an update changed. Bodies hold no personal values."""
    before = body.get("before") or {}
    titles = wording.field_titles(str(body["register"]))
    return [(titles.get(n, Text(n, n)), _said(old), _said(body["data"].get(n))) for n, old in before.items()]


def _said(value: object) -> str | None:
    return None if value is None else str(value)
