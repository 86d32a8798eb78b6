"""What lies outside one's area gives nothing away: not its values, not its name, not that it was removed."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from banjie.lib.errors import Conflict, Invalid, NotFound
from banjie.lib.text import reading_in
from banjie.people.models import Account
from banjie.people.verbs import Verb
from banjie.registers.actions import create, remove, update
from banjie.registers.bulk import BadRows, Mode, write_many
from banjie.registers.importing import import_sheet
from banjie.registers.models import Record
from tests.rooms import county
from tests.rooms.sheets_made import xlsx

pytestmark = pytest.mark.django_db

BAIXI = "431322109"


@pytest.fixture(autouse=True)
def _in_english() -> Iterator[None]:
    with reading_in("en"):
        yield


@pytest.fixture
def clerk() -> Account:
    county.areas()
    county.registers()
    return county.person("clerk", "431322102", county.CLERK)


def taken(key: str, clerk: Account) -> tuple[str, dict[str, object], dict[str, object]]:
    with pytest.raises(Conflict) as refused:
        create("projects", county.project(key), by=clerk)
    return refused.value.says.en.replace(key, "KEY"), refused.value.theirs, {**refused.value.yours, "code": "KEY"}


def test_a_key_taken_out_of_sight_is_refused_in_the_words_of_any_taken_key(clerk: Account) -> None:
    create("projects", county.project("SEEN"), by=None)
    create("projects", county.project("HIDDEN", name="机密工程", town=BAIXI), by=None)
    gone = create("projects", county.project("GONE", town=BAIXI), by=None)
    remove(gone, version=1, by=None)
    assert taken("HIDDEN", clerk) == taken("SEEN", clerk) == taken("GONE", clerk) == ("Code KEY is taken", {}, {"code": "KEY"})


def test_who_may_see_a_removed_record_learns_that_it_can_come_back(clerk: Account) -> None:
    remove(create("projects", county.project("MINE"), by=clerk), version=1, by=clerk)
    assert taken("MINE", clerk)[0] == "Code KEY belongs to a removed record, which can be restored"


def problems(rows: list[dict[str, object]], clerk: Account, mode: Mode) -> list[tuple[str, object, str]]:
    with pytest.raises(BadRows) as refused:
        write_many("projects", rows, by=clerk, origin="test", mode=mode)
    return [(p.where, p.value, p.says.en) for p in refused.value.problems]


@pytest.mark.parametrize("mode", ["create", "upsert"])
def test_many_rows_get_the_same_words(clerk: Account, mode: Mode) -> None:
    create("projects", county.project("HIDDEN", town=BAIXI), by=None)
    gone = create("projects", county.project("GONE", town=BAIXI), by=None)
    remove(gone, version=1, by=None)
    rows = [
        county.project("HIDDEN"),
        county.project("GONE"),
        county.project("NEW", town=BAIXI),
        county.project("HIDDEN", town=BAIXI),
    ]
    assert problems(rows, clerk, mode) == [
        ("code", "HIDDEN", "Code HIDDEN is taken"),
        ("code", "GONE", "Code GONE is taken"),
        ("town", BAIXI, "you may not write in this area"),
        ("town", BAIXI, "you may not write in this area"),
    ]


def test_an_update_of_what_is_hidden_reads_as_of_what_is_not_there(clerk: Account) -> None:
    create("projects", county.project("HIDDEN", town=BAIXI), by=None)
    said = problems([county.project("HIDDEN"), county.project("NOTHING")], clerk, "update")
    assert said == [("code", "HIDDEN", "there is no such record"), ("code", "NOTHING", "there is no such record")]


def test_rules_cannot_be_used_to_guess_at_hidden_values(clerk: Account) -> None:
    """A row of a key and a plan, laid over a hidden record, would break its rule or not: the total by halving."""
    create("projects", county.project("HIDDEN", total="12000000", town=BAIXI), by=None)
    answers = []
    for plan in ("11999999", "12000001"):
        with pytest.raises(BadRows) as refused:
            import_sheet("projects", xlsx(["项目代码", "年度计划(元)"], ["HIDDEN", plan]), by=clerk)
        answers.append([(p.where, p.heading, p.says.en) for p in refused.value.problems])
    assert answers[0] == answers[1]
    assert "12000000" not in str([p.value for p in refused.value.problems])


def test_a_reference_to_what_is_hidden_reads_as_to_what_is_not_there(clerk: Account) -> None:
    create("projects", county.project("HIDDEN", town=BAIXI), by=None)
    said = []
    for key in ("HIDDEN", "NOTHING"):
        with pytest.raises(Invalid) as refused:
            create("reports", {"project": key, "month": "2021-03", "invested": "1"}, by=clerk)
        said.append([(p.where, p.says) for p in refused.value.problems])
    assert said[0] == said[1]
    for key in ("HIDDEN", "NOTHING"):
        with pytest.raises(BadRows) as bad:
            import_sheet("reports", xlsx(["项目", "月份", "完成投资"], [key, "2021-03", 1]), by=clerk)
        said.append([(p.where, p.says) for p in bad.value.problems])
    assert said[2] == said[3]


def test_a_record_whose_parent_is_hidden_keeps_it(clerk: Account) -> None:
    create("projects", county.project(), by=None)
    report = create("reports", {"project": "XH-001", "month": "2021-03", "invested": "1"}, by=None)
    reporter = county.person("reporter", "431322102", [Verb.VIEW, Verb.UPDATE, Verb.IMPORT], "reports")
    update(report, {"invested": "2"}, version=1, by=reporter)
    import_sheet("reports", xlsx(["项目", "月份", "完成投资"], ["XH-001", "2021-03", 3]), by=reporter)
    now = Record.objects.get(pk=report.pk)
    assert (now.data["invested"], now.area_id, now.parent_id) == ("3", "431322102", report.parent_id)


def test_how_many_hidden_records_hang_on_one_is_not_told(clerk: Account) -> None:
    made = create("projects", county.project(), by=None)
    create("reports", {"project": "XH-001", "month": "2021-03", "invested": "1"}, by=None)
    remover = county.person("remover", "431322102", [Verb.VIEW, Verb.REMOVE], "projects")
    with pytest.raises(Invalid, match="remove them first") as refused:
        remove(made, version=1, by=remover)
    assert "1" not in refused.value.problems[0].says.en


def test_a_hidden_record_cannot_be_touched_by_its_number(clerk: Account) -> None:
    hidden = create("projects", county.project("HIDDEN", town=BAIXI), by=None)
    for pk in (hidden.pk, hidden.pk + 99):
        with pytest.raises(NotFound, match="there is no such record"):
            update(pk, {"name": "x"}, version=1, by=clerk)
