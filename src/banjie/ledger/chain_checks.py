"""The checks along each chain: content against hash, each entry against the one before it, personal values."""

from __future__ import annotations

import json
from collections import defaultdict

from banjie.ledger.findings import Finding, Kind, Report
from banjie.ledger.hashing import NOTHING_BEFORE, commitment, entry_hash
from banjie.ledger.models import PersonalValue
from banjie.ledger.reading import Stored, as_hashed, rows_of
from banjie.lib.text import Text

ALTERED = Text("{s} 的内容已被改动，与其哈希不符", "{s} has been altered: its content does not give its hash")
MISSING = Text("{s} 已被删除", "{s} has been removed")
UNLINKED = Text("{s} 不接续 {p}：其中一条已被替换", "{s} does not follow from {p}: one of the two has been replaced")
MOVED = Text(
    "{s} 的次序已被改动：编号 {i} 不应小于前一条的 {p}", "{s} has been moved: its id {i} is below {p}, of the one before it"
)
VALUE_ALTERED = Text("{s} 的个人信息“{p}”已被改动", "the personal value {p} of {s} has been altered")
VALUE_GONE = Text(
    "{s} 的个人信息“{p}”不见了，且无删除记录", "the personal value {p} of {s} is gone, and no entry tells of its erasure"
)
VALUE_ADDED = Text("{s} 的个人信息“{p}”系事后添加", "the personal value {p} of {s} was added from outside")
MOST_NAMED = 100  # of the entries missing in one gap


class ChainChecks:
    """Takes all entries by chain and index, chunk by chunk; keeps one chain's state at a time."""

    def __init__(self, report: Report) -> None:
        self.report = report
        self.before: Stored | None = None  # the entry before this one in its chain
        self.before_gives = NOTHING_BEFORE  # the hash that its content gives, whatever hash it claims
        self.gone: dict[tuple[int, str], int] = {}  # (index, path) -> entry id: commitments without a value
        self.erased: set[tuple[object, object]] = set()
        self.values_seen = 0
        self.as_hashed = as_hashed()

    def check(self, chunk: list[Stored]) -> None:
        values = _personal_values([entry.id for entry in chunk])
        for entry in chunk:
            if self.before is None or entry.chain != self.before.chain:
                self._close_chain()
                self.report.count("chains")
            self._check_place(entry)
            self._check_entry(entry, values.get(entry.id))
        self.report.count("entries", len(chunk))

    def finish(self) -> None:
        self._close_chain()
        orphans = PersonalValue.objects.count() - self.values_seen
        self.report.count("personal_values", self.values_seen)
        if orphans:
            says = Text("有 {n} 项个人信息不属于任何记录", "{n} personal values belong to no entry").format(n=orphans)
            self.report.add(Finding(Kind.PERSONAL, "personal values", says))

    def _check_place(self, entry: Stored) -> None:
        before = self.before
        expected = before.index + 1 if before else 0
        for index in range(expected, min(entry.index, expected + MOST_NAMED)):
            subject = f"{entry.chain}[{index}]"
            self._find(Kind.MISSING, subject, MISSING.format(s=subject), near=entry.id - 0.5)
        if entry.index != expected:
            return  # what comes before is missing, so there is nothing to hold the link against
        if before is None:
            if entry.previous != NOTHING_BEFORE:
                self._find(Kind.UNLINKED, _name(entry), UNLINKED.format(s=_name(entry), p=entry.chain), entry.id)
            return
        if entry.id <= before.id:
            says = MOVED.format(s=_name(entry), i=entry.id, p=before.id)
            self._find(Kind.MOVED, _name(entry), says, entry.id)
        if entry.previous not in (before.hash, self.before_gives):
            says = UNLINKED.format(s=_name(entry), p=_name(before))
            self._find(Kind.UNLINKED, _name(entry), says, entry.id)

    def _check_entry(self, entry: Stored, values: dict[str, tuple[bytes, str]] | None) -> None:
        try:
            body = self.as_hashed.body(entry.body)
            self.before_gives = self._hash(entry, body)
        except (TypeError, ValueError, AttributeError):  # no longer anything that could ever have been hashed
            body, self.before_gives = entry.body, ""
        if self.before_gives != entry.hash:
            self._find(Kind.ALTERED, _name(entry), ALTERED.format(s=_name(entry)), entry.id)
        if values or '"personal":{' in body:
            self._check_personal(entry, body, values or {})
        if entry.verb == "personal.erased":
            self._note_erasures(body)
        self.before = entry

    def _hash(self, entry: Stored, body: str) -> str:
        _, chain, index, at, loaded_at, actor_id, actor, verb, _, why, origin, previous, _ = entry
        if not (type(index) is int and (actor_id is None or type(actor_id) is int)):
            raise TypeError("a number is not a number")
        at = self.as_hashed.moment(at)
        if loaded_at is not None:
            loaded_at = self.as_hashed.moment(loaded_at)
        return entry_hash(chain, index, at, loaded_at, actor_id, actor, verb, body, why, origin, previous)

    def _check_personal(self, entry: Stored, body: str, values: dict[str, tuple[bytes, str]]) -> None:
        self.values_seen += len(values)
        commitments = _part(body, "personal")
        if not isinstance(commitments, dict):
            commitments = {}
        for path, committed in commitments.items():
            if path not in values:
                self.gone[entry.index, path] = entry.id
            elif not _opens(committed, *values[path]):
                says = VALUE_ALTERED.format(s=_name(entry), p=path)
                self._find(Kind.PERSONAL, _name(entry), says, entry.id)
        for path in values.keys() - commitments.keys():
            self._find(Kind.PERSONAL, _name(entry), VALUE_ADDED.format(s=_name(entry), p=path), entry.id)

    def _note_erasures(self, body: str) -> None:
        erasures = _part(body, "erased")
        for erasure in erasures if isinstance(erasures, list) else []:
            if isinstance(erasure, dict):
                self.erased.add((erasure.get("index"), erasure.get("path")))

    def _close_chain(self) -> None:
        for index, path in sorted(self.gone.keys() - self.erased):
            subject = f"{self.before.chain}[{index}]" if self.before else ""
            self._find(Kind.PERSONAL, subject, VALUE_GONE.format(s=subject, p=path), self.gone[index, path])
        self.before, self.before_gives, self.gone, self.erased = None, NOTHING_BEFORE, {}, set()

    def _find(self, kind: Kind, subject: str, says: Text, entry: int | None = None, near: float = float("inf")) -> None:
        self.report.add(Finding(kind, subject, says, entry, near))


def _name(entry: Stored) -> str:
    return f"{entry.chain}[{entry.index}]"


def _part(body: str, name: str) -> object:
    """A part of a body that may have been tampered with; None if there is none."""
    try:
        said = json.loads(body)
    except ValueError:
        return None
    return said.get(name) if isinstance(said, dict) else None


def _opens(committed: object, salt: bytes, value: str) -> bool:
    try:
        return commitment(bytes(salt), json.loads(value)) == committed
    except (TypeError, ValueError):
        return False


def _personal_values(entry_ids: list[int]) -> dict[int, dict[str, tuple[bytes, str]]]:
    """{entry id: {path: (salt, value as text)}} for these entries."""
    found: dict[int, dict[str, tuple[bytes, str]]] = defaultdict(dict)
    columns = "entry_id, path, salt, CAST(value AS TEXT)"
    for entry_id, path, salt, value in rows_of("ledger_personalvalue", "entry_id", columns, entry_ids):
        found[entry_id][path] = (salt, value)
    return found
