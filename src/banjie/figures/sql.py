"""A plan as DuckDB SQL over the lake. What was known when is written here and nowhere else."""

# ruff: noqa: S608 - names come from definitions, whose pattern admits a-z, 0-9 and _ only; values are quoted or bound
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from banjie.figures import tables
from banjie.figures.engine import quoted
from banjie.figures.plan import PARENT, Axis, Leaf, Measure, Observation
from banjie.figures.processes import ProcessRegister
from banjie.formulas import AS_OF, Formula
from banjie.lib.clock import LOCAL
from banjie.lib.periods import Period
from banjie.registers.definition import Field, Register

PLACES = "temp.places"  # (code, top): the area of a given level in which each area lies; filled by answers for one reading


WHOLES = ("", "all", "total")  # how an observation says that it is of the whole, in the field of a breakdown


EACH_AREA = "each_area"  # parted by the code of the area itself, whatever its level


@dataclass(frozen=True, slots=True)
class Slice:
    """Which versions a figure is computed from. ``areas`` None: all; ``as_of`` None: what is known now."""

    as_of: datetime | None
    now: datetime  # what ``as_of()`` is where no moment was asked for
    period: Period | None
    areas: frozenset[str] | None = None
    unplaced: bool = True  # with ``areas``: what has no area too
    closings: bool = False  # whether closings wait beside the tables
    outside: frozenset[str] = frozenset()  # with ``areas``: all other codes there are; the shorter list is asked


def aggregate(leaf: Leaf, measures: Sequence[Measure], by: Axis | str | None, chosen: Slice) -> str:
    """One scan: rows of (part, is_total, number of rows, one value for each measure). ``by`` is an axis or a step of time.

    The whole is computed beside the parts where it is not their sum.
    """
    values = ", ".join(f"{sql_of(m.measure, leaf, chosen)} AS v{i}" for i, m in enumerate(measures))
    scan = source(leaf, chosen, by=by, parent=parent_is_read(leaf, measures, by)) + condition(leaf, chosen)
    if by is None:
        return f"SELECT NULL AS _part, true AS whole, count(*) AS n, {values} FROM {scan}"
    if all(m.sums_up for m in measures):
        return f"SELECT {part_sql(leaf, by)} AS _part, false AS whole, count(*) AS n, {values} FROM {scan} GROUP BY _part"
    part = part_sql(leaf, by)
    sets = f"GROUPING SETS (({part}), ())"
    return f"SELECT {part} AS _part, grouping({part}) = 1 AS whole, count(*) AS n, {values} FROM {scan} GROUP BY {sets}"


def recorded(leaf: Leaf, by: Axis | str | None, chosen: Slice) -> str:
    """The parts in which there are records of the area and period, the figure's own condition left aside."""
    if by is None:
        inner = f"SELECT 1 FROM {_all(leaf, chosen, by)} LIMIT 1"
        return f"SELECT NULL FROM ({inner})"
    return f"SELECT DISTINCT {part_sql(leaf, by)} FROM {_all(leaf, chosen, by)}"


def _all(leaf: Leaf, chosen: Slice, by: Axis | str | None) -> str:
    scan = source(leaf, chosen, by=by, parent=parent_is_read(leaf, [], by))
    return f"{scan} WHERE {known_then('t', leaf.register, chosen)} AND {matching(leaf, chosen, where=False)}"


def source(leaf: Leaf, chosen: Slice, *, by: Axis | str | None = None, parent: bool) -> str:
    """FROM: the register's versions as ``t``, the parent's as ``p``, and the places."""
    sql = f"{tables.table(leaf.register.name)} AS t"
    if parent and leaf.parent:
        known = known_then("p", leaf.parent, chosen)
        sql += f" LEFT JOIN (SELECT * FROM {tables.table(leaf.parent.name)} AS p WHERE {known}) AS p ON p._record = t._parent"
    if isinstance(by, Axis) and by.level:
        sql += f" LEFT JOIN {PLACES} AS places ON places.code = {area_sql(leaf)}"
    return sql


def condition(leaf: Leaf, chosen: Slice) -> str:
    """WHERE: known then, and matching."""
    return f" WHERE {known_then('t', leaf.register, chosen)} AND {matching(leaf, chosen)}"


def matching(leaf: Leaf, chosen: Slice, *, where: bool = True) -> str:
    """Not removed, in the area, in the period, and the figure's own condition (``where``); whenever known."""
    parts = ["NOT t._removed"]
    if isinstance(leaf.register, ProcessRegister):
        parts.append("NOT p._removed")
    if chosen.areas is not None:
        parts.append(_in_areas(leaf, chosen, chosen.areas))
    if chosen.period is not None and leaf.time is not None:
        parts.append(_in_period(leaf.time, chosen.period))
    if where and leaf.where is not None:
        parts.append(f"({sql_of(leaf.where, leaf, chosen)})")
    return " AND ".join(parts)


def known_then(alias: str, register: Register, chosen: Slice) -> str:
    """The versions that were what was known at the moment asked for."""
    if chosen.as_of is None:
        known, closed = f"{alias}._to = {tables.FOREVER}", ""
    else:
        at = moment(chosen.as_of)
        known, closed = f"{alias}._from <= {at} AND {alias}._to > {at}", f" AND c._at <= {at}"
    if not chosen.closings:
        return known
    number = tables.closing_number(register, f"{alias}._entry")
    return f"{known} AND NOT EXISTS (SELECT 1 FROM {tables.CLOSINGS} AS c WHERE c._entry = {number}{closed})"


def sql_of(formula: Formula, leaf: Leaf, chosen: Slice) -> str:
    """A formula over ``t`` and ``p``."""

    def column(name: str) -> str:
        if name == AS_OF:
            return f"TIMESTAMP '{(chosen.as_of or chosen.now).astimezone(LOCAL).replace(tzinfo=None).isoformat(sep=' ')}'"
        if name in leaf.register.kinds:
            return f't."{name}"'
        return f'p."{name.removeprefix(PARENT)}"'

    return formula.to_sql("duckdb", column)


def part_sql(leaf: Leaf, by: Axis | str) -> str:
    """What the rows are grouped by: text, or a number for a step of time (NULL: the row has no such value)."""
    if by == EACH_AREA:
        return area_sql(leaf)
    if isinstance(by, str):
        return _step(leaf, by)
    if by.level:
        return "places.top"
    assert by.field is not None
    return f'CAST({"p" if by.of_parent else "t"}."{by.field.name}" AS VARCHAR)'


def moment(at: datetime) -> str:
    return f"TIMESTAMP '{at.astimezone(UTC).replace(tzinfo=None).isoformat(sep=' ')}'"


def _step(leaf: Leaf, step: str) -> str:
    """The year, year and quarter or year and month as one number: cheaper than text, see ``step_code``."""
    assert leaf.time is not None
    column = f't."{leaf.time.name}"'
    if leaf.time.type == "year":
        return f"CAST({column} AS BIGINT)"
    match step:
        case "year":
            return f"year({column})"
        case "quarter":
            return f"(year({column}) * 10 + quarter({column}))"
        case _:
            return f"(year({column}) * 100 + month({column}))"


def step_code(number: int) -> str:
    """The period's text form: 2021, 20213 as 2021Q3, 202110 as 2021-10."""
    digits = str(number)
    if len(digits) == 4:
        return digits
    return f"{digits[:4]}Q{digits[4]}" if len(digits) == 5 else f"{digits[:4]}-{digits[4:]}"


def area_sql(leaf: Leaf) -> str:
    """Where a row lies. A matter lies where its record does, which may have moved since the matter's last step."""
    return "p._area" if isinstance(leaf.register, ProcessRegister) else "t._area"


def _in_areas(leaf: Leaf, chosen: Slice, codes: frozenset[str]) -> str:
    area = area_sql(leaf)
    if chosen.unplaced and 0 < len(chosen.outside) < len(codes):
        return f"({area} IS NULL OR {area} NOT IN ({_listed(chosen.outside)}))"
    inside = f"{area} IN ({_listed(codes)})" if codes else "false"
    return f"({inside} OR {area} IS NULL)" if chosen.unplaced else inside


def _listed(codes: frozenset[str]) -> str:
    return ", ".join(map(quoted, sorted(codes)))


def _in_period(time: Field, period: Period) -> str:
    column = f't."{time.name}"'
    if time.type == "year":
        return f"{column} BETWEEN {period.start.year} AND {period.last.year}"
    if time.type == "text":
        return f"{column} = {quoted(str(period))}"
    kind = "TIMESTAMP" if time.type == "datetime" else "DATE"
    return f"{column} >= {kind} '{period.start}' AND {column} < {kind} '{period.end}'"


def parent_is_read(leaf: Leaf, measures: Sequence[Measure], by: Axis | str | None) -> bool:
    if isinstance(leaf.register, ProcessRegister):
        return True  # whether the record still stands, and where
    return leaf.reads_parent or any(m.reads_parent for m in measures) or (isinstance(by, Axis) and by.of_parent)


def observations(leaf: Observation, by: Axis | None, chosen: Slice) -> str:
    """Rows of (part, value, status, basis, qualifier, source, entry), the one recorded last first within each part."""
    fields = (leaf.value, leaf.status, leaf.basis, leaf.qualifier, leaf.source)
    values = ", ".join(f't."{f.name}"' if f else "NULL" for f in fields)
    part = (area_sql(leaf) if by.level else part_sql(leaf, by)) if by else "NULL"
    extra = ""
    for axis in leaf.axes.values():
        if axis.field is not None:
            code = f"coalesce({part_sql(leaf, axis)}, '')"
            extra += f" AND {code} {'NOT ' if by is axis else ''}IN ({', '.join(map(quoted, WHOLES))})"
    parent = leaf.reads_parent or any(a.of_parent for a in leaf.axes.values())
    return (
        f"SELECT {part} AS _part, {values}, t._entry FROM {source(leaf, chosen, parent=parent)}{condition(leaf, chosen)}{extra} "
        "ORDER BY _part, t._from DESC, t._entry DESC"
    )


def rows(leaf: Leaf, chosen: Slice, by: Axis | str | None, part: str, *, offset: int, limit: int) -> str:
    """A page of the rows behind a figure, by key: (record, key, label, version, entry, area, from, value contributed).

    What a row contributes to a measure is the measure over that row alone.
    """
    measures = [leaf] if isinstance(leaf, Measure) else []
    parent = parent_is_read(leaf, measures, by)
    scan = source(leaf, chosen, by=by, parent=parent) + condition(leaf, chosen) + in_part(leaf, by, part)
    page = f"SELECT t._entry FROM {scan} ORDER BY t._key, t._record LIMIT {limit} OFFSET {offset}"
    value = sql_of(leaf.measure, leaf, chosen) if isinstance(leaf, Measure) else f'any_value(t."{leaf.value.name}")'  # type: ignore[attr-defined]
    columns = f"t._record, t._key, t._label, t._version, t._entry, {area_sql(leaf)}, t._from"
    return f"SELECT {columns}, {value} AS value FROM {scan} AND t._entry IN ({page}) GROUP BY ALL ORDER BY t._key, t._record"


def row_lines(leaf: Leaf, chosen: Slice) -> str:
    """How many rows stand behind a figure, and the SHA-256 of their list: a line "register record version entry" each."""
    measures = [leaf] if isinstance(leaf, Measure) else []
    scan = source(leaf, chosen, parent=parent_is_read(leaf, measures, None)) + condition(leaf, chosen)
    line = f"concat_ws(' ', {quoted(leaf.register.name)}, t._record, t._version, t._entry)"
    return f"SELECT count(*), sha256(coalesce(string_agg({line}, chr(10) ORDER BY t._record), '')) FROM {scan}"


def spans(leaf: Leaf, chosen: Slice, by: Axis | str | None, part: str) -> str:
    """Every stretch of recorded time through which a row counted: (record, parent, from, to), up to the moment asked for.

    Where the condition changes with the moment by itself, every stretch through which the row might have counted.
    """
    measures = [leaf] if isinstance(leaf, Measure) else []
    parent = parent_is_read(leaf, measures, by) and leaf.parent is not None
    begin, end, scan = "t._from", "t._to", f"{_with_closings(leaf.register, chosen)} AS t"
    if parent and leaf.parent:
        above = f"{_with_closings(leaf.parent, chosen)} AS p"
        scan += f" JOIN {above} ON p._record = t._parent AND p._from < t._to AND p._to > t._from"
        begin, end = "greatest(t._from, p._from)", "least(t._to, p._to)"
    if isinstance(by, Axis) and by.level:
        scan += f" LEFT JOIN {PLACES} AS places ON places.code = {area_sql(leaf)}"
    until = f" AND {begin} <= {moment(chosen.as_of)}" if chosen.as_of else ""
    return (
        f"SELECT t._record AS record, t._parent AS parent, {begin} AS since, {end} AS until FROM {scan} "
        f"WHERE {begin} < {end} AND {matching(leaf, chosen, where=not leaf.moves)}{in_part(leaf, by, part)}{until}"
    )


def entries_at(register: str) -> str:
    """The entries by which some records changed at some moment."""
    return f"SELECT _entry FROM {tables.table(register)} WHERE _from = $1 AND _record IN (SELECT unnest(string_split($2, ','))::BIGINT)"


def in_part(leaf: Leaf, by: Axis | str | None, part: str) -> str:
    """Only the rows of one part of a breakdown; an empty part holds those that have no such value."""
    if by is None:
        return ""
    code = part_sql(leaf, by)
    if isinstance(by, str):
        return f" AND {code} = {int(part.replace('-', '').replace('Q', ''))}"
    return f" AND coalesce({code}, '') = {quoted(part)}"


def _with_closings(register: Register, chosen: Slice) -> str:
    table = tables.table(register.name)
    if not chosen.closings:
        return table
    closing = f"{tables.CLOSINGS} AS c ON c._entry = {tables.closing_number(register, 'v._entry')}"
    return f"(SELECT v.* REPLACE (least(v._to, coalesce(c._at, v._to)) AS _to) FROM {table} AS v LEFT JOIN {closing})"
