"""Bulletins from draft to correction: what they say, that it stays, who may read and sign, and what has changed since."""

from __future__ import annotations

from typing import Any

import pytest

from banjie.bulletins import publications
from banjie.bulletins.actions import discard, draft, edit, install_bulletin, publish
from banjie.bulletins.compiling import check_bulletin
from banjie.bulletins.document import Grid, document
from banjie.bulletins.models import Issue
from banjie.bulletins.revising import revised
from banjie.bulletins.scheduling import draft_due
from banjie.bulletins.telling import told
from banjie.figures.actions import install_figures
from banjie.figures.catalogue import figures as known
from banjie.ledger.models import Entry
from banjie.lib import clock
from banjie.lib.errors import Conflict, DefinitionError, Invalid, NotPermitted, Refusal
from banjie.people.verbs import Verb
from banjie.registers.models import Record
from tests.rooms import county as people
from tests.rooms.bulletins_world import BULLETIN, LIGHT, composed, county, definition, figures
from tests.rooms.figures_world import COMMITTED, COUNTY, YANGXI, at, change

pytestmark = pytest.mark.django_db(transaction=COMMITTED)
DRAWN = "2021-11-06 09:00"


@pytest.fixture(autouse=True)
def _county() -> None:
    county()


def drafted(**more: Any) -> Issue:
    with clock.simulated(at(DRAWN)):
        return draft("monthly", area=COUNTY, period="2021-10", by=None, **more)


def october(code: str) -> Record:
    return Record.objects.get(register="reports", key=f"{code}/2021-10")


# -- what it says ----------------------------------------------------------------------------------


def test_the_text_has_the_figures_and_their_marks() -> None:
    said = composed(as_of=DRAWN)
    assert "完成投资⟦260亿元|n1⟧，完成率⟦65.0%|n2⟧" in said.text["zh"]
    assert said.frozen["numbers"]["n1"]["value"] == "26000000000"
    assert "CNY 26 billion|n1" in said.text["en"]


def test_each_number_keeps_its_question_and_how_far_the_trail_was_read() -> None:
    issue = drafted()
    first = issue.frozen["numbers"]["n1"]
    assert (first["figure"], first["area"], first["period"]) == ("projects.invested", COUNTY, "2021-01..2021-10")
    assert first["definition"] == known().digest("projects.invested")
    assert issue.entry == Entry.objects.filter(verb="record.create").latest("id").pk
    assert issue.watermark


def test_a_ranking_shows_ties_and_prints_its_formula() -> None:
    towns = composed(as_of=DRAWN).frozen["blocks"]["towns"]
    assert [(r["title"]["zh"], r["place"], r["cells"][2]["zh"]) for r in towns["rows"]] == [
        ("白溪镇", 1, "80.0%"),
        ("洋溪镇", 2, "50.0%"),
    ]
    assert towns["order"]["formula"]["zh"] == "完成投资 ÷ 计划投资"
    change(october("B"), "2021-11-05 09:00", invested="7000000000")  # 洋溪镇 too is at 80 per cent
    tied = composed(as_of=DRAWN).frozen["blocks"]["towns"]
    assert [r["place"] for r in tied["rows"]] == [1, 1]
    grid = next(p for p in document(told(composed(as_of=DRAWN)), "zh").parts if isinstance(p, Grid) and p.name == "towns")
    assert "并列者同名次；完成率 = 完成投资 ÷ 计划投资" in grid.notes[0]


def test_missing_reports_are_counted_and_named() -> None:
    said = composed(as_of=DRAWN)
    missing = {r["code"]: (r["missing"], r["expected"]) for r in said.frozen["blocks"]["projects"]["rows"]}
    assert missing == {"A": (8, 10), "B": (8, 10), "C": (9, 10)}
    assert "缺报：A、B、C。" in said.text["zh"]


def test_lights_follow_the_rule_in_effect_when_the_period_ends() -> None:
    said = composed(as_of=DRAWN)
    assert {r["code"]: r["light"] for r in said.frozen["blocks"]["projects"]["rows"]} == {"A": "green", "B": "red", "C": "green"}
    assert "红灯⟦1|n3⟧个" in said.text["zh"]
    stricter = {**LIGHT, "red": "lag < 0", "effective_from": "2021-10-31"}
    later = {**LIGHT, "red": "lag < 9", "effective_from": "2021-11-01"}
    listing = {**BULLETIN["lists"][0], "light": [LIGHT, stricter, later]}
    both = composed(as_of=DRAWN, lists=[listing])
    assert [r["light"] for r in both.frozen["blocks"]["projects"]["rows"]] == ["red", "red", "red"]
    assert both.frozen["blocks"]["projects"]["light"]["effective_from"] == "2021-10-31"
    assert (
        "light"
        not in composed(as_of=DRAWN, lists=[{**listing, "light": [later]}], template=_only("projects")).frozen["blocks"][
            "projects"
        ]
    )


def _only(block: str) -> dict[str, str]:
    return dict.fromkeys(("zh", "en"), f'{{{{ show("{block}") }}}}')


def test_a_light_that_cannot_be_told_is_no_light() -> None:
    change(Record.objects.get(register="projects", key="B"), "2021-11-05 09:00", planned=None)
    assert next(r["light"] for r in composed(as_of=DRAWN).frozen["blocks"]["projects"]["rows"] if r["code"] == "B") == ""


def test_it_is_frozen_to_its_as_of() -> None:
    change(october("A"), "2021-11-20 09:00", invested="1")
    assert composed(as_of=DRAWN).frozen["numbers"]["n1"]["zh"] == "260亿元"
    assert composed(as_of="2021-11-21 09:00").frozen["numbers"]["n1"]["zh"] != "260亿元"


def test_a_record_is_listed_as_it_was_called_then() -> None:
    change(Record.objects.get(register="projects", key="A"), "2021-12-01 09:00", industry="health")
    fields = {r["code"]: r["fields"][1]["zh"] for r in composed(as_of=DRAWN).frozen["blocks"]["projects"]["rows"]}
    assert fields["A"] == "先进陶瓷"


def test_the_period_must_be_the_bulletins_own() -> None:
    with pytest.raises(Refusal, match="一个月"):
        composed(period="2021-01..2021-10")


# -- who ---------------------------------------------------------------------------------------------


def test_a_draft_is_for_those_who_may_publish_and_an_issue_for_those_who_may_read() -> None:
    issue = drafted()
    reader = people.person("reader", COUNTY, [Verb.VIEW])
    signer = people.person("signer", COUNTY, [Verb.VIEW, Verb.PUBLISH])
    townsman = people.person("townsman", YANGXI, [Verb.VIEW, Verb.PUBLISH])
    assert [Issue.objects.visible_to(who).count() for who in (reader, signer, townsman)] == [0, 1, 0]
    publish(issue, by=signer)
    assert [Issue.objects.visible_to(who).count() for who in (reader, signer, townsman)] == [1, 1, 0]


def test_only_who_may_publish_all_its_registers_drafts_edits_and_signs() -> None:
    reader = people.person("reader", COUNTY, [Verb.VIEW])
    half = people.person("half", COUNTY, [Verb.VIEW, Verb.PUBLISH], "projects")
    with pytest.raises(NotPermitted):
        draft("monthly", area=COUNTY, period="2021-10", by=reader)
    with pytest.raises(NotPermitted):
        draft("monthly", area=COUNTY, period="2021-10", by=half)
    issue = drafted()
    for act in (lambda: publish(issue, by=reader), lambda: discard(issue, by=reader)):
        with pytest.raises(NotPermitted):
            act()
    with pytest.raises(NotPermitted):
        edit(issue, text_zh="x", text_en="x", turn=1, by=reader)
    assert Issue.objects.get().state == "draft"


# -- editing -------------------------------------------------------------------------------------------


def test_words_may_be_edited_and_numbers_may_not() -> None:
    issue = drafted()
    with pytest.raises(Invalid, match="不能直接改"):
        edit(issue, text_zh=issue.text_zh.replace("260亿元|n1", "300亿元|n1"), text_en=issue.text_en, turn=1, by=None)
    with pytest.raises(Invalid, match="没有标记"):
        edit(issue, text_zh="⟦1|n99⟧", text_en=issue.text_en, turn=1, by=None)
    with pytest.raises(Invalid, match="不完整"):
        edit(issue, text_zh="⟦260亿元", text_en=issue.text_en, turn=1, by=None)
    saved = edit(issue, text_zh="总的看，完成⟦260亿元|n1⟧。\r\n", text_en=issue.text_en, turn=1, by=None)
    assert saved.text_zh == "总的看，完成⟦260亿元|n1⟧。\n"
    assert saved.turn == 2


def test_two_people_do_not_overwrite_each_other() -> None:
    issue = drafted()
    edit(issue, text_zh="甲", text_en="A", turn=1, by=None)
    with pytest.raises(Conflict) as conflict:
        edit(issue, text_zh="乙", text_en="B", turn=1, by=None)
    assert conflict.value.theirs["text_zh"] == "甲\n"
    with pytest.raises(Conflict):
        publish(issue, turn=1, by=None)
    assert Issue.objects.get().text_zh == "甲\n"


def test_one_draft_a_period_and_discarding_makes_room() -> None:
    issue = drafted()
    with pytest.raises(Refusal, match="已有草稿"):
        drafted()
    discard(issue, by=None, why="重算")
    assert Entry.objects.filter(verb="bulletin.discard").count() == 1
    drafted()


# -- publishing and what came after ----------------------------------------------------------------------


def test_what_is_published_is_signed_and_stays() -> None:
    issue = publish(drafted(), number="项办〔2021〕1号", by=None)
    assert publications.verify_all().clean
    for act in (
        lambda: edit(issue, text_zh="x", text_en="x", turn=1, by=None),
        lambda: discard(issue, by=None),
        lambda: publish(issue, by=None),
    ):
        with pytest.raises(Refusal, match="已经发布"):
            act()
    Issue.objects.filter(pk=issue.pk).update(text_zh="篡改")
    assert "is not what its signature covers" in publications.verify_all().findings[0].says.en
    frozen = {**issue.frozen, "numbers": {**issue.frozen["numbers"], "n1": {**issue.frozen["numbers"]["n1"], "zh": "999亿元"}}}
    Issue.objects.filter(pk=issue.pk).update(text_zh=issue.text_zh, frozen=frozen)
    assert not publications.verify_all().clean


def test_a_later_correction_shows_old_and_new() -> None:
    issue = publish(drafted(), by=None)
    assert revised(issue).changes == ()
    change(october("A"), "2021-11-20 09:00", invested="3000000000", why="更正")
    changes = {(c.figure, c.part): (c.then.zh, c.now.zh) for c in revised(issue).changes}
    assert changes["projects.invested", ""] == ("260亿元", "250亿元")
    assert changes["projects.invested", YANGXI] == ("100亿元", "90亿元")
    assert changes["projects.completion", "A"] == ("80.0%", "70.0%")
    assert ("projects.completion", "C") not in changes
    assert revised(issue, as_of=issue.as_of).changes == ()
    assert publications.verify_all().clean  # what was said then is still what was known then


def test_a_correction_is_another_edition_that_names_the_first() -> None:
    first = publish(drafted(), by=None)
    second = drafted()
    assert (second.edition, second.corrects_id) == (2, first.pk)


def test_a_changed_definition_is_told_apart_from_a_correction() -> None:
    from_then = publish(drafted(), by=None)
    changed = [f.model_copy(update={"where": "invested < 0"}) if f.name == "projects.invested" else f for f in figures()]
    install_figures(changed, pack="test", by=None)
    found = revised(from_then)
    assert "projects.invested" in found.apart
    assert not any(c.figure == "projects.invested" for c in found.changes)


# -- by itself -----------------------------------------------------------------------------------------------


def test_the_worker_drafts_when_the_day_has_come_once() -> None:
    for moment, expected in (("2021-11-06 07:59", 0), ("2021-11-06 08:00", 1), ("2021-11-06 09:00", 0), ("2021-11-20 09:00", 0)):
        with clock.simulated(at(moment)):
            assert len(draft_due(clock.now())) == expected, moment
    issue = Issue.objects.get()
    assert (issue.period, issue.state, issue.drafted_by) == ("2021-10", "draft", "系统 System")
    discard(issue, by=None)
    with clock.simulated(at("2021-11-21 09:00")):
        assert draft_due(clock.now()) == []  # thrown away by a person: not drafted again


def test_a_period_of_which_nothing_was_recorded_is_not_drafted() -> None:
    with clock.simulated(at("2023-02-10 09:00")):
        assert draft_due(clock.now()) == []


def test_each_town_may_have_an_issue_of_its_own() -> None:
    install_bulletin(definition(schedule={"every": "month", "day": 6, "each": "town"}), pack="test", by=None)
    with clock.simulated(at(DRAWN)):
        draft_due(clock.now())
    assert sorted(Issue.objects.values_list("area", flat=True)) == ["431322102", "431322109"]


# -- what a pack cannot declare -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "where"),
    [
        ({"template": {"zh": '{{ value("nothing.here") }}', "en": "x"}}, ("template", "zh")),
        ({"template": {"zh": "x", "en": '{{ show("nothing") }}'}}, ("template", "en")),
        ({"template": {"zh": '{{ value("projects.count", over="never") }}', "en": "x"}}, ("template", "zh")),
        ({"template": {"zh": '{{ lights("towns", colour="red") }}', "en": "x"}}, ("template", "zh")),
        ({"template": {"zh": '{{ names(missing("towns")) }}', "en": "x"}}, ("template", "zh")),
        ({"charts": [{**BULLETIN["charts"][0], "by": "industry", "figure": "projects.invested"}]}, ("charts", 0, "by")),
        ({"rankings": [{**BULLETIN["rankings"][0], "by": "sponsor"}]}, ("rankings", 0, "columns", 0, "figure")),
        ({"lists": [{**BULLETIN["lists"][0], "fields": ["leader"]}]}, ("lists", 0, "fields", 0)),
        ({"lists": [{**BULLETIN["lists"][0], "by": "town"}]}, ("lists", 0, "columns", 0, "figure")),
        ({"lists": [{**BULLETIN["lists"][0], "light": [{**LIGHT, "red": "other < 1"}]}]}, ("lists", 0, "light", 0, "red")),
    ],
)
def test_what_is_wrong_is_told_with_its_place(changes: dict[str, Any], where: tuple[str | int, ...]) -> None:
    with pytest.raises(DefinitionError) as error:
        check_bulletin(definition(**changes), known())
    assert error.value.path == where
