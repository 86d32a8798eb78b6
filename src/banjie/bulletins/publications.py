"""Issues as they were signed, and whether that still holds."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.conf import settings

from banjie.bulletins.models import Issue
from banjie.bulletins.revising import revised
from banjie.ledger.findings import Finding, Kind, Report
from banjie.ledger.models import Entry
from banjie.lib import canonical, signing
from banjie.lib.errors import Refusal
from banjie.lib.text import Text

PUBLISH = "bulletin.publish"
Progress = Callable[[int, int], None]


def key_path() -> Path:
    """The key of what is published: the same as for figures."""
    return Path(settings.DATA) / "keys" / "figures.ed25519"


def chain(name: str) -> str:
    return f"bulletin:{name}"


def digest(said: Mapping[str, Any]) -> str:
    return hashlib.sha256(canonical.encode(said)).hexdigest()


def written(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def statement(issue: Issue, *, number: str) -> dict[str, Any]:
    """What is signed: the texts, the digest of all that was computed, and how far the trail had been read."""
    return {
        "kind": "banjie published bulletin",
        "v": 1,
        "bulletin": issue.name,
        "number": number,
        "title": issue.frozen["title"],
        "area": issue.area,
        "period": issue.period,
        "as_of": written(issue.as_of),
        "watermark": issue.watermark,
        "entry": issue.entry,
        "edition": issue.edition,
        "corrects": issue.corrects_id,
        "definition": issue.frozen["definition"],
        "frozen": digest(issue.frozen),
        "text_zh": issue.text_zh,
        "text_en": issue.text_en,
    }


def verify_all(progress: Progress | None = None) -> Report:
    """Check every published issue: its signature, that its key is trusted, that it is what was signed, its ledger entry, and its
    numbers computed anew as known then."""
    report = Report()
    issues = list(Issue.objects.published().order_by("pk"))
    trusted = set(signing.trusted(key_path())) if issues else set()
    for count, issue in enumerate(issues, 1):
        report.count("bulletins")
        for kind, says in _faults(issue, trusted):
            report.add(Finding(kind, f"bulletin:{issue.pk}", says.format(issue=str(issue))))
        if progress:
            progress(count, len(issues))
    return report


def _faults(issue: Issue, trusted: set[str]) -> list[tuple[Kind, Text]]:
    body = issue.statement or {}
    if not signing.verify(issue.public_key, issue.signature, canonical.encode(body)):
        return [
            (
                Kind.SIGNATURE,
                Text("已发布通报「{issue}」的签名不成立", "the signature of the published bulletin {issue} does not hold"),
            )
        ]
    if issue.public_key not in trusted:
        says = Text("已发布通报「{issue}」的密钥不受信任", "the key that signed the published bulletin {issue} is not trusted")
        return [(Kind.SIGNATURE, says)]
    if statement(issue, number=body.get("number", "")) != body:
        return [(Kind.FIGURE, Text("已发布通报「{issue}」与其签名内容不符", "{issue} is not what its signature covers"))]
    entries = Entry.objects.of(chain(issue.name)).filter(verb=PUBLISH).values_list("body", flat=True)
    if not any(e["issue"] == issue.pk and e["signature"] == issue.signature for e in entries):
        return [
            (Kind.FIGURE, Text("台账中没有通报「{issue}」的发布记录", "the trail has no entry of the publication of {issue}"))
        ]
    return _recomputed(issue)


def _recomputed(issue: Issue) -> list[tuple[Kind, Text]]:
    try:
        changes = revised(issue, as_of=issue.as_of).changes
    except Refusal as refusal:
        says = Text("通报「{issue}」不能重新计算：{why}", "the bulletin {issue} cannot be computed again: {why}")
        return [(Kind.FIGURE, says.format(issue="{issue}", why=refusal.says))]
    if not changes:
        return []
    says = Text(
        "通报「{issue}」的「{what}」重新计算得 {now}，发布时为 {then}",
        "{what} of the bulletin {issue}, computed again, is {now} and was {then}",
    )
    first = changes[0]
    return [(Kind.FIGURE, says.format(issue="{issue}", what=first.title, now=first.now, then=first.then))]
