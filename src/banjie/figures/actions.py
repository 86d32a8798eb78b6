"""Installing, retiring and publishing figures."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction

from banjie.figures import publications
from banjie.figures.asking import Request, asking
from banjie.figures.catalogue import installed
from banjie.figures.definition import Figure
from banjie.figures.known_registers import known_registers
from banjie.figures.models import FigureVersion, Publication
from banjie.figures.plan import Plan, compile_all
from banjie.ledger.actions import record_entry
from banjie.lib import canonical, clock, signing
from banjie.lib.errors import Conflict, NotFound, Refusal
from banjie.lib.periods import Period
from banjie.lib.text import Text
from banjie.people.models import Account
from banjie.people.scopes import ALL_REGISTERS, scope_of_actor
from banjie.people.verbs import Verb

__all__ = ["install_figure", "install_figures", "publish", "retire_figure"]


def install_figure(figure: Figure, *, pack: str, by: Account | None) -> FigureVersion:
    """Install one figure; the figures it is made of must be there. What is unchanged stays as it is. Raises DefinitionError."""
    return install_figures([figure], pack=pack, by=by)[0]


@transaction.atomic
def install_figures(figures: list[Figure], *, pack: str, by: Account | None) -> list[FigureVersion]:
    """Install figures that may be made of each other, in any order. Raises DefinitionError with the path in ``figures``."""
    scope_of_actor(by).require(Verb.CONFIGURE, ALL_REGISTERS, None)
    names = {f.name for f in figures}
    others = [f for f in installed() if f.name not in names]
    compile_all([*figures, *others], known_registers())
    return [_install(figure, pack=pack, by=by) for figure in figures]


@transaction.atomic
def retire_figure(name: str, *, by: Account | None) -> None:
    """Take a figure out of use. Refused with a DefinitionError while another is made of it."""
    scope_of_actor(by).require(Verb.CONFIGURE, ALL_REGISTERS, None)
    newest = FigureVersion.objects.filter(name=name, retired=False).order_by("-number").first()
    if newest is None:
        raise NotFound(Text(f"没有名为「{name}」的指标", f"there is no figure called {name}"))
    compile_all([f for f in installed() if f.name != name], known_registers())
    newest.retired = True
    newest.save(update_fields=["retired"])
    record_entry(chain=f"figure:{name}", verb="figure.retire", body={"figure": name, "number": newest.number}, by=by)


def publish(
    name: str,
    *,
    area: str | None = None,
    period: Period | str | None = None,
    as_of: datetime | None = None,
    by: Account | None,
    why: str = "",
    origin: str = "web",
) -> Publication:
    """Sign and publish a figure as it is known now, or was at ``as_of``.

    Where the same figure, area and period was published before with another value or other rows, the new one corrects it and
    names it; where nothing has changed, the old one is returned. Raises NotPermitted, NotFound, Refusal (no value, no area),
    Conflict (somebody else published it at this very moment).
    """
    at = as_of or clock.now()
    with asking(by) as asked:  # before the transaction: the store reads what is committed
        given, sources = publications.computed(asked, Request(name, area, period, None, at))
        _require_publishing(asked.plan(name), given.area, by)
    if given.value is None and given.display.zh == "—":
        says = Text("「{title}」没有数值，不能发布：{why}", "{title} has no value and cannot be published: {why}")
        raise Refusal(says.format(title=given.title, why=given.no_value or Text("", "")))
    place = {"figure": name, "area": given.area or "", "period": str(given.period) if given.period else ""}
    try:
        with transaction.atomic():
            last = Publication.objects.filter(**place).order_by("-vintage").first()
            body = publications.statement(
                given, sources, vintage=last.vintage + 1 if last else 1, corrects=last.pk if last else None
            )
            if last is not None and _says_the_same(last.body, body):
                return last
            return _sign(body, place, last, by=by, why=why, origin=origin)
    except IntegrityError:
        says = Text(
            "他人刚刚发布了同一指标，请核对后再发布", "somebody else has just published the same figure: look at it first"
        )
        raise Conflict(says, theirs={}, yours={}) from None


def _require_publishing(plan: Plan, area: str | None, by: Account | None) -> None:
    scope = scope_of_actor(by)
    for register in sorted(plan.registers):
        scope.require(Verb.PUBLISH, register, area)


def _says_the_same(old: dict[str, Any], new: dict[str, Any]) -> bool:
    passing = {"as_of", "vintage", "corrects"}
    return {k: v for k, v in old.items() if k not in passing} == {k: v for k, v in new.items() if k not in passing}


def _sign(
    body: dict[str, Any], place: dict[str, str], last: Publication | None, *, by: Account | None, why: str, origin: str
) -> Publication:
    key = signing.key(publications.key_path())
    publication = Publication.objects.create(
        **place, vintage=body["vintage"], corrects=last, body=body, public_key=key.public, signature=key.sign(canonical.encode(body)),
        published_at=clock.now(), published_by=str(by.name.zh) if by else "系统 System",
    )  # fmt: skip
    said = {"publication": publication.pk, "statement": body, "public_key": key.public, "signature": publication.signature}
    record_entry(chain=publications.chain(body["figure"]), verb=publications.PUBLISH, body=said, by=by, why=why, origin=origin)
    return publication


def _install(figure: Figure, *, pack: str, by: Account | None) -> FigureVersion:
    body = figure.as_json()
    newest = FigureVersion.objects.select_for_update().filter(name=figure.name).order_by("-number").first()
    if newest is not None and newest.body == body and newest.pack == pack and not newest.retired:
        return newest
    number = newest.number + 1 if newest else 1
    version = FigureVersion.objects.create(name=figure.name, number=number, body=body, pack=pack, installed_at=clock.now())
    said = {"figure": figure.name, "number": number, "pack": pack, "definition": body}
    record_entry(chain=f"figure:{figure.name}", verb="figure.install", body=said, by=by)
    return version
