"""The register page: what it finds, in which order, page by page, at a fixed price in queries."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from tests.doors import web_world
from tests.doors.web_world import World, as_person
from tests.rooms import county

from banjie.people.verbs import Verb
from banjie.registers import paging
from banjie.registers.bulk import write_many
from banjie.registers.models import SavedView

QUERIES = 20  # session and account, grants and areas, registers, notices, cockpit, page, areas, count, views; one more below a chosen area


@pytest.fixture
def world(db: None) -> World:
    found = web_world.build()
    rows = [
        county.project(
            f"P-{n:03}", name=f"项目{n:03}", total=str(n * 10000), planned="0", industry=("ceramics", "printing")[n % 2]
        )
        for n in range(1, 121)
    ]
    write_many("projects", rows, by=None, origin="test")
    return found


@pytest.fixture
def browser(world: World) -> Client:
    return as_person(world.clerk)


def keys(said: str) -> list[str]:
    return re.findall(r'<th role="rowheader"[^>]*><a href="[^"]*">([^<]*)</a>', said)


def see(browser: Client, query: str = "", **headers: str) -> str:
    response = browser.get(f"/registers/projects/?{query}", headers=headers)
    assert response.status_code == 200
    return str(response.content.decode())


def test_pages_follow_each_other_without_gap_or_repetition(browser: Client) -> None:
    seen, query = [], "sort=total"
    while query:
        said = see(browser, query)
        seen += keys(said)
        following = re.search(r'rel="next" href="\?([^"]*)"', said)
        query = following[1].replace("&amp;", "&") if following else ""
    assert seen[:120] == [f"P-{n:03}" for n in range(1, 121)]
    assert seen[120:] == ["XH-001"]


def test_going_back_shows_the_page_before(browser: Client) -> None:
    first = see(browser, "sort=total")
    following = re.search(r'rel="next" href="\?([^"]*)"', first)
    assert following
    second = see(browser, following[1].replace("&amp;", "&"))
    back = re.search(r'rel="prev" href="\?([^"]*)"', second)
    assert back
    assert keys(see(browser, back[1].replace("&amp;", "&"))) == keys(first)


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("industry=ceramics", 60),
        ("total__at_least=100&total__at_most=110", 11),  # 万元, as the screen shows them
        ("q=项目01", 10),
        ("q=陶瓷", 61),
        ("area=431322", 121),
        ("area=431322109", 0),
        ("industry=ceramics&q=项目1", 11),
    ],
)
def test_filters_and_search_narrow_the_register(browser: Client, query: str, count: int) -> None:
    assert f'id="count">{count}</a>' in see(browser, query)


def test_a_column_says_how_it_is_sorted_and_turns_round(browser: Client) -> None:
    said = see(browser, "sort=-total")
    assert 'aria-sort="descending"' in said
    assert keys(said)[0] == "XH-001"


def test_htmx_gets_the_table_alone(browser: Client) -> None:
    said = see(browser, "industry=ceramics", **{"HX-Request": "true", "HX-Target": "table"})
    assert "<html" not in said
    assert said.lstrip().startswith('<div id="table"')


def test_every_number_opens_its_own_history(browser: Client, world: World) -> None:
    assert f'href="/records/{world.record.pk}/?field=total#history"' in see(browser, "q=XH-001")


@pytest.mark.parametrize("query", ["", "sort=total&industry=ceramics&q=项目", "area=431322"])
def test_the_price_in_queries_does_not_grow_with_the_rows(
    browser: Client, query: str, django_assert_max_num_queries: object
) -> None:
    with django_assert_max_num_queries(QUERIES):  # type: ignore[operator]
        see(browser, query)


def test_a_bad_filter_is_refused_with_its_reason(browser: Client) -> None:
    response = browser.get("/registers/projects/?total__at_least=many")
    assert response.status_code == 422
    assert "应为数字" in response.content.decode()


def test_a_worn_page_marker_is_refused_with_its_reason(browser: Client) -> None:
    assert browser.get("/registers/projects/?after=nonsense").status_code == 422


def test_a_view_keeps_the_filter_in_base_units_and_shows_it_in_those_of_the_screen(browser: Client, world: World) -> None:
    sent = {"name": "大项目", "query": "total__at_least=100&area=431322102&sort=-total&q=项目"}
    browser.post("/registers/projects/views/", sent)
    kept = SavedView.objects.get(name="大项目")
    assert {"field": "total", "comparison": "at_least", "value": "1000000"} in kept.query["filters"]
    said = see(browser)
    link = re.search(r'<a href="/registers/projects/\?([^"]*)">大项目', said)
    assert link
    assert "total__at_least=100&" in link[1].replace("&amp;", "&") + "&"
    assert 'id="count">21</a>' in see(browser, link[1].replace("&amp;", "&"))


def test_a_colleague_sees_a_view_only_when_it_is_shared(browser: Client, world: World) -> None:
    colleague = as_person(county.person("colleague", web_world.YANGXI, county.CLERK))
    assert "陶瓷</a>" not in colleague.get("/registers/projects/").content.decode()
    browser.post("/registers/projects/views/", {"name": "陶瓷", "query": "industry=ceramics", "shared": "1"})
    assert "陶瓷</a>" in colleague.get("/registers/projects/").content.decode()


def test_removed_records_are_listed_for_who_may_restore_them_and_for_nobody_else(browser: Client, world: World) -> None:
    browser.post(f"/records/{world.report.pk}/remove/", {"version": "1"})
    removed = browser.get("/registers/reports/?removed=1").content.decode()
    assert f'href="/records/{world.report.pk}/"' in removed
    assert f'href="/records/{world.report.pk}/"' not in browser.get("/registers/reports/").content.decode()
    reader = as_person(county.person("reader", web_world.YANGXI, [Verb.VIEW]))
    assert f'href="/records/{world.report.pk}/"' not in reader.get("/registers/reports/?removed=1").content.decode()
    assert "已删除的记录" not in reader.get("/registers/reports/").content.decode()


def test_counting_stops_where_it_would_cost(browser: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paging, "COUNTED_AT_MOST", 100)
    assert re.search(r'id="count">超过 100</a>', see(browser))


def test_an_export_holds_what_the_filter_shows(browser: Client) -> None:
    response = browser.get("/registers/projects/export/?industry=ceramics&format=csv")
    lines = b"".join(response).decode("utf-8-sig").splitlines()
    assert len(lines) == 61
    assert "attachment" in response.headers["Content-Disposition"]


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ("started_on__at_least=2021-99-99", "开工日期：应为日期"),
        ("industry=zz", "产业：不在选项之中"),
        ("total__at_least=abc", "总投资：应为数字"),
        ("nonsense=1", "nonsense：没有这个筛选条件"),
        ("total__almost=1", "total__almost：没有这个筛选条件"),
        ("sort=-nope", "排序：没有可按之排序的列「nope」"),
        ("area=nowhere", "地区：没有代码为「nowhere」的地区"),
    ],
)
def test_a_condition_that_is_none_is_refused_once_and_by_its_title_on_the_page_and_in_the_export(
    query: str, says: str, world: World
) -> None:
    client = as_person(world.admin)
    for address in ("/registers/projects/", "/registers/projects/export/"):
        answer = client.get(f"{address}?{query}")
        assert answer.status_code == 422
        assert answer.content.decode().count(says) == 1


def test_an_export_in_a_format_that_there_is_not_is_refused(world: World) -> None:
    answer = as_person(world.admin).get("/registers/projects/export/?format=exe")
    assert answer.status_code == 422
    assert "格式：只能导出为 xlsx 或 csv" in answer.content.decode()


@pytest.mark.parametrize("address", ["/registers/projects/?q=%00", "/search/?q=a%00b", "/registers/projects/export/?q=%00"])
def test_the_character_that_no_record_holds_is_refused_and_does_not_find_everything(address: str, world: World) -> None:
    assert as_person(world.admin).get(address).status_code == 400


def test_what_is_not_permitted_is_said_with_the_registers_title(world: World) -> None:
    reader = as_person(county.person("reader", web_world.YANGXI, [Verb.VIEW]))
    answer = reader.post(f"/records/{world.record.pk}/remove/", {"version": "1", "why": "误录"})
    assert answer.status_code == 403
    said = answer.content.decode()
    assert "「重点项目」" in said
    assert "projects" not in said.split('class="refusal"')[1]


def test_on_cards_a_unit_stands_in_brackets_of_the_language(browser: Client) -> None:
    assert 'data-label="总投资（万元）"' in see(browser)
    browser.cookies["banjie_language"] = "en"
    assert 'data-label="Total (CNY million)"' in see(browser)
