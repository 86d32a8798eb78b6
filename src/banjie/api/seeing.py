"""Reading matters for answers: few statements, each kept by the database. Nobody is shown what ``visible_to`` would not show."""

from __future__ import annotations

from typing import Any, NamedTuple

import orjson
from django.db.models import F

from banjie.api import shapes
from banjie.lib import clock
from banjie.lib.errors import NotFound
from banjie.matters.catalogue import compiled_lately, process_of
from banjie.matters.holding import NO_MATTER
from banjie.matters.models import Clock, Matter, Task
from banjie.matters.queries import MatterQuerySet
from banjie.matters.statements import Prepared, run
from banjie.people.models import Account
from banjie.people.scopes import scope_of
from banjie.people.verbs import Verb
from banjie.registers.catalogue import catalogue

ENTRIES_AT_MOST = 200


def whole(rows: MatterQuerySet) -> MatterQuerySet:
    """With everything that an answer tells of a matter itself."""
    rows = rows.filter(record__removed_at=None).select_related("record", "owner_post", "organisation")
    annotated: MatterQuerySet = rows.annotate(digest=F("definition__digest"), number=F("definition__number"))
    return annotated


_one = Prepared(lambda pk: whole(Matter.objects.filter(pk=pk)))
_clocks = Prepared(lambda pk: Clock.objects.filter(matter=pk).order_by("pk"))
_tasks = Prepared(lambda pk: Task.objects.filter(matter=pk).select_related("owner_post", "organisation").order_by("pk"))
_HISTORY = 'SELECT "index", at, actor, verb, why, origin, body FROM ledger_entry WHERE chain = %s ORDER BY "index" DESC LIMIT %s'


def seen(pk: int, reader: Account) -> Matter:
    """A matter that the reader may see. Raises NotFound for others, as for those that are not there."""
    found: list[Matter] = _one(pk)
    if not found or not scope_of(reader).may(Verb.VIEW, found[0].record.register, found[0].record.area_id):
        raise NotFound(NO_MATTER)
    return found[0]


def told(row: Matter, reader: Account) -> dict[str, Any]:
    """A matter as steps tell it."""
    digest = getattr(row, "digest", None) or row.definition.digest
    return shapes.matter(row, reader, compiled_lately(digest).register)


def told_whole(row: Matter, reader: Account) -> dict[str, Any]:
    """A matter with its record's fields, clocks, tasks, ways out and history, newest first."""
    register = catalogue().register(row.record.register)
    process = process_of(row.digest)  # type: ignore[attr-defined]
    return shapes.matter(row, reader, register) | {
        "data": shapes.data(row.record, reader, register),
        "clocks": shapes.clocks(_clocks(row.pk), clock.now()),
        "tasks": shapes.tasks(process, _tasks(row.pk)),
        "exits": shapes.exits(process, row.stage),
        "history": _history(row),
    }


def _history(row: Matter) -> list[dict[str, Any]]:
    process = process_of(row.digest)  # type: ignore[attr-defined]
    found = []
    for line in run(_HISTORY, [row.record.chain, ENTRIES_AT_MOST]):
        read = _Line._make(line)
        said = {"index": read.index, "actor": read.actor, "verb": read.verb, "why": read.why, "origin": read.origin}
        found.append(shapes.entry(process, read.at, said, orjson.loads(read.body)))
    return found


class _Line(NamedTuple):
    index: int  # type: ignore[assignment]  # hides tuple.index, which nobody wants of a row
    at: Any
    actor: str
    verb: str
    why: str
    origin: str
    body: str
