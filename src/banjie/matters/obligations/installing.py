"""Putting an obligation in force. Items keep the version under which they were expected."""

from __future__ import annotations

import hashlib

from django.db import transaction

from banjie.ledger.actions import record_entry
from banjie.lib import canonical, clock
from banjie.lib.errors import DefinitionError, NotFound
from banjie.lib.text import Text
from banjie.matters.models import ObligationVersion
from banjie.matters.obligations.compiling import compile_obligation
from banjie.matters.obligations.definition import Obligation
from banjie.matters.obligations.items import ITEMS
from banjie.people.models import Account, Organisation, Role
from banjie.people.scopes import scope_of_actor
from banjie.people.verbs import Verb
from banjie.registers.catalogue import catalogue
from banjie.registers.installing import install_register

NO_ROLE = Text("没有名为「{name}」的职责", "there is no role called {name}")
NO_OFFICE = Text("没有代码为「{name}」的单位", "there is no organisation with the code {name}")


def install_obligation(obligation: Obligation, *, pack: str, by: Account | None) -> ObligationVersion:
    """Put an obligation in force; the same one again changes nothing. The register of expected items comes with the first. Raises
    DefinitionError (fields, roles, formulas), NotFound (no such register), NotPermitted."""
    with transaction.atomic():
        scope_of_actor(by).require(Verb.CONFIGURE, "*", None)
        compile_obligation(obligation, catalogue())
        _check_people(obligation)
        install_register(ITEMS, pack="banjie", by=by)
        body = obligation.as_json()
        digest = hashlib.sha256(canonical.text(body).encode()).hexdigest()
        newest = ObligationVersion.objects.filter(name=obligation.name).order_by("-number").first()
        if newest and newest.digest == digest and not newest.retired:
            return newest
        number = newest.number + 1 if newest else 1
        version = ObligationVersion.objects.create(
            name=obligation.name, number=number, body=body, digest=digest, pack=pack, installed_at=clock.now()
        )
        said = {"obligation": obligation.name, "number": number, "digest": digest, "pack": pack}
        record_entry(chain=f"obligation:{obligation.name}", verb="obligation.install", body=said, by=by)
    return version


def retire_obligation(name: str, *, by: Account | None, why: str = "") -> None:
    """Expect nothing more under it; what is owed stays owed until it is met or waived. Raises NotFound."""
    with transaction.atomic():
        scope_of_actor(by).require(Verb.CONFIGURE, "*", None)
        if not ObligationVersion.objects.filter(name=name, retired=False).update(retired=True):
            raise NotFound(Text(f"没有名为「{name}」的定期义务", f"there is no obligation called {name}"))
        record_entry(chain=f"obligation:{name}", verb="obligation.retire", body={"obligation": name}, by=by, why=why)


def obligations_in_force() -> list[tuple[ObligationVersion, Obligation]]:
    """Every obligation in force with its row, in the order of installation."""
    newest = {row.name: row for row in ObligationVersion.objects.order_by("number")}
    rows = sorted((row for row in newest.values() if not row.retired), key=lambda row: row.pk)
    return [(row, Obligation.load(row.mapping)) for row in rows]


def _check_people(obligation: Obligation) -> None:
    for path, name in ((("of", "role"), obligation.of.role), (("owner",), obligation.owner.role if obligation.owner else None)):
        if name is not None and not Role.objects.filter(name=name).exists():
            raise DefinitionError(path, NO_ROLE.format(name=name))
    there = set(Organisation.objects.filter(code__in=obligation.of.organisations).values_list("code", flat=True))
    for n, code in enumerate(obligation.of.organisations):
        if code not in there:
            raise DefinitionError(("of", "organisations", n), NO_OFFICE.format(name=code))
