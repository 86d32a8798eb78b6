"""The same door for many rows at once: one transaction, each row with its own entry, every bad row named."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from django.db import IntegrityError, connection, transaction

from banjie.ledger.actions import NewEntry, record_entries
from banjie.lib import clock
from banjie.lib.errors import Conflict, Refusal
from banjie.lib.text import Text
from banjie.people.models import Account
from banjie.people.scopes import Scope, scope_of_actor
from banjie.people.verbs import Verb
from banjie.registers import search, trail
from banjie.registers.catalogue import catalogue
from banjie.registers.checking import Checked, Surroundings, check, key_of
from banjie.registers.definition import Register
from banjie.registers.models import Record
from banjie.registers.moving import move_children

Mode = Literal["create", "update", "upsert"]
Progress = Callable[[str, int, int], None]  # stage ("checking", "writing"), done, of how many
CHUNK = 2_000


@dataclass(frozen=True, slots=True)
class RowProblem:
    """One thing wrong with one row. ``row`` is its number as given by the caller (a sheet's row, counted from 1)."""

    row: int
    where: str
    value: object
    says: Text
    column: str = ""  # in a sheet: the letter of its column
    heading: str = ""  # and what stands above it


class BadRows(Refusal):
    """Some rows cannot be written, and nothing was."""

    def __init__(self, problems: list[RowProblem]) -> None:
        rows = len({p.row for p in problems})
        super().__init__(Text(f"{rows} 行有误，未写入任何内容", f"{rows} rows are wrong; nothing was written"))
        self.problems = problems


@dataclass
class Written:
    """What a bulk write did, or, for a dry run, would do."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    problems: list[RowProblem] = field(default_factory=list)
    warnings: list[RowProblem] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Planned:
    number: int
    row: Checked
    held: Record | None


def write_many(
    register: str,
    rows: Sequence[Mapping[str, object]],
    *,
    by: Account | None,
    origin: str,
    why: str = "",
    mode: Mode = "create",
    verb: Verb | None = None,
    partial: bool = False,
    dry_run: bool = False,
    numbers: Sequence[int] | None = None,
    progress: Progress | None = None,
) -> Written:
    """Write rows, all or nothing; with ``partial`` the bad ones are left out and listed.

    ``numbers`` are the rows' own numbers for messages (1, 2, … where absent). ``verb`` is a further verb that the account needs
    in the area of every row (import). Raises BadRows (nothing written) unless ``partial`` or ``dry_run``.
    """
    with transaction.atomic():
        known = catalogue()
        definition = known.register(register)
        planned, done = _plan(definition, rows, list(numbers or range(1, len(rows) + 1)), by, mode, verb, progress)
        new = [p for p in planned if p.held is None]
        changed = [p for p in planned if p.held is not None and trail.changed(p.held.data, p.row.data)]
        done.created, done.updated = len(new), len(changed)
        done.unchanged = len(planned) - len(new) - len(changed)
        if dry_run:
            return done
        if done.problems and not partial:
            raise BadRows(done.problems)
        number = known.number(register)
        total = len(new) + len(changed)
        for start, part in _chunks(new):
            _insert(definition, number, part, by=by, origin=origin, why=why)
            _tell(progress, "writing", start + len(part), total)
        for start, part in _chunks(changed):
            _change(definition, number, part, by=by, origin=origin, why=why)
            _tell(progress, "writing", len(new) + start + len(part), total)
    return done


def _plan(
    definition: Register,
    rows: Sequence[Mapping[str, object]],
    numbers: list[int],
    by: Account | None,
    mode: Mode,
    verb: Verb | None,
    progress: Progress | None,
) -> tuple[list[_Planned], Written]:
    """Check every row against its surroundings, the records already there, and the other rows."""
    done, planned = Written(), []
    around = Surroundings.of(definition, rows, by)
    keys = [key_of(definition, given, around) for given in rows]
    distinct = sorted(set(keys) - {""})
    there = _there(definition, distinct) if mode != "create" else {}
    taken = _taken(definition, distinct) if mode == "create" else {}
    seen: dict[str, int] = {}
    permitted = _Permitted(scope_of_actor(by), definition.name, verb)
    for position, (number, key, given) in enumerate(zip(numbers, keys, rows, strict=True), start=1):
        held = there.get(key)
        row = check(definition, given, around, old=held.data if held and held.removed_at is None else None)
        says = _refusal(row, held, mode, seen, taken, permitted)
        problems = [(p.where, p.value, p.says) for p in row.problems] or ([(definition.key[0], row.key, says)] if says else [])
        done.problems += [RowProblem(number, where, value, said) for where, value, said in problems]
        if not problems:
            seen[row.key] = number
            done.warnings += [RowProblem(number, w.name, None, w.says) for w in row.warnings]
            planned.append(_Planned(number, row, held))
        if position % CHUNK == 0 or position == len(rows):
            _tell(progress, "checking", position, len(rows))
    return planned, done


class _Permitted:
    """Whether rows may be written here, asked once for each area."""

    def __init__(self, scope: Scope, register: str, verb: Verb | None) -> None:
        self.scope, self.register, self.further = scope, register, verb
        self.known: dict[tuple[Verb, str | None], bool] = {}

    def __call__(self, verb: Verb, area: str | None) -> bool:
        if (verb, area) not in self.known:
            wanted = [verb] + ([self.further] if self.further else [])
            self.known[verb, area] = all(self.scope.may(v, self.register, area) for v in wanted)
        return self.known[verb, area]


def _refusal(
    row: Checked, held: Record | None, mode: Mode, seen: dict[str, int], taken: dict[str, bool], permitted: _Permitted
) -> Text | None:
    """Why a row that is right in itself cannot be written, if so."""
    if row.problems:
        return None
    if row.key in seen:
        return Text(f"与第 {seen[row.key]} 行主键重复", f"has the same key as row {seen[row.key]}")
    if row.key in taken:
        return Text("主键已存在", "the key exists already") if not taken[row.key] else _REMOVED
    if held is not None and held.removed_at is not None:
        return _REMOVED
    if held is None and mode == "update":
        return Text("没有这条记录", "there is no such record")
    verb = Verb.CREATE if held is None else Verb.UPDATE
    if not permitted(verb, row.area) or (held is not None and not permitted(verb, held.area_id)):
        return Text("无权在该地区写入", "you may not write in this area")
    return None


_REMOVED = Text("该主键属于已删除的记录，请先恢复", "the key belongs to a removed record: restore it first")


def _there(definition: Register, keys: Sequence[str]) -> dict[str, Record]:
    """The records that the keys name, locked; also removed ones, so that they can be told."""
    found: dict[str, Record] = {}
    for start in range(0, len(keys), CHUNK):
        held = Record.objects.of(definition.name).select_for_update(of=("self",)).filter(key__in=keys[start : start + CHUNK])
        found.update({r.key: r for r in held})
    return found


def _taken(definition: Register, keys: Sequence[str]) -> dict[str, bool]:
    """The keys that exist, and whether each belongs to a removed record."""
    found: dict[str, bool] = {}
    for start in range(0, len(keys), CHUNK):
        held = Record.objects.of(definition.name).filter(key__in=keys[start : start + CHUNK])
        found.update({k: at is not None for k, at in held.values_list("key", "removed_at")})
    return found


def _insert(definition: Register, number: int, part: list[_Planned], *, by: Account | None, origin: str, why: str) -> None:
    now = clock.now()
    records = [
        Record(
            register=definition.name, key=p.row.key, label=p.row.label, area_id=p.row.area, parent_id=p.row.parent,
            data=p.row.data, search=p.row.search, version=1, created_at=now, updated_at=now,
        )
        for p in part
    ]  # fmt: skip
    try:
        with transaction.atomic():
            _add(records)
    except IntegrityError:
        says = Text("有主键刚被他人使用，请重试", "somebody else has just used one of the keys: try again")
        raise Conflict(says, theirs={}, yours={"rows": len(part)}) from None
    search.keep([(r.pk, r.search) for r in records], new=True)
    entries = [
        NewEntry(r.chain, trail.CREATE, trail.body(r, definition, number), trail.personal(definition, r.data), True)
        for r in records
    ]
    record_entries(entries, by=by, origin=origin, why=why)


_COLUMNS = "register, key, label, area_id, parent_id, data, search, version, created_at, updated_at, removed_at"


def _add(records: Sequence[Record]) -> None:
    """One INSERT a row, prepared once, and the ids; the ORM would take as long for it as all checks together."""
    json_mark = "%s::jsonb" if connection.vendor == "postgresql" else "%s"
    moment = connection.ops.adapt_datetimefield_value
    rows = [
        (
            r.register, r.key, r.label, r.area_id, r.parent_id, json.dumps(r.data, ensure_ascii=False), r.search, r.version,
            moment(r.created_at), moment(r.updated_at), None,
        )
        for r in records
    ]  # fmt: skip
    marks = ", ".join(json_mark if c == "data" else "%s" for c in _COLUMNS.split(", "))
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "SELECT nextval(pg_get_serial_sequence('registers_record', 'id')) FROM generate_series(1, %s)", [len(rows)]
            )
            ids = [row[0] for row in cursor.fetchall()]
            insert = f"INSERT INTO registers_record (id, {_COLUMNS}) VALUES (%s, {marks})"  # noqa: S608 - constants
            cursor.executemany(insert, [(pk, *row) for pk, row in zip(ids, rows, strict=True)])
        else:  # the only writer: its rows are numbered without a gap
            cursor.executemany(f"INSERT INTO registers_record ({_COLUMNS}) VALUES ({marks})", rows)  # noqa: S608 - constants
            cursor.execute("SELECT last_insert_rowid()")
            last = cursor.fetchone()[0]
            ids = list(range(last - len(rows) + 1, last + 1))
    for record, pk in zip(records, ids, strict=True):
        record.pk = pk


def _change(definition: Register, number: int, part: list[_Planned], *, by: Account | None, origin: str, why: str) -> None:
    now, entries, refind, moved = clock.now(), [], [], []
    for p in part:
        held = p.held
        assert held is not None
        old, before = held.data, trail.changed(held.data, p.row.data)
        if held.search != p.row.search:
            refind.append((held.pk, p.row.search))
        if held.area_id != p.row.area:
            moved.append(held)
        held.data, held.label, held.search, held.area_id, held.parent_id = (
            p.row.data,
            p.row.label,
            p.row.search,
            p.row.area,
            p.row.parent,
        )
        held.version += 1
        held.updated_at = max(now, held.created_at)
        said = trail.body(held, definition, number, before)
        entries.append(NewEntry(held.chain, trail.UPDATE, said, trail.personal(definition, p.row.data, old), False))
    _save([p.held for p in part if p.held is not None])
    search.keep(refind, new=False)
    record_entries(entries, by=by, origin=origin, why=why)
    for held in moved:
        move_children(held, by=by, origin=origin)


def _save(records: Sequence[Record]) -> None:
    """One UPDATE a row, prepared once; Django's bulk_update would build a CASE of thousands of branches."""
    json_mark = "%s::jsonb" if connection.vendor == "postgresql" else "%s"
    moment = connection.ops.adapt_datetimefield_value
    with connection.cursor() as cursor:
        cursor.executemany(
            f"UPDATE registers_record SET data = {json_mark}, label = %s, search = %s, area_id = %s, parent_id = %s, "  # noqa: S608
            "version = %s, updated_at = %s WHERE id = %s",
            [
                (
                    json.dumps(r.data, ensure_ascii=False),
                    r.label,
                    r.search,
                    r.area_id,
                    r.parent_id,
                    r.version,
                    moment(r.updated_at),
                    r.pk,
                )
                for r in records
            ],
        )


def _chunks(planned: list[_Planned]) -> Iterator[tuple[int, list[_Planned]]]:
    for start in range(0, len(planned), CHUNK):
        yield start, planned[start : start + CHUNK]


def _tell(progress: Progress | None, stage: str, done: int, total: int) -> None:
    if progress is not None:
        progress(stage, done, total)
