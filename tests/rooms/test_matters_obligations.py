"""Reports that are owed again and again: expected, met, late, missing, waived, and in figures."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection, transaction

from banjie.figures.actions import install_figures
from banjie.figures.definition import Figure
from banjie.ledger.models import Entry
from banjie.lib.dates import parse_moment
from banjie.lib.errors import DefinitionError, Invalid, NotFound, NotPermitted, Refusal
from banjie.lib.periods import Period
from banjie.matters.actions import waive_expected
from banjie.matters.models import Expected, Notice
from banjie.matters.notice_wording import text_of
from banjie.matters.obligations.definition import Obligation, period_code
from banjie.matters.obligations.due_points import parse_due
from banjie.matters.obligations.expecting import Kept, keep_obligations
from banjie.matters.obligations.installing import install_obligation, retire_obligation
from banjie.matters.obligations.items import ITEMS
from banjie.people.models import Account, Post
from banjie.places.calendars import shipped_calendar
from banjie.registers.actions import create, remove, update
from banjie.registers.definition import Register
from banjie.registers.installing import install_register
from banjie.registers.models import Record
from banjie.registers.trail import EXPECT, MEET, MISS, WAIVE
from banjie.registers.verifying import verify_records
from tests.rooms import matters_world as world
from tests.rooms.figures_world import COMMITTED, value
from tests.rooms.matters_world import at, field, title

pytestmark = pytest.mark.django_db

SITES = {
    "name": "sites", "title": title("工地", "Sites"), "key": "code", "area": "town",
    "fields": [field("code", "text", required=True), field("town", "area", required=True), field("phase", "text")],
}  # fmt: skip
REPORTS = {
    "name": "reports", "title": title("月报", "Reports"), "key": ["site", "month", "part"],
    "parent": {"register": "sites", "field": "site"},
    "fields": [
        field("site", "reference", of="sites", required=True), field("month", "month", required=True),
        field("part", "integer", required=True), field("final", "boolean"),
    ],
}  # fmt: skip
MONTHLY: dict[str, Any] = {
    "name": "monthly_report", "title": title("项目月报", "Monthly report"), "register": "reports", "of": "sites",
    "by": "site", "period": "month", "each": "month", "due": "by the 5th", "owner": "lead_unit", "warn": "2 workdays",
    "where": "final = true", "starts": "2021-08-01",
}  # fmt: skip


@pytest.fixture
def people() -> dict[str, Account]:
    people = world.build()
    for mapping in (SITES, REPORTS):
        install_register(Register.load(mapping), pack="test", by=None)
    install_register(ITEMS, pack="banjie", by=None)  # PostgreSQL makes no index in a transaction that has written records
    with at("2021-07-01 10:00"):
        create("sites", {"code": "S-1", "town": world.YANGXI}, by=None)
        create("sites", {"code": "S-2", "town": world.BAIXI}, by=None)
    return people


@pytest.fixture
def monthly(people: dict[str, Account]) -> Obligation:
    found = Obligation.load(MONTHLY)
    with at("2021-08-01 10:00"):
        install_obligation(found, pack="test", by=None)
    return found


def kept(moment: str) -> Kept:
    with at(moment):
        return keep_obligations(parse_moment(moment))


def report(moment: str, site: str = "S-1", month: str = "2021-08", part: int = 1, final: bool = True) -> Record:
    with at(moment):
        return create("reports", {"site": site, "month": month, "part": part, "final": final}, by=None)


def states() -> dict[str, str]:
    return {f"{e.of_key} {e.period}": e.state for e in Expected.objects.order_by("period", "of_key")}


# --- when something is due -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("due", "period", "moment", "why"),
    [
        ("by the 5th", "2021-08", "2021-09-06 17:30", "the 5th of September 2021 was a Sunday"),
        ("次月5日前", "2021-10", "2021-11-05 17:30", "a Friday"),
        ("by the 5th", "2021-09", "2021-10-08 17:30", "the 5th lay in the National Day holidays"),
        ("by the 25th of the period", "2021-09", "2021-09-26 17:30", "Saturday the 25th off, Sunday the 26th made up for"),
        ("5 workdays after the period", "2021-09", "2021-10-13 17:30", "8, 9 (made up), 11, 12, 13 October"),
        ("期末后10日内", "2021-06", "2021-07-12 17:30", "the 10th was a Saturday"),
        ("at its end", "2021H1", "2021-06-30 17:30", "a Wednesday"),
        ("by the 31st of the period", "2021-02", "2021-03-01 17:30", "28 February 2021 was a Sunday"),
    ],
)
def test_due_points(due: str, period: str, moment: str, why: str) -> None:
    assert parse_due(due).moment(Period.parse(period), shipped_calendar()) == parse_moment(moment), why


@pytest.mark.parametrize("due", ["soon", "by the 32nd", "2 hours after the period", "by the 0th", ""])
def test_what_is_no_due_point_is_refused(due: str) -> None:
    with pytest.raises(Refusal):
        parse_due(due)


@pytest.mark.parametrize(
    ("each", "codes"),
    [
        ("week", ["2021W35", "2021W36", "2021W37"]),
        ("month", ["2021-09"]),
        ("quarter", ["2021Q3"]),
        ("half", ["2021H2"]),
        ("year", ["2021"]),
    ],
)
def test_periods_are_whole(each: str, codes: list[str]) -> None:
    obligation = Obligation.load({**MONTHLY, "each": each, "starts": "2021-09-03"})
    assert [period_code(p) for p in obligation.periods(parse_moment("2021-09-15").date())] == codes


# --- items ---------------------------------------------------------------------------------------------------------


def test_every_site_is_expected_to_report_each_month(people: dict[str, Account], monthly: Obligation) -> None:
    assert kept("2021-09-01 09:00").expected == 4
    assert states() == dict.fromkeys(["S-1 2021-08", "S-2 2021-08", "S-1 2021-09", "S-2 2021-09"], "expected")
    assert kept("2021-09-01 09:10") == Kept(0, 0, 0)
    item = Expected.objects.get(of_key="S-1", period="2021-08")
    assert (item.owner_post.code, item.record.area_id) == ("post-unit", world.YANGXI)
    assert item.record.data["title"] == "项目月报 S-1 2021-08"


def test_what_arrives_in_time_is_met_and_what_comes_after_is_late(people: dict[str, Account], monthly: Obligation) -> None:
    kept("2021-08-02 09:00")
    report("2021-09-03 10:00")
    report("2021-09-03 11:00", site="S-2", final=False)  # does not count: `where`
    kept("2021-09-03 12:00")
    assert (states()["S-1 2021-08"], states()["S-2 2021-08"]) == ("met", "expected")
    kept("2021-09-06 17:31")
    assert states()["S-2 2021-08"] == "missing"
    report("2021-09-07 10:00", site="S-2", part=2)
    kept("2021-09-07 10:10")
    assert states()["S-2 2021-08"] == "late"
    item = Expected.objects.get(of_key="S-2", period="2021-08")
    assert (item.arrived, item.met_by.key) == (1, "S-2/2021-08/2")


def test_a_job_that_rested_comes_to_the_same(people: dict[str, Account], monthly: Obligation) -> None:
    report("2021-09-03 10:00")
    report("2021-09-07 10:00", site="S-2")
    kept("2021-09-20 10:00")
    assert (states()["S-1 2021-08"], states()["S-2 2021-08"]) == ("met", "late")


def test_several_are_wanted_and_the_last_one_needed_says_when(people: dict[str, Account]) -> None:
    with at("2021-08-01 10:00"):
        install_obligation(Obligation.load({**MONTHLY, "at_least": 2}), pack="test", by=None)
    report("2021-08-10 10:00")
    kept("2021-08-11 10:00")
    assert (states()["S-1 2021-08"], Expected.objects.get(of_key="S-1").arrived) == ("expected", 1)
    report("2021-08-12 10:00", part=2)
    kept("2021-08-12 11:00")
    assert Expected.objects.get(of_key="S-1", period="2021-08").met_at == parse_moment("2021-08-12 10:00")


def test_a_report_that_is_taken_away_is_owed_again(people: dict[str, Account], monthly: Obligation) -> None:
    made = report("2021-09-03 10:00")
    kept("2021-09-03 12:00")
    with at("2021-09-08 10:00"):
        remove(made, version=1, by=None)
    kept("2021-09-08 10:10")
    assert states()["S-1 2021-08"] == "missing"


def test_a_report_that_is_corrected_away_is_owed_again(people: dict[str, Account], monthly: Obligation) -> None:
    made = report("2021-09-03 10:00")
    kept("2021-09-03 12:00")
    with at("2021-09-03 13:00"):
        update(made, {"final": False}, version=1, by=None)
    kept("2021-09-03 13:10")
    assert states()["S-1 2021-08"] == "expected"


def test_a_site_does_not_owe_for_the_time_before_it_was_there(people: dict[str, Account], monthly: Obligation) -> None:
    with at("2021-09-10 10:00"):
        create("sites", {"code": "S-3", "town": world.YANGXI}, by=None)
    kept("2021-09-10 11:00")
    assert [e.period for e in Expected.objects.filter(of_key="S-3")] == ["2021-09"]


def test_posts_areas_and_offices_owe_as_well(people: dict[str, Account]) -> None:
    by_role = {**MONTHLY, "name": "by_role", "of": {"role": "lead_unit"}, "owner": None}
    by_area = {**MONTHLY, "name": "by_area", "of": {"areas": "town"}}
    by_office = {**MONTHLY, "name": "by_office", "of": {"organisations": ["org-desk"]}, "owner": None}
    for mapping in (by_role, by_area, by_office):
        install_obligation(Obligation.load({k: v for k, v in mapping.items() if v is not None}), pack="test", by=None)
    kept("2021-08-02 09:00")
    owners = {(e.obligation, e.of_key): (e.owner_post or e.organisation).code for e in Expected.objects.all()}
    assert owners == {
        ("by_role", "post-unit"): "post-unit",
        ("by_role", "post-other"): "post-other",
        ("by_area", world.YANGXI): "post-unit",
        ("by_area", world.BAIXI): "post-other",
        ("by_office", "org-desk"): "org-desk",
    }


def test_an_owner_is_reminded_once_and_told_once_that_it_is_missing(people: dict[str, Account], monthly: Obligation) -> None:
    kept("2021-08-02 09:00")
    reminded = [
        kept(m).reminded
        for m in ("2021-09-02 17:29", "2021-09-02 17:31", "2021-09-03 09:00", "2021-09-06 18:00", "2021-09-07 09:00")
    ]
    assert reminded == [0, 2, 0, 2, 0]
    rows = Notice.objects.visible_to(people["unit"]).order_by("pk")
    assert [n.kind for n in rows] == ["owed", "missing"]
    assert text_of(rows[0]).zh == "应报：项目月报（S-1，2021-08），期限 2021-09-06 17:30。"
    assert text_of(rows[1]).en == "Missing: Monthly report, S-1, 2021-08, due 2021-09-06 17:30."


def test_the_workbench_shows_what_one_owes_what_is_due_first(people: dict[str, Account], monthly: Obligation) -> None:
    kept("2021-09-07 09:00")
    with at("2021-09-07 09:00"):
        assert [(e.period, e.state) for e in Expected.objects.mine(people["unit"])] == [
            ("2021-08", "missing"), ("2021-09", "expected")
        ]  # fmt: skip
        assert Expected.objects.visible_to(people["unit"]).count() == 2
        assert Expected.objects.visible_to(people["head"]).count() == 4


def test_a_supervisor_waives_with_a_reason(people: dict[str, Account], monthly: Obligation) -> None:
    kept("2021-09-07 09:00")
    item = Expected.objects.get(of_key="S-1", period="2021-08")
    with at("2021-09-07 10:00"):
        with pytest.raises(NotPermitted):
            waive_expected(item, by=people["unit"], why="停工")
        with pytest.raises(NotFound):
            waive_expected(item, by=people["other"], why="停工")
        with pytest.raises(Invalid):
            waive_expected(item, by=people["head"], why=" ")
        waive_expected(item, by=people["head"], why="停工")
        with pytest.raises(Invalid):
            waive_expected(item, by=people["head"], why="停工")
    report("2021-09-08 10:00")
    kept("2021-09-08 11:00")
    assert states()["S-1 2021-08"] == "waived"
    assert text_of(Notice.objects.get(kind="waived")).zh == "免报：项目月报（S-1，2021-08），停工。"


def test_every_change_is_one_entry_that_figures_can_read(people: dict[str, Account], monthly: Obligation) -> None:
    kept("2021-08-02 09:00")
    kept("2021-09-07 09:00")
    report("2021-09-08 10:00")
    kept("2021-09-08 11:00")
    item = Expected.objects.get(of_key="S-1", period="2021-08")
    entries = Entry.objects.filter(chain=item.record.chain).order_by("index")
    said = [(e.verb, e.body["data"]["state"], e.body["version"]) for e in entries]
    assert said == [("obligation.expect", "expected", 1), ("obligation.miss", "missing", 2), ("obligation.meet", "late", 3)]
    assert entries[1].body["register"] == "expected_items"


def test_a_kill_between_any_two_statements_loses_and_doubles_nothing(people: dict[str, Account], monthly: Obligation) -> None:
    report("2021-09-03 10:00")

    class Killed(BaseException):
        pass

    breaks = 0
    while True:
        left = breaks

        def may_run(execute, sql, params, many, context):  # type: ignore[no-untyped-def]
            nonlocal left
            left -= 1
            if left == -1:  # what comes after it is the rollback, which a dead process leaves to the database
                raise Killed
            return execute(sql, params, many, context)

        try:
            with connection.execute_wrapper(may_run):
                kept("2021-09-07 09:00")
            break
        except Killed:
            breaks += 7  # primes meet every statement in the end; each run goes on from what the last one committed
        assert Expected.objects.count() == Record.objects.of("expected_items").count()
    assert breaks > 7
    assert states() == {
        "S-1 2021-08": "met", "S-2 2021-08": "missing", "S-1 2021-09": "expected", "S-2 2021-09": "expected"
    }  # fmt: skip
    assert Notice.objects.count() == 1


@pytest.mark.django_db(transaction=COMMITTED)
def test_what_is_missing_is_a_figure_as_of_any_day(people: dict[str, Account], monthly: Obligation) -> None:
    kept("2021-08-02 09:00")
    kept("2021-09-07 09:00")
    report("2021-09-08 10:00")
    kept("2021-09-08 11:00")
    missing = {
        "name": "reports.missing", "title": title("缺报", "Missing"), "unit": "item", "of": "expected_items",
        "measure": "count(*)", "where": "state = 'missing'", "time": "begins_on",
    }  # fmt: skip
    install_figures([Figure.load(missing)], pack="test", by=None)
    assert [value("reports.missing", "2021-08", area=area) for area in (world.COUNTY, world.YANGXI)] == [1, 0]
    assert value("reports.missing", "2021-08", area=world.COUNTY, as_of=parse_moment("2021-09-07 18:00")) == 2


# --- definitions ---------------------------------------------------------------------------------------------------

WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "an unknown field": ({"by": "nobody"}, "nobody"),
    "a period that is no date": ({"period": "site"}, "site"),
    "a condition over unknown fields": ({"where": "nothing = 1"}, "nothing"),
    "an unknown role": ({"owner": "king"}, "king"),
    "records without an owner": ({"owner": None}, "owner"),
    "an unreadable due time": ({"due": "soon"}, "soon"),
    "two kinds that owe": ({"of": {"register": "sites", "areas": "town"}}, "four|one of"),
    "an office that is not there": ({"of": {"organisations": ["gone"]}}, "gone"),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_a_wrong_obligation_is_refused_when_it_is_installed(people: dict[str, Account], wrong: str) -> None:
    change, named = WRONG[wrong]
    mapping = {k: v for k, v in {**MONTHLY, **change}.items() if v is not None}
    with pytest.raises(DefinitionError) as refused:
        install_obligation(Obligation.load(mapping), pack="test", by=None)
    assert any(word in refused.value.says.en for word in named.split("|"))


def test_installing_again_changes_nothing_and_a_retired_one_expects_no_more(
    people: dict[str, Account], monthly: Obligation
) -> None:
    with at("2021-08-02 10:00"):
        assert install_obligation(monthly, pack="test", by=None).number == 1
        assert install_obligation(Obligation.load({**MONTHLY, "due": "by the 8th"}), pack="test", by=None).number == 2
        with pytest.raises(NotPermitted), transaction.atomic():
            retire_obligation("monthly_report", by=people["head"])
        retire_obligation("monthly_report", by=None)
    assert kept("2021-09-20 10:00").expected == 0
    assert Obligation.load(monthly.as_json()) == monthly
    assert Post.objects.count() == 5


@pytest.mark.usefixtures("monthly")
def test_what_was_expected_met_missed_and_waived_agrees_with_the_trail() -> None:
    kept("2021-08-02 10:00")
    assert verify_records().clean
    report("2021-09-03 10:00")
    kept("2021-09-07 10:00")
    with at("2021-09-08 10:00"):
        waive_expected(Expected.objects.get(of_key="S-2", period="2021-08"), why="停工", by=None)
    said = verify_records()
    assert said.clean, said.as_dict()
    assert {e.verb for e in Entry.objects.filter(verb__startswith="obligation.")} >= {EXPECT, MEET, MISS, WAIVE}
