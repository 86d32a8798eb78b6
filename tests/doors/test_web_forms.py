"""Filling a form through the browser's door: brought in, looked at, settled once, downloaded; and what each kind of file is told."""

from __future__ import annotations

import io
import re
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from tests.doors.web_world import as_person
from tests.rooms import county, forms_made
from tests.rooms import figures_world as world

from banjie.bulletins.models import FormMapping
from banjie.ledger.models import Entry
from banjie.people.models import Account
from banjie.people.verbs import Verb
from banjie.registers.actions import create
from banjie.registers.models import Record
from banjie.registers.views import save_view

pytestmark = pytest.mark.django_db(transaction=world.COMMITTED)
PERIOD = "2021-01..2021-10"


@pytest.fixture(autouse=True)
def files(tmp_path: Path, settings: Any) -> None:
    settings.FILES_ROOT = tmp_path / "files"


@pytest.fixture
def admin() -> Account:
    world.build()
    world.project("A", planned="30000000")
    world.project("B", world.BAIXI, planned="12340000", industry="printing")
    world.report("A", "2021-10", "1200000")
    return Account.objects.create(username="admin", name_zh="管理员", is_superuser=True)


def send(client: Client, content: bytes, name: str = "报表.xlsx") -> Any:
    return client.post("/forms/", {"file": SimpleUploadedFile(name, content)})


def brought(client: Client, content: bytes) -> FormMapping:
    response = send(client, content)
    assert response.status_code == 302
    return FormMapping.objects.get(pk=int(re.findall(r"\d+", response.headers["Location"])[0]))


def page(client: Client, form: FormMapping, query: str = f"?period={PERIOD}") -> str:
    response = client.get(f"/forms/{form.pk}/{query}")
    assert response.status_code == 200
    return response.content.decode()


def downloaded(client: Client, form: FormMapping, **more: str) -> Any:
    response = client.post(f"/forms/{form.pk}/fill/", {"period": PERIOD, **more})
    assert response.status_code == 200
    assert response.headers["Cache-Control"] == "private, no-store"
    return openpyxl.load_workbook(io.BytesIO(b"".join(response.streaming_content)))


def key(html: str, head: str) -> str:
    """The name of the choice for a heading."""
    found = re.search(rf'name="h:([^"]+)" aria-label="{re.escape(head)} 是"', html)
    assert found, head
    return found[1]


def test_a_form_is_brought_in_looked_at_settled_once_and_downloaded(admin: Account) -> None:
    client = as_person(admin)
    form = brought(client, forms_made.unit_nowhere())
    html = page(client, form)
    assert "没有注明单位，请选择" in html
    assert "项目数 · 洋溪镇 · 2021年1—10月" in html
    assert downloaded(client, form).active["B3"].value is None
    answers = {
        f"h:{key(html, '计划投资')}": "", f"u:{key(html, '计划投资')}": "万元",
        f"h:{key(html, '计划投资额度（万元）')}": "figure:projects.planned", f"h:{key(html, '合计')}": "as",
        f"h:{key(html, '外资项目 · 完成投资（万元）')}": "-",
    }  # fmt: skip
    sent = client.post(f"/forms/{form.pk}/confirm/", {"turn": "0", "period": PERIOD, **answers})
    assert sent.status_code == 302
    assert f"period={PERIOD.replace('..', '..')}" in sent.headers["Location"]
    html = page(client, form)
    assert "没有待确认的表头" in html
    assert "管理员" in html
    sheet = downloaded(client, form).active
    assert [sheet[c].value for c in ("B3", "C3", "D3", "E3", "B4", "C4", "D4")] == [3000, 1, 3000, None, 4234, 2, 4234]
    assert "http://testserver/figures/projects.planned/?area=431322102" in sheet["B3"].comment.text


def test_what_nobody_decided_stays_open_when_the_rest_is_confirmed(admin: Account) -> None:
    client = as_person(admin)
    form = brought(client, forms_made.unit_nowhere())
    client.post(f"/forms/{form.pk}/confirm/", {"turn": "0", "period": PERIOD})
    form.refresh_from_db()
    assert form.turn == 1
    sheet = downloaded(client, form).active
    assert [sheet[c].value for c in ("B3", "C3", "C4")] == [None, 1, None]


def test_the_same_form_again_is_the_same_form(admin: Account) -> None:
    client = as_person(admin)
    assert brought(client, forms_made.plain()).pk == brought(client, forms_made.plain()).pk


def test_the_list_shows_the_forms_and_what_was_saved(admin: Account) -> None:
    client = as_person(admin)
    form = brought(client, forms_made.plain())
    downloaded(client, form)
    html = client.get("/forms/").content.decode()
    assert "乡镇投资情况表" in html
    assert "填过 1 次" in html
    assert "自动填写格数" in html
    assert "/figures/forms.cells/" in html
    client.cookies["banjie_language"] = "en"
    html = client.get("/forms/").content.decode()
    assert "Cells filled from records" in html
    assert "filled 1 times" in html


def test_a_form_is_put_away(admin: Account) -> None:
    client = as_person(admin)
    form = brought(client, forms_made.plain())
    assert client.post(f"/forms/{form.pk}/forget/").status_code == 302
    assert client.get(f"/forms/{form.pk}/").status_code == 404
    assert "乡镇投资情况表" not in client.get("/forms/").content.decode()


@pytest.mark.parametrize(
    ("content", "zh", "en"),
    [
        (b"\xd0\xcf\x11\xe0" + b"\0" * 600, "旧格式 .xls", "an old .xls"),
        (forms_made.with_macros(), "含宏的工作簿（.xlsm）不填写", "with macros (.xlsm) are not filled"),
        (b"a,b", "只能填写 .xlsx 表格", "only .xlsx forms can be filled"),
        (forms_made.plain()[:900], "文件已损坏", "the file is damaged"),
    ],
    ids=["xls", "xlsm", "text", "half"],
)
def test_a_file_that_is_no_form_is_refused_on_the_page_in_both_languages(
    admin: Account, content: bytes, zh: str, en: str
) -> None:
    client = as_person(admin)
    response = send(client, content)
    assert response.status_code == 422
    assert zh in response.content.decode()
    client.cookies["banjie_language"] = "en"
    assert en in send(client, content).content.decode()
    assert not FormMapping.objects.exists()


def test_a_period_that_is_none_and_a_turn_that_is_past_are_said_on_the_page(admin: Account) -> None:
    client = as_person(admin)
    form = brought(client, forms_made.plain())
    response = client.get(f"/forms/{form.pk}/?period=soon")
    assert response.status_code == 422
    assert "看不懂时期" in response.content.decode()
    client.post(f"/forms/{form.pk}/confirm/", {"turn": "0"})
    response = client.post(f"/forms/{form.pk}/confirm/", {"turn": "0"})
    assert response.status_code == 422
    assert "他人刚刚确认了这张表" in response.content.decode()


def test_a_clerk_of_another_town_sees_neither_the_form_nor_its_numbers(admin: Account) -> None:
    mine, other = county.person("mine", world.YANGXI, [Verb.VIEW]), county.person("other", world.BAIXI, [Verb.VIEW])
    form = brought(as_person(mine), forms_made.plain())
    stranger = as_person(other)
    assert "乡镇投资情况表" not in stranger.get("/forms/").content.decode()
    for address in ("", "confirm/", "fill/", "forget/"):
        call = stranger.get if not address else stranger.post
        assert call(f"/forms/{form.pk}/{address}").status_code == 404
    sheet = downloaded(stranger, brought(stranger, forms_made.plain())).active
    assert [sheet["B3"].value, sheet["B4"].value] == [None, 1]


def test_a_list_is_filled_by_a_saved_view_in_its_order(db: None) -> None:
    county.areas()
    county.registers()
    clerk = county.person("clerk", world.YANGXI, county.CLERK)
    for code, total in (("XH-1", "10000000"), ("XH-2", "20000000"), ("XH-3", "30000000")):
        create("projects", county.project(code, total=total, phone="13800001234"), by=clerk)
    wanted = {
        "filters": [{"field": "total", "comparison": "at_least", "value": "15000000"}],
        "order": "total",
        "descending": True,
    }
    view = save_view("projects", "大项目", wanted, by=clerk)
    client = as_person(clerk)
    form = brought(client, forms_made.list_form())
    html = page(client, form, "")
    assert "5 列与登记表「重点项目」的字段一致" in html
    client.post(f"/forms/{form.pk}/confirm/", {"turn": "0", "l:1/1": "projects", "v:1/1": str(view.pk), "o:1/1": "="})
    response = client.post(f"/forms/{form.pk}/fill/")
    content = b"".join(response.streaming_content)
    sheet = openpyxl.load_workbook(io.BytesIO(content)).active
    assert [sheet[f"B{r}"].value for r in (4, 5, 6)] == ["XH-3", "XH-2", None]
    assert [sheet[f"E{r}"].value for r in (4, 5)] == [3000, 2000]
    assert sheet["G4"].value is None
    assert b"13800001234" not in content
    record = Record.objects.get(key="XH-3")
    assert f"http://testserver/records/{record.pk}/" in sheet["E4"].comment.text
    told = Entry.objects.get(verb="form.fill")
    assert told.actor_id == clerk.pk
    assert told.body["lists"][0] | {"filters": []} == {
        "register": "projects", "filters": [], "order": "total", "descending": True, "yearly": False, "records": 2, "personal": False,
    }  # fmt: skip
