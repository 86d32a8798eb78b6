"""The labelled drafts: what is found in them, what is objected to, and how long it takes. ``bench/drafts.py`` prints the same numbers."""

from __future__ import annotations

import pytest

from banjie.bulletins.drafts.consistency import RULES
from tests.drafts.labelled import drafts, read_labels
from tests.drafts.scoring import Score, score


@pytest.fixture(scope="module")
def total() -> Score:
    return score(drafts())


def test_there_are_enough_drafts_of_every_kind() -> None:
    labelled = drafts()
    assert len(labelled) >= 30
    assert sum(d.quantities for d in labelled) >= 600
    assert sum(1 for d in labelled if not d.errors) >= 25
    planted = {rule for d in labelled for rule in d.errors}
    assert planted <= set(RULES)
    assert planted >= {"shares", "rates", "repeats", "households", "growth", "parts", "permille", "lists", "achieved", "officers"}


def test_quantities_dates_ordinals_and_names_are_found(total: Score) -> None:
    assert total.recall >= 0.99, total.faults
    assert total.precision >= 0.99, total.faults


def test_every_planted_error_is_objected_to_and_nothing_else(total: Score) -> None:
    assert (total.errors_found, total.alarms) == (total.errors, 0), total.faults


def test_every_quantity_has_its_place(total: Score) -> None:
    assert total.places_right >= 0.99 * total.places


def test_labels_are_read_by_the_characters_of_the_text() -> None:
    text, labels = read_labels("至{8:30:date}，共{6万只:60000}、约{12户:12 about}、{20:31:49:r}。")
    assert text == "至8:30，共6万只、约12户、20:31:49。"
    assert [(text[x.start : x.end], x.kind, x.bound) for x in labels] == [
        ("8:30", "date", ""), ("6万只", "quantity", ""), ("12户", "quantity", "about"), ("20:31:49", "quantity", ""),
    ]  # fmt: skip
