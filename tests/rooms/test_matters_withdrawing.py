"""Who may withdraw a matter, and until when: never what lies in another office's hands, unless the process says so."""

from __future__ import annotations

from typing import Any

import pytest

from banjie.ledger.models import Entry
from banjie.lib.errors import DefinitionError, Invalid, NotPermitted, Refusal
from banjie.matters import actions
from banjie.matters.definition import Process
from banjie.matters.installing import install_process
from banjie.matters.models import Matter
from banjie.matters.page import page
from banjie.people.models import Account
from tests.rooms import matters_world as world
from tests.rooms.matters_world import at, request
from tests.rooms.test_matters_joint import again, branch, main
from tests.rooms.test_matters_joint import people as joint_people

pytestmark = pytest.mark.django_db
__all__ = ["joint_people", "main"]  # fixtures


@pytest.fixture
def people(request: pytest.FixtureRequest) -> dict[str, Account]:
    if "main" in request.fixturenames:
        found: dict[str, Account] = request.getfixturevalue("joint_people")
        return found
    return world.build()


def opened(people: dict[str, Account], stage: str, **withdraw: Any) -> Matter:
    """A request that stands in the hands of the desk (received) or of the unit (handling)."""
    install_process(Process.load({**world.PROCESS, "withdraw": withdraw}), pack="test", by=None)
    with at(world.MONDAY):
        matter = actions.open_matter("request", request(kind="all"), by=people["desk"])
        return matter if stage == "received" else actions.advance(matter, stage, version=1, by=people["desk"])


WHO = [  # (what the process says, the stage, who may)
    ({}, "received", {"desk", "head"}),
    ({}, "handling", {"unit", "head"}),
    ({"by": ["owner"]}, "handling", {"unit"}),
    ({"by": ["opener"]}, "handling", {"desk"}),
    ({"by": ["applicant"]}, "handling", set()),
    ({"by": ["supervisor"], "stages": ["received"]}, "received", {"head"}),
    ({"stages": ["received"]}, "handling", set()),
    ({"stages": []}, "received", set()),
]


@pytest.mark.parametrize(("says", "stage", "who"), WHO)
def test_those_whom_the_process_names_may_and_only_they_are_offered_it(
    people: dict[str, Account], says: dict[str, Any], stage: str, who: set[str]
) -> None:
    matter = opened(people, stage, **says)
    assert {name for name in people if name != "other" and "withdraw" in page(matter, by=people[name]).may} == who
    for name in set(people) - who:
        with pytest.raises(Refusal):
            actions.withdraw(matter, version=matter.version, by=people[name], why="不办了")
    matter.refresh_from_db()
    assert matter.state == "open"
    for name in sorted(who)[:1]:
        assert actions.withdraw(matter, version=matter.version, by=people[name], why="不办了").ending == "withdrawn"


def test_a_refusal_names_the_stage_or_who_may(people: dict[str, Account]) -> None:
    matter = opened(people, "handling", stages=["received"])
    with pytest.raises(Invalid, match="已到「办理」环节，不能再撤回"):
        actions.withdraw(matter, version=2, by=people["unit"], why="不办了")
    install_process(Process.load({**world.PROCESS, "withdraw": {}}), pack="test", by=None)
    with at(world.MONDAY):
        other = actions.open_matter("request", request("Q-2", kind="all"), by=people["desk"])
        actions.advance(other, "handling", version=1, by=people["desk"])
    with pytest.raises(NotPermitted, match="现环节的责任人、督办人员"):
        actions.withdraw(other, version=2, by=people["desk"], why="不办了")
    with pytest.raises(Invalid, match="原因"):
        actions.withdraw(other, version=2, by=people["unit"], why=" ")


def test_an_applicant_takes_back_only_what_the_process_lets_them(people: dict[str, Account]) -> None:
    with pytest.raises(Invalid, match="不能在网上撤回"):
        actions.take_back(opened(people, "received"))
    install_process(
        Process.load({**world.PROCESS, "withdraw": {"by": ["applicant"], "stages": ["received"]}}), pack="test", by=None
    )
    with at(world.MONDAY):
        matter = actions.open_matter("request", request("Q-2", kind="all"), by=None)
        late = actions.open_matter("request", request("Q-3", kind="all"), by=people["desk"])
        actions.advance(late, "handling", version=1, by=people["desk"])
    with pytest.raises(Invalid, match="不能再撤回"):
        actions.take_back(late)
    assert actions.take_back(matter).ending == "withdrawn"
    entry = Entry.objects.of(matter.record.chain).order_by("-index")[0]
    assert (entry.verb, entry.why) == ("matter.withdraw", "申请人撤回")


def test_a_branch_is_withdrawn_by_its_own_department_and_the_joint_decision_waits(
    people: dict[str, Account], main: Matter
) -> None:
    with at("2021-09-07 09:00"):
        for name in ("desk", "head"):  # the clerk whose step opened it, and a supervisor
            with pytest.raises(NotPermitted, match="承办部门"):
                actions.withdraw(branch(main, "fire"), version=1, by=people[name], why="不办了")
        actions.withdraw(branch(main, "fire"), version=1, by=people["unit"], why="不属本部门")
        actions.advance(branch(main, "health"), "licensed", version=1, by=people["unit"])
        assert again(main).stage == "joint"  # one of them decided nothing
        with pytest.raises(Invalid, match="fire」已撤回"):
            actions.advance(main, "issued", version=1, by=people["desk"])
        actions.reopen(branch(main, "fire"), version=2, by=people["head"], why="应由本部门办理")
        actions.advance(branch(main, "fire"), "licensed", version=3, by=people["unit"])
    assert again(main).stage == "issued"


def test_the_whole_is_withdrawn_with_what_is_undecided_and_not_with_what_is_only_checked(
    people: dict[str, Account], main: Matter
) -> None:
    with at("2021-09-07 09:00"):
        actions.advance(branch(main, "health"), "licensed", version=1, by=people["unit"])
        actions.return_for_more(branch(main, "fire"), wanted="平面图", version=1, by=people["unit"])
        actions.withdraw(main, version=again(main).version, by=people["desk"], why="不办了")
    assert (again(main).ending, branch(main, "fire").ending, branch(main, "health").state) == ("withdrawn", "withdrawn", "open")


@pytest.mark.parametrize(
    ("says", "finding"),
    [({"stages": ["nowhere"]}, "nowhere"), ({"stages": ["closed"]}, "closed"), ({"by": ["anybody"]}, "applicant")],
)
def test_what_a_process_says_of_it_is_checked(says: dict[str, Any], finding: str) -> None:
    with pytest.raises(DefinitionError, match=finding):
        Process.load({**world.PROCESS, "withdraw": says})
    with pytest.raises(DefinitionError, match="public_code"):
        Process.load({**world.PROCESS, "public_code": False, "withdraw": {"by": ["applicant"]}})
