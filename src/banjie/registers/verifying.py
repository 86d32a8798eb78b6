"""The records held against the trail: each row says what its chain last said, each chain has its row.

The chain proves itself (`ledger.verification`); this proves that the table, which pages and exports read, still agrees with it.
What is derived from a row (the search index, the time of its last change) is not compared. No value is told, only names.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import connection

from banjie.ledger.findings import Finding, Kind, Report
from banjie.ledger.reading import in_chunks, one_view
from banjie.ledger.verification import Progress
from banjie.lib.errors import DefinitionError
from banjie.lib.text import Text
from banjie.registers import trail
from banjie.registers.catalogue import version
from banjie.registers.definition import Register
from banjie.registers.models import Record, RegisterVersion

DIFFERS = Text("{s} 与台账不符：{what}已被绕过系统改动", "{s} is not what the trail says: {what} was changed from outside")
NO_ENTRY = Text("{s} 在台账中没有记载，系绕过系统添加", "the trail knows nothing of {s}: it was added from outside")
NO_ROW = Text("{s} 已被绕过系统删除：台账中还有它", "{s} was deleted from outside: the trail still tells of it")
UNREADABLE = Text("{s} 的内容无法读取", "{s} cannot be read")
PARTS = {
    "register": Text("登记表", "the register"),
    "key": Text("主键", "the key"),
    "label": Text("名称", "the label"),
    "version": Text("版本", "the version"),
    "area": Text("地区", "the area"),
    "parent": Text("上级", "the parent"),
    "removed": Text("删除状态", "whether it was removed"),
}
_ROWS = "SELECT id, register, key, label, area_id, parent_id, CAST(data AS TEXT), version, removed_at FROM registers_record ORDER BY id"
_STATE = f"(verb IN ({', '.join(repr(verb) for verb in trail.STATES)}) OR verb LIKE 'matter.%%')"


def verify_records(progress: Progress | None = None) -> Report:
    """Compare every record with the last entries of its chain. Memory does not grow with their number."""
    report, definitions = Report(), _Definitions()
    with one_view():
        done, total = 0, Record.objects.count()
        for rows in in_chunks(_ROWS):
            said = _said({f"record:{row[0]}" for row in rows})
            for row in rows:
                _compare(report, definitions, row, said[f"record:{row[0]}"])
            report.count("records", len(rows))
            done += len(rows)
            if progress:
                progress(done, total)
        for chain, entry in _without_row():
            report.add(Finding(Kind.ROW, chain, NO_ROW.format(s=chain), entry))
    return report


@dataclass(slots=True)
class _Said:
    """What the trail says of one record: its last state, the version that an erasure made since, personal values by field."""

    entry: int | None = None
    state: dict[str, Any] | None = None
    version: int = 0
    personal: dict[str, object] = field(default_factory=dict)


def _said(chains: set[str]) -> defaultdict[str, _Said]:
    found: defaultdict[str, _Said] = defaultdict(_Said)
    for chain, entry, verb, body in _last_entries(sorted(chains)):
        said, told = found[chain], _mapping(body)
        if verb == trail.ERASE:
            said.version = told.get("version", said.version)
        elif verb in trail.STATES or verb.startswith("matter."):
            said.entry, said.state, said.version = entry, told, told.get("version", 0)
    for chain, path, value in _personal_values(sorted(chains)):
        found[chain].personal[path] = _mapping(value).get("after")
    return found


def _last_entries(chains: list[str]) -> list[tuple[str, int, str, str]]:
    """The last entry of each chain that holds a state, and what follows it, in order."""
    among, value = _among(chains)
    statement = (
        'SELECT e.chain, e.id, e.verb, CAST(e.body AS TEXT) FROM ledger_entry e JOIN (SELECT chain, MAX("index") AS last '  # noqa: S608
        f"FROM ledger_entry WHERE chain {among} AND {_STATE} GROUP BY chain) s "
        'ON e.chain = s.chain AND e."index" >= s.last ORDER BY e.chain, e."index"'
    )
    return _fetched(statement, value)


def _personal_values(chains: list[str]) -> list[tuple[str, str, str]]:
    """Every personal value kept of these chains, the last one of a field last."""
    among, value = _among(chains)
    statement = (
        "SELECT e.chain, p.path, CAST(p.value AS TEXT) FROM ledger_entry e JOIN ledger_personalvalue p ON p.entry_id = e.id "  # noqa: S608
        f'WHERE e.chain {among} ORDER BY e.chain, e."index"'
    )
    return _fetched(statement, value)


def _among(chains: list[str]) -> tuple[str, str | list[str]]:
    """Many values sent as one."""
    if connection.vendor == "sqlite":
        return "IN (SELECT value FROM json_each(%s))", json.dumps(chains)
    return "= ANY(%s)", chains


def _fetched(statement: str, value: str | list[str]) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(statement, [value])
        return list(cursor.fetchall())


def _compare(report: Report, definitions: _Definitions, row: tuple, said: _Said) -> None:
    pk, register, key, label, area, parent, data, number, removed_at = row
    name = f"{register}/{key} (record:{pk})"
    if said.state is None:
        report.add(Finding(Kind.ROW, f"record:{pk}", NO_ENTRY.format(s=name)))
        return
    state = said.state
    definition = definitions.of(str(state.get("register")), state.get("definition"))
    held = _mapping(data) if isinstance(data, str) else None
    if held is None or definition is None:
        report.add(Finding(Kind.ROW, f"record:{pk}", UNREADABLE.format(s=name), said.entry))
        return
    given: dict[str, object] = {
        "register": register, "key": key, "area": area, "parent": parent, "removed": removed_at is not None, "version": number,
        "label": key if definition.label in definition.personal else label,
    }  # fmt: skip
    expected = {part: state.get(part) for part in given} | {"version": said.version}
    wrong = [PARTS[part] for part in PARTS if given[part] != expected[part]]
    always = definitions.always_personal(definition.name)
    wrong += [_field(definition, n) for n in _fields_that_differ(held, state, said, definition.personal, always)]
    if wrong:
        what = Text("、".join(w.zh for w in wrong), ", ".join(w.en for w in wrong))
        report.add(Finding(Kind.ROW, f"record:{pk}", DIFFERS.format(s=name, what=what), said.entry))


def _fields_that_differ(
    held: Mapping[str, object], state: Mapping[str, Any], said: _Said, personal: Collection[str], always: Collection[str]
) -> list[str]:
    plain = {n: v for n, v in held.items() if v is not None and n not in personal}
    told = state.get("data") or {}
    wrong = {n for n in plain.keys() | told.keys() if plain.get(n) != told.get(n)}
    for name in personal:
        if name in said.personal:
            wrong |= {name} if said.personal[name] != held.get(name) else set()
        elif held.get(name) is not None and name in always:
            wrong.add(name)  # no entry ever took such a value, or it was erased and has come back
    return sorted(wrong)


def _field(definition: Register, name: str) -> Text:
    known = definition.by_name.get(name)
    return Text(f"「{known.title.zh}」", known.title.en) if known else Text(f"「{name}」", name)


class _Definitions:
    """The definitions under which entries were written, each looked up once."""

    def __init__(self) -> None:
        self.known: dict[tuple[str, object], Register | None] = {}
        self.always: dict[str, frozenset[str]] = {}

    def of(self, name: str, number: object) -> Register | None:
        if (name, number) not in self.known:
            self.known[name, number] = _version(name, number)
        return self.known[name, number]

    def always_personal(self, name: str) -> frozenset[str]:
        """The fields that are personal in every version of a register: the trail has taken each of their values."""
        if name not in self.always:
            numbers = RegisterVersion.objects.filter(name=name).values_list("number", flat=True)
            found = [frozenset(version(name, number).personal) for number in numbers]
            self.always[name] = frozenset.intersection(*found) if found else frozenset()
        return self.always[name]


def _version(name: str, number: object) -> Register | None:
    if not isinstance(number, int):
        return None
    try:
        return version(name, number)
    except (RegisterVersion.DoesNotExist, DefinitionError):
        return None


def _mapping(text: object) -> dict[str, Any]:
    """A JSON object; an empty one for anything else, which then differs from what is expected of it."""
    try:
        said = json.loads(str(text))
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}


def _without_row() -> Iterator[tuple[str, int | None]]:
    """The records' chains that have no row, each with its last entry."""
    sqlite = connection.vendor == "sqlite"
    is_number = "SUBSTR(h.chain, 8) NOT GLOB '*[^0-9]*'" if sqlite else "h.chain ~ '^record:[0-9]{1,18}$'"
    statement = (
        "SELECT h.chain, (SELECT MAX(id) FROM ledger_entry e WHERE e.chain = h.chain) FROM ledger_head h "  # noqa: S608 - constants
        f"LEFT JOIN registers_record r ON r.id = CASE WHEN {is_number} THEN CAST(SUBSTR(h.chain, 8) AS BIGINT) END "
        "WHERE h.chain LIKE 'record:%' AND r.id IS NULL"
    )
    for rows in in_chunks(statement):
        yield from rows
