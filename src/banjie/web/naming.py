"""What a record is called in a list. A report without a name of its own is called by its parent: 某项目 · 2021-10."""

from __future__ import annotations

from collections.abc import Iterable

from banjie.people.models import Account
from banjie.registers.models import Record


def called(account: Account, records: Iterable[Record]) -> dict[int, str]:
    """Names by id; one query for the parents, as far as the account may see them."""
    records = list(records)
    nameless = {r.parent_id for r in records if r.parent_id and r.label == r.key}
    above = {}
    if nameless:
        seen = Record.objects.visible_to(account).filter(pk__in=nameless)
        above = {pk: (key, label) for pk, key, label in seen.values_list("pk", "key", "label")}
    return {r.pk: _name(r, above.get(r.parent_id or 0)) for r in records}


def _name(record: Record, parent: tuple[str, str] | None) -> str:
    if record.label != record.key or parent is None:
        return record.label
    key, label = parent
    rest = "/".join(part for part in record.key.split("/") if part != key)
    return f"{label} · {rest}" if rest else label
