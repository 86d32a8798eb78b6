"""Putting a process in force. Open matters keep the version under which they began."""

from __future__ import annotations

import hashlib
import json

from django.db import transaction

from banjie.ledger.actions import record_entry
from banjie.lib import clock
from banjie.lib.errors import DefinitionError, Invalid, Problem
from banjie.lib.text import Text
from banjie.matters.ballots import check_ballot
from banjie.matters.catalogue import children_names
from banjie.matters.compiling import compile_process
from banjie.matters.definition import Branch, Process
from banjie.matters.models import Matter, ProcessVersion
from banjie.people.models import Account, Role
from banjie.people.scopes import scope_of_actor
from banjie.people.verbs import Verb
from banjie.registers.catalogue import catalogue as registers


def install_process(process: Process, *, pack: str, by: Account | None) -> ProcessVersion:
    """Put a process in force; the same one again changes nothing. Raises DefinitionError (fields, guards, roles, branches that
    do not exist), NotPermitted, NotFound (no such register)."""
    with transaction.atomic():
        scope_of_actor(by).require(Verb.CONFIGURE, "*", None)
        known = registers()
        compile_process(process, known.register(process.of), children_names(known, process.of), known.registers)
        _check_roles(process)
        _check_branches(process)
        if process.ballot is not None:
            check_ballot(process.ballot, process.of, known)
        body = json.dumps(process.as_json(), ensure_ascii=False)
        digest = hashlib.sha256(body.encode()).hexdigest()
        newest = ProcessVersion.objects.filter(name=process.name).order_by("-number").first()
        if newest and newest.digest == digest and not newest.retired:
            return newest
        number = newest.number + 1 if newest else 1
        version = ProcessVersion.objects.create(
            name=process.name, number=number, body=body, digest=digest, pack=pack, installed_at=clock.now()
        )
        said = {"process": process.name, "number": number, "digest": digest, "pack": pack}
        record_entry(chain=f"process:{process.name}", verb="process.install", body=said, by=by)
    return version


def retire_process(name: str, *, by: Account | None) -> None:
    """No new matters under this process. Raises Invalid while matters are open."""
    with transaction.atomic():
        scope_of_actor(by).require(Verb.CONFIGURE, "*", None)
        count = Matter.objects.live().filter(process=name).count()
        if count:
            says = Text(f"流程不能停用：尚有 {count} 件在办", f"the process cannot be retired: {count} matters are open")
            raise Invalid([Problem(name, count, says)])
        if ProcessVersion.objects.filter(name=name, retired=False).update(retired=True):
            record_entry(chain=f"process:{name}", verb="process.retire", body={"process": name}, by=by)


def _check_roles(process: Process) -> None:
    known = set(Role.objects.filter(name__in=process.roles).values_list("name", flat=True))
    for name, stage in process.stages.items():
        for owner, path in [(stage.owner, ("stages", name, "owner"))] + [
            (task.owner, ("stages", name, "tasks", n, "owner")) for n, task in enumerate(stage.tasks)
        ]:
            if owner and owner.role and owner.role not in known:
                raise DefinitionError(path, _no_role(owner.role))
    missing = sorted(process.roles - known)
    if missing:
        raise DefinitionError(("escalate",), _no_role(missing[0]))


def _no_role(name: str) -> Text:
    return Text(f"没有名为「{name}」的职责", f"there is no role called {name}")


def no_stage(branch: Branch) -> Text:
    """What is said of a branch that the main matter is to wait for up to a stage that is not there."""
    return Text(
        f"办理流程「{branch.process}」没有环节「{branch.until}」", f"the process {branch.process} has no stage {branch.until}"
    )


def _check_branches(process: Process) -> None:
    """Branches lead to processes that are installed: a pack lists them before the process that opens them."""
    known = registers()
    rating = process.public.rating if process.public else None
    called = [(("public", "rating", "call_back"), rating.call_back)] if rating and rating.call_back else []
    opened: list[tuple[tuple[str | int, ...], Branch]] = [
        *called, *((("stages", name, "branches", n), b) for name, s in process.stages.items() for n, b in enumerate(s.branches)),
    ]  # fmt: skip
    for path, branch in opened:
        row = ProcessVersion.objects.filter(name=branch.process, retired=False).order_by("-number").first()
        if row is None:
            raise DefinitionError(
                (*path, "process"),
                Text(f"没有名为「{branch.process}」的办理流程", f"there is no process called {branch.process}"),
            )
        register = known.register(row.mapping["of"])
        if branch.until is not None and branch.until not in row.mapping["stages"]:
            raise DefinitionError((*path, "until"), no_stage(branch))
        for field in branch.fields:
            if field not in register.by_name:
                says = Text(f"登记表「{register.name}」没有字段「{field}」", f"the register {register.name} has no field {field}")
                raise DefinitionError((*path, "fields", field), says)
