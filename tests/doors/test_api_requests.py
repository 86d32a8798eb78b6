"""How requests are read: tokens, forms, limits, retries; and how many statements each sends to the database."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client, override_settings
from django.test.utils import CaptureQueriesContext
from tests.doors import api_world
from tests.doors.api_world import Program, program, request
from tests.doors.web_world import as_person

from banjie.api import once, service
from banjie.api.limits import limit
from banjie.api.models import KeptAnswer
from banjie.api.urls import urlpatterns
from banjie.ledger.models import Entry
from banjie.lib import clock
from banjie.matters.models import Matter
from banjie.people.models import Account, Appointment, Grant, Token
from banjie.people.tokens import create_token, revoke_token
from banjie.people.verbs import Verb

ROOT = Path(__file__).parents[2]


@pytest.fixture
def people(db: None) -> dict[str, Account]:
    return api_world.build()


@pytest.fixture
def desk(people: dict[str, Account]) -> Program:
    return program(people["desk"])


# --- tokens --------------------------------------------------------------------------------------------------------


def test_without_a_token_nothing_is_answered_but_how_to_show_one(db: None) -> None:
    for pattern in urlpatterns:
        if pattern.name != "api-openapi":
            path = "/api/v1/" + str(pattern.pattern).replace("<id:pk>", "1").replace("<slug:register_name>", "requests")
            call = Client().get if "GET" in _methods(pattern) else Client().post
            answer = call(path.replace("<str:name>", "x"), content_type="application/json")
            assert answer.status_code == 401, path
            assert answer.headers["WWW-Authenticate"].startswith("Bearer")
            assert answer.json()["says"].keys() == {"zh", "en"}


def _methods(pattern: Any) -> list[str]:
    document = service.description()["paths"]
    path = "/api/v1/" + str(pattern.pattern).replace("<id:", "{").replace("<slug:", "{").replace("<str:", "{").replace(">", "}")
    return [m.upper() for m in document[path]]


def test_a_token_is_kept_as_its_hash_and_opens_until_it_is_revoked(people: dict[str, Account]) -> None:
    shown = create_token(people["desk"], name="热线", days=30, by=None)
    assert shown.secret not in json.dumps(list(Token.objects.values()), default=str)
    assert shown.secret.split("_", 2)[2] not in json.dumps(list(Entry.objects.values()), default=str)
    knocking = Program(shown.secret)
    assert knocking.get("/matters/mine").status_code == 200
    revoke_token(shown.token.prefix, by=None)
    assert knocking.get("/matters/mine").status_code == 401
    assert [e.verb for e in Entry.objects.of(f"account:{people['desk'].pk}")][-2:] == ["token.create", "token.revoke"]


def test_a_token_that_has_expired_opens_nothing(people: dict[str, Account]) -> None:
    with clock.simulated(clock.now() - timedelta(days=31)):
        shown = create_token(people["desk"], name="旧", days=30, by=None)
    assert Program(shown.secret).get("/matters/mine").status_code == 401


@pytest.mark.parametrize("change", ["x", "prefix", "empty", "long", "chinese"])
def test_a_token_that_is_not_right_opens_nothing(people: dict[str, Account], change: str) -> None:
    secret = create_token(people["desk"], name="热线", days=30, by=None).secret
    wrong = {"x": secret[:-1] + ("a" if secret[-1] != "a" else "b"), "prefix": secret[:19], "empty": " ", "long": secret * 99}
    answer = Client().get("/api/v1/matters/mine", headers={"Authorization": f"Bearer {wrong.get(change, 'banjie_令牌')}"})
    assert answer.status_code == 401


def test_a_closed_account_closes_its_tokens(desk: Program, people: dict[str, Account]) -> None:
    people["desk"].is_active = False
    people["desk"].save()
    assert desk.get("/matters/mine").status_code == 401


def test_what_is_taken_back_counts_from_the_next_request_on(desk: Program, people: dict[str, Account]) -> None:
    assert desk.post("/matters", request("Q-1", kind="路灯")).status_code == 201
    Grant.objects.filter(post__code="post-desk", verb=Verb.CREATE).delete()
    assert desk.post("/matters", request("Q-2", kind="路灯")).status_code == 403
    Appointment.objects.filter(account=people["desk"]).update(ends_on=clock.today())
    assert desk.get(f"/matters/{Matter.objects.get().pk}").status_code == 403


def test_a_session_cookie_is_no_token(people: dict[str, Account]) -> None:
    assert as_person(people["desk"]).get("/api/v1/matters/mine").status_code == 401


def test_the_last_use_of_a_token_is_kept_to_the_hour(desk: Program) -> None:
    desk.get("/matters/mine")
    used = Token.objects.get().last_used_at
    assert used is not None
    assert (used.minute, used.second) == (0, 0)


def test_who_asks_too_often_is_told_when_to_come_again(desk: Program) -> None:
    with override_settings(API_RATE=3):
        limit.forget()
        answers = [desk.get("/matters/mine") for _ in range(4)]
    assert [a.status_code for a in answers] == [200, 200, 200, 429]
    assert 1 <= int(answers[3].headers["Retry-After"]) <= 20


def test_wrong_tokens_use_up_nobody_elses_requests(desk: Program) -> None:
    prefix = desk.secret.rsplit("_", 1)[0][:19]
    with override_settings(API_RATE=3):
        limit.forget()
        wrong = [Program(f"{prefix}_wrong").get("/matters/mine").status_code for _ in range(5)]
        right = desk.get("/matters/mine").status_code
    assert wrong == [401, 401, 401, 429, 429]
    assert right == 200


# --- how bodies are read -------------------------------------------------------------------------------------------

GOOD = '{"process": "request", "data": {"code": "Q-9", "town": "431322102", "kind": "路灯"}}'


@pytest.mark.parametrize(
    ("body", "status", "says"),
    [
        ("", 422, "missing"),
        ("{", 400, "line 1, column"),
        ("[]", 400, "one JSON object"),
        ("null", 400, "one JSON object"),
        ('{"process": "request", "process": "other", "data": {}}', 400, "process stands there twice"),
        (GOOD.replace('"路灯"', "NaN"), 400, "NaN is no JSON number"),
        (GOOD.replace('"路灯"', "-Infinity"), 400, "-Infinity"),
        (GOOD.replace('"路灯"', "1e999999999"), 400, "more than 40 digits"),
        (GOOD.replace('"路灯"', "9" * 5000), 400, "more than 40 digits"),
        (GOOD.replace('"路灯"', "[" * 10 + "]" * 10), 400, "nested more than 8 deep"),
        (GOOD.replace('"路灯"', "[" * 50_000 + "]" * 50_000), 400, "nested more than 8 deep"),
        (GOOD.replace("路灯", "\\u0000"), 400, "cannot be stored"),
        (GOOD.replace("路灯", "\\ud800"), 400, "cannot be stored"),
        (GOOD.replace('"process"', '"proces"'), 422, "proces"),
        (GOOD.replace('"code"', '"cod"'), 422, "no field"),
        (GOOD.replace('"request"', "1"), 422, "process"),
        (GOOD.replace('"request"', '"none"'), 404, "no process called none"),
        (GOOD.replace('"路灯"', '{"a": 1}'), 422, "kind"),
        (GOOD.encode("gbk"), 400, "not UTF-8"),
        (GOOD.replace("路灯", "灯" * 100_000), 413, "larger than"),
    ],
)
def test_a_body_that_is_not_right_is_refused_with_its_reason(desk: Program, body: str | bytes, status: int, says: str) -> None:
    desk.language = "en"
    answer = desk.send("/matters", body)
    assert answer.status_code == status, answer.content.decode()
    assert says in answer.content.decode()
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert Matter.objects.count() == 0


@pytest.mark.parametrize(
    "kind",
    ["text/plain", "application/x-www-form-urlencoded", "application/json; charset=gbk", "multipart/form-data; boundary=x"],
)
def test_only_json_is_taken(desk: Program, kind: str) -> None:
    assert desk.send("/matters", GOOD, kind).status_code == 415


def test_a_body_without_a_length_is_refused(desk: Program) -> None:
    answer = desk.client.generic("POST", "/api/v1/matters", "", headers=desk.headers(**{"Transfer-Encoding": "chunked"}))
    assert answer.status_code == 411


def test_a_parameter_that_is_not_described_is_refused(desk: Program) -> None:
    answer = desk.get("/matters/mine", offset=3)
    assert answer.status_code == 422
    assert answer.json()["problems"][0]["field"] == "offset"
    assert desk.get("/matters/mine", limit=101).status_code == 422


@pytest.mark.parametrize(
    ("method", "path", "status"), [("get", "/matters", 405), ("put", "/matters/1", 405), ("get", "/nowhere", 404)]
)
def test_an_address_or_a_method_that_is_none_is_a_problem_too(desk: Program, method: str, path: str, status: int) -> None:
    answer = getattr(desk.client, method)(f"/api/v1{path}", headers=desk.headers())
    assert answer.status_code == status
    assert answer.headers["Content-Type"] == "application/problem+json"


def test_a_host_that_is_not_ours_is_refused(desk: Program) -> None:
    answer = desk.client.get("/api/v1/matters/mine", headers=desk.headers(Host="evil.example"))
    assert answer.status_code == 400


def test_a_fault_of_ours_is_told_without_its_inside(desk: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*args: object, **kwargs: object) -> None:
        raise ZeroDivisionError("secret")

    monkeypatch.setattr("banjie.api.matters.mine_of", broken)
    desk.client.raise_request_exception = False
    answer = desk.get("/matters/mine")
    assert answer.status_code == 500
    assert "secret" not in answer.content.decode()


def test_no_answer_is_kept_or_sets_a_cookie(desk: Program) -> None:
    answer = desk.get("/matters/mine")
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert not answer.cookies


# --- retries -------------------------------------------------------------------------------------------------------


def test_the_same_request_again_makes_one_matter_and_one_answer(desk: Program) -> None:
    first, again = (desk.post("/matters", request("Q-1", kind="路灯"), key="a1") for _ in range(2))
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.content == again.content
    assert (first.headers["ETag"], first.headers["Location"]) == (again.headers["ETag"], again.headers["Location"])
    assert "Idempotency-Replayed" not in first.headers
    assert again.headers["Idempotency-Replayed"] == "true"
    assert Matter.objects.count() == 1


def test_the_same_step_again_is_taken_once(desk: Program) -> None:
    pk = desk.post("/matters", request("Q-1", kind="路灯")).json()["id"]
    first, again = (desk.post(f"/matters/{pk}/advance", {"to": "handling"}, version=1, key="b1") for _ in range(2))
    assert (first.status_code, again.status_code) == (200, 200)
    assert Matter.objects.get().version == 2


def test_a_key_belongs_to_one_request(desk: Program) -> None:
    desk.post("/matters", request("Q-1", kind="路灯"), key="a1")
    other = desk.post("/matters", request("Q-2", kind="路灯"), key="a1")
    assert other.status_code == 422
    assert Matter.objects.count() == 1
    assert desk.post("/matters", request("Q-2", kind="路灯"), key="有").status_code == 400


def test_what_was_refused_may_be_tried_again_under_its_key(desk: Program) -> None:
    Grant.objects.filter(post__code="post-desk", verb=Verb.VIEW).update(verb=Verb.EXPORT)
    assert desk.post("/matters", request("Q-1", kind="路灯", amount="x"), key="a1").status_code == 422
    assert KeptAnswer.objects.count() == 0
    assert desk.post("/matters", request("Q-1", kind="路灯"), key="a1").status_code == 201


def test_keys_are_each_accounts_own(desk: Program, people: dict[str, Account]) -> None:
    post = people["reader"].appointments.get().post
    Grant.objects.create(post=post, verb=Verb.CREATE, register="*", area_id="431322")
    assert desk.post("/matters", request("Q-1", kind="路灯"), key="a1").status_code == 201
    assert program(people["reader"]).post("/matters", request("Q-2", kind="路灯"), key="a1").status_code == 201


def test_old_answers_are_let_go(desk: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.post("/matters", request("Q-1", kind="路灯"), key="a1")
    KeptAnswer.objects.update(kept_at=clock.now() - timedelta(days=8))
    monkeypatch.setattr(once, "_tidied", None)
    desk.post("/matters", request("Q-2", kind="路灯"), key="a2")
    assert list(KeptAnswer.objects.values_list("key", flat=True)) == ["a2"]


# --- what a request costs ------------------------------------------------------------------------------------------


def statements(ask: Any) -> int:
    """Statements that a request sends, without those that open and close its transaction."""
    with CaptureQueriesContext(connection) as sent:
        assert ask().status_code < 300
    asides = ("SAVEPOINT", "RELEASE", "BEGIN", "COMMIT")
    return len([q for q in sent.captured_queries if not q["sql"].upper().lstrip().startswith(asides)])


@pytest.mark.skipif(connection.vendor != "sqlite", reason="kept statements go to PostgreSQL past what is captured here")
@pytest.mark.parametrize("register", ["*", "requests"])
def test_each_request_sends_no_more_statements_than_this(people: dict[str, Account], register: str) -> None:
    Grant.objects.update(register=register)
    desk, unit = program(people["desk"]), program(people["unit"])
    for n in range(3):  # the first of each kind reads what is remembered afterwards
        pk = desk.post("/matters", request(f"W-{n}", kind="路灯"), key=f"w{n}").json()["id"]
        desk.post(f"/matters/{pk}/advance", {"to": "handling"}, version=1)
        unit.get("/matters/mine")
        desk.get(f"/matters/{pk}")
    sent = {
        "create": statements(lambda: desk.post("/matters", request("N-1", kind="路灯"))),
        "create under a key": statements(lambda: desk.post("/matters", request("N-2", kind="路灯"), key="k")),
        "advance": statements(
            lambda: desk.post(f"/matters/{Matter.objects.latest('pk').pk}/advance", {"to": "handling"}, version=1)
        ),
        "mine": statements(lambda: unit.get("/matters/mine")),
        "one": statements(lambda: desk.get(f"/matters/{pk}")),
    }
    assert {what: n for what, n in sent.items() if n > AT_MOST[what]} == {}


# token and account 1; for mine: a post and an organisation, with and without a due time 4, registers 1
AT_MOST = {"create": 16, "create under a key": 18, "advance": 17, "mine": 6, "one": 6}


# --- the description -----------------------------------------------------------------------------------------------


def test_the_description_in_the_repository_is_that_of_the_code() -> None:
    kept = json.loads((ROOT / "docs" / "openapi.json").read_text())
    assert kept == service.description(), "docs/api.md says how to write it anew"


def test_the_description_is_served(client: Client, db: None) -> None:
    answer = client.get("/api/v1/openapi.json")
    assert answer.json() == service.description()


def test_everything_in_the_description_is_described() -> None:
    for path, methods in service.description()["paths"].items():
        for operation in methods.values():
            assert operation["description"], path
            assert operation["security"] == [{"Bearer": []}], path
