"""Records through the browser: entered, changed, argued over, removed; and what the pages say of them."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from tests.doors import web_world
from tests.doors.web_world import World, as_person
from tests.rooms import county

from banjie.ledger.models import Entry
from banjie.people.verbs import Verb
from banjie.registers.actions import update
from banjie.registers.models import Record
from banjie.web.pages import records

NEW = {"code": "XH-002", "name": "文印基地", "town": web_world.YANGXI, "total": "1,200", "planned": "300", "phone": "13900001111"}


@pytest.fixture
def world(db: None) -> World:
    return web_world.build()


def page(world: World, address: str, **headers: str) -> str:
    return as_person(world.clerk).get(address, headers=headers).content.decode()


def form_of(world: World, **typed: str) -> dict[str, str]:
    """What the browser sends for the project's form: everything as it stands, but for what was typed."""
    stands = {
        "code": "XH-001",
        "name": "电子陶瓷扩建",
        "town": web_world.YANGXI,
        "industry": "",
        "total": "1200",
        "planned": "300",
        "started_on": "",
        "phone": "",
    }
    was = {f"was.{k}": v for k, v in stands.items() if k != "phone"}
    return {**stands, **was, "version": str(world.record.version), **typed}


def test_a_new_record_is_typed_in_ten_thousands_of_yuan_and_kept_in_yuan(world: World) -> None:
    response = as_person(world.clerk).post("/registers/projects/new/", NEW)
    made = Record.objects.get(key="XH-002")
    assert response.headers["Location"] == f"/records/{made.pk}/"
    assert made.data["total"] == "12000000"


def test_what_is_wrong_is_said_at_the_field_and_nothing_typed_is_lost(world: World) -> None:
    response = as_person(world.clerk).post("/registers/projects/new/", {**NEW, "total": "一千二百", "name": ""})
    said = response.content.decode()
    assert response.status_code == 422
    assert 'id="problem-total"' in said
    assert 'id="problem-name"' in said
    assert 'value="一千二百"' in said
    assert 'aria-invalid="true"' in said
    assert not Record.objects.filter(key="XH-002").exists()


def test_a_key_that_is_taken_leads_to_the_record_that_has_it(world: World) -> None:
    response = as_person(world.clerk).post("/registers/projects/new/", {**NEW, "code": "XH-001"})
    assert response.status_code == 409
    assert f'href="/records/{world.record.pk}/"' in response.content.decode()


def test_a_clerk_cannot_enter_a_record_for_the_next_town(world: World) -> None:
    response = as_person(world.clerk).post("/registers/projects/new/", {**NEW, "town": web_world.BAIXI})
    assert response.status_code == 403
    assert not Record.objects.filter(key="XH-002").exists()


def test_saving_changes_only_what_was_typed(world: World) -> None:
    as_person(world.clerk).post(f"/records/{world.record.pk}/edit/", form_of(world, planned="350", why="更正"))
    world.record.refresh_from_db()
    assert world.record.data["planned"] == "3500000"
    assert world.record.data["phone"] == "13800001234"


def test_two_people_who_change_different_fields_do_not_meet(world: World) -> None:
    update(world.record, {"name": "电子陶瓷二期"}, version=1, by=world.admin)
    response = as_person(world.clerk).post(f"/records/{world.record.pk}/edit/", form_of(world, planned="350"))
    world.record.refresh_from_db()
    assert response.status_code == 302
    assert (world.record.data["name"], world.record.data["planned"]) == ("电子陶瓷二期", "3500000")


def test_two_people_who_change_one_field_see_both_values_and_choose(world: World) -> None:
    update(world.record, {"planned": "4000000"}, version=1, by=world.admin)
    client, address = as_person(world.clerk), f"/records/{world.record.pk}/edit/"
    response = client.post(address, form_of(world, planned="350", name="电子陶瓷二期"))
    said = response.content.decode()
    assert response.status_code == 409
    assert "400万元" in said
    assert "350万元" in said
    assert "电子陶瓷二期" in said  # my other change waits to be saved with it
    hidden = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', said))
    hidden.pop("csrfmiddlewaretoken")
    client.post(address, {**hidden, "pick.planned": "yours"})
    world.record.refresh_from_db()
    assert (world.record.data["planned"], world.record.data["name"]) == ("3500000", "电子陶瓷二期")


def test_both_sides_of_a_difference_are_read_as_people_read_them(world: World) -> None:
    update(world.record, {"industry": "ceramics", "started_on": "2021-03-01", "phone": "13811112222"}, version=1, by=world.admin)
    client, address = as_person(world.clerk), f"/records/{world.record.pk}/edit/"
    county.person("both", "431322", [Verb.VIEW, Verb.UPDATE])
    typed = form_of(world, industry="printing", planned="250", total="1,300.5", phone="13999990000")
    for language, words in (
        ("zh", ["先进陶瓷", "现代文印", "250万元", "300万元", "1,300.5万元", "138****2222", "13999990000"]),
        ("en", ["Advanced ceramics", "Printing equipment", "CNY 2.5 million", "CNY 3 million", "138****2222"]),
    ):
        client.cookies["banjie_language"] = language
        said = client.post(address, typed).content.decode()
        shown = re.sub(r'<input type="hidden"[^>]*>', "", said)
        assert [w for w in words if w not in shown] == []
        assert ">printing<" not in shown
        assert "13811112222" not in said  # not even in a hidden input
    hidden = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', said))
    client.post(address, {**hidden, "pick.industry": "yours", "pick.phone": "yours"})
    world.record.refresh_from_db()
    kept = world.record.data
    assert (kept["industry"], kept["phone"], kept["planned"], kept["total"]) == ("printing", "13999990000", "2500000", "13005000")
    assert kept["started_on"] == "2021-03-01"


def test_places_and_references_in_a_difference_have_names(world: World) -> None:
    wide = county.person("wide", "431322", county.CLERK)
    update(world.record, {"town": web_world.BAIXI}, version=1, by=world.admin)
    sent = form_of(world, town="431322", **{"was.town": web_world.YANGXI})
    said = as_person(wide).post(f"/records/{world.record.pk}/edit/", sent).content.decode()
    shown = re.sub(r'<input type="hidden"[^>]*>', "", said)
    assert "白溪镇" in shown
    assert "新化县" in shown
    assert ">431322" not in shown


def test_choosing_theirs_keeps_my_other_changes(world: World) -> None:
    update(world.record, {"planned": "4000000"}, version=1, by=world.admin)
    client, address = as_person(world.clerk), f"/records/{world.record.pk}/edit/"
    said = client.post(address, form_of(world, planned="350", name="电子陶瓷二期")).content.decode()
    hidden = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', said))
    client.post(address, {**hidden, "pick.planned": "theirs"})
    world.record.refresh_from_db()
    assert (world.record.data["planned"], world.record.data["name"]) == ("4000000", "电子陶瓷二期")


def test_a_record_removed_while_one_types_gives_the_typing_back(world: World) -> None:
    client = as_person(world.clerk)
    child = f"/records/{world.report.pk}/"
    client.post(f"{child}remove/", {"version": "1", "why": "重复"})
    sent = {"project": "XH-001", "month": "2021-10", "invested": "77", "was.invested": "50", "version": "1"}
    response = client.post(f"{child}edit/", sent)
    assert response.status_code == 409
    assert 'value="77"' in response.content.decode()


def test_history_reads_as_sentences_in_either_language(world: World) -> None:
    update(world.record, {"planned": "3500000"}, version=1, by=world.clerk, why="更正")
    said = re.sub(r"<[^>]+>", "", page(world, f"/records/{world.record.pk}/"))
    assert "clerk 甲 将年度计划由 300万元 改为 350万元，将以后年度由 9,000,000 改为 8,500,000（更正）。" in said
    client = as_person(world.clerk)
    client.cookies["banjie_language"] = "en"
    english = client.get(f"/records/{world.record.pk}/").content.decode()
    assert "changed Planned from CNY 3 million to CNY 3.5 million" in english


def test_the_history_of_one_field_is_where_its_number_leads(world: World) -> None:
    update(world.record, {"name": "电子陶瓷二期"}, version=1, by=world.clerk)
    said = page(world, f"/records/{world.record.pk}/?field=planned")
    assert said.count('id="entry-') == 1
    assert "?field=planned#history" in said


def test_personal_values_are_masked_without_the_verb_and_plain_with_it(world: World) -> None:
    assert "138****1234" in page(world, f"/records/{world.record.pk}/")
    assert "13800001234" not in page(world, f"/records/{world.record.pk}/edit/")
    reader = county.person("reader", web_world.YANGXI, [Verb.VIEW, Verb.PERSONAL])
    assert "13800001234" in as_person(reader).get(f"/records/{world.record.pk}/").content.decode()


def test_a_blank_masked_field_keeps_its_value_and_a_typed_one_replaces_it(world: World) -> None:
    as_person(world.clerk).post(f"/records/{world.record.pk}/edit/", form_of(world, phone="13900002222"))
    world.record.refresh_from_db()
    assert world.record.data["phone"] == "13900002222"


def test_removing_and_restoring_keeps_the_record_and_its_history(world: World) -> None:
    client, address = as_person(world.clerk), f"/records/{world.report.pk}/"
    client.post(f"{address}remove/", {"version": "1", "why": "重复"})
    assert "恢复" in client.get(address).content.decode()
    client.post(f"{address}restore/", {"version": "2"})
    world.report.refresh_from_db()
    assert world.report.removed_at is None


def test_after_removing_one_click_brings_it_back(world: World) -> None:
    client, address = as_person(world.clerk), f"/records/{world.report.pk}/"
    said = client.post(f"{address}remove/", {"version": "1", "why": "重复"}, follow=True).content.decode()
    assert "已删除" in said
    undo = re.search(rf'action="{address}restore/".*?name="version" value="(\d+)"', said, re.DOTALL)
    assert undo
    client.post(f"{address}restore/", {"version": undo[1]})
    world.report.refresh_from_db()
    assert world.report.removed_at is None
    assert "撤销" not in client.get("/").content.decode()  # said once


def test_the_history_goes_back_page_by_page_to_the_first_entry(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(records, "ENTRIES_SHOWN", 3)
    for number in range(5):
        update(world.record, {"planned": str(3_000_001 + number)}, version=number + 1, by=world.clerk)
    query, seen = "", []
    while True:
        said = page(world, f"/records/{world.record.pk}/{query}")
        seen += re.findall(r'id="entry-(\d+)"', said)
        following = re.search(r'href="(\?before=\d+)#history"', said)
        if not following:
            break
        query = following[1]
    entries = Entry.objects.filter(chain=world.record.chain).order_by("-index").values_list("pk", flat=True)
    assert seen == [str(pk) for pk in entries]


def test_a_key_field_says_by_its_title_that_it_stays(world: World) -> None:
    said = page(world, f"/records/{world.record.pk}/edit/")
    assert "“项目代码”登记后不能修改" in said
    assert "主键" not in said


def test_a_form_without_its_version_is_refused(world: World) -> None:
    sent = form_of(world, planned="350")
    del sent["version"]
    assert as_person(world.clerk).post(f"/records/{world.record.pk}/edit/", sent).status_code == 422


def test_a_file_is_handed_out_as_a_download_that_runs_nothing(world: World) -> None:
    response = as_person(world.clerk).get(reverse("file", args=[world.file.pk]))
    list(response)
    assert response.headers["Content-Disposition"].startswith("attachment")
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in response.headers["Content-Security-Policy"]


def test_a_picture_may_show_in_a_page_but_still_runs_nothing(world: World) -> None:
    response = as_person(world.clerk).get(reverse("file", args=[world.file.pk]) + "?show")
    list(response)
    assert response.headers["Content-Disposition"].startswith("inline")
    assert "sandbox" in response.headers["Content-Security-Policy"]


def test_a_long_history_costs_no_more_queries_than_a_short_one(world: World, django_assert_max_num_queries: Any) -> None:
    browser = as_person(world.clerk)
    for number in range(12):
        update(world.record, {"planned": str(3_000_001 + number)}, version=number + 1, by=world.clerk)
    with django_assert_max_num_queries(27):
        said = browser.get(f"/records/{world.record.pk}/").content.decode()
    assert said.count('id="entry-') == 14


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "文件是空的"),
        (b"<html><script>1</script></html>", "不接受这种文件（HTML"),
        (b"MZ" + b"\x00" * 64, "不接受这种文件（程序"),
        (web_world.PNG, "已有同样的文件"),
    ],
)
def test_a_file_that_is_refused_is_said_on_the_records_own_page(content: bytes, says: str, world: World) -> None:
    sent = {"file": SimpleUploadedFile("证照.png", content)}
    answer = as_person(world.clerk).post(f"/records/{world.record.pk}/files/", sent)
    said = answer.content.decode()
    assert answer.status_code in {409, 422}
    assert "《证照.png》没有添加：" in said
    assert says in said
    assert 'id="fields"' in said
