"""Composite approvals where something goes wrong: closed twice, withdrawn, taken up again, refused, nobody there to decide."""

from __future__ import annotations

import pytest

from banjie.lib.errors import Conflict, Invalid, NotPermitted
from banjie.matters import actions
from banjie.matters.actions.applying import supply, wanted
from banjie.matters.models import Matter
from banjie.matters.page import page
from banjie.people.models import Account
from banjie.registers.actions import remove
from tests.rooms.matters_world import at
from tests.rooms.test_matters_joint import again, branch, due, main, people

pytestmark = pytest.mark.django_db
__all__ = ["main", "people"]  # fixtures


def test_a_branch_is_not_closed_twice(people: dict[str, Account], main: Matter) -> None:
    with at("2021-09-07 09:00"):
        fire = branch(main, "fire")
        actions.advance(fire, "refused", version=1, by=people["unit"])
        with pytest.raises(Conflict):
            actions.advance(fire, "licensed", version=1, by=people["unit"])
        with pytest.raises(Invalid, match="已办结"):
            actions.advance(fire, "licensed", version=2, by=people["unit"])
        with pytest.raises(Invalid, match="已办结"):
            actions.withdraw(fire, version=2, by=people["unit"], why="不办了")
    assert (again(main).stage, again(main).version) == ("joint", 1)
    assert branch(main, "fire").ending == "rejected"


def test_a_refused_branch_takes_the_main_matter_on_and_does_not_refuse_the_rest(people: dict[str, Account], main: Matter) -> None:
    with at("2021-09-07 09:00"):
        actions.advance(branch(main, "fire"), "refused", version=1, by=people["unit"])
        assert branch(main, "health").state == "open"
        actions.advance(branch(main, "health"), "refused", version=1, by=people["unit"])
    assert (again(main).stage, again(main).state) == ("issued", "open")


def test_the_main_matter_does_not_go_on_over_a_branch_that_waits_for_the_applicant(
    people: dict[str, Account], main: Matter
) -> None:
    with at("2021-09-07 09:00"):
        actions.return_for_more(branch(main, "fire"), wanted="平面图", version=1, by=people["unit"])
        assert "resume" not in page(main, by=people["desk"]).may
        with pytest.raises(Invalid, match="「Q-1/fire」还在等申请人补正"):
            actions.resume(main, version=again(main).version, by=people["desk"])
    assert again(main).state == "suspended"


def test_what_the_matter_and_its_branches_ask_for_is_handed_in_together(people: dict[str, Account], main: Matter) -> None:
    with at("2021-09-07 09:00"):
        actions.return_for_more(main, wanted="身份证明", version=1, by=people["desk"])
        actions.return_for_more(branch(main, "fire"), wanted="平面图", version=1, by=people["unit"])
        assert wanted(again(main)) == "身份证明\n单位：平面图"
    with at("2021-09-08 09:00"):
        done = supply(again(main), answer="都已补")
    assert (done.state, wanted(done), branch(main, "fire").state) == ("open", None, "open")


def test_a_closed_matter_taken_up_again_keeps_what_its_branches_decided(people: dict[str, Account], main: Matter) -> None:
    with at("2021-09-07 09:00"):
        for item in ("fire", "health"):
            actions.advance(branch(main, item), "refused", version=1, by=people["unit"])
        actions.advance(main, "closed", version=again(main).version, by=people["desk"])
    with at("2021-09-08 09:00"):
        with pytest.raises(Invalid, match="主事项已办结"):
            actions.reopen(branch(main, "fire"), version=2, by=people["head"], why="复议决定撤销")
        actions.reopen(main, version=again(main).version, by=people["head"], why="复议决定撤销")
        assert (again(main).stage, main.branches.count()) == ("joint", 2)  # nothing is asked for a second time
        actions.reopen(branch(main, "fire"), version=2, by=people["head"], why="复议决定撤销")
        with pytest.raises(Invalid, match="未办结"):
            actions.advance(main, "issued", version=again(main).version, by=people["desk"])
        actions.advance(branch(main, "fire"), "licensed", version=3, by=people["unit"])
    assert again(main).stage == "issued"


def test_a_branch_taken_up_again_is_waited_for_before_the_end(people: dict[str, Account], main: Matter) -> None:
    with at("2021-09-07 09:00"):
        for item in ("fire", "health"):
            actions.advance(branch(main, item), "refused", version=1, by=people["unit"])
        assert again(main).stage == "issued"
        actions.reopen(branch(main, "fire"), version=2, by=people["head"], why="补充了材料")
        with pytest.raises(Invalid, match="未办结"):
            actions.advance(main, "closed", version=again(main).version, by=people["desk"])
        actions.advance(branch(main, "fire"), "licensed", version=3, by=people["unit"])
        ended = actions.advance(main, "closed", version=again(main).version, by=people["desk"])
    assert ended.state == "closed"


def test_another_department_does_not_decide(people: dict[str, Account], main: Matter) -> None:
    with at("2021-09-07 09:00"), pytest.raises(NotPermitted):
        actions.advance(branch(main, "fire"), "licensed", version=1, by=people["desk"])
    assert branch(main, "fire").stage == "review"


def test_the_term_of_a_branch_and_the_joint_one_are_explained_each_by_itself(people: dict[str, Account], main: Matter) -> None:
    with at("2021-09-07 09:00"):
        actions.return_for_more(branch(main, "fire"), wanted="平面图", version=1, by=people["unit"])
    with at("2021-09-09 09:00"):
        actions.resume(branch(main, "fire"), version=2, by=people["unit"])
        lines = {m.record.key: page(m, by=None).clocks[0].explained.lines for m in (again(main), branch(main, "fire"))}
    assert (due(main), due(branch(main, "fire"))) == ("09-23 17:30", "09-13 17:30")
    for said in lines.values():
        assert any("暂停计时（待补正：" in line.says.zh and "平面图" in line.says.zh for line in said)
    assert [sum(line.amount for line in said) for said in lines.values()] == [10, 3]


def test_what_the_applicant_is_asked_for_stands_whatever_else_is_done(people: dict[str, Account], main: Matter) -> None:
    with at("2021-09-07 09:00"):
        fire = actions.return_for_more(branch(main, "fire"), wanted="平面图", version=1, by=people["unit"])
        actions.urge(fire, says="请抓紧", by=people["head"], version=fire.version)
        assert wanted(again(main)) == "单位：平面图"
        assert supply(again(main), answer="已补").state == "open"


def test_a_branch_whose_record_was_removed_holds_nothing_up(people: dict[str, Account], main: Matter) -> None:
    with at("2021-09-07 09:00"):
        actions.return_for_more(branch(main, "fire"), wanted="平面图", version=1, by=people["unit"])
        gone = branch(main, "fire").record
        remove(gone, version=gone.version, by=None)
        actions.resume(main, version=again(main).version, by=people["desk"])
        actions.advance(branch(main, "health"), "licensed", version=1, by=people["unit"])
    assert again(main).stage == "issued"
