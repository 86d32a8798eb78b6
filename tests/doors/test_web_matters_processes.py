"""Processes, opening a matter, migrations and notices through the browser's door."""

from __future__ import annotations

from copy import deepcopy
from io import BytesIO
from xml.etree import ElementTree

import pytest
from django.urls import reverse
from tests.doors.web_world import as_person
from tests.rooms import matters_world as world
from tests.rooms.matters_world import at, request

from banjie.matters import actions
from banjie.matters.definition import Process
from banjie.matters.installing import install_process
from banjie.matters.models import Matter, Notice, Relocation
from banjie.people.models import Account

pytestmark = pytest.mark.django_db


@pytest.fixture
def people() -> dict[str, Account]:
    found = world.build()
    found["admin"] = Account.objects.create(username="admin", name_zh="管理员", is_superuser=True)
    return found


@pytest.fixture
def matter(people: dict[str, Account]) -> Matter:
    with at(world.MONDAY):
        return actions.open_matter("request", request(), by=people["desk"])


def named(text: bytes) -> BytesIO:
    content = BytesIO(text)
    content.name = "材料.txt"
    return content


def test_the_process_is_drawn_in_words_and_as_a_table_with_counts(people: dict[str, Account], matter: Matter) -> None:
    with at("2021-09-06 13:00"):
        page = as_person(people["reader"]).get(reverse("process", args=["request"])).content.decode()
    assert '<svg xmlns="http://www.w3.org/2000/svg" class="process"' in page
    assert "受理→" in page
    assert "不少于 10个工作日" in page
    assert "/matters/?whose=all&amp;process=request&amp;stage=received&amp;overdue=1" in page
    assert "迁到此版" not in page


def test_a_process_of_a_register_that_one_may_not_see_does_not_exist(people: dict[str, Account]) -> None:
    stranger = as_person(Account.objects.create(username="nobody", name_zh="无岗"))
    assert stranger.get(reverse("process", args=["request"])).status_code == 404
    assert "诉求办理" not in stranger.get(reverse("processes")).content.decode()
    assert "诉求办理" in as_person(people["reader"]).get(reverse("processes")).content.decode()


def test_the_bpmn_is_a_download_that_parses(people: dict[str, Account]) -> None:
    answer = as_person(people["reader"]).get(reverse("process-bpmn", args=["request"]))
    assert answer["Content-Disposition"] == 'attachment; filename="request-1.bpmn"'
    assert ElementTree.fromstring(answer.content).tag.endswith("definitions")


def test_a_matter_is_opened_with_its_documents(people: dict[str, Account]) -> None:
    client, address = as_person(people["desk"]), reverse("process-open", args=["request"])
    assert client.get(address).status_code == 200
    with at(world.MONDAY):
        answer = client.post(address, {**request("N-1", kind="办证"), "files": [named(b"one\n"), named(b"two\n")]})
    assert answer.status_code == 302
    opened = Matter.objects.get()
    assert opened.stage == "received"
    assert opened.record.attachments.count() == 2


def test_an_unfinished_form_comes_back_as_it_was_and_opens_nothing(people: dict[str, Account]) -> None:
    address = reverse("process-open", args=["request"])
    answer = as_person(people["desk"]).post(address, {"code": "N-1", "town": "", "result": "写到一半", "files": named(b"one\n")})
    assert answer.status_code == 422
    assert "写到一半" in answer.content.decode()
    assert "文件须重新选择" in answer.content.decode()
    assert not Matter.objects.exists()


def test_a_file_that_is_not_taken_opens_nothing_either(people: dict[str, Account]) -> None:
    page = named(b"<html><script>alert(1)</script></html>")
    answer = as_person(people["desk"]).post(reverse("process-open", args=["request"]), {**request("N-1"), "files": page})
    assert answer.status_code == 422
    assert not Matter.objects.exists()


def test_who_may_not_create_may_not_open(people: dict[str, Account]) -> None:
    address = reverse("process-open", args=["request"])
    assert as_person(people["reader"]).get(address).status_code == 403
    assert as_person(people["other"]).post(address, request("N-1")).status_code == 403  # in another town
    assert not Matter.objects.exists()


def second_version() -> None:
    changed = deepcopy(world.PROCESS)
    stage = changed["stages"].pop("received")
    changed["stages"] = {"intake": stage | {"within": "4 hours"}, **changed["stages"]}
    changed["starts"] = "intake"
    for name in ("handling", "joint"):
        changed["stages"][name]["to"]["intake"] = changed["stages"][name]["to"].pop("received")
    install_process(Process.load(changed), pack="test", by=None)


def test_open_matters_are_moved_after_a_preview_and_moved_back(people: dict[str, Account], matter: Matter) -> None:
    second_version()
    admin, address = as_person(people["admin"]), reverse("process-migrate", args=["request"])
    with at("2021-09-06 11:00"):
        preview = admin.get(address, {"to": "2"}).content.decode()
        assert "第 1 版「受理」，1 件" in preview
        assert "Q-1" in preview
        assert admin.post(address, {"to": "2", "why": "改流程"}).status_code == 422  # nobody said where 受理 goes
        assert admin.post(address, {"to": "2", "stage.received": "intake"}).status_code == 422  # nor why
        done = admin.post(address, {"to": "2", "stage.received": "intake", "why": "改流程"})
    assert done.status_code == 302
    matter.refresh_from_db()
    assert (matter.stage, matter.definition.number) == ("intake", 2)
    run = Relocation.objects.get()
    assert admin.post(reverse("migration-undo", args=[run.pk]), {"why": ""}).status_code == 422
    assert admin.post(reverse("migration-undo", args=[run.pk]), {"why": "改错了"}).status_code == 302
    matter.refresh_from_db()
    assert (matter.stage, matter.definition.number) == ("received", 1)
    assert "已撤销" in admin.get(reverse("process", args=["request"])).content.decode()


def test_only_who_configures_moves_matters(people: dict[str, Account], matter: Matter) -> None:
    second_version()
    client = as_person(people["head"])
    assert client.get(reverse("process-migrate", args=["request"])).status_code == 403
    assert client.post(reverse("process-migrate", args=["request"]), {"to": "2", "why": "x"}).status_code == 403
    matter.refresh_from_db()
    assert matter.definition.number == 1


# --- notices -----------------------------------------------------------------------------------------------------


def test_the_bell_counts_what_was_not_seen_and_only_the_recipient_marks_it(people: dict[str, Account], matter: Matter) -> None:
    with at("2021-09-06 11:00"):
        actions.advance(matter, "handling", version=1, by=people["desk"], changes={"kind": "办证"})
        notice = Notice.objects.get()
        unit, other = as_person(people["unit"]), as_person(people["other"])
        page = unit.get(reverse("notices")).content.decode()
        assert "转到您处：办理" in page
        assert f"/records/{matter.record_id}/#matter" in page
        assert 'class="side-count">1' in unit.get(reverse("matters")).content.decode()
        other.post(reverse("notices-seen"), {"notice": notice.pk})
        notice.refresh_from_db()
        assert notice.seen_at is None
        assert unit.post(reverse("notices-seen"), {"notice": notice.pk}).status_code == 302
        assert "没有通知" in unit.get(reverse("notices")).content.decode()
        assert "转到您处：办理" in unit.get(reverse("notices"), {"all": "1"}).content.decode()
    notice.refresh_from_db()
    assert notice.seen_by == people["unit"]


def test_all_notices_are_marked_at_once_and_the_way_back_stays_on_the_site(people: dict[str, Account], matter: Matter) -> None:
    with at("2021-09-06 11:00"):
        actions.advance(matter, "handling", version=1, by=people["desk"], changes={"kind": "办证"})
        answer = as_person(people["unit"]).post(reverse("notices-seen"), {"every": "1", "next": "https://elsewhere.example/"})
        assert answer["Location"] == reverse("notices")
        assert not Notice.objects.filter(seen_at=None).exists()
        assert as_person(people["unit"]).post(reverse("notices-seen"), {"notice": "x"}).status_code == 422
