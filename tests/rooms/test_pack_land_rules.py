"""Land acquisition: what the law forbids is refused, and who declines may always come back to an agreement."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.db import transaction
from pytest_django.plugin import DjangoDbBlocker

from banjie.ledger.models import Entry
from banjie.lib.errors import Invalid, NotFound, NotPermitted
from banjie.matters import actions
from banjie.matters.models import Matter
from banjie.people.models import Account
from banjie.people.verbs import Verb
from banjie.registers.actions import create, update
from banjie.registers.models import Record
from tests.rooms import county
from tests.rooms.land_world import HOUSEHOLD, NEW, OLD, PROJECT, SHANGDU, peopled, standards
from tests.rooms.matters_world import at

pytestmark = pytest.mark.django_db
PRE_ANNOUNCED, NOTICE_ON = "2021-09-01", "2021-10-11"
LAST_DAY, FIRST_DAY = "2021-11-10", "2021-11-11"  # of the thirty days, of which the day of the notice is none; and of signing
PLAN = {"plan_no": "补偿方案1号", "plan_notice_on": NOTICE_ON, "estimated_compensation": "1000000"}
SIGNED = {"signed_on": FIRST_DAY, "agreement_no": "协1", "position": "agrees"}


@pytest.fixture(scope="module", autouse=True)
def offices(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[None]:
    """The packs and their people, installed once and rolled back in the end."""
    with django_db_blocker.unblock(), transaction.atomic():
        peopled(tmp_path_factory.mktemp("packs"))
        yield
        transaction.set_rollback(True)


@pytest.fixture
def people() -> dict[str, Account]:
    return {account.username: account for account in Account.objects.all()}


def step(matter: Matter, to: str, when: str, by: Account, **changes: object) -> Matter:
    row = Matter.objects.select_related("record").get(pk=matter.pk)
    with at(when):
        return actions.advance(row, to, version=row.version, by=by, changes=changes)


def stage(matter: Matter) -> str:
    return Matter.objects.get(pk=matter.pk).stage


def announced(people: dict[str, Account]) -> Matter:
    with at(f"{PRE_ANNOUNCED} 09:00"):
        return actions.open_matter("acquisition", PROJECT, by=people["acquisition"])


def surveyed(people: dict[str, Account]) -> Matter:
    matter = announced(people)
    step(matter, "surveying", "2021-09-22 09:00", people["acquisition"], pre_announced_on=PRE_ANNOUNCED)
    done = {
        "survey": ({"survey_report": "已确认"}, "household_team"),
        "risk": ({"risk_level": "low", "risk_report": "风评1号"}, "acquisition"),
    }
    for task in matter.tasks.all():
        changes, by = done[task.name]
        with at("2021-09-28 09:00"):
            row = Matter.objects.get(pk=matter.pk)
            actions.complete_task(row, task.name, version=row.version, by=people[by], changes=changes)
    return step(matter, "planning", "2021-09-28 10:00", people["acquisition"])


def noticed(people: dict[str, Account]) -> Matter:
    return step(surveyed(people), "plan_notice", f"{NOTICE_ON} 09:00", people["acquisition"], **PLAN)


def signing(people: dict[str, Account]) -> Matter:
    matter = noticed(people)
    step(matter, "registration", f"{FIRST_DAY} 08:30", people["acquisition"])
    dates = {"registered_until": FIRST_DAY, "signing_opened_on": FIRST_DAY}
    return step(matter, "signing", f"{FIRST_DAY} 08:40", people["acquisition"], **dates)


def household(people: dict[str, Account], code: str = "H1") -> Matter:
    """A household with one line, visited and talked to: the next step is to sign or to decline."""
    team = people["household_team"]
    with at("2021-10-11 09:00"):
        if not Record.objects.filter(register="compensation_standards").exists():
            standards(people["land_bureau"])
        matter = actions.open_matter("household_case", HOUSEHOLD | {"code": code}, by=team)
        create("compensation_lines", {"household": code, "number": 1, "standard": NEW, "quantity": "100"}, by=team)
    step(matter, "planning", "2021-10-12 09:00", team, analysis="无争议")
    return step(matter, "negotiating", "2021-10-13 09:00", team, plan="货币补偿")


# Notices run before anything is signed


@pytest.mark.parametrize(
    ("day", "runs"), [("2021-09-14", False), ("2021-09-15", False), ("2021-09-16", True)]
)  # ten workdays after 1 September: the 15th is the tenth
def test_the_pre_announcement_runs_for_ten_workdays(people: dict[str, Account], day: str, runs: bool) -> None:
    matter = announced(people)
    if runs:
        assert (
            step(matter, "surveying", f"{day} 09:00", people["acquisition"], pre_announced_on=PRE_ANNOUNCED).stage == "surveying"
        )
        return
    with pytest.raises(Invalid, match="法定期限未满，2021-09-16 00:00 起"):
        step(matter, "surveying", f"{day} 09:00", people["acquisition"], pre_announced_on=PRE_ANNOUNCED)
    assert stage(matter) == "pre_announcement"


def test_the_plan_is_on_notice_for_thirty_days(people: dict[str, Account]) -> None:
    matter = noticed(people)
    with pytest.raises(Invalid, match=f"法定期限未满，{FIRST_DAY} 00:00 起") as refused:
        step(matter, "registration", f"{LAST_DAY} 17:00", people["acquisition"])
    assert "the statutory notice has not run" in refused.value.says.en
    assert stage(matter) == "plan_notice"
    assert step(matter, "registration", f"{FIRST_DAY} 08:30", people["acquisition"]).stage == "registration"


def test_signing_cannot_be_opened_on_a_day_before_the_notice_has_run(people: dict[str, Account]) -> None:
    matter = step(noticed(people), "registration", f"{FIRST_DAY} 08:30", people["acquisition"])
    early = {"registered_until": FIRST_DAY, "signing_opened_on": LAST_DAY}
    with pytest.raises(Invalid, match="公告未满三十日"):
        step(matter, "signing", f"{FIRST_DAY} 08:40", people["acquisition"], **early)
    assert stage(matter) == "registration"


def test_no_household_signs_before_signing_has_opened(people: dict[str, Account]) -> None:
    project, case = noticed(people), household(people)
    before = Entry.objects.count()
    with pytest.raises(Invalid, match="公告期未满") as refused:
        step(case, "paying", "2021-11-01 09:00", people["household_team"], **SIGNED | {"signed_on": "2021-11-01"})
    assert "the notice has not run" in refused.value.problems[0].says.en
    record = Record.objects.get(pk=case.record_id)
    assert (stage(case), record.data.get("signed_on"), stage(project)) == ("negotiating", None, "plan_notice")
    assert Entry.objects.count() == before


def test_nor_is_a_signature_dated_back_or_written_into_the_record(people: dict[str, Account]) -> None:
    signing(people)
    case = household(people)
    early = SIGNED | {"signed_on": LAST_DAY}
    with pytest.raises(Invalid, match="公告期未满"):
        step(case, "paying", f"{FIRST_DAY} 09:00", people["household_team"], **early)
    record = Record.objects.get(pk=case.record_id)
    with at(f"{FIRST_DAY} 09:00"), pytest.raises(Invalid, match="公告期未满"):
        update(record, early, version=record.version, by=people["household_team"])
    assert step(case, "paying", f"{FIRST_DAY} 09:00", people["household_team"], **SIGNED).stage == "paying"


# Hearing


def test_a_hearing_is_held_where_a_majority_objects_and_the_changed_plan_goes_on_notice_anew(people: dict[str, Account]) -> None:
    desk, matter = people["acquisition"], noticed(people)
    with pytest.raises(Invalid, match="没有多数成员提出异议"):
        step(matter, "hearing", f"{FIRST_DAY} 09:00", desk)
    with pytest.raises(Invalid, match="应当听证"):
        step(matter, "registration", f"{FIRST_DAY} 09:00", desk, majority_objects=True)
    step(matter, "hearing", f"{FIRST_DAY} 09:00", desk, majority_objects=True)
    held = {"hearing_held_on": "2021-11-18", "hearing_result": "过渡费改为按月计算"}
    with pytest.raises(Invalid, match="不得早于听证会"):
        step(matter, "plan_notice", "2021-11-19 09:00", people["commander"], **held, plan_notice_on="2021-11-17")
    anew = {**held, "plan_notice_on": "2021-11-19", "majority_objects": False}
    step(matter, "plan_notice", "2021-11-19 09:00", people["commander"], **anew)
    with pytest.raises(
        Invalid, match="2021-12-21 00:00 起"
    ):  # from the nineteenth, whatever had run before; and not ending on a Sunday
        step(matter, "registration", "2021-12-20 09:00", desk)
    assert step(matter, "registration", "2021-12-21 09:00", desk).stage == "registration"
    assert Matter.objects.get(pk=matter.pk).returns == 1


def test_where_the_plan_stands_after_the_hearing_it_is_not_put_up_again(people: dict[str, Account]) -> None:
    matter = noticed(people)
    step(matter, "hearing", f"{FIRST_DAY} 09:00", people["acquisition"], majority_objects=True)
    held = {"hearing_held_on": "2021-11-18", "hearing_result": "方案合法，不作修改"}
    assert step(matter, "registration", "2021-11-19 09:00", people["commander"], **held).stage == "registration"


# Households that decline


def declined(people: dict[str, Account]) -> Matter:
    signing(people)
    said = {"position": "declines", "position_on": FIRST_DAY}
    return step(household(people), "declined", f"{FIRST_DAY} 09:00", people["household_team"], **said)


def test_a_household_in_court_may_return_to_an_agreement(people: dict[str, Account]) -> None:
    case, commander = declined(people), people["commander"]
    with pytest.raises(Invalid, match="案号"):
        step(case, "judicial", "2021-11-15 09:00", commander, judicial_on="2021-11-15")
    step(case, "judicial", "2021-11-15 09:00", commander, judicial_on="2021-11-15", judicial_case="（2021）1号")
    assert step(case, "paying", "2021-12-01 09:00", commander, **SIGNED | {"signed_on": "2021-12-01"}).stage == "paying"


def test_from_court_or_from_a_refusal_the_office_decides_and_pays_without_a_signature(people: dict[str, Account]) -> None:
    case, commander = declined(people), people["commander"]
    step(case, "deciding", "2021-11-20 09:00", commander)
    decided = {"decided_on": "2021-12-10", "decision_no": "征决1号"}
    step(case, "paying", "2021-12-10 09:00", commander, **decided)
    row = Matter.objects.get(pk=case.pk)
    with at("2021-12-15 09:00"):
        paid = {"paid_on": "2021-12-15", "payment_no": "付1"}
        done = actions.close(row, to="paid", version=row.version, by=people["cashier"], changes=paid)
    assert (done.ending, Record.objects.get(pk=case.record_id).data.get("signed_on")) == ("done", None)


def test_a_decision_may_turn_back_into_talks(people: dict[str, Account]) -> None:
    case = declined(people)
    step(case, "deciding", "2021-11-20 09:00", people["commander"])
    back = step(case, "negotiating", "2021-11-22 09:00", people["commander"])
    assert (back.stage, back.returns) == ("negotiating", 1)


def test_who_signs_agrees(people: dict[str, Account]) -> None:
    signing(people)
    with pytest.raises(Invalid, match="签约意向应为"):
        step(household(people), "paying", f"{FIRST_DAY} 09:00", people["household_team"], **SIGNED | {"position": "declines"})


def test_an_acquisition_is_submitted_with_households_unsigned_if_it_says_so_and_never_without_the_money(
    people: dict[str, Account],
) -> None:
    matter, commander = signing(people), people["commander"]
    asked = {
        "unsigned_households": 1,
        "submitted_on": "2021-11-25",
        "unsigned_stated": "1 户未达成协议",
        "funds_in_place": "999999",
    }
    with pytest.raises(Invalid, match="未足额到位"):
        step(matter, "submission", "2021-11-25 09:00", commander, **asked)
    asked["funds_in_place"] = "1000000"
    with pytest.raises(Invalid):  # who has not signed is stated
        step(matter, "submission", "2021-11-25 09:00", commander, **asked | {"unsigned_stated": None})
    assert step(matter, "submission", "2021-11-25 09:00", commander, **asked).stage == "submission"


# Dated standards


def line(people: dict[str, Account], standard: str, quantity: str = "33.333") -> Record:
    return create(
        "compensation_lines",
        {"household": "H1", "number": 9, "standard": standard, "quantity": quantity},
        by=people["household_team"],
    )


def valued(people: dict[str, Account], day: str) -> None:
    standards(people["land_bureau"])
    create("acquisitions", PROJECT | {"started_on": "2021-08-01"}, by=people["acquisition"])
    create("households", HOUSEHOLD | {"valued_on": day}, by=people["household_team"])


@pytest.mark.parametrize(("day", "standard", "amount"), [("2021-08-31", OLD, "33999.66"), ("2021-09-01", NEW, "39344.61")])
def test_a_line_takes_the_price_that_held_on_the_day(people: dict[str, Account], day: str, standard: str, amount: str) -> None:
    valued(people, day)
    assert line(people, standard).data["amount"] == amount


@pytest.mark.parametrize(("day", "standard"), [("2021-08-31", NEW), ("2021-09-01", OLD), ("2017-12-31", OLD)])
def test_a_standard_that_did_not_hold_on_the_day_is_refused(people: dict[str, Account], day: str, standard: str) -> None:
    valued(people, day)
    with pytest.raises(Invalid, match="没有施行"):
        line(people, standard)
    assert not Record.objects.filter(register="compensation_lines").exists()


def test_a_new_standard_leaves_what_was_computed_as_it_is(people: dict[str, Account]) -> None:
    valued(people, "2021-09-01")
    computed = line(people, NEW)
    newer = {
        "code": "B2022",
        "item": "房屋（砖混）",
        "measured_in": "平方米",
        "unit_price": "1300",
        "effective_from": "2022-01-01",
    }
    create(
        "compensation_standards", {**newer, "town": "431322", "confirmed": True, "document": "测试用"}, by=people["land_bureau"]
    )
    assert Record.objects.get(pk=computed.pk).data["amount"] == "39344.61"


# Who does what


def test_only_the_team_takes_the_step_and_to_others_there_is_no_such_matter(people: dict[str, Account]) -> None:
    signing(people)
    case = household(people)
    with pytest.raises(NotPermitted):
        step(case, "paying", f"{FIRST_DAY} 09:00", people["cashier"], **SIGNED)
    outsider = county.person("clerk", SHANGDU, [Verb.VIEW, Verb.UPDATE, Verb.HANDLE])
    for by in (outsider, people["land_bureau"]):
        with pytest.raises(NotFound):
            step(case, "paying", f"{FIRST_DAY} 09:00", by, **SIGNED)
    assert stage(case) == "negotiating"
