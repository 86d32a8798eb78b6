"""Ten blank forms, plain and ugly: what is filled, in which unit, and what stays blank and why."""

from __future__ import annotations

import io
from decimal import Decimal

import openpyxl
import pytest

from banjie.bulletins.forms.filling import Filled, fill_form
from banjie.bulletins.forms.reading import read_form
from banjie.bulletins.forms.workbook import reference
from banjie.lib.periods import Period
from tests.rooms import figures_world as world
from tests.rooms import forms_made
from tests.rooms.forms_made import BOX
from tests.rooms.sheets_made import member, with_member

pytestmark = pytest.mark.django_db(transaction=world.COMMITTED)
OCTOBER = Period.parse("2021-01..2021-10")


@pytest.fixture(autouse=True)
def county() -> None:
    """洋溪镇: one ceramics project, planned 3,000万元. 白溪镇: one printing project, planned 1,234万元."""
    world.build()
    world.project("A", planned="30000000", started_on="2021-03-01")
    world.project("B", world.BAIXI, planned="12340000", industry="printing")
    world.report("A", "2021-09", "800000")
    world.report("A", "2021-10", "1200000", workers=12)
    world.report("B", "2021-10", "345678", workers=3)
    world.report("A", "2020-10", "1000000")
    world.stated("gdp", 2020, "30000000000", on="2021-02-01 09:00")


def filled(content: bytes, period: Period | None = OCTOBER) -> Filled:
    return fill_form(read_form(content), by=None, period=period, link=lambda address: f"https://office.example/{address}")


def cells(made: Filled) -> dict[str, str]:
    """What the file holds now, read by another program: sheet!cell → value, of the cells that were filled."""
    book = openpyxl.load_workbook(io.BytesIO(made.content))
    form = made.matched.form
    said = {}
    for value in made.values:
        sheet = form.sheets[value.page - 1].name
        at = reference(value.place)
        said[at if len(form.pages) == 1 else f"{sheet}!{at}"] = str(book[sheet][at].value)
    return said


def blanks(made: Filled) -> dict[str, str]:
    form = made.matched.form
    several = len(form.pages) > 1
    return {(f"{form.sheets[b.page - 1].name}!" if several else "") + reference(b.place): b.because.zh for b in made.unanswered}


def test_one_row_of_headings_with_their_units() -> None:
    made = filled(forms_made.plain())
    assert cells(made) == {"B3": "1", "C3": "3000", "D3": "200", "B4": "1", "C4": "1234", "D4": "34.5678"}
    assert blanks(made) == {}


def test_merged_headings_in_two_rows_with_the_unit_in_a_corner_and_periods_in_the_headings() -> None:
    made = filled(forms_made.merged_two_rows(), period=None)
    assert cells(made) == {
        "B5": "2", "D5": "234.5678", "E5": "100", "B6": "1", "C6": "3000", "D6": "200", "E6": "100", "B7": "1", "C7": "1234", "D7": "34.5678",
    }  # fmt: skip
    assert blanks(made) == {"E7": "在所问的地区和时期内没有记录"}


def test_one_row_an_indicator_with_a_column_of_units() -> None:
    made = filled(forms_made.indicators())
    assert cells(made) == {
        "D4": "154.5678", "E4": "234.5678", "F4": "100", "G4": "134.6", "D5": "15", "D7": "3.7", "E7": "5.5",
    }  # fmt: skip
    said = blanks(made)
    assert {said[c] for c in ("D6", "E6", "F6", "G6")} == {"没有名称或别名相符的指标"}
    assert said["G5"] == "没有登记「在岗人数」的同比指标"
    assert said["E5"] == "此指标不能跨月相加，请只问一个月"


def test_towns_down_and_industries_across_where_nothing_is_merged() -> None:
    made = filled(forms_made.industries_across(), period=None)
    assert cells(made) == {"B5": "0.3", "C6": "0.1234"}
    said = blanks(made)
    assert said["C5"] == said["B6"] == "该分组在所问的地区和时期内没有记录"
    assert said["D5"] == "合计旁只列了 3 个地区或分组中的 2 个，请确认合计是否指全部"  # 中医药 is not listed


def test_locked_and_hidden_cells_and_those_that_hold_something_are_left_alone() -> None:
    content = forms_made.guarded()
    made = filled(content)
    assert cells(made) == {"B2": "1", "E2": "6.7", "E3": "2.8"}
    sheet = openpyxl.load_workbook(io.BytesIO(made.content)).active
    assert (sheet["B3"].value, sheet["D3"].value, sheet["C2"].value, sheet["D2"].value) == (7, "—", None, None)
    assert sheet.protection.sheet
    assert sheet.protection.password == openpyxl.load_workbook(io.BytesIO(content)).active.protection.password
    aside = {reference(b.place): b.because.zh for b in made.blanks}
    assert aside["C2"] == "单元格被锁定，由发表单位填写或计算"
    assert aside["D2"] == "在隐藏的行或列中"


def test_several_sheets_of_which_the_hidden_one_is_left_alone() -> None:
    made = filled(forms_made.several_sheets())
    assert cells(made) == {"封面!B6": "2", "表1!B2": "0.4234", "表1!B3": "2117"}
    assert blanks(made) == {"表1!B4": "没有名称或别名相符的指标"}
    assert made.matched.form.hidden == ("代码表",)
    book = openpyxl.load_workbook(io.BytesIO(made.content))
    assert book["代码表"].sheet_state == "hidden"
    assert book["代码表"]["B2"].value is None


def test_what_is_not_certain_stays_blank_with_its_reason() -> None:
    made = filled(forms_made.unit_nowhere())
    assert cells(made) == {"C3": "1"}
    said = blanks(made)
    assert said["B3"] == "没有注明单位，请选择"
    assert said["C4"] == "合计旁只列了 2 个地区或分组中的 1 个，请确认合计是否指全部"
    assert said["D3"] == "与指标「计划投资」相近，但不一致"
    assert said["E3"] == "与指标「完成投资」一致，但上级表头「外资项目」没有对应，请确认"
    near = next(m for m in made.matched.matches.values() if m.head.words[-1].startswith("计划投资额度"))
    assert [c.name for c in near.others] == ["projects.planned"]


def test_two_tables_on_one_sheet_and_a_stub_over_two_rows() -> None:
    made = filled(forms_made.two_tables())
    assert cells(made) == {"C3": "1", "C4": "3000", "C8": "300"}
    assert blanks(made) == {"B8": "在所问的地区和时期内没有记录"}


def test_english_headings_and_a_cell_that_shows_per_cent_by_its_format() -> None:
    made = filled(forms_made.english())
    assert cells(made) == {
        "B3": "1", "C3": "30", "D3": "0.0666666666666667", "B4": "1", "C4": "12.34", "D4": "2.8", "B5": "2", "C5": "42.34", "D5": "5.5",
    }  # fmt: skip
    assert blanks(made) == {}


def test_styles_widths_formulas_and_merged_cells_stay_as_they_were() -> None:
    content = forms_made.merged_two_rows()
    before = openpyxl.load_workbook(io.BytesIO(content)).active
    made = filled(content).content
    after = openpyxl.load_workbook(io.BytesIO(made)).active
    for untouched in ("xl/styles.xml", "xl/theme/theme1.xml", "docProps/core.xml"):
        assert member(made, untouched) == member(content, untouched)
    assert after["C5"].value == "=SUM(C6:C7)"
    assert after.merged_cells.ranges == before.merged_cells.ranges
    assert after.column_dimensions["A"].width == before.column_dimensions["A"].width == 31
    for row in before.iter_rows():
        for cell in row:
            same = after[cell.coordinate]
            assert same._style == cell._style
            if cell.value is not None:
                assert same.value == cell.value


def test_every_filled_cell_says_in_a_comment_where_its_number_comes_from() -> None:
    made = filled(forms_made.plain())
    sheet = openpyxl.load_workbook(io.BytesIO(made.content)).active
    for value in made.values:
        assert sheet[reference(value.place)].comment is not None
    text = sheet["D4"].comment.text
    assert "指标：完成投资" in text
    assert "范围：白溪镇 2021年1—10月" in text
    assert "数值：34.5678万元（1 条记录，实绩）" in text
    assert "截至：" in text
    assert "https://office.example/figures/projects.invested/?area=431322109&period=2021-01..2021-10&as_of=" in text
    assert sheet["E3"].comment is None


def test_a_stated_figure_says_how_its_source_words_it_and_that_it_is_an_estimate() -> None:
    world.stated(
        "gdp", 2021, "31000000000", on="2021-12-01 09:00", wording="about", status="estimated", source="县政府工作报告"
    )  # fmt: skip
    sheet = openpyxl.load_workbook(io.BytesIO(filled(forms_made.two_tables()).content)).active
    assert sheet["B8"].value == 310
    text = sheet["B8"].comment.text
    assert "原文：约310亿元" in text
    assert "来源：县政府工作报告" in text
    assert "预计" in text


def test_a_comment_that_was_there_keeps_its_text_with_ours_below() -> None:
    book = openpyxl.load_workbook(io.BytesIO(forms_made.plain()))
    book.active["B3"].comment = openpyxl.comments.Comment("按在库口径", "发改局")
    buffer = io.BytesIO()
    book.save(buffer)
    sheet = openpyxl.load_workbook(io.BytesIO(filled(buffer.getvalue()).content)).active
    assert sheet["B3"].comment.text.startswith("按在库口径")
    assert "指标：项目数" in sheet["B3"].comment.text
    assert "指标：计划投资" in sheet["C3"].comment.text


def test_a_value_is_converted_exactly_however_many_digits_it_has() -> None:
    world.project("C", planned="1234567890123.456789")
    made = filled(forms_made.plain())
    value = next(v for v in made.values if reference(v.place) == "C3")
    assert value.content == (Decimal("30000000") + Decimal("1234567890123.456789")) / 10000
    assert b"<v>123459789.0123456789</v>" in _sheet(made.content)


def test_results_saved_with_formulas_over_blank_cells_are_taken_out_and_reckoned_anew() -> None:
    with_result = _with(forms_made.merged_two_rows(), b"<f>SUM(C6:C7)</f><v></v>", b"<f>SUM(C6:C7)</f><v>0</v>")
    made = filled(with_result, period=None)
    assert b"<f>SUM(C6:C7)</f></c>" in _sheet(made.content)
    assert b'fullCalcOnLoad="1"' in _sheet(made.content, "xl/workbook.xml")


def test_without_a_period_nothing_that_needs_one_is_filled() -> None:
    made = filled(forms_made.plain(), period=None)
    assert cells(made) == {}
    assert set(blanks(made).values()) == {"没有说明时期：请注明填报时期"}


def test_the_months_that_a_heading_prints_are_taken_as_printed() -> None:
    made = filled(forms_made.merged_two_rows(), period=Period.parse("2021-01..2021-09"))
    assert cells(made)["D6"] == "200"  # 1-10月 is printed, whatever it is filled for
    assert blanks(made)["E7"] == "在所问的地区和时期内没有记录"


def test_a_value_carries_on_the_border_of_a_cell_that_was_drawn_and_needs_none_that_was_not() -> None:
    bare = openpyxl.Workbook()
    forms_made.put(bare.active, {"A1": "乡镇", "B1": "项目数", "A2": "洋溪镇", "A3": "白溪镇"})
    buffer = io.BytesIO()
    bare.save(buffer)
    made = filled(buffer.getvalue())
    assert cells(made) == {"B2": "1", "B3": "1"}
    framed = openpyxl.load_workbook(io.BytesIO(filled(forms_made.plain()).content)).active
    assert framed["B3"].border == BOX


def _sheet(content: bytes, name: str = "xl/worksheets/sheet1.xml") -> bytes:
    return member(content, name)


def _with(content: bytes, old: bytes, new: bytes) -> bytes:
    """The first sheet with one piece of its XML replaced."""
    xml = _sheet(content)
    assert old in xml
    return with_member(content, "xl/worksheets/sheet1.xml", xml.replace(old, new))
