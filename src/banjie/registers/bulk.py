"""The same door for many rows at once: one transaction, each row with its own entry, every bad row named."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from django.db import transaction

from banjie.lib.errors import Refusal
from banjie.lib.text import Text
from banjie.people.models import Account
from banjie.people.verbs import Verb
from banjie.registers import trail
from banjie.registers.bulk_plan import CHUNK, Mode, Planned, Progress, RowProblem, Written, plan, tell
from banjie.registers.bulk_rows import change_many, insert_many
from banjie.registers.catalogue import catalogue
from banjie.registers.statistics import refresh_after

__all__ = ["BadRows", "Mode", "Progress", "RowProblem", "Written", "write_many"]


class BadRows(Refusal):
    """Some rows cannot be written, and nothing was."""

    def __init__(self, problems: list[RowProblem]) -> None:
        rows = len({p.row for p in problems})
        super().__init__(Text(f"{rows} 行有误，未写入任何内容", f"{rows} rows are wrong; nothing was written"))
        self.problems = problems


def write_many(
    register: str,
    rows: Sequence[Mapping[str, object]],
    *,
    by: Account | None,
    origin: str,
    why: str = "",
    mode: Mode = "create",
    verb: Verb | None = None,
    partial: bool = False,
    dry_run: bool = False,
    numbers: Sequence[int] | None = None,
    progress: Progress | None = None,
) -> Written:
    """Write rows, all or nothing; with ``partial`` the bad ones are left out and listed.

    ``numbers`` are the rows' own numbers for messages (1, 2, … where absent). ``verb`` is a further verb that the account needs
    in the area of every row (import). Raises BadRows (nothing written) unless ``partial`` or ``dry_run``.
    """
    with transaction.atomic():
        known = catalogue()
        definition = known.register(register)
        planned, done = plan(definition, rows, numbers or range(1, len(rows) + 1), by=by, mode=mode, verb=verb, progress=progress)
        new = [p for p in planned if p.held is None]
        changed = [p for p in planned if p.held is not None and trail.changed(p.held.data, p.row.data)]
        done.created, done.updated = len(new), len(changed)
        done.unchanged = len(planned) - len(new) - len(changed)
        if dry_run:
            return done
        if done.problems and not partial:
            raise BadRows(done.problems)
        number = known.number(register)
        total = len(new) + len(changed)
        for start, part in _chunks(new):
            insert_many(definition, number, part, by=by, origin=origin, why=why)
            tell(progress, "writing", start + len(part), total)
        for start, part in _chunks(changed):
            change_many(definition, number, part, by=by, origin=origin, why=why)
            tell(progress, "writing", len(new) + start + len(part), total)
        refresh_after(total)
    return done


def _chunks(planned: list[Planned]) -> Iterator[tuple[int, list[Planned]]]:
    for start in range(0, len(planned), CHUNK):
        yield start, planned[start : start + CHUNK]
