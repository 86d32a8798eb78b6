"""A form is confirmed once and filled again next month; lists; who may; what the office saved."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from banjie.bulletins.forms.actions import Answered, confirm_form, fill, forget_form, form_for, keep_form, look
from banjie.bulletins.forms.counting import NAME
from banjie.bulletins.forms.filling import Filled
from banjie.bulletins.forms.lists import Choice
from banjie.bulletins.forms.workbook import reference
from banjie.bulletins.models import Filling, FormMapping
from banjie.figures.answers import answer
from banjie.ledger.models import Entry
from banjie.lib.errors import Conflict, Invalid, NotFound, NotPermitted
from banjie.lib.periods import Period
from banjie.people.models import Account, ConfidentialRegister, Organisation
from banjie.people.verbs import Verb
from banjie.registers.actions import create
from banjie.registers.models import Record
from banjie.registers.paging import Order
from banjie.registers.queries import Filter
from tests.rooms import county, forms_made
from tests.rooms import figures_world as world

pytestmark = pytest.mark.django_db(transaction=world.COMMITTED)
OCTOBER, NOVEMBER = Period.parse("2021-01..2021-10"), Period.parse("2021-01..2021-11")
YANGXI, BAIXI = world.YANGXI, world.BAIXI


@pytest.fixture(autouse=True)
def files(tmp_path: Path, settings: Any) -> None:
    settings.FILES_ROOT = tmp_path / "files"


@pytest.fixture
def figures() -> None:
    world.build()
    world.project("A", planned="30000000")
    world.project("B", BAIXI, planned="12340000", industry="printing")
    world.report("A", "2021-10", "1200000")
    world.report("A", "2021-11", "500000")


@pytest.fixture
def projects() -> None:
    """Three projects in 洋溪镇 and one in 白溪镇, with telephones."""
    county.areas()
    Organisation.objects.create(code="county", area_id="431322", name_zh="县人民政府", name_en="County government")
    county.registers()
    for code, total in (("XH-3", "30000000"), ("XH-1", "10000000"), ("XH-2", "20000000")):
        create("projects", county.project(code, name=f"项目{code}", total=total, phone="13800001234"), by=None)
    create("projects", county.project("XH-9", name="邻镇项目", town=BAIXI, total="90000000", phone="13900001234"), by=None)


def filled(content: bytes, by: Account | None = None, **more: Any) -> Filled:
    return fill(content, by=by, link=lambda address: f"https://office.example/{address}", **more)


def values(made: Filled) -> dict[str, str]:
    return {reference(v.place): v.content if isinstance(v.content, str) else f"{v.content.normalize():f}" for v in made.values}


def reasons(made: Filled) -> dict[str, str]:
    return {reference(b.place): b.because.zh for b in made.unanswered}


def key(mapping: FormMapping, cell: str) -> str:
    matched, _ = look(mapping, by=None)
    return next(m.key for m in matched.matches.values() if reference(m.head.at) == cell)


def november(content: bytes) -> bytes:
    """The same form as it comes back next month."""
    book = openpyxl.load_workbook(io.BytesIO(content))
    for sheet in book:
        sheet.title = sheet.title.replace("10月", "11月")
        for row in sheet.iter_rows():
            for cell in row:
                if isinstance(cell.value, str):
                    cell.value = cell.value.replace("1—10月", "1—11月").replace("1-10月", "1-11月")
    book.active["A1"].font = openpyxl.styles.Font(size=11)  # not the same bytes, nor the same styles
    return forms_made.saved(book)


def confirmed(content: bytes, answers: dict[str, Answered], by: Account | None = None, **more: Any) -> FormMapping:
    mapping = keep_form(content, name="表.xlsx", by=by)
    matched, _ = look(mapping, by=by, period=OCTOBER)
    found = {key(mapping, cell): answered for cell, answered in answers.items()}
    return confirm_form(mapping, matched, found, turn=mapping.turn, by=by, **more)


# --- once, and again next month ------------------------------------------------------------------------------


def test_what_a_person_settled_fills_the_form_from_then_on(figures: None) -> None:
    content = forms_made.unit_nowhere()
    assert values(filled(content, period=OCTOBER)) == {"C3": "1"}
    confirmed(content, {
        "B1": Answered(figure="projects.planned", unit="万元"), "D1": Answered(figure="projects.planned"), "E2": Answered(nothing=True),
        "A4": Answered(),
    })  # fmt: skip
    made = filled(content, period=OCTOBER)
    assert values(made) == {"B3": "3000", "C3": "1", "D3": "3000", "B4": "4234", "C4": "2", "D4": "4234"}
    assert reasons(made) == {}
    assert made.settled


def test_the_form_of_next_month_is_known_again_and_filled_for_its_own_period(figures: None) -> None:
    content = forms_made.merged_two_rows()
    confirmed(content, {"D4": Answered(figure="projects.invested", unit="元")})
    again = november(content)
    assert again != content
    made = filled(again)
    assert made.matched.scope.period == NOVEMBER
    assert values(made)["D6"] == "1700000"
    assert made.settled


def test_a_form_with_another_column_is_another_form(figures: None) -> None:
    content = forms_made.plain()
    mapping = confirmed(content, {})
    book = openpyxl.load_workbook(io.BytesIO(content))
    book.active["F2"] = "开工"
    other = keep_form(forms_made.saved(book), name="表.xlsx", by=None)
    assert other.pk != mapping.pk
    assert other.fingerprint != mapping.fingerprint
    with pytest.raises(Invalid):
        filled(forms_made.saved(book), mapping=mapping)


def test_a_figure_that_was_retired_since_is_asked_about_again(figures: None) -> None:
    content = forms_made.plain()
    confirmed(content, {"B2": Answered(figure="projects.started")})
    assert "B3" not in values(filled(content, period=OCTOBER))  # none has started
    mapping = FormMapping.objects.get()
    mapping.body["heads"][key(mapping, "B2")]["figure"] = "projects.gone"
    mapping.save()
    assert values(filled(content, period=OCTOBER))["B3"] == "1"  # matched anew by its title


def test_two_people_do_not_confirm_over_each_other(figures: None) -> None:
    mapping = keep_form(forms_made.plain(), name="表.xlsx", by=None)
    matched, _ = look(mapping, by=None, period=OCTOBER)
    confirm_form(mapping, matched, {}, turn=0, by=None)
    with pytest.raises(Conflict):
        confirm_form(mapping, matched, {}, turn=0, by=None)


@pytest.mark.parametrize(
    "wrong",
    [Answered(figure="no.such"), Answered(figure="projects.count", unit="万元"), Answered(figure="projects.planned", unit="亩")],
)
def test_a_figure_or_unit_that_does_not_exist_is_refused_and_nothing_is_kept(figures: None, wrong: Answered) -> None:
    with pytest.raises(Invalid):
        confirmed(forms_made.plain(), {"B2": wrong})
    assert FormMapping.objects.get().turn == 0


def test_each_step_is_in_the_ledger(figures: None) -> None:
    content = forms_made.plain()
    mapping = confirmed(content, {})
    filled(content, period=OCTOBER)
    forget_form(mapping, by=None)
    assert list(Entry.objects.filter(chain=mapping.chain).order_by("id").values_list("verb", flat=True)) == [
        "form.receive", "form.confirm", "form.remove",
    ]  # fmt: skip
    told = Entry.objects.get(verb="form.fill")
    assert told.body["cells"] == 5
    assert told.body["figures"] == ["projects.count", "projects.invested", "projects.planned"]
    with pytest.raises(NotFound):
        form_for(mapping.pk, by=None)
    assert keep_form(content, name="表.xlsx", by=None).turn == 0  # it comes in as a new one


# --- who may -------------------------------------------------------------------------------------------------


def test_a_form_is_seen_by_the_office_that_keeps_it_and_not_by_another(figures: None) -> None:
    mine, stranger = county.person("mine", YANGXI, [Verb.VIEW]), county.person("other", BAIXI, [Verb.VIEW])
    mapping = keep_form(forms_made.plain(), name="表.xlsx", by=mine)
    assert form_for(mapping.pk, by=mine).pk == mapping.pk
    with pytest.raises(NotFound):
        form_for(mapping.pk, by=stranger)
    assert keep_form(forms_made.plain(), name="表.xlsx", by=stranger).pk != mapping.pk


def test_who_may_see_one_town_fills_in_one_town(figures: None) -> None:
    clerk = county.person("clerk", YANGXI, [Verb.VIEW])
    made = filled(forms_made.plain(), by=clerk, period=OCTOBER)
    assert set(values(made)) == {"B3", "C3", "D3"}
    assert "白溪镇" in reasons(made)["B4"] or reasons(made)["B4"] == "没有名称或别名相符的指标"


def test_who_may_see_nothing_may_not_fill(figures: None) -> None:
    nobody = county.person("nobody", YANGXI, [])
    with pytest.raises(NotPermitted):
        filled(forms_made.plain(), by=nobody, period=OCTOBER)
    with pytest.raises(NotPermitted):
        keep_form(forms_made.plain(), name="表.xlsx", by=nobody)


# --- lists ---------------------------------------------------------------------------------------------------


def test_a_list_fills_from_its_register_in_the_units_of_the_form(projects: None) -> None:
    made = filled(forms_made.list_form(), area=YANGXI)
    said = values(made)
    assert [said[f"B{r}"] for r in (4, 5, 6)] == ["XH-1", "XH-2", "XH-3"]
    assert [said[f"E{r}"] for r in (4, 5, 6)] == ["1000", "2000", "3000"]
    assert said["D4"] == "洋溪镇"
    assert said["G4"] == "13800001234"
    assert reasons(made) == {"F4": "「重点项目」没有这个字段"}
    sheet = openpyxl.load_workbook(io.BytesIO(made.content)).active
    assert sheet["E9"].value == "=SUM(E4:E8)"
    record = Record.objects.get(key="XH-1")
    assert f"https://office.example/records/{record.pk}/" in sheet["E4"].comment.text
    assert "字段：总投资（第 1 版）" in sheet["E4"].comment.text


def test_a_list_keeps_its_filter_and_its_order(projects: None) -> None:
    content = forms_made.list_form()
    mapping = keep_form(content, name="名单.xlsx", by=None)
    matched, _ = look(mapping, by=None)
    (found,) = matched.lists
    choice = Choice("projects", (Filter("total", "at_least", "15000000"),), Order("total", True))
    confirm_form(mapping, matched, {}, lists={found.key: choice}, turn=0, by=None)
    said = values(filled(content))
    assert [said.get(f"B{r}") for r in (4, 5, 6, 7)] == ["XH-9", "XH-3", "XH-2", None]


def test_a_list_that_is_kept_takes_the_records_of_the_year_it_is_filled_for(figures: None) -> None:
    """The form of 2021 comes back for 2022."""
    world.project("D", plan_year=2022)
    book = openpyxl.Workbook()
    forms_made.put(book.active, {"A1": "2021年项目清单", "A2": "code", "B2": "town", "C2": "plan_year"})
    forms_made.frame(book.active, "A2:C5")
    content = forms_made.saved(book)
    confirmed(content, {})
    assert set(values(filled(content, period=Period.parse("2021"))).values()) >= {"A", "B"}
    assert "D" not in values(filled(content, period=Period.parse("2021"))).values()
    assert values(filled(content, period=Period.parse("2022"))) == {"A3": "D", "B3": "洋溪镇", "C3": "2022"}


def test_more_records_than_blank_rows_are_not_filled_in_part_but_said(projects: None) -> None:
    made = filled(forms_made.list_form(rows=2))
    assert values(made) == {}
    assert set(reasons(made).values()) == {"名单有 4 条，表中只有 2 个空行：请在第 5 行之前插入 2 行后重试"}


def test_a_list_with_nothing_below_it_goes_on_in_the_style_of_its_last_row(projects: None) -> None:
    made = filled(forms_made.list_form(rows=1, footer=False))
    said = values(made)
    assert [said[f"B{r}"] for r in (4, 5, 6, 7)] == ["XH-1", "XH-2", "XH-3", "XH-9"]
    sheet = openpyxl.load_workbook(io.BytesIO(made.content)).active
    assert sheet["C7"]._style == sheet["C4"]._style


def test_personal_values_go_in_only_for_who_may_see_them(projects: None) -> None:
    clerk = county.person("clerk", YANGXI, county.CLERK)
    made = filled(forms_made.list_form(), by=clerk)
    said = values(made)
    assert [said[f"B{r}"] for r in (4, 5, 6)] == ["XH-1", "XH-2", "XH-3"]
    assert "XH-9" not in said.values()
    assert not any(place.startswith("G") for place in said)
    assert reasons(made)["G4"] == "联系电话是个人信息，您无权查看这条记录的个人信息"
    assert b"13800001234" not in made.content
    trusted = county.person("trusted", YANGXI, [*county.CLERK, Verb.PERSONAL])
    assert values(filled(forms_made.list_form(), by=trusted))["G4"] == "13800001234"
    assert Entry.objects.filter(verb="form.fill").order_by("-id")[0].body["lists"][0]["personal"] is True


def test_a_list_is_not_filled_for_who_may_see_but_not_export(projects: None) -> None:
    reader = county.person("reader", YANGXI, [Verb.VIEW])
    made = filled(forms_made.list_form(), by=reader)
    assert values(made) == {}
    assert set(reasons(made).values()) == {"没有一张登记表含有这些列"}


def test_a_confidential_register_lists_nothing_for_who_was_not_granted_it_by_name(projects: None) -> None:
    ConfidentialRegister.objects.create(name="projects")
    clerk = county.person("clerk", YANGXI, county.CLERK)
    assert values(filled(forms_made.list_form(), by=clerk)) == {}


def test_a_list_is_not_filled_as_of_a_past_moment(projects: None) -> None:
    first = Entry.objects.order_by("id")[0].at
    made = filled(forms_made.list_form(), as_of=first)
    assert values(made) == {}
    assert set(reasons(made).values()) == {"名单只能按现在的记录填写，不能按过去的时点"}


# --- what was saved ------------------------------------------------------------------------------------------


def test_what_the_office_saved_is_a_figure_like_any_other(figures: None) -> None:
    filled(forms_made.plain(), period=OCTOBER)
    filled(forms_made.plain(), period=OCTOBER)  # tried twice, counted once
    assert answer("forms.filled", account=None).value == 1
    assert answer("forms.cells", account=None).value == 5
    assert answer("forms.again", account=None).value == 0
    filled(forms_made.guarded(), period=OCTOBER)  # asks for 项目数 of 洋溪镇 again, and for what nobody asked before
    assert answer("forms.filled", account=None).value == 2
    assert answer("forms.again", account=None).value == 1
    assert Record.objects.of(NAME).count() == 2
    assert Filling.objects.count() == 3


def test_the_register_of_fillings_holds_what_was_filled(figures: None) -> None:
    filled(forms_made.plain(), period=OCTOBER, area=world.COUNTY)
    (record,) = Record.objects.of(NAME)
    assert record.area_id == world.COUNTY
    assert {k: record.data[k] for k in ("title", "period", "cells", "blanks", "again")} == {
        "title": "乡镇投资情况表", "period": "2021-01..2021-10", "cells": 5, "blanks": 1, "again": 0,
    }  # fmt: skip


def test_the_answer_of_the_command_can_be_read_by_machines(figures: None) -> None:
    said = json.loads(json.dumps(filled(forms_made.plain(), period=OCTOBER).as_json(), ensure_ascii=False))
    assert said["period"] == "2021-01..2021-10"
    assert said["filled"][0] | {"because": "", "source": [], "link": ""} == {
        "sheet": "投资", "cell": "B3", "value": "1", "figure": "projects.count", "because": "", "source": [], "link": "",
    }  # fmt: skip
    assert [b["cell"] for b in said["blank"]] == ["D4"]
    assert {b["cell"] for b in said["left_alone"]} == {"E3", "E4"}
