"""An expected item as a record: what screens, exports and figures see of it. One ledger entry for each change of its state."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from banjie.ledger.actions import record_entry
from banjie.lib.errors import Invalid
from banjie.lib.periods import Period
from banjie.matters.models import Expected, ObligationVersion
from banjie.matters.obligations.definition import Obligation, period_code
from banjie.matters.obligations.owing import Owing
from banjie.people.models import Account
from banjie.registers import rows, trail
from banjie.registers.catalogue import catalogue
from banjie.registers.checking import Surroundings, check
from banjie.registers.definition import Register

NAME = "expected_items"


def _field(name: str, type: str, zh: str, en: str, **more: Any) -> dict[str, Any]:
    return {"name": name, "type": type, "title": {"zh": zh, "en": en}, **more}


ITEMS = Register.load(
    {
        "name": NAME,
        "title": {"zh": "应报事项", "en": "Expected items"},
        "description": {"zh": "定期义务每期应报的一项，由系统登记", "en": "One item of an obligation for each period; kept by the system"},
        "key": "code",
        "label": "title",
        "area": "area",
        "choices": [
            {
                "name": "expected_states",
                "title": {"zh": "应报状态", "en": "State"},
                "options": [
                    {"code": Expected.EXPECTED, "title": {"zh": "未到期", "en": "not due yet"}},
                    {"code": Expected.MET, "title": {"zh": "按时", "en": "on time"}},
                    {"code": Expected.LATE, "title": {"zh": "迟报", "en": "late"}},
                    {"code": Expected.MISSING, "title": {"zh": "缺报", "en": "missing"}},
                    {"code": Expected.WAIVED, "title": {"zh": "免报", "en": "waived"}},
                ],
            }
        ],
        "fields": [
            _field("code", "text", "编号", "Code", required=True),
            _field("title", "text", "事项", "Item", required=True),
            _field("obligation", "text", "义务", "Obligation", required=True, index=True),
            _field("area", "area", "地区", "Area"),
            _field("owes", "text", "应报对象", "Owed by", required=True),
            _field("unit", "text", "责任单位", "Unit"),
            _field("period", "text", "期别", "Period", required=True),
            _field("begins_on", "date", "期初", "Period begins", required=True),
            _field("due_at", "datetime", "期限", "Due", required=True),
            _field("state", "choice", "状态", "State", required=True, of="expected_states", index=True),
            _field("arrived", "integer", "已报数", "Arrived", required=True),
            _field("met_at", "datetime", "报送时间", "Arrived at"),
            _field("why", "note", "免报原因", "Why waived"),
        ],
        "columns": ["title", "owes", "unit", "period", "due_at", "state", "met_at"],
    }
).compile()  # fmt: skip


def expect(
    version: ObligationVersion, obligation: Obligation, period: Period, who: Owing, due_at: datetime, remind_at: datetime
) -> Expected:
    """Enter an item: its record, its row, its entry. In the caller's transaction."""
    code = period_code(period)
    office = who.owner.organisation
    data = {
        "code": f"{obligation.name}/{who.key}/{code}", "title": f"{obligation.title.zh} {who.label} {code}"[:500],
        "obligation": obligation.name, "area": who.area, "owes": who.label, "unit": office.name.zh if office else None,
        "period": code, "begins_on": period.start, "due_at": due_at, "state": Expected.EXPECTED, "arrived": 0,
    }  # fmt: skip
    row = check(ITEMS, data, Surroundings.of(ITEMS, [data], None))
    if row.problems:
        raise Invalid(row.problems)
    record = rows.insert(ITEMS, row, by=None)
    item = Expected.objects.create(
        record=record, obligation=obligation.name, definition=version, of_key=who.key, period=code, begins_on=period.start,
        ends_on=period.end, due_at=due_at, remind_at=remind_at, owner_post=who.owner.post, organisation=office,
    )  # fmt: skip
    body = trail.body(record, ITEMS, catalogue().number(NAME))
    record_entry(chain=record.chain, verb=trail.EXPECT, body=body, by=None, origin="job", first=True)
    return item


def change(item: Expected, verb: str, *, by: Account | None, why: str = "", origin: str = "job") -> None:
    """Write an item's new state into its record and its chain, as one entry. In the caller's transaction."""
    record = item.record
    past = dict(record.data)
    values = {
        "state": item.state, "arrived": item.arrived, "why": item.waived_why or None,
        "met_at": item.met_at.astimezone(UTC) if item.met_at else None,
    }  # fmt: skip
    row = check(ITEMS, values, Surroundings.of(ITEMS, [past], None), old=past)
    if row.problems:
        raise Invalid(row.problems)
    before = trail.changed(past, row.data)
    rows.rewrite(record, row)
    body = trail.body(record, ITEMS, catalogue().number(NAME), before)
    body["detail"] = {"met_by": item.met_by.key if item.met_by else None}
    record_entry(chain=record.chain, verb=verb, body=body, by=by, why=why, origin=origin)
