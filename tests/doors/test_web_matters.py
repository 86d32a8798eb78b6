"""Matters through the browser's door: the list by due time, the record's page, each step with its refusals."""

from __future__ import annotations

from io import BytesIO

import pytest
from django.test import Client
from django.urls import reverse
from tests.doors.web_world import as_person
from tests.rooms import matters_world as world
from tests.rooms.matters_world import at, request

from banjie.matters import actions
from banjie.matters.models import Clock, Extension, Invitation, Matter, Task
from banjie.people.models import Account, Grant, Organisation, Post
from banjie.people.verbs import Verb

pytestmark = pytest.mark.django_db


@pytest.fixture
def people() -> dict[str, Account]:
    return world.build()


@pytest.fixture
def matter(people: dict[str, Account]) -> Matter:
    with at(world.MONDAY):
        return actions.open_matter("request", request(), by=people["desk"])


def seen(client: Client, address: str, **sent: object) -> str:
    response = client.get(address, sent)
    assert response.status_code == 200, response.content.decode()[:3000]
    return response.content.decode()


def record_page(client: Client, matter: Matter) -> str:
    return seen(client, reverse("record", args=[matter.record_id]))


def step(matter: Matter, verb: str, item: str = "") -> str:
    return reverse("matter-step-of", args=[matter.pk, verb, item]) if item else reverse("matter-step", args=[matter.pk, verb])


# --- the list ----------------------------------------------------------------------------------------------------


def test_my_matters_come_by_due_time_with_what_is_left_in_words(people: dict[str, Account], matter: Matter) -> None:
    with at("2021-09-06 09:00"):
        actions.open_matter("request", request("Q-2"), by=people["desk"])
    with at("2021-09-06 11:30"):
        page = seen(as_person(people["desk"]), reverse("matters"))
    assert page.index("Q-2") < page.index("Q-1")
    assert "已超期 30 分钟" in page
    assert "还有 30 分钟" in page


def test_who_has_nothing_is_told_so(people: dict[str, Account], matter: Matter) -> None:
    assert "没有由您办理的事项" in seen(as_person(people["reader"]), reverse("matters"))


def test_the_list_can_be_narrowed_and_shows_nobody_more_than_they_may_see(people: dict[str, Account], matter: Matter) -> None:
    reader, other = as_person(people["reader"]), as_person(people["other"])
    with at("2021-09-06 11:30"):
        assert "Q-1" in seen(reader, reverse("matters"), whose="all")
        assert "Q-1" not in seen(other, reverse("matters"), whose="all")
        assert "Q-1" in seen(reader, reverse("matters"), whose="all", process="request", stage="received")
        assert "Q-1" not in seen(reader, reverse("matters"), whose="all", process="request", stage="handling")
        assert "Q-1" not in seen(reader, reverse("matters"), whose="all", overdue="1")
        assert "Q-1" not in seen(reader, reverse("matters"), whose="all", state="closed")


def test_pages_go_by_key_there_and_back(people: dict[str, Account]) -> None:
    with at(world.MONDAY):
        for n in range(53):
            actions.open_matter("request", request(f"Q-{n:02}"), by=people["desk"])
    client = as_person(people["desk"])
    with at(world.MONDAY):
        first = client.get(reverse("matters"))
        second = client.get(first.context["next"])
        back = client.get(second.context["previous"])
    assert [len(r.context["rows"]) for r in (first, second, back)] == [50, 3, 50]
    assert [r.name for r in back.context["rows"]] == [r.name for r in first.context["rows"]]


def test_a_page_marker_that_is_none_is_refused(people: dict[str, Account]) -> None:
    assert as_person(people["desk"]).get(reverse("matters"), {"after": "nonsense"}).status_code == 422


def test_the_number_of_queries_does_not_grow_with_the_list(
    people: dict[str, Account], django_assert_max_num_queries: pytest.FixtureRequest
) -> None:
    with at(world.MONDAY):
        for n in range(20):
            actions.open_matter("request", request(f"Q-{n:02}"), by=people["desk"])
        client = as_person(people["desk"])
        client.get(reverse("matters"))
        with django_assert_max_num_queries(24):  # type: ignore[operator]
            client.get(reverse("matters"))


def test_the_workbench_shows_the_most_urgent(people: dict[str, Account], matter: Matter) -> None:
    with at("2021-09-06 13:00"):
        page = seen(as_person(people["desk"]), reverse("workbench"))
    assert "我的事项" in page
    assert "1 件超期" in page
    assert "Q-1" in page


# --- the record's page ---------------------------------------------------------------------------------------------


def test_the_record_shows_where_the_matter_is_and_why_it_is_due_then(people: dict[str, Account], matter: Matter) -> None:
    with at("2021-09-06 11:00"):
        page = record_page(as_person(people["desk"]), matter)
    assert 'aria-current="step"' in page
    assert "2021-09-06 12:00" in page
    assert "连续计算 2小时" in page
    assert reverse("matter-step-of", args=[matter.pk, "advance", "handling"]) in page
    assert "登记并开始办理「诉求办理」" in page


def test_who_may_not_act_sees_no_button(people: dict[str, Account], matter: Matter) -> None:
    page = record_page(as_person(people["reader"]), matter)
    assert f"/matters/{matter.pk}/" not in page
    assert "下一步由" in page


# --- steps -----------------------------------------------------------------------------------------------------------


def test_a_step_asks_for_its_fields_and_takes_the_matter_on(people: dict[str, Account], matter: Matter) -> None:
    client = as_person(people["desk"])
    with at("2021-09-06 11:00"):
        assert 'name="kind"' in seen(client, step(matter, "advance", "handling"))
        sent = client.post(step(matter, "advance", "handling"), {"version": 1, "kind": "办证", "why": "转洋溪"})
    assert sent.status_code == 302
    matter.refresh_from_db()
    assert matter.stage == "handling"
    page = record_page(client, matter)
    assert "由「受理」转到「办理」" in page
    assert "填写kind项为 办证" in page
    assert "转洋溪" in page


def test_a_refused_step_says_why_and_keeps_what_was_typed(people: dict[str, Account], matter: Matter) -> None:
    client = as_person(people["desk"])
    with at("2021-09-06 11:00"):
        answer = client.post(step(matter, "advance", "handling"), {"version": 1, "kind": "", "why": "写了很多"})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "这一步必须填写" in page
    assert "写了很多" in page
    matter.refresh_from_db()
    assert (matter.stage, matter.version) == ("received", 1)


def test_who_comes_second_is_told_who_moved_it_and_where_it_is(people: dict[str, Account], matter: Matter) -> None:
    second = as_person(people["desk"])
    with at("2021-09-06 11:00"):
        actions.accept(matter, version=1, by=people["desk"])
        answer = second.post(step(matter, "advance", "handling"), {"version": 1, "kind": "办证", "why": "我写的"})
        page = answer.content.decode()
        assert answer.status_code == 409
        assert "他人已先一步办理" in page
        assert "接办「受理」环节" in page
        assert "我写的" in page
        assert 'name="version" value="2"' in page
        assert second.post(step(matter, "advance", "handling"), {"version": 2, "kind": "办证"}).status_code == 302
        gone = second.post(step(matter, "advance", "rejected"), {"version": 2, "why": "也写了很多"})
    assert gone.status_code == 409
    assert "也写了很多" in gone.content.decode()
    assert "现在在「办理」环节" in gone.content.decode()


def test_a_notice_that_has_not_run_is_given_as_the_reason(people: dict[str, Account], matter: Matter) -> None:
    client = as_person(people["desk"])
    with at("2021-09-06 11:00"):
        actions.advance(matter, "noticed", version=1, by=people["desk"])
        assert "法定期限未满" in seen(client, step(matter, "advance", "handling"))
        answer = client.post(step(matter, "advance", "handling"), {"version": 2})
    assert answer.status_code == 422
    assert "法定期限未满" in answer.content.decode()


def test_a_notice_is_taken_down_and_put_up_again(people: dict[str, Account], matter: Matter) -> None:
    client = as_person(people["desk"])
    with at("2021-09-06 11:00"):
        actions.advance(matter, "noticed", version=1, by=people["desk"])
    with at("2021-09-08 11:00"):
        assert client.post(step(matter, "take_down"), {"version": 2, "why": ""}).status_code == 422
        assert client.post(step(matter, "take_down"), {"version": 2, "why": "公告栏被撕"}).status_code == 302
        assert "公告栏被撕" in record_page(client, matter)
        assert client.get(step(matter, "put_up")).status_code == 200
        assert client.post(step(matter, "put_up"), {"version": 3}).status_code == 302


def test_somebody_elses_step_is_refused(people: dict[str, Account], matter: Matter) -> None:
    answer = as_person(people["unit"]).post(step(matter, "advance", "handling"), {"version": 1, "kind": "x"})
    assert answer.status_code == 403
    assert "不在您的岗位职责之内" in answer.content.decode()
    assert as_person(people["other"]).get(step(matter, "accept")).status_code == 404


def test_a_step_that_there_is_not_is_not_found(people: dict[str, Account], matter: Matter) -> None:
    client = as_person(people["desk"])
    for verb, item in (("fly", ""), ("advance", "moon"), ("task", "fire"), ("decide_extension", "9")):
        assert client.get(step(matter, verb, item)).status_code == 404


def test_a_suspension_shows_what_it_does_to_the_due_time(people: dict[str, Account], matter: Matter) -> None:
    desk = as_person(people["desk"])
    with at("2021-09-06 11:00"):
        assert "若 1 个工作日后（2021-09-07）恢复" in seen(desk, step(matter, "suspend"))
        assert desk.post(step(matter, "suspend"), {"version": 1, "basis": "行政许可法第四十五条"}).status_code == 302
        assert "暂停计时，依据：行政许可法第四十五条" in record_page(desk, matter)
    with at("2021-09-06 14:00"):
        form = seen(desk, step(matter, "resume"))
        assert "暂停前的期限" in form
        assert "2021-09-06 15:00" in form  # an hour was left when it was suspended
        assert desk.post(step(matter, "resume"), {"version": 2}).status_code == 302
    matter.refresh_from_db()
    assert matter.state == "open"


def test_more_time_is_asked_for_and_decided(people: dict[str, Account], matter: Matter) -> None:
    desk, head = as_person(people["desk"]), as_person(people["head"])
    with at("2021-09-06 11:00"):
        clock = Clock.objects.get(matter=matter)
        refused = desk.post(step(matter, "ask_extension"), {"version": 1, "clock": clock.pk, "amount": "two", "reason": "等"})
        assert refused.status_code == 422
        sent = {"version": 1, "clock": clock.pk, "amount": "2", "reason": "等检测报告"}
        assert desk.post(step(matter, "ask_extension"), sent).status_code == 302
        asked = Extension.objects.get()
        assert "待我审批的延期" in seen(head, reverse("matters"))
        assert "待我审批的延期" not in seen(desk, reverse("matters"))
        form = seen(head, step(matter, "decide_extension", str(asked.pk)))
        assert "同意延长 2小时" in form.replace("2 小时", "2小时")
        assert head.post(step(matter, "decide_extension", str(asked.pk)), {"version": 2}).status_code == 422
        done = head.post(step(matter, "decide_extension", str(asked.pk)), {"version": 2, "approve": "yes"})
    assert done.status_code == 302
    asked.refresh_from_db()
    assert asked.state == "approved"


def test_a_matter_is_handed_over_to_a_post_that_may_handle_it(people: dict[str, Account], matter: Matter) -> None:
    desk = as_person(people["desk"])
    with at("2021-09-06 11:00"):
        form = seen(desk, step(matter, "hand_over"))
        assert "post-unit" in form
        assert "post-other" not in form  # handles in another town
        assert desk.post(step(matter, "hand_over"), {"version": 1, "why": "归口"}).status_code == 422
        assert desk.post(step(matter, "hand_over"), {"version": 1, "why": "归口", "to": "post-unit"}).status_code == 302
    matter.refresh_from_db()
    assert matter.owner_post == Post.objects.get(code="post-unit")


def test_an_invited_unit_answers_also_where_it_may_not_see_the_record(people: dict[str, Account], matter: Matter) -> None:
    desk, other = as_person(people["desk"]), as_person(people["other"])
    with at("2021-09-06 11:00"):
        sent = {"version": 1, "organisation": "org-other", "asks": "请现场核实", "within": "2 workdays"}
        assert desk.post(step(matter, "invite"), sent).status_code == 302
        asked = Invitation.objects.get(organisation=Organisation.objects.get(code="org-other"))
        address = reverse("invitation", args=[asked.pk])
        assert "请现场核实" in seen(other, reverse("matters"))
        page = seen(other, address)
        assert "Q-1" not in page
        assert other.post(address, {"answers": "yes", "answer": " "}).status_code == 422
        assert other.post(address, {"answers": "yes", "answer": "已核实"}).status_code == 302
        assert other.get(address).status_code == 404
        assert as_person(people["reader"]).get(address).status_code == 404
    assert "答复协办：已核实" in record_page(desk, matter)


def test_tasks_are_finished_by_their_owners_and_sent_back(people: dict[str, Account], matter: Matter) -> None:
    desk, unit = as_person(people["desk"]), as_person(people["unit"])
    with at("2021-09-06 11:00"):
        actions.advance(matter, "joint", version=1, by=people["desk"])
        assert "消防" in seen(unit, reverse("matters"))
        assert unit.post(step(matter, "task", "fire"), {"version": 2}).status_code == 422
        assert unit.post(step(matter, "task", "fire"), {"version": 2, "result": "合格", "note": "看过"}).status_code == 302
        assert "完成任务「消防」：看过" in record_page(desk, matter)
        matter.refresh_from_db()
        again = desk.post(step(matter, "return_task", "fire"), {"version": matter.version, "why": "缺签字"})
    assert again.status_code == 302
    assert Task.objects.filter(name="fire", state="open").count() == 1


def test_the_other_verbs_work_through_their_forms(people: dict[str, Account], matter: Matter) -> None:
    desk, head = as_person(people["desk"]), as_person(people["head"])
    with at("2021-09-06 11:00"):
        assert desk.post(step(matter, "accept"), {"version": 1}).status_code == 302
        assert head.post(step(matter, "urge"), {"version": 2, "says": "请抓紧"}).status_code == 302
        assert desk.post(step(matter, "return_for_more"), {"version": 3, "wanted": "身份证明"}).status_code == 302
        assert "退回补正并暂停计时：身份证明" in record_page(desk, matter)
        assert desk.post(step(matter, "withdraw"), {"version": 4, "why": "不办了"}).status_code == 302
        assert "撤回了事项" in record_page(desk, matter)
        assert head.post(step(matter, "reopen"), {"version": 5, "why": "又要办"}).status_code == 302
        assert "重新办理，回到「受理」" in record_page(desk, matter)


def test_files_sent_with_a_step_are_kept_even_if_it_is_refused(people: dict[str, Account], matter: Matter) -> None:
    desk = as_person(people["desk"])
    content = BytesIO(b"evidence\n")
    content.name = "证据.txt"
    with at("2021-09-06 11:00"):
        answer = desk.post(step(matter, "advance", "handling"), {"version": 1, "kind": "", "files": content})
    assert answer.status_code == 422
    assert [a.name for a in matter.record.attachments.all()] == ["证据.txt"]


def test_a_text_that_is_too_long_is_refused_and_not_cut(people: dict[str, Account], matter: Matter) -> None:
    answer = as_person(people["desk"]).post(step(matter, "withdraw"), {"version": 1, "why": "长" * 2001})
    assert answer.status_code == 422
    assert "最多 2000 字" in answer.content.decode()


def test_english_pages_have_no_chinese_interface(people: dict[str, Account], matter: Matter) -> None:
    client = as_person(people["desk"])
    client.cookies["banjie_language"] = "en"
    with at("2021-09-06 11:00"):
        assert "My matters" in seen(client, reverse("matters"))
        page = record_page(client, matter)
    assert "What can follow" in page
    assert "1 hour left" in page


def test_a_photo_may_be_added_where_one_may_update(people: dict[str, Account], matter: Matter) -> None:
    assert 'type="file"' in seen(as_person(people["desk"]), step(matter, "advance", "handling"))
    Grant.objects.filter(post__code="post-desk", verb=Verb.UPDATE).delete()
    assert 'type="file"' not in seen(as_person(people["desk"]), step(matter, "advance", "handling"))
