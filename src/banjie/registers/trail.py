"""What the ledger says of a record: the body of its entries, and what changed between two states."""

from __future__ import annotations

from collections.abc import Mapping

from banjie.registers.definition import Register
from banjie.registers.models import Record
from banjie.registers.values import Stored

CREATE, UPDATE, REMOVE, RESTORE, ERASE = "record.create", "record.update", "record.remove", "record.restore", "record.erase"
ATTACH, DETACH = "record.attach", "record.detach"
EXPECT, MEET, MISS, WAIVE = "obligation.expect", "obligation.meet", "obligation.miss", "obligation.waive"  # of expected items
STATES = (CREATE, UPDATE, REMOVE, RESTORE, EXPECT, MEET, MISS, WAIVE)  # each of these is one version of the record by itself


def body(record: Record, register: Register, number: int, before: Mapping[str, Stored] | None = None) -> dict[str, object]:
    """The state of a record after a write. Personal values are left out: the ledger takes them beside the chain."""
    said: dict[str, object] = {
        "register": record.register,
        "record": record.pk,
        "key": record.key,
        "label": record.label,
        "version": record.version,
        "definition": number,
        "area": record.area_id,
        "parent": record.parent_id,
        "removed": record.removed_at is not None,
        "data": {n: v for n, v in record.data.items() if v is not None and n not in register.personal},
    }
    if before is not None:
        said["before"] = {n: v for n, v in before.items() if n not in register.personal}
    return said


def changed(old: Mapping[str, Stored], new: Mapping[str, Stored]) -> dict[str, Stored]:
    """The fields whose value differs, with their old value."""
    return {n: old.get(n) for n in {**old, **new} if old.get(n) != new.get(n)}


def personal(register: Register, new: Mapping[str, Stored], old: Mapping[str, Stored] | None = None) -> dict[str, object] | None:
    """Personal values that were written, for the ledger to keep beside the chain."""
    if not register.personal:
        return None
    past = old or {}
    written: dict[str, object] = {
        n: {"before": past.get(n), "after": new.get(n)} for n in sorted(register.personal) if past.get(n) != new.get(n)
    }
    return written or None
