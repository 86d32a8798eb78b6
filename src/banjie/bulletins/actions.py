"""Installing bulletins; drafting, editing and publishing their issues."""

from __future__ import annotations

from datetime import datetime

from django.db import IntegrityError, transaction

from banjie.bulletins import publications
from banjie.bulletins.catalogue import bulletin_in_force
from banjie.bulletins.compiling import check_bulletin
from banjie.bulletins.composing import LANGUAGES, Composed, compose
from banjie.bulletins.definition import Bulletin
from banjie.bulletins.marks import checked
from banjie.bulletins.models import BulletinVersion, Issue
from banjie.figures.catalogue import figures
from banjie.ledger.actions import record_entry
from banjie.lib import canonical, clock, signing
from banjie.lib.errors import Conflict, Invalid, NotFound, Problem, Refusal
from banjie.lib.periods import Period
from banjie.lib.text import Text
from banjie.people.models import Account
from banjie.people.scopes import ALL_REGISTERS, scope_of_actor
from banjie.people.verbs import Verb

__all__ = ["discard", "draft", "edit", "install_bulletin", "publish", "retire_bulletin"]

SYSTEM = "系统 System"
DRAFT = "bulletin.draft"
NUMBER_LONGEST = 60
ONE_DRAFT = Text(
    "这一期已有草稿，请先修改、发布或作废它", "there is a draft of this period already: edit, publish or discard it first"
)
ALREADY_OUT = Text("已经发布，不能再改；数据有更正请另起草一期更正", "it is published and cannot be changed: draft a correction")


@transaction.atomic
def install_bulletin(bulletin: Bulletin, *, pack: str, by: Account | None) -> BulletinVersion:
    """Put a bulletin in force; the same one again changes nothing. Raises DefinitionError."""
    scope_of_actor(by).require(Verb.CONFIGURE, ALL_REGISTERS, None)
    check_bulletin(bulletin, figures())
    body = bulletin.as_json()
    newest = BulletinVersion.objects.select_for_update().filter(name=bulletin.name).order_by("-number").first()
    if newest is not None and newest.body == body and newest.pack == pack and not newest.retired:
        return newest
    number = newest.number + 1 if newest else 1
    version = BulletinVersion.objects.create(name=bulletin.name, number=number, body=body, pack=pack, installed_at=clock.now())
    said = {"bulletin": bulletin.name, "number": number, "pack": pack, "definition": body}
    record_entry(chain=publications.chain(bulletin.name), verb="bulletin.install", body=said, by=by)
    return version


@transaction.atomic
def retire_bulletin(name: str, *, by: Account | None) -> None:
    """Draft no more issues; those there are stay. Raises NotFound."""
    scope_of_actor(by).require(Verb.CONFIGURE, ALL_REGISTERS, None)
    row, _ = bulletin_in_force(name)
    row.retired = True
    row.save(update_fields=["retired"])
    record_entry(chain=publications.chain(name), verb="bulletin.retire", body={"bulletin": name, "number": row.number}, by=by)


def draft(
    name: str,
    *,
    area: str | None = None,
    period: Period | str,
    as_of: datetime | None = None,
    by: Account | None,
    origin: str = "web",
) -> Issue:
    """Draft the issue of a period as known at ``as_of`` (now, where not given). Where one was published for the same period, the
    draft corrects it. Raises NotFound, NotPermitted, Refusal (a draft is there already; a period that does not fit)."""
    version, bulletin = bulletin_in_force(name)
    composed = compose(
        bulletin, area=area, period=period, as_of=as_of, by=by
    )  # before the transaction: it reads what is committed
    return keep(version, composed, by=by, origin=origin)


def keep(version: BulletinVersion, composed: Composed, *, by: Account | None, origin: str = "web") -> Issue:
    """Keep what was composed as a draft."""
    _require(composed.counted.split(), composed.area, by)
    place = {"name": composed.bulletin.name, "area": composed.area, "period": str(composed.period)}
    try:
        with transaction.atomic():
            last = Issue.objects.filter(**place).order_by("-edition").first()
            if last is not None and not last.published:
                raise Refusal(ONE_DRAFT)
            issue = Issue.objects.create(
                **place, version=version, edition=last.edition + 1 if last else 1, corrects=last, as_of=composed.as_of,
                watermark=composed.watermark, entry=composed.entry, counted=composed.counted, listed=composed.listed,
                frozen=composed.frozen, text_zh=composed.text["zh"], text_en=composed.text["en"], drafted_at=clock.now(),
                drafted_by=str(by.name.zh) if by else SYSTEM,
            )  # fmt: skip
            said = {
                "issue": issue.pk,
                **place,
                "edition": issue.edition,
                "as_of": publications.written(issue.as_of),
                "digest": publications.digest(issue.frozen),
            }
            record_entry(chain=publications.chain(issue.name), verb=DRAFT, body=said, by=by, origin=origin)
    except IntegrityError:
        raise Refusal(ONE_DRAFT) from None
    return issue


@transaction.atomic
def edit(issue: Issue, *, text_zh: str, text_en: str, turn: int, by: Account | None, why: str = "") -> Issue:
    """Change the words of a draft. ``turn``: that of the text the person began from. Raises Invalid (a mark that was typed over),
    Conflict (somebody else has edited meanwhile), Refusal (published)."""
    issue = _mine(issue, by)
    if issue.turn != turn:
        says = Text("他人已修改过这份草稿，请核对后再保存", "somebody else has edited this draft: look at it before saving yours")
        raise Conflict(
            says, theirs={"text_zh": issue.text_zh, "text_en": issue.text_en}, yours={"text_zh": text_zh, "text_en": text_en}
        )
    text = {"zh": text_zh, "en": text_en}
    problems: list[Problem] = []
    for language in LANGUAGES:
        try:
            text[language] = checked(text[language], issue.frozen, language)
        except Invalid as error:
            problems += error.problems
    if problems:
        raise Invalid(problems, {"text_zh": Text("中文正文", "Chinese text"), "text_en": Text("英文正文", "English text")})
    before = {"text_zh": issue.text_zh, "text_en": issue.text_en}
    if before == {"text_zh": text["zh"], "text_en": text["en"]}:
        return issue
    issue.text_zh, issue.text_en, issue.turn = text["zh"], text["en"], issue.turn + 1
    issue.edited_at, issue.edited_by = clock.now(), str(by.name.zh) if by else SYSTEM
    issue.save(update_fields=["text_zh", "text_en", "turn", "edited_at", "edited_by"])
    said = {
        "issue": issue.pk,
        "turn": issue.turn,
        "before": before,
        "after": {"text_zh": issue.text_zh, "text_en": issue.text_en},
    }
    record_entry(chain=publications.chain(issue.name), verb="bulletin.edit", body=said, by=by, why=why)
    return issue


@transaction.atomic
def discard(issue: Issue, *, by: Account | None, why: str = "") -> None:
    """Throw a draft away, so that the period can be drafted anew. What it said stays in the trail. Raises Refusal (published)."""
    issue = _mine(issue, by)
    said = {
        "issue": issue.pk,
        "period": issue.period,
        "edition": issue.edition,
        "text_zh": issue.text_zh,
        "text_en": issue.text_en,
    }
    record_entry(chain=publications.chain(issue.name), verb="bulletin.discard", body=said, by=by, why=why)
    issue.delete()


@transaction.atomic
def publish(
    issue: Issue, *, number: str = "", turn: int | None = None, by: Account | None, why: str = "", origin: str = "web"
) -> Issue:
    """Sign a draft: from now on it is what was said. ``number``: the document's, as the office registers it. ``turn``: that of the
    text which the person read; another one is a Conflict."""
    issue = _mine(issue, by)
    if turn is not None and issue.turn != turn:
        says = Text("他人已修改过这份草稿，请看过再发布", "somebody else has edited this draft: read it before publishing")
        raise Conflict(says, theirs={"turn": issue.turn}, yours={"turn": turn})
    if len(number) > NUMBER_LONGEST:
        raise Invalid(
            [Problem("number", number, Text(f"不超过 {NUMBER_LONGEST} 字", f"at most {NUMBER_LONGEST} characters"))],
            {"number": Text("发文字号", "Document number")},
        )
    key = signing.key(publications.key_path())
    issue.published_at, issue.published_by = clock.now(), str(by.name.zh) if by else SYSTEM
    issue.statement = publications.statement(issue, number=number)
    issue.state, issue.public_key = Issue.State.PUBLISHED, key.public
    issue.signature = key.sign(canonical.encode(issue.statement))
    issue.save(update_fields=["published_at", "published_by", "statement", "state", "public_key", "signature"])
    said = {"issue": issue.pk, "statement": issue.statement, "public_key": issue.public_key, "signature": issue.signature}
    record_entry(chain=publications.chain(issue.name), verb=publications.PUBLISH, body=said, by=by, why=why, origin=origin)
    return issue


def _mine(issue: Issue, by: Account | None) -> Issue:
    """The draft as it stands, locked, if the actor may change it. Raises NotFound, NotPermitted, Refusal."""
    there = Issue.objects.select_for_update().filter(pk=issue.pk).first()
    if there is None:
        raise NotFound(Text("没有这份草稿，可能已作废", "there is no such draft: it may have been discarded"))
    _require(there.counted.split(), there.area, by)
    if there.published:
        raise Refusal(ALREADY_OUT)
    return there


def _require(registers: list[str], area: str, by: Account | None) -> None:
    scope = scope_of_actor(by)
    for register in registers:
        scope.require(Verb.PUBLISH, register, area)
