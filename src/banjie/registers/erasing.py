"""Erasing personal values for good where the law demands it (Personal Information Protection Law, art. 47)."""

from __future__ import annotations

from collections.abc import Collection

from django.db import transaction

from banjie.ledger.actions import erase as erase_from_entry
from banjie.ledger.actions import record_entry
from banjie.ledger.models import Entry
from banjie.lib import clock
from banjie.lib.errors import Invalid, NotFound, Problem
from banjie.lib.text import Text
from banjie.people.models import Account
from banjie.people.scopes import scope_of_actor
from banjie.people.verbs import Verb
from banjie.registers import search, trail
from banjie.registers.catalogue import catalogue
from banjie.registers.definition import Register
from banjie.registers.models import Record

NO_RECORD = Text("没有这条记录", "there is no such record")
NOT_PERSONAL = Text("不是个人信息字段", "is not a personal field")
GIVE_A_REASON = Text("清除个人信息须写明依据", "say on what ground the values are erased")


def erase(record: Record | int, fields: Collection[str], *, by: Account | None, why: str, origin: str = "web") -> int:
    """Erase personal fields of a record, now and in its whole history; removed records too. The chain stays verifiable: its
    commitments remain, and without salt and value nobody can tell what they stood for.

    Returns how many values were erased, the present ones included; 0, and nothing written, where there were none. Raises
    NotPermitted, NotFound, Invalid (a field that is not personal, no reason).
    """
    with transaction.atomic():
        held = _hold(record, by)
        scope_of_actor(by).require(Verb.ERASE, held.register, held.area_id)
        definition = catalogue().register(held.register)
        _refuse(definition, fields, why)
        present = sorted(n for n in set(fields) if held.data.get(n) is not None)
        past = _kept_in_history(held, fields)
        if present or past:
            _forget(held, definition, present)
            body = {
                "register": held.register, "record": held.pk, "key": held.key, "version": held.version,
                "erased": sorted(set(fields)), "before": {},
            }  # fmt: skip
            record_entry(chain=held.chain, verb=trail.ERASE, body=body, by=by, why=why, origin=origin)
        for entry, paths in past:
            erase_from_entry(entry=entry, paths=paths, by=by, why=why, origin=origin)
    return len(present) + sum(len(paths) for _, paths in past)


def _hold(record: Record | int, by: Account | None) -> Record:
    pk = record if isinstance(record, int) else record.pk
    held: Record | None = Record.objects.visible_to(by).select_for_update(of=("self",)).filter(pk=pk).first()
    if held is None:
        raise NotFound(NO_RECORD)
    return held


def _refuse(definition: Register, fields: Collection[str], why: str) -> None:
    problems = [Problem(n, None, NOT_PERSONAL) for n in sorted(set(fields) - definition.personal)]
    if not why.strip():
        problems.append(Problem("why", why, GIVE_A_REASON))
    if problems:
        raise Invalid(problems)


def _kept_in_history(held: Record, fields: Collection[str]) -> list[tuple[Entry, list[str]]]:
    entries = Entry.objects.of(held.chain).filter(personal_values__path__in=sorted(fields)).distinct()
    return [(e, sorted(e.personal_values.filter(path__in=fields).values_list("path", flat=True))) for e in entries]


def _forget(held: Record, definition: Register, fields: Collection[str]) -> None:
    held.data = {name: (None if name in fields else value) for name, value in held.data.items()}
    held.search = search.text_of(definition, held.key, held.data)
    held.version += 1
    held.updated_at = max(clock.now(), held.created_at)
    held.save(update_fields=["data", "search", "version", "updated_at"])
    search.keep([(held.pk, held.search)], new=False)
