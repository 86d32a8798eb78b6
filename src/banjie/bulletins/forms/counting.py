"""What filling forms has saved the office, as figures like any other: forms filled, cells filled, facts that were asked for again.

Each form filled for an area and a period is a record of the register ``form_fillings``, kept by the system; filled again, it is the
same record, one version further, so that trying twice counts once. Register and figures are put in force when the first form is
filled.
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256
from typing import Any

from banjie.bulletins.models.forms import AskedFact
from banjie.figures.actions import install_figures
from banjie.figures.catalogue import figures
from banjie.figures.definition import Figure
from banjie.ledger.actions import record_entry
from banjie.lib.clock import today
from banjie.lib.errors import Invalid
from banjie.people.models import Account
from banjie.registers import rows, trail
from banjie.registers.catalogue import catalogue
from banjie.registers.checking import Surroundings, check
from banjie.registers.definition import Register
from banjie.registers.installing import install_register
from banjie.registers.models import Record

NAME = "form_fillings"
PACK = "banjie"
CHUNK = 500


def _field(name: str, type: str, zh: str, en: str, **more: Any) -> dict[str, Any]:
    return {"name": name, "type": type, "title": {"zh": zh, "en": en}, **more}


FILLINGS = Register.load(
    {
        "name": NAME,
        "title": {"zh": "表格填报", "en": "Forms filled"},
        "description": {"zh": "每张表每地区每期一条，由系统登记", "en": "One for each form, area and period; kept by the system"},
        "key": "code",
        "label": "title",
        "area": "area",
        "fields": [
            _field("code", "text", "编号", "Code", required=True),
            _field("title", "text", "表名", "Form", required=True),
            _field("area", "area", "地区", "Area"),
            _field("unit", "text", "填报单位", "Filled by"),
            _field("period", "text", "时期", "Period"),
            _field("filled_on", "date", "填报日期", "Filled on", required=True, index=True),
            _field("cells", "integer", "填写格数", "Cells filled", required=True),
            _field("blanks", "integer", "留空格数", "Cells left blank", required=True),
            _field("again", "integer", "重复报送的数", "Facts asked for again", required=True),
        ],
        "columns": ["title", "area", "unit", "period", "filled_on", "cells", "blanks", "again"],
    }
).compile()  # fmt: skip


def _figure(name: str, zh: str, en: str, unit: str, measure: str, says: tuple[str, str], *aliases: str) -> Figure:
    return Figure.load(
        {
            "name": f"forms.{name}", "title": {"zh": zh, "en": en}, "description": dict(zip(("zh", "en"), says, strict=True)),
            "aliases": list(aliases), "unit": unit, "of": NAME, "measure": measure, "time": "filled_on", "by": ["county", "town"],
        }
    )  # fmt: skip


FIGURES = (
    _figure(
        "filled", "自动填报表格数", "Forms filled from records", "report", "count(*)",
        ("同一张表同一地区同一时期只计一次。", "A form counts once for an area and a period."),
    ),
    _figure(
        "cells", "自动填写格数", "Cells filled from records", "item", "sum(cells)",
        ("表中由登记数据填写的单元格。", "Cells of forms that were filled from records."),
    ),
    _figure(
        "again", "免予重复报送的数", "Facts not typed again", "item", "sum(again)",
        ("其他表格已经要过、这次不必再填的数。", "Facts that another form had asked for before, and nobody typed again."),
        "重复报送数",
    ),
)  # fmt: skip


def put_in_force() -> None:
    """Install the register and its figures where they are not as they should be."""
    if catalogue().registers.get(NAME) != FILLINGS:
        install_register(FILLINGS, pack=PACK, by=None)
    known = figures().figures
    if any(known.get(f.name) != f for f in FIGURES):
        install_figures(list(FIGURES), pack=PACK, by=None)


def asked_again(facts: Sequence[str], fingerprint: str) -> int:
    """How many of the facts another form has asked for before; all of them are remembered. In the caller's transaction."""
    digests = [sha256(fact.encode()).hexdigest() for fact in facts]
    again = 0
    for start in range(0, len(digests), CHUNK):
        chunk = digests[start : start + CHUNK]
        others = AskedFact.objects.filter(fact__in=chunk).exclude(fingerprint=fingerprint)
        again += others.values("fact").distinct().count()
        AskedFact.objects.bulk_create(
            [AskedFact(fact=digest, fingerprint=fingerprint) for digest in chunk], ignore_conflicts=True
        )
    return again


def counted(
    *, fingerprint: str, title: str, area: str | None, period: str, unit: str, cells: int, blanks: int, again: int,
    by: Account | None, origin: str,
) -> Record:  # fmt: skip
    """The record of a filling: a new one, or the next version of the one there is. In the caller's transaction."""
    code = "-".join((fingerprint[:16], area or "all", period or "now"))
    data = {
        "code": code, "title": title[:200] or code, "area": area, "unit": unit[:200] or None, "period": period or None,
        "filled_on": today().isoformat(), "cells": cells, "blanks": blanks, "again": again,
    }  # fmt: skip
    held = Record.objects.of(NAME).select_for_update(of=("self",)).filter(key=code).first()
    past = dict(held.data) if held is not None else None
    row = check(FILLINGS, data, Surroundings.of(FILLINGS, [data], None), old=past)
    if row.problems:
        raise Invalid(row.problems, FILLINGS.titles)
    if held is None:
        record = rows.insert(FILLINGS, row, by=None)
        body = trail.body(record, FILLINGS, catalogue().number(NAME))
        record_entry(chain=record.chain, verb=trail.CREATE, body=body, by=by, origin=origin, first=True)
        return record
    rows.rewrite(held, row)
    body = trail.body(held, FILLINGS, catalogue().number(NAME), trail.changed(past or {}, row.data))
    record_entry(chain=held.chain, verb=trail.UPDATE, body=body, by=by, origin=origin)
    return held
