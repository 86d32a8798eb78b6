"""The pages of a ballot: conducted by those who handle the matter, voted in without an account, and silent about who chose what."""

from __future__ import annotations

from datetime import timedelta
from io import BytesIO

import pytest
from django.core.cache import cache
from django.http import HttpResponse
from django.test import Client
from tests.doors.web_world import as_person
from tests.rooms import ballots_world as world
from tests.rooms.ballots_world import AFTER, DURING, ENDS, OPENED
from tests.rooms.matters_world import at

from banjie.ledger.models import Entry
from banjie.matters.ballots import progress
from banjie.matters.models import Attempt, Ballot, Elector
from banjie.people.models import Account
from banjie.web.pages import voting
from banjie.web.throttle import Limit

pytestmark = pytest.mark.django_db
STUB = b"\x89PNG\r\n\x1a\n" + b"\x00" * 32
VOTE = "/public/vote/"


@pytest.fixture(autouse=True)
def _nobody_called_before() -> None:
    cache.clear()


@pytest.fixture
def people() -> dict[str, Account]:
    return world.build()


def said(answer: HttpResponse) -> str:
    return str(answer.content.decode())


def stub() -> BytesIO:
    made = BytesIO(STUB)
    made.name = "存根.png"
    return made


def cast(client: Client, code: str, choice: str) -> HttpResponse:
    with at(DURING):
        return client.post(VOTE, {"code": code, "step": "cast", "choice": choice})  # type: ignore[return-value]


# --- without an account ----------------------------------------------------------------------------------------------


def test_a_resident_types_the_code_chooses_confirms_and_is_done(people: dict[str, Account], client: Client) -> None:
    ballot, codes = world.opened(people)
    code = codes["H1"]
    with at(DURING):
        asked = said(client.post(VOTE, {"code": f" {code[:5].lower()}-{code[5:]} "}))
        assert ballot.question in asked
        assert "checked" not in asked  # nothing is suggested
        missing = client.post(VOTE, {"code": code, "step": "choose"})
        assert (missing.status_code, "请选择" in said(missing)) == (422, True)
        check = said(client.post(VOTE, {"code": code, "step": "choose", "choice": "for"}))
        assert "同意" in check
        assert progress(ballot).voted == 0  # nothing is cast before it is confirmed
        done = client.post(VOTE, {"code": code, "step": "cast", "choice": "for"})
        assert done.headers["Location"] == f"/public/ballots/{ballot.code}/"
        after = said(client.get(done.headers["Location"]))
    assert "您的票已计入" in after
    assert "1 户，共 6 户" in after
    assert code not in after
    assert progress(ballot).voted == 1


def test_a_household_that_voted_is_told_so_and_a_second_vote_is_on_record(people: dict[str, Account], client: Client) -> None:
    ballot, codes = world.opened(people)
    cast(client, codes["H1"], "for")
    again = cast(client, codes["H1"], "against")
    assert (again.status_code, "一户一票" in said(again)) == (422, True)
    with at(DURING):
        assert "一户一票" in said(client.post(VOTE, {"code": codes["H1"]}))
    assert progress(ballot).voted == 1
    assert Attempt.objects.filter(matter=ballot.matter, verb="vote").exists()


def test_codes_cannot_be_guessed_for_long(people: dict[str, Account], client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(voting, "MISSED", Limit("portal-vote-missed", 3, 3600))
    _, codes = world.opened(people)
    assert [client.post(VOTE, {"code": f"AAAAABBBB{n}"}).status_code for n in range(2, 6)] == [404, 404, 404, 429]
    assert cast(client, codes["H1"], "for").status_code == 429  # nor is a right one taken from there now
    assert client.get("/public/ballots/NOBODYSONE/").status_code == 429


def test_the_notice_shows_the_rule_and_the_turnout_and_the_result_only_when_counted(
    people: dict[str, Account], client: Client
) -> None:
    ballot, codes = world.opened(people)
    for household in ("H1", "H2", "H3", "H4", "H5"):
        cast(client, codes[household], "for")
    notice = f"/public/ballots/{ballot.code}/"
    with at(DURING):
        running = said(client.get(notice))
    assert "2/3 以上（含）" in running
    assert "民法典第278条" in running
    assert "5 户，共 6 户" in running
    assert "表决结果" not in running
    assert "不公布" in running  # one household is missing: the share of area would tell how large it is
    world.counted(ballot, people)
    with at(AFTER):
        over = said(client.get(notice))
    assert "表决结果" in over
    assert "5 / 6" in over
    assert over.count("达到</span>") == 4
    assert client.get(notice)["X-Robots-Tag"] == "noindex, nofollow"


# --- those who conduct it --------------------------------------------------------------------------------------------


def test_it_is_opened_on_the_screen_with_its_rule_and_not_for_too_short(people: dict[str, Account]) -> None:
    matter, secretary = world.issue(people), as_person(people["secretary"])
    with at(OPENED):
        panel = said(secretary.get(f"/records/{matter.record_id}/"))
        assert f"/ballots/matters/{matter.pk}/open/" in panel
        form = f"/ballots/matters/{matter.pk}/open/"
        assert "2021-09-13 18:00" in said(secretary.get(form))  # the first evening that is late enough
        short = secretary.post(form, {"closes_at": "2021-09-08 18:00"})
        assert (short.status_code, "至少 7 天" in said(short), "2021-09-08 18:00" in said(short)) == (422, True, True)
        unread = secretary.post(form, {"closes_at": "下周"})
        assert (unread.status_code, "下周" in said(unread)) == (400, True)
        done = secretary.post(form, {"closes_at": "2021-09-20T18:00"})
        ballot = Ballot.objects.get()
        assert done.headers["Location"] == f"/ballots/{ballot.pk}/"
        assert f"/ballots/{ballot.pk}/" in said(secretary.get(f"/records/{matter.record_id}/"))


def test_codes_are_shown_once_to_be_printed(people: dict[str, Account], client: Client) -> None:
    matter, secretary = world.issue(people), as_person(people["secretary"])
    with at(OPENED):
        secretary.post(f"/ballots/matters/{matter.pk}/open/", {"closes_at": ENDS})
        ballot = Ballot.objects.get()
        sheet = secretary.post(f"/ballots/{ballot.pk}/codes/")
        assert said(sheet).count('<li class="slip') == 6
        assert "no-store" in sheet["Cache-Control"]
        again = secretary.post(f"/ballots/{ballot.pk}/codes/")
        assert (again.status_code, "已发放" in said(again)) == (422, True)
        assert "slip" not in said(secretary.get(f"/ballots/{ballot.pk}/"))
        one = said(secretary.post(f"/ballots/{ballot.pk}/code/", {"household": "H2", "why": "遗失"}))
        assert one.count('<li class="slip') == 1
        gone = secretary.post(f"/ballots/{ballot.pk}/code/", {"household": "H90", "why": "遗失"})
        assert (gone.status_code, 'value="遗失"' in said(gone)) == (404, True)


def test_a_paper_ballot_needs_its_stub_and_a_choice_and_counts_once(people: dict[str, Account]) -> None:
    ballot, _ = world.opened(people)
    secretary, paper = as_person(people["secretary"]), f"/ballots/{ballot.pk}/paper/"
    with at(DURING):
        without = secretary.post(paper, {"household": "H3", "choice": "for"})
        assert (without.status_code, "存根" in said(without)) == (422, True)
        unchosen = secretary.post(paper, {"household": "H3", "evidence": stub()})
        assert (unchosen.status_code, "请选择同意" in said(unchosen)) == (422, True)
        assert progress(ballot).voted == 0
        assert secretary.post(paper, {"household": "H3", "choice": "for", "evidence": stub()}).status_code == 302
        again = secretary.post(paper, {"household": "H3", "choice": "against", "evidence": stub()})
        assert (again.status_code, "一户一票" in said(again)) == (422, True)
        page = said(secretary.get(f"/ballots/{ballot.pk}/"))
    assert "1 户，共 6 户" in page
    assert page.count('value="H3"') == 2  # in both lists, as if it had not voted: who has not is nobody's business


def test_it_is_extended_with_a_reason_counted_after_its_end_and_not_before(people: dict[str, Account], client: Client) -> None:
    ballot, codes = world.opened(people)
    for household in ("H1", "H2", "H3", "H4", "H5"):
        cast(client, codes[household], "for")
    secretary, home = as_person(people["secretary"]), f"/ballots/{ballot.pk}/"
    with at(DURING):
        early = secretary.post(f"{home}close/")
        assert (early.status_code, "不能提前计票" in said(early)) == (422, True)
        bare = secretary.post(f"{home}extend/", {"closes_at": "2021-09-21 08:00"})
        assert (bare.status_code, 'value="2021-09-21 08:00"' in said(bare)) == (422, True)
        assert secretary.post(f"{home}extend/", {"closes_at": "2021-09-21 08:00", "why": "外出户多"}).status_code == 302
        assert "计票并公布" not in said(secretary.get(home))
    with at(AFTER):
        assert "计票并公布" in said(secretary.get(home))
        assert secretary.post(f"{home}close/").status_code == 302
        result = said(secretary.get(home))
        assert "通过" in said(secretary.get("/ballots/"))
    for line in ("5 / 6", "5 / 5", "同意", "5 户"):
        assert line in result
    assert "录入纸质票" not in result


def test_who_only_looks_conducts_nothing_and_who_may_not_look_finds_nothing(people: dict[str, Account]) -> None:
    ballot, _ = world.opened(people)
    neighbour, home = as_person(people["neighbour"]), f"/ballots/{ballot.pk}/"
    with at(DURING):
        page = neighbour.get(home)
        assert page.status_code == 200
        for name in ("表决码", "录入纸质票", "延期"):
            assert "<h2 id=" in said(page)
            assert f">{name}</h2>" not in said(page)
        sent = {"codes": {}, "code": {"household": "H1"}, "extend": {"closes_at": "2021-10-01 18:00", "why": "试"}}
        for part, values in sent.items():
            assert neighbour.post(f"{home}{part}/", values).status_code == 403
        assert neighbour.post(f"{home}paper/", {"household": "H1", "choice": "for", "evidence": stub()}).status_code == 403
        stranger = as_person(Account.objects.create_user("stranger", "x@example.test", "x"))
        assert stranger.get(home).status_code == 404
        assert stranger.post(f"{home}codes/").status_code == 404
    assert progress(ballot).voted == 0
    assert not Elector.objects.exclude(code_hash=None).filter(ballot=ballot).count() < 6


def test_no_page_and_no_entry_says_what_anybody_chose(people: dict[str, Account], client: Client) -> None:
    """Four chose in four ways; all that the administrator, the secretary and the public can see is the same whoever chose what."""
    ballot, codes = world.opened(people)
    for household, choice in {"H1": "against", "H2": "for", "H3": "for", "H4": "abstain", "H5": "for"}.items():
        cast(client, codes[household], choice)
    admin = as_person(Account.objects.create_superuser("root", "root@example.test", "x"))
    with at(DURING):
        pages = [said(admin.get(a)) for a in (f"/ballots/{ballot.pk}/", "/ballots/", f"/records/{ballot.matter.record_id}/")]
    assert all("against" not in page.replace('value="against"', "") for page in pages)
    world.counted(ballot, people)
    entries = Entry.objects.filter(chain=ballot.chain, verb="ballot.vote")
    assert {frozenset(e.body) for e in entries} == {frozenset({"ballot", "way", "personal"})}
    with at(AFTER):
        page = said(admin.get(f"/ballots/{ballot.pk}/"))
    assert not any(f"{household}<" in page for household in world.SIZES)
    assert ballot.closes_at - ballot.opened_at > timedelta(days=7)


def test_every_page_speaks_both_languages(people: dict[str, Account], client: Client) -> None:
    ballot, codes = world.opened(people)
    secretary = as_person(people["secretary"])
    for browser in (secretary, client):
        browser.cookies["banjie_language"] = "en"
    with at(DURING):
        assert "Enter a paper ballot" in said(secretary.get(f"/ballots/{ballot.pk}/"))
        assert "When it is carried" in said(client.post(VOTE, {"code": codes["H1"]}))
        assert "at least 2/3" in said(client.get(f"/public/ballots/{ballot.code}/"))
