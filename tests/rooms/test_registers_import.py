"""Importing sheets as offices send them: what is understood, what is refused, and that nothing is half written."""

from __future__ import annotations

import struct
import time
import zlib
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path

import openpyxl
import pytest
from django.conf import settings

from banjie.ledger.models import Entry
from banjie.lib.errors import NotPermitted, Refusal
from banjie.lib.text import reading_in
from banjie.people.models import Account
from banjie.people.verbs import Verb
from banjie.registers.archives import column_letter, column_number
from banjie.registers.bulk import BadRows, RowProblem
from banjie.registers.importing import import_sheet
from banjie.registers.models import Record
from tests.rooms import county
from tests.rooms.sheets_made import HEADINGS, csv, good_row, member, saved, with_member, xlsx

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _in_english() -> Iterator[None]:
    with reading_in("en"):
        yield


@pytest.fixture
def clerk() -> Account:
    county.areas()
    county.registers()
    return county.person("clerk", "431322102", county.CLERK)


def said(problems: list[RowProblem]) -> list[tuple[int, str, object, str]]:
    return [(p.row, p.column, p.value, p.says.en) for p in problems]


def refusal(content: bytes, clerk: Account) -> str:
    with pytest.raises(Refusal) as refused:
        import_sheet("projects", content, by=clerk)
    assert not Record.objects.exists()
    return refused.value.says.en


def test_a_workbook_becomes_records_with_their_entries(clerk: Account) -> None:
    written = import_sheet("projects", xlsx(HEADINGS, good_row(1), good_row(2)), by=clerk, origin="import:7", why="年初导入")
    assert (written.created, written.updated, written.unchanged, written.problems) == (2, 0, 0, [])
    record = Record.objects.get(key="XH-00001")
    assert record.data == {
        "code": "XH-00001", "name": "项目1", "town": "431322102", "industry": "ceramics", "total": "12000000", "planned": "3005000",
        "started_on": "2021-03-08", "phone": "13800001234", "left_over": "8995000",
    }  # fmt: skip
    entry = Entry.objects.get(chain=record.chain)
    assert (entry.origin, entry.why, entry.actor_id) == ("import:7", "年初导入", clerk.pk)


def test_the_same_sheet_again_changes_nothing(clerk: Account) -> None:
    sheet = xlsx(HEADINGS, good_row(1), good_row(2))
    import_sheet("projects", sheet, by=clerk)
    before = Entry.objects.count()
    again = import_sheet("projects", sheet, by=clerk)
    assert (again.created, again.updated, again.unchanged) == (0, 0, 2)
    assert Entry.objects.count() == before


def test_columns_that_are_not_there_keep_what_the_records_have(clerk: Account) -> None:
    import_sheet("projects", xlsx(HEADINGS, good_row(1)), by=clerk)
    written = import_sheet("projects", xlsx(["Code", "Planned (10,000 yuan)"], ["XH-00001", 200]), by=clerk)
    assert written.updated == 1
    assert Record.objects.get().data["planned"] == "2000000"
    assert Record.objects.get().data["phone"] == "13800001234"


def test_bad_cells_are_named_and_nothing_is_written(clerk: Account) -> None:
    rows = [good_row(n) for n in range(1, 8)]
    rows[1][4] = "一千二百"
    rows[3][3] = "航天"
    rows[4][2] = "白溪镇"
    rows[5][0] = "XH-00001"
    rows[6][1] = None
    with pytest.raises(BadRows) as refused:
        import_sheet("projects", xlsx(HEADINGS, *rows), by=clerk)
    assert said(refused.value.problems) == [
        (3, "E", "一千二百", "must be a number such as 1234.56"),
        (5, "D", "航天", "is not among the options: Advanced ceramics, Printing equipment"),
        (6, "C", "白溪镇", "you may not write in this area"),
        (7, "A", "XH-00001", "has the same key as row 2"),
        (8, "B", None, "is required"),
    ]
    assert refused.value.problems[0].heading == "总投资(万元)"
    assert not Record.objects.exists()
    assert not Entry.objects.filter(verb="record.create").exists()


def test_with_partial_the_good_rows_are_written_and_the_bad_listed(clerk: Account) -> None:
    written = import_sheet("projects", xlsx(HEADINGS, good_row(1), [*good_row(2)[:4], "很多"]), by=clerk, partial=True)
    assert (written.created, said(written.problems)) == (1, [(3, "E", "很多", "must be a number such as 1234.56")])


def test_a_dry_run_tells_and_writes_nothing(clerk: Account) -> None:
    written = import_sheet("projects", xlsx(HEADINGS, good_row(1), good_row(1)), by=clerk, dry_run=True)
    assert (written.created, len(written.problems)) == (1, 1)
    assert not Record.objects.exists()


def test_a_rule_that_fails_names_its_column(clerk: Account) -> None:
    with pytest.raises(BadRows) as refused:
        import_sheet("projects", xlsx(HEADINGS, good_row(1, **{"年度计划(万元)": 5000})), by=clerk)
    assert said(refused.value.problems) == [(2, "F", 5000, "the year's plan exceeds the total")]
    assert refused.value.problems[0].heading == "年度计划(万元)"


def test_a_rule_that_fails_names_a_column_that_the_sheet_has(clerk: Account) -> None:
    import_sheet("projects", xlsx(HEADINGS, good_row(1)), by=clerk)
    with pytest.raises(BadRows) as refused:
        import_sheet("projects", xlsx(["项目代码", "总投资（亿元）"], ["XH-00001", 0.01]), by=clerk)
    assert [(p.column, p.heading, p.value) for p in refused.value.problems] == [("B", "总投资（亿元）", 0.01)]


def test_a_computed_value_that_cannot_be_is_laid_to_what_it_is_made_of(clerk: Account) -> None:
    row = good_row(1, **{"总投资(万元)": "99999999999999", "年度计划(万元)": "-99999999999999"})
    with pytest.raises(BadRows) as refused:
        import_sheet("projects", xlsx(HEADINGS, row), by=clerk)
    assert [(p.column, p.says.en) for p in refused.value.problems] == [
        ("E", "Later years, worked out from it, has more than 18 digits before the point")
    ]


def test_a_zero_byte_in_a_cell_is_named_by_row_and_column(clerk: Account) -> None:
    content = csv(HEADINGS, good_row(1), good_row(2, 项目名称="坏\0名"))
    with pytest.raises(BadRows) as refused:
        import_sheet("projects", content, by=clerk)
    assert [(p.row, p.column, p.heading) for p in refused.value.problems] == [(3, "B", "项目名称")]
    assert "U+0000" in refused.value.problems[0].says.en


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_wide_text_without_its_mark_is_read_too(clerk: Account, encoding: str) -> None:
    assert import_sheet("projects", csv(HEADINGS, good_row(1), good_row(2), encoding=encoding), by=clerk).created == 2


def test_as_wide_a_sheet_as_is_taken_names_its_strange_columns(clerk: Account) -> None:
    wide = [*HEADINGS, *(f"附加{n}" for n in range(292))]
    with pytest.raises(BadRows) as refused:
        import_sheet("projects", xlsx(wide, good_row(1)), by=clerk)
    assert len(refused.value.problems) == 292
    assert (refused.value.problems[0].column, refused.value.problems[-1].column) == ("I", "KN")


def test_a_million_empty_rows_cost_nothing(clerk: Account) -> None:
    content = xlsx(HEADINGS, good_row(1))
    sheet = member(content, "xl/worksheets/sheet1.xml")
    empty = b"".join(b'<row r="%d"><c r="A%d" s="0"/></row>' % (n, n) for n in range(3, 1_048_577))
    sent = with_member(content, "xl/worksheets/sheet1.xml", sheet.replace(b"</sheetData>", empty + b"</sheetData>"))
    begun = time.monotonic()
    assert import_sheet("projects", sent, by=clerk).created == 1
    assert time.monotonic() - begun < 20


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_csv_is_read_in_the_encodings_and_separators_of_offices(clerk: Account, encoding: str, delimiter: str) -> None:
    content = csv(HEADINGS, good_row(1), [], good_row(2), delimiter=delimiter, encoding=encoding)
    assert import_sheet("projects", content, by=clerk).created == 2
    assert Record.objects.get(key="XH-00002").data["name"] == "项目2"


def test_row_numbers_count_empty_rows_as_the_sheet_does(clerk: Account) -> None:
    with pytest.raises(BadRows) as refused:
        import_sheet("projects", xlsx(HEADINGS, [], good_row(1), [], good_row(2, 产业="x")), by=clerk)
    assert [p.row for p in refused.value.problems] == [5]


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        (datetime(2021, 3, 8), "2021-03-08"),  # noqa: DTZ001 - as a spreadsheet has it
        (date(2021, 3, 8), "2021-03-08"),
        (44263, "2021-03-08"),
        ("2021/3/8", "2021-03-08"),
        ("2021.03.08", "2021-03-08"),
        ("20210308", "2021-03-08"),
        (20210308, "2021-03-08"),
        ("2021年3月8日", "2021-03-08"),
    ],
)
def test_dates_in_every_dress_are_one_date(clerk: Account, typed: object, kept: str) -> None:
    import_sheet("projects", xlsx(HEADINGS, good_row(1, 开工日期=typed)), by=clerk)
    assert Record.objects.get().data["started_on"] == kept


@pytest.mark.parametrize(
    ("heading", "typed", "kept"),
    [
        ("总投资(万元)", "1,234.5", "12345000"),
        ("总投资(亿元)", 0.3, "30000000"),
        ("总投资/元"[:3], 5, "5"),
        ("总投资[千元]", 1.1, "1100"),
        ("* 总 投 资 (单位:百万元)", 2, "2000000"),
        ("Total (million yuan)", "1.5", "1500000"),
        ("total", 7, "7"),
    ],
)
def test_a_unit_behind_the_heading_is_reckoned_exactly(clerk: Account, heading: str, typed: object, kept: str) -> None:
    headings = [heading if h.startswith("总投资") else h for h in HEADINGS if not h.startswith("年度")]
    row = good_row(1)
    row[4] = typed
    del row[5]
    import_sheet("projects", xlsx(headings, row), by=clerk)
    assert Record.objects.get().data["total"] == kept


def test_a_line_above_the_header_gives_the_unit(clerk: Account) -> None:
    headings = ["项目代码", "项目名称", "乡镇", "总投资", "年度计划(元)"]
    content = xlsx(
        ["新化县重点项目表"], ["", "", "", "", "(单位:万元)"], headings, ["A1", "甲", "洋溪镇", 3, 20000], merged=["A1:E1"]
    )
    import_sheet("projects", content, by=clerk)
    data = Record.objects.get().data
    assert (data["total"], data["planned"]) == ("30000", "20000")


def test_an_unknown_unit_is_refused(clerk: Account) -> None:
    headings = [h.replace("总投资(万元)", "总投资(万美元)") for h in HEADINGS]
    with pytest.raises(BadRows) as refused:
        import_sheet("projects", xlsx(headings, good_row(1)), by=clerk)
    assert [(p.row, p.column, p.heading) for p in refused.value.problems] == [(1, "E", "总投资(万美元)")]


def test_wrong_headings_are_all_listed(clerk: Account) -> None:
    headings = ["Project code", "name", "总投资", "Total", "乡镇"]
    with pytest.raises(BadRows) as refused:
        import_sheet("projects", xlsx(headings, ["a", "b", 1, 2, "洋溪镇"]), by=clerk)
    assert [(p.column, p.heading, p.says.en) for p in refused.value.problems] == [
        ("A", "Project code", "no field is called that"),
        ("D", "Total", "is the same field as column C, 总投资"),
        ("", "项目代码", "this column is missing (it is part of the key)"),
    ]


def test_a_missing_required_column_is_said_once(clerk: Account) -> None:
    with pytest.raises(BadRows) as refused:
        import_sheet(
            "projects", xlsx(["项目代码", "项目名称", "乡镇"], *[[f"X{n}", "甲", "洋溪镇"] for n in range(30)]), by=clerk
        )
    assert [(p.row, p.heading, p.says.en) for p in refused.value.problems] == [
        (1, "Total", "a required column is missing: 30 new rows need it")
    ]


def test_two_header_rows_with_merged_cells_are_understood(clerk: Account) -> None:
    content = xlsx(
        ["项目代码", "项目名称", "乡镇", "投资", None],
        [None, None, None, "总投资(万元)", "年度计划(万元)"],
        ["A1", "甲", "洋溪镇", 3, 2],
        merged=["A1:A2", "B1:B2", "C1:C2", "D1:E1"],
    )
    import_sheet("projects", content, by=clerk)
    assert Record.objects.get().data["planned"] == "20000"


def test_a_merged_heading_that_is_not_understood_is_named(clerk: Account) -> None:
    content = xlsx(["项目代码", "项目名称", "乡镇", "总投资", None], ["A1", "甲", "洋溪镇", 3, 2], merged=["D1:E1"])
    with pytest.raises(BadRows) as refused:
        import_sheet("projects", content, by=clerk)
    assert said(refused.value.problems) == [(1, "E", None, "the heading D1:E1 in row 1 is merged: split it and head each column")]


def test_merged_cells_among_the_rows_are_named(clerk: Account) -> None:
    content = xlsx(HEADINGS, good_row(1), good_row(2), good_row(3), merged=["C2:C4"])
    with pytest.raises(BadRows) as refused:
        import_sheet("projects", content, by=clerk)
    assert said(refused.value.problems) == [(2, "C", None, "C2:C4 is merged: split it and fill in every row")]


def test_full_width_digits_and_thousands_are_numbers(clerk: Account) -> None:
    import_sheet("projects", xlsx(HEADINGS, good_row(1, **{"总投资(万元)": "12,345.5", "联系电话": "13800001234"})), by=clerk)
    assert Record.objects.get().data["total"] == "123455000"
    assert Record.objects.get().data["phone"] == "13800001234"


def test_numbers_typed_where_text_is_kept_stay_as_typed(clerk: Account) -> None:
    import_sheet("projects", xlsx(HEADINGS, good_row(1, 项目代码=2021001, 联系电话=13800001234)), by=clerk)
    assert Record.objects.get().key == "2021001"
    assert Record.objects.get().data["phone"] == "13800001234"


def test_a_long_number_that_lost_its_digits_is_refused(clerk: Account) -> None:
    import_sheet("projects", xlsx(HEADINGS, good_row(1, 项目代码=431322202100017)), by=clerk)
    with pytest.raises(BadRows) as refused:
        import_sheet("projects", xlsx(HEADINGS, good_row(1, 项目代码=4313222021000171)), by=clerk)
    assert "more than 15 digits" in said(refused.value.problems)[0][3]


def test_a_month_typed_as_2021_1_may_be_october(clerk: Account) -> None:
    import_sheet("projects", xlsx(HEADINGS, good_row(1)), by=clerk)
    with pytest.raises(BadRows) as refused:
        import_sheet("reports", xlsx(["项目", "月份", "完成投资"], ["XH-00001", 2021.1, 5]), by=clerk)
    assert said(refused.value.problems)[0][:3] == (2, "B", 2021.1)
    assert "January or October" in said(refused.value.problems)[0][3]
    import_sheet("reports", xlsx(["项目", "月份", "完成投资"], ["XH-00001", "2021.10", 5]), by=clerk)
    assert Record.objects.get(register="reports").key == "XH-00001/2021-10"


def test_formulas_give_their_saved_results_and_errors_are_named(clerk: Account) -> None:
    content = xlsx(HEADINGS, good_row(1), good_row(2))
    sheet = member(content, "xl/worksheets/sheet1.xml")
    assert sheet.count(b"<v>1200</v>") == 2
    formula = sheet.replace(b"<v>1200</v>", b"<f>600*2</f><v>1200</v>", 1)
    assert import_sheet("projects", with_member(content, "xl/worksheets/sheet1.xml", formula), by=clerk).created == 2
    broken = sheet.replace(b't="n"><v>1200</v>', b't="e"><f>1/0</f><v>#DIV/0!</v>', 1)
    with pytest.raises(BadRows) as refused:
        import_sheet("projects", with_member(content, "xl/worksheets/sheet1.xml", broken), by=clerk)
    assert said(refused.value.problems) == [(2, "E", None, "the cell holds the error #DIV/0!")]


def test_formulas_without_saved_results_are_refused(clerk: Account) -> None:
    assert "saved without their results" in refusal(xlsx(HEADINGS, good_row(1, **{"总投资(万元)": "=600*2"})), clerk)


def test_text_that_begins_like_a_formula_is_text(clerk: Account) -> None:
    book = openpyxl.load_workbook(__import__("io").BytesIO(xlsx(HEADINGS, good_row(1))))
    book.active["B2"].value, book.active["B2"].data_type = "=HYPERLINK", "s"
    import_sheet("projects", saved(book), by=clerk)
    assert Record.objects.get().data["name"] == "=HYPERLINK"


def test_the_sheet_of_instructions_is_passed_over(clerk: Account) -> None:
    book = openpyxl.Workbook()
    book.active.title = "说明"
    book.active.append(["项目代码", "填写项目代码"])
    data = book.create_sheet("数据")
    data.append(HEADINGS)
    data.append(good_row(1))
    assert import_sheet("projects", saved(book), by=clerk).created == 1


def test_nothing_like_a_header_is_refused_with_what_is_expected(clerk: Account) -> None:
    assert "no header was found" in refusal(xlsx(["甲", "乙"], [1, 2]), clerk)
    assert "no rows below the header" in refusal(xlsx(HEADINGS), clerk)
    assert refusal(xlsx([]), clerk) == "the sheet is empty"


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "remove the password and save it as .xlsx"),
        (b"<html><table><tr><td>a</td></tr></table></html>", "HTML or XML"),
        (b"%PDF-1.7 \x00", "only .xlsx and .csv"),
        (b"\x89PNG\r\n\x1a\n\x00", "only .xlsx and .csv"),
        (b"PK\x03\x04 and then nothing", "damaged"),
        (b"\x80\xff\xfe\x81 \xff", "encoding is not known"),
        (b"", "the sheet is empty"),
        (b'code,name\r\n"a"b,"c\r\n', "quotes or separators are wrong near row 2"),
    ],
)
def test_what_is_no_sheet_is_refused_with_advice(clerk: Account, content: bytes, says: str) -> None:
    assert says in refusal(content, clerk)


def test_a_sheet_is_known_by_its_content_not_its_name(clerk: Account, tmp_path: Path) -> None:
    path = tmp_path / "projects.csv"
    path.write_bytes(xlsx(HEADINGS, good_row(1)))
    assert import_sheet("projects", path, by=clerk).created == 1
    path = tmp_path / "projects.xlsx"
    path.write_bytes(csv(HEADINGS, good_row(2)))
    assert import_sheet("projects", path, by=clerk).created == 1


def test_macros_other_archives_and_cut_files_are_refused(clerk: Account) -> None:
    content = xlsx(HEADINGS, good_row(1))
    assert "macros" in refusal(with_member(content, "xl/vbaProject.bin", b"x"), clerk)
    assert "not an .xlsx" in refusal(with_member(b"PK\x05\x06" + b"\0" * 18, "a.txt", b"x"), clerk)
    assert "damaged" in refusal(content[: len(content) // 2], clerk)
    assert "damaged" in refusal(with_member(content, "xl/worksheets/sheet1.xml", b"<worksheet><sheetData><row"), clerk)


def test_a_file_over_the_limit_is_refused_before_it_is_read(clerk: Account, tmp_path: Path) -> None:
    path = tmp_path / "huge.xlsx"
    with path.open("wb") as file:
        file.truncate(200 * 1024 * 1024)
    with pytest.raises(Refusal) as refused:
        import_sheet("projects", path, by=clerk)
    assert "200.0 MB; 50 MB at most" in refused.value.says.en
    assert settings.UPLOAD_LIMIT == 50 * 1024 * 1024


def test_a_zip_bomb_is_refused_by_its_directory(clerk: Account) -> None:
    bomb = with_member(xlsx(HEADINGS, good_row(1)), "xl/worksheets/sheet1.xml", b" " * 400_000_000)
    assert len(bomb) < 1_000_000
    assert "unpacks to 400 MB" in refusal(bomb, clerk)


def test_a_directory_that_lies_about_sizes_is_found_out(clerk: Account) -> None:
    bomb = with_member(xlsx(HEADINGS, good_row(1)), "xl/worksheets/sheet1.xml", b"<a/>" + b" " * 50_000_000)
    size = struct.pack("<L", 50_000_004)
    assert bomb.count(size) == 2
    lying = bomb.replace(size, struct.pack("<L", 4))
    assert "damaged" in refusal(lying, clerk)
    checksum = struct.pack("<L", zlib.crc32(b"<a/>" + b" " * 50_000_000))
    fitting = lying.replace(checksum, struct.pack("<L", zlib.crc32(b"<a/>")))
    refusal(fitting, clerk)  # what fits the directory is all that the reader gets: a sheet without cells


def test_two_cells_at_the_far_corners_do_not_make_a_grid(clerk: Account) -> None:
    content = xlsx(HEADINGS, good_row(1))
    sheet = member(content, "xl/worksheets/sheet1.xml")
    far = sheet.replace(b"</sheetData>", b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>')
    assert "reaches row 1,048,576" in refusal(with_member(content, "xl/worksheets/sheet1.xml", far), clerk)
    wide = sheet.replace(b"</sheetData>", b'<row r="9"><c r="XFD9"><v>1</v></c></row></sheetData>')
    assert "16384 columns" in refusal(with_member(content, "xl/worksheets/sheet1.xml", wide), clerk)
    styled = sheet.replace(b"</sheetData>", b'<row r="1048576"><c r="XFD1048576" s="0"/></row></sheetData>')
    assert import_sheet("projects", with_member(content, "xl/worksheets/sheet1.xml", styled), by=clerk).created == 1


def test_one_text_that_a_million_cells_share_is_counted_for_each(clerk: Account) -> None:
    content = with_member(
        xlsx(HEADINGS, good_row(1)), "xl/sharedStrings.xml", b"<sst><si><t>" + b"%032d" % 7 * 900 + b"</t></si></sst>"
    )
    cells = b"".join(b'<row r="%d"><c r="A%d" t="s"><v>0</v></c></row>' % (n, n) for n in range(3, 12_003))
    sheet = member(content, "xl/worksheets/sheet1.xml").replace(b"</sheetData>", cells + b"</sheetData>")
    assert "unpacks to 346 MB" in refusal(with_member(content, "xl/worksheets/sheet1.xml", sheet), clerk)


def test_an_endless_stretch_without_a_tag_is_no_sheet(clerk: Account) -> None:
    content = xlsx(HEADINGS, good_row(1))
    assert "damaged" in refusal(with_member(content, "xl/worksheets/sheet1.xml", b"<worksheet>" + b" " * 20_000_000), clerk)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"code,name\n" + b"," * 100_000, "CSV has 100001 columns; 500 at most"),
        (b"code,name\n" + b"a,b\n" * 200_100, "CSV reaches row 200,101; 200,000 rows at most"),
        (b'code,name\n"' + b"x\n" * 100_000, "quotes or separators are wrong near row 2"),
    ],
)
def test_a_csv_is_bounded_before_it_is_laid_out(clerk: Account, content: bytes, says: str) -> None:
    assert says in refusal(content, clerk)


def test_importing_takes_its_own_verb(clerk: Account) -> None:
    other = county.person("reader", "431322102", [Verb.VIEW, Verb.CREATE, Verb.UPDATE])
    with pytest.raises(NotPermitted):
        import_sheet("projects", xlsx(HEADINGS, good_row(1)), by=other)


@pytest.mark.parametrize(("number", "letter"), [(1, "A"), (26, "Z"), (27, "AA"), (702, "ZZ"), (703, "AAA")])
def test_columns_have_letters(number: int, letter: str) -> None:
    assert (column_letter(number), column_number(letter)) == (letter, number)
