"""Who may do what, where: the table, its edges, and what asking costs."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db.models import Q

from banjie.lib.clock import simulated
from banjie.lib.errors import NotPermitted
from banjie.people.areasets import NO_ROW
from banjie.people.models import Account, Grant, Organisation, Post
from banjie.people.scopes import forget_scope, scope_of, scope_of_actor
from banjie.people.verbs import Verb
from banjie.places.models import Area
from tests.rooms import people_world as world
from tests.rooms.people_world import CITY, COUNTY, FENGJIA, SHANGMEI, TODAY, TOMORROW, VILLAGE, YESTERDAY, person

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def county(db: None) -> Iterator[None]:
    world.build()
    with simulated(datetime(2021, 11, 15, 2, tzinfo=UTC)):
        yield


def somebody(who: str) -> Account | AnonymousUser:
    match who:
        case "stranger":
            return AnonymousUser()
        case "superuser":
            return person("root", is_superuser=True)
        case "dismissed":
            return person("dismissed", "statistician", is_active=False)
        case "dismissed superuser":
            return person("former-root", is_superuser=True, is_active=False)
        case "left yesterday":  # ends_on is the first day on which no longer
            return person("left", "statistician", ends=YESTERDAY)
        case "leaves today":
            return person("leaving", "statistician", ends=TODAY)
        case "leaves tomorrow":
            return person("staying", "statistician", ends=TOMORROW)
        case "begins today":
            return person("new", "statistician", begins=TODAY)
        case "begins tomorrow":
            return person("coming", "statistician", begins=TOMORROW)
        case "clerk and leader":
            return person("both", "clerk", "leader")
        case _:
            return person(who, who)


@pytest.mark.parametrize(
    ("who", "verb", "register", "area", "may"),
    [
        # a clerk of one town: that town and what lies below it, one register
        ("clerk", "view", "projects", SHANGMEI, True),
        ("clerk", "update", "projects", VILLAGE, True),
        ("clerk", "view", "projects", FENGJIA, False),  # the next town
        ("clerk", "view", "projects", COUNTY, False),  # never upwards
        ("clerk", "view", "indicators", SHANGMEI, False),  # another register
        ("clerk", "view", "projects", None, False),  # what belongs to the whole installation
        ("clerk", "remove", "projects", SHANGMEI, False),  # a verb not granted
        ("clerk", "view", "*", SHANGMEI, False),  # one register is not all
        ("clerk", "view", "projects", "nowhere", False),
        # the county's statistician: the county below its city, all registers, one verb on one register only
        ("statistician", "update", "projects", VILLAGE, True),
        ("statistician", "publish", "anything", COUNTY, True),
        ("statistician", "view", "projects", CITY, False),
        ("statistician", "view", "projects", None, True),
        ("statistician", "import", "indicators", FENGJIA, True),
        ("statistician", "import", "projects", FENGJIA, False),
        # a leader reads
        ("leader", "view", "projects", FENGJIA, True),
        ("leader", "update", "projects", FENGJIA, False),
        # an IT officer installs and sees no records
        ("it", "configure", "*", None, True),
        ("it", "configure", "*", CITY, False),
        ("it", "view", "projects", COUNTY, False),
        # the rest
        ("nothing", "view", "projects", COUNTY, False),
        ("stranger", "view", "projects", COUNTY, False),
        ("dismissed", "view", "projects", COUNTY, False),
        ("dismissed superuser", "view", "projects", COUNTY, False),
        ("superuser", "erase", "anything", CITY, True),
        ("superuser", "view", "projects", None, True),
        ("left yesterday", "view", "projects", COUNTY, False),
        ("leaves today", "view", "projects", COUNTY, False),
        ("leaves tomorrow", "view", "projects", COUNTY, True),
        ("begins today", "view", "projects", COUNTY, True),
        ("begins tomorrow", "view", "projects", COUNTY, False),
        ("clerk and leader", "view", "projects", FENGJIA, True),  # two posts add up
        ("clerk and leader", "update", "projects", FENGJIA, False),  # but do not mix
        ("clerk and leader", "update", "projects", SHANGMEI, True),
    ],
)
def test_who_may_do_what_where(who: str, verb: str, register: str, area: str | None, may: bool) -> None:
    assert scope_of(somebody(who)).may(Verb(verb), register, area) is may


def test_a_scope_costs_three_queries_whatever_the_number_of_grants(django_assert_num_queries) -> None:
    account = person("many", "clerk", "statistician", "leader", "it")
    account = Account.objects.get(pk=account.pk)
    with django_assert_num_queries(3):
        scope = scope_of(account)
        scope.may(Verb.VIEW, "projects", VILLAGE)
        scope.visible_q()
        scope_of(account).registers(Verb.VIEW)


@pytest.mark.parametrize("who", ["stranger", "dismissed", "superuser"])
def test_a_scope_without_grants_to_read_costs_nothing(who: str, django_assert_num_queries) -> None:
    account = somebody(who)
    with django_assert_num_queries(0):
        scope_of(account).may(Verb.VIEW, "projects", COUNTY)


def test_a_refusal_names_verb_register_and_area_in_both_languages() -> None:
    with pytest.raises(NotPermitted) as refused:
        scope_of(somebody("clerk")).require(Verb.UPDATE, "projects", FENGJIA)
    assert "修改" in refused.value.says.zh
    assert "区431322101" in refused.value.says.zh
    assert refused.value.says.en.startswith('You may not update "projects" in Area 431322101.')


@pytest.mark.parametrize(("register", "area"), [("*", None), ("{x}", "{y}"), ("projects", "no such code")])
def test_a_refusal_can_be_worded_for_anything_asked(register: str, area: str | None) -> None:
    with pytest.raises(NotPermitted):
        scope_of(somebody("nothing")).require(Verb.CONFIGURE, register, area)


def test_a_county_of_which_only_the_city_lies_outside_is_asked_by_what_is_outside() -> None:
    assert scope_of(somebody("leader")).visible_q() == ~Q(area_id__in=[CITY])


def test_a_grant_on_the_root_needs_no_filter() -> None:
    Grant.objects.create(post=Post.objects.get(code="leader"), verb=Verb.VIEW, register="*", area_id=CITY)
    scope = scope_of(somebody("leader"))
    assert scope.areas(Verb.VIEW, "projects").everything
    assert scope.visible_q() == Q()
    assert not scope.areas(Verb.EXPORT, "projects").everything


def test_a_town_is_asked_by_its_few_codes() -> None:
    assert scope_of(somebody("clerk")).visible_q() == Q(register__in=["projects"]) & Q(area_id__in=[SHANGMEI, VILLAGE])


def test_grants_on_one_register_and_on_all_are_joined() -> None:
    """The clerk's town by one register, and all registers of the other town."""
    Grant.objects.create(post=Post.objects.get(code="clerk"), verb=Verb.VIEW, register="*", area_id=FENGJIA)
    areas = scope_of(somebody("clerk"))
    assert areas.areas(Verb.VIEW, "projects").codes == {SHANGMEI, VILLAGE, FENGJIA}
    assert areas.areas(Verb.VIEW, "indicators").codes == {FENGJIA}
    assert areas.registers(Verb.VIEW).everything
    assert areas.registers(Verb.UPDATE).names == {"projects"}


@pytest.mark.parametrize("who", ["stranger", "nothing", "it", "left yesterday"])
def test_who_sees_nothing_gets_a_condition_without_rows(who: str) -> None:
    assert scope_of(somebody(who)).visible_q() == NO_ROW


def test_the_condition_and_the_question_agree_for_everyone() -> None:
    """`visible_q` on a real table (organisations have an area; the code stands for the register) against `may`."""
    county = Organisation.objects.get(code="county")
    for area in (CITY, COUNTY, SHANGMEI, FENGJIA, VILLAGE):
        for register in ("projects", "indicators"):
            Organisation.objects.create(code=f"{register}-{area}", parent=county, area_id=area, name_zh=register, name_en="x")
    rows = Organisation.objects.exclude(parent=None).filter(name_en="x")
    for who in ("clerk", "statistician", "leader", "clerk and leader", "nothing", "stranger", "superuser", "leaves tomorrow"):
        scope = scope_of(somebody(who))
        for verb in Verb:
            found = set(rows.filter(scope.visible_q(verb, register="name_zh")))
            assert found == {row for row in rows if scope.may(verb, row.name_zh, row.area_id)}, (who, verb)


def test_what_has_no_area_takes_a_grant_that_reaches_every_top_organisation() -> None:
    assert scope_of(somebody("leader")).may(Verb.VIEW, "projects", None)
    Organisation.objects.create(code="city", area_id=CITY, name_zh="市人民政府", name_en="City government")
    assert not scope_of(somebody("statistician")).may(Verb.VIEW, "projects", None)


def test_rows_without_an_area_are_kept_or_left_out_by_the_condition() -> None:
    """Areas themselves serve as rows: the city has no parent, so `parent_id` is an area column that may be empty."""
    Grant.objects.filter(area_id=COUNTY).exclude(verb=Verb.VIEW, register="*").delete()
    leader, clerk = scope_of(somebody("leader")), scope_of(somebody("clerk"))
    below_leader = set(Area.objects.filter(leader.areas(Verb.VIEW, "projects").q("parent_id")).values_list("code", flat=True))
    below_clerk = set(Area.objects.filter(clerk.areas(Verb.VIEW, "projects").q("parent_id")).values_list("code", flat=True))
    assert below_leader == {CITY, SHANGMEI, FENGJIA, VILLAGE}  # all but the county, whose parent is the city
    assert below_clerk == {VILLAGE}


def test_a_scope_is_kept_on_the_instance_and_read_anew_on_another(django_assert_num_queries) -> None:
    account = person("clerk", "clerk")
    assert scope_of(account).may(Verb.UPDATE, "projects", SHANGMEI)
    Grant.objects.all().delete()
    with django_assert_num_queries(0):
        assert scope_of(account).may(Verb.UPDATE, "projects", SHANGMEI)
    assert not scope_of(Account.objects.get(pk=account.pk)).may(Verb.UPDATE, "projects", SHANGMEI)
    forget_scope(account)
    assert not scope_of(account).may(Verb.UPDATE, "projects", SHANGMEI)


def test_a_scope_kept_overnight_is_read_anew() -> None:
    account = person("staying", "clerk", ends=TOMORROW)
    assert scope_of(account).may(Verb.VIEW, "projects", SHANGMEI)
    with simulated(datetime(2021, 11, 15, 16, tzinfo=UTC)):  # midnight in Shanghai
        assert not scope_of(account).may(Verb.VIEW, "projects", SHANGMEI)


def test_the_system_itself_may_do_everything() -> None:
    assert scope_of_actor(None).may(Verb.ERASE, "anything", None)
    assert not scope_of_actor(person("nobody")).may(Verb.VIEW, "projects", COUNTY)


def test_many_areas_outside_are_not_listed() -> None:
    Area.objects.bulk_create(
        [Area(code=f"4313229{n:02}", parent_id=COUNTY, level="town", name_zh="镇", name_en="town") for n in range(60)]
    )
    clerk = scope_of(somebody("clerk")).areas(Verb.VIEW, "projects")
    assert clerk.outside is None
    assert clerk.codes == {SHANGMEI, VILLAGE}
    assert scope_of(somebody("leader")).areas(Verb.VIEW, "projects").outside == {CITY}
