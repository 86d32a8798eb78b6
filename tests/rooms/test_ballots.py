"""A ballot from its opening to its result: who may vote, once, under rules that stand still; and all that is refused."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from banjie.ledger.models import Entry, PersonalValue
from banjie.lib.clock import really_now
from banjie.lib.errors import Conflict, DefinitionError, Invalid, NotFound, NotPermitted, Refusal
from banjie.matters import actions
from banjie.matters.ballots import outcome, progress, rule_of, voted
from banjie.matters.installing import install_process
from banjie.matters.models import Attempt, Ballot, Elector, Turnout
from banjie.people.models import Account
from banjie.registers.actions import update
from banjie.registers.files import sweep_orphans
from banjie.registers.models import Record, StoredFile
from tests.rooms import ballots_world as world
from tests.rooms.ballots_world import AFTER, DURING, ENDS, OPENED, moment, opened, vote
from tests.rooms.matters_world import at

pytestmark = pytest.mark.django_db
STUB = b"\x89PNG\r\n\x1a\n" + b"\x00" * 32


@pytest.fixture
def people() -> dict[str, Account]:
    return world.build()


def says(caught: pytest.ExceptionInfo[Any]) -> str:
    return str(caught.value)


# --- opening ---------------------------------------------------------------------------------------------------------


def test_a_household_has_one_ballot_with_the_area_of_all_its_units(people: dict[str, Account]) -> None:
    ballot, codes = opened(people)
    electors = dict(Elector.objects.filter(ballot=ballot).values_list("household", "area"))
    assert electors == {h: sum(Decimal(s) for s in sizes) for h, sizes in world.SIZES.items()}
    assert (ballot.heads, ballot.area) == (6, Decimal(600))
    assert len(set(codes.values())) == 6


def test_what_is_missing_for_a_ballot_is_named(people: dict[str, Account]) -> None:
    matter, by = world.issue(people), people["secretary"]
    with at(OPENED):
        with pytest.raises(Invalid, match="至少 7 天"):
            actions.open_ballot(matter, closes_at=moment("2021-09-13 09:59"), by=by)
        with pytest.raises(NotPermitted):
            actions.open_ballot(matter, closes_at=moment(ENDS), by=people["neighbour"])
        world.unit("U81", None, "90")
        world.unit("U82", "H8", "0")
        with pytest.raises(Invalid) as caught:
            actions.open_ballot(matter, closes_at=moment(ENDS), by=by)
        assert [p.where for p in caught.value.problems] == ["U81", "U82"]
        assert not Ballot.objects.exists()


def test_an_item_without_a_rule_or_a_question_is_not_put_to_the_vote(people: dict[str, Account]) -> None:
    by = people["secretary"]
    unruled, empty = world.issue(people, "I-2", kind="unruled"), world.issue(people, "I-3", item="")
    with at(OPENED):
        with pytest.raises(Invalid, match="没有适用"):
            actions.open_ballot(unruled, closes_at=moment(ENDS), by=by)
        with pytest.raises(Invalid, match="表决事项"):
            actions.open_ballot(empty, closes_at=moment(ENDS), by=by)


def test_a_matter_has_one_open_ballot_and_only_at_its_stage(people: dict[str, Account]) -> None:
    ballot, _ = opened(people)
    by = people["secretary"]
    with at(DURING):
        with pytest.raises(Invalid, match="尚在进行"):
            actions.open_ballot(ballot.matter, closes_at=moment(ENDS), by=by)
        other = actions.open_matter("issue", {"code": "I-9", "town": world.YANGXI, "estate": "E1"}, by=by)
        with pytest.raises(Invalid, match="不在表决环节"):
            actions.open_ballot(other, closes_at=moment("2021-10-20 18:00"), by=by)


# --- voting ----------------------------------------------------------------------------------------------------------


def test_one_household_one_ballot(people: dict[str, Account]) -> None:
    ballot, codes = opened(people)
    vote(codes, H1="for")
    with pytest.raises(Invalid, match="一户一票"):
        vote(codes, H1="against")
    assert progress(ballot).voted == 1
    attempt = Attempt.objects.get()
    assert (attempt.verb, attempt.matter_id) == ("vote", ballot.matter_id)
    assert "H1" not in attempt.reason_zh + attempt.reason_en


def test_the_database_itself_holds_one_ballot_a_household(people: dict[str, Account]) -> None:
    ballot, codes = opened(people)
    vote(codes, H1="for")
    elector = Elector.objects.get(ballot=ballot, household="H1")
    with pytest.raises(IntegrityError), transaction.atomic():
        Turnout.objects.create(elector=elector, way="code", day="2021-09-10")
    with pytest.raises(IntegrityError), transaction.atomic():
        Elector.objects.create(ballot=ballot, household="H1", area=1)


def test_a_code_that_is_nobodys_a_choice_that_is_none_and_a_ballot_that_is_over(people: dict[str, Account]) -> None:
    ballot, codes = opened(people)
    with pytest.raises(NotFound):
        vote({"H1": "AAAAAAAAAA"}, H1="for")
    with pytest.raises(NotFound):
        vote({"H1": ""}, H1="for")
    with pytest.raises(Invalid, match="请选择"):
        vote(codes, H1="yes")
    with at(ENDS), pytest.raises(Invalid, match="截止"):
        actions.cast_vote(codes["H1"], "for")
    assert progress(ballot).voted == 0


def test_codes_are_issued_once_and_only_their_hashes_are_kept(people: dict[str, Account]) -> None:
    ballot, codes = opened(people)
    with at(DURING), pytest.raises(Invalid, match="已发放"):
        actions.issue_codes(ballot, by=people["secretary"])
    kept = set(Elector.objects.values_list("code_hash", flat=True))
    assert not kept & set(codes.values())


def test_a_new_code_ends_the_old_one_and_tells_nothing_of_who_voted(people: dict[str, Account]) -> None:
    ballot, codes = opened(people)
    vote(codes, H2="for")
    with at(DURING):
        fresh = {h: actions.issue_code(ballot, h, by=people["secretary"], why="遗失") for h in ("H1", "H2")}
    assert all(len(code) == 10 for code in fresh.values())
    with pytest.raises(NotFound):
        vote(codes, H1="for")
    vote(fresh, H1="for")
    with pytest.raises(Invalid, match="一户一票"):
        vote(fresh, H2="for")
    with at(DURING), pytest.raises(NotFound):
        actions.issue_code(ballot, "H90", by=people["secretary"])


def test_a_signed_paper_ballot_is_entered_with_its_stub(people: dict[str, Account]) -> None:
    ballot, codes = opened(people)
    with at(DURING):
        with pytest.raises(Refusal):
            actions.record_paper(ballot, "H3", "for", evidence=b"", by=people["secretary"])
        with pytest.raises(NotPermitted):
            actions.record_paper(ballot, "H3", "for", evidence=STUB, by=people["neighbour"])
        actions.record_paper(ballot, "H3", "for", evidence=STUB, by=people["secretary"])
        with pytest.raises(Invalid, match="一户一票"):
            actions.record_paper(ballot, "H3", "against", evidence=STUB, by=people["secretary"])
    with pytest.raises(Invalid, match="一户一票"):
        vote(codes, H3="for")
    turnout = Turnout.objects.get()
    assert (turnout.way, turnout.evidence is not None) == ("paper", True)
    StoredFile.objects.update(stored_at=really_now() - timedelta(days=9))
    sweep_orphans()  # what a ballot rests on is no orphan
    assert StoredFile.objects.filter(pk=turnout.evidence_id).exists()
    assert Attempt.objects.filter(verb="vote").count() == 3


def test_while_the_matter_is_suspended_nobody_votes(people: dict[str, Account]) -> None:
    ballot, codes = opened(people)
    with at(DURING):
        actions.suspend(ballot.matter, basis="异议核查", version=ballot.matter.version, by=people["secretary"])
    with pytest.raises(Invalid, match="没有进行"):
        vote(codes, H1="for")


# --- rules stand still -----------------------------------------------------------------------------------------------


def test_units_that_change_hands_later_do_not_change_the_electorate(people: dict[str, Account]) -> None:
    ballot, codes = opened(people)
    with at(DURING):
        unit = Record.objects.get(register="units", key="U6")
        update(unit, {"household": "H7", "size": "900"}, version=unit.version, by=people["secretary"])
    vote(codes, **dict.fromkeys(world.SIZES, "for"))
    result = world.counted(ballot, people).result
    assert result is not None
    assert (result["numbers"]["households"], result["outcome"]) == (6, "passed")


def test_a_pack_with_other_thresholds_does_not_reach_an_open_ballot(people: dict[str, Account]) -> None:
    ballot, codes = opened(people)
    stricter = [{**rule, "majority": {"area": "at least 1/1", "heads": "at least 1/1"}} for rule in world.BALLOT["rules"]]
    install_process(world.process(rules=stricter), pack="test", by=None)
    vote(codes, H1="for", H2="for", H3="for", H4="against")
    done = world.counted(ballot, people)
    assert outcome(done.matter) == "passed"
    assert rule_of(done).majority.heads == "more than 1/2"


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE matters_elector SET area = 1",
        "UPDATE matters_elector SET household = 'H99' WHERE household = 'H1'",
        "UPDATE matters_ballot SET rule = '{}'",
        "UPDATE matters_ballot SET heads = 1",
        "UPDATE matters_turnout SET day = '2021-09-09'",
    ],
)
def test_the_database_refuses_to_alter_what_was_frozen(people: dict[str, Account], statement: str) -> None:
    _, codes = opened(people)
    vote(codes, H1="for")
    with pytest.raises(DatabaseError, match="frozen"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


@pytest.mark.parametrize("change", ["add", "remove", "unvote", "tally"])
def test_what_was_changed_around_the_triggers_is_found_when_it_is_counted(people: dict[str, Account], change: str) -> None:
    ballot, codes = opened(people)
    vote(codes, **dict.fromkeys(["H1", "H2", "H3", "H4", "H5"], "for"))
    if change == "add":
        Elector.objects.create(ballot=ballot, household="H99", area=50)
    elif change == "remove":
        Elector.objects.get(household="H6").delete()
    elif change == "unvote":
        Turnout.objects.get(elector__household="H1").delete()
    else:
        kept = bytes(Ballot.objects.get().tally)
        Ballot.objects.update(tally=kept[:-1] + bytes([kept[-1] ^ 1]))
    with pytest.raises(Conflict):
        world.counted(ballot, people)
    assert Ballot.objects.get().state == "open"


def test_a_tally_of_an_earlier_moment_put_back_is_found(people: dict[str, Account]) -> None:
    ballot, codes = opened(people)
    vote(codes, H1="for")
    earlier = bytes(Ballot.objects.get().tally)
    vote(codes, H2="against")
    Ballot.objects.update(tally=earlier)
    with pytest.raises(Conflict):
        world.counted(ballot, people)


# --- extending, closing ----------------------------------------------------------------------------------------------


def test_closing_before_its_time_is_refused_and_remembered(people: dict[str, Account]) -> None:
    ballot, codes = opened(people)
    vote(codes, **dict.fromkeys(world.SIZES, "for"))  # even when all have voted
    with at("2021-09-20 17:59"), pytest.raises(Invalid, match="不能提前计票"):
        actions.close_ballot(ballot, by=people["secretary"])
    assert Attempt.objects.get().verb == "close_ballot"
    with at(ENDS):
        assert actions.close_ballot(ballot, by=people["secretary"]).state == "closed"


def test_an_extension_is_later_has_a_reason_and_is_on_record(people: dict[str, Account]) -> None:
    ballot, codes = opened(people)
    by, later = people["secretary"], moment("2021-09-27 18:00")
    with at(DURING):
        with pytest.raises(Invalid, match="截止时间以后"):
            actions.extend_ballot(ballot, closes_at=moment(ENDS), why="外出户多", by=by)
        with pytest.raises(Invalid, match="原因"):
            actions.extend_ballot(ballot, closes_at=later, why=" ", by=by)
        actions.extend_ballot(ballot, closes_at=later, why="外出户多", by=by)
    with at("2021-09-22 10:00"):
        actions.cast_vote(codes["H1"], "for")
        with pytest.raises(Invalid, match="不能提前"):
            actions.close_ballot(ballot, by=by)
    with at("2021-09-28 10:00"), pytest.raises(Invalid, match="截止"):
        actions.extend_ballot(ballot, closes_at=moment("2021-10-27 18:00"), why="再延", by=by)
    entry = Entry.objects.get(chain=ballot.chain, verb="ballot.extend")
    assert entry.why == "外出户多"
    assert Ballot.objects.get().extensions == 1


def test_the_result_is_published_with_numbers_and_the_rule(people: dict[str, Account]) -> None:
    ballot, codes = opened(people, kind="change_of_use")
    vote(codes, H1="for", H2="for", H3="for", H4="against", H5="abstain")
    done = world.counted(ballot, people)
    assert done.result is not None
    assert done.result["outcome"] == "not_passed"  # 3 of 5 are less than three quarters
    assert done.result["numbers"] == {
        "households": 6, "voted": 5, "in_favour": 3, "against": 1, "abstained": 1, "area_voted_share": None, "area_in_favour_share": None,
    }  # fmt: skip
    record = Record.objects.get(register="results")
    assert (record.data["voted"], record.data["in_favour"], record.data["outcome"]) == (5, 3, "not_passed")
    assert record.data.get("area_voted_share") is None
    assert not done.tally
    assert set(Elector.objects.values_list("code_hash", flat=True)) == {None}
    with at(AFTER), pytest.raises(Invalid):
        actions.close_ballot(ballot, by=people["secretary"])


def test_nobody_voted(people: dict[str, Account]) -> None:
    ballot, _ = opened(people)
    done = world.counted(ballot, people)
    assert done.result is not None
    assert done.result["outcome"] == "no_quorum"
    assert done.result["numbers"]["area_in_favour_share"] is None


def test_the_way_on_follows_the_result(people: dict[str, Account]) -> None:
    ballot, codes = opened(people)
    by, matter = people["secretary"], ballot.matter
    vote(codes, **dict.fromkeys(["H1", "H2", "H3", "H4"], "for"))
    with at(DURING):
        for to in ("done", "dropped", "talked_over"):
            with pytest.raises(Invalid, match="尚在进行"):
                actions.advance(matter, to, version=matter.version, by=by)
        with pytest.raises(Invalid, match="尚在进行"):
            actions.withdraw(matter, version=matter.version, by=by, why="不办了")
    world.counted(ballot, people)
    with at(AFTER):
        with pytest.raises(Invalid):
            actions.advance(matter, "dropped", version=matter.version, by=by)
        assert actions.advance(matter, "done", version=matter.version, by=by).ending == "done"


def test_a_second_ballot_follows_when_the_matter_comes_back(people: dict[str, Account]) -> None:
    ballot, _ = opened(people)
    by, matter = people["secretary"], ballot.matter
    world.counted(ballot, people)
    with at(AFTER):
        matter = actions.advance(matter, "talked_over", version=matter.version, by=by)
        matter = actions.advance(matter, "voting", version=matter.version, by=by)
        again = actions.open_ballot(matter, closes_at=moment("2021-10-20 18:00"), by=by)
        assert outcome(matter) == "open"
    assert again.pk != ballot.pk
    assert voted(again).heads == 0


# --- definitions -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "changes",
    [
        {"stage": "done"},
        {"stage": "nowhere"},
        {"question": "nothing"},
        {"rules": [{**world.BALLOT["rules"][0], "kinds": ["no_such_kind"]}]},
        {"rules": [{**world.BALLOT["rules"][0], "source": ""}]},
        {"electorate": {**world.BALLOT["electorate"], "area": "household"}},
        {"electorate": {**world.BALLOT["electorate"], "by": "nothing"}},
        {"electorate": {**world.BALLOT["electorate"], "where": "nothing = 1"}},
        {"results": "units"},
    ],
)
def test_a_ballot_that_does_not_fit_is_refused_at_installation(people: dict[str, Account], changes: dict[str, Any]) -> None:
    with pytest.raises(DefinitionError):
        install_process(world.process(**changes), pack="test", by=None)


def test_the_ledger_says_that_a_household_voted_and_keeps_its_name_beside_the_chain(people: dict[str, Account]) -> None:
    ballot, codes = opened(people)
    vote(codes, H4="against")
    entry = Entry.objects.get(chain=ballot.chain, verb="ballot.vote")
    assert {k: v for k, v in entry.body.items() if k != "personal"} == {"ballot": ballot.code, "way": "code"}
    assert PersonalValue.objects.filter(entry=entry, path="household").exists()
