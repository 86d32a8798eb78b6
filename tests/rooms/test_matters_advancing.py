"""A matter on its way: whose turn it is, what a step needs, and what becomes of wrong moves."""

from __future__ import annotations

import pytest

from banjie.ledger.models import Entry
from banjie.lib.errors import Conflict, Invalid, NotFound, NotPermitted
from banjie.matters.actions import advance, close, open_matter
from banjie.matters.models import Clock, ClockEvent, Matter
from banjie.people.models import Account
from tests.rooms import matters_world as world
from tests.rooms.matters_world import at, request

pytestmark = pytest.mark.django_db


@pytest.fixture
def people() -> dict[str, Account]:
    return world.build()


def opened(people: dict[str, Account], **values: object) -> Matter:
    with at(world.MONDAY):
        return open_matter("request", request(**values), by=people["desk"])


def state(matter: Matter) -> tuple[object, ...]:
    fresh = Matter.objects.get(pk=matter.pk)
    entries = Entry.objects.of(fresh.record.chain).count()
    events = ClockEvent.objects.filter(clock__matter=matter).count()
    return fresh.stage, fresh.state, fresh.version, fresh.due_at, fresh.record.version, fresh.record.data, entries, events


def test_a_matter_begins_with_an_owner_a_due_time_a_code_and_a_promise(people: dict[str, Account]) -> None:
    matter = Matter.objects.get(pk=opened(people).pk)
    assert (matter.stage, matter.state, matter.version) == ("received", "open", 1)
    assert matter.owner_post.code == "post-desk"
    assert f"{matter.due_at:%F %R}" == "2021-09-06 04:00"  # 12:00 in Xinhua
    assert len(matter.code) == 10
    assert matter.promised["clocks"][0]["term"] == "2 hours"
    clock = Clock.objects.get(matter=matter)
    assert f"{clock.warn_at:%R}" == "03:00"
    assert clock.next_sweep_at == clock.warn_at
    entry = Entry.objects.of(matter.record.chain).get()
    assert entry.verb == "matter.open"
    assert entry.body["data"] == {"code": "Q-1", "town": world.YANGXI}
    assert entry.body["matter"]["stage"] == "received"


def test_a_step_moves_the_matter_its_owner_and_its_clocks_in_one_entry(people: dict[str, Account]) -> None:
    matter = opened(people)
    with at("2021-09-06 11:00"):
        advance(matter, "handling", version=1, by=people["desk"], changes={"kind": "路灯", "phone": "13800000000"})
    matter = Matter.objects.get(pk=matter.pk)
    assert (matter.stage, matter.version, matter.owner_post.code) == ("handling", 2, "post-unit")
    assert f"{matter.due_at:%F %R}" == "2021-09-13 09:30"  # five workdays, 17:30 there
    assert not matter.late
    assert [c.state for c in matter.clocks.order_by("pk")] == ["stopped", "running"]
    last = Entry.objects.of(matter.record.chain).order_by("index").last()
    assert (last.verb, last.body["before"], last.body["matter"]["from_stage"]) == ("matter.advance", {"kind": None}, "received")
    assert "13800000000" not in str(last.body)
    assert last.personal_values.count() == 1


def test_an_ending_closes_the_matter_and_says_how_long_it_took(people: dict[str, Account]) -> None:
    matter = opened(people, kind="路灯")
    with at("2021-09-06 13:00"):
        matter = advance(matter, "handling", version=1, by=people["desk"])
    with at("2021-09-07 09:30"):
        matter = close(matter, version=2, by=people["unit"], to="closed", changes={"result": "已修复"})
    assert (matter.state, matter.ending, matter.due_at, matter.late) == ("closed", "done", None, True)  # received took 3 hours
    last = Entry.objects.of(matter.record.chain).order_by("index").last()
    assert (last.verb, last.body["matter"]["working_minutes"], last.body["matter"]["on_time"]) == ("matter.close", 360, False)
    assert not Clock.objects.filter(matter=matter).standing().exists()


WRONG = {
    "another post": (lambda m, p: advance(m, "handling", version=1, by=p["unit"]), NotPermitted, "负责"),
    "no right to handle": (lambda m, p: advance(m, "handling", version=1, by=p["reader"]), NotPermitted, "权限"),
    "another town": (lambda m, p: advance(m, "handling", version=1, by=p["other"]), NotFound, "没有"),
    "no such way": (lambda m, p: advance(m, "closed", version=1, by=p["desk"]), Invalid, "不能转到"),
    "no such stage": (lambda m, p: advance(m, "nowhere", version=1, by=p["desk"]), Invalid, "不能转到"),
    "a field is missing": (lambda m, p: advance(m, "handling", version=1, by=p["desk"]), Invalid, "必须填写"),
    "somebody was faster": (lambda m, p: advance(m, "handling", version=7, by=p["desk"]), Conflict, "先一步"),
    "a bad value": (lambda m, p: advance(m, "handling", version=1, by=p["desk"], changes={"amount": "many"}), Invalid, "数字"),
    "no ending": (lambda m, p: close(m, version=1, by=p["desk"], to="closed"), Invalid, "不能转到"),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_a_wrong_move_is_refused_in_both_languages_and_changes_nothing(people: dict[str, Account], wrong: str) -> None:
    matter = opened(people)
    before = state(matter)
    move, error, word = WRONG[wrong]
    with at("2021-09-06 11:00"), pytest.raises(error) as refused:
        move(matter, people)
    assert word in refused.value.says.zh
    assert refused.value.says.en
    assert state(matter) == before


def test_a_closed_matter_stays_closed(people: dict[str, Account]) -> None:
    matter = opened(people)
    with at("2021-09-06 11:00"):
        advance(matter, "rejected", version=1, by=people["desk"], changes={"result": "不属本县"})
        before = state(matter)
        with pytest.raises(Invalid, match="已办结"):
            advance(matter, "handling", version=2, by=people["desk"])
    assert state(matter) == before


def test_a_guard_is_over_the_record_as_it_would_be(people: dict[str, Account]) -> None:
    matter = opened(people, kind="路灯")
    with at("2021-09-06 11:00"):
        matter = advance(matter, "handling", version=1, by=people["desk"])
        with pytest.raises(Invalid, match="一千元"):
            advance(matter, "closed", version=2, by=None, changes={"result": "好", "amount": "1000.01"})
        assert advance(matter, "closed", version=2, by=None, changes={"result": "好", "amount": "1000"}).state == "closed"


def test_the_statutory_notice_must_have_run(people: dict[str, Account]) -> None:
    matter = opened(people)
    with at("2021-09-06 11:00"):
        matter = advance(matter, "noticed", version=1, by=people["desk"])
    assert matter.due_at is None  # a notice is nothing to be late with
    with at("2021-09-18 23:59"), pytest.raises(Invalid, match="2021-09-19 00:00"):  # make-up Sat 18 counts
        advance(matter, "handling", version=2, by=people["desk"])
    with at("2021-09-19 00:00"):
        assert advance(matter, "handling", version=2, by=people["desk"]).stage == "handling"


def test_a_matter_without_anybody_who_answers_is_not_taken_in(people: dict[str, Account]) -> None:
    world.Duty.objects.filter(role="desk").delete()
    with at(world.MONDAY), pytest.raises(Invalid, match="窗口"):
        open_matter("request", request(), by=people["desk"])
    assert not Matter.objects.exists()
    assert not Entry.objects.filter(verb="matter.open").exists()
