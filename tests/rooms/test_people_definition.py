"""What a pack may say about people, and how it comes into being."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest

from banjie.ledger.models import Entry
from banjie.lib.errors import DefinitionError, NotPermitted
from banjie.people.definition import Known, People
from banjie.people.installation import install_people
from banjie.people.models import Account, Duty, Grant, Organisation, Post
from banjie.people.scopes import scope_of
from banjie.people.verbs import Verb
from tests.rooms import people_world as world
from tests.rooms.people_world import CITY, COUNTY, SHANGMEI, person

PACK: dict[str, Any] = {
    "organisations": [  # the town before its county: order does not matter
        {"code": "town_office", "parent": "county_gov", "area": SHANGMEI, "name": {"zh": "街道办", "en": "Subdistrict office"}},
        {"code": "county_gov", "area": COUNTY, "name": {"zh": "县政府", "en": "County government"}},
    ],
    "roles": [{"name": "reporter", "title": {"zh": "填报人", "en": "Reporter"}}],
    "posts": [
        {
            "code": "town_clerk",
            "organisation": "town_office",
            "name": {"zh": "专干", "en": "Clerk"},
            "grants": [{"verbs": ["view", "update"], "registers": ["projects", "reports"], "area": SHANGMEI}],
            "duties": [
                {"role": "reporter", "area": SHANGMEI, "register": "projects"},
                {"role": "reporter", "record": {"register": "projects", "key": "XH2021-001"}},
            ],
        },
        {
            "code": "it_officer",
            "organisation": "county_gov",
            "name": {"zh": "信息管理员", "en": "IT officer"},
            "grants": [{"verbs": ["*"], "registers": ["*"], "area": COUNTY}],
        },
    ],
    "accounts": [{"username": "clerk_shangmei", "name": {"zh": "张某", "en": "Zhang"}, "posts": ["town_clerk"]}],
}


def changed(path: tuple[str | int, ...], value: object) -> dict[str, Any]:
    """The pack with one thing otherwise."""
    pack = deepcopy(PACK)
    inside: Any = pack
    for step in path[:-1]:
        inside = inside[step]
    inside[path[-1]] = value
    return pack


@pytest.mark.parametrize(
    ("path", "value", "found_at"),
    [
        (("organisations", 0, "area"), "999", None),
        (("organisations", 0, "area"), 431322100, None),  # YAML read it as a number: it wants quotes
        (("organisations", 0, "parent"), "nowhere", None),
        (("organisations", 1, "parent"), "town_office", ("organisations", 0, "parent")),  # a ring
        (("organisations", 1, "code"), "town_office", None),  # twice
        (("organisations", 0, "name"), {"zh": "街道办"}, None),  # one language only
        (("organisations", 0, "colour"), "red", None),
        (("roles", 0, "name"), "Reporter", None),
        (("posts", 0, "organisation"), "nowhere", None),
        (("posts", 0, "grants", 0, "verbs"), ["see"], ("posts", 0, "grants", 0, "verbs", 0)),
        (("posts", 0, "grants", 0, "verbs"), [], None),
        (("posts", 0, "grants", 0, "area"), "999", None),
        (("posts", 0, "duties", 0, "role"), "sponsor", None),
        (("posts", 0, "duties", 0, "area"), "999", None),
        (("posts", 0, "duties", 0, "area"), None, ("posts", 0, "duties", 0)),  # for nothing
        (("posts", 0, "duties", 1, "area"), SHANGMEI, ("posts", 0, "duties", 1)),  # for both
        (("posts", 0, "duties", 1, "register"), "projects", ("posts", 0, "duties", 1)),
        (("posts", 1, "code"), "town_clerk", None),
        (("accounts", 0, "posts", 0), "nowhere", None),
    ],
)
def test_a_fault_is_named_with_its_path(
    path: tuple[str | int, ...], value: object, found_at: tuple[str | int, ...] | None
) -> None:
    with pytest.raises(DefinitionError) as refused:
        People.load(changed(path, value)).check(Known(areas={CITY, COUNTY, SHANGMEI}))
    found = refused.value.path
    assert found[: len(found_at or path)] == (found_at or path)
    assert refused.value.says.zh
    assert refused.value.says.en


def test_what_exists_already_may_be_named() -> None:
    posts_only = People.load({"posts": PACK["posts"]})
    with pytest.raises(DefinitionError):
        posts_only.check(Known(areas={COUNTY, SHANGMEI}))
    posts_only.check(Known(areas={COUNTY, SHANGMEI}, organisations={"county_gov", "town_office"}, roles={"reporter"}))


@pytest.fixture
def areas(db: None) -> None:
    world.build()


@pytest.mark.usefixtures("areas")
def test_an_installation_brings_everything_into_being_and_the_second_changes_nothing() -> None:
    people = People.load(PACK)
    first = install_people(people, by=None, password="banjie-demo-2021")
    assert first.added == [
        "organisation:county_gov", "organisation:town_office", "role:reporter",
        "post:town_clerk", "post:it_officer", "account:clerk_shangmei",
    ]  # fmt: skip
    assert first.changed == []
    assert Organisation.objects.get(code="town_office").parent.code == "county_gov"
    assert Grant.objects.filter(post__code="it_officer").count() == len(Verb)
    assert Duty.objects.filter(post__code="town_clerk").count() == 2
    clerk = Account.objects.get(username="clerk_shangmei")
    assert clerk.check_password("banjie-demo-2021")
    assert scope_of(clerk).may(Verb.UPDATE, "reports", SHANGMEI)

    entries = Entry.objects.count()
    second = install_people(people, by=None, password="banjie-demo-2021")
    assert (second.added, second.changed) == ([], [])
    assert Entry.objects.count() == entries


@pytest.mark.usefixtures("areas")
def test_what_a_new_version_says_otherwise_is_amended_and_named() -> None:
    install_people(People.load(PACK), by=None)
    pack = changed(("posts", 0, "name"), {"zh": "综合专干", "en": "General clerk"})
    pack["posts"][1]["duties"] = [{"role": "reporter", "area": COUNTY}]
    pack["organisations"][0]["name"] = {"zh": "上梅街道办", "en": "Shangmei office"}
    result = install_people(People.load(pack), by=None)
    assert result.added == []
    assert result.changed == ["organisation:town_office", "post:town_clerk", "post:it_officer"]
    assert Post.objects.get(code="town_clerk").name.en == "General clerk"


@pytest.mark.usefixtures("areas")
def test_accounts_are_made_only_with_a_password_for_them() -> None:
    install_people(People.load(PACK), by=None)
    assert not Account.objects.exists()


@pytest.mark.usefixtures("areas")
def test_who_may_not_configure_installs_nothing() -> None:
    with pytest.raises(NotPermitted):
        install_people(People.load(PACK), by=person("clerk", "clerk"))
    assert not Organisation.objects.filter(code="county_gov").exists()


@pytest.mark.usefixtures("areas")
def test_a_faulty_definition_installs_nothing() -> None:
    with pytest.raises(DefinitionError):
        install_people(People.load(changed(("posts", 1, "organisation"), "nowhere")), by=None)
    assert not Organisation.objects.filter(code="county_gov").exists()
