"""How a matter is told: the keys of an answer, and where each comes from. The schemas describe them; tests hold the two together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from banjie.api.writing import local
from banjie.lib import clock
from banjie.lib.text import Text
from banjie.matters.catalogue import process_of
from banjie.matters.definition import Process
from banjie.matters.models import Clock, Matter, Task
from banjie.people.models import Account, Organisation, Post
from banjie.people.scopes import scope_of
from banjie.people.verbs import Verb
from banjie.registers.definition import Register
from banjie.registers.exporting import masked
from banjie.registers.models import Record


def matter(row: Matter, reader: Account, register: Register) -> dict[str, Any]:
    """Where a matter stands. The record and the owner are read already."""
    process = process_of(getattr(row, "digest", None) or row.definition.digest)
    return {
        "id": row.pk,
        "version": row.version,
        "process": row.process,
        "definition": row.number,  # type: ignore[attr-defined]  # annotated by whoever read it
        "title": process_title(process),
        "record": record_head(row.record, reader, register),
        "stage": stage(process, row.stage),
        "stage_since": local(row.stage_since),
        "state": row.state,
        "ending": row.ending or None,
        "owner": owner(row.owner_post, row.organisation),
        "opened_at": local(row.opened_at),
        "accepted_at": local(row.accepted_at),
        "closed_at": local(row.closed_at),
        "due_at": local(row.due_at),
        "overdue": row.closed_at is None and row.due_at is not None and row.due_at < clock.now(),
        "late": row.late,
        "code": row.code,
        "main": row.main_id,
        "returns": row.returns,
        "reopenings": row.reopenings,
        "urges": row.urges,
    }


def process_title(process: Process) -> dict[str, str]:
    return process.title.as_dict()


def stage(process: Process, name: str) -> dict[str, str]:
    """A stage by name and title; one that a later definition no longer has, by its name alone."""
    found = process.stages.get(name)
    return {"name": name, **(found.title if found else Text(name, name)).as_dict()}


def owner(post: Post | None, organisation: Organisation | None) -> dict[str, Any] | None:
    if organisation is None:
        return None
    return {
        "post": named(post) if post else None,
        "organisation": named(organisation),
    }


def named(row: Post | Organisation) -> dict[str, str]:
    return {"code": row.code, "zh": row.name_zh, "en": row.name_en}


def record_head(row: Record, reader: Account, register: Register) -> dict[str, Any]:
    """Which record it is. A label that is somebody's name is for those who may see it."""
    hidden = register.label in register.personal and not may_reveal(reader, row)
    label = row.key if hidden else row.label
    return {"id": row.pk, "register": row.register, "key": row.key, "label": label, "area": row.area_id, "version": row.version}


def data(row: Record, reader: Account, register: Register) -> dict[str, Any]:
    """The fields in their stored form; personal values masked unless the reader may see them."""
    hidden = frozenset[str]() if may_reveal(reader, row) else register.personal
    return {n: masked(v) if n in hidden and v is not None else v for n, v in row.data.items() if n in register.by_name}


def may_reveal(reader: Account, row: Record) -> bool:
    return scope_of(reader).may(Verb.PERSONAL, row.register, row.area_id)


def clocks(rows: Iterable[Clock], at: datetime) -> list[dict[str, Any]]:
    return [
        {
            "id": row.pk,
            "stage": row.stage or None,
            "task": row.task_id,
            "term": row.term,
            "at_least": row.at_least,
            "promise": row.promise,
            "state": row.state,
            "started_at": local(row.started_at),
            "due_at": local(row.due_at),
            "estimated": row.estimated,
            "stopped_at": local(row.stopped_at),
            "overdue": not row.at_least
            and (row.late or (row.state == Clock.RUNNING and row.due_at is not None and row.due_at < at)),
        }
        for row in rows
    ]


def tasks(process: Process, rows: Iterable[Task]) -> list[dict[str, Any]]:
    titles = {(name, t.name): t.title for name, s in process.stages.items() for t in s.tasks}
    return [
        {
            "id": row.pk,
            "stage": row.stage,
            "name": row.name,
            "title": titles.get((row.stage, row.name), Text(row.name, row.name)),
            "state": row.state,
            "owner": owner(row.owner_post, row.organisation),
            "opened_at": local(row.opened_at),
            "due_at": local(row.due_at),
            "done_at": local(row.done_at),
            "note": row.note,
        }
        for row in rows
    ]


def exits(process: Process, name: str) -> list[dict[str, Any]]:
    """The ways out of a stage, and what each asks for; whether it can be taken now, only trying tells."""
    found = process.stages.get(name)
    return [
        {
            "to": to,
            "title": way.title or process.stages[to].title,
            "ending": process.stages[to].ending,
            "returns": way.returns,
            "needs": way.needs,
            "files": way.files,
            "photos": way.photos,
        }
        for to, way in (found.to.items() if found else ())
    ]


def entry(process: Process, at: datetime, said: Mapping[str, Any], body: Mapping[str, Any]) -> dict[str, Any]:
    """One step of the history. Of a personal value it is told that it was written, not what it was."""
    state = body.get("matter") or {}
    before, after = body.get("before"), body.get("data") or {}
    changes = [
        {"field": n, "before": (before or {}).get(n), "after": after.get(n)} for n in (after if before is None else before)
    ]
    return {
        **said,
        "at": local(at if at.tzinfo else at.replace(tzinfo=UTC)),  # SQLite keeps no zone
        "from_stage": stage(process, state["from_stage"]) if state.get("from_stage") else None,
        "stage": stage(process, state["stage"]) if state.get("stage") else None,
        "state": state.get("state"),
        "matter_version": state.get("version"),
        "record_version": body.get("version"),
        "changes": changes if "data" in body else [],
        "personal": sorted(body.get("personal") or ()),
        "detail": body.get("detail"),
    }
