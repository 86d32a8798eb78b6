"""Installing a pack: all of it or nothing, in one transaction, with the plan worked out anew inside it."""

from __future__ import annotations

from django.db import transaction

from banjie.bulletins.actions import install_bulletin, retire_bulletin
from banjie.figures.actions import install_figures, retire_figure
from banjie.figures.catalogue import installed
from banjie.ledger.actions import record_entry
from banjie.lib import clock
from banjie.lib.errors import Invalid, Problem, Refusal
from banjie.lib.text import Text
from banjie.matters.installing import install_process, retire_process
from banjie.matters.obligations.installing import install_obligation, retire_obligation
from banjie.packs.definition import Pack
from banjie.packs.lines import BULLETIN, FIGURE, OBLIGATION, PROCESS, REGISTER
from banjie.packs.models import InstalledPack
from banjie.packs.planning_grants import dropped, given_by, take_back
from banjie.packs.plans import Plan, plan
from banjie.people.installation import install_people
from banjie.people.models import Account
from banjie.people.scopes import ALL_REGISTERS, scope_of_actor
from banjie.people.verbs import Verb
from banjie.places.actions import install_areas
from banjie.registers.installing import install_register, retire_register


class PlanChanged(Refusal):
    """Between showing the plan and acting on it, something else was installed. ``now`` is the plan as it is."""

    def __init__(self, now: Plan) -> None:
        super().__init__(
            Text(
                "确认之后情况有变，未安装。请重新查看计划。",
                "things changed since the plan was shown; nothing was installed. Look at the plan again.",
            )
        )
        self.now = now


def install(pack: Pack, *, by: Account | None, accept: Plan | None = None) -> Plan:
    """Bring a checked pack into force; the same pack again does nothing. Returns what was done.

    ``accept`` is the plan that a person saw: if the plan has become another, PlanChanged and nothing is done. Demonstration
    data and accounts are not installed. NotPermitted without CONFIGURE on everything; Invalid with the count of records
    where something would be lost.
    """
    with transaction.atomic():
        scope_of_actor(by).require(Verb.CONFIGURE, ALL_REGISTERS, None)
        _require_packs(pack)
        todo = plan(pack)
        if accept is not None and list(accept.lines()) != list(todo.lines()):
            raise PlanChanged(todo)
        if todo.refused:
            raise Invalid([Problem(line.name, str(line.title), line.text) for line in todo.refused])
        if not todo.nothing_to_do:
            _apply(pack, todo, by)
    return todo


def _require_packs(pack: Pack) -> None:
    installed = set(InstalledPack.objects.values_list("name", flat=True))
    missing = [name for name in pack.head.requires if name not in installed]
    if missing:
        names = "、".join(missing), ", ".join(missing)
        raise Refusal(Text(f"请先安装：{names[0]}。", f"install these packs first: {names[1]}."))


def _apply(pack: Pack, todo: Plan, by: Account | None) -> None:
    why = f"{pack.head.title.zh} {pack.head.version}"
    install_areas(pack.places, by=by, why=why, origin="packs")
    install_people(pack.people, by=by, why=why)
    take_back(dropped(pack), by=by, why=why)
    for line in todo.removed:
        if line.kind == BULLETIN:
            retire_bulletin(line.name, by=by)
    gone = {line.name for line in todo.removed if line.kind == FIGURE}
    left = _retire_figures(gone, by)
    for register in pack.registers:
        install_register(register, pack=pack.name, by=by)
    for process in pack.processes:
        install_process(process, pack=pack.name, by=by)
    for obligation in pack.obligations:
        install_obligation(obligation, pack=pack.name, by=by)
    install_figures(list(pack.all_figures), pack=pack.name, by=by)
    for bulletin in pack.bulletins:
        install_bulletin(bulletin, pack=pack.name, by=by)
    for name in _retire_figures(left, by):
        retire_figure(name, by=by)  # something of another pack is made of it: says so, and nothing is installed
    for line in todo.removed:
        if line.kind == OBLIGATION:
            retire_obligation(line.name, by=by, why=f"{pack.head.title.zh} {pack.head.version}")
        elif line.kind == PROCESS:
            retire_process(line.name, by=by)
    for line in todo.removed:
        if line.kind == REGISTER:
            retire_register(line.name, by=by)
    _keep(pack, todo, by)


def _retire_figures(names: set[str], by: Account | None) -> set[str]:
    """Retire those of which nothing else is made, then those of which nothing else is made any more. Returns the rest."""
    left = set(names)
    while True:
        used = {part for figure in installed() for part in figure.parts}
        free = sorted(left - used)
        if not free:
            return left
        for name in free:
            retire_figure(name, by=by)
            left.discard(name)


def _keep(pack: Pack, todo: Plan, by: Account | None) -> None:
    number = InstalledPack.objects.filter(name=pack.name).count() + 1
    InstalledPack.objects.create(
        name=pack.name, number=number, version=pack.head.version, title_zh=pack.head.title.zh, title_en=pack.head.title.en,
        digest=pack.digest, content=_content(pack), installed_at=clock.now(),
    )  # fmt: skip
    did = [{"what": heading.en, "zh": line.text.zh, "en": line.text.en} for heading, line in todo.lines()]
    body = {"pack": pack.name, "number": number, "version": pack.head.version, "digest": pack.digest, "did": did}
    record_entry(chain=f"pack:{pack.name}", verb="pack.install", body=body, by=by)


def _content(pack: Pack) -> dict[str, object]:
    return {
        "head": pack.head.as_json(),
        "choices": [choices.as_json() for choices in pack.choices],
        "registers": [register.name for register in pack.registers],
        "matters": [process.name for process in pack.processes],
        "obligations": [obligation.name for obligation in pack.obligations],
        "figures": [figure.name for figure in pack.all_figures],
        "bulletins": [bulletin.name for bulletin in pack.bulletins],
        "screens": pack.screens.as_json(),
        "grants": given_by(pack),
    }
