"""Areas: the tree, and how it changes without losing what it was."""

from __future__ import annotations

from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from pytest_django import DjangoAssertNumQueries

from banjie.ledger.models import Entry
from banjie.lib.errors import Conflict, DefinitionError, Invalid, NotFound, Refusal
from banjie.lib.text import Text
from banjie.places import actions
from banjie.places.definition import AreaDefinition, BoundaryDefinition
from banjie.places.models import Area, Boundary, Succession

pytestmark = pytest.mark.django_db

OFFICER: Any = SimpleNamespace(pk=7, name=Text("梁守正", "Liang Shouzheng"))
SQUARE = {"type": "Polygon", "coordinates": [[[111.1, 27.6], [111.2, 27.6], [111.2, 27.7], [111.1, 27.6]]]}


def area(code: str, parent: str | None, level: str, **more: object) -> AreaDefinition:
    return AreaDefinition.load(
        {"code": code, "parent": parent, "level": level, "name": {"zh": f"区{code}", "en": f"Area {code}"}, **more}
    )


@pytest.fixture
def tree() -> None:
    for code, parent, level in [
        ("43", None, "province"),
        ("4313", "43", "city"),
        ("431322", "4313", "county"),
        ("431322101", "431322", "town"),
        ("431322102", "431322", "town"),
        ("431322102001", "431322102", "village"),
        ("431381", "4313", "county"),
    ]:
        actions.add_area(area=area(code, parent, level), by=OFFICER)


@pytest.mark.usefixtures("tree")
def test_everything_within_an_area_is_one_query(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    with django_assert_num_queries(1):
        within = Area.objects.codes_within("431322")
    assert within == ["431322", "431322101", "431322102", "431322102001"]
    assert Area.objects.codes_within("999") == []


@pytest.mark.usefixtures("tree")
def test_ancestors_run_from_the_province_down(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    with django_assert_num_queries(1):
        assert Area.objects.ancestors("431322102001") == ["43", "4313", "431322", "431322102"]
    assert Area.objects.ancestors("43") == []
    assert Area.objects.ancestors("999") == []


@pytest.mark.usefixtures("tree")
def test_each_code_is_led_to_its_ancestor_at_a_level(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    with django_assert_num_queries(1):
        towns = Area.objects.at_level("town")
    assert towns == {"431322101": "431322101", "431322102": "431322102", "431322102001": "431322102"}
    counties = Area.objects.at_level("county")
    assert counties["431322102001"] == counties["431322"] == "431322"
    assert "4313" not in counties


@pytest.mark.usefixtures("tree")
def test_a_new_area_leaves_an_entry_with_the_name_of_who_added_it() -> None:
    entry = Entry.objects.get(chain="area:431322102")
    assert (entry.verb, entry.actor_id, entry.actor) == ("area.added", 7, "梁守正")
    assert entry.body["after"]["name"] == {"zh": "区431322102", "en": "Area 431322102"}


@pytest.mark.usefixtures("tree")
def test_a_code_that_is_taken_is_a_conflict_and_changes_nothing() -> None:
    with pytest.raises(Conflict):
        actions.add_area(area=area("431322101", "431322", "town"), by=OFFICER)
    assert Entry.objects.filter(chain="area:431322101").count() == 1


@pytest.mark.usefixtures("tree")
@pytest.mark.parametrize(
    ("parent", "level", "why"),
    [
        ("nowhere", "town", "no such parent"),
        ("431322101", "town", "a town in a town"),
        ("431322101", "county", "a county in a town"),
    ],
)
def test_a_parent_must_exist_and_lie_higher(parent: str, level: str, why: str) -> None:
    with pytest.raises(Invalid):
        actions.add_area(area=area("431322999", parent, level), by=OFFICER)
    assert not Area.objects.filter(code="431322999").exists(), why


def test_only_a_province_needs_no_parent() -> None:
    with pytest.raises(Invalid, match="须写明上级"):
        actions.add_area(area=area("431322", None, "county"), by=OFFICER)


@pytest.mark.usefixtures("tree")
def test_a_closed_area_was_in_force_until_the_day_before() -> None:
    actions.close_area(code="431322101", on=date(2021, 7, 1), by=OFFICER, why="并入")
    assert Area.objects.on(date(2021, 6, 30)).filter(code="431322101").exists()
    assert not Area.objects.on(date(2021, 7, 1)).filter(code="431322101").exists()
    entry = Entry.objects.get(chain="area:431322101", verb="area.closed")
    assert (entry.body["before"]["valid_to"], entry.body["after"]["valid_to"], entry.why) == (None, "2021-07-01", "并入")


@pytest.mark.usefixtures("tree")
@pytest.mark.parametrize(
    ("code", "on", "says"),
    [
        ("431322102", date(2021, 7, 1), "still in force"),
        ("431322101", date(1949, 10, 1), "after it began"),
        ("431322777", date(2021, 7, 1), "no area"),
    ],
)
def test_what_cannot_be_closed_is_refused(code: str, on: date, says: str) -> None:
    with pytest.raises(Refusal) as refused:
        actions.close_area(code=code, on=on, by=OFFICER)
    assert says in refused.value.says.en
    assert not Area.objects.exclude(valid_to=None).exists()


@pytest.mark.usefixtures("tree")
def test_an_area_is_closed_once() -> None:
    actions.close_area(code="431322101", on=date(2021, 7, 1), by=OFFICER)
    with pytest.raises(Refusal, match="已于2021-07-01撤销"):
        actions.close_area(code="431322101", on=date(2022, 7, 1), by=OFFICER)


@pytest.mark.usefixtures("tree")
def test_a_split_keeps_the_old_area_and_ties_its_successors_to_it() -> None:
    split = date(2021, 7, 1)
    successors = [area("431322103", "431322", "town"), area("431322104", "431322", "town")]
    rows = actions.split_area(old="431322101", successors=successors, on=split, by=OFFICER)
    assert [row.valid_from for row in rows] == [split, split]
    assert sorted(Succession.objects.values_list("predecessor_id", "successor_id", "on")) == [
        ("431322101", "431322103", split),
        ("431322101", "431322104", split),
    ]
    towns = Area.objects.filter(level="town")
    assert set(towns.on(date(2021, 6, 30)).values_list("code", flat=True)) == {"431322101", "431322102"}
    assert set(towns.on(split).values_list("code", flat=True)) == {"431322102", "431322103", "431322104"}
    assert "431322101" in Area.objects.codes_within("431322"), "records of the old town still lie in the county"
    assert Entry.objects.filter(chain="area:431322101").values_list("verb", flat=True).last() == "area.split"


@pytest.mark.usefixtures("tree")
def test_an_area_may_be_merged_into_one_that_exists() -> None:
    actions.split_area(old="431322101", successors=[area("431322102", "431322", "town")], on=date(2021, 7, 1), by=None)
    assert Area.objects.get(code="431322102").valid_from == date(1949, 10, 1)
    assert Succession.objects.get().successor_id == "431322102"


@pytest.mark.usefixtures("tree")
def test_a_split_that_fails_half_way_changes_nothing() -> None:
    before = Entry.objects.count()
    with pytest.raises(Invalid):
        actions.split_area(
            old="431322101",
            successors=[area("431322103", "431322", "town"), area("431322104", "nowhere", "town")],
            on=date(2021, 7, 1),
            by=OFFICER,
        )
    assert Area.objects.get(code="431322101").valid_to is None
    assert not Area.objects.filter(code="431322103").exists()
    assert Entry.objects.count() == before


@pytest.mark.usefixtures("tree")
@pytest.mark.parametrize("successors", [[], [area("431322101", "431322", "town")]])
def test_a_split_needs_successors_of_another_code(successors: list[AreaDefinition]) -> None:
    with pytest.raises(Refusal):
        actions.split_area(old="431322101", successors=successors, on=date(2021, 7, 1), by=OFFICER)


@pytest.mark.usefixtures("tree")
def test_the_database_itself_refuses_an_area_that_ends_before_it_begins() -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Area.objects.filter(code="431322101").update(valid_to=date(1949, 1, 1))


@pytest.mark.usefixtures("tree")
def test_an_outline_is_replaced_and_its_digest_kept() -> None:
    boundary = BoundaryDefinition.load({"area": "431322101", "geojson": SQUARE, "source": "示意", "schematic": True})
    actions.set_boundary(boundary=boundary, by=OFFICER)
    actions.set_boundary(boundary=boundary.model_copy(update={"source": "勘界"}), by=OFFICER)
    assert Boundary.objects.get(area="431322101").source == "勘界"
    entry = Entry.objects.filter(chain="area:431322101", verb="boundary.set").last()
    assert entry is not None
    assert (entry.body["before"]["source"], entry.body["after"]["source"]) == ("示意", "勘界")
    assert len(entry.body["after"]["sha256"]) == 64
    with pytest.raises(NotFound):
        actions.set_boundary(boundary=boundary.model_copy(update={"area": "999"}), by=OFFICER)


RING = SQUARE["coordinates"][0]  # type: ignore[index]


@pytest.mark.parametrize(
    ("geojson", "says"),
    [
        ({"type": "Point", "coordinates": [111, 27]}, "Polygon"),
        ({"type": "Polygon", "coordinates": []}, "Polygon"),
        ({"type": "Polygon", "coordinates": [[]]}, "four points"),
        ({"type": "Polygon"}, "Polygon"),
        ({"type": "MultiPolygon", "coordinates": [RING]}, "four points"),
        ({"type": "Polygon", "coordinates": [RING[:3]]}, "four points"),
        ({"type": "Polygon", "coordinates": [[*RING[:3], [111.1, 27.8]]]}, "not closed"),
        ({"type": "Polygon", "coordinates": [[[27.6, 111.1], [27.6, 111.2], [27.7, 111.2], [27.6, 111.1]]]}, "longitude"),
        ({"type": "Polygon", "coordinates": [[["a", 1], [1, 1], [2, 2], ["a", 1]]]}, "longitude"),
        ({"type": "Polygon", "coordinates": [[[float("nan"), 1], [1, 1], [2, 2], [float("nan"), 1]]]}, "longitude"),
        ({"type": "Feature", "geometry": SQUARE, "properties": {}}, "Polygon"),
    ],
)
def test_what_cannot_be_drawn_is_refused(geojson: object, says: str) -> None:
    with pytest.raises(DefinitionError) as refused:
        BoundaryDefinition.load({"area": "431322", "geojson": geojson, "source": "x"})
    assert says in refused.value.says.en


def test_a_multipolygon_with_a_hole_can_be_drawn() -> None:
    geojson = {"type": "MultiPolygon", "coordinates": [[RING, RING], [RING]]}
    assert BoundaryDefinition.load({"area": "431322", "geojson": geojson, "source": "x"}).schematic is False
