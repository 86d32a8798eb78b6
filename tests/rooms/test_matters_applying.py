"""An applicant without an account: hands in, hands in more, rates; and reaches nothing else."""

from __future__ import annotations

from copy import deepcopy
from io import BytesIO
from typing import Any

import pytest

from banjie.lib.errors import DefinitionError, Invalid, NotFound
from banjie.matters import actions
from banjie.matters.actions.applying import wanted
from banjie.matters.definition import Process
from banjie.matters.installing import install_process
from banjie.matters.models import Matter
from banjie.people.models import Account
from tests.rooms import applicants_world as world
from tests.rooms.matters_world import YANGXI, at

pytestmark = pytest.mark.django_db
TEXT = b"a plan of the shop\n"


@pytest.fixture
def people() -> dict[str, Account]:
    return world.build()


@pytest.fixture
def matter(people: dict[str, Account]) -> Matter:
    with at("2021-09-06 10:00"):
        return actions.hand_in("request", {"town": YANGXI, "amount": "5", "kind": "smuggled"}, files=[("plan.txt", _file())])


def _file() -> BytesIO:
    return BytesIO(TEXT)


def test_a_request_gets_a_number_and_a_code_and_only_the_fields_that_are_asked_for(matter: Matter) -> None:
    assert matter.record.key.startswith("W20210906-")
    assert matter.code is not None
    assert matter.record.data["amount"] == "5"
    assert matter.record.data["kind"] == "online"  # what the process sets, not what was sent along
    assert [a.name for a in matter.record.attachments.all()] == ["plan.txt"]


def test_a_process_that_asks_applicants_nothing_takes_nothing_in(people: dict[str, Account]) -> None:
    with pytest.raises(NotFound):
        actions.hand_in("call_back", {"town": YANGXI})


def test_what_was_asked_for_starts_the_clocks_again(people: dict[str, Account], matter: Matter) -> None:
    with at("2021-09-06 11:00"):
        asked = actions.return_for_more(matter, wanted="营业执照", version=1, by=people["desk"])
        assert wanted(asked) == "营业执照"
        with pytest.raises(Invalid):
            actions.supply(asked)
        done = actions.supply(asked, answer="已附上", files=[("licence.txt", _file())])
    assert (done.state, wanted(done)) == ("open", None)
    done.record.refresh_from_db()
    assert done.record.data["unit"] == "已附上"
    with pytest.raises(Invalid, match="没有需要补正"):
        actions.supply(done, answer="more")


def test_a_suspension_for_another_reason_is_not_the_applicants_to_end(people: dict[str, Account], matter: Matter) -> None:
    with at("2021-09-06 11:00"):
        held = actions.suspend(matter, basis="鉴定", version=1, by=people["desk"])
        with pytest.raises(Invalid, match="没有需要补正"):
            actions.supply(held, answer="快一点")


def closed(people: dict[str, Account], matter: Matter) -> Matter:
    with at("2021-09-06 12:00"):
        return actions.advance(matter, "rejected", version=1, by=people["desk"], changes={"result": "不在范围"})


def test_a_low_grade_opens_a_call_back_and_a_matter_is_rated_once(people: dict[str, Account], matter: Matter) -> None:
    with pytest.raises(Invalid, match="现在不能评价"):
        actions.rate(matter, grade="good")
    closed(people, matter)
    with at("2021-09-06 16:00"):
        with pytest.raises(Invalid, match="请选择"):
            actions.rate(matter, grade="")
        actions.rate(matter, grade="bad", comment="太慢")
    with at("2021-09-07 09:00"), pytest.raises(Invalid, match="已评价过（2021-09-06 16:00）"):
        actions.rate(matter, grade="good")
    back = Matter.objects.get(process="call_back")
    assert back.main_id == matter.pk
    assert back.due_at is not None
    matter.record.refresh_from_db()
    assert matter.record.data["grade"] == "bad"


def test_a_matter_that_waits_for_its_rating_takes_the_way_that_is_open_to_it(people: dict[str, Account], matter: Matter) -> None:
    changed = deepcopy(world.PROCESS)
    changed["stages"]["received"]["to"]["handling"] = {"needs": ["grade", "unit"], "when": "grade = 'good'"}
    changed["public"]["rating"] = {"grade": "grade", "stage": "received", "also": ["unit"]}
    install_process(Process.load(changed), pack="test", by=None)
    with at("2021-09-06 10:00"):
        found = actions.hand_in("request", {"town": YANGXI})
        waits = actions.hand_in("request", {"town": YANGXI})
        assert actions.rate(found, grade="good", also={"unit": "是", "result": "smuggled"}).stage == "handling"
        with pytest.raises(Invalid, match="已评价过（2021-09-06 10:00）"):  # though it is at another stage by now
            actions.rate(found, grade="good")
        assert actions.rate(waits, grade="good").stage == "received"  # it asks for more than the grade: its owner goes on
    found.record.refresh_from_db()
    assert found.record.data.get("result") is None


def test_a_good_grade_opens_none_and_an_unknown_grade_changes_nothing(people: dict[str, Account], matter: Matter) -> None:
    closed(people, matter)
    with pytest.raises(Invalid):
        actions.rate(matter, grade="splendid")
    actions.rate(matter, grade="good")
    assert not Matter.objects.filter(process="call_back").exists()


@pytest.mark.parametrize(
    ("public", "path"),
    [
        ({"fields": ["nothing"]}, ("public", "fields", 0)),
        ({"fields": ["town"], "sets": {"kind": "nothing"}}, ("public", "sets", "kind")),
        ({"rating": {"grade": "kind"}}, ("public", "rating", "grade")),
        ({"rating": {"grade": "grade", "call_back": {"process": "nowhere", "fields": {"code": "code"}}}},
         ("public", "rating", "call_back", "process")),
    ],
)  # fmt: skip
def test_a_wrong_declaration_is_refused_with_its_place(
    people: dict[str, Account], public: dict[str, Any], path: tuple[str | int, ...]
) -> None:
    mapping = deepcopy(world.PROCESS) | {"public": public}
    with pytest.raises(DefinitionError) as refused:
        install_process(Process.load(mapping), pack="test", by=None)
    assert refused.value.path == path


def test_a_public_process_needs_codes(people: dict[str, Account]) -> None:
    with pytest.raises(DefinitionError):
        Process.load(deepcopy(world.PROCESS) | {"public_code": False})
