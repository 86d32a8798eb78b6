"""Installing a pack's places: the demonstration county, twice, and what a pack may not do."""

from __future__ import annotations

import itertools
import json
from decimal import Decimal
from importlib import resources
from typing import Any

import pytest
import yaml

from banjie.ledger.models import Entry
from banjie.lib.errors import DefinitionError, Invalid
from banjie.places import actions
from banjie.places.calendars import official_calendar
from banjie.places.definition import PlacesDefinition, places_of
from banjie.places.models import Area, Boundary

PROVINCE = {"code": "43", "level": "province", "name": {"zh": "湖南省", "en": "Hunan"}}
COUNTY = {"code": "431322", "parent": "43", "level": "county", "name": {"zh": "新化县", "en": "Xinhua"}}
TRIANGLE = {"type": "Polygon", "coordinates": [[[111, 27], [112, 27], [112, 28], [111, 27]]]}
NEW_YEAR = {"date": "2027-01-01", "kind": "day_off", "name": {"zh": "元旦", "en": "New Year"}, "source": "国办发明电〔2026〕1号"}


def demonstration() -> dict[str, Any]:
    folder = resources.files("banjie") / "mechanisms" / "xinhua"
    files = [yaml.safe_load((folder / name).read_text(encoding="utf-8")) for name in ("areas.yaml", "boundaries.yaml")]
    return files[0] | files[1]


@pytest.mark.django_db
def test_the_demonstration_county_installs_once_and_then_has_nothing_to_do() -> None:
    definitions = places_of(demonstration())
    first = actions.install_areas(definitions, by=None, origin="demo")
    assert (len(first.added), first.changed) == (60, [])
    assert Area.objects.filter(level="town", parent="431322").count() == 28
    assert Boundary.objects.filter(schematic=True).count() == 29
    entries = Entry.objects.count()
    second = actions.install_areas(definitions, by=None, origin="demo")
    assert (second.added, second.changed) == ([], [])
    assert Entry.objects.count() == entries


def test_the_demonstration_outlines_tile_the_county_without_gaps() -> None:
    outlines = {b["area"]: [tuple(p) for p in b["geojson"]["coordinates"][0]] for b in demonstration()["boundaries"]}
    county = outlines.pop("431322")
    sides = [frozenset(side) for ring in outlines.values() for side in itertools.pairwise(ring)]
    rim = {frozenset(side) for side in itertools.pairwise(county)}
    assert all(sides.count(side) == (1 if side in rim else 2) for side in set(sides))
    assert rim <= set(sides)
    assert sum(map(surface, outlines.values())) == pytest.approx(surface(county))
    assert all(round(n, 4) == n for ring in outlines.values() for point in ring for n in point)


def surface(ring: list[tuple[float, ...]]) -> float:
    return abs(sum(a[0] * b[1] - b[0] * a[1] for a, b in itertools.pairwise(ring))) / 2


@pytest.mark.django_db
def test_a_new_name_is_a_change_and_the_ledger_keeps_the_old_one() -> None:
    actions.install_areas(places_of({"areas": [PROVINCE, COUNTY]}), by=None)
    renamed = COUNTY | {"name": {"zh": "新化市", "en": "Xinhua City"}}
    done = actions.install_areas(places_of({"areas": [renamed]}), by=None)
    assert (done.added, done.changed) == ([], ["area 431322"])
    entry = Entry.objects.filter(chain="area:431322").last()
    assert entry is not None
    assert (entry.verb, entry.body["before"]["name"]["zh"], entry.body["after"]["name"]["zh"]) == (
        "area.changed",
        "新化县",
        "新化市",
    )


@pytest.mark.django_db
def test_areas_may_come_in_any_order_and_codes_unquoted() -> None:
    done = actions.install_areas(places_of({"areas": [COUNTY | {"parent": 43}, PROVINCE | {"code": 43}]}), by=None)
    assert done.added == ["area 43", "area 431322"]


@pytest.mark.django_db
def test_a_code_may_not_change_its_level_or_its_parent() -> None:
    actions.install_areas(places_of({"areas": [PROVINCE, PROVINCE | {"code": "44"}, COUNTY]}), by=None)
    for change in ({"level": "city"}, {"parent": "44"}):
        with pytest.raises(Invalid, match="代码的含义不能改变"):
            actions.install_areas(places_of({"areas": [COUNTY | change]}), by=None)


@pytest.mark.django_db
def test_a_parent_that_is_nowhere_is_named_and_nothing_is_installed() -> None:
    with pytest.raises(Invalid, match=r"areas\.431322\.parent"):
        actions.install_areas(places_of({"areas": [PROVINCE, COUNTY | {"parent": "99"}]}), by=None)
    assert not Area.objects.exists()


@pytest.mark.django_db
def test_calendar_rows_are_installed_and_overrule_the_shipped_calendar() -> None:
    before = official_calendar()
    pack = {"calendar": {"days": [NEW_YEAR], "years": [{"year": 2027, "status": "official", "source": "国办发明电〔2026〕1号"}]}}
    done = actions.install_areas(places_of(pack), by=None)
    assert done.added == ["day 2027-01-01", "year 2027"]
    assert actions.install_areas(places_of(pack), by=None).added == []
    after = official_calendar()
    assert (before.years[2027], after.years[2027]) == ("estimate", "official")
    assert before.version != after.version
    assert official_calendar() is after, "the same rows give the same object, index and all"
    assert list(Entry.objects.filter(chain="calendar").values_list("verb", flat=True)) == [
        "calendar.day_set",
        "calendar.year_set",
    ]


@pytest.mark.parametrize(
    ("sections", "path", "says"),
    [
        ({"areas": [PROVINCE | {"level": "state"}]}, ("areas", 0, "level"), "level"),
        ({"areas": [PROVINCE | {"name": {"zh": "湖南省"}}]}, ("areas", 0, "name"), "both languages"),
        ({"areas": [PROVINCE | {"colour": "red"}]}, ("areas", 0, "colour"), "no entry called colour"),
        ({"areas": [PROVINCE | {"code": "湖南"}]}, ("areas", 0, "code"), "code"),
        ({"areas": [PROVINCE | {"valid_to": "1949-01-01"}]}, ("areas", 0), "later than"),
        ({"areas": [COUNTY | {"parent": "431322"}]}, ("areas", 0), "own parent"),
        ({"areas": [PROVINCE, PROVINCE]}, ("areas", 1), "43 twice"),
        ({"areas": [COUNTY | {"parent": None}]}, ("areas", 0, "parent"), "needs a parent"),
        (
            {"areas": [PROVINCE | {"code": "1", "level": "village", "parent": "2"}, COUNTY | {"code": "2", "level": "grid"}]},
            ("areas", 0, "parent"),
            "cannot lie in",
        ),
        ({"boundaries": [{"area": "43", "geojson": TRIANGLE}]}, ("boundaries", 0, "source"), "missing"),
        ({"calendar": {"days": [NEW_YEAR | {"kind": "holiday"}]}}, ("calendar", "days", 0, "kind"), "kind"),
        ({"calendar": {"days": [NEW_YEAR, NEW_YEAR]}}, ("calendar", "days", 1), "2027-01-01 twice"),
        ({"calendar": {"years": [{"year": 20270, "status": "official", "source": "x"}]}}, ("calendar", "years", 0), "1949"),
        ({"areas": {"43": "湖南"}}, ("areas",), "areas"),
    ],
)
def test_a_faulty_pack_is_told_where_and_what(sections: dict[str, object], path: tuple[str | int, ...], says: str) -> None:
    with pytest.raises(DefinitionError) as refused:
        places_of(sections)
    assert refused.value.path == path
    assert says in refused.value.says.en


def test_coordinates_read_as_decimals_are_kept_as_json_numbers() -> None:
    outline = {"type": "Polygon", "coordinates": [[[Decimal(str(n)) for n in point] for point in TRIANGLE["coordinates"][0]]]}  # type: ignore[union-attr]
    boundary = places_of({"boundaries": [{"area": "43", "geojson": outline, "source": "x"}]}).boundaries[0]
    assert json.dumps(boundary.geojson) == json.dumps(outline, default=float)


def test_a_definition_comes_back_from_its_own_json() -> None:
    definitions = places_of(demonstration())
    assert PlacesDefinition.load(definitions.as_json()) == definitions
