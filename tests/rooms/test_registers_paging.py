"""Pages of a register are the same whichever way they are found: counted and ordered, or walked along an index."""

from __future__ import annotations

import itertools

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from banjie.people.models import Account
from banjie.registers import paging, search
from banjie.registers.actions import create, remove
from banjie.registers.catalogue import catalogue
from banjie.registers.models import Record
from banjie.registers.paging import Order, Page, page
from banjie.registers.queries import Filter, RecordQuerySet
from banjie.registers.steering import narrowing_index
from tests.rooms import county

pytestmark = pytest.mark.django_db

ORDERS = [Order(field, down) for field, down in itertools.product(["", "key", "total", "industry", "started_on"], [False, True])]
FILTERS = [(), (Filter("total", "at_least", "30"),), (Filter("industry", "is", "ceramics"),), (Filter("total", "at_most", "-5"),)]


@pytest.fixture
def clerk() -> Account:
    county.areas()
    county.registers()
    clerk = county.person("clerk", "431322102", county.CLERK)
    for n in range(23):
        industry = ["ceramics", "printing", None][n % 3]
        started = None if n % 5 == 0 else f"2021-0{n % 4 + 1}-01"
        given = county.project(f"XH-{n:03}", total=n * 7 % 61, planned=None, industry=industry, started_on=started)
        create("projects", given, by=clerk)
    return clerk


def asked(clerk: Account, filters: tuple[Filter, ...]) -> RecordQuerySet:
    definition = catalogue().register("projects")
    return Record.objects.visible_to(clerk).of("projects").live().matching(definition, filters)


def all_pages(rows: RecordQuerySet, order: Order, filters: tuple[Filter, ...]) -> tuple[list[str], list[Page]]:
    definition = catalogue().register("projects")
    keys: list[str] = []
    pages: list[Page] = []
    after = ""
    while not pages or after:
        found = page(rows, definition, order, after=after, size=5, narrowing=narrowing_index(definition, filters))
        keys += [record.key for record in found.rows]
        pages.append(found)
        after = (found.next or "") if len(found.rows) == 5 else ""
    return keys, pages


@pytest.mark.parametrize("filters", FILTERS, ids=["all", "from 30", "ceramics", "none"])
@pytest.mark.parametrize("order", ORDERS, ids=lambda o: f"{o.field or 'changed'} {'down' if o.descending else 'up'}")
def test_a_walk_along_an_index_shows_what_counting_and_ordering_shows(
    clerk: Account, order: Order, filters: tuple[Filter, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = asked(clerk, filters)
    counted, pages = all_pages(rows, order, filters)
    assert pages[0].exact
    assert pages[0].number == rows.count() == len(counted)
    monkeypatch.setattr(paging, "COUNTED_AT_MOST", 0)
    walked, pages = all_pages(rows, order, filters)
    assert walked == counted
    assert pages[0].exact is (not counted)


def test_a_page_costs_two_statements_however_many_rows_there_are(clerk: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    for most in (10_000, 0):
        monkeypatch.setattr(paging, "COUNTED_AT_MOST", most)
        with CaptureQueriesContext(connection) as seen:
            page(asked(clerk, ()), catalogue().register("projects"), Order("total"))
        statements = [q["sql"] for q in seen.captured_queries if "registers_record" in q["sql"]]
        assert len(statements) == 2, statements


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL chooses by itself")
def test_the_walk_goes_through_the_index_of_the_order(clerk: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paging, "COUNTED_AT_MOST", 0)
    with CaptureQueriesContext(connection) as seen:
        page(asked(clerk, ()), catalogue().register("projects"), Order("total"))
    assert 'INDEXED BY "rf_projects_total' in seen.captured_queries[-1]["sql"]


def test_removed_records_are_paged_too_although_no_field_index_holds_them(
    clerk: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    record = Record.objects.get(key="XH-007")
    remove(record, version=record.version, by=clerk, why="entered twice")
    gone = Record.objects.of("projects").filter(removed_at__isnull=False)
    for most in (10_000, 0):
        monkeypatch.setattr(paging, "COUNTED_AT_MOST", most)
        found = page(gone, catalogue().register("projects"), Order("total"), live=False)
        assert [r.key for r in found.rows] == ["XH-007"]


@pytest.mark.parametrize("word", ["陶瓷", "XH-01", "没有", "-"])
def test_a_word_that_many_records_hold_finds_the_same_as_a_rare_one(
    clerk: Account, word: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    rare = sorted(asked(clerk, ()).searching(word).values_list("key", flat=True))
    monkeypatch.setattr(search, "CANDIDATES_AT_MOST", -1)
    assert sorted(asked(clerk, ()).searching(word).values_list("key", flat=True)) == rare
