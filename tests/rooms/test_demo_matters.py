"""Matters of a demonstration: exact counts, the same every time, each step through the same door as people's."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from pathlib import Path

import pytest

from banjie.ledger.models import Entry
from banjie.lib import clock
from banjie.lib.clock import LOCAL
from banjie.lib.errors import Refusal
from banjie.matters.models import Clock, Matter
from banjie.packs import installation
from banjie.packs.actions import install
from banjie.packs.definition import Pack
from banjie.packs.demo.loader import load_demo
from banjie.packs.reader import read
from banjie.people.models import Account
from banjie.places.calendars import official_calendar
from banjie.registers.models import Record
from tests.rooms import county
from tests.rooms.packs_written import problems, write

pytestmark = pytest.mark.django_db

HELP = """
pack: help
title: {zh: 求助, en: Help}
version: "1.0"
organisations:
  - {code: office, area: "431322", name: {zh: 服务中心, en: Service centre}}
  - {code: bureau, area: "431322", name: {zh: 主办局, en: Bureau}}
roles:
  - {name: desk, title: {zh: 窗口, en: Desk}}
  - {name: lead_unit, title: {zh: 主办单位, en: Lead unit}}
  - {name: head, title: {zh: 负责人, en: Head}}
posts:
  - code: clerk
    organisation: office
    name: {zh: 窗口专员, en: Clerk}
    grants: [{verbs: [view, create, update, handle], registers: ["*"], area: "431322"}]
    duties: [{role: desk, area: "431322", begins_on: "2021-01-04"}]
  - code: officer
    organisation: bureau
    name: {zh: 承办人, en: Officer}
    grants: [{verbs: [view, update, handle], registers: ["*"], area: "431322"}]
    duties: [{role: lead_unit, area: "431322", begins_on: "2021-01-04"}]
  - code: chief
    organisation: office
    name: {zh: 主任, en: Chief}
    grants: [{verbs: [view, supervise], registers: ["*"], area: "431322"}]
    duties: [{role: head, area: "431322", begins_on: "2021-01-04"}]
accounts:
  - {username: ann, name: {zh: 安然, en: Ann}, posts: [clerk], begins_on: "2021-01-04"}
  - {username: bob, name: {zh: 柏舟, en: Bob}, posts: [officer], begins_on: "2021-01-04"}
  - {username: cat, name: {zh: 蔡诚, en: Cat}, posts: [chief], begins_on: "2021-01-04"}
registers:
  - name: calls
    title: {zh: 来电, en: Calls}
    key: code
    area: town
    fields:
      - {name: code, type: text, required: true, title: {zh: 编号, en: Code}}
      - {name: town, type: area, required: true, title: {zh: 乡镇, en: Town}}
      - {name: kind, type: text, title: {zh: 类别, en: Kind}}
      - {name: received_at, type: datetime, title: {zh: 来电时间, en: Received}}
      - {name: result, type: text, title: {zh: 结果, en: Result}}
matters:
  - name: call
    title: {zh: 来电办理, en: Call}
    of: calls
    starts: received
    category: kind
    stages:
      received:
        title: {zh: 受理, en: Received}
        owner: desk
        within: 2 hours
        to: {handling: {needs: [kind]}, refused: {needs: [result]}}
      handling:
        title: {zh: 办理, en: Handling}
        owner: lead_unit
        within: 5 workdays
        tasks: [{name: visit, title: {zh: 走访, en: Visit}, owner: desk, within: 1 workday}]
        to:
          closed: {needs: [result], photos: 1}
          received: {returns: true}
      closed: {title: {zh: 办结, en: Closed}, ending: done}
      refused: {title: {zh: 不予受理, en: Refused}, ending: rejected}
"""
DEMO = """
demo:
  - set: calls
    register: calls
    process: call
    by_duty: desk
    why: 接听来电
    count: 12
    recorded: {moment_of: received_at}
    fields:
      code: {make: sequence, pattern: "C{n:02d}"}
      town: {make: areas, within: "431322", level: town}
      kind: {make: shares, of: {water: 8, power: 4}}
      received_at: {make: moment, between: ["2021-03-01", "2021-03-31"]}
      result: 已答复来电人
    journeys:
      - name: refused
        count: 1
        where: {kind: power}
        steps:
          - {do: close, to: refused, after: 0.5 hours, fills: [result], why: 不属本县}
      - name: late
        count: 2
        where: {kind: water}
        steps:
          - {do: accept, after: 0.5 hours}
          - {do: advance, to: handling, after: 0.5 hours}
          - {do: suspend, after: 1 workday, says: "等待{kind}公司复函", evidence: 函〔2021〕3号}
          - {do: resume, after: 3 workdays}
          - {do: ask_extension, after: 1 working hour, amount: 1 workday, says: 需复查}
          - {do: decide_extension, after: 2 working hours, by_duty: head, says: 同意}
          - {do: urge, after: 1 working hour, by_duty: head, says: 抓紧办理}
          - {do: invite, organisation: office, after: 1 working hour, says: 请会同走访}
          - {do: answer, organisation: office, after: 1 working hour, says: 已派员}
          - {do: task, task: visit, after: 1 working hour, says: 已走访}
          - {do: close, after: 9 workdays, photos: 2, files: 1, fills: [result]}
      - name: usual
        count: 8
        steps:
          - {do: advance, to: handling, after: [0.5 hours, 1.5 hours]}
          - {do: task, task: visit, after: [1 working hour, 5 working hours]}
          - {do: close, after: [1 workday, 3 workdays], photos: 1, fills: [result]}
      - name: waiting
"""


@pytest.fixture
def areas() -> None:
    county.areas()


def pack(folder: Path, demo: str = DEMO) -> Pack:
    made = read(write(folder / "help", pack=HELP, demo=demo), installation.known())
    install(made, by=None)
    return made


@pytest.mark.usefixtures("areas")
@pytest.mark.parametrize("scale", [1, 2])
def test_each_way_is_gone_by_exactly_so_many(scale: int, tmp_path: Path) -> None:
    load_demo([pack(tmp_path)], scale=scale)
    ends = Counter((m.stage, m.late) for m in Matter.objects.all())
    assert ends == {
        ("closed", False): 8 * scale,
        ("closed", True): 2 * scale,
        ("refused", False): scale,
        ("received", False): scale,
    }
    assert Counter(m.record.data["kind"] for m in Matter.objects.all()) == {"water": 8 * scale, "power": 4 * scale}


@pytest.mark.usefixtures("areas")
def test_each_step_was_taken_by_whoever_answers_and_at_its_time(tmp_path: Path) -> None:
    load_demo([pack(tmp_path)])
    late = Matter.objects.filter(late=True).first()
    assert late is not None
    entries = list(Entry.objects.of(late.record.chain))
    people = dict(Account.objects.values_list("pk", "username"))
    names = [(e.verb.removeprefix("matter."), people[e.actor_id]) for e in entries if e.verb.startswith("matter.")]
    assert [verb for verb, _ in names] == [
        "open", "accept", "advance", "suspend", "resume", "extend", "extend", "urge", "invite", "invite", "task", "close",
    ]  # fmt: skip
    assert [name for _, name in names] == ["ann", "ann", "ann", "bob", "bob", "bob", "cat", "cat", "bob", "ann", "ann", "bob"]
    moments = [e.at for e in entries]
    assert moments == sorted(moments)
    assert (moments[1] - moments[0]).total_seconds() == 1800
    assert {e.origin for e in entries} == {"demo"}
    assert "等待water公司复函" in str(entries[3].body)
    calendar = official_calendar()
    assert all(calendar.is_workday(e.at.astimezone(LOCAL).date()) for e in entries)
    assert late.record.attachments.count() == 3


@pytest.mark.usefixtures("areas")
def test_a_field_that_a_step_fills_is_empty_before(tmp_path: Path) -> None:
    load_demo([pack(tmp_path)])
    closed = Matter.objects.filter(stage="closed").first()
    assert closed is not None
    first, *_, last = Entry.objects.of(closed.record.chain).filter(verb__startswith="matter.")
    assert first.body["data"].get("result") is None
    assert last.body["data"]["result"] == "已答复来电人"
    waiting = Matter.objects.get(stage="received")
    assert waiting.record.data.get("result") is None


@pytest.mark.usefixtures("areas")
def test_what_has_not_come_to_pass_yet_is_left_out(tmp_path: Path) -> None:
    noon = datetime(2021, 3, 15, 12, 0, tzinfo=LOCAL)
    with clock.simulated(noon):
        made = pack(tmp_path)
        load_demo([made])
    assert 0 < Matter.objects.count() < 12
    assert Matter.objects.filter(closed_at=None).exists()
    assert not Entry.objects.filter(at__gt=noon).exists()


@pytest.mark.usefixtures("areas")
def test_matters_may_be_handed_in_some_days_before_the_loading(tmp_path: Path) -> None:
    recent = DEMO.replace("recorded: {moment_of: received_at}", "recorded: {days_ago: [9, 1]}")
    with clock.simulated(datetime(2021, 9, 10, 18, 0, tzinfo=LOCAL)):
        load_demo([pack(tmp_path, recent)])
    days = {m.opened_at.astimezone(LOCAL).date().isoformat() for m in Matter.objects.all()}
    assert "2021-09-01" <= min(days) <= max(days) <= "2021-09-09"
    assert len(days) > 2
    assert Clock.objects.filter(state="running").exists()


@pytest.mark.usefixtures("areas")
def test_the_same_every_time(tmp_path: Path) -> None:
    made = pack(tmp_path)
    load_demo([made])

    def told() -> list[tuple[object, ...]]:
        chains = [r.chain for r in Record.objects.of("calls").order_by("key")]
        return [(e.verb, e.at, e.body["key"], e.why) for chain in chains for e in Entry.objects.of(chain)]

    first = told()
    assert len(first) > 60
    again = read(write(tmp_path / "help", pack=HELP, demo=DEMO.replace('"C{n:02d}"', '"D{n:02d}"')), installation.known())
    load_demo([again])
    second = told()[len(first) :]
    assert [(verb, at, key[1:], why) for verb, at, key, why in first] == [(v, at, key[1:], why) for v, at, key, why in second]  # type: ignore[index]


@pytest.mark.usefixtures("areas")
def test_a_step_that_the_door_refuses_is_told_and_nothing_is_written(tmp_path: Path) -> None:
    made = pack(tmp_path, DEMO.replace("photos: 1, fills", "fills"))
    with pytest.raises(Refusal, match=r"不能 close：.*照片"):
        load_demo([made])
    assert not Matter.objects.exists()


@pytest.mark.usefixtures("areas")
def test_more_than_there_are_cannot_go_a_way(tmp_path: Path) -> None:
    with pytest.raises(Refusal, match="要 9 件，符合条件的只有"):
        load_demo(
            [pack(tmp_path, DEMO.replace("count: 2\n        where: {kind: water}", "count: 9\n        where: {kind: water}"))]
        )


# What is written instead of what → a part of what is said, at which place.
FAULTS = {
    "an exit that the stage has not": ("to: handling, after: [", "to: closed, after: [", "the stage received has no exit closed"),
    "a task that the stage has not": ("task: visit, after: [", "task: call, after: [", "the stage handling has no task call"),
    "work while it stands still": ("          - {do: resume, after: 3 workdays}\n", "", "the matter is suspended then"),
    "a step after the end": (
        "why: 不属本县}\n", "why: 不属本县}\n          - {do: accept, after: 1 hour}\n", "the matter is closed (refused) by then",
    ),
    "a field that is not there": ("photos: 2, files: 1, fills: [result]", "fills: [results]", "no field called results"),
    "a process that is not there": ("process: call", "process: visit", "no process called visit"),
    "a verb that is not there": ("{do: accept, after: 0.5 hours}", "{do: accepts, after: 0.5 hours}", "do must be"),
    "a step without what it needs": ("task: visit, after: 1", "after: 1", "task needs task"),
    "both ends of a span in another unit": ("[0.5 hours, 1.5 hours]", "[0.5 hours, 2 workdays]", "need the same unit"),
    "no time": ("{do: accept, after: 0.5 hours}", "{do: accept}", "give one of after, at and at_of"),
    "a field filled in where none can be": ("{do: accept, after: 0.5 hours}", "{do: accept, after: 0.5 hours, fills: [kind]}", "can fill in"),
    "ways without a process": ("    process: call\n", "", "journeys need process"),
    "a moment in a field that is not there": ("moment_of: received_at", "moment_of: came_at", "no field called came_at"),
}  # fmt: skip


@pytest.mark.usefixtures("areas")
@pytest.mark.parametrize("fault", FAULTS)
def test_a_faulty_way_is_found_when_the_pack_is_checked(fault: str, tmp_path: Path) -> None:
    old, new, says = FAULTS[fault]
    assert old in DEMO
    found = problems(write(tmp_path / "help", pack=HELP, demo=DEMO.replace(old, new)), installation.known())
    assert len(found) == 1, found
    assert found[0].startswith("demo.yaml:")
    assert says in found[0]
