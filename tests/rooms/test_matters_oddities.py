"""What is out of the ordinary: a notice that is torn down, a calendar that comes late, a step tried before its time, documents that
serve several branches."""

from __future__ import annotations

import copy
import logging
from collections.abc import Callable
from datetime import date

import pytest

from banjie.ledger.models import Entry
from banjie.lib.dates import parse_moment
from banjie.lib.errors import Conflict, Invalid, NotPermitted
from banjie.matters import actions
from banjie.matters.around import documents_of, told_of
from banjie.matters.attempts import attempts_on
from banjie.matters.clock_lines import clock_face
from banjie.matters.models import Attempt, Clock, Matter, Notice
from banjie.matters.notice_wording import text_of
from banjie.matters.reckoning import reckon_estimates
from banjie.matters.sweeping import sweep
from banjie.matters.verifying import verify_matters
from banjie.people.models import Account, Grant
from banjie.places.models import CalendarDay, CalendarYear
from banjie.registers.attachments import attach
from banjie.registers.definition import Register
from banjie.registers.installing import install_register
from tests.rooms import matters_world as world
from tests.rooms import test_matters_branches as branches
from tests.rooms.matters_world import at, request

pytestmark = pytest.mark.django_db


def process(if_taken_down: str) -> dict:
    mapping = copy.deepcopy(world.PROCESS)
    mapping["stages"]["noticed"]["if_taken_down"] = if_taken_down
    return mapping


def noticed(people: dict[str, Account]) -> Matter:
    """A notice of ten workdays that hangs since Monday the 6th: it has run at the midnight before the 22nd."""
    with at(world.MONDAY):
        opened = actions.open_matter("request", request(kind="路灯"), by=people["desk"])
        return actions.advance(opened, "noticed", version=1, by=people["desk"])


def runs_until(matter: Matter) -> str | None:
    clock = Clock.objects.standing().get(matter=matter)
    return clock_face(clock.due_at) if clock.due_at else None


# --- a notice that is taken down -----------------------------------------------------------------------------------


@pytest.mark.parametrize(("if_taken_down", "until"), [("restarts", "2021-09-25 00:00"), ("pauses", "2021-09-24 00:00")])
def test_a_notice_that_was_taken_down_runs_longer(if_taken_down: str, until: str) -> None:
    people = world.build(process(if_taken_down))
    matter = noticed(people)
    before = runs_until(matter)
    with at("2021-09-08 09:00"):
        actions.take_down(matter, why="被大风吹落", version=2, by=people["desk"])
        assert runs_until(matter) is None
        with pytest.raises(Invalid, match="暂停"):
            actions.advance(matter, "handling", version=3, by=people["desk"])
    with at("2021-09-09 15:00"):
        actions.put_up(matter, version=3, by=people["desk"])
    assert before == "2021-09-19 00:00"
    assert runs_until(matter) == until
    with at(until), pytest.raises(Conflict):
        actions.advance(matter, "handling", version=3, by=people["desk"])
    with at(until):
        actions.advance(matter, "handling", version=4, by=people["desk"])
    verbs = list(Entry.objects.filter(chain=matter.record.chain).order_by("index").values_list("verb", flat=True))
    assert verbs[2:4] == ["matter.take_down", "matter.put_up"]


def test_the_resumption_of_work_does_not_put_a_notice_up_again() -> None:
    people = world.build(process("pauses"))
    matter = noticed(people)
    with at("2021-09-08 09:00"):
        actions.take_down(matter, why="被撕毁", version=2, by=people["desk"])
        actions.suspend(matter, basis="勘验", version=3, by=people["desk"])
    with at("2021-09-10 09:00"):
        actions.resume(matter, version=4, by=people["desk"])
    assert runs_until(matter) is None


REFUSED: dict[str, Callable[[Matter, dict[str, Account]], object]] = {
    "without a reason": lambda m, p: actions.take_down(m, why=" ", version=2, by=p["desk"]),
    "put up although it hangs": lambda m, p: actions.put_up(m, version=2, by=p["desk"]),
    "by somebody else": lambda m, p: actions.take_down(m, why="x", version=2, by=p["unit"]),
}


@pytest.mark.parametrize("wrong", REFUSED)
def test_wrong_moves_with_a_notice_are_refused(wrong: str) -> None:
    people = world.build()
    matter = noticed(people)
    with at("2021-09-08 09:00"), pytest.raises((Invalid, NotPermitted)):
        REFUSED[wrong](matter, people)
    assert Matter.objects.get(pk=matter.pk).version == 2


def test_a_notice_that_has_run_cannot_be_taken_down() -> None:
    people = world.build()
    matter = noticed(people)
    with at("2021-09-22 09:00"), pytest.raises(Invalid, match="已满"):
        actions.take_down(matter, why="被撕毁", version=2, by=people["desk"])


# --- attempts ------------------------------------------------------------------------------------------------------


def test_a_step_before_its_time_and_one_out_of_turn_are_on_record(caplog: pytest.LogCaptureFixture) -> None:
    people = world.build()
    matter = noticed(people)
    entries = Entry.objects.count()
    with at("2021-09-08 09:00"), caplog.at_level(logging.WARNING):
        with pytest.raises(Invalid):
            actions.advance(matter, "handling", version=2, by=people["desk"])
        with pytest.raises(NotPermitted):
            actions.advance(matter, "handling", version=2, by=people["unit"])
        with pytest.raises(Conflict):
            actions.advance(matter, "handling", version=1, by=people["desk"])
    kept = attempts_on(matter, by=people["head"])
    assert [(a.account.username, a.stage, a.to) for a in kept] == [
        ("unit", "noticed", "handling"),
        ("desk", "noticed", "handling"),
    ]
    assert "法定期限未满" in kept[1].reason_zh
    assert "statutory notice" in kept[1].reason_en
    assert Entry.objects.count() == entries
    assert caplog.text.count("refused: advance") == 2
    assert attempts_on(matter, by=people["desk"]) == []


def test_a_field_that_was_forgotten_is_nothing_to_keep() -> None:
    people = world.build()
    with at(world.MONDAY):
        matter = actions.open_matter("request", request(), by=people["desk"])
        with pytest.raises(Invalid):
            actions.advance(matter, "handling", version=1, by=people["desk"])
    assert Attempt.objects.count() == 0


# --- a calendar that comes late ------------------------------------------------------------------------------------


def official(year: int, *off: str) -> None:
    """The State Council's notice for a year, as the office enters it."""
    CalendarYear.objects.create(year=year, status="official", source="国务院办公厅通知")
    for day in off:
        CalendarDay.objects.create(date=date.fromisoformat(day), kind="day_off", name_zh="元旦", name_en="New Year")


def test_an_estimated_due_time_is_reckoned_again_when_the_calendar_is_official() -> None:
    people = world.build()
    with at("2026-12-29 10:00"):
        matter = actions.open_matter("request", request(kind="路灯"), by=people["desk"])
        matter = actions.advance(matter, "handling", version=1, by=people["desk"])
        before = clock_face(Matter.objects.get(pk=matter.pk).due_at)
        promised = Matter.objects.get(pk=matter.pk).promised
        assert Clock.objects.standing().get(matter=matter).estimated
        assert reckon_estimates() == 0  # nothing new yet
    official(2027, "2027-01-01", "2027-01-04", "2027-01-05")
    with at("2026-12-30 10:00"):
        assert (reckon_estimates(), reckon_estimates()) == (1, 0)
    row, clock = Matter.objects.get(pk=matter.pk), Clock.objects.standing().get(matter=matter)
    assert (before, clock_face(row.due_at)) == ("2027-01-06 17:30", "2027-01-08 17:30")
    assert (clock.estimated, row.promised, row.version) == (False, promised, 3)
    entry = Entry.objects.filter(chain=matter.record.chain).order_by("index").last()
    assert entry is not None
    assert (entry.verb, entry.body["detail"]["clocks"][0]["before"]) == ("matter.reckon", "2027-01-06T09:30:00Z")
    moved = Notice.objects.get(kind="due_moved")
    assert text_of(moved).zh == "诉求办理「Q-1」「办理」按正式日历重算期限：2027-01-06 17:30 改为 2027-01-08 17:30。"


def test_a_due_time_that_does_not_move_is_no_entry() -> None:
    people = world.build()
    with at("2026-12-29 10:00"):
        matter = actions.open_matter("request", request(kind="路灯"), by=people["desk"])
        actions.advance(matter, "handling", version=1, by=people["desk"])
    official(2027, "2027-01-01")
    with at("2026-12-30 10:00"):
        assert reckon_estimates() == 0
    assert not Clock.objects.standing().get(matter=matter).estimated
    assert Entry.objects.filter(verb="matter.reckon").count() == 0
    assert verify_matters().clean


# --- around a matter -----------------------------------------------------------------------------------------------


def test_what_a_sweep_told_is_listed_with_the_matter() -> None:
    people = world.build()
    with at(world.MONDAY):
        matter = actions.open_matter("request", request(kind="路灯"), by=people["desk"])
        actions.advance(matter, "handling", version=1, by=people["desk"])
    with at("2021-09-14 10:00"):
        sweep(parse_moment("2021-09-14 10:00"))
    assert [n.kind for n in told_of(matter, by=people["reader"])] == ["overdue"]
    assert told_of(matter, by=people["other"]) == []


def test_documents_of_the_main_matter_serve_its_branches_as_far_as_one_may_see_them() -> None:
    people = world.build()
    install_register(Register.load(branches.ITEMS), pack="test", by=None)
    for mapping in (branches.ITEM, branches.JOINT):
        world.install_process(world.Process.load(mapping), pack="test", by=None)
    with at(world.MONDAY):
        main = actions.open_matter("trip", request(amount="5"), by=people["desk"])
    branch = main.branches.order_by("pk")[0]
    attach(main.record, b"%PDF-1.4\n", "plan.pdf", by=None)
    attach(branch.record, b"%PDF-1.4\n", "opinion.pdf", by=None)
    assert [a.name for a in documents_of(branch, by=people["unit"])] == ["plan.pdf", "opinion.pdf"]
    Grant.objects.filter(post__code="post-unit", verb="view").update(register="items")
    unit = Account.objects.get(pk=people["unit"].pk)
    assert [a.name for a in documents_of(branch, by=unit)] == ["opinion.pdf"]
