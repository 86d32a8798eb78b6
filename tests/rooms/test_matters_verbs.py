"""Everything else that is done with a matter: tasks, waiting, more time, other hands, and ways out."""

from __future__ import annotations

import pytest

from banjie.ledger.models import Entry
from banjie.lib.errors import Conflict, Invalid, NotFound, NotPermitted
from banjie.matters import actions
from banjie.matters.actions import advance, open_matter
from banjie.matters.models import Clock, Matter, Task
from banjie.people.models import Account, Organisation, Post
from banjie.registers.actions import create
from banjie.registers.attachments import attach
from tests.rooms import matters_world as world
from tests.rooms.matters_world import at, request

pytestmark = pytest.mark.django_db
PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 64


@pytest.fixture
def people() -> dict[str, Account]:
    return world.build()


@pytest.fixture
def matter(people: dict[str, Account]) -> Matter:
    """With the unit of Yangxi since Monday 11:00, due on Monday 13 September, 17:30."""
    with at(world.MONDAY):
        made = open_matter("request", request(kind="路灯"), by=people["desk"])
    with at("2021-09-06 11:00"):
        return advance(made, "handling", version=1, by=people["desk"])


def fresh(matter: Matter) -> Matter:
    return Matter.objects.get(pk=matter.pk)


def due(matter: Matter) -> str:
    return f"{fresh(matter).due_at.astimezone(world.clock.LOCAL):%m-%d %H:%M}"


def last(matter: Matter) -> Entry:
    return Entry.objects.of(matter.record.chain).order_by("index").last()


# --- waiting -----------------------------------------------------------------------------------------------------


def test_a_suspension_moves_the_due_time_by_the_days_it_took(people: dict[str, Account], matter: Matter) -> None:
    assert due(matter) == "09-13 17:30"
    with at("2021-09-08 10:00"):
        actions.suspend(matter, basis="听证", evidence="听证通知书", version=2, by=people["unit"])
    assert fresh(matter).state == "suspended"
    assert fresh(matter).due_at is None
    assert not Clock.objects.filter(matter=matter, next_sweep_at__isnull=False).exists()
    with at("2021-09-10 15:00"):
        actions.resume(matter, version=3, by=people["unit"])
    assert due(matter) == "09-15 17:30"  # the 8th and the 9th do not count
    assert fresh(matter).suspended_seconds == 53 * 3600
    assert last(matter).verb == "matter.resume"


def test_nothing_is_decided_while_a_matter_is_suspended(people: dict[str, Account], matter: Matter) -> None:
    with at("2021-09-08 10:00"):
        actions.suspend(matter, basis="听证", version=2, by=people["unit"])
        with pytest.raises(Invalid, match="已暂停"):
            advance(matter, "closed", version=3, by=people["unit"], changes={"result": "好"})
        with pytest.raises(Invalid, match="已暂停"):
            actions.suspend(matter, basis="又", version=3, by=people["unit"])
        assert actions.withdraw(matter, version=3, by=people["desk"], why="已自行解决").ending == "withdrawn"


def test_a_suspension_needs_a_ground_and_a_resumption_a_suspension(people: dict[str, Account], matter: Matter) -> None:
    with at("2021-09-08 10:00"):
        with pytest.raises(Invalid, match="依据"):
            actions.suspend(matter, basis=" ", version=2, by=people["unit"])
        with pytest.raises(Invalid, match="没有暂停"):
            actions.resume(matter, version=2, by=people["unit"])
        with pytest.raises(NotPermitted):
            actions.suspend(matter, basis="听证", version=2, by=people["desk"])


def test_documents_asked_for_are_counted_as_a_return_and_stop_the_clock(people: dict[str, Account], matter: Matter) -> None:
    with at("2021-09-08 10:00"):
        actions.return_for_more(matter, wanted="身份证复印件", version=2, by=people["unit"])
    assert (fresh(matter).returns, fresh(matter).state) == (1, "suspended")
    assert last(matter).body["detail"] == {"wanted": "身份证复印件"}


# --- more time ---------------------------------------------------------------------------------------------------


def test_an_extension_is_asked_for_by_one_and_approved_by_another(people: dict[str, Account], matter: Matter) -> None:
    with at("2021-09-13 10:00"):
        asked = actions.ask_extension(matter, amount="3个工作日", reason="需检测", version=2, by=people["unit"])
        assert due(matter) == "09-13 17:30"
        with pytest.raises(NotPermitted):
            actions.decide_extension(asked, approve=True, version=3, by=people["unit"])
        actions.decide_extension(asked, approve=True, version=3, by=people["head"], says="同意")
    assert due(matter) == "09-16 17:30"
    assert last(matter).body["detail"]["state"] == "approved"


def test_a_refused_extension_moves_nothing(people: dict[str, Account], matter: Matter) -> None:
    with at("2021-09-13 10:00"):
        asked = actions.ask_extension(matter, amount="3 workdays", reason="需检测", version=2, by=people["unit"])
        actions.decide_extension(asked, approve=False, version=3, by=people["head"], says="无需")
        with pytest.raises(Invalid, match="没有待批"):
            actions.decide_extension(asked, approve=True, version=4, by=people["head"])
    assert due(matter) == "09-13 17:30"


WRONG_EXTENSIONS = [("3 days", "原因", "单位"), ("3 workdays", " ", "理由"), ("soon", "原因", "看不懂期限")]


@pytest.mark.parametrize(("amount", "reason", "says"), WRONG_EXTENSIONS)
def test_an_extension_that_cannot_be_is_refused(
    people: dict[str, Account], matter: Matter, amount: str, reason: str, says: str
) -> None:
    with at("2021-09-13 10:00"), pytest.raises(Exception, match=says):
        actions.ask_extension(matter, amount=amount, reason=reason, version=2, by=people["unit"])
    assert fresh(matter).version == 2


def test_no_more_extensions_than_the_process_allows(people: dict[str, Account], matter: Matter) -> None:
    with at("2021-09-13 10:00"):
        asked = actions.ask_extension(matter, amount="3 workdays", reason="需检测", version=2, by=people["unit"])
        with pytest.raises(Invalid, match="待批"):
            actions.ask_extension(matter, amount="3 workdays", reason="需检测", version=3, by=people["unit"])
        actions.decide_extension(asked, approve=True, version=3, by=people["head"])
        with pytest.raises(Invalid, match="1 次"):
            actions.ask_extension(matter, amount="3 workdays", reason="再", version=4, by=people["unit"])


def test_only_a_supervisor_urges(people: dict[str, Account], matter: Matter) -> None:
    with at("2021-09-13 10:00"):
        with pytest.raises(NotPermitted):
            actions.urge(matter, says="请加快", version=2, by=people["unit"])
        assert actions.urge(matter, says="请加快", version=2, by=people["head"]).urges == 1


# --- hands -------------------------------------------------------------------------------------------------------


def test_a_matter_is_accepted_once(people: dict[str, Account], matter: Matter) -> None:
    with at("2021-09-06 12:00"):
        actions.accept(matter, version=2, by=people["unit"])
        with pytest.raises(Invalid, match="已接办"):
            actions.accept(matter, version=3, by=people["unit"])


def test_who_has_handed_over_has_no_say_any_more(people: dict[str, Account], matter: Matter) -> None:
    desk = Post.objects.get(code="post-desk")
    with at("2021-09-07 09:00"):
        with pytest.raises(Invalid, match="移交原因"):
            actions.hand_over(matter, desk, version=2, by=people["unit"], why="")
        actions.hand_over(matter, desk, version=2, by=people["head"], why="职责调整")
        with pytest.raises(NotPermitted, match="岗位"):
            advance(matter, "closed", version=3, by=people["unit"], changes={"result": "好"})
        assert advance(matter, "closed", version=3, by=people["desk"], changes={"result": "好"}).state == "closed"


def test_another_unit_is_invited_and_answers_though_it_lies_elsewhere(people: dict[str, Account], matter: Matter) -> None:
    baixi = Organisation.objects.get(code="org-other")
    with at("2021-09-07 09:00"):
        asked = actions.invite(matter, baixi, asks="核实地点", within="2 workdays", version=2, by=people["unit"])
        with pytest.raises(Invalid, match="已邀请"):
            actions.invite(matter, baixi, asks="核实地点", version=3, by=people["unit"])
        with pytest.raises(NotFound):
            actions.answer_invitation(asked, answer="不是我们", by=people["reader"])
        actions.answer_invitation(asked, answer="在我镇与洋溪交界", by=people["other"])
        with pytest.raises(Invalid, match="已答复"):
            actions.answer_invitation(asked, answer="再答", by=people["other"])
    asked.refresh_from_db()
    assert (asked.state, f"{asked.due_at:%F %R}") == ("answered", "2021-09-09 09:30")
    assert fresh(matter).owner_post.code == "post-unit"


# --- tasks -------------------------------------------------------------------------------------------------------


@pytest.fixture
def joint(people: dict[str, Account]) -> Matter:
    with at(world.MONDAY):
        made = open_matter("request", request(amount="5"), by=people["desk"])
        return advance(made, "joint", version=1, by=people["desk"])


def test_tasks_run_side_by_side_each_with_its_owner_and_its_limit(people: dict[str, Account], joint: Matter) -> None:
    tasks = {t.name: t for t in joint.tasks.all()}
    assert {n: t.owner_post.code for n, t in tasks.items()} == {"fire": "post-unit", "health": "post-desk"}  # not "big": 5 ≤ 1000
    assert f"{tasks['fire'].due_at:%F}" == "2021-09-09"
    with at("2021-09-07 09:00"):
        with pytest.raises(Invalid, match=r"消防.*未完成"):
            advance(joint, "closed", version=2, by=people["desk"])
        with pytest.raises(Invalid, match="必须填写"):
            actions.complete_task(joint, "fire", by=people["unit"])
        with pytest.raises(NotPermitted):
            actions.complete_task(joint, "health", by=people["unit"])
        actions.complete_task(joint, "fire", by=people["unit"], changes={"result": "合格"})
        actions.complete_task(joint, "health", by=people["desk"])
        with pytest.raises(NotFound):
            actions.complete_task(joint, "health", by=people["desk"])
        assert advance(joint, "closed", version=4, by=people["desk"]).state == "closed"
    assert not Clock.objects.filter(matter=joint).standing().exists()


def test_a_task_that_was_returned_is_open_again(people: dict[str, Account], joint: Matter) -> None:
    with at("2021-09-07 09:00"):
        with pytest.raises(Invalid, match="尚未完成"):
            actions.return_task(joint, "health", version=2, by=people["desk"], why="缺意见")
        actions.complete_task(joint, "health", by=people["desk"])
        actions.return_task(joint, "health", version=3, by=people["desk"], why="缺意见")
    assert [t.state for t in joint.tasks.filter(name="health").order_by("pk")] == ["returned", "open"]
    assert fresh(joint).returns == 1


def test_going_back_cancels_the_tasks(people: dict[str, Account], joint: Matter) -> None:
    with at("2021-09-07 09:00"):
        advance(joint, "received", version=2, by=people["desk"])
    assert set(joint.tasks.values_list("state", flat=True)) == {Task.CANCELLED}
    assert (fresh(joint).returns, last(joint).verb) == (1, "matter.return")


# --- evidence ----------------------------------------------------------------------------------------------------


def test_files_photos_and_children_are_counted(people: dict[str, Account], matter: Matter) -> None:
    with at("2021-09-07 09:00"):
        with pytest.raises(Invalid, match=r"2 个文件.*1 张照片.*条件不满足"):
            advance(matter, "proven", version=2, by=people["unit"])
        attach(matter.record, b"%PDF-1.4\n", "a.pdf", by=None)
        attach(matter.record, PNG, "b.png", by=None)
        with pytest.raises(Invalid, match="条件不满足"):
            advance(matter, "proven", version=2, by=people["unit"])
        create("visits", {"request": "Q-1", "number": 1}, by=None)
        assert advance(matter, "proven", version=2, by=people["unit"]).ending == "done"


# --- ways out ----------------------------------------------------------------------------------------------------


def test_a_closed_matter_is_reopened_by_a_supervisor_with_new_clocks(people: dict[str, Account], matter: Matter) -> None:
    with at("2021-09-07 09:00"):
        with pytest.raises(Invalid, match="尚未办结"):
            actions.reopen(matter, version=2, by=people["head"], why="回访不满意")
        advance(matter, "closed", version=2, by=people["unit"], changes={"result": "好"})
        with pytest.raises(NotPermitted):
            actions.reopen(matter, version=3, by=people["unit"], why="x")
        again = actions.reopen(matter, version=3, by=people["head"], why="回访不满意")
    assert (again.state, again.stage, again.reopenings, again.closed_at) == ("open", "received", 1, None)
    assert due(matter) == "09-07 11:00"


def test_whoever_handed_it_in_may_withdraw_it_and_a_stranger_may_not(people: dict[str, Account], matter: Matter) -> None:
    with at("2021-09-07 09:00"):
        with pytest.raises(NotPermitted, match="撤回"):
            actions.withdraw(matter, version=2, by=people["reader"], why="x")
        with pytest.raises(Conflict):
            actions.withdraw(matter, version=1, by=people["desk"], why="x")
        assert actions.withdraw(matter, version=2, by=people["desk"], why="已自行解决").ending == "withdrawn"
    assert last(matter).verb == "matter.withdraw"
