"""A register as a table of the lake: one row for each version of each record.

Fields are columns under their own name; what the store adds begins with an underscore, which no field's name can. Personal
fields have no column.

============  ==========================================================================
``_record``   the record's id            ``_version``  its version, from 1
``_key``      its key                    ``_label``    its label then
``_area``     its area's code            ``_parent``   its parent's id
``_entry``    the ledger entry that wrote this version
``_from``     since when this was known (UTC)
``_to``       until when (UTC); ``FOREVER`` while it is what we know
``_removed``  whether the record had been taken out of its register
============  ==========================================================================
"""

# ruff: noqa: S608 - names come from definitions, whose pattern admits a-z, 0-9 and _ only; values are quoted or bound
from __future__ import annotations

import json
from collections.abc import Mapping

from banjie.figures.engine import LAKE, quoted
from banjie.figures.processes import ProcessRegister
from banjie.formulas.kinds import KIND_TO_DUCKDB
from banjie.registers.definition import Field, Register

FOREVER = "TIMESTAMP '9999-12-31 00:00:00'"
SYSTEM = {
    "_record": "BIGINT",
    "_version": "INTEGER",
    "_key": "VARCHAR",
    "_label": "VARCHAR",
    "_area": "VARCHAR",
    "_parent": "BIGINT",
    "_entry": "BIGINT",
    "_from": "TIMESTAMP",
    "_to": "TIMESTAMP",
    "_removed": "BOOLEAN",
}
CLOSINGS = f"{LAKE}.closings"  # (_entry, _at): versions closed since the last folding, see absorbing.py
OF_MATTER = {"record": "b.key", "area": "b.area", "owner": "b.matter.owner.code", "organisation": "b.matter.organisation.code"}


def table(register: str) -> str:
    """The table of a register in the lake."""
    return f'{LAKE}."r_{register}"'


def staging(register: str) -> str:
    """Where rows wait, typed, until they enter the lake."""
    return f'temp."s_{register}"'


def columns(register: Register) -> dict[str, str]:
    """Name and type of every column."""
    return {**SYSTEM, **{f.name: KIND_TO_DUCKDB[f.kind] for f in register.fields if not f.personal}}


def create(name: str, types: Mapping[str, str]) -> str:
    return f"CREATE TABLE {name} ({', '.join(f'{_name(c)} {t}' for c, t in types.items())})"


def create_staging(register: Register) -> str:
    types = ", ".join(f"{_name(c)} {t}" for c, t in columns(register).items())
    return f'CREATE OR REPLACE TEMP TABLE "s_{register.name}" ({types})'


def stage(register: Register, number: int) -> str:
    """Insert the entries that wait in ``temp.entries`` and are of this register, typed, into its staging table.

    A value that its field's present type cannot hold is refused loudly if the entry was written under that definition.
    Values of older definitions, whose field has since been retyped, are left out where they do not fit.
    """
    if isinstance(register, ProcessRegister):
        return _stage_matters(register)
    fields = [f for f in register.fields if not f.personal]
    shape = {
        **_SHAPE, "version": "INTEGER", "parent": "BIGINT", "definition": "INTEGER",
        "data": {f.name: "VARCHAR" for f in fields} or {"_": "VARCHAR"},
    }  # fmt: skip
    values = ["b.record", "b.version", "b.key", "b.label", "b.area", "b.parent", *_SINCE]
    values += [_typed(f, number) for f in fields]
    return _staged(register, values, shape, f"register = {quoted(register.name)}")


_SHAPE: dict[str, object] = {"record": "BIGINT", "key": "VARCHAR", "label": "VARCHAR", "area": "VARCHAR", "removed": "BOOLEAN"}
_SINCE = ["id", "moment", FOREVER, "coalesce(b.removed, false)"]


def _stage_matters(register: ProcessRegister) -> str:
    """As ``stage``, for the steps of matters. The record a matter runs in is its parent, and lends it its number."""
    code = {"code": "VARCHAR"}
    plain = {f.name: "VARCHAR" for f in register.fields if f.name not in OF_MATTER}
    shape = {**_SHAPE, "matter": {"version": "INTEGER", "owner": code, "organisation": code, **plain}}
    values = ["b.record", "b.matter.version", "b.key", "b.label", "b.area", "b.record", *_SINCE]
    values += [
        _cast("CAST", OF_MATTER.get(f.name, f"b.matter.{_name(f.name)}"), f, KIND_TO_DUCKDB[f.kind]) for f in register.fields
    ]
    return _staged(register, values, shape, f"process = {quoted(register.process)}")


def _staged(register: Register, values: list[str], shape: Mapping[str, object], which: str) -> str:
    return (
        f"INSERT INTO {staging(register.name)} SELECT {', '.join(values)} FROM "
        f"(SELECT id, moment, json_transform(body, {quoted(json.dumps(shape))}) AS b FROM temp.entries WHERE {which})"
    )


def closing_number(register: Register, entry: int | str) -> int | str:
    """Under which number the closing of a version is kept. One entry may be a version of a record and of its matter, and only one
    of them be followed: a matter's is kept under the negative number."""
    if not isinstance(register, ProcessRegister):
        return entry
    return -entry if isinstance(entry, int) else f"-{entry}"


def settle(register: Register) -> str:
    """Move the staged rows into the lake, each version closed by the next one."""
    closed = (
        "coalesce(min(_from) OVER (PARTITION BY _record ORDER BY _version ROWS BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING), "
        f"{FOREVER}) AS _to"
    )
    return f"INSERT INTO {table(register.name)} SELECT * REPLACE ({closed}) FROM {staging(register.name)}"


def close_older(register: str) -> str:
    """Close what the lake held as present and the staged versions have followed."""
    return (
        f"UPDATE {table(register)} SET _to = newer.moment FROM "
        f"(SELECT _record AS record, min(_from) AS moment FROM {staging(register)} GROUP BY _record HAVING min(_version) > 1) AS newer "
        f"WHERE _record = newer.record AND _to > newer.moment"
    )


def fold(register: Register) -> str:
    """Write the closings that wait beside the table into it."""
    name = table(register.name)
    return f"UPDATE {name} SET _to = least(_to, c._at) FROM {CLOSINGS} AS c WHERE c._entry = {closing_number(register, f'{name}._entry')}"


def _typed(field: Field, number: int) -> str:
    raw, kind = f"b.data.{_name(field.name)}", KIND_TO_DUCKDB[field.kind]
    if kind == "VARCHAR":
        return raw
    strict, lenient = _cast("CAST", raw, field, kind), _cast("TRY_CAST", raw, field, kind)
    return f"CASE WHEN b.definition = {number} THEN {strict} ELSE {lenient} END"


def _cast(cast: str, raw: str, field: Field, kind: str) -> str:
    if field.type == "month":
        return f"{cast}({raw} || '-01' AS DATE)"
    if field.type == "datetime":  # stored in UTC, read by formulas as the clock on the wall
        return f"({cast}({raw} AS TIMESTAMPTZ) AT TIME ZONE 'Asia/Shanghai')"
    return f"{cast}({raw} AS {kind})"


def _name(column: str) -> str:
    return f'"{column}"'
