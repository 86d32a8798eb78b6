"""Characters that nobody sees, in what people type, send and look for."""

from __future__ import annotations

import pytest

from banjie.lib.characters import Unprintable, printable, seen
from banjie.lib.errors import Invalid
from banjie.people.models import Account
from banjie.registers.actions import create, update
from banjie.registers.catalogue import catalogue
from banjie.registers.importing import import_sheet
from banjie.registers.models import Record
from banjie.registers.queries import Filter
from tests.rooms import county
from tests.rooms.sheets_made import HEADINGS, csv, good_row

KEPT = {
    "XH-001\u200b": "XH-001",  # zero-width space
    "\ufeffXH-001": "XH-001",  # a byte order mark from the head of a file
    "XH\u00ad-001": "XH-001",  # soft hyphen
    "\u200eXH-001\u200f": "XH-001",  # marks that Windows puts around copied text
    "a\tb": "a b",
    "\u3000洋溪镇 ": "洋溪镇",
    "𠮷\ue000": "𠮷\ue000",  # rare characters of names, those for private use too
    "一行\r\n": "一行",
}
REFUSED = {
    "abc\u202egnp.exe": "U+202E",
    "\u2066a\u2069": "U+2066",
    "a\x00b": "U+0000",
    "a\x1bb": "U+001B",
    "a\x85b": "U+0085",
    "a\x7fb": "U+007F",
    "a\ud800b": "U+D800",
    "a\uffffb": "U+FFFF",
    "一行\n二行": "a line break",
    "一行\u2028二行": "a line break",
}


@pytest.mark.parametrize("typed", KEPT)
def test_what_shows_nothing_is_dropped(typed: str) -> None:
    assert printable(typed) == KEPT[typed]


@pytest.mark.parametrize("typed", REFUSED)
def test_what_shows_one_thing_and_means_another_is_refused_by_name(typed: str) -> None:
    with pytest.raises(Unprintable, match=REFUSED[typed].replace("+", r"\+")):
        printable(typed)


def test_notes_have_lines_and_tabs() -> None:
    assert printable("一\r\n二\u2028三\t四", lines=True) == "一\n二\n三\t四"
    with pytest.raises(Unprintable):
        printable("一\n\u202e二", lines=True)


def test_a_search_looks_for_what_can_be_seen() -> None:
    assert seen("陶\u200b瓷\x00") == "陶瓷"


@pytest.fixture
def clerk(db: None) -> Account:
    county.areas()
    county.registers()
    return county.person("clerk", "431322102", county.CLERK)


def test_codes_that_look_alike_are_alike(clerk: Account) -> None:
    made = create("projects", county.project("XH\u200b-001", total="12\u200b000000"), by=clerk)
    assert (made.key, made.data["total"]) == ("XH-001", "12000000")
    report = create("reports", {"project": "\ufeffXH-001", "month": "2021-03", "invested": "1"}, by=clerk)
    assert report.parent_id == made.pk


def test_a_required_text_of_nothing_that_shows_is_missing(clerk: Account) -> None:
    with pytest.raises(Invalid) as refused:
        create("projects", county.project(name="\u200b\u200b"), by=clerk)
    assert [(p.where, p.says.en) for p in refused.value.problems] == [("name", "is required")]


def test_a_form_and_a_sheet_are_refused_in_the_same_words(clerk: Account) -> None:
    bad = "电子\u202e陶瓷"
    with pytest.raises(Invalid) as typed:
        create("projects", county.project(name=bad), by=clerk)
    sent = import_sheet("projects", csv(HEADINGS, good_row(1, 项目名称=bad)), by=clerk, dry_run=True)
    assert [p.says for p in typed.value.problems] == [p.says for p in sent.problems]
    assert "改变文字方向的隐藏字符（U+202E）" in sent.problems[0].says.zh


def test_nothing_that_is_looked_for_breaks_the_database(clerk: Account) -> None:
    update(create("projects", county.project(), by=clerk), {"name": "陶瓷"}, version=1, by=clerk)
    rows = Record.objects.visible_to(clerk).of("projects")
    assert rows.searching("陶\x00瓷").count() == 1
    assert rows.matching(catalogue().register("projects"), [Filter("name", "contains", "陶\x00瓷\u200b")]).count() == 1
