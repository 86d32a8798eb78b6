"""Figures through the browser: the value, the rows it comes from, what it was known to be, and its publication."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime

import pytest
from django.test import Client
from tests.doors.web_world import as_person
from tests.rooms import county
from tests.rooms import figures_world as world

from banjie.figures.actions import retire_figure
from banjie.figures.models import Publication
from banjie.lib.clock import LOCAL
from banjie.packs.models import InstalledPack
from banjie.people.models import Account
from banjie.people.verbs import Verb
from banjie.places.models import Boundary
from banjie.registers.models import Record

pytestmark = pytest.mark.django_db(transaction=world.COMMITTED)
SQUARE = {"type": "Polygon", "coordinates": [[[111, 27], [112, 27], [112, 28], [111, 28], [111, 27]]]}
COCKPIT = {
    "title": {"zh": "驾驶舱", "en": "Cockpit"},
    "headline": ["projects.count", "projects.completion"],
    "trend": {"figure": "projects.invested", "against": "projects.planned"},
    "breakdowns": [{"figure": "projects.invested", "by": "industry", "chart": "bar"}],
    "map": {"figure": "projects.invested", "by": "town"},
    "ranking": {
        "by": "town", "title": {"zh": "各镇进度", "en": "Towns"}, "figures": ["projects.count", "projects.completion"],
        "order": "projects.completion", "expected": "projects.count", "received": "projects.reporting",
    },
}  # fmt: skip


@pytest.fixture
def statistician() -> Account:
    world.build()
    first = world.project("A", planned="100000000")
    world.project("B", town=world.BAIXI, planned="100000000", industry="printing")
    world.report("A", "2021-01", "30000000", on="2021-02-03 09:00")
    report = world.report("A", "2021-02", "20000000", on="2021-03-03 09:00")
    world.report("B", "2021-02", "50000000", on="2021-03-03 10:00")
    world.change(report, "2021-03-10 09:00", why="更正", invested="25000000")
    assert first.pk
    return county.person("statistician", world.COUNTY, [Verb.VIEW, Verb.PUBLISH])


@pytest.fixture
def browser(statistician: Account) -> Client:
    return as_person(statistician)


def see(browser: Client, address: str) -> str:
    response = browser.get(address)
    assert response.status_code == 200
    return str(response.content.decode())


def test_the_newest_period_is_asked_where_none_is_named(browser: Client) -> None:
    said = see(browser, "/figures/projects.invested/")
    assert "2021年1—2月" in said
    assert re.search(r'id="figure-value"><a[^>]*>1.05亿元<', said)


def test_every_row_leads_to_its_record_and_to_the_entry_that_wrote_it(browser: Client) -> None:
    said = see(browser, "/figures/projects.invested/?period=2021")
    rows = re.findall(r'href="/records/(\d+)/#entry-(\d+)"', said.split('id="rows"')[1].split("</section>")[0])
    assert len({record for record, _ in rows}) == 3
    record, entry = rows[0]
    assert f'id="entry-{entry}"' in see(browser, f"/records/{record}/")


def test_what_it_was_known_to_be_names_the_correction(browser: Client) -> None:
    said = see(browser, "/figures/projects.invested/?period=2021").split('id="vintages"')[1]
    assert "1.05亿元" in said
    assert "1亿元" in said
    assert "更正" in said


def test_asked_as_known_before_the_correction_it_says_the_old_value(browser: Client) -> None:
    said = see(browser, "/figures/projects.invested/?period=2021&as_of=2021-03-05T12:00")
    assert re.search(r'id="figure-value"><a[^>]*>1亿元<', said)


def test_asked_as_known_then_a_record_is_called_as_it_was_then(browser: Client) -> None:
    project = Record.objects.get(key="A")
    world.change(project, "2021-03-10 09:00", name="旧名项目")
    world.change(Record.objects.get(key="A"), "2021-04-10 09:00", name="新名项目")
    then = see(browser, "/figures/projects.planned/?period=2021&as_of=2021-03-15T12:00")
    assert "旧名项目" in then
    assert "新名项目" not in then
    assert "新名项目" in see(browser, "/figures/projects.planned/?period=2021")


def test_a_ratio_opens_into_numerator_and_denominator(browser: Client) -> None:
    said = see(browser, "/figures/projects.completion/?period=2021")
    assert "52.5%" in said
    assert 'href="/figures/projects.invested/?area=431322&amp;period=2021"' in said
    assert 'href="/figures/projects.planned/?area=431322&amp;period=2021"' in said


def test_parts_open_as_the_figure_of_their_town_or_month(browser: Client) -> None:
    by_town = see(browser, "/figures/projects.invested/?period=2021&by=town")
    assert f"area={world.YANGXI}&amp;period=2021" in by_town
    by_month = see(browser, "/figures/projects.invested/?period=2021&by=month")
    assert "period=2021-02" in by_month


def test_a_part_shows_its_own_rows(browser: Client) -> None:
    said = see(browser, "/figures/projects.invested/?period=2021&by=industry&part=printing")
    rows = said.split('id="rows"')[1].split("</section>")[0]
    assert len(set(re.findall(r'href="/records/(\d+)/"', rows))) == 1


def test_the_clerk_of_one_town_is_told_which_areas_may_be_asked(statistician: Account) -> None:
    clerk = as_person(county.person("clerk", world.YANGXI, county.CLERK))
    refused = clerk.get(f"/figures/projects.invested/?period=2021&area={world.BAIXI}")
    assert refused.status_code == 403
    assert "洋溪镇" in refused.content.decode()
    assert re.search(r'id="figure-value"><a[^>]*>5500万元|0.55亿元<', see(clerk, "/figures/projects.invested/?period=2021"))


def test_publishing_leaves_a_signed_snapshot_on_the_page(browser: Client) -> None:
    response = browser.post("/figures/projects.invested/publish/", {"area": world.COUNTY, "period": "2021", "why": "年报"})
    assert response.status_code == 302
    made = Publication.objects.get()
    assert made.signature[:16] in see(browser, response.headers["Location"])


def test_who_may_not_publish_has_no_button_and_is_refused(statistician: Account) -> None:
    clerk = as_person(county.person("clerk", world.COUNTY, [Verb.VIEW]))
    assert "/publish/" not in see(clerk, "/figures/projects.invested/?period=2021")
    assert clerk.post("/figures/projects.invested/publish/", {"period": "2021"}).status_code == 403
    assert not Publication.objects.exists()


def test_a_period_that_is_none_is_refused_in_words(browser: Client) -> None:
    response = browser.get("/figures/projects.invested/?period=sometime")
    assert response.status_code == 400
    assert "看不懂时期" in response.content.decode()


def test_the_list_is_of_one_period_which_it_says(browser: Client) -> None:
    """The newest of most figures where none is chosen; never years side by side."""
    said = see(browser, "/figures/")
    chosen = re.findall(r'<option value="([^"]+)" selected>([^<]+)<', said)
    assert len(chosen) == 1
    links = set(re.findall(r'href="/figures/[^"?]+\?[^"]*period=([^"&]+)"', said))
    assert links == {chosen[0][0]}
    assert f'<th role="columnheader" scope="col" class="num">{chosen[0][1]}</th>' in said
    assert "1.05亿元" in said


def test_the_list_of_a_chosen_period_gives_reasons_where_there_is_no_value(browser: Client) -> None:
    said = see(browser, "/figures/?period=2020")
    assert "1.05亿元" not in said
    assert "在所问的地区和时期内没有记录" in said
    assert browser.get("/figures/?period=sometime").status_code == 400


@pytest.mark.parametrize(
    ("as_of", "says"),
    [
        ("1999-01-01T00:00", "台账自2021年1月4日 09:00起记，此前没有可查的数"),
        ("2199-01-01T00:00", "截至时点不能晚于现在"),
        ("0001-01-01T00:00", "此前没有可查的数"),
        ("9999-12-31T23:59", "截至时点不能晚于现在"),
        ("yesterday", "截至时点：应为日期和时间"),
    ],
)
def test_a_moment_that_cannot_be_asked_is_refused_with_what_can(browser: Client, as_of: str, says: str) -> None:
    response = browser.get(f"/figures/projects.invested/?period=2021&as_of={as_of}")
    assert response.status_code in {400, 422}
    assert says in response.content.decode()


def test_a_figure_that_is_retired_or_never_was_is_not_found(browser: Client) -> None:
    retire_figure("projects.both", by=None)
    for name in ("projects.both", "projects.never"):
        response = browser.get(f"/figures/{name}/")
        assert response.status_code == 404
        assert "指标" in response.content.decode()
    assert browser.get("/figures/projects.invested/?period=2021&area=999").status_code == 404


def test_where_there_is_no_value_no_status_stands_beside_it(browser: Client) -> None:
    said = see(browser, "/figures/projects.invested/?period=2020")
    value = said.split('id="figure-value"')[1].split("</section>")[0]
    assert "没有记录" in value
    assert "tag-" not in value


@pytest.fixture
def cockpit(statistician: Account) -> Account:
    InstalledPack.objects.create(
        name="test", number=1, version="1", title_zh="测试", title_en="Test", digest="0" * 64, content={"screens": {"cockpit": COCKPIT}},
        installed_at=datetime(2021, 1, 1, tzinfo=LOCAL),
    )  # fmt: skip
    for town in (world.YANGXI, world.BAIXI):
        Boundary.objects.create(area_id=town, geojson=SQUARE, source="drawn", schematic=True)
    return statistician


def test_the_cockpit_shows_what_the_pack_declares_and_every_number_opens(cockpit: Account) -> None:
    said = see(as_person(cockpit), "/cockpit/")
    headline = said.split('id="headline"')[1].split("</ul>")[0]
    assert re.findall(r'class="figure-value" href="(/figures/[^"]+)"', headline) == [
        "/figures/projects.count/?area=431322&amp;period=2021-01..2021-02",
        "/figures/projects.completion/?area=431322&amp;period=2021-01..2021-02",
    ]
    for cell in re.findall(r'<td[^>]*class="num"[^>]*>(.*?)</td>', said):
        assert cell.startswith("<a ") or not re.match(r"[\d.]+[亿%万]", cell)


def test_who_may_not_see_its_figures_is_offered_no_cockpit(cockpit: Account) -> None:
    stranger = Account.objects.create(username="stranger", name_zh="生人")
    assert 'href="/cockpit/"' in see(as_person(cockpit), "/")
    assert 'href="/cockpit/"' not in see(as_person(stranger), "/")
    refused = as_person(stranger).get("/cockpit/")
    assert refused.status_code == 403
    assert "没有查看" in refused.content.decode()


def test_the_map_says_that_it_is_schematic(cockpit: Account) -> None:
    assert "示意图，非行政区划界线" in see(as_person(cockpit), "/cockpit/")


def test_the_ranking_shows_what_was_not_reported(cockpit: Account) -> None:
    table = see(as_person(cockpit), "/cockpit/").split('id="ranking"')[1]
    rows = re.findall(r'<th role="rowheader" scope="row">([^<]+)</th>.*?/ (\d+)</span>', table)
    assert rows == [("洋溪镇", "2"), ("白溪镇", "2")]


def test_the_cockpit_costs_the_same_for_one_town_and_for_all(
    cockpit: Account, django_assert_max_num_queries: Callable[[int], object]
) -> None:
    browser = as_person(cockpit)
    see(browser, "/cockpit/")
    with django_assert_max_num_queries(24):  # type: ignore[attr-defined]
        see(browser, "/cockpit/")
