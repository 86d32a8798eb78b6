"""Installing, retiring and publishing figures."""

from __future__ import annotations

from django.db import transaction

from banjie.figures.catalogue import installed
from banjie.figures.definition import Figure
from banjie.figures.models import FigureVersion
from banjie.figures.plan import compile_all
from banjie.ledger.actions import record_entry
from banjie.lib import clock
from banjie.lib.errors import NotFound
from banjie.lib.text import Text
from banjie.people.models import Account
from banjie.people.scopes import ALL_REGISTERS, scope_of_actor
from banjie.people.verbs import Verb
from banjie.registers.catalogue import catalogue as registers

__all__ = ["install_figure", "install_figures", "retire_figure"]


def install_figure(figure: Figure, *, pack: str, by: Account | None) -> FigureVersion:
    """Install one figure; the figures it is made of must be there. What is unchanged stays as it is. Raises DefinitionError."""
    return install_figures([figure], pack=pack, by=by)[0]


@transaction.atomic
def install_figures(figures: list[Figure], *, pack: str, by: Account | None) -> list[FigureVersion]:
    """Install figures that may be made of each other, in any order. Raises DefinitionError with the path in ``figures``."""
    scope_of_actor(by).require(Verb.CONFIGURE, ALL_REGISTERS, None)
    names = {f.name for f in figures}
    others = [f for f in installed() if f.name not in names]
    compile_all([*figures, *others], registers().registers)
    return [_install(figure, pack=pack, by=by) for figure in figures]


@transaction.atomic
def retire_figure(name: str, *, by: Account | None) -> None:
    """Take a figure out of use. Refused with a DefinitionError while another is made of it."""
    scope_of_actor(by).require(Verb.CONFIGURE, ALL_REGISTERS, None)
    newest = FigureVersion.objects.filter(name=name, retired=False).order_by("-number").first()
    if newest is None:
        raise NotFound(Text(f"没有名为「{name}」的指标", f"there is no figure called {name}"))
    compile_all([f for f in installed() if f.name != name], registers().registers)
    newest.retired = True
    newest.save(update_fields=["retired"])
    record_entry(chain=f"figure:{name}", verb="figure.retire", body={"figure": name, "number": newest.number}, by=by)


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
