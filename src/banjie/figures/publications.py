"""Published figures: what was said, signed with Ed25519, and whether it still holds.

What is signed is canonical JSON of the value, unit, display, definition hash, as-of, and for each register the number of rows
and the SHA-256 of their list. So anyone with the public key can check what was published, and anyone with the ledger can
compute it again. A correction is a new vintage that names the old one; nothing published is ever changed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.conf import settings

from banjie.figures import sql
from banjie.figures.answers import Answer, answers_to
from banjie.figures.asking import Asking, Request, as_period, asking
from banjie.figures.models import Publication
from banjie.figures.stretches import asked_leaves
from banjie.ledger.findings import Finding, Kind, Report
from banjie.ledger.models import Entry
from banjie.lib import canonical, signing
from banjie.lib.errors import Refusal
from banjie.lib.text import Text
from banjie.lib.units import plain

Progress = Callable[[int, int], None]
PUBLISH = "figure.publish"


def key_path() -> Path:
    """Where the key for published figures lies; beside it the public keys whose signatures count."""
    return Path(settings.DATA) / "keys" / "figures.ed25519"


def chain(figure: str) -> str:
    return f"figure:{figure}"


def computed(asked: Asking, request: Request) -> tuple[Answer, list[dict[str, Any]]]:
    """The answer, and for each register behind it the rows by number and digest."""
    request = replace(request, as_of=asked.moment(request.as_of) or asked.now)
    (given,) = answers_to(asked, [request])
    plan = asked.plan(request.name)
    evaluation = asked.evaluation(asked.where(plan, request.area), request.as_of)
    sources: list[dict[str, Any]] = []
    for leaf, span in asked_leaves(plan, as_period(request.period)):
        count, digest = asked.reading.cursor.execute(sql.row_lines(leaf, evaluation.slice(leaf, span))).fetchone() or (0, "")
        period = str(span) if span else None
        sources.append(
            {"figure": leaf.figure.name, "register": leaf.register.name, "period": period, "rows": count, "digest": digest}
        )
    return given, sources


def statement(given: Answer, sources: list[dict[str, Any]], *, vintage: int, corrects: int | None) -> dict[str, Any]:
    """What is signed."""
    return {
        "kind": "banjie published figure",
        "v": 1,
        "figure": given.figure,
        "title": given.title.as_dict(),
        "area": given.area,
        "area_title": given.area_title.as_dict(),
        "period": str(given.period) if given.period else None,
        "as_of": written(given.as_of),
        "value": None if given.value is None else plain(given.value),
        "unit": given.unit,
        "display": given.display.as_dict(),
        "basis": given.basis,
        "status": given.status,
        "definition": given.definition,
        "sources": sources,
        "vintage": vintage,
        "corrects": corrects,
    }


def written(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def verify_all(progress: Progress | None = None) -> Report:
    """Check every publication: its signature, that its key is trusted, its ledger entry, and its value computed anew."""
    report = Report()
    trusted = set(signing.trusted(key_path()))
    publications = list(Publication.objects.order_by("id"))
    if not publications:
        return report
    with asking(None) as asked:
        for number, publication in enumerate(publications, 1):
            report.count("figures")
            for kind, says in _faults(publication, trusted, asked):
                report.add(Finding(kind, f"publication:{publication.pk}", says.format(publication=str(publication))))
            if progress:
                progress(number, len(publications))
    return report


def _faults(publication: Publication, trusted: set[str], asked: Asking) -> list[tuple[Kind, Text]]:
    body = publication.body
    if not signing.verify(publication.public_key, publication.signature, canonical.encode(body)):
        return [
            (
                Kind.SIGNATURE,
                Text(
                    "已发布指标「{publication}」的签名不成立", "the signature of the published figure {publication} does not hold"
                ),
            )
        ]
    if publication.public_key not in trusted:
        return [
            (
                Kind.SIGNATURE,
                Text(
                    "已发布指标「{publication}」的密钥不受信任",
                    "the key that signed the published figure {publication} is not trusted",
                ),
            )
        ]
    said = (body["figure"], body["area"] or "", body["period"] or "", body["vintage"], body["corrects"])
    kept = (publication.figure, publication.area, publication.period, publication.vintage, publication.corrects_id)
    if said != kept:
        return [(Kind.FIGURE, Text("「{publication}」与其签名内容不符", "{publication} is not what its signature covers"))]
    entries = Entry.objects.of(chain(publication.figure)).filter(verb=PUBLISH).values_list("body", flat=True)
    if not any(e["publication"] == publication.pk and e["signature"] == publication.signature for e in entries):
        return [
            (
                Kind.FIGURE,
                Text("台账中没有「{publication}」的发布记录", "the trail has no entry of the publication of {publication}"),
            )
        ]
    return _recomputed(body, asked)


def _recomputed(body: dict[str, Any], asked: Asking) -> list[tuple[Kind, Text]]:
    """The value once more, from what was known then; only while the definition is still the one that was published."""
    name = body["figure"]
    if name not in asked.known.plans or asked.known.digest(name) != body["definition"]:
        return []
    request = Request(name, body["area"], body["period"], None, datetime.fromisoformat(body["as_of"]))
    try:
        given, sources = computed(asked, request)
    except Refusal as refusal:
        return [
            (
                Kind.FIGURE,
                Text("「{publication}」不能重新计算：{why}", "{publication} cannot be computed again: {why}").format(
                    publication="{publication}", why=refusal.says
                ),
            )
        ]
    value = None if given.value is None else plain(given.value)
    if (value, sources) == (body["value"], body["sources"]):
        return []
    says = Text(
        "「{publication}」重新计算得 {now}，发布值为 {then}，或所依据的记录不同",
        "{publication} computed again gives {now} and was published as {then}, or rests on other rows",
    )
    return [(Kind.FIGURE, says.format(publication="{publication}", now=value, then=body["value"]))]
