"""Records and figures over the API, as far as the account may see them."""

from __future__ import annotations

import re

import pytest
from tests.doors.api_world import Program, program
from tests.rooms import county
from tests.rooms import figures_world as world

from banjie.api import schemas, wording
from banjie.api.callers import forget
from banjie.people.models import Account, Organisation
from banjie.people.verbs import Verb
from banjie.registers.actions import create, remove

pytestmark = pytest.mark.django_db(transaction=world.COMMITTED)


@pytest.fixture
def clerk() -> Account:
    forget()
    county.areas()
    Organisation.objects.create(code="county", area_id=world.COUNTY, name_zh="县人民政府", name_en="County government")
    county.registers()
    return county.person("clerk", world.YANGXI, county.CLERK)


def test_the_records_of_a_register_come_a_page_at_a_time(clerk: Account) -> None:
    for n in range(5):
        create("projects", county.project(f"XH-{n}", name=f"项目{n}"), by=clerk)
    reading, seen, after = program(clerk), [], ""
    for _ in range(3):
        page = reading.get("/registers/projects/records", sort="code", limit=2, after=after).json()
        schemas.Records.model_validate(page)
        seen += [r["key"] for r in page["records"]]
        after = page["next"]
    assert seen == [f"XH-{n}" for n in range(5)]
    assert after is None
    assert [r["key"] for r in reading.get("/registers/projects/records", q="项目3").json()["records"]] == ["XH-3"]


def test_a_record_is_told_with_personal_values_masked(clerk: Account) -> None:
    made = create("projects", county.project(phone="13800001234"), by=clerk)
    answer = program(clerk).get(f"/registers/projects/records/{made.pk}")
    schemas.Record.model_validate(answer.json())
    assert answer.json()["data"]["phone"] == "138****1234"
    assert answer.json()["data"]["total"] == "12000000"
    assert answer.headers["ETag"] == '"1"'


def test_what_lies_elsewhere_or_was_removed_is_not_there(clerk: Account) -> None:
    made = create("projects", county.project(), by=clerk)
    neighbour = program(county.person("neighbour", world.BAIXI, county.CLERK))
    assert neighbour.get("/registers/projects/records").json()["records"] == []
    assert neighbour.get("/registers/projects/records", area=world.YANGXI).json()["records"] == []
    assert neighbour.get(f"/registers/projects/records/{made.pk}").status_code == 404
    assert program(clerk).get(f"/registers/reports/records/{made.pk}").status_code == 404
    remove(made, version=1, by=clerk)
    assert program(clerk).get(f"/registers/projects/records/{made.pk}").status_code == 404


def test_a_register_that_one_may_not_see_does_not_exist(clerk: Account) -> None:
    reports_only = program(county.person("reporter", world.YANGXI, [Verb.VIEW], "reports"))
    assert reports_only.get("/registers/projects/records").status_code == 404
    assert program(clerk).get("/registers/nothing/records").status_code == 404


@pytest.fixture
def statistician() -> Program:
    forget()
    world.build()
    world.project("A", planned="100000000")
    world.report("A", "2021-02", "30000000", on="2021-03-03 09:00")
    return program(county.person("statistician", world.COUNTY, [Verb.VIEW]))


def test_a_figure_is_exact_and_says_what_it_is_made_of(statistician: Program) -> None:
    answer = statistician.get("/figures/projects.invested", period="2021", by="town")
    assert answer.status_code == 200, answer.content.decode()
    said = answer.json()
    schemas.Figure.model_validate(said)
    assert (said["value"], said["unit"], said["rows"]) == ("30000000", "CNY", 1)
    assert [p["code"] for p in said["parts"] if p["rows"]] == [world.YANGXI]


@pytest.mark.parametrize(
    ("name", "asked", "status"),
    [
        ("projects.nothing", {}, 404),
        ("projects.invested", {"period": "soon"}, 400),
        ("projects.invested", {"as_of": "2021-03-01T00:00:00"}, 422),
        ("projects.invested", {"as_of": "yesterday"}, 422),
    ],
)
def test_a_figure_that_cannot_be_told_is_refused(statistician: Program, name: str, asked: dict[str, str], status: int) -> None:
    assert statistician.get(f"/figures/{name}", **asked).status_code == status


def test_the_clerk_of_one_town_is_not_told_the_countys_figure(statistician: Program) -> None:
    clerk = program(county.person("clerk", world.YANGXI, [Verb.VIEW]))
    assert clerk.get("/figures/projects.invested", period="2021", area=world.COUNTY).status_code == 403
    assert clerk.get("/figures/projects.invested", period="2021", area=world.YANGXI).status_code == 200


@pytest.mark.parametrize(
    ("path", "asked", "zh", "en"),
    [
        ("/registers/projects/records", {"limit": "abc"}, "「limit」应为整数", "limit must be a whole number"),
        ("/registers/projects/records", {"limit": "9999999"}, "「limit」不能大于 200", "limit must be 200 or less"),
        ("/registers/projects/records", {"limit": "-1"}, "「limit」不能小于 1", "limit must be 1 or more"),
        ("/registers/projects/records", {"q": "字" * 201}, "「q」最多 200 个字符", "q has 200 characters at most"),
        (
            "/figures/projects.count",
            {"as_of": "zz"},
            "「as_of」应为带时区的日期和时间",
            "as_of must be a date and time with a zone",
        ),
    ],
)
def test_a_parameter_of_the_wrong_form_is_refused_in_the_language_asked_for(
    path: str, asked: dict[str, str], zh: str, en: str, clerk: Account
) -> None:
    reading = program(clerk)
    said = reading.get(path, **asked)
    assert said.status_code == 422
    assert said.json()["detail"].startswith(zh)
    assert not re.search("[a-z]{4,} [a-z]{2,}", said.json()["detail"])  # no sentence of English
    reading.language = "en"
    assert reading.get(path, **asked).json()["detail"].startswith(en)


def test_every_way_in_which_a_described_value_can_be_wrong_has_words() -> None:
    """The bounds and kinds that the schemas of requests use."""
    used = {"missing", "extra_forbidden", "int_parsing", "int_type", "greater_than_equal", "less_than_equal", "string_too_long",
            "string_type", "datetime_from_date_parsing", "bool_parsing", "dict_type", "list_type", "literal_error"}  # fmt: skip
    assert used <= wording.SAYINGS.keys()
