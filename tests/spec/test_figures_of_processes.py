"""What every process is counted by, for nothing: read from the steps of its matters, as of any date.

Three requests in September 2021. A is received on Monday the 6th, waits until Tuesday and is closed late; B is closed in time the
same day; C is received on the 8th and left lying. A request is to be dispatched within two hours.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from tests.rooms import county
from tests.rooms import matters_world as world
from tests.rooms.figures_world import COMMITTED

from banjie.figures.actions import install_figures
from banjie.figures.answers import Answer, answer
from banjie.figures.definition import Figure
from banjie.figures.processes import process_figures
from banjie.figures.tracing import trace
from banjie.ledger.models import Entry
from banjie.lib.dates import parse_moment
from banjie.lib.errors import DefinitionError, NotPermitted
from banjie.matters.actions import advance, open_matter
from banjie.matters.catalogue import in_force
from banjie.matters.models import Matter
from banjie.people.models import Account
from banjie.people.verbs import Verb
from banjie.registers.actions import remove
from banjie.registers.catalogue import catalogue
from banjie.registers.definition import Register
from banjie.registers.models import Record

pytestmark = pytest.mark.django_db(transaction=COMMITTED)
D = Decimal


@pytest.fixture
def people() -> dict[str, Account]:
    people = world.build()
    process = in_force("request").process
    made = process_figures(process, register=catalogue().register("requests"))
    install_figures(list(made), pack="test", by=None)
    taken("A", "2021-09-06 10:00")
    taken("B", "2021-09-06 10:30")
    step("B", "handling", "2021-09-06 11:00", kind="road")
    step("B", "closed", "2021-09-06 15:00", result="done")
    step("A", "handling", "2021-09-07 10:00", kind="water")
    step("A", "received", "2021-09-07 11:00")
    step("A", "handling", "2021-09-07 11:30")
    step("A", "closed", "2021-09-07 15:00", result="done")
    taken("C", "2021-09-08 10:00")
    return people


def taken(code: str, moment: str) -> None:
    with world.at(moment):
        open_matter("request", world.request(code), by=None)


def step(code: str, to: str, moment: str, **changes: Any) -> None:
    matter = Matter.objects.get(record__key=code)
    with world.at(moment):
        advance(matter.pk, to, version=matter.version, by=None, changes=changes)


def ask(name: str, period: str | None = "2021-09", **more: Any) -> Answer:
    if isinstance(more.get("as_of"), str):
        more["as_of"] = parse_moment(more["as_of"])
    return answer(f"request.{name}", account=more.pop("account", None), period=period, **more)


def parts(name: str, by: str, **more: Any) -> dict[str, Decimal | None]:
    return {p.code: p.value for p in ask(name, by=by, **more).parts}


@pytest.mark.parametrize(
    ("figure", "as_of", "expected"),
    [
        ("opened", None, 3),
        ("opened", "2021-09-06 10:15", 1),
        ("closed", None, 2),
        ("closed", "2021-09-06 18:00", 1),
        ("on_time", None, 1),
        ("on_time_rate", None, D("0.5")),
        ("open_now", None, 1),
        ("open_now", "2021-09-06 18:00", 1),
        ("overdue", "2021-09-06 11:59", 0),
        ("overdue", "2021-09-06 12:01", 1),
        ("overdue", "2021-09-07 18:00", 1),
        ("overdue", None, 2),
        ("overdue_now", "2021-09-06 12:01", 1),
        ("overdue_now", "2021-09-07 18:00", 0),
        ("overdue_now", "2021-09-08 12:01", 1),
        ("returns", None, 1),
        ("reopenings", None, 0),
    ],
)
def test_as_of_any_moment(people: dict[str, Account], figure: str, as_of: str | None, expected: Decimal | int) -> None:
    """What is overdue grows with the clock, without anything being recorded."""
    assert ask(figure, as_of=as_of).value == expected


def test_working_time_is_office_hours(people: dict[str, Account]) -> None:
    minutes = sorted(e["working_minutes"] for e in _closings())
    assert ask("median_hours").value == D(sum(minutes)) / 2 / 60
    assert ask("p90_hours").value == (minutes[0] + D("0.9") * (minutes[1] - minutes[0])) / 60


def _closings() -> list[dict[str, Any]]:
    bodies = Entry.objects.filter(verb="matter.close").values_list("body", flat=True)
    return [b["matter"] for b in bodies]


def test_broken_down_by_stage_category_area_unit_and_month(people: dict[str, Account]) -> None:
    assert parts("opened", "stage") == {"received": D(1), "closed": D(2)}
    assert parts("opened", "category") == {"road": D(1), "water": D(1), "": D(1)}
    assert parts("opened", "town") == {world.YANGXI: D(3), world.BAIXI: None}
    assert parts("opened", "month", period="2021Q3") == {"2021-07": None, "2021-08": None, "2021-09": D(3)}
    given = ask("opened", by="organisation")
    assert sum(p.value or 0 for p in given.parts) == 3
    assert all(p.title.zh != p.code for p in given.parts if p.code), "a unit is shown by its name"
    assert [p.title.zh for p in ask("opened", by="stage").parts] == ["受理", "办结"]


def test_figures_of_the_register_see_what_a_step_changed(people: dict[str, Account]) -> None:
    figure = {
        "name": "requests.of_roads", "title": {"zh": "道路诉求", "en": "Roads"}, "unit": "piece", "of": "requests", "measure": "count(*)",
        "where": "kind = 'road'",
    }  # fmt: skip
    install_figures([Figure.load(figure)], pack="test", by=None)
    known = {
        m: answer("requests.of_roads", account=None, as_of=parse_moment(m)).value
        for m in ("2021-09-06 10:40", "2021-09-06 11:30")
    }
    assert list(known.values()) == [0, 1]
    assert answer("requests.of_roads", account=None).value == 1


def test_a_record_that_is_taken_out_takes_its_matter_with_it(people: dict[str, Account]) -> None:
    assert ask("opened").value == 3
    record = Record.objects.get(key="C")
    remove(record, version=record.version, by=None)
    assert ask("opened").value == 2
    assert ask("opened", as_of="2021-09-09 10:00").value == 3


def test_who_may_view_the_records_may_count_their_matters(people: dict[str, Account]) -> None:
    clerk = county.person("clerk", world.BAIXI, [Verb.VIEW], register="requests")
    assert ask("opened", account=clerk).area == world.BAIXI
    assert ask("opened", account=people["reader"]).value == 3
    stranger = county.person("stranger", world.BAIXI, [Verb.VIEW], register="visits")
    with pytest.raises(NotPermitted):
        ask("opened", account=stranger)


def test_it_opens_to_the_steps_behind_it(people: dict[str, Account]) -> None:
    opened = trace("request.closed", account=None, period="2021-09")
    (source,) = opened.sources
    assert [row.key for row in source.rows] == ["A", "B"]
    assert [v.value for v in opened.vintages] == [2, 1]
    assert [c.verb for v in opened.vintages for c in v.changes] == ["matter.close", "matter.close"]
    late = trace("request.overdue", account=None, period="2021-09", as_of=parse_moment("2021-09-07 18:00"))
    assert [row.key for row in late.sources[0].rows] == ["A"]


def test_only_a_figure_may_ask_for_the_moment(people: dict[str, Account]) -> None:
    rule = {"name": "r", "check": "amount > 0 or as_of() is null", "says": {"zh": "甲", "en": "a"}}
    with pytest.raises(DefinitionError, match="as_of"):
        Register.load({**world.REQUESTS, "rules": [rule]}).compile()
