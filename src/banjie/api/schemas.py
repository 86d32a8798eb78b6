"""What goes in and what comes out, described. Answers are made in ``shapes``; tests hold them to these schemas."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from banjie.api.steps import LONGEST, Body, Values


class Out(BaseModel):
    """An answer says all of this and nothing else."""

    model_config = ConfigDict(extra="forbid")


class Label(Out):
    """In both languages."""

    zh: str
    en: str


class Named(Label):
    code: str


class StageName(Label):
    name: str


class Owner(Out):
    """Whose turn it is: a post, or an organisation any of whose posts may act."""

    post: Named | None
    organisation: Named


class RecordHead(Out):
    id: int
    register_name: str = Field(alias="register")
    key: str
    label: str
    area: str | None = Field(description="The code of the area that it belongs to.")
    version: int


class Matter(Out):
    """Where a matter stands."""

    id: int
    version: int = Field(description="Also its ETag. Every step makes it one more.")
    process: str
    definition: int = Field(description="The version of the process under which it runs.")
    title: Label
    record: RecordHead
    stage: StageName
    stage_since: datetime
    state: Literal["open", "suspended", "closed"]
    ending: Literal["done", "rejected", "withdrawn", "expired"] | None
    owner: Owner | None
    opened_at: datetime
    accepted_at: datetime | None
    closed_at: datetime | None
    due_at: datetime | None = Field(description="The earliest limit that is running.")
    overdue: bool
    late: bool = Field(description="Whether one of its limits was passed before its work was done.")
    code: str | None = Field(description="By which the applicant follows it.")
    main: int | None = Field(description="The matter that it is a branch of.")
    returns: int
    reopenings: int
    urges: int


class Clock(Out):
    """A term that runs, stands still, or ran."""

    id: int
    stage: str | None = Field(description="null: the matter as a whole.")
    task: int | None
    term: str
    at_least: bool = Field(description="A notice that must have run, not a limit.")
    promise: bool = Field(description="The office's own, shorter promise beside the statutory limit.")
    state: Literal["running", "paused", "stopped"]
    started_at: datetime
    due_at: datetime | None
    estimated: bool = Field(description="Reckoned with a year whose official calendar was not out.")
    stopped_at: datetime | None
    overdue: bool


class Task(Out):
    id: int
    stage: str
    name: str
    title: Label
    state: Literal["open", "done", "returned", "cancelled"]
    owner: Owner | None
    opened_at: datetime
    due_at: datetime | None
    done_at: datetime | None
    note: str


class Exit(Out):
    """A way out of the present stage, and what it asks for."""

    to: str
    title: Label
    ending: str | None
    returns: bool
    needs: list[str] = Field(description="Fields of the record.")
    files: int
    photos: int


class Change(Out):
    field: str
    before: str | int | bool | None
    after: str | int | bool | None


class Entry(Out):
    """One step, as the ledger keeps it."""

    index: int
    at: datetime
    actor: str
    verb: str
    why: str
    origin: str
    from_stage: StageName | None
    stage: StageName | None
    state: str | None
    matter_version: int | None
    record_version: int | None
    changes: list[Change]
    personal: list[str] = Field(description="Personal fields that were written; what was written is not told.")
    detail: dict[str, Any] | None


class WholeMatter(Matter):
    data: dict[str, str | int | bool | None] = Field(description="The record's fields; decimals and dates as text.")
    clocks: list[Clock]
    tasks: list[Task]
    exits: list[Exit]
    history: list[Entry] = Field(description="Newest first, 200 at most.")


class Mine(Out):
    matters: list[Matter]
    next: str | None = Field(description="The marker of the next page; null on the last.")


class Record(RecordHead):
    data: dict[str, str | int | bool | None]
    created_at: datetime
    updated_at: datetime


class Records(Out):
    records: list[Record]
    next: str | None
    previous: str | None


class Part(Out):
    code: str
    title: str
    value: str | None
    display: str
    rows: int
    status: str
    no_value: str | None = None


class Figure(BaseModel):
    """A figure's value with everything by which it can be checked. `value` is exact, in the base unit."""

    figure: str
    area: str | None
    period: str | None
    as_of: datetime
    value: str | None
    unit: str
    display: str
    basis: str
    status: str
    definition: str
    rows: int
    no_value: str | None = None
    notes: list[str] = Field(default_factory=list)
    source: str = ""
    by: str | None = None
    parts: list[Part] = Field(default_factory=list)


class FieldProblem(Out):
    field: str
    says: Label


class Problem(BaseModel):
    """What was refused, and why (RFC 9457). Some refusals say more: `problems`, or how things stand (`present`)."""

    title: str
    status: int
    detail: str
    says: Label
    problems: list[FieldProblem] | None = None
    present: dict[str, Any] | None = None
    yours: dict[str, Any] | None = None


class NewMatter(Body):
    """What is needed to open a matter."""

    process: str = Field(max_length=60, description="The name of the process.")
    data: Values = Field(description="The fields of its record, by their names.")
    why: str = Field("", max_length=LONGEST)


class Asking(BaseModel):
    """Parameters in the address. One that is not described is refused."""

    model_config = ConfigDict(extra="forbid")


class MinePage(Asking):
    after: str = Field("", max_length=200, description="`next` of the page before.")
    limit: int = Field(25, ge=1, le=100)


class RecordsPage(Asking):
    q: str = Field("", max_length=200, description="Words that the record's text holds.")
    area: str = Field("", max_length=20, description="An area's code: records there and below.")
    sort: str = Field("", max_length=60, description="A field, or -field; last changed first where left out.")
    after: str = Field("", max_length=500)
    before: str = Field("", max_length=500)
    limit: int = Field(50, ge=1, le=200)


class FigureAsked(Asking):
    area: str | None = Field(None, max_length=20)
    period: str | None = Field(None, max_length=40, description="2021, 2021-10, 2021-Q3, 2021-01..2021-10.")
    by: str | None = Field(None, max_length=60, description="A breakdown that the figure offers.")
    as_of: datetime | None = Field(None, description="As the records said at that moment.")


def refusals(*statuses: int) -> dict[int, type[Problem]]:
    return dict.fromkeys(statuses, Problem)


_KEY = {
    "in": "header", "name": "Idempotency-Key", "required": False, "schema": {"type": "string", "maxLength": 100},
    "description": "One for each intention: a request that is sent again under the same key is done once.",
}  # fmt: skip
_IF_MATCH = {
    "in": "header", "name": "If-Match", "required": False, "schema": {"type": "string"},
    "description": "The matter's ETag as you saw it; or say `version` in the body.",
}  # fmt: skip
IDEMPOTENT = {"parameters": [_KEY]}
VERSIONED = {"parameters": [_IF_MATCH, _KEY]}
