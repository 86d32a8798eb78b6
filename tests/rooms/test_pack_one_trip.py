"""Opening a restaurant as one matter: departments side by side under one clock, documents once, commitments, mandates, figures."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from banjie.figures.answers import answer
from banjie.lib.errors import Invalid
from banjie.matters import actions
from banjie.matters.catalogue import in_force
from banjie.matters.definition import TermBy
from banjie.matters.models import Matter
from banjie.packs.demo.loader import DEMO_PASSWORD, load_demo
from banjie.people.installation import install_people
from banjie.people.models import Account, Grant
from banjie.registers.actions import create, update
from banjie.registers.attachments import attach
from banjie.registers.models import Record
from banjie.web.following import Decision, by_code, followed
from tests.rooms.figures_world import COMMITTED
from tests.rooms.matters_world import at, clock
from tests.rooms.one_trip_world import installed

pytestmark = pytest.mark.django_db
MONDAY = "2021-09-06 09:00"
SHOP: dict[str, Any] = {
    "code": "T-1", "name": "资江鱼馆", "theme": "restaurant", "town": "431322001", "channel": "window",
    "received_at": "2021-09-06 09:00", "fire_way": "inspection", "signage": True, "drains": False,
}  # fmt: skip
DECIDED = {"decided_on": "2021-09-08", "licence_no": "第1号"}
HEADS = {"food": "food_head", "fire": "fire_head", "signage": "signage_head", "drainage": "drainage_head"}


@pytest.fixture
def people(tmp_path: Path) -> dict[str, Account]:
    with at("2021-01-04 09:00"):
        for pack in installed(tmp_path):
            install_people(pack.people, by=None, password=DEMO_PASSWORD)
    return {account.username: account for account in Account.objects.all()}


def taken_in(people: dict[str, Account], **values: object) -> Matter:
    """A shop taken in on Monday, its one document registered, and passed to the departments."""
    window = people["window"]
    with at(MONDAY):
        main = actions.open_matter("trip", SHOP | values, by=window)
        serves = {"for_food": True, "for_fire": True, "for_signage": True}
        said = {"trip": "T-1", "number": 1, "kind": "identity", "handed_in_at": "2021-09-06 09:05"}
        create("trip_documents", said | serves, by=window)
        attach(main.record, b"%PDF-1.4\n", "身份证明.pdf", by=window)
        return actions.advance(main, "joint", version=main.version, by=window)


def now_of(matter: Matter) -> Matter:
    return Matter.objects.select_related("record").get(pk=matter.pk)


def branch(main: Matter, item: str) -> Matter:
    return main.branches.select_related("record").get(record__key=f"T-1/{item}")


def decide(main: Matter, item: str, people: dict[str, Account], to: str = "granted", **values: object) -> Matter:
    row = branch(main, item)
    return actions.advance(row, to, version=row.version, by=people[HEADS[item]], changes=DECIDED | values)


def due(matter: Matter) -> str:
    at_ = now_of(matter).due_at
    return f"{at_.astimezone(clock.LOCAL):%m-%d %H:%M}" if at_ else ""


def decisions(main: Matter) -> dict[str, Decision]:
    """What the applicant sees of the departments by the code."""
    return {d.title.zh: d for d in followed(by_code(main.code or "")).branches}


def said_of(decision: Decision) -> tuple[str, str, str]:
    return decision.state.zh, decision.unit.zh if decision.unit else "", decision.by.zh if decision.by else ""


# Side by side


def test_each_department_gets_its_part_with_what_the_form_said_once(people: dict[str, Account]) -> None:
    main = taken_in(people, drains=True)
    found = {b.record.data["item"]: b for b in main.branches.select_related("record", "organisation")}
    assert {item: b.organisation.code for item, b in found.items() if b.organisation} == {
        "food": "market_supervision", "fire": "fire_brigade", "signage": "urban_management", "drainage": "construction_bureau",
    }  # fmt: skip
    assert {b.record.area_id for b in found.values()} == {"431322001"}
    assert {item: due(b) for item, b in found.items()} == {  # what each has promised, in workdays
        "food": "09-14 17:30", "fire": "09-13 17:30", "signage": "09-09 17:30", "drainage": "09-13 17:30",
    }  # fmt: skip
    assert due(main) == "09-18 17:30"  # ten workdays for the whole; Saturday 18 September was worked


def test_a_document_handed_in_once_serves_every_department_and_the_last_takes_the_matter_to_delivery(
    people: dict[str, Account],
) -> None:
    main = taken_in(people)
    with at("2021-09-08 10:00"):
        for item in ("signage", "fire"):
            decide(main, item, people)
            assert now_of(main).stage == "joint"
        decide(main, "food", people)
        assert now_of(main).stage == "delivering"
        assert all(not branch(main, item).record.attachments.exists() for item in ("food", "fire", "signage"))
        delivered = {"delivered_at": "2021-09-08 15:00", "delivery": "post", "visits": 0}
        ended = actions.close(main, version=now_of(main).version, by=people["window"], changes=delivered)
    assert (ended.state, ended.ending, ended.late) == ("closed", "done", False)


def test_nothing_is_passed_on_before_the_documents_are_registered(people: dict[str, Account]) -> None:
    with at(MONDAY):
        main = actions.open_matter("trip", SHOP, by=people["window"])
        with pytest.raises(Invalid, match="请先登记共用材料"):
            actions.advance(main, "joint", version=1, by=people["window"])


def test_a_department_that_asks_for_more_stops_the_joint_clock_and_the_applicant_sees_what_for(
    people: dict[str, Account],
) -> None:
    main = taken_in(people)
    with at("2021-09-07 09:00"):
        asked = branch(main, "signage")
        actions.return_for_more(asked, wanted="招牌效果图须标明尺寸", version=1, by=people["signage_head"])
        shown = followed(by_code(main.code or ""))
        assert shown.wanted == "县城市管理和综合执法局：招牌效果图须标明尺寸"
        assert str(shown.state) == "已暂停"
        decide(main, "food", people)  # the others work on
    grounds = [str(c.events.order_by("pk").last().basis) for c in main.clocks.filter(stage="")]
    assert all("招牌效果图须标明尺寸" in ground and "行政许可法第三十二条" in ground for ground in grounds)
    with at("2021-09-09 09:00"):
        actions.supply(by_code(main.code or ""), answer="尺寸已标明")
    assert (now_of(main).state, branch(main, "signage").state) == ("open", "open")
    assert due(main) == "09-23 17:30"  # two workdays later, and Mid-Autumn (19 to 21 September) lies between
    assert due(branch(main, "signage")) == "09-13 17:30"
    assert now_of(main).record.data["correction_answer"] == "尺寸已标明"


def test_a_department_that_is_late_is_shown_while_the_whole_is_still_in_time(people: dict[str, Account]) -> None:
    main = taken_in(people)
    with at("2021-09-10 09:00"):
        seen = decisions(main)
        decide(main, "signage", people)
        decided = decisions(main)["户外招牌设置"]
    assert said_of(seen["户外招牌设置"]) == ("审查", "县城市管理和综合执法局", "已超期，原定 09-09 17:30")
    assert said_of(seen["食品经营许可"]) == ("审查", "县市场监督管理局", "应于 09-14 17:30 前办结")
    assert (said_of(decided)[0], decided.told) == ("已许可", [("决定日期", "2021-09-08"), ("证照或批文号", "第1号")])
    assert (branch(main, "signage").late, now_of(main).late) == (True, False)


def test_a_department_where_nobody_may_decide_is_found_before_anything_is_passed_on(people: dict[str, Account]) -> None:
    Grant.objects.filter(post__organisation__code="fire_brigade", verb="handle").delete()
    with pytest.raises(Invalid, match="县消防救援大队没有岗位可以办理"):
        taken_in(people)
    main = Matter.objects.get(record__key="T-1")
    assert (main.stage, main.branches.count()) == ("received", 0)


def test_a_matter_taken_up_again_with_another_kind_of_check_says_that_the_first_was_done(people: dict[str, Account]) -> None:
    main = licensed(people)
    with at("2021-09-07 09:00"):
        delivered = {"delivered_at": "2021-09-07 09:00", "delivery": "window", "visits": 1}
        actions.close(main, version=now_of(main).version, by=people["window"], changes=delivered)
        actions.reopen(main, version=now_of(main).version, by=people["approvals"], why="更正")
        record = now_of(main).record
        update(record, {"fire_way": "inspection"}, version=record.version, by=people["approvals"])
        with pytest.raises(Invalid, match="已按「告知承诺审批」办理"):
            actions.advance(main, "joint", version=now_of(main).version, by=people["window"])


# Notice and commitment


def licensed(people: dict[str, Account]) -> Matter:
    main = taken_in(people, fire_way="commitment")
    with at("2021-09-06 15:00"):
        decide(main, "fire", people, "checking", promise_signed=True)
        decide(main, "signage", people)
        decide(main, "food", people)
    return main


def test_without_the_signed_commitment_there_is_no_licence(people: dict[str, Account]) -> None:
    main = taken_in(people, fire_way="commitment")
    with at("2021-09-06 15:00"), pytest.raises(Invalid, match="没有签署承诺书"):
        decide(main, "fire", people, "checking", promise_signed=False)


def test_a_commitment_is_licensed_at_once_and_the_whole_does_not_wait_for_its_check(people: dict[str, Account]) -> None:
    main = licensed(people)
    assert now_of(main).stage == "delivering"
    checked = branch(main, "fire")
    assert (checked.stage, due(checked)) == ("checking", "10-09 17:30")  # twenty workdays; Saturday 9 October was worked


def test_a_false_promise_is_revoked_though_the_matter_is_long_closed(people: dict[str, Account]) -> None:
    main = licensed(people)
    with at("2021-09-07 09:00"):
        delivered = {"delivered_at": "2021-09-07 09:00", "delivery": "window", "visits": 1}
        actions.close(main, version=now_of(main).version, by=people["window"], changes=delivered)
    said = {"checked_on": "2021-09-15", "check_result": "false_promise"}
    with at("2021-09-15 10:00"):
        with pytest.raises(Invalid, match="撤销日期"):
            decide(main, "fire", people, "revoked", **said)
        with pytest.raises(Invalid, match="不是相符"):
            decide(main, "fire", people, "kept", **said)
        decide(main, "fire", people, "revoked", **said, revoked_on="2021-09-15", revocation="疏散通道实为库房")
        seen = decisions(main)["公众聚集场所营业前消防安全检查"]
    assert (branch(main, "fire").ending, now_of(main).ending) == ("rejected", "done")
    assert seen.state.zh == "已撤销许可"
    assert ("撤销决定和理由", "疏散通道实为库房") in seen.told


def test_defects_are_put_right_or_the_licence_is_revoked(people: dict[str, Account]) -> None:
    main = licensed(people)
    with at("2021-09-15 10:00"):
        decide(main, "fire", people, "correcting", checked_on="2021-09-15", check_result="defect", defect="灭火器过期")
    assert due(branch(main, "fire")) == "10-12 17:30"
    with at("2021-09-24 10:00"):
        decide(main, "fire", people, "kept", corrected_on="2021-09-24")
    assert branch(main, "fire").ending == "done"


# Agents


def mandate(people: dict[str, Account], **values: object) -> Record:
    said = {"code": "W-1", "principal": "资江鱼馆", "town": "431322001", "agent": "trip_agent", "theme": "restaurant"}
    dates = {"valid_from": "2021-09-01", "valid_until": "2021-09-06"}
    with at("2021-09-01 09:00"):
        return create("trip_mandates", {**said, **dates, **values}, by=people["agent"])


BY_AGENT = SHOP | {"channel": "agent", "mandate": "W-1", "agent": "trip_agent"}


def test_an_agent_hands_in_on_the_last_day_of_the_mandate_and_no_later(people: dict[str, Account]) -> None:
    mandate(people)
    with at("2021-09-06 17:00"):
        actions.open_matter("trip", BY_AGENT, by=people["agent"])
    with at("2021-09-07 08:30"), pytest.raises(Invalid, match="委托书不在有效期内"):
        actions.open_matter("trip", BY_AGENT | {"code": "T-2"}, by=people["agent"])
    assert not Record.objects.filter(key="T-2").exists()


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"theme": "bakery"}, "委托书不包括这一件事"),
        ({"agent": "shangmei_agent"}, "受托人不是该帮办代办人员"),
        ({"valid_from": "2021-09-06", "valid_until": "2021-12-31", "revoked_on": "2021-09-06"}, "委托已撤销"),
        ({"valid_from": "2021-09-07", "valid_until": "2021-12-31"}, "委托书不在有效期内"),
    ],
)
def test_a_mandate_for_something_else_or_someone_else_does_not_serve(
    people: dict[str, Account], changed: dict[str, object], says: str
) -> None:
    mandate(people, **changed)
    with at(MONDAY), pytest.raises(Invalid, match=says):
        actions.open_matter("trip", BY_AGENT, by=people["agent"])


def test_a_mandate_that_runs_out_does_not_stop_what_was_taken_in(people: dict[str, Account]) -> None:
    held = mandate(people)
    main = taken_in(people, channel="agent", mandate="W-1", agent="trip_agent")
    with at("2021-09-08 10:00"):
        update(held, {"revoked_on": "2021-09-08"}, version=held.version, by=people["agent"])
        for item in ("signage", "fire", "food"):
            decide(main, item, people)
    assert now_of(main).stage == "delivering"


def test_who_comes_by_an_agent_shows_the_mandate(people: dict[str, Account]) -> None:
    with at(MONDAY), pytest.raises(Invalid, match="帮办代办须有委托书"):
        actions.open_matter("trip", SHOP | {"channel": "agent"}, by=people["agent"])


# The applicant


def test_handed_in_from_outside_rated_low_and_called_back(people: dict[str, Account]) -> None:
    asked = {k: v for k, v in SHOP.items() if k not in ("code", "channel", "received_at")}
    with at(MONDAY):
        main = actions.hand_in("trip", asked)
        assert main.record.data["channel"] == "online"
        actions.close(main, to="refused", version=1, by=people["window"], changes={"refusal": "不属本县"})
        actions.rate(main, grade="dissatisfied")
        with pytest.raises(Invalid, match="已评价过"):
            actions.rate(main, grade="satisfied")
    back = main.branches.get()
    assert (back.process, back.owner_post.code if back.owner_post else "") == ("trip_callback", "approval_director")


# The numbers


def test_the_days_that_are_counted_are_those_of_the_clocks(people: dict[str, Account]) -> None:
    """The record tells the days for the figures, the process gives the term: they must say the same."""
    stage = in_force("trip_item").process.stages["review"]
    assert isinstance(stage.within, TermBy)
    assert isinstance(stage.promise, TermBy)
    main = taken_in(people, drains=True)
    for item in ("food", "fire", "signage", "drainage"):
        data = branch(main, item).record.data
        assert stage.within.terms[item] == f"{data['statutory_days']} workdays"
        assert stage.promise.terms[item] == f"{data['promised_days']} workdays"
    commitment = in_force("trip_commitment").process.stages["commitment"]
    assert (commitment.within, commitment.promise) == ("1 workday", None)


def test_a_document_that_serves_nothing_is_not_asked_for(people: dict[str, Account]) -> None:
    with at(MONDAY):
        actions.open_matter("trip", SHOP, by=people["window"])
        said = {"trip": "T-1", "number": 1, "kind": "other", "handed_in_at": "2021-09-06 09:05"}
        with pytest.raises(Invalid, match="不得要求申请人提交"):
            create("trip_documents", said, by=people["window"])


FIGURES = {
    "trip.opened": 28,
    "trip.closed": 28,
    "trip.on_time": 27,
    "trips.items": 90,
    "trips.statutory_days": 28 * 20 + 14 * 1 + 14 * 13 + 22 * 20 + 12 * 20,
    "trips.promised_days": 28 * 6 + 14 * 1 + 14 * 5 + 22 * 3 + 12 * 5,
    "trips.days_saved": 1436 - 378,
    "trips.documents": 28 * 4,
    "trips.document_uses": 28 * 8 + 22 * 2 + 12 * 3,
    "trips.documents_spared": 304 - 112,
    "trips.delivered": 28,
    "trips.visits": 6 * 1 + 7 * 1 + 1 * 2,
    "trips.at_most_one_trip": 27,
    "trips.by_agents": 4,
    "trips.commitments": 14,
    "trips.commitments_revoked": 1,
    "trips.corrected_twice": 0,
    "trips.judged": 27,
    "trips.satisfied": 26,
    "trip_item.returns": 3,
}
RATES = {
    "trip.on_time_rate": "96.4%",
    "trips.days_saved_rate": "73.7%",
    "trips.documents_spared_rate": "63.2%",
    "trips.visits_per_matter": "0.54",
    "trips.at_most_one_trip_rate": "96.4%",
    "trips.commitments_revoked_rate": "7.1%",
}


def test_the_demonstration_goes_every_way(tmp_path: Path) -> None:
    packs = installed(tmp_path)
    load_demo(packs)
    of_the_year = Matter.objects.filter(record__key__startswith="YJS2021-")
    ends = Counter((m.process, m.stage, m.late) for m in of_the_year)
    assert ends == {
        ("trip", "closed", False): 27, ("trip", "closed", True): 1,
        ("trip_item", "granted", False): 73, ("trip_item", "granted", True): 2, ("trip_item", "declined", False): 1,
        ("trip_commitment", "kept", False): 13, ("trip_commitment", "revoked", False): 1,
        ("trip_callback", "closed", False): 1,
    }  # fmt: skip
    held = Matter.objects.filter(process="trip", record__key__startswith="YJS2021-", suspended_seconds__gt=0)
    assert held.count() == 3  # the joint clock stood still with the three that were asked for more
    if COMMITTED:
        return  # PostgreSQL's store of figures reads what is committed; this is rolled back
    said = {name: answer(name, account=None, area="431322", period="2021").value for name in FIGURES}
    assert said == {name: Decimal(value) for name, value in FIGURES.items()}
    assert {name: answer(name, account=None, area="431322", period="2021").display.zh for name in RATES} == RATES
