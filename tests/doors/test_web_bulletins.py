"""Bulletins through the browser's door and the terminal: drafted, read, edited, published, corrected, taken away as a file."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from click.testing import CliRunner
from django.test import Client
from tests.doors.web_world import as_person
from tests.rooms import county as people
from tests.rooms.bulletins_world import county
from tests.rooms.figures_world import COMMITTED, COUNTY, at, change

from banjie.bulletins.actions import draft, publish
from banjie.bulletins.models import Issue
from banjie.cli.bulletin import bulletin
from banjie.lib import clock
from banjie.people.verbs import Verb
from banjie.registers.models import Record

pytestmark = pytest.mark.django_db(transaction=COMMITTED)


@pytest.fixture
def signer() -> Client:
    county()
    return as_person(people.person("signer", COUNTY, [Verb.VIEW, Verb.PUBLISH]))


def issue() -> Issue:
    with clock.simulated(at("2021-11-06 09:00")):
        return draft("monthly", area=COUNTY, period="2021-10", by=None)


def test_from_the_list_to_the_published_page(signer: Client) -> None:
    assert "项目通报" in signer.get("/bulletins/").content.decode()
    page = signer.get("/bulletins/new/monthly/").content.decode()
    assert "一个月，如 2021-10" in page
    wrong = signer.post("/bulletins/new/monthly/", {"area": COUNTY, "period": "2021", "as_of": ""})
    assert wrong.status_code == 400
    assert "应为一个月" in wrong.content.decode()
    made = signer.post("/bulletins/new/monthly/", {"area": COUNTY, "period": "2021-10", "as_of": "2021-11-06T09:00"})
    assert made.status_code == 302
    draft_page = signer.get(made.headers["Location"]).content.decode()
    assert "草稿，未发布" in draft_page
    there = Issue.objects.get()
    assert signer.post(f"/bulletins/{there.pk}/publish/", {"number": "项办〔2021〕1号", "turn": "1"}).status_code == 302
    assert "项办〔2021〕1号" in signer.get(f"/bulletins/{there.pk}/").content.decode()
    assert signer.get(f"/bulletins/{there.pk}/edit/").status_code == 400


def test_every_number_opens_as_known_then(signer: Client) -> None:
    page = signer.get(f"/bulletins/{issue().pk}/").content.decode()
    links = re.findall(r'class="figure-in-text" id="n\d+" href="([^"]+)"', page)
    cells = re.findall(r'<td class="num"><a href="([^"]+)"', page)
    assert len(links) >= 3
    assert len(cells) >= 12
    for address in dict.fromkeys([*links, *cells]):
        if address.startswith("#"):
            assert f'id="{address[1:]}"' in page
            continue
        assert "as_of=2021-11-06T09" in address
        assert signer.get(address.split("#")[0].replace("&amp;", "&")).status_code == 200


def test_a_correction_is_told_with_old_and_new(signer: Client) -> None:
    made = publish(issue(), by=None)
    part = signer.get(f"/bulletins/{made.pk}/revised/", headers={"HX-Request": "true"}).content.decode()
    assert "没有变动" in part
    change(Record.objects.get(register="reports", key="A/2021-10"), "2021-11-20 09:00", invested="3000000000")
    part = signer.get(f"/bulletins/{made.pk}/revised/", headers={"HX-Request": "true"}).content.decode()
    assert "<s>260亿元</s>" in part
    assert "250亿元" in part
    assert "<!doctype html>" in signer.get(f"/bulletins/{made.pk}/revised/").content.decode()


def test_what_was_typed_is_kept_when_it_cannot_be_saved(signer: Client) -> None:
    made = issue()
    typed = "另写一段 ⟦999亿元|n1⟧"
    answer = signer.post(f"/bulletins/{made.pk}/edit/", {"text_zh": typed, "text_en": made.text_en, "turn": "1"})
    assert answer.status_code == 422
    assert typed in answer.content.decode()
    assert "不能直接改" in answer.content.decode()
    assert signer.post(f"/bulletins/{made.pk}/edit/", {"text_zh": "改", "text_en": "changed", "turn": "1"}).status_code == 302
    late = signer.post(f"/bulletins/{made.pk}/edit/", {"text_zh": "又改", "text_en": "again", "turn": "1"})
    assert late.status_code == 409
    assert "又改" in late.content.decode()


@pytest.mark.parametrize(("format", "begins"), [("docx", b"PK"), ("pdf", b"%PDF-"), ("html", b"<!doctype html>")])
def test_it_is_taken_away_as_a_file(signer: Client, format: str, begins: bytes) -> None:
    answer = signer.get(f"/bulletins/{issue().pk}/file/{format}/?lang=en")
    assert answer.content.startswith(begins)
    assert "attachment" in answer.headers["Content-Disposition"]


def test_charts_are_pictures_of_our_own_address_and_nothing_else_is_there(signer: Client) -> None:
    made = issue()
    page = signer.get(f"/bulletins/{made.pk}/")
    assert f'src="/bulletins/{made.pk}/charts/picture/"' in page.content.decode()
    assert " style=" not in page.content.decode()
    assert signer.get(f"/bulletins/{made.pk}/charts/picture/").headers["Content-Type"] == "image/svg+xml"
    for address in ("charts/towns/", "charts/none/", "file/exe/"):
        assert signer.get(f"/bulletins/{made.pk}/{address}").status_code == 404


def test_who_may_only_read_sees_no_draft_and_cannot_write(signer: Client) -> None:
    made = issue()
    reader = as_person(people.person("reader", COUNTY, [Verb.VIEW]))
    for address in ("", "revised/", "file/pdf/", "charts/picture/"):
        assert reader.get(f"/bulletins/{made.pk}/{address}").status_code == 404
    for address in (f"/bulletins/{made.pk}/edit/", f"/bulletins/{made.pk}/publish/", "/bulletins/new/monthly/"):
        assert reader.get(address).status_code in {403, 404}
    assert reader.post(f"/bulletins/{made.pk}/discard/").status_code in {403, 404}
    publish(made, by=None)
    assert reader.get(f"/bulletins/{made.pk}/").status_code == 200
    stranger = as_person(people.person("stranger", COUNTY, [Verb.VIEW], "indicators"))
    assert stranger.get(f"/bulletins/{made.pk}/").status_code == 404
    assert "项目通报" not in stranger.get("/bulletins/").content.decode()


def test_the_list_asks_as_much_for_many_issues_as_for_one(signer: Client, django_assert_max_num_queries: object) -> None:
    publish(issue(), by=None)
    with django_assert_max_num_queries(24):  # type: ignore[operator]
        signer.get("/bulletins/")


def test_in_the_terminal_it_is_written_kept_and_signed(signer: Client, tmp_path: Path) -> None:
    run, file = CliRunner(), tmp_path / "b.docx"
    asked = ["monthly", "--area", COUNTY, "--period", "2021-10"]
    written = run.invoke(bulletin, [*asked, "-o", str(file)], catch_exceptions=False)
    assert written.exit_code == 0
    assert file.read_bytes().startswith(b"PK")
    assert Issue.objects.count() == 0
    said = run.invoke(bulletin, asked, catch_exceptions=False).output
    assert "完成投资260亿元" in said
    assert "已存为草稿" in run.invoke(bulletin, [*asked, "--draft"], catch_exceptions=False).output
    assert "已发布" in run.invoke(bulletin, [*asked, "--publish", "--number", "1号"], catch_exceptions=False).output
    assert (
        "发布后没有更正"
        in run.invoke(bulletin, [*asked, "--published", "-o", str(tmp_path / "b.html")], catch_exceptions=False).output
    )
