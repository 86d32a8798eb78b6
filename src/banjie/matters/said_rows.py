"""What an entry says of the rows that its step wrote: clocks and what happened to them, tasks, invitations, extensions.

``body["rows"]`` holds, by kind and number, the columns that the step wrote; a later entry overrules an earlier one column by column.
So the trail alone tells how every such row stands, and verification can hold the tables against it. What only serves the sweep
(``next_sweep_at``) is left out: no entry tells of a sweep.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Model

from banjie.ledger.hashing import moment
from banjie.lib import canonical
from banjie.matters.models import Clock, ClockEvent, Extension, Invitation, Matter, Task

COLUMNS: dict[type[Model], tuple[str, ...]] = {
    Clock: (
        "matter_id", "task_id", "stage", "term", "at_least", "promise", "calendar_version", "estimated", "started_at", "due_at",
        "state", "warn_at", "stopped_at", "late",
    ),
    Task: (
        "matter_id", "name", "stage", "owner_post_id", "organisation_id", "state", "opened_at", "done_at", "done_by_id", "due_at",
        "note",
    ),
    Invitation: (
        "matter_id", "post_id", "organisation_id", "state", "asked_at", "asked_by_id", "asks", "due_at", "answered_at",
        "answered_by_id", "answer",
    ),
    Extension: (
        "clock_id", "matter_id", "amount", "reason", "state", "asked_at", "asked_by_id", "decided_at", "decided_by_id", "says",
    ),
}  # fmt: skip
KINDS: dict[type[Model], str] = {Clock: "clocks", Task: "tasks", Invitation: "invitations", Extension: "extensions"}
EVENT = ("kind", "at", "basis", "evidence", "approver_id", "amount")
MATTER = ("accepted_at", "suspended_since", "suspended_seconds", "suspended_work_seconds")


NOTHING = (None, "", False, 0)  # what a column holds that nobody has written: such values are left out of an entry


@dataclass
class SaidRows:
    """The rows that a step wrote, gathered on the way."""

    rows: dict[str, dict[str, dict[str, object]]] = field(default_factory=dict)
    events: dict[str, list[dict[str, object]]] = field(default_factory=dict)

    def inserted(self, row: Model) -> None:
        said = columns_of(row, COLUMNS[type(row)])
        self._of(row).update({name: value for name, value in said.items() if value not in NOTHING})

    def changed(self, row: Model, *names: str) -> None:
        """``names``: the fields that were written; those that no entry tells of are passed over."""
        written = {type(row)._meta.get_field(name).attname for name in names}  # type: ignore[union-attr]
        self._of(row).update(columns_of(row, [c for c in COLUMNS[type(row)] if c in written]))

    def happened(self, events: Iterable[ClockEvent]) -> None:
        for event in events:
            said = {name: value for name, value in columns_of(event, EVENT).items() if value not in NOTHING}
            self.events.setdefault(str(event.clock_id), []).append(said)

    def continues(self, other: SaidRows) -> None:
        """Take over what the first half of the step wrote."""
        self.rows, self.events = other.rows, other.events

    def as_json(self, matter: Matter, *, opens: bool) -> dict[str, object]:
        said: dict[str, object] = {
            **self.rows,
            "matter": {n: v for n, v in columns_of(matter, MATTER).items() if v not in NOTHING},
        }
        if opens:
            said["matter"] = {**from_the_start(matter), **said["matter"]}  # type: ignore[dict-item]
        if self.events:
            said["events"] = self.events
        return said

    def _of(self, row: Model) -> dict[str, object]:
        return self.rows.setdefault(KINDS[type(row)], {}).setdefault(str(row.pk), {})


def columns_of(row: Model, names: Iterable[str]) -> dict[str, object]:
    return {name: plain(getattr(row, name)) for name in names}


def plain(value: Any) -> object:
    """A value as an entry holds it: moments in UTC with their microseconds."""
    return moment(value) if isinstance(value, datetime) else value


def from_the_start(matter: Matter) -> dict[str, object]:
    """What a matter has from its opening on and never changes. Code and promise as digests: the one is the applicant's, the other
    says the same as its clocks."""
    return {
        "opened_by_id": matter.opened_by_id,
        "code": digest(matter.code) if matter.code else None,
        "promised": digest(matter.promised),
    }


def digest(value: object) -> str:
    """SHA-256 of the canonical form."""
    return hashlib.sha256(canonical.encode(value)).hexdigest()
