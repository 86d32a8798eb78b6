"""Residents' matters: from the issue to the upkeep, with ballots by household; the case in print and what is refused."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest
from django.db import transaction
from pytest_django.plugin import DjangoDbBlocker

from banjie.figures.answers import answer
from banjie.ledger.models import Entry
from banjie.lib.errors import Conflict, Invalid, NotPermitted
from banjie.matters import actions
from banjie.matters.ballot_rules import CHOICES, parse_threshold
from banjie.matters.ballots import progress
from banjie.matters.catalogue import in_force
from banjie.matters.models import Attempt, Ballot, Expected, Matter, Turnout
from banjie.matters.obligations.expecting import keep_obligations
from banjie.packs.demo.loader import load_demo
from banjie.packs.problems import PackError
from banjie.packs.reader import read
from banjie.people.models import Account
from banjie.registers.actions import create
from banjie.registers.catalogue import catalogue
from banjie.registers.models import Record
from tests.rooms.ballots_world import moment
from tests.rooms.figures_world import COMMITTED
from tests.rooms.matters_world import at
from tests.rooms.residents_world import BAIMA, SHANGMEI, SHIPPED, installed

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module", autouse=True)
def shangmei(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[None]:
    """The demonstration of this pack, loaded once and rolled back."""
    with django_db_blocker.unblock(), transaction.atomic():
        load_demo(installed(tmp_path_factory.mktemp("residents")))
        yield
        transaction.set_rollback(True)


def account(username: str) -> Account:
    return Account.objects.get(username=username)


def matter(key: str) -> Matter:
    return Matter.objects.select_related("record").get(record__key=key)


def stages(key: str) -> list[str]:
    """The stages that a matter went through, in their order."""
    entries = Entry.objects.filter(chain=f"record:{matter(key).record_id}").order_by("pk")
    found = [e.body["matter"]["stage"] for e in entries if "matter" in e.body]
    return [stage for n, stage in enumerate(found) if n == 0 or found[n - 1] != stage]


# What is in print

IN_PRINT = {
    "residents.brands": (None, "3"),  # 一湾红潭、睦邻一家、红邻里
    "residents.demonstration_points": (None, "3"),
    "residents.points_per_community": (None, "1"),  # 在每个社区打造一个小区党建示范点
    "residents.facilities": (None, "5"),  # 活动中心、睦邻书房、群众活动健身房、儿童乐园、红心亭
    "residents.festivals": ("2021", "6"),
}
INVENTED = {
    "residents.matters": ("2021", "7"),
    "residents.ballots": ("2021", "3"),
    "residents.entitled": ("2021", "180"),
    "residents.voted": ("2021", "131"),
    "residents.cost": ("2021", "69130"),
    "residents_matter.closed": ("2021", "7"),
}


@pytest.mark.skipif(COMMITTED, reason="the demonstration is rolled back, so PostgreSQL's store sees none")
@pytest.mark.parametrize("name", [*IN_PRINT, *INVENTED])
def test_the_figures_are_those_in_print_and_those_of_the_rows(name: str) -> None:
    period, value = (IN_PRINT | INVENTED)[name]
    assert answer(name, account=account("residents_head"), area=SHANGMEI, period=period).value == Decimal(value)


def test_the_names_are_those_in_print() -> None:
    brands = {r.data["name"]: r.data["brand"] for r in Record.objects.of("communities")}
    assert brands == {"竹根潭社区": "一湾红潭", "白马社区": "睦邻一家", "望月社区": "红邻里"}
    named = [r.data["name"] for r in Record.objects.of("facilities").order_by("key")]
    assert named == ["活动中心", "睦邻书房", "群众活动健身房", "儿童乐园", "红心亭"]


def test_a_community_has_one_demonstration_point() -> None:
    second = {"community": "BM", "name": "第二个", "estate": "HJC", "since": "2021-11-01"}
    with pytest.raises(Conflict, match="已被使用"):
        create("demonstration_points", second, by=account("residents_worker"))


def test_the_drying_yard_the_boardwalk_and_the_lake_went_from_the_issue_to_their_keeper() -> None:
    voted_on = ["raised", "talking", "voting", "publicity", "works", "acceptance", "upkeep", "done"]
    assert stages("MY2021-001") == stages("MY2021-002") == voted_on
    assert stages("MY2021-003") == ["raised", "talking", "works", "acceptance", "upkeep", "done"]  # routine: no vote
    assert stages("MY2021-004") == ["raised", "talking", "voting", "not_passed"]
    kept = {r.data["name"]: r.data["keeper"] for r in Record.objects.of("upkeep_items")}
    assert set(kept) == {"晾晒场", "木栈道", "湖面"}
    assert all(kept.values())


# The ballots


def test_the_rules_are_those_of_the_civil_code_with_their_date() -> None:
    definition = in_force("residents_matter").process.ballot
    assert definition is not None
    ordinary, major = definition.rules
    assert set(major.kinds) == {"fund_raise", "rebuild", "change_of_use"}  # 第六至八项
    for rule in definition.rules:
        assert "第二百七十八条" in rule.source
        assert str(rule.effective_from) == "2021-01-01"
        for both in (rule.quorum.area, rule.quorum.heads):
            assert (parse_threshold(both).share, parse_threshold(both).over) == (Fraction(2, 3), False)
    assert {ordinary.majority.area, ordinary.majority.heads} == {"more than 1/2"}
    assert {major.majority.area, major.majority.heads} == {"at least 3/4"}


def test_every_kind_of_item_but_routine_has_a_rule() -> None:
    register = catalogue().register("residents_matters")
    options = register.options(register.field("kind"))
    definition = in_force("residents_matter").process.ballot
    assert definition is not None
    ruled = {kind for rule in definition.rules for kind in rule.kinds}
    assert {option.code for option in options} - ruled == {"routine"}


RESULTS = {
    "MY2021-001": ("major", "passed", 52, 44, 5, 3),
    "MY2021-002": ("ordinary", "passed", 47, 37, 6, 4),
    "MY2021-004": ("major", "no_quorum", 32, 24, 5, 3),
}


@pytest.mark.parametrize("key", RESULTS)
def test_each_ballot_was_counted_under_the_rule_for_its_kind(key: str) -> None:
    rule, outcome, voted, favour, against, abstained = RESULTS[key]
    ballot = matter(key).ballots.get()
    assert ballot.result is not None
    assert (ballot.rule_body["name"], ballot.result["outcome"]) == (rule, outcome)
    data = Record.objects.of("ballot_results").get(key=f"{key}/1").data
    numbers = [data[n] for n in ("households", "voted", "in_favour", "against", "abstained")]
    assert numbers == [60, voted, favour, against, abstained]
    assert ballot.heads == 60  # and 64 units: four households own two
    assert Record.objects.of("estate_units").count() == 64


def test_paper_ballots_have_their_stubs_and_codes_are_gone_after_the_count() -> None:
    ballot = matter("MY2021-001").ballots.get()
    ways = Turnout.objects.filter(elector__ballot=ballot)
    assert (ways.filter(way="paper").count(), ways.filter(way="code").count()) == (15, 37)
    assert not ballot.electors.exclude(code_hash=None).exists()
    assert bytes(ballot.tally) == b""


def test_nothing_that_is_kept_says_what_a_household_chose() -> None:
    """Neither the ledger, nor what lies beside it, nor a row: of a vote there is the household and the way, never the choice."""
    votes = Entry.objects.filter(verb="ballot.vote")
    assert votes.count() == 131 + 11
    words = set(CHOICES) | {title.zh for title in CHOICES.values()} | {title.en for title in CHOICES.values()}
    for entry in votes.prefetch_related("personal_values"):
        kept = {**entry.body, **{p.path: p.value for p in entry.personal_values.all()}}
        assert set(kept) <= {"ballot", "way", "evidence", "personal", "household"}
        assert not words & {str(value) for value in kept.values()}
    assert {f.name for f in Turnout._meta.get_fields()} == {"elector", "way", "day", "evidence"}


def test_a_ballot_is_running_now_and_another_item_is_talked_over() -> None:
    ballot = matter("MY-N001").ballots.get()
    assert (ballot.state, progress(ballot).voted, ballot.result) == (Ballot.OPEN, 11, None)
    assert matter("MY-N002").stage == "talking"


def test_owners_and_units_are_for_those_who_handle_the_case() -> None:
    for register in ("estate_households", "estate_units"):
        seen = {
            name: Record.objects.of(register).visible_to(account(name)).exists() for name in ("residents_head", "huijing_chair")
        }
        assert seen == {"residents_head": False, "huijing_chair": True}


# What is refused


def raised(key: str = "MY-T1", kind: str = "fund_use") -> Matter:
    said = {"code": key, "subject": "试", "village": BAIMA, "estate": "HJC", "raised_on": "2021-11-01", "kind": kind}
    with at("2021-11-01 09:00"):
        made = actions.open_matter("residents_matter", said, by=account("baima_worker"))
        return actions.advance(made, "talking", version=made.version, by=account("baima_worker"))


def talked_over(made: Matter) -> None:
    said = {"matter": made.record.key, "number": 1, "held_on": "2021-11-03", "kind": "council", "attended": 9, "minutes": "同意"}
    create("deliberations", said, by=account("huijing_chair"))


def to_vote(made: Matter) -> Matter:
    said = {"proposal": "更换地垫", "budget": "100"}
    return actions.advance(made, "voting", version=made.version, by=account("huijing_chair"), changes=said)


def test_nothing_is_voted_on_before_it_was_talked_over_and_routine_is_not_voted_on() -> None:
    made, routine = raised(), raised("MY-T2", "routine")
    with at("2021-11-04 09:00"):
        with pytest.raises(Invalid, match="须有协商记录"):
            to_vote(made)
        talked_over(routine)
        with pytest.raises(Invalid, match="日常事务不需表决"):
            to_vote(routine)
        talked_over(made)
        with pytest.raises(Invalid, match="先表决"):
            actions.advance(made, "works", version=made.version, by=account("huijing_chair"))
        assert to_vote(made).stage == "voting"


def test_works_wait_for_the_ballot_and_for_the_seven_days_of_its_publication() -> None:
    chair = account("huijing_chair")
    with at("2021-11-04 09:00"):
        made = raised()
        talked_over(made)
        made = to_vote(made)
        with pytest.raises(Invalid, match="须经表决通过"):
            actions.advance(made, "publicity", version=made.version, by=chair)
        with pytest.raises(Invalid, match="至少 7 天"):
            actions.open_ballot(made, closes_at=moment("2021-11-10 18:00"), by=chair)
        ballot = actions.open_ballot(made, closes_at=moment("2021-11-11 18:00"), by=chair)
        codes = actions.issue_codes(ballot, by=chair)
        for code in list(codes.values())[:45]:
            actions.cast_vote(code, "for")
    with at("2021-11-12 09:00"):
        actions.close_ballot(ballot, by=chair)
        made = actions.advance(made, "publicity", version=made.version, by=chair)
    with at("2021-11-18 09:00"), pytest.raises(Invalid):
        actions.advance(made, "works", version=made.version, by=chair)
    with at("2021-11-20 09:00"):
        assert actions.advance(made, "works", version=made.version, by=chair).owner_post.code == "huijing_works"  # type: ignore[union-attr]


def test_a_second_ballot_and_an_early_count_are_refused_and_kept_on_record() -> None:
    chair = account("huijing_chair")
    ballot = matter("MY-N001").ballots.get()
    with at(f"{ballot.opened_at + timedelta(days=3):%Y-%m-%d %H:%M}"):
        household = Turnout.objects.filter(elector__ballot=ballot).first().elector.household  # type: ignore[union-attr]
        code = actions.issue_code(ballot, household, by=chair, why="遗失")
        with pytest.raises(Invalid, match="一户一票"):
            actions.cast_vote(code, "against")
        with pytest.raises(Invalid, match="不能提前计票"):
            actions.close_ballot(ballot, by=chair)
        with pytest.raises(NotPermitted):
            actions.issue_code(ballot, household, by=account("residents_head"), why="遗失")
    assert set(Attempt.objects.filter(matter=ballot.matter).values_list("verb", flat=True)) == {"vote", "close_ballot"}


def test_the_result_of_a_ballot_is_written_by_nobody_but_the_count() -> None:
    said = {"matter": "MY2021-003", "number": 1, "households": 60, "voted": 60, "in_favour": 60, "outcome": "passed"}
    for name in ("huijing_chair", "baima_worker", "residents_worker", "residents_head"):
        with pytest.raises(NotPermitted):
            create("ballot_results", said, by=account(name))


def test_a_demonstration_cannot_vote_where_no_ballot_is_taken(tmp_path: Path) -> None:
    copy = Path(shutil.copytree(SHIPPED / "residents", tmp_path / "residents"))
    demo = (copy / "demo.yaml").read_text(encoding="utf-8")
    left_out = next(line for line in demo.splitlines() if "to: voting" in line)
    (copy / "demo.yaml").write_text(demo.replace(f"{left_out}\n", ""), encoding="utf-8")
    with pytest.raises(PackError) as caught:
        read(copy)
    assert any("没有表决" in str(problem) for problem in caught.value.problems)


# Upkeep


def test_what_is_kept_up_is_looked_at_every_month_and_the_missing_check_shows() -> None:
    keep_obligations(moment("2021-12-06 09:00"))
    items = Expected.objects.filter(obligation="upkeep_checks")
    assert sorted(items.values_list("state", flat=True)) == ["met"] * 8 + ["missing"]
    assert {i.owner_post.code for i in items if i.owner_post} == {"huijing_works"}
    if not COMMITTED:
        rate = answer("residents.checks_rate", account=account("residents_head"), area=SHANGMEI, period="2021")
        assert rate.display.zh == "88.9%"
