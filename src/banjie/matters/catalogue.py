"""The processes as they stand, compiled once for each content."""

from __future__ import annotations

import json
from functools import lru_cache
from typing import NamedTuple

from django.db import connection
from django.db.models import Max

from banjie.lib.errors import NotFound
from banjie.lib.text import Text
from banjie.matters.compiling import Compiled, compile_process
from banjie.matters.definition import Process
from banjie.matters.models import ProcessVersion
from banjie.matters.statements import run
from banjie.registers.catalogue import Catalogue as Registers
from banjie.registers.catalogue import catalogue as registers

_compiled: dict[str, tuple[object, Compiled]] = {}


class InForce(NamedTuple):
    """A process, and the row that says since when and under which number."""

    process: Process
    version: ProcessVersion


def processes() -> dict[str, InForce]:
    """Every process in force by name, in the order of installation."""
    newest = dict(ProcessVersion.objects.values_list("name").annotate(newest=Max("number")))
    rows = ProcessVersion.objects.filter(retired=False).order_by("pk")
    return {row.name: InForce(process_of(row.digest), row) for row in rows if row.number == newest[row.name]}


def processes_of(register: str) -> list[InForce]:
    """The processes in force that run in a register."""
    return [found for found in processes().values() if found.process.of == register]


def in_force(name: str) -> InForce:
    """The process in force. Raises NotFound."""
    rows = run(_NEWEST, [name])
    row = ProcessVersion.from_db(connection.alias, _COLUMNS, rows[0]) if rows else None
    if row is None or row.retired:
        raise NotFound(Text(f"没有名为「{name}」的办理流程", f"there is no process called {name}"))
    return InForce(process_of(row.digest), row)


_COLUMNS = ["id", "name", "number", "digest", "retired"]
_NEWEST = f"SELECT {', '.join(_COLUMNS)} FROM matters_processversion WHERE name = %s ORDER BY number DESC LIMIT 1"  # noqa: S608


@lru_cache(maxsize=512)
def process_of(digest: str) -> Process:
    """The process with this content; the database is asked once."""
    body = ProcessVersion.objects.filter(digest=digest).values_list("body", flat=True)[0]
    return Process.load(json.loads(body))


def compiled(digest: str, known: Registers | None = None) -> Compiled:
    """The process with this content against its register as it is in force now."""
    known = known or registers()
    process = process_of(digest)
    register = known.register(process.of)
    kept = _compiled.get(digest)
    if kept is None or kept[0] is not known:
        kept = (known, compile_process(process, register, children_names(known, process.of), known.registers))
        _compiled[digest] = kept
    return kept[1]


def compiled_lately(digest: str) -> Compiled:
    """As the last action in this process saw it, without asking the database whether anything was installed since."""
    kept = _compiled.get(digest)
    return kept[1] if kept else compiled(digest)


def children_names(known: Registers, register: str) -> list[str]:
    return [child.name for child in known.children_of(register)]
