"""What a bulk write would do: every row checked against its surroundings, the records already there, and the other rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from banjie.lib.text import Text
from banjie.people.models import Account
from banjie.people.scopes import Scope, scope_of_actor
from banjie.people.verbs import Verb
from banjie.registers.checking import Checked, Surroundings, check, keep_parent, key_of
from banjie.registers.definition import Register
from banjie.registers.models import Record
from banjie.registers.rows import REMOVED, TAKEN, key_title

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


@dataclass
class Written:
    """What a bulk write did, or, for a dry run, would do."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    problems: list[RowProblem] = field(default_factory=list)
    warnings: list[RowProblem] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Planned:
    number: int
    row: Checked
    held: Record | None


def plan(
    definition: Register,
    rows: Sequence[Mapping[str, object]],
    numbers: Sequence[int],
    *,
    by: Account | None,
    mode: Mode,
    verb: Verb | None,
    progress: Progress | None,
) -> tuple[list[Planned], Written]:
    """The rows that may be written, and what is wrong with the others."""
    done, planned = Written(), []
    around = Surroundings.of(definition, rows, by)
    keys = [key_of(definition, given, around) for given in rows]
    there = _there(definition, sorted(set(keys) - {""}), lock=mode != "create")
    seen: dict[str, int] = {}
    permitted = _Permitted(scope_of_actor(by), definition.name, verb)
    for position, (number, key, given) in enumerate(zip(numbers, keys, rows, strict=True), start=1):
        found = there.get(key)
        held = found if found and mode != "create" and permitted.sees(found) else None
        if held and held.removed_at is None:
            row = check(definition, given, around, old=held.data)
            keep_parent(definition, row, held)
        else:
            row = check(definition, given, around)
        says = _refusal(row, found, held, mode, seen, permitted)
        problems = [(p.where, p.value, p.says) for p in row.problems]
        if says and not problems:
            where = definition.area if says is NOT_HERE and definition.area in given else definition.key[0]
            problems = [(str(where), given.get(str(where)), says.format(title=key_title(definition), key=row.key))]
        done.problems += [RowProblem(number, where, value, said) for where, value, said in problems]
        if not problems:
            seen[row.key] = number
            done.warnings += [RowProblem(number, w.name, None, w.says) for w in row.warnings]
            planned.append(Planned(number, row, held))
        if position % CHUNK == 0 or position == len(rows):
            tell(progress, "checking", position, len(rows))
    return planned, done


class _Permitted:
    """Whether rows may be written here, asked once for each area."""

    def __init__(self, scope: Scope, register: str, verb: Verb | None) -> None:
        self.scope, self.register, self.further = scope, register, verb
        self.known: dict[tuple[Verb, str | None], bool] = {}

    def __call__(self, verb: Verb, area: str | None) -> bool:
        if (verb, area) not in self.known:
            wanted = [verb] + ([self.further] if self.further and verb != Verb.VIEW else [])
            self.known[verb, area] = all(self.scope.may(v, self.register, area) for v in wanted)
        return self.known[verb, area]

    def sees(self, record: Record) -> bool:
        """As ``visible_to`` has it: what is not seen lends a row nothing, no value and no rule that it would break."""
        return self(Verb.VIEW, record.area_id)


def _refusal(
    row: Checked, found: Record | None, held: Record | None, mode: Mode, seen: dict[str, int], permitted: _Permitted
) -> Text | None:
    """Why a row that is right in itself cannot be written, if so. ``found`` has the key, ``held`` is to be changed; of a record
    that the account may not see nothing is told but that its key is taken."""
    if row.problems:
        return None
    if row.key in seen:
        return Text(f"{{title}}与第 {seen[row.key]} 行重复", f"has the same key as row {seen[row.key]}")
    if held is None and mode == "update":
        return NO_RECORD
    if not permitted(Verb.CREATE if held is None else Verb.UPDATE, row.area):
        return NOT_HERE
    if held is not None and held.removed_at is None:
        return None if permitted(Verb.UPDATE, held.area_id) else NOT_HERE
    if found is None:
        return None
    return REMOVED if found.removed_at is not None and permitted.sees(found) else TAKEN


NO_RECORD = Text("没有这条记录", "there is no such record")
NOT_HERE = Text("无权在该地区写入", "you may not write in this area")


def _there(definition: Register, keys: Sequence[str], *, lock: bool) -> dict[str, Record]:
    """The records that the keys name, also removed ones, so that they can be told; locked where they may be changed."""
    rows = Record.objects.of(definition.name)
    rows = rows.select_for_update(of=("self",)) if lock else rows.only("key", "area_id", "removed_at")
    found: dict[str, Record] = {}
    for start in range(0, len(keys), CHUNK):
        found.update({r.key: r for r in rows.filter(key__in=keys[start : start + CHUNK])})
    return found


def tell(progress: Progress | None, stage: str, done: int, total: int) -> None:
    if progress is not None:
        progress(stage, done, total)
