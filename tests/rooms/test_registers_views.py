"""Saved views: kept, replaced, renamed, shared, deleted; and never a way around what one may see."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from banjie.lib.errors import Conflict, Invalid, NotFound, NotPermitted
from banjie.lib.text import reading_in
from banjie.people.models import Account
from banjie.registers.models import SavedView
from banjie.registers.paging import Order
from banjie.registers.queries import Filter
from banjie.registers.views import delete_view, filters_of, order_of, rename_view, save_view, share_view, views_for
from tests.rooms import county

pytestmark = pytest.mark.django_db

QUERY = {
    "search": "陶瓷",
    "filters": [{"field": "industry", "comparison": "is", "value": "ceramics"}],
    "order": "total",
    "descending": True,
}


@pytest.fixture(autouse=True)
def _in_english() -> Iterator[None]:
    with reading_in("en"):
        yield


@pytest.fixture
def clerk() -> Account:
    county.areas()
    county.registers()
    return county.person("clerk", "431322102", county.CLERK)


def test_a_view_is_kept_and_gives_back_its_query(clerk: Account) -> None:
    view = save_view("projects", "  陶瓷  项目 ", QUERY, by=clerk)
    assert view.name == "陶瓷 项目"
    assert filters_of(view) == [Filter("industry", "is", "ceramics")]
    assert order_of(view) == Order("total", True)
    assert view.query["search"] == "陶瓷"


def test_saving_under_the_same_name_replaces_ones_own(clerk: Account) -> None:
    save_view("projects", "a", QUERY, by=clerk)
    save_view("projects", "a", {}, by=clerk)
    assert filters_of(SavedView.objects.get()) == []


@pytest.mark.parametrize(
    "query",
    [
        {"filters": [{"field": "nothing", "comparison": "is", "value": 1}]},
        {"filters": [{"field": "phone", "comparison": "is", "value": "138"}]},
        {"filters": [{"field": "total", "comparison": "at_least", "value": "much"}]},
        {"filters": [{"field": "total", "comparison": "like", "value": "1"}]},
        {"filters": [{"field": "total"}]},
        {"filters": "total"},
        {"order": "phone"},
        {"password": "x"},
    ],
)
def test_a_view_that_the_register_cannot_answer_is_refused(clerk: Account, query: dict[str, object]) -> None:
    with pytest.raises(Invalid):
        save_view("projects", "a", query, by=clerk)
    assert not SavedView.objects.exists()


def test_shared_views_are_seen_by_others_and_changed_by_their_owner_alone(clerk: Account) -> None:
    other = county.person("other", "431322109", county.CLERK)
    stranger = Account.objects.create(username="stranger")
    view = save_view("projects", "b", QUERY, by=clerk)
    own = save_view("projects", "z", {}, by=other)
    assert list(views_for(other, "projects")) == [own]
    share_view(view, True, by=clerk)
    assert list(views_for(other, "projects")) == [own, view]
    assert list(views_for(stranger, "projects")) == []
    for change in (
        lambda: rename_view(view, "c", by=other),
        lambda: delete_view(view, by=other),
        lambda: share_view(view, False, by=other),
    ):
        with pytest.raises(NotFound):
            change()
    with pytest.raises(NotPermitted):
        save_view("projects", "x", {}, by=stranger)


def test_renaming_onto_ones_other_view_is_a_conflict(clerk: Account) -> None:
    save_view("projects", "a", {}, by=clerk)
    view = save_view("projects", "b", {}, by=clerk)
    assert rename_view(view, "c", by=clerk).name == "c"
    with pytest.raises(Conflict):
        rename_view(view, "a", by=clerk)
    with pytest.raises(Invalid):
        rename_view(view, "  ", by=clerk)
    delete_view(view, by=clerk)
    assert [v.name for v in views_for(clerk, "projects")] == ["a"]
