"""The portal: without an account one hands in, follows, adds and rates; and learns nothing that is somebody else's."""

from __future__ import annotations

from io import BytesIO

import pytest
from django.core.cache import cache
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from tests.rooms import applicants_world as world
from tests.rooms.matters_world import YANGXI, at, title

from banjie.matters import actions
from banjie.matters.definition import Process
from banjie.matters.installing import install_process
from banjie.matters.models import Matter
from banjie.people.models import Account
from banjie.web.pages import portal
from banjie.web.throttle import Limit

pytestmark = pytest.mark.django_db
ASK = "/public/ask/request/"


@pytest.fixture(autouse=True)
def _nobody_called_before() -> None:
    cache.clear()


@pytest.fixture
def people() -> dict[str, Account]:
    return world.build()


@pytest.fixture
def matter(people: dict[str, Account], client: Client) -> Matter:
    with at("2021-09-06 10:00"):
        answer = client.post(ASK, {"town": YANGXI, "amount": "5", "phone": "13800001234"})
        assert answer.status_code == 302
    return Matter.objects.get()


def page_of(client: Client, matter: Matter) -> str:
    answer = client.get(reverse("portal-matter", args=[matter.code]))
    assert answer.status_code == 200
    return str(answer.content.decode())


def test_the_portal_offers_what_is_open_and_nothing_else(people: dict[str, Account], client: Client) -> None:
    page = client.get("/public/").content.decode()
    assert "诉求办理" in page
    assert "差评回访" not in page
    assert client.get("/public/ask/call_back/").status_code == 404
    assert client.get(ASK)["X-Robots-Tag"] == "noindex, nofollow"


def test_a_request_is_handed_in_and_only_open_fields_are_read(people: dict[str, Account], client: Client) -> None:
    with at("2021-09-06 10:00"):
        form = client.get(ASK).content.decode()
        assert 'name="phone"' in form
        assert 'name="result"' not in form
        client.post(ASK, {"town": YANGXI, "amount": "5", "result": "同意", "code": "MINE", "grade": "excellent"})
    record = Matter.objects.get().record
    assert (record.data["amount"], record.data.get("result"), record.data.get("grade")) == ("5", None, None)
    assert record.key.startswith("W20210906-")


def test_a_wrong_value_brings_the_form_back_with_what_was_typed(people: dict[str, Account], client: Client) -> None:
    answer = client.post(ASK, {"town": YANGXI, "amount": "五万多"})
    assert answer.status_code == 422
    assert "五万多" in answer.content.decode()
    page = BytesIO(b"<html></html>")
    page.name = "a.html"
    assert client.post(ASK, {"town": YANGXI, "amount": "5", "files": page}).status_code == 422
    assert not Matter.objects.exists()


def test_the_page_of_a_code_names_no_person_and_no_data(people: dict[str, Account], matter: Matter, client: Client) -> None:
    with at("2021-09-06 11:00"):
        actions.accept(matter, version=1, by=people["desk"])
        page = page_of(client, matter)
    assert "受理" in page
    assert "2021-09-06 12:00" in page
    for secret in ("13800001234", "desk 甲", "专干", matter.record.key):
        assert secret not in page


def test_a_code_is_found_however_it_is_typed(people: dict[str, Account], matter: Matter, client: Client) -> None:
    code = str(matter.code)
    home = reverse("portal-matter", args=[code])
    for typed in (code, code.lower(), f" {code[:5]}-{code[5:]} ", f"{code[:5]} {code[5:]}"):
        assert client.post("/public/follow/", {"code": typed}).headers["Location"] == home
    assert client.get(reverse("portal-matter", args=[code.lower()])).headers["Location"] == home


def test_a_wrong_code_and_one_that_can_be_none_are_answered_alike_and_soon_not_at_all(
    people: dict[str, Account], matter: Matter, client: Client
) -> None:
    answers = [client.post("/public/follow/", {"code": code}) for code in ("ABCDE-23456", "x", "' or 1=1 --")]
    assert [a.status_code for a in answers] == [404, 404, 404]
    assert all("没有这个查询码" in a.content.decode() for a in answers)
    for _ in range(portal.MISSED.times):
        last = client.get(reverse("portal-matter", args=["ABCDE23456"]))
    assert last.status_code == 429
    assert client.get(reverse("portal-matter", args=[matter.code])).status_code == 429  # guessing right does not help now


def test_requests_from_one_address_are_limited(
    people: dict[str, Account], client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(portal, "HANDED_IN", Limit("test", 2, 3600))
    with at("2021-09-06 10:00"):
        answers = [client.post(ASK, {"town": YANGXI, "amount": str(n)}).status_code for n in range(3)]
    assert answers == [302, 302, 429]
    assert Matter.objects.count() == 2


def test_what_is_wanted_is_shown_and_handing_it_in_starts_the_clock(
    people: dict[str, Account], matter: Matter, client: Client
) -> None:
    add = reverse("portal-supply", args=[matter.code])
    with at("2021-09-06 11:00"):
        assert client.post(add, {"answer": "早点办"}).status_code == 422  # nothing is wanted
        actions.return_for_more(matter, wanted="营业执照复印件", version=1, by=people["desk"])
        assert "营业执照复印件" in page_of(client, matter)
        assert client.post(add, {"answer": " "}).status_code == 422
        content = BytesIO(b"a licence\n")
        content.name = "执照.txt"
        assert client.post(add, {"answer": "已附", "files": content}).status_code == 302
        assert "营业执照复印件" not in page_of(client, matter)
    matter.refresh_from_db()
    assert matter.state == "open"


def rated(client: Client, matter: Matter, **sent: str) -> HttpResponse:
    answer: HttpResponse = client.post(reverse("portal-rate", args=[matter.code]), sent)
    return answer


def test_a_closed_matter_is_rated_once_and_a_low_grade_is_called_back(
    people: dict[str, Account], matter: Matter, client: Client
) -> None:
    with at("2021-09-06 11:00"):
        assert rated(client, matter, grade="bad").status_code == 422  # it is not closed
        actions.advance(matter, "rejected", version=1, by=people["desk"], changes={"result": "不在范围"})
        page = page_of(client, matter)
        assert page.count('name="grade"') == 5
        assert "checked" not in page  # no grade is suggested
        refused = rated(client, matter, comment="说了很多")
        assert refused.status_code == 422
        assert "说了很多" in refused.content.decode()
        assert rated(client, matter, grade="bad", comment="太慢").status_code == 302
        assert "不满意" in page_of(client, matter)
        assert rated(client, matter, grade="good").status_code == 422
    assert Matter.objects.get(process="call_back").main == matter


def test_english_speakers_read_english(people: dict[str, Account], matter: Matter, client: Client) -> None:
    client.cookies["banjie_language"] = "en"
    page = page_of(client, matter)
    assert "Where it stands" in page
    assert "办到哪一步" not in page


def test_an_applicant_withdraws_where_the_process_says_so_and_is_asked_twice(
    people: dict[str, Account], matter: Matter, client: Client
) -> None:
    address = reverse("portal-withdraw", args=[matter.code])
    assert address not in page_of(client, matter)  # the process does not speak of applicants
    assert client.post(address, {"sure": "yes"}).status_code == 422
    declared = {"by": ["applicant", "owner"], "stages": ["received"]}
    install_process(Process.load({**world.PROCESS, "withdraw": declared}), pack="test", by=None)
    with at("2021-09-06 11:00"):
        client.post(ASK, {"town": YANGXI, "amount": "6", "phone": "13800001235"})
        second = Matter.objects.latest("pk")
        address = reverse("portal-withdraw", args=[second.code])
        assert address in page_of(client, second)
        assert client.post(address).status_code == 422
        assert client.post(address, {"sure": "yes"}).status_code == 302
        assert "已撤回" in page_of(client, second)
        assert address not in page_of(client, second)
    second.refresh_from_db()
    matter.refresh_from_db()
    assert (second.ending, matter.ending) == ("withdrawn", "")


def test_an_applicant_reads_the_answer_and_is_asked_in_their_own_words(people: dict[str, Account], client: Client) -> None:
    labels = {"amount": title("您要多少", "How much do you want"), "result": title("给您的答复", "Our answer")}
    public = world.PROCESS["public"] | {"labels": labels}
    install_process(Process.load({**world.PROCESS, "applicant_sees": ["result"], "public": public}), pack="test", by=None)
    with at("2021-09-06 10:00"):
        form = client.get(ASK).content.decode()
        assert "您要多少" in form
        assert "amount项" not in form
        client.post(ASK, {"town": YANGXI, "amount": "6", "phone": "13800001235"})
        matter = Matter.objects.get()
        actions.advance(matter, "rejected", version=1, by=people["desk"], changes={"result": "已转交供电公司"})
        page = page_of(client, matter)
    assert page.index("给您的答复") < page.index("已转交供电公司") < page.index('name="grade"')
