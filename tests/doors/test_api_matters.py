"""Matters over the API: taken in, taken on, one's own by due time, one with its history; and what is refused."""

from __future__ import annotations

from typing import Any

import pytest
from tests.doors import api_world
from tests.doors.api_world import Program, program, request
from tests.rooms import matters_world as world

from banjie.api import schemas
from banjie.ledger.models import Entry
from banjie.matters.actions import invite, open_matter
from banjie.matters.models import Matter
from banjie.people.models import Account, Grant, Organisation
from banjie.people.tokens import create_token
from banjie.people.verbs import Verb
from banjie.registers.models import Record


@pytest.fixture
def people(db: None) -> dict[str, Account]:
    return api_world.build()


@pytest.fixture
def desk(people: dict[str, Account]) -> Program:
    return program(people["desk"])


@pytest.fixture
def unit(people: dict[str, Account]) -> Program:
    return program(people["unit"])


def opened(desk: Program, code: str = "Q-1", **values: object) -> dict[str, Any]:
    answer = desk.post("/matters", request(code, kind="路灯", **values))
    assert answer.status_code == 201, answer.content.decode()
    return dict(answer.json())


def test_a_matter_is_opened_with_an_owner_and_a_due_time(desk: Program) -> None:
    answer = desk.post("/matters", request("Q-1", kind="路灯") | {"why": "来电"})
    said = answer.json()
    schemas.Matter.model_validate(said)
    assert answer.headers["ETag"] == '"1"'
    assert answer.headers["Location"] == f"/api/v1/matters/{said['id']}"
    assert said["owner"]["post"]["code"] == "post-desk"
    assert said["stage"] == {"name": "received", "zh": "受理", "en": "Received"}
    assert said["due_at"].endswith("+08:00")
    entry = Entry.objects.latest("pk")
    assert (entry.verb, entry.origin, entry.why) == ("matter.open", "api", "来电")


def test_a_matter_goes_from_stage_to_stage_until_it_is_closed(desk: Program, unit: Program) -> None:
    pk = opened(desk, amount=99.5)["id"]
    assert desk.post(f"/matters/{pk}/advance", {"to": "handling"}, version=1).headers["ETag"] == '"2"'
    assert unit.post(f"/matters/{pk}/accept", {}, version=2).json()["accepted_at"]
    closed = unit.post(f"/matters/{pk}/close", {"to": "closed", "changes": {"result": "已修复"}, "version": 3})
    assert (closed.json()["state"], closed.json()["ending"]) == ("closed", "done")
    assert Record.objects.get().data["amount"] == "99.5"


def test_who_comes_second_is_told_how_the_matter_stands(desk: Program) -> None:
    pk = opened(desk)["id"]
    desk.post(f"/matters/{pk}/advance", {"to": "handling"}, version=1)
    late = desk.post(f"/matters/{pk}/advance", {"to": "rejected", "changes": {"result": "不属实"}}, version=1)
    assert late.status_code == 409
    assert late.headers["ETag"] == '"2"'
    assert late.json()["present"]["stage"]["name"] == "handling"
    assert late.json()["yours"] == {"version": 1}
    assert Matter.objects.get().version == 2


@pytest.mark.parametrize(
    ("body", "header", "status"),
    [
        ({}, None, 428),
        ({"version": 1}, '"2"', 400),
        ({}, "*", 400),
        ({}, 'W/"1"', 400),
        ({}, '"1', 400),
        ({"version": 0}, None, 422),
        ({"version": "1"}, None, 422),
    ],
)
def test_a_step_says_on_which_version_it_was_decided(
    desk: Program, body: dict[str, Any], header: str | None, status: int
) -> None:
    pk = opened(desk)["id"]
    more = {"If-Match": header} if header else {}
    answer = desk.client.post(
        f"/api/v1/matters/{pk}/advance", {"to": "handling", **body}, content_type="application/json", headers=desk.headers(**more)
    )
    assert answer.status_code == status
    assert Matter.objects.get().version == 1


def test_my_matters_come_by_due_time_a_page_at_a_time(desk: Program, people: dict[str, Account]) -> None:
    for n, moment in enumerate(
        ["2021-09-06 10:00", "2021-09-06 09:00", "2021-09-06 10:00", "2021-09-06 08:30", "2021-09-07 10:00"]
    ):
        with world.at(moment):
            open_matter("request", world.request(f"Q-{n}", kind="路灯"), by=people["desk"])
    notice = Matter.objects.get(record__key="Q-1")
    desk.post(f"/matters/{notice.pk}/suspend", {"basis": "等待鉴定"}, version=1)  # it has no due time now: it comes last
    seen, after = [], ""
    for _ in range(5):
        page = desk.get("/matters/mine", limit=2, after=after).json()
        schemas.Mine.model_validate(page)
        seen += [m["record"]["key"] for m in page["matters"]]
        after = page["next"]
        if after is None:
            break
    assert seen == ["Q-3", "Q-0", "Q-2", "Q-4", "Q-1"]


def test_mine_leaves_out_what_others_own_and_what_is_closed(desk: Program, unit: Program) -> None:
    first, second = opened(desk, "Q-1")["id"], opened(desk, "Q-2")["id"]
    desk.post(f"/matters/{first}/advance", {"to": "handling"}, version=1)
    desk.post(f"/matters/{second}/advance", {"to": "rejected", "changes": {"result": "重复"}}, version=1)
    assert desk.get("/matters/mine").json() == {"matters": [], "next": None}
    assert [m["id"] for m in unit.get("/matters/mine").json()["matters"]] == [first]


def test_mine_leaves_out_what_one_may_no_longer_see(unit: Program, desk: Program, people: dict[str, Account]) -> None:
    pk = opened(desk)["id"]
    desk.post(f"/matters/{pk}/advance", {"to": "handling"}, version=1)
    assert len(unit.get("/matters/mine").json()["matters"]) == 1
    Grant.objects.filter(post__code="post-unit", verb=Verb.VIEW).delete()
    assert unit.get("/matters/mine").json()["matters"] == []


@pytest.mark.parametrize("marker", ["x", "WzEsMl0", "WyJ4IiwxXQ", "bnVsbA", "W251bGwsLTFd", "WyIyMDIxLTA5LTA2VDEwOjAwOjAwIiwxXQ"])
def test_a_page_marker_that_is_none_is_refused(desk: Program, marker: str) -> None:
    answer = desk.get("/matters/mine", after=marker)
    assert answer.status_code == 422
    assert answer.json()["problems"][0]["field"] == "after"


def test_one_matter_comes_with_clocks_exits_and_history(desk: Program, unit: Program) -> None:
    pk = opened(desk, phone="13800001234")["id"]
    desk.post(f"/matters/{pk}/advance", {"to": "handling", "changes": {"kind": "井盖"}, "why": "派单"}, version=1)
    said = unit.get(f"/matters/{pk}").json()
    schemas.WholeMatter.model_validate(said)
    assert [e["verb"] for e in said["history"]] == ["matter.advance", "matter.open"]
    latest = said["history"][0]
    assert latest["changes"] == [{"field": "kind", "before": "路灯", "after": "井盖"}]
    assert (latest["from_stage"]["name"], latest["stage"]["name"], latest["why"]) == ("received", "handling", "派单")
    assert [c["state"] for c in said["clocks"]] == ["stopped", "running"]
    assert {e["to"]: e["needs"] for e in said["exits"]}["closed"] == ["result"]


def test_personal_values_are_masked_for_who_may_not_see_them(desk: Program, people: dict[str, Account]) -> None:
    pk = opened(desk, phone="13800001234")["id"]
    reader = program(people["reader"])
    answer = reader.get(f"/matters/{pk}")
    assert answer.json()["data"]["phone"] == "138****1234"
    assert "13800001234" not in answer.content.decode()
    assert answer.json()["history"][0]["personal"] == ["phone"]
    post = people["reader"].appointments.get().post
    Grant.objects.create(post=post, verb=Verb.PERSONAL, register="requests", area_id=world.COUNTY)
    assert reader.get(f"/matters/{pk}").json()["data"]["phone"] == "13800001234"


def test_a_matter_of_the_next_town_is_not_there(desk: Program, people: dict[str, Account]) -> None:
    pk = opened(desk)["id"]
    other = program(people["other"])
    for answer in (other.get(f"/matters/{pk}"), other.post(f"/matters/{pk}/advance", {"to": "handling"}, version=1)):
        assert answer.status_code == 404
        assert answer.json()["says"] == other.get("/matters/999999").json()["says"]


def test_a_step_that_is_another_posts_is_refused_in_both_languages(desk: Program, unit: Program) -> None:
    pk = opened(desk)["id"]
    unit.language = "en"
    answer = unit.post(f"/matters/{pk}/advance", {"to": "handling"}, version=1)
    assert answer.status_code == 403
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json()["detail"] == answer.json()["says"]["en"]
    assert "负责" in answer.json()["says"]["zh"]
    assert Matter.objects.get().version == 1


def test_what_is_missing_is_named_field_by_field(desk: Program, unit: Program) -> None:
    pk = opened(desk)["id"]
    desk.post(f"/matters/{pk}/advance", {"to": "handling"}, version=1)
    answer = unit.post(f"/matters/{pk}/close", {"to": "closed"}, version=2)
    assert answer.status_code == 422
    assert [p["field"] for p in answer.json()["problems"]] == ["result"]


def test_tasks_run_side_by_side_and_need_no_version(desk: Program, unit: Program) -> None:
    pk = opened(desk)["id"]
    desk.post(f"/matters/{pk}/advance", {"to": "joint"}, version=1)
    assert unit.post(f"/matters/{pk}/complete-task", {"task": "fire", "changes": {"result": "合格"}}).status_code == 200
    assert desk.post(f"/matters/{pk}/complete-task", {"task": "health", "note": "合格"}).status_code == 200
    tasks = {t["name"]: t for t in desk.get(f"/matters/{pk}").json()["tasks"]}
    assert {name: t["state"] for name, t in tasks.items()} == {"fire": "done", "health": "done"}
    assert desk.post(f"/matters/{pk}/return-task", {"task": "health", "why": "缺盖章"}, version=4).status_code == 200


def test_every_other_verb_takes_its_step(desk: Program, unit: Program, people: dict[str, Account]) -> None:
    head = program(people["head"])
    pk = opened(desk)["id"]
    desk.post(f"/matters/{pk}/advance", {"to": "handling"}, version=1)
    step = f"/matters/{pk}"
    took = [
        unit.post(f"{step}/return-for-more", {"wanted": "照片"}, version=2),
        unit.post(f"{step}/resume", {}, version=3),
        unit.post(f"{step}/suspend", {"basis": "等待鉴定", "evidence": "鉴定书"}, version=4),
        unit.post(f"{step}/resume", {}, version=5),
        unit.post(f"{step}/ask-extension", {"amount": "2 workdays", "reason": "雨天"}, version=6),
    ]
    extension = Matter.objects.get().extensions.get().pk
    took += [
        head.post(f"{step}/decide-extension", {"extension": extension, "approve": True}, version=7),
        head.post(f"{step}/urge", {"says": "请抓紧"}, version=8),
        head.post(f"{step}/hand-over", {"to": "post-desk", "why": "代办"}, version=9),
        desk.post(f"{step}/invite", {"organisation": "org-other", "asks": "协助断电", "within": "1 workday"}, version=10),
        desk.post(f"{step}/withdraw", {"why": "诉求人撤回"}, version=11),
        head.post(f"{step}/reopen", {"why": "仍未解决"}, version=12),
    ]
    assert [a.status_code for a in took] == [200] * len(took), [a.content.decode() for a in took if a.status_code != 200]
    assert [a.json()["version"] for a in took] == list(range(3, 14))
    for answer in took:
        schemas.Matter.model_validate(answer.json())


def test_an_invited_unit_answers_though_it_may_not_see_the_matter(desk: Program, people: dict[str, Account]) -> None:
    pk = opened(desk)["id"]
    invited = invite(pk, Organisation.objects.get(code="org-other"), asks="协助", version=1, by=people["desk"])
    other = program(people["other"])
    answer = other.post(f"/matters/{pk}/answer-invitation", {"invitation": invited.pk, "answer": "已断电"})
    assert (answer.status_code, answer.json()) == (200, {"id": pk})


def test_a_number_in_the_body_belongs_to_the_matter_in_the_address(desk: Program, people: dict[str, Account]) -> None:
    first, second = opened(desk, "Q-1")["id"], opened(desk, "Q-2")["id"]
    invited = invite(first, Organisation.objects.get(code="org-other"), asks="协助", version=1, by=people["desk"])
    other = program(people["other"])
    answer = other.post(f"/matters/{second}/answer-invitation", {"invitation": invited.pk, "answer": "已断电"})
    assert answer.status_code == 404


def test_a_read_only_token_changes_nothing(desk: Program, people: dict[str, Account]) -> None:
    pk = opened(desk)["id"]
    shown = create_token(people["desk"], name="大屏", days=1, read_only=True, by=None)
    screen = Program(shown.secret)
    assert screen.get(f"/matters/{pk}").status_code == 200
    assert screen.post(f"/matters/{pk}/advance", {"to": "handling"}, version=1).status_code == 403
    assert Matter.objects.get().version == 1
