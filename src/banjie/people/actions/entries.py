"""What the ledger keeps of a change about people, and what is refused of its values."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from banjie.ledger.actions import record_entry
from banjie.lib.clock import today
from banjie.lib.errors import Invalid, Problem
from banjie.lib.text import Text
from banjie.people.models import Account, Appointment, Duty, Grant, Organisation, Post, Role


def record(
    chain: str,
    verb: str,
    body: Mapping[str, object],
    personal: Mapping[str, object] | None = None,
    *,
    by: Account | None,
    why: str,
    origin: str,
) -> None:
    record_entry(chain=chain, verb=verb, body=body, by=by, why=why, origin=origin, personal=personal)


def facts(row: Organisation | Post | Role | Grant | Duty | Appointment) -> dict[str, object]:
    """A row's columns as an entry keeps them: dates in ISO, what is not set left out."""
    values = {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}
    return {name: v.isoformat() if isinstance(v, date) else v for name, v in values.items() if v not in (None, "")}


def amended(
    row: Organisation | Post | Role,
    chain: str,
    verb: str,
    before: dict[str, object],
    *,
    by: Account | None,
    why: str,
    origin: str,
) -> bool:
    after = facts(row)
    if after == before:
        return False
    row.save()
    changed = {name: before.get(name) for name in before.keys() | after.keys() if before.get(name) != after.get(name)}
    record(chain, verb, after | {"before": changed}, by=by, why=why, origin=origin)
    return True


def end(
    row: Appointment | Duty, chain: str, verb: str, on: date | None, *, by: Account | None, why: str, origin: str, **more: object
) -> None:
    on = on or max(today(), row.begins_on)
    check_days(row.begins_on, on)
    row.ends_on = on
    row.save(update_fields=["ends_on"])
    record(chain, verb, facts(row) | more, by=by, why=why, origin=origin)


def check_days(begins_on: date, ends_on: date | None) -> None:
    if ends_on is not None and ends_on < begins_on:
        raise wrong("ends_on", ends_on, Text("结束日期不得早于开始日期", "it cannot end before the day on which it begins"))


def chain(account: Account) -> str:
    return f"account:{account.pk}"


def wrong(where: str, value: object, says: Text) -> Invalid:
    return Invalid([Problem(where, value, says)])


def taken(where: str, value: str) -> Invalid:
    return wrong(where, value, Text("“{value}”已被使用", '"{value}" is taken already').format(value=value))
