"""Exports: that they import again to the same records, mask what is personal, and say so in the ledger."""

from __future__ import annotations

import io
from collections.abc import Iterator

import openpyxl
import pytest

from banjie.ledger.models import Entry
from banjie.lib.errors import NotPermitted
from banjie.lib.text import Language, reading_in
from banjie.people.models import Account
from banjie.people.verbs import Verb
from banjie.registers.actions import create, remove
from banjie.registers.definition import Register
from banjie.registers.exporting import Format, export, guarded, masked
from banjie.registers.importing import import_sheet
from banjie.registers.installing import install_register
from banjie.registers.models import Record
from tests.rooms import county

pytestmark = pytest.mark.django_db

EVERYTHING = {
    "name": "everything",
    "title": {"zh": "各类字段", "en": "Every kind: of/field"},
    "key": ["code", "month"],
    "area": "town",
    "choices": [county.INDUSTRIES],
    "fields": [
        {"name": "code", "type": "text", "required": True, "title": {"zh": "编号", "en": "Code"}},
        {"name": "month", "type": "month", "required": True, "title": {"zh": "月份", "en": "Month"}},
        {"name": "note", "type": "note", "title": {"zh": "备注说明", "en": "Note"}},
        {"name": "households", "type": "integer", "unit": "household", "title": {"zh": "户数", "en": "Households"}},
        {"name": "money", "type": "decimal", "unit": "CNY", "title": {"zh": "金额(万元)", "en": "Money (yuan)"}},
        {"name": "share", "type": "decimal", "unit": "percent", "title": {"zh": "比例", "en": "Share"}},
        {"name": "factor", "type": "decimal", "title": {"zh": "系数", "en": "Factor"}},
        {"name": "done", "type": "boolean", "title": {"zh": "完成", "en": "Done"}},
        {"name": "day", "type": "date", "title": {"zh": "日期", "en": "Day"}},
        {"name": "year", "type": "year", "title": {"zh": "年份", "en": "Year"}},
        {"name": "at", "type": "datetime", "title": {"zh": "时间", "en": "At"}},
        {"name": "industry", "type": "choice", "of": "industries", "title": {"zh": "产业", "en": "Industry"}},
        {"name": "project", "type": "reference", "of": "projects", "title": {"zh": "项目", "en": "Project"}},
        {"name": "town", "type": "area", "title": {"zh": "乡镇", "en": "Town"}},
        {"name": "phone", "type": "phone", "personal": True, "title": {"zh": "电话", "en": "Phone"}},
        {"name": "same", "type": "text", "title": {"zh": "同名", "en": "Same"}},
        {"name": "same_too", "type": "text", "title": {"zh": "同名", "en": "Same"}},
        {"name": "twice", "type": "decimal", "formula": "factor * 2", "title": {"zh": "两倍", "en": "Twice"}},
    ],
}  # fmt: skip

ROWS: list[dict[str, object]] = [
    {"code": "007", "month": "2021-10", "note": "=1+1", "households": 12, "money": "610780000.5", "share": "0.7959", "factor": "0.1",
     "done": True, "day": "2021-10-31", "year": 2021, "at": "2021-10-31 23:59:59", "industry": "ceramics", "project": "XH-001",
     "town": "洋溪镇", "phone": "13800001234", "same": "a", "same_too": "b"},
    {"code": "2021.10", "month": "2021-01", "note": "@one\r\n-two,\"three\"\n三", "money": "123456789012345678.123456", "factor": "-5",
     "done": False, "day": "1900-01-15", "phone": "0738-3212345", "town": "431322102"},
    {"code": "'=x", "month": "2000-12", "note": "_x000D_ +86\tok", "factor": "0.000001", "same": "''-y", "same_too": "1e5", "share": "1"},
    {"code": "12345678901234567890", "month": "2021-12", "note": "是", "factor": "999999999999999", "same": "2021-10-31", "at": "2021-01-01 00:00:01"},
]  # fmt: skip


@pytest.fixture(autouse=True)
def _in_english() -> Iterator[None]:
    with reading_in("en"):
        yield


@pytest.fixture
def clerk() -> Account:
    county.areas()
    county.registers()
    install_register(Register.load(EVERYTHING), pack="test", by=None)
    return county.person("clerk", "431322102", [*county.CLERK, Verb.PERSONAL])


def content(register: str, by: Account | None, format: Format = "xlsx", language: Language = "zh") -> bytes:
    with export(register, Record.objects.all(), by=by, format=format, language=language).file as file:
        return file.read()


def headings(sheet: bytes) -> list[str]:
    return [str(c.value) for c in next(openpyxl.load_workbook(io.BytesIO(sheet)).worksheets[0].iter_rows())]


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("format", ["xlsx", "csv"])
def test_an_export_imports_again_to_the_same_records(clerk: Account, format: Format, language: Language) -> None:
    create("projects", county.project(phone="13800001234"), by=None)
    for row in ROWS:
        create("everything", row, by=None)
    before = {r.key: (r.data, r.version) for r in Record.objects.all()}
    for register, count in (("everything", 4), ("projects", 1)):
        written = import_sheet(register, content(register, None, format, language), by=None)
        assert (written.created, written.updated, written.unchanged, written.problems) == (0, 0, count, [])
    assert {r.key: (r.data, r.version) for r in Record.objects.all()} == before


def test_headings_say_in_what_the_numbers_are(clerk: Account) -> None:
    create("projects", county.project(), by=None)
    create("everything", ROWS[0], by=None)
    sheet = content("everything", None)
    assert headings(sheet)[3:7] == ["户数（户）", "金额（万元）", "比例（%）", "系数"]
    assert headings(sheet)[15:17] == ["same", "same_too"]
    row = next(openpyxl.load_workbook(io.BytesIO(sheet)).worksheets[0].iter_rows(min_row=2, values_only=True))
    assert row[3:7] == (12, 61078.00005, 79.59, 0.1)
    assert row[11:14] == ("先进陶瓷", "XH-001", "洋溪镇")
    assert headings(content("everything", None, language="en"))[3:6] == ["Households", "Money (CNY million)", "Share (%)"]


def test_only_what_may_be_exported_is_exported_and_it_is_written_down(clerk: Account) -> None:
    create("projects", county.project("XH-1"), by=None)
    create("projects", county.project("XH-2", town="431322109"), by=None)
    gone = create("projects", county.project("XH-3"), by=None)
    remove(gone, version=1, by=None)
    made = export("projects", Record.objects.live(), by=clerk, format="csv", asked={"search": "陶瓷"}, why="上报")
    with made.file as file:
        text = file.read().decode("utf-8-sig")
    assert (made.rows, made.masked, made.name.startswith("重点项目 ")) == (1, False, True)
    assert "XH-1" in text
    assert "XH-2" not in text
    entry = Entry.objects.get(chain="export:projects")
    assert (entry.verb, entry.actor_id, entry.why) == ("register.export", clerk.pk, "上报")
    assert (entry.body["count"], entry.body["filter"]) == (1, {"search": "陶瓷"})


def test_who_may_not_export_gets_nothing(clerk: Account) -> None:
    reader = county.person("reader", "431322102", [Verb.VIEW])
    with pytest.raises(NotPermitted):
        export("projects", Record.objects.all(), by=reader)
    blind = county.person("blind", "431322102", [Verb.EXPORT])
    create("projects", county.project(), by=None)
    with export("projects", Record.objects.all(), by=blind).file as file:
        assert openpyxl.load_workbook(file).worksheets[0].max_row == 1


@pytest.mark.parametrize("format", ["xlsx", "csv"])
def test_masked_values_are_hidden_and_never_come_back_over_the_real_ones(clerk: Account, format: Format) -> None:
    made = create("projects", county.project(phone="13800001234"), by=None)
    masking = county.person("masking", "431322102", county.CLERK)
    sheet = content("projects", masking, format)
    assert b"13800001234" not in sheet
    if format == "xlsx":
        assert headings(sheet)[7] == "联系电话（已脱敏）"
    written = import_sheet("projects", sheet, by=masking)
    assert (written.unchanged, written.updated) == (1, 0)
    made.refresh_from_db()
    assert made.data["phone"] == "13800001234"
    assert b"13800001234" in content("projects", clerk, "csv")


def test_one_row_outside_the_personal_scope_masks_the_column(clerk: Account) -> None:
    create("projects", county.project("A", phone="13800001234"), by=None)
    create("projects", county.project("B", phone="13800005678", town="431322109"), by=None)
    wide = county.person("wide", "431322", county.CLERK)
    made = export("projects", Record.objects.all(), by=wide, format="csv")
    with made.file as file:
        text = file.read().decode("utf-8-sig")
    assert made.masked
    assert "138****1234" in text
    assert "13800001234" not in text


def test_text_is_never_a_formula(clerk: Account) -> None:
    create("projects", county.project(name='=HYPERLINK("http://x")'), by=None)
    cell = openpyxl.load_workbook(io.BytesIO(content("projects", None))).worksheets[0]["B2"]
    assert (cell.data_type, cell.hyperlink) == ("s", None)
    assert "'=HYPERLINK" in content("projects", None, "csv").decode("utf-8-sig")


@pytest.mark.parametrize(
    ("text", "written"),
    [("=1", "'=1"), ("-5", "'-5"), ("'=1", "''=1"), ("a=1", "a=1"), ("'a", "'a"), ("\t=1", "'\t=1"), ("", "")],
)
def test_csv_text_is_guarded(text: str, written: str) -> None:
    assert guarded(text) == written


@pytest.mark.parametrize(
    ("value", "shown"), [("13800001234", "138****1234"), ("王小明", "王**"), ("1234567", "1******"), ("x", "x*")]
)
def test_masks(value: str, shown: str) -> None:
    assert masked(value) == shown


# The title of a field kept in a unit → its heading, in each language, and what 1,234,567 base units are below it.
HEADED: dict[tuple[str, str, str], tuple[str, str, str, str]] = {
    ("总投资（元）", "Total (yuan)", "CNY"): ("总投资（万元）", "Total (CNY million)", "123.4567", "1.234567"),
    ("总投资(万元)", "Total (10,000 yuan)", "CNY"): ("总投资（万元）", "Total (CNY million)", "123.4567", "1.234567"),
    ("总投资 （亿元）", "Total", "CNY"): ("总投资（万元）", "Total (CNY million)", "123.4567", "1.234567"),
    ("进出口总额（美元）", "Trade (USD)", "USD"): ("进出口总额（万美元）", "Trade (USD million)", "123.4567", "1.234567"),
    ("投资（含税）", "Total (with tax)", "CNY"): (
        "投资（含税）（万元）",
        "Total (with tax) (CNY million)",
        "123.4567",
        "1.234567",
    ),
    ("户数（户）", "Households", "household"): ("户数（户）", "Households", "1234567", "1234567"),
    ("增减（百分点）", "Change", "percentage_point"): (
        "增减（个百分点）",
        "Change (percentage points)",
        "123456700",
        "123456700",
    ),
}


@pytest.mark.parametrize("title", HEADED, ids=lambda t: t[0])
@pytest.mark.parametrize("format", ["xlsx", "csv"])
def test_a_heading_says_its_unit_once_and_the_one_of_the_screens(db: None, title: tuple[str, str, str], format: Format) -> None:
    county.areas()
    zh, en, unit = title
    fields = [
        {"name": "code", "type": "text", "required": True, "title": {"zh": "编号", "en": "Code"}},
        {"name": "held", "type": "decimal", "unit": unit, "title": {"zh": zh, "en": en}},
    ]
    mapping = {"name": "units", "title": {"zh": "计量", "en": "Units"}, "key": "code", "fields": fields}
    install_register(Register.load(mapping), pack="test", by=None)
    create("units", {"code": "a", "held": "1234567"}, by=None)
    create("units", {"code": "b", "held": "123456789012345678.123456"}, by=None)
    for language, heading, amount in (("zh", HEADED[title][0], HEADED[title][2]), ("en", HEADED[title][1], HEADED[title][3])):
        sheet = content("units", None, format, language)  # type: ignore[arg-type]
        if format == "csv":
            lines = sheet.decode("utf-8-sig").splitlines()
            assert [lines[0].split(",", 1)[1].strip('"'), lines[1].split(",")[1]] == [heading, amount]
        else:
            assert headings(sheet)[1] == heading
        assert import_sheet("units", sheet, by=None).unchanged == 2
