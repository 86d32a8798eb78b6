"""What a record is called in a list. One without a name of its own is called by its key as people read it: 某项目 · 2021年10月."""

from __future__ import annotations

from collections.abc import Iterable

from banjie.people.models import Account
from banjie.registers.catalogue import catalogue
from banjie.registers.definition import Register
from banjie.registers.models import Record
from banjie.web.display import Reader


def called(account: Account, records: Iterable[Record]) -> dict[int, str]:
    """Names by id. For each register whose records lack names, a query for areas and one for each register referred to."""
    names, nameless = {}, dict[str, list[Record]]()
    known = catalogue().registers
    for record in records:
        names[record.pk] = record.label
        if record.label == record.key and record.register in known:
            nameless.setdefault(record.register, []).append(record)
    for name, rows in nameless.items():
        reader = Reader.for_rows(account, known[name], [_key_of(known[name], r) for r in rows])
        names |= {r.pk: _read(reader, known[name], r) for r in rows}
    return names


def labels(account: Account, ids: Iterable[int | None]) -> dict[int, str]:
    """The labels of those of these records that the account may see: what stands above a child, for one."""
    wanted = {pk for pk in ids if pk}
    return dict(Record.objects.visible_to(account).filter(pk__in=wanted).values_list("pk", "label")) if wanted else {}


def _key_of(register: Register, record: Record) -> dict[str, str | int | bool | None]:
    return {name: record.data.get(name) for name in register.key}


def _read(reader: Reader, register: Register, record: Record) -> str:
    parts = [reader.text(register, register.field(n), record.data.get(n), area=record.area_id) for n in register.key]
    return " · ".join(parts)
