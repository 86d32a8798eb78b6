"""What holds on every page: language, policy, refusals."""

from __future__ import annotations

import gzip
import re

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from tests.doors import web_world
from tests.doors.web_world import World, as_person
from tests.rooms import county

from banjie.people.models import Account, Grant, Post
from banjie.people.verbs import Verb
from banjie.registers.definition import Register
from banjie.registers.installing import install_register
from banjie.web.bundles import VERSION


@pytest.fixture
def world(db: None) -> World:
    return web_world.build()


def test_the_policy_allows_no_unsafe_source_and_no_other_machine(client: Client, db: None) -> None:
    policy = client.get("/accounts/login/").headers["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert "http" not in policy
    assert "default-src 'none'" in policy


def test_no_page_carries_an_inline_script_or_style(world: World) -> None:
    browser = as_person(world.admin)
    for address in (
        "/",
        "/registers/projects/",
        f"/records/{world.record.pk}/",
        f"/records/{world.record.pk}/edit/",
        "/cockpit/",
    ):
        said = browser.get(address).content.decode()
        assert " style=" not in said
        assert " onclick=" not in said
        assert "<style" not in said
        assert said.count("<script") == said.count("<script src=") + said.count('<script type="module" src=')


def test_pages_are_chinese_until_english_is_chosen_and_the_choice_stays(world: World) -> None:
    browser = as_person(world.clerk)
    assert 'lang="zh-CN"' in browser.get("/").content.decode()
    response = browser.post("/language/", {"language": "en", "next": "/registers/"})
    assert response.headers["Location"] == "/registers/"
    said = browser.get("/registers/").content.decode()
    assert '<html lang="en">' in said
    assert "All registers" in said


def test_the_language_switch_leads_to_no_other_site(client: Client, db: None) -> None:
    assert client.post("/language/", {"language": "en", "next": "https://example.org/"}).headers["Location"] == "/"


@pytest.mark.parametrize(
    ("address", "status"),
    [("/nothing/", 404), ("/registers/nothing/", 404), ("/records/999999/", 404), ("/figures/nothing/", 404), ("/packs/", 403)],
)
def test_refusals_have_their_status_and_a_way_out(world: World, address: str, status: int) -> None:
    response = as_person(world.clerk).get(address)
    assert response.status_code == status
    assert 'href="/"' in response.content.decode()


def test_hidden_and_missing_read_the_same(world: World) -> None:
    browser = as_person(world.neighbour)
    hidden, missing = (
        browser.get(f"/records/{pk}/").content.decode().split("<main")[1].split("</main>")[0] for pk in (world.record.pk, 999_999)
    )
    assert hidden == missing


def test_an_upload_that_is_too_large_is_refused_before_it_is_taken_in(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "UPLOAD_LIMIT", 1000)
    sent = SimpleUploadedFile("big.csv", b"x" * 3_000_000)
    response = as_person(world.clerk).post("/registers/projects/import/", {"file": sent})
    assert response.status_code == 413


def test_a_form_without_its_token_is_refused_in_words(world: World) -> None:
    strict = Client(enforce_csrf_checks=True)
    response = strict.post("/language/", {"language": "en"})
    assert response.status_code == 403
    assert "刷新" in response.content.decode()


def test_the_chart_library_comes_from_here_for_ever_and_in_its_version_only(client: Client, db: None) -> None:
    response = client.get(reverse("charts", args=[VERSION]), headers={"Accept-Encoding": "gzip"})
    assert response.headers["Content-Encoding"] == "gzip"
    assert "immutable" in response.headers["Cache-Control"]
    assert b"vegaEmbed" in gzip.decompress(response.content)
    assert client.get("/assets/charts-0.0.0.js").status_code == 404


def test_what_is_sent_after_the_session_ended_is_said_to_be_undone_and_leads_back_to_its_form(
    client: Client, world: World
) -> None:
    form = f"/records/{world.record.pk}/edit/"
    sent = {"version": "1", "planned": "350"}
    response = client.post(form, sent, headers={"referer": f"http://testserver{form}?x=1"})
    assert response.headers["Location"] == f"/accounts/login/?next={form}%3Fx%3D1"
    assert "刚才的操作没有完成" in client.get(response.headers["Location"]).content.decode()


def test_an_ended_session_leads_to_no_other_site_and_to_no_address_that_only_takes_forms(client: Client, world: World) -> None:
    address = f"/records/{world.record.pk}/remove/"
    for headers in ({}, {"referer": "https://example.org/records/"}):
        assert client.post(address, {"version": "1"}, headers=headers).headers["Location"] == "/accounts/login/?next=/"


@pytest.mark.parametrize(("language", "says", "back"), [("zh", "没有找到", "回到工作台"), ("en", "Not found", "workbench")])
def test_a_refusal_is_in_the_readers_language_and_shows_a_way_back(world: World, language: str, says: str, back: str) -> None:
    browser = as_person(world.clerk)
    browser.cookies["banjie_language"] = language
    said = browser.get("/records/999999/").content.decode()
    assert says in said
    assert back in said.split("<main")[1]


LONG = "9" * 5000  # more digits than Python reads, let alone a database


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/notices/?before={long}", 200),
        ("/matters/?after=~{long}", 422),
        ("/records/{pk}/?before={long}", 200),
        ("/registers/projects/?after=WyIyMDIxLTAxLTAxIiwgOTk5OTk5OTk5OTk5OTk5OTk5OTk5OV0", 422),
        ("/registers/projects/?sort=total_investment&after=WyIxZTk5OTk5OSIsIDFd", 422),
    ],
)
def test_numbers_beyond_measure_in_an_address_are_no_fault(address: str, status: int, world: World) -> None:
    sent = address.format(long=LONG, pk=world.record.pk)
    assert as_person(world.admin).get(sent).status_code == status


def test_a_version_beyond_measure_is_refused(world: World) -> None:
    sent = as_person(world.clerk).post(f"/records/{world.record.pk}/remove/", {"version": LONG, "why": "误录"})
    assert sent.status_code == 422


def menu(account: Account) -> list[str]:
    said = as_person(account).get("/notices/").content.decode().split('id="side-menu"')[1].split("</nav>")[0]
    return re.findall(r'href="/registers/(\w+)/"', said)


def test_the_menu_holds_the_registers_in_which_one_works(world: World) -> None:
    for n in range(15):
        install_register(Register.load({**county.REPORTS, "name": f"more_{n}"}), pack="test", by=None)
    reports = county.person("reporter", web_world.YANGXI, [Verb.VIEW])
    Grant.objects.create(
        post=Post.objects.get(code="post-reporter"), verb=Verb.UPDATE, register="more_3", area_id=web_world.YANGXI
    )
    assert menu(reports) == ["more_3"]
    assert len(menu(world.admin)) == 8
    assert menu(world.admin)[0] == "projects"


def test_all_registers_stand_together_by_their_pack(world: World) -> None:
    said = as_person(world.admin).get("/registers/").content.decode()
    assert 'class="group-heading">其他<' in said
    assert 'href="/registers/reports/"' in said
