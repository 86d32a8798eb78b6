"""The files: each attachment held against the trail, and the content of every file against its hash.

What an entry said of a file (name, hash, size, kind, when and by whom) is compared with the rows; the content is read whole, piece by
piece. A run of an import keeps its sheet for a month only and is no entry; while it is kept, its content is hashed like any other.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Collection
from datetime import datetime
from typing import Any

from banjie.ledger.comparing import CHUNK, Against, Said, told
from banjie.ledger.findings import Finding, Kind, Report
from banjie.ledger.hashing import moment
from banjie.ledger.reading import in_chunks, one_view
from banjie.ledger.verification import Progress
from banjie.lib.text import Text
from banjie.registers import trail
from banjie.registers.files import path_of
from banjie.registers.models import Attachment, StoredFile

TITLE = Text("附件", "the attachment")
PARTS = {
    "record": Text("所属记录", "the record"),
    "name": Text("文件名", "the name"),
    "sha256": Text("内容", "the content"),
    "size": Text("大小", "the size"),
    "media_type": Text("文件类型", "the kind of file"),
    "removed": Text("移除状态", "whether it was taken off"),
    "attached_at": Text("上传时间", "when it was attached"),
    "attached_by": Text("上传人", "who attached it"),
    "removed_at": Text("移除时间", "when it was taken off"),
}
GONE = Text("文件 {f} 的内容不在存储中（{of}）", "the content of the file {f} is not in the store ({of})")
CHANGED = Text(
    "文件 {f} 的内容已被改动，与其哈希不符（{of}）", "the content of the file {f} was changed: it does not give its hash ({of})"
)
UNREADABLE = Text("文件 {f} 无法读取（{of}）", "the file {f} cannot be read ({of})")
OF_NONE = Text("不属于任何记录", "attached to no record")
NAMED = 5  # attachments named with one content
_COLUMNS = ("id", "record_id", "name", "file_id", "file__size", "file__media_type", "attached_at", "attached_by_id", "removed_at")
_TOLD = f"SELECT id, chain FROM ledger_entry WHERE verb = '{trail.ATTACH}' ORDER BY id"  # noqa: S608 - a constant


def verify_files(progress: Progress | None = None) -> Report:
    """Compare every attachment with its entries, and hash every file. Memory does not grow with their number or size."""
    report = Report()
    with one_view():
        steps, total = 0, Attachment.objects.count() + StoredFile.objects.count()
        for rows in in_chunks("SELECT id, record_id FROM registers_attachment ORDER BY id", CHUNK):
            _compare(report, rows)
            steps += len(rows)
            if progress:
                progress(steps, total)
        for entries in in_chunks(_TOLD, CHUNK):
            _missing(report, entries)
        for (sha256,) in _each("SELECT sha256 FROM registers_storedfile ORDER BY sha256"):
            _hash(report, sha256)
            steps += 1
            if progress:
                progress(steps, total)
    return report


def _each(statement: str):  # type: ignore[no-untyped-def]
    for rows in in_chunks(statement, CHUNK):
        yield from rows


def _said(chains: Collection[str]) -> dict[str, dict[int, Said]]:
    """What the trail says of the attachments of records, by chain and number."""
    found: defaultdict[str, dict[int, Said]] = defaultdict(dict)
    for chain, entry, verb, body in told(chains, (trail.ATTACH, trail.DETACH)):
        number = body.get("attachment")
        if isinstance(number, int):
            found[chain][number] = Said(entry, body | {"removed": verb == trail.DETACH})
    return found


def _compare(report: Report, rows: list[tuple]) -> None:
    said = _said({f"record:{record}" for _, record in rows})
    held = {row["id"]: row for row in Attachment.objects.filter(pk__in=[pk for pk, _ in rows]).values(*_COLUMNS)}
    for pk, record in rows:
        known = said.get(f"record:{record}", {}).get(pk)
        row = held.get(pk)
        name = known.facts.get("name") if known else row and row["name"]
        facts = _facts(row) if row else {}  # without a row here, its file is gone
        if known:  # earlier entries did not say when and by whom
            facts = {part: value for part, value in facts.items() if part in known.facts}
        Against(report, "attachment", TITLE, PARTS).compare(pk, _of(str(name), record), known, facts)
    report.count("attachments", len(rows))


def _facts(row: dict[str, Any]) -> dict[str, object]:
    def at(value: datetime | None) -> str | None:
        return moment(value) if value else None

    return {
        "record": row["record_id"], "name": row["name"], "sha256": row["file_id"], "size": row["file__size"],
        "media_type": row["file__media_type"], "removed": row["removed_at"] is not None, "attached_at": at(row["attached_at"]),
        "attached_by": row["attached_by_id"], "removed_at": at(row["removed_at"]),
    }  # fmt: skip


def _missing(report: Report, entries: list[tuple]) -> None:
    """Attachments that the trail tells of and that are not there, or lie with another record."""
    said = _said({chain for _, chain in entries})
    there = {
        (f"record:{record}", pk)
        for pk, record in Attachment.objects.filter(pk__in=[pk for of in said.values() for pk in of]).values_list("pk", "record")
    }
    attached = {entry for entry, _ in entries}
    for chain, of in said.items():
        for pk, known in of.items():
            if (chain, pk) not in there and _first_entry(chain, pk) in attached:
                name = _of(str(known.facts.get("name")), chain.removeprefix("record:"))
                Against(report, "attachment", TITLE, PARTS).gone(pk, name, known.entry)


def _first_entry(chain: str, pk: int) -> int | None:
    """The entry with which an attachment began: a chain that lies across two chunks names it once."""
    return next((t.entry for t in told([chain], [trail.ATTACH]) if t.body.get("attachment") == pk), None)


def _of(name: str, record: object) -> Text:
    return Text(f"{name}（record:{record}）", f"{name} (record:{record})")


def _hash(report: Report, sha256: str) -> None:
    report.count("files")
    try:
        with path_of(sha256).open("rb") as content:
            if hashlib.file_digest(content, "sha256").hexdigest() == sha256:
                return
        says = CHANGED
    except FileNotFoundError:
        says = GONE
    except (OSError, ValueError):
        says = UNREADABLE
    attached = (
        Attachment.objects.filter(file=sha256).order_by("pk").values_list("name", "record", "record__register", "record__key")
    )
    names = [f"{name}: {register}/{key} (record:{record})" for name, record, register, key in attached[:NAMED]]
    of = Text("；".join(names), "; ".join(names)) if names else OF_NONE
    report.add(Finding(Kind.FILE, f"file:{sha256}", says.format(f=sha256, of=of)))
