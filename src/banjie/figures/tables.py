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
CLOSINGS = f"{LAKE}.closings"  # (_entry, _at): versions closed since the last folding, see store.py


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
    fields = [f for f in register.fields if not f.personal]
    shape = {
        "record": "BIGINT", "version": "INTEGER", "key": "VARCHAR", "label": "VARCHAR", "area": "VARCHAR", "parent": "BIGINT",
        "removed": "BOOLEAN", "definition": "INTEGER", "data": {f.name: "VARCHAR" for f in fields} or {"_": "VARCHAR"},
    }  # fmt: skip
    values = [
        "b.record",
        "b.version",
        "b.key",
        "b.label",
        "b.area",
        "b.parent",
        "id",
        "moment",
        FOREVER,
        "coalesce(b.removed, false)",
    ]
    values += [_typed(f, number) for f in fields]
    return (
        f"INSERT INTO {staging(register.name)} SELECT {', '.join(values)} FROM "
        f"(SELECT id, moment, json_transform(body, {quoted(json.dumps(shape))}) AS b FROM temp.entries WHERE register = {quoted(register.name)})"
    )


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


def fold(register: str) -> str:
    """Write the closings that wait beside the table into it."""
    return f"UPDATE {table(register)} SET _to = least(_to, c._at) FROM {CLOSINGS} AS c WHERE {table(register)}._entry = c._entry"


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
