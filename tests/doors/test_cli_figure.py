"""``banjie figure``: as many decimals as asked for, and a trace page by page."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner
from tests.rooms import figures_world as world

from banjie.cli.figure import figure
from banjie.lib.text import reading_in

pytestmark = pytest.mark.django_db(transaction=world.COMMITTED)


@pytest.fixture
def county() -> None:
    world.build()
    world.project("A", planned="100000000")
    for month in range(1, 6):
        world.report("A", f"2021-{month:02}", "15920000", on="2021-07-03 09:00")


def asked(*words: str) -> str:
    with reading_in("zh"):
        result = CliRunner().invoke(figure, list(words), catch_exceptions=False)
    assert result.exit_code == 0
    return result.output


def test_a_share_is_said_at_the_whole_per_cent_where_that_is_asked_for(county: None) -> None:
    assert "79.6%" in asked("projects.completion", "--area", world.COUNTY, "--period", "2021")
    assert "：80%" in asked("projects.completion", "--area", world.COUNTY, "--period", "2021", "--places", "0")


def test_a_trace_is_read_page_by_page(county: None) -> None:
    words = ["projects.invested", "--area", world.COUNTY, "--period", "2021", "--trace", "--json", "--limit", "2"]
    first, last = (json.loads(asked(*words, "--offset", at))["trace"]["sources"][0] for at in ("0", "4"))
    assert len(first["rows"]) == 2
    assert first["next_offset"] == 2
    assert len(last["rows"]) == 1
    assert last["next_offset"] is None
    assert last["rows"][0]["record"] not in [row["record"] for row in first["rows"]]
