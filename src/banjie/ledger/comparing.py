"""Rows held against the trail: what the verifiers of the rooms above have in common. The ledger itself knows no rows.

A verifier walks over its rows in chunks, asks for what the trail says of each, and adds a finding for a row that differs, one that
no entry tells of, and one that is gone. No value is told, only what it is called.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.db import connection

from banjie.ledger.findings import Finding, Kind, Report
from banjie.ledger.reading import in_chunks
from banjie.lib.text import Text

DIFFERS = Text("{s} 与台账不符：{what}已被绕过系统改动", "{s} is not what the trail says: {what} was changed from outside")
NO_ENTRY = Text("{s} 在台账中没有记载，系绕过系统添加", "the trail knows nothing of {s}: it was added from outside")
NO_ROW = Text("{s} 已被绕过系统删除：台账中还有它", "{s} was deleted from outside: the trail still tells of it")
CHUNK = 500  # rows whose entries are read together


class Told(NamedTuple):
    """An entry as far as a verifier of rows asks for it. A body that is no object, which the chain's check names, is empty."""

    chain: str
    entry: int
    verb: str
    body: dict[str, Any]


def told(chains: Collection[str], verbs: Sequence[str] = (), like: str = "") -> Iterator[Told]:
    """The entries of these chains, chain by chain and in their order; only those with one of ``verbs`` or one ``like`` this."""
    sqlite = connection.vendor == "sqlite"
    among = "IN (SELECT value FROM json_each(%s))" if sqlite else "= ANY(%s)"

    def bound(values: Collection[str]) -> str | list[str]:
        return json.dumps(list(values)) if sqlite else list(values)

    conditions, values = [f"chain {among}"], [bound(chains)]
    if verbs or like:
        conditions.append(f"(verb {among} OR verb LIKE %s)")
        values += [bound(verbs), like]
    statement = (
        "SELECT chain, id, verb, CAST(body AS TEXT) FROM ledger_entry "  # noqa: S608 - constants
        f'WHERE {" AND ".join(conditions)} ORDER BY chain, "index"'
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        while rows := cursor.fetchmany(CHUNK):
            for chain, entry, verb, body in rows:
                yield Told(chain, entry, verb, mapping(body))


class Kept(NamedTuple):
    """A personal value that is kept beside an entry."""

    chain: str
    entry: int
    path: str
    value: object


def personal_values(chains: Collection[str]) -> list[Kept]:
    """Each personal value kept beside these chains, the last one of a path last."""
    sqlite = connection.vendor == "sqlite"
    among = "IN (SELECT value FROM json_each(%s))" if sqlite else "= ANY(%s)"
    statement = (
        "SELECT e.chain, e.id, p.path, CAST(p.value AS TEXT) FROM ledger_entry e JOIN ledger_personalvalue p ON p.entry_id = e.id "  # noqa: S608
        f'WHERE e.chain {among} ORDER BY e.chain, e."index"'
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, [json.dumps(list(chains)) if sqlite else list(chains)])
        return [Kept(chain, entry, path, _value(value)) for chain, entry, path, value in cursor.fetchall()]


def chains_begun(prefix: str, size: int = CHUNK) -> Iterator[list[tuple[str, int | None]]]:
    """Every chain with this prefix (``post:``), each with its last entry, in chunks."""
    yield from in_chunks(
        "SELECT h.chain, (SELECT MAX(id) FROM ledger_entry e WHERE e.chain = h.chain) FROM ledger_head h "  # noqa: S608 - a constant
        f"WHERE h.chain LIKE '{prefix}%' ORDER BY h.chain",
        size,
    )


@dataclass(frozen=True, slots=True)
class Said:
    """What the trail last said of one row, and in which entry."""

    entry: int
    facts: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Against:
    """Adds findings of one kind of row. ``title``: what such a row is called; ``parts``: what its columns are called, in order."""

    report: Report
    kind: str  # ``grant``: of the subject ``grant:17``
    title: Text
    parts: Mapping[str, Text]

    def compare(self, number: object, name: str | Text, said: Said | None, held: Mapping[str, object]) -> None:
        """A row that is there. Only the parts that have a title are compared."""
        called = self._called(number, name)
        if said is None:
            self.report.add(Finding(Kind.ROW, f"{self.kind}:{number}", NO_ENTRY.format(s=called)))
            return
        wrong = [title for part, title in self.parts.items() if held.get(part) != said.facts.get(part)]
        self.differs(number, name, wrong, said.entry)

    def differs(self, number: object, name: str | Text, wrong: Iterable[Text], entry: int | None) -> None:
        wrong = list(wrong)
        if wrong:
            says = DIFFERS.format(s=self._called(number, name), what=joined(wrong))
            self.report.add(Finding(Kind.ROW, f"{self.kind}:{number}", says, entry))

    def gone(self, number: object, name: str | Text, entry: int | None) -> None:
        """A row that the trail tells of and that is not there."""
        self.report.add(Finding(Kind.ROW, f"{self.kind}:{number}", NO_ROW.format(s=self._called(number, name)), entry))

    def _called(self, number: object, name: str | Text) -> Text:
        what = Text.of(name)
        return Text(f"{self.title.zh}「{what.zh}」（{self.kind}:{number}）", f"{self.title.en} {what.en} ({self.kind}:{number})")


def compare_all(against: Against, said: Mapping[Any, Said], held: Mapping[Any, Mapping[str, object]], name: Any = str) -> None:
    """The rows of one subject, by number: those that are there, and those that should be. ``name`` names one by its facts."""
    for number, facts in held.items():
        against.compare(number, name(facts), said.get(number), facts)
    for number in said.keys() - held.keys():
        against.gone(number, name(said[number].facts), said[number].entry)


class Version(NamedTuple):
    """A definition as installed. ``content``: what its entry says of it, under the same name: its digest, or itself."""

    name: str
    number: int
    pack: str
    retired: bool
    content: Mapping[str, object]


VERSION_PARTS = {
    "digest": Text("定义", "the definition"),
    "definition": Text("定义", "the definition"),
    "pack": Text("所属包", "its pack"),
    "retired": Text("停用状态", "whether it is retired"),
}


def compare_versions(report: Report, kind: str, title: Text, rows: Iterable[Version]) -> None:
    """The versions of definitions (``kind``: ``register``) against the entries of their installation and retirement."""
    by_name: dict[str, dict[str, Mapping[str, object]]] = {}
    for row in rows:
        held = {**row.content, "pack": row.pack, "retired": row.retired}
        by_name.setdefault(row.name, {})[f"{row.name} v{row.number}"] = held
        report.count("definitions")
    against = Against(report, kind, title, VERSION_PARTS)
    for chains in chains_begun(f"{kind}:"):
        for chain, _ in chains:
            by_name.setdefault(chain.removeprefix(f"{kind}:"), {})
    for name, held_versions in by_name.items():
        said: dict[str, Said] = {}
        for entry in told([f"{kind}:{name}"], (f"{kind}.install", f"{kind}.retire")):
            number = f"{name} v{entry.body.get('number')}"
            if entry.verb == f"{kind}.install":
                said[number] = Said(entry.entry, entry.body | {"retired": False})
                continue
            for of in {number} & said.keys() if "number" in entry.body else said.keys():  # without a number: every version
                said[of] = Said(entry.entry, {**said[of].facts, "retired": True})
        for number in held_versions.keys() | said.keys():
            compare_all(
                against,
                {k: v for k, v in said.items() if k == number},
                {k: v for k, v in held_versions.items() if k == number},
                lambda _, number=number: number,
            )


def joined(titles: Iterable[Text]) -> Text:
    titles = list(titles)
    return Text("、".join(t.zh for t in titles), ", ".join(t.en for t in titles))


def mapping(text: object) -> dict[str, Any]:
    """A JSON object; an empty one for anything else, which then differs from what is expected of it."""
    said = _value(text)
    return said if isinstance(said, dict) else {}


def _value(text: object) -> object:
    try:
        return json.loads(str(text))
    except ValueError:
        return None
