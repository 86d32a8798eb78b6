"""Who declined is known to those who handle the case and to nobody else, whichever door they come through."""

from __future__ import annotations

import re
from collections import deque
from dataclasses import dataclass
from html import unescape
from io import BytesIO
from typing import Any
from zipfile import ZipFile

import pytest
from django.test import Client
from tests.doors.api_world import Program, program
from tests.doors.web_world import as_person
from tests.rooms import county
from tests.rooms.figures_world import COMMITTED
from tests.rooms.land_demo import shangdu  # noqa: F401 - a fixture
from tests.rooms.land_world import COUNTY, SHANGDU, YANGXI

from banjie.api.callers import forget
from banjie.api.limits import limit
from banjie.figures.answers import answer
from banjie.figures.tracing import trace
from banjie.lib.dates import parse_moment
from banjie.lib.errors import NotFound, NotPermitted, Refusal
from banjie.matters.models import Matter
from banjie.matters.page import page
from banjie.people.models import Account
from banjie.people.verbs import Verb
from banjie.registers.models import Record

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("shangdu"), pytest.mark.xdist_group("land")]
# Requests write (who was seen when), and PostgreSQL's store of figures is not asked in a transaction that has: there, no test has a
# transaction of its own. ``shangdu`` opens the database, and empties it after the module. (Run with others there, as what creates
# the database is the first test that is marked.)
if not COMMITTED:
    pytestmark.append(pytest.mark.django_db)
OF_HOUSEHOLDS = ("households", "household_visits", "compensation_lines")
WHEN_TWELVE_DECLINED = parse_moment("2021-02-26 00:00")
PAGES = 60  # followed at most, from link to link; a walk of 150 found nothing more


@dataclass
class Outsider:
    """Somebody who does not handle the case, with a browser and with a program that has a token of theirs."""

    account: Account
    client: Client
    program: Program


NAMED = {
    "leader": "may view, export and publish everything in the county, personal values among it",
    "it_officer": "may do everything in the county",
    "town_clerk": "of the very street, with every register of it but none of the households by name",
    "neighbour": "handles the households of another town",
    "land_bureau": "handles the submission, and sees the project",
}
outside = pytest.mark.parametrize("name", NAMED)


@pytest.fixture(scope="module")
def outsiders(shangdu: None) -> dict[str, Outsider]:  # noqa: F811 - the fixture
    forget()
    limit.forget()
    everything = [Verb.VIEW, Verb.EXPORT, Verb.PERSONAL, Verb.PUBLISH, Verb.SUPERVISE]
    made = [
        county.person("leader", COUNTY, everything),
        county.person("it_officer", COUNTY, list(Verb)),
        county.person("town_clerk", SHANGDU, [*county.CLERK, Verb.HANDLE, Verb.PERSONAL]),
        neighbour(),
        Account.objects.get(username="land_bureau"),
        Account.objects.get(username="household_team"),
    ]
    return {account.username: Outsider(account, as_person(account), program(account)) for account in made}


def neighbour() -> Account:
    account = county.person("neighbour", YANGXI, [Verb.VIEW])
    post = account.appointments.get().post
    for register in OF_HOUSEHOLDS:
        for verb in (Verb.VIEW, Verb.PERSONAL, Verb.EXPORT, Verb.HANDLE):
            post.grants.create(verb=verb, register=register, area_id=YANGXI)
    return account


def declining() -> list[Record]:
    found = [r for r in Record.objects.of("households") if r.data.get("position_on") and r.data["team"] != "一组"]
    assert len(found) == 12
    return found


def secrets() -> set[str]:
    """What tells a household: its code, people, address, papers and the address of its page."""
    households = list(Record.objects.of("households"))
    fields = ("code", "head", "phone", "address", "agreement_no", "payment_no", "judicial_case")
    told = {str(r.data[name]) for r in households for name in fields if r.data.get(name)}
    known_otherwise = {str(r.data["member"]) for r in Record.objects.of("task_force")}
    return (told | {f"/records/{r.pk}/" for r in households}) - known_otherwise


def body(response: Any) -> str:
    raw: bytes = b"".join(response) if response.streaming else response.content
    return unescape(raw.decode("utf-8", "replace"))


def crawled(client: Client, at_most: int, *starts: str) -> dict[str, str]:
    """What every page says that can be reached by links, breadth first."""
    said: dict[str, str] = {}
    waiting = deque(starts)
    while waiting and len(said) < at_most:
        address = waiting.popleft()
        if address in said or "logout" in address:
            continue
        response = client.get(address)
        said[address] = body(response)
        if response.status_code in {301, 302}:
            waiting.append(response.headers["Location"])
        links = re.findall(r'href="(/[^"#]*|\?[^"#]*)', said[address])
        waiting.extend(address.split("?")[0] + link if link.startswith("?") else link for link in links)
    return said


# Pages


@pytest.mark.parametrize("name", ["leader", "town_clerk"])
def test_no_page_that_an_outsider_can_reach_tells_a_household(name: str, outsiders: dict[str, Outsider]) -> None:
    secret, client = secrets(), outsiders[name].client
    projects = [f"/records/{pk}/" for pk in Record.objects.of("acquisitions").values_list("pk", flat=True)]
    lists = ["/", "/registers/", "/matters/", "/notices/", "/processes/", "/processes/household_case/", "/cockpit/"]
    pages = crawled(client, PAGES, *projects, *lists, "/figures/", "/figures/land.declining/", "/figures/household_case.opened/")
    assert len(pages) == PAGES
    assert {(address, one) for address, html in pages.items() for one in secret if one in html} == set()


def test_the_same_walk_by_the_household_team_does_tell(outsiders: dict[str, Outsider]) -> None:
    """Else the test above could not fail."""
    pages = crawled(outsiders["household_team"].client, 1, "/registers/households/")
    assert any(one in html for html in pages.values() for one in secrets())


@outside
def test_the_addresses_of_households_lead_nowhere(name: str, outsiders: dict[str, Outsider]) -> None:
    client = outsiders[name].client
    for record in declining()[:3]:
        for tail in ("", "sheet/", "edit/"):
            response = client.get(f"/records/{record.pk}/{tail}")
            assert response.status_code == 404
            assert record.key not in body(response)
        matter = Matter.objects.get(record=record)
        for tail in ("advance/paying/", "suspend/", "hand_over/"):
            assert client.get(f"/matters/{matter.pk}/{tail}").status_code == 404


@outside
def test_search_finds_no_household(name: str, outsiders: dict[str, Outsider]) -> None:
    client = outsiders[name].client
    (in_court,) = [r for r in declining() if r.data.get("judicial_on")]
    for wanted in (in_court.key, in_court.data["head"], in_court.data["judicial_case"], in_court.data["agreement_no"]):
        html = body(client.get("/search/", {"q": wanted}))
        assert f"/records/{in_court.pk}/" not in html
    assert not Record.objects.visible_to(outsiders[name].account).of("households").exclude(area_id=YANGXI).exists()


@outside
def test_no_export_has_a_household(name: str, outsiders: dict[str, Outsider]) -> None:
    client, secret = outsiders[name].client, secrets()
    for register in (*OF_HOUSEHOLDS, "household_case_matters", "acquisitions", "task_force", "rota"):
        for form in ("csv", "xlsx"):
            response = client.get(f"/registers/{register}/export/", {"format": form})
            said = unzipped(response) if response.status_code == 200 and form == "xlsx" else body(response)
            assert not [one for one in secret if one in said], (register, form)
            if register in OF_HOUSEHOLDS and name != "neighbour":
                assert response.status_code == 404, (register, form)  # as if there were no such register


def unzipped(response: Any) -> str:
    with ZipFile(BytesIO(b"".join(response))) as parts:
        return "".join(parts.read(name).decode() for name in parts.namelist())


# Figures: a number for all, the rows for those who handle the case


@pytest.mark.parametrize("name", ["leader", "it_officer", "town_clerk"])
def test_a_figure_is_a_number_without_rows_to_whoever_may_only_count(name: str, outsiders: dict[str, Outsider]) -> None:
    account = outsiders[name].account
    asked: dict[str, Any] = {"account": account, "area": SHANGDU, "as_of": WHEN_TWELVE_DECLINED}
    assert answer("land.declining", **asked).value == 12
    opened = trace("land.declining", **asked)
    assert all(source.withheld and source.rows == () for source in opened.sources)
    assert not [c for v in opened.vintages for c in v.changes]
    said = str(opened.as_json())
    assert not [one for one in secrets() if one in said]
    html = body(outsiders[name].client.get("/figures/land.declining/", {"area": SHANGDU, "as_of": "2021-02-26 00:00"}))
    assert not [one for one in secrets() if one in html]


@outside
def test_no_breakdown_shows_one_household(name: str, outsiders: dict[str, Outsider]) -> None:
    account = outsiders[name].account
    for by in ("code", "household", "team", "position", "head"):
        with pytest.raises(Refusal):
            answer("land.declining", account=account, by=by)


@pytest.mark.parametrize("name", ["neighbour", "land_bureau"])
def test_who_may_not_even_count_gets_no_number_of_the_street(name: str, outsiders: dict[str, Outsider]) -> None:
    with pytest.raises(NotPermitted):
        answer("land.declining", account=outsiders[name].account, area=SHANGDU)


# The interface for programs


@outside
def test_programs_learn_no_more_than_people(name: str, outsiders: dict[str, Outsider]) -> None:
    secret, caller, record = secrets(), outsiders[name].program, declining()[0]
    matter = Matter.objects.get(record=record)
    said = []
    for register in OF_HOUSEHOLDS:
        rows = caller.get(f"/registers/{register}/records")
        assert rows.status_code in {403, 404} or rows.json()["records"] == []
        said.append(rows)
    for path in (f"/registers/households/records/{record.pk}", f"/matters/{matter.pk}"):
        one = caller.get(path)
        assert one.status_code in {403, 404}
        said.append(one)
    said += [caller.get("/matters/mine"), caller.get("/figures/land.declining"), caller.get("/registers/acquisitions/records")]
    said.append(caller.get("/registers/acquisitions/records", q=record.key))
    step = caller.post(f"/matters/{matter.pk}/advance", {"to": "paying", "changes": {}}, version=1)
    assert step.status_code in {403, 404}
    for response in [*said, step]:
        assert not [one for one in secret if one in body(response)]


# History


@outside
def test_the_history_of_a_household_is_as_hidden_as_the_household(name: str, outsiders: dict[str, Outsider]) -> None:
    account = outsiders[name].account
    for record in declining()[:3]:
        with pytest.raises(NotFound):
            page(Matter.objects.get(record=record).pk, by=account)


@pytest.mark.django_db
def test_those_who_handle_the_case_see_who_declined_and_when() -> None:
    team = Account.objects.get(username="household_team")
    seen = Record.objects.visible_to(team).of("households")
    assert {r.key for r in declining()} <= {r.key for r in seen}
    opened = trace("land.declining", account=team, area=SHANGDU, as_of=WHEN_TWELVE_DECLINED).sources[0]
    assert {row.key for row in opened.rows} == {r.key for r in declining()}
