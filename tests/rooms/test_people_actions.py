"""Writes about people: who may make them, what they leave in the ledger, what they refuse."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

import pytest

from banjie.ledger.models import Entry, PersonalValue
from banjie.lib.clock import simulated
from banjie.lib.errors import Conflict, Invalid, NotPermitted
from banjie.lib.text import Text
from banjie.people import actions
from banjie.people.duties import duties_of, holders
from banjie.people.models import Account, Appointment, Duty, Grant, Organisation, Post
from banjie.people.scopes import scope_of
from banjie.people.verbs import Verb
from banjie.places.models import Area
from tests.rooms import people_world as world
from tests.rooms.people_world import CITY, COUNTY, FENGJIA, SHANGMEI, TODAY, TOMORROW, VILLAGE, YESTERDAY, person

pytestmark = pytest.mark.django_db
NAME = Text("新名", "New name")


@pytest.fixture(autouse=True)
def county(db: None) -> Iterator[None]:
    world.build()
    with simulated(datetime(2021, 11, 15, 2, tzinfo=UTC)):
        yield


def post(code: str) -> Post:
    return Post.objects.get(code=code)


def area(code: str) -> Area:
    return Area.objects.get(code=code)


def town_it() -> Account:
    """An IT officer of one town."""
    world._post(Organisation.objects.get(code="shangmei"), "town-it", [Verb.CONFIGURE], "*", SHANGMEI)
    return person("town-it", "town-it")


# --- who may ------------------------------------------------------------------------------------------------------

CHANGES = {
    "found": lambda by: actions.found_organisation(code="x", area=area(SHANGMEI), name=NAME, by=by),
    "amend": lambda by: actions.amend_organisation(
        Organisation.objects.get(code="shangmei"), area=area(SHANGMEI), name=NAME, parent=None, by=by
    ),
    "post": lambda by: actions.create_post(organisation=Organisation.objects.get(code="shangmei"), code="x", name=NAME, by=by),
    "amend post": lambda by: actions.amend_post(post("clerk"), organisation=post("clerk").organisation, name=NAME, by=by),
    "grant": lambda by: actions.grant(post("clerk"), verb=Verb.IMPORT, register="projects", area=area(SHANGMEI), by=by),
    "revoke": lambda by: actions.revoke(Grant.objects.get(post=post("clerk"), verb=Verb.VIEW), by=by),
    "duty": lambda by: actions.assign_duty(post("clerk"), role="reporter", area=area(SHANGMEI), by=by),
    "account": lambda by: actions.create_account(username="new", name=NAME, password="long enough 2021", by=by),
    "appoint": lambda by: actions.appoint(Account.objects.get(username="free"), post=post("clerk"), by=by),
    "leave": lambda by: actions.end_appointment(Appointment.objects.get(account__username="clerk"), by=by),
    "password": lambda by: actions.set_password(Account.objects.get(username="clerk"), password="long enough 2021", by=by),
    "close": lambda by: actions.set_active(Account.objects.get(username="clerk"), active=False, by=by),
    # what reaches beyond the town
    "county grant": lambda by: actions.grant(post("clerk"), verb=Verb.VIEW, register="projects", area=area(COUNTY), by=by),
    "county appoint": lambda by: actions.appoint(Account.objects.get(username="free"), post=post("statistician"), by=by),
    "county password": lambda by: actions.set_password(Account.objects.get(username="chief"), password="long enough 2021", by=by),
    "county close": lambda by: actions.set_active(Account.objects.get(username="chief"), active=False, by=by),
    "county duty": lambda by: actions.assign_duty(post("clerk"), role="reporter", area=area(COUNTY), by=by),
    "role": lambda by: actions.name_role(name="new", title=NAME, by=by),
    # what only a superuser may
    "superuser": lambda by: actions.create_account(username="new", name=NAME, superuser=True, by=by),
    "superuser's password": lambda by: actions.set_password(
        Account.objects.get(username="root"), password="long enough 2021", by=by
    ),
}
BEYOND_THE_TOWN = {"county grant", "county appoint", "county password", "county close", "county duty", "role"}
SUPERUSER_ONLY = {"superuser", "superuser's password"}


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("who", ["system", "superuser", "it", "town it", "clerk", "leader"])
def test_who_may_change_what_about_people(who: str, change: str) -> None:
    root = person("root", is_superuser=True)
    person("clerk", "clerk")
    person("chief", "leader")
    person("free")
    actions.name_role(name="reporter", title=Text("填报人", "Reporter"), by=None)
    by = {"system": None, "superuser": root, "it": person("it", "it"), "town it": town_it()}.get(
        who, Account.objects.get(username={"clerk": "clerk", "leader": "chief"}.get(who, "free"))
    )
    denied = {"it": SUPERUSER_ONLY, "town it": SUPERUSER_ONLY | BEYOND_THE_TOWN, "clerk": set(CHANGES), "leader": set(CHANGES)}
    own = {("clerk", "password"), ("leader", "county password")}
    entries = Entry.objects.count()
    if change in denied.get(who, set()) and (who, change) not in own:
        with pytest.raises(NotPermitted):
            CHANGES[change](by)
        assert Entry.objects.count() == entries
    else:
        CHANGES[change](by)
        assert Entry.objects.count() == entries + 1
        assert Entry.objects.latest("id").actor_id == (by and by.pk)


# --- what is written ----------------------------------------------------------------------------------------------


def test_the_name_of_a_person_is_a_personal_value_of_the_entry() -> None:
    account = actions.create_account(username="zhang", name=Text("张三", "Zhang San"), by=None, why="新录用", origin="cli")
    entry = Entry.objects.get(chain=f"account:{account.pk}")
    assert (entry.why, entry.origin) == ("新录用", "cli")
    assert "张三" not in str(entry.body)
    assert {p.path: p.value for p in PersonalValue.objects.filter(entry=entry)} == {
        "name_zh": {"after": "张三"},
        "name_en": {"after": "Zhang San"},
    }
    assert not account.has_usable_password()


def test_no_password_reaches_the_ledger() -> None:
    account = actions.create_account(username="zhang", name=NAME, password="first secret 1", by=None)
    actions.set_password(account, password="second secret 2", by=account)
    assert account.check_password("second secret 2")
    assert "secret" not in str(list(Entry.objects.values_list("body", flat=True)))


def test_a_change_of_name_is_recorded_with_what_it_was_and_nothing_when_it_is_the_same() -> None:
    clerk = post("clerk")
    assert actions.amend_post(clerk, organisation=clerk.organisation, name=NAME, by=None)
    entry = Entry.objects.latest("id")
    assert entry.body["before"] == {"name_zh": "clerk", "name_en": "clerk"}
    assert not actions.amend_post(clerk, organisation=clerk.organisation, name=NAME, by=None)
    assert Entry.objects.latest("id") == entry


def test_an_appointment_counts_at_once_for_the_account_it_was_given() -> None:
    account = person("free")
    assert not scope_of(account).may(Verb.VIEW, "projects", SHANGMEI)
    appointment = actions.appoint(account, post=post("clerk"), by=None)
    assert scope_of(account).may(Verb.VIEW, "projects", SHANGMEI)
    actions.end_appointment(appointment, by=None)  # on the same day: taken back
    assert not scope_of(Account.objects.get(pk=account.pk)).may(Verb.VIEW, "projects", SHANGMEI)


def test_a_grant_given_twice_is_given_once() -> None:
    given = {"verb": Verb.IMPORT, "register": "projects", "area": area(SHANGMEI), "by": None}
    assert actions.grant(post("clerk"), **given) is not None
    assert actions.grant(post("clerk"), **given) is None
    assert Entry.objects.filter(verb="grant.give").count() == 1


def test_a_closed_account_may_nothing_and_may_again_when_it_is_opened() -> None:
    account = person("clerk", "clerk")
    actions.set_active(account, active=False, by=None)
    assert not scope_of(account).may(Verb.VIEW, "projects", SHANGMEI)
    assert not actions.set_active(account, active=False, by=None)
    actions.set_active(account, active=True, by=None)
    assert scope_of(account).may(Verb.VIEW, "projects", SHANGMEI)


# --- what is refused ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("username", ["CLERK", " clerk ", "c" * 151, "with space", ""])
def test_a_username_is_taken_whatever_its_case_and_must_be_one(username: str) -> None:
    person("clerk")
    with pytest.raises(Invalid) as refused:
        actions.create_account(username=username, name=NAME, by=None)
    (problem,) = refused.value.problems
    assert problem.where == "username"
    assert problem.says.zh != problem.says.en


@pytest.mark.parametrize("password", ["short", "1234567890123", "password123", "zhangsan2021"])
def test_a_password_that_is_easily_guessed_is_refused_in_both_languages(password: str) -> None:
    with pytest.raises(Invalid) as refused:
        actions.create_account(username="zhangsan2021", name=NAME, password=password, by=None)
    (problem,) = refused.value.problems
    assert "密码" in problem.says.zh
    assert "password" in problem.says.en
    assert not Account.objects.filter(username="zhangsan2021").exists()


def test_a_post_is_not_given_twice_to_the_same_person_nor_backwards() -> None:
    account = person("someone", "clerk")
    with pytest.raises(Conflict):
        actions.appoint(account, post=post("clerk"), by=None)
    with pytest.raises(Invalid):
        actions.appoint(account, post=post("leader"), begins_on=TODAY, ends_on=YESTERDAY, by=None)


def test_an_organisation_cannot_lie_below_itself() -> None:
    top, town = Organisation.objects.get(code="county"), Organisation.objects.get(code="shangmei")
    with pytest.raises(Invalid):
        actions.amend_organisation(top, area=top.area, name=top.name, parent=town, by=None)


@pytest.mark.parametrize(
    "wrong",
    [
        {"role": "unheard-of", "area": SHANGMEI},
        {"role": "reporter"},
        {"role": "reporter", "area": SHANGMEI, "register": "projects", "key": "XH-1"},
        {"role": "reporter", "key": "XH-1"},
    ],
)
def test_a_duty_that_cannot_be_is_refused(wrong: dict[str, Any]) -> None:
    actions.name_role(name="reporter", title=NAME, by=None)
    if "area" in wrong:
        wrong = wrong | {"area": area(wrong["area"])}
    with pytest.raises(Invalid):
        actions.assign_duty(post("clerk"), **wrong, by=None)


def test_a_duty_is_not_assigned_twice() -> None:
    actions.name_role(name="reporter", title=NAME, by=None)
    actions.assign_duty(post("clerk"), role="reporter", area=area(SHANGMEI), by=None)
    with pytest.raises(Conflict):
        actions.assign_duty(post("clerk"), role="reporter", area=area(SHANGMEI), by=None)


# --- who answers for what -----------------------------------------------------------------------------------------


@pytest.fixture
def reporters() -> None:
    """The county's reporter for all, the town's for all and for one register, one for a single project."""
    actions.name_role(name="reporter", title=NAME, by=None)
    for code, values in [
        ("leader", {"area": area(COUNTY)}),
        ("clerk", {"area": area(SHANGMEI)}),
        ("statistician", {"area": area(SHANGMEI), "register": "indicators"}),
        ("it", {"register": "projects", "key": "XH-1"}),
    ]:
        actions.assign_duty(post(code), role="reporter", begins_on=date(2021, 1, 1), by=None, **values)


@pytest.mark.parametrize(
    ("asked", "posts"),
    [
        ({"area": COUNTY}, ["leader"]),
        ({"area": FENGJIA}, ["leader"]),  # none for the town: the county's
        ({"area": SHANGMEI}, ["clerk"]),  # the town's own wins
        ({"area": VILLAGE}, ["clerk"]),  # the nearest above
        ({"area": CITY}, []),  # never from below
        ({}, []),
        ({"area": SHANGMEI, "register": "indicators"}, ["statistician"]),  # of one register before all registers
        ({"area": FENGJIA, "register": "indicators"}, ["leader"]),
        ({"register": "projects", "key": "XH-1"}, ["it"]),
        ({"register": "projects", "key": "XH-1", "area": SHANGMEI}, ["it"]),  # the record itself is nearest
        ({"register": "projects", "key": "XH-2", "area": SHANGMEI}, ["clerk"]),
        ({"register": "projects", "key": "XH-2"}, []),
        ({"area": SHANGMEI, "on": date(2020, 12, 31)}, []),  # before the duty began
    ],
)
@pytest.mark.usefixtures("reporters")
def test_the_nearest_duty_wins(asked: dict[str, Any], posts: list[str]) -> None:
    assert [holder.post.code for holder in holders("reporter", **asked)] == posts


@pytest.mark.usefixtures("reporters")
def test_holders_are_the_people_in_the_post_that_day(django_assert_num_queries: Any) -> None:
    now, before = person("now", "clerk"), person("before", "clerk", ends=YESTERDAY)
    person("closed", "clerk", is_active=False)
    person("later", "clerk", begins=TOMORROW)
    with django_assert_num_queries(3):
        (holder,) = holders("reporter", area=VILLAGE)
    assert holder.accounts == (now,)
    (then,) = holders("reporter", area=VILLAGE, on=date(2021, 2, 1))
    assert set(then.accounts) == {now, before}


@pytest.mark.usefixtures("reporters")
def test_a_vacant_post_still_has_its_duty() -> None:
    (holder,) = holders("reporter", area=SHANGMEI)
    assert holder.accounts == ()


@pytest.mark.usefixtures("reporters")
def test_two_posts_at_the_same_distance_both_answer() -> None:
    actions.assign_duty(post("leader"), role="reporter", area=area(SHANGMEI), by=None)
    assert [holder.post.code for holder in holders("reporter", area=SHANGMEI)] == ["clerk", "leader"]


@pytest.mark.usefixtures("reporters")
def test_the_duties_of_an_account_are_those_of_its_posts() -> None:
    account = person("both", "clerk", "it")
    assert [(duty.area_id, duty.key) for duty in duties_of(account)] == [(SHANGMEI, ""), (None, "XH-1")]
    actions.end_duty(Duty.objects.get(key="XH-1"), by=None)
    assert [duty.area_id for duty in duties_of(account)] == [SHANGMEI]
    assert duties_of(account, YESTERDAY)[1].key == "XH-1"
    assert duties_of(person("nobody")) == []
