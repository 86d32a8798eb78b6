"""Land acquisition agreements: the demonstration meets the numbers in print, each opens to its rows, and money adds up to the cent."""

from __future__ import annotations

from collections import Counter
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from itertools import pairwise
from typing import Any

import pytest

from banjie.figures.answers import Answer, answer
from banjie.figures.catalogue import figures
from banjie.figures.tracing import trace
from banjie.ledger.models import Entry
from banjie.lib import clock
from banjie.lib.clock import LOCAL
from banjie.lib.dates import parse_moment
from banjie.lib.errors import Refusal
from banjie.matters.models import Clock, Matter
from banjie.people.models import Account
from banjie.registers.catalogue import catalogue
from banjie.registers.models import Record
from tests.rooms.land_demo import shangdu  # noqa: F401 - a fixture
from tests.rooms.land_world import SHANGDU

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("shangdu"), pytest.mark.xdist_group("land")]
PARK, WATER, UNDER_WAY = "ZS2020-01", "ZS2021-02", "ZS-N01"
OF_CODES = {"GY": PARK, "SX": WATER, "NA": UNDER_WAY}  # how the codes of households begin
WHEN_TWELVE_DECLINED = parse_moment("2021-02-26 00:00")


def rows(register: str, project: str = "") -> list[dict[str, Any]]:
    found = [record.data for record in Record.objects.of(register).live()]
    return [data for data in found if not project or data.get("project") == project]


def household_team() -> Account:
    return Account.objects.get(username="household_team")


def parts(name: str, by: str = "project", **asked: Any) -> dict[str, Answer]:
    return {part.code: part for part in answer(name, account=household_team(), area=SHANGDU, by=by, **asked).parts}


# The numbers in print (《湖南日报》2021-12: 26 households moved twice, 12 of them declining; 104 households signed in 7 days)

PRINTED = [
    ("land.households", WATER, "104户"),
    ("land.signed", WATER, "104户"),
    ("land.signing_rate", WATER, "100.0%"),
    ("land.signing_days", WATER, "7天"),
    ("land.households", PARK, "26户"),
    ("land.second_relocation", PARK, "26户"),
    ("land.signed", PARK, "26户"),
]


@pytest.mark.parametrize(("name", "project", "shown"), PRINTED)
def test_a_figure_is_the_one_in_print(name: str, project: str, shown: str) -> None:
    assert parts(name)[project].display.zh == shown


def test_twelve_of_the_26_declined_at_the_date_and_none_in_the_end() -> None:
    then = parts("land.declining", as_of=WHEN_TWELVE_DECLINED)
    assert {code: part.display.zh for code, part in then.items()} == {PARK: "12户"}
    assert answer("land.declining", account=household_team(), area=SHANGDU).value == 0


def test_one_of_them_was_in_court_before_it_came_back_to_an_agreement() -> None:
    in_march = parse_moment("2021-03-10 00:00")
    assert answer("land.in_court", account=household_team(), area=SHANGDU, as_of=in_march).value == 1
    assert answer("land.in_court", account=household_team(), area=SHANGDU).value == 0
    (came_back,) = [data for data in rows("households") if data.get("judicial_on")]
    assert (came_back["judicial_on"], came_back["signed_on"], came_back["position"]) == ("2021-03-01", "2021-04-15", "agrees")


def test_the_park_takes_more_than_ten_mu() -> None:
    assert parts("land.area", by="name")["梅苑公园补充征收"].value == Decimal("10.6")


def test_the_seven_days_are_of_signing_alone_and_the_notices_ran_before_them() -> None:
    (project,) = [data for data in rows("acquisitions") if data["code"] == WATER]
    last = max(date.fromisoformat(data["signed_on"]) for data in rows("households", WATER))
    assert (last - date.fromisoformat(project["signing_opened_on"])).days == 7
    assert (date.fromisoformat(project["signing_opened_on"]) - date.fromisoformat(project["plan_notice_on"])).days > 30
    clocks = Clock.objects.filter(matter__record__key=WATER, at_least=True).order_by("pk")
    assert [(c.term, c.stage) for c in clocks] == [("10 workdays", "pre_announcement"), ("30 days", "plan_notice")]
    assert all(c.stopped_at >= c.due_at for c in clocks if c.stopped_at and c.due_at)


def test_the_rate_is_no_gate_though_the_submission_followed_it() -> None:
    (project,) = [data for data in rows("acquisitions") if data["code"] == WATER]
    assert project["submitted_on"] > max(data["signed_on"] for data in rows("households", WATER))
    assert Matter.objects.get(record__key=WATER).ending == "done"


def test_a_talk_of_more_than_six_hours_came_three_days_before_the_first_of_the_twelve_signed() -> None:
    assert parts("land.longest_visit", period="2021")[PARK].value == Decimal(382)
    (talk,) = [v for v in rows("household_visits") if v["minutes"] == 382]
    household = Record.objects.get(register="households", key=talk["household"]).data
    declined = [data for data in rows("households", PARK) if data.get("position_on") and data["team"] != "一组"]
    assert household["signed_on"] == min(data["signed_on"] for data in declined) == "2021-03-15"
    assert len(declined) == 12


# Each opens to its rows


@pytest.mark.parametrize(("name", "project", "number"), [("land.signed", WATER, 104), ("land.households", PARK, 26)])
def test_a_figure_opens_into_the_households_that_it_counts(name: str, project: str, number: int) -> None:
    opened = trace(name, account=household_team(), area=SHANGDU, by="project", part=project, limit=200).sources[0]
    assert opened.total == number
    assert {row.key for row in opened.rows} == {data["code"] for data in rows("households", project)}
    assert all(Entry.objects.filter(pk=row.entry).exists() for row in opened.rows)


def test_the_rate_opens_into_both_of_its_halves() -> None:
    opened = trace("land.signing_rate", account=household_team(), area=SHANGDU, by="project", part=WATER, limit=200)
    assert [(source.figure, source.total) for source in opened.sources] == [("land.signed", 104), ("land.households", 104)]


def test_the_seven_days_open_into_the_104_signatures() -> None:
    opened = trace("land.signing_days", account=household_team(), area=SHANGDU, by="project", part=WATER, limit=200).sources[0]
    assert opened.total == 104
    assert max(row.value for row in opened.rows if row.value is not None) == 7


def test_the_twelve_open_to_those_who_handle_the_case() -> None:
    opened = trace("land.declining", account=household_team(), area=SHANGDU, as_of=WHEN_TWELVE_DECLINED).sources[0]
    declined = {data["code"] for data in rows("households") if data.get("position_on") and data["team"] != "一组"}
    assert {row.key for row in opened.rows} == declined
    assert opened.total == 12


# Compensation


def test_every_line_is_its_quantity_times_the_price_that_held_on_the_day_of_the_household() -> None:
    valued = {data["code"]: data["valued_on"] for data in rows("households")}
    standards = {data["code"]: data for data in rows("compensation_standards")}
    for line in rows("compensation_lines"):
        standard = standards[line["standard"]]
        exact = Decimal(line["quantity"]) * Decimal(standard["unit_price"])
        assert Decimal(line["amount"]) == exact.quantize(Decimal("0.01"), ROUND_HALF_UP)
        assert standard["effective_from"] <= valued[line["household"]] <= standard.get("effective_until", "9999")
    used = Counter(line["standard"][:6] for line in rows("compensation_lines"))
    assert used == {"BZ2018": 26 * 4, "BZ2021": 104 * 4 + 9}  # nine households of a project that is under way


def test_the_sum_of_all_lines_is_exact_to_the_cent_and_within_what_was_in_place() -> None:
    lines, cents = Counter[str](), Counter[str]()
    for line in rows("compensation_lines"):
        project = OF_CODES[line["household"][:2]]
        cents[project] += int(Decimal(line["amount"]) * 100)
        lines[project] += 1
    told = parts("land.compensation")
    assert {project: int((part.value or 0) * 100) for project, part in told.items()} == cents
    assert lines == {PARK: 104, WATER: 416, UNDER_WAY: 9}
    in_place = {data["code"]: Decimal(data["funds_in_place"]) for data in rows("acquisitions") if data["code"] != UNDER_WAY}
    assert all(Decimal(cents[code]) / 100 <= in_place[code] for code in in_place)


# The history is such as people would have written


def test_every_household_went_a_way_that_the_process_allows_and_was_paid() -> None:
    endings = Counter((m.stage, m.ending) for m in Matter.objects.filter(process="household_case"))
    assert endings == {("paid", "done"): 130, ("analysis", ""): 2, ("planning", ""): 3, ("negotiating", ""): 4}
    stages = Counter[str]()
    for matter in Matter.objects.filter(process="household_case", record__key__startswith="GY").select_related("record"):
        entries = Entry.objects.of(matter.record.chain).filter(verb__startswith="matter.").order_by("index")
        stages["→".join(e.body["matter"]["stage"] for e in entries)] += 1
    usual = "analysis→planning→negotiating→"
    assert stages == {f"{usual}paying→paid": 14, f"{usual}declined→paying→paid": 11, f"{usual}declined→judicial→paying→paid": 1}


def test_the_notice_of_today_is_still_running_so_that_nobody_can_sign_yet() -> None:
    matter = Matter.objects.get(record__key=UNDER_WAY)
    running = Clock.objects.get(matter=matter, state="running")
    assert (matter.stage, running.at_least) == ("plan_notice", True)
    assert running.due_at is not None
    assert running.due_at > clock.now()
    assert not [data for data in rows("households", UNDER_WAY) if data.get("signed_on")]


def test_the_task_force_has_every_part_and_its_shifts_take_turns() -> None:
    assert {member["part"] for member in rows("task_force", PARK)} == {
        "commander", "front_leader", "cadre", "community", "group_leader", "veteran", "worthy",
    }  # fmt: skip
    shifts = sorted((s["starts_on"], s["ends_on"]) for s in rows("rota", PARK))
    assert len(shifts) == 3
    assert all(one[1] < after[0] for one, after in pairwise(shifts))


def test_every_step_was_taken_in_office_hours() -> None:
    taken = list(Entry.objects.filter(verb="matter.advance").values_list("at", flat=True))
    assert len(taken) > 400
    assert all(8 <= at.astimezone(LOCAL).hour < 18 for at in taken)


# No ranking


CONFIDENTIAL = {"households", "household_visits", "compensation_lines", "household_case_matters"}
NAMES_A_HOUSEHOLD = {
    "code",
    "household",
    "key",
    "parent",
    "parent.code",
    "head",
    "address",
    "team",
    "parent.team",
    "agreement_no",
}


def test_no_figure_can_be_broken_down_into_households_or_teams() -> None:
    made_of_households = [f for f in figures().figures.values() if f.of in CONFIDENTIAL]
    assert len(made_of_households) > 10
    for figure in made_of_households:
        assert not NAMES_A_HOUSEHOLD & set(figure.by), figure.name
    for by in ("code", "team", "position", "signed_on"):
        with pytest.raises(Refusal):
            answer("land.signed", account=household_team(), area=SHANGDU, by=by)


def test_households_hold_nothing_to_be_ranked_by() -> None:
    fields = catalogue().register("households").fields
    assert {f.name for f in fields if f.type in {"integer", "decimal"}} == {"house_m2"}
    assert not [f.name for f in fields if any(word in f.name for word in ("score", "rank", "points", "place"))]
