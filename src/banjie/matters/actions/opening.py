"""Taking a matter in."""

from __future__ import annotations

import secrets
from collections.abc import Mapping

from django.db import transaction

from banjie.lib.errors import Invalid, Problem
from banjie.lib.text import Text
from banjie.matters import entries
from banjie.matters.catalogue import InForce, compiled, in_force
from banjie.matters.compiling import Compiled
from banjie.matters.evidence import unmet
from banjie.matters.holding import Held
from banjie.matters.models import Matter
from banjie.matters.statements import insert, update
from banjie.matters.stations import STEPPED, enter, keep_events
from banjie.matters.telling import tell_of_step
from banjie.matters.ticking import start_clocks
from banjie.people.models import Account
from banjie.people.scopes import scope_of_actor
from banjie.people.verbs import Verb
from banjie.registers import rows
from banjie.registers.catalogue import Catalogue, catalogue
from banjie.registers.checking import Surroundings, check
from banjie.registers.models import Record

ANOTHER_WAY = Text(
    "「{key}」已按「{was}」办理，不能再按「{now}」办理；请恢复原来的内容，或另行申请",
    "{key} was opened as {was} and cannot be opened as {now}: put back what was said, or hand in another request",
)
ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"  # no 0, O, 1, I: a code is read out over the telephone
CODE_LENGTH = 10


def open_matter(
    process: str,
    data: Mapping[str, object],
    *,
    by: Account | None,
    why: str = "",
    origin: str = "web",
    main: Matter | None = None,
) -> Matter:
    """Make the record and start its way through the process in force. ``main``: the matter it is a branch of.

    Takes CREATE on the register in the record's area; a branch is opened by the step of its main matter and takes no more.
    Raises Invalid (fields, or nobody who answers), NotPermitted, NotFound, Conflict (the key is taken)."""
    with transaction.atomic():
        known = catalogue()
        found = in_force(process)
        wanted = compiled(found.version.digest, known)
        row = check(wanted.register, data, Surroundings.of(wanted.register, [data], by if main is None else None))
        if row.problems:
            raise Invalid(row.problems)
        if main is None:
            scope_of_actor(by).require(Verb.CREATE, wanted.register.name, row.area)
        elif (there := _already_below(main, wanted, row.key)) is not None:
            return there
        record = rows.insert(wanted.register, row, by=by)
        held = _begin(record, wanted, found, known, by, main)
        entries.record_step(held, entries.OPEN, why=why, origin=origin)
        open_branches(held, origin=origin)
    return held.matter


def _already_below(main: Matter, wanted: Compiled, key: str) -> Matter | None:
    """The branch that a main matter has already, which came to the stage once more: what was decided stands until that branch is
    itself taken up again. Raises Invalid where it went another way then."""
    there: Matter | None = main.branches.filter(record__register=wanted.register.name, record__key=key).first()
    if there is not None and there.process != wanted.process.name:
        was = in_force(there.process).process.title
        raise Invalid([Problem(key, there.process, ANOTHER_WAY.format(key=key, was=was, now=wanted.process.title))])
    return there


def open_branches(held: Held, *, origin: str) -> None:
    """Open the sub-matters that coming to a stage has called for, each in a chain of its own."""
    for process, fields in held.opened_branches:
        open_matter(process, fields, by=held.by, origin=origin, main=held.matter, why=f"{held.record.key}")
    held.opened_branches.clear()


def _begin(record: Record, wanted: Compiled, found: InForce, known: Catalogue, by: Account | None, main: Matter | None) -> Held:
    process = wanted.process
    matter = Matter(
        record=record, process=process.name, definition=found.version, stage=process.starts, main=main, opened_by=by,
        code=new_code() if process.public_code else None,
    )  # fmt: skip
    matter.number = found.version.number  # type: ignore[attr-defined]
    held = Held(matter, record, wanted, known, by, clocks=[])  # it is new: it has none yet
    if process.requires and (problems := unmet(held)):
        raise Invalid(problems)
    matter.opened_at = matter.stage_since = held.now
    insert([matter])
    start_clocks(held, process, "")
    enter(held, process.starts)
    tell_of_step(held)
    matter.promised = promise(held)
    update(matter, (*STEPPED, "promised"))
    keep_events(held)
    return held


def promise(held: Held) -> dict[str, object]:
    """What is promised at the start, and by which definition and calendar: kept as it was, whatever is installed later."""
    return {
        "process": held.matter.process,
        "number": held.matter.number,  # type: ignore[attr-defined]
        "clocks": [
            {
                "stage": c.stage, "task": c.task.name if c.task else None, "term": c.term, "at_least": c.at_least,
                "promise": c.promise, "due_at": entries.moment(c.due_at), "calendar": c.calendar_version,
            }
            for c in held.standing_clocks()
        ],
    }  # fmt: skip


def new_code() -> str:
    """A code by which an applicant follows the matter: 50 random bits, so that nobody guesses one."""
    return "".join(secrets.choice(ALPHABET) for _ in range(CODE_LENGTH))
