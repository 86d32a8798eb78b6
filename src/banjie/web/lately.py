"""What changed last, in few lines: an import of 2,000 rows is one of them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from heapq import merge
from itertools import islice, pairwise

from banjie.ledger.models import Entry
from banjie.people.models import Account
from banjie.registers.definition import Register
from banjie.registers.models import ImportRun, Record
from banjie.registers.paging import counted
from banjie.registers.queries import RecordQuerySet
from banjie.web.naming import called, labels

SHOWN = 8
HOPS = 3  # batches looked behind in one register
_IMPORT = re.compile(r"import:(\d+)")


@dataclass(frozen=True)
class Changed:
    """One record, or ``number`` of a register that were written together (by an import: ``file`` is its name)."""

    register: Register
    record: Record
    at: datetime
    number: int = 1
    exact: bool = True
    file: str = ""
    run: int | None = None  # the import, where it is one's own
    name: str = ""
    under: str = ""  # what the record belongs to, or where it is


def lately(account: Account, registers: Sequence[Register]) -> list[Changed]:
    """The newest first. One query a register, and a few for each batch that is shown; each is served by the register's index of
    changes, whatever its size."""
    found = merge(*(_of(account, register) for register in registers), key=lambda c: (c.at, c.record.pk), reverse=True)
    newest = list(islice(found, SHOWN))
    names, above = called(account, [c.record for c in newest]), labels(account, (c.record.parent_id for c in newest))
    return [replace(c, name=names[c.record.pk], under=_under(c.record, names, above)) for c in newest]


def _under(record: Record, names: dict[int, str], above: dict[int, str]) -> str:
    parent = above.get(record.parent_id or 0, "")
    return parent if parent and parent not in names[record.pk] else str(record.area or "")


def _of(account: Account, register: Register) -> Iterator[Changed]:
    """The last changes of one register, newest first, as they are asked for. What carries the very same moment was written
    together."""
    rows = Record.objects.visible_to(account).of(register.name).live().select_related("area").defer("search")
    before: datetime | None = None
    for _ in range(HOPS):
        earlier = rows.filter(updated_at__lt=before) if before else rows
        newest = list(earlier.order_by("-updated_at", "-id")[: SHOWN + 1])
        alone = _alone(newest)
        yield from (Changed(register, r, r.updated_at) for r in alone)
        if len(alone) == len(newest) or len(alone) >= SHOWN:
            return
        batch = _batch(account, register, rows, newest[len(alone)])
        yield batch[0]
        before = batch[1]


def _alone(newest: Sequence[Record]) -> list[Record]:
    """The records before the first that shares its moment with the next."""
    for position, (one, next_one) in enumerate(pairwise(newest)):
        if one.updated_at == next_one.updated_at:
            return list(newest[:position])
    return list(newest)


def _batch(account: Account, register: Register, rows: RecordQuerySet, head: Record) -> tuple[Changed, datetime]:
    """What was written together with ``head``, and the moment before which to look further."""
    run = _import_of(head)
    since = run.asked_at if run else head.updated_at
    number, exact = counted(rows.filter(updated_at__gte=since, updated_at__lte=head.updated_at))
    mine = run.pk if run and run.account_id == account.pk else None
    return Changed(register, head, head.updated_at, number, exact, run.name if run else "", mine), since


def _import_of(record: Record) -> ImportRun | None:
    last = Entry.objects.filter(chain=record.chain).order_by("-index").values_list("origin", flat=True).first()
    written = _IMPORT.fullmatch(last or "")
    return ImportRun.objects.filter(pk=int(written[1])).first() if written else None
