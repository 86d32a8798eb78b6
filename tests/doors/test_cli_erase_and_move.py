"""``banjie erase`` and ``banjie move`` at a terminal."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest
from click.testing import CliRunner, Result
from tests.rooms import county

from banjie.cli.erasing import erase
from banjie.cli.main import COMMANDS
from banjie.cli.moving import move
from banjie.ledger.models import Entry, PersonalValue
from banjie.lib.errors import Invalid, NotFound, NotPermitted, Refusal
from banjie.lib.text import reading_in
from banjie.people.verbs import Verb
from banjie.places.actions import split_area
from banjie.places.definition import AreaDefinition
from banjie.registers.actions import create
from banjie.registers.models import Record

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _a_county_in_english() -> Iterator[None]:
    county.areas()
    county.registers()
    with reading_in("en"):
        yield


def run(command: object, *arguments: str, typed: str = "") -> Result:
    return CliRunner().invoke(command, list(arguments), input=typed)  # type: ignore[arg-type]


def test_both_are_commands_of_the_program() -> None:
    assert {"erase", "move"} <= set(COMMANDS)


def test_personal_values_are_erased_after_a_question_and_with_a_reason() -> None:
    made = create("projects", county.project(phone="13800001234"), by=None)
    refused = run(erase, "projects", "XH-001", "--why", "on request", typed="n\n")
    assert (refused.exit_code, PersonalValue.objects.count()) == (1, 1)
    assert "erase Phone of 电子陶瓷扩建 for good?" in refused.output
    done = run(erase, "projects", "XH-001", "--why", "on request", "--yes")
    assert (done.exit_code, done.output) == (0, "✓ erased 2 values\n")
    made.refresh_from_db()
    assert (made.data["phone"], PersonalValue.objects.count()) == (None, 0)
    assert Entry.objects.of(made.chain).filter(verb="record.erase").get().why == "on request"
    assert run(erase, "projects", "XH-001").exit_code == 2  # no reason


def test_erasing_takes_its_own_verb_and_only_what_is_personal() -> None:
    create("projects", county.project(phone="13800001234"), by=None)
    county.person("clerk", "431322102", county.CLERK)
    county.person("neighbour", "431322109", [*county.CLERK, Verb.ERASE])
    as_clerk = run(erase, "projects", "XH-001", "--why", "x", "--yes", "--as", "clerk")
    assert isinstance(as_clerk.exception, NotPermitted)
    unseen = run(erase, "projects", "XH-001", "--why", "x", "--yes", "--as", "neighbour")
    nothing = run(erase, "projects", "XH-999", "--why", "x", "--yes", "--as", "neighbour")
    assert isinstance(unseen.exception, NotFound)
    assert str(unseen.exception) == str(nothing.exception)
    assert isinstance(run(erase, "projects", "XH-001", "--field", "name", "--why", "x", "--yes").exception, Invalid)
    assert PersonalValue.objects.count() == 1


def test_records_of_a_split_town_are_moved() -> None:
    create("projects", county.project(), by=None)
    successors = [
        AreaDefinition.load(
            {"code": c, "parent": "431322", "level": "town", "name": {"zh": c, "en": c}, "valid_from": "2022-01-01"}
        )
        for c in ("431322211", "431322212")
    ]
    split_area(old="431322102", successors=successors, on=date(2022, 1, 1), by=None)
    assert run(move, "431322102", "431322211", "--dry-run").output == "Key projects: 1 can be moved, 0 cannot\n"
    assert Record.objects.get().area_id == "431322102"
    assert run(move, "431322102", "431322211", "--key", "XH-001").output == "✓ Key projects: 1 moved\n"
    assert Record.objects.get().area_id == "431322211"
    assert run(move, "431322102", "431322211").output == "there is nothing to move\n"
    assert isinstance(run(move, "431322102", "431322109").exception, Refusal)
