"""Who is told of what: notices of steps, and what a sweep makes of clocks that nobody moves."""

from __future__ import annotations

import copy
from datetime import datetime

import pytest
from django.db import IntegrityError, connection, transaction

from banjie.ledger.models import Entry
from banjie.lib.dates import parse_moment
from banjie.lib.errors import NotPermitted
from banjie.matters import actions, sweeping
from banjie.matters.models import Clock, Matter, Notice
from banjie.matters.notice_wording import SENTENCES, TITLES, text_of
from banjie.matters.sweeping import Swept, sweep
from banjie.people.models import Account, Post
from tests.rooms import matters_world as world
from tests.rooms.matters_world import at, request

pytestmark = pytest.mark.django_db

CHAIN = copy.deepcopy(world.PROCESS)
CHAIN["stages"]["handling"]["escalate"] = [{"after": "1 workday", "to": "unit_head"}, {"after": "3 workdays", "to": "desk"}]


@pytest.fixture
def people() -> dict[str, Account]:
    return world.build(CHAIN)


@pytest.fixture
def matter(people: dict[str, Account]) -> Matter:
    """Handled since Monday 10:00; due on the next Monday at 17:30, to be warned of on Friday at 17:30."""
    with at(world.MONDAY):
        opened = actions.open_matter("request", request(kind="路灯"), by=people["desk"])
        return actions.advance(opened, "handling", version=1, by=people["desk"])


def told(account: Account, moment: str = "2030-01-01 10:00") -> list[str]:
    """The kinds of what an account was told and has not seen, the first first."""
    rows = Notice.objects.visible_to(account).unseen(parse_moment(moment))
    return [n.kind for n in reversed(rows)]


def swept(moment: str) -> Swept:
    with at(moment):
        return sweep(parse_moment(moment))


def next_look(matter: Matter) -> str | None:
    row = Clock.objects.standing().get(matter=matter)
    return None if row.next_sweep_at is None else f"{row.next_sweep_at.astimezone(world.clock.LOCAL):%m-%d %H:%M}"


# --- steps -------------------------------------------------------------------------------------------------------


def test_the_next_owner_is_told_and_whoever_acts_is_not(people: dict[str, Account], matter: Matter) -> None:
    assert (told(people["unit"]), told(people["desk"]), told(people["other"])) == (["assigned"], [], [])
    notice = Notice.objects.get()
    assert text_of(notice).zh == "诉求办理「Q-1」转到您处：办理，期限 2021-09-13 17:30。"
    assert text_of(notice).en == "Request “Q-1” is with you: Handling, due 2021-09-13 17:30."


def test_a_notice_keeps_saying_what_was_true(people: dict[str, Account], matter: Matter) -> None:
    Post.objects.filter(code="post-desk").update(name_zh="改名")
    people["desk"].name_zh = "改名"
    people["desk"].save()
    assert Notice.objects.get().said["by"]["zh"] == "desk 甲"


def test_every_verb_that_concerns_somebody_else_tells_them(people: dict[str, Account], matter: Matter) -> None:
    desk, unit, other, head = (people[n] for n in ("desk", "unit", "other", "head"))
    with at("2021-09-07 10:00"):
        actions.urge(matter, says="请加快", version=2, by=head)
        asked = actions.ask_extension(matter, amount="2 workdays", reason="勘验", version=3, by=unit)
        actions.decide_extension(asked, approve=True, version=4, by=head)
        joined = actions.invite(matter, other.appointments.get().post.organisation, asks="请协查", version=5, by=unit)
        actions.answer_invitation(joined, answer="已查", by=other)
        actions.suspend(matter, basis="勘验", version=7, by=head)
        actions.resume(matter, version=8, by=head)
        actions.return_for_more(matter, wanted="身份证明", version=9, by=unit)
        actions.resume(matter, version=10, by=unit)
        actions.hand_over(matter, desk.appointments.get().post, version=11, by=head, why="回避")
        actions.hand_over(matter, unit.appointments.get().post, version=12, by=desk, why="退还")
        actions.advance(matter, "received", version=13, by=unit, why="不属我单位")
        actions.advance(matter, "rejected", version=14, by=desk, changes={"result": "无管辖权"})
        actions.reopen(matter, version=15, by=head, why="复核")
        actions.withdraw(matter, version=16, by=head, why="撤诉")
    unit_was_told = ["assigned", "urged", "extension_approved", "answered", "suspended", "resumed", "taken", "assigned"]
    assert [n.kind for n in Notice.objects.visible_to(unit).order_by("pk")] == unit_was_told
    assert [n.kind for n in Notice.objects.visible_to(other).order_by("pk")] == ["invited"]
    assert [n.kind for n in Notice.objects.visible_to(head).order_by("pk")] == ["extension_asked"]
    assert [n.kind for n in Notice.objects.visible_to(desk).order_by("pk")] == [
        "more_wanted", "assigned", "returned", "reopened", "withdrawn"
    ]  # fmt: skip
    for notice in Notice.objects.all():
        assert "{" not in text_of(notice).zh + text_of(notice).en
    assert set(SENTENCES) == set(TITLES)


def test_what_asks_for_work_is_silent_once_the_matter_is_closed(people: dict[str, Account], matter: Matter) -> None:
    with at("2021-09-07 10:00"):
        actions.advance(matter, "closed", version=2, by=people["unit"], changes={"result": "已修"})
    assert (told(people["unit"]), told(people["desk"])) == ([], ["closed"])


def test_a_refused_step_tells_nobody(people: dict[str, Account], matter: Matter) -> None:
    with at("2021-09-07 10:00"), pytest.raises(NotPermitted):
        actions.advance(matter, "received", version=2, by=people["desk"])
    assert Notice.objects.count() == 1


def test_seeing_is_for_the_recipient_alone(people: dict[str, Account], matter: Matter) -> None:
    notice = Notice.objects.get()
    with at("2021-09-07 10:00"):
        assert actions.mark_seen([notice.pk], by=people["other"]) == 0
        assert actions.mark_seen([notice.pk], by=people["unit"]) == 1
        assert actions.mark_seen(None, by=people["unit"]) == 0
    assert told(people["unit"]) == []


def test_what_is_done_at_night_is_told_in_the_morning(people: dict[str, Account]) -> None:
    with at("2021-09-30 22:00"):  # the eve of the National Day holidays
        opened = actions.open_matter("request", request(kind="路灯"), by=people["desk"])
        actions.advance(opened, "handling", version=1, by=people["desk"])
    assert told(people["unit"], "2021-10-07 23:00") == []
    assert told(people["unit"], "2021-10-08 08:30") == ["assigned"]


def test_the_ledger_says_due_times_in_utc(people: dict[str, Account], matter: Matter) -> None:
    body = Entry.objects.filter(chain=matter.record.chain).order_by("-index")[0].body
    assert body["matter"]["due_at"] == "2021-09-13T09:30:00Z"


# --- sweeps ------------------------------------------------------------------------------------------------------


def test_warning_overdue_and_the_chain_of_escalation_come_one_after_another(people: dict[str, Account], matter: Matter) -> None:
    seen = []
    for moment in (
        "2021-09-10 17:29", "2021-09-10 17:30", "2021-09-13 17:29", "2021-09-13 17:31", "2021-09-14 17:30", "2021-09-16 18:00",
        "2021-09-30 10:00",
    ):  # fmt: skip
        made = swept(moment)
        seen.append((made.notices, next_look(matter)))
    assert seen == [
        (0, "09-10 17:30"),
        (1, "09-13 17:30"),
        (0, "09-13 17:30"),
        (1, "09-14 17:30"),
        (1, "09-16 17:30"),
        (1, None),
        (0, None),
    ]
    assert (told(people["unit"]), told(people["head"]), told(people["desk"])) == (
        ["assigned", "warning", "overdue"], ["escalated"], ["escalated"]
    )  # fmt: skip
    assert text_of(Notice.objects.get(post__code="post-head")).zh == (
        "诉求办理「Q-1」「办理」已超过期限 2021-09-13 17:30，责任人：单位专干。"
    )


def test_a_sweep_that_comes_late_tells_everything_at_once_but_warns_of_nothing_past(
    people: dict[str, Account], matter: Matter
) -> None:
    assert swept("2021-09-30 10:00") == Swept(1, 3)
    assert told(people["unit"]) == ["assigned", "overdue"]


def test_sweeping_again_makes_nothing_twice(people: dict[str, Account], matter: Matter) -> None:
    swept("2021-09-30 10:00")
    Clock.objects.filter(matter=matter, stopped_at=None).update(next_sweep_at=parse_moment("2021-09-10 10:00"))
    assert swept("2021-09-30 10:00").notices == 0
    assert Notice.objects.exclude(step="").count() == 3


def test_more_time_brings_a_new_warning(people: dict[str, Account], matter: Matter) -> None:
    swept("2021-09-13 18:00")
    with at("2021-09-13 18:00"):
        asked = actions.ask_extension(matter, amount="5 workdays", reason="勘验", version=2, by=people["unit"])
        actions.decide_extension(asked, approve=True, version=3, by=people["head"])
    assert swept("2021-09-17 18:00").notices == 1  # due on Saturday the 18th, a make-up workday
    assert Notice.objects.filter(kind="warning").count() == 1  # the first one was never made: the sweep had come late


def test_nothing_is_told_of_a_clock_that_stands_still(people: dict[str, Account], matter: Matter) -> None:
    with at("2021-09-07 10:00"):
        actions.suspend(matter, basis="勘验", version=2, by=people["unit"])
    assert swept("2021-09-30 10:00") == Swept(0, 0)


def test_a_warning_at_night_reaches_its_owner_in_the_morning(people: dict[str, Account], matter: Matter) -> None:
    swept("2021-09-10 23:00")
    assert told(people["unit"], "2021-09-12 23:00") == ["assigned"]
    assert told(people["unit"], "2021-09-13 08:30") == ["assigned", "warning"]


def test_an_owner_is_told_that_a_notice_has_run(people: dict[str, Account]) -> None:
    with at(world.MONDAY):
        opened = actions.open_matter("request", request(kind="路灯"), by=people["desk"])
        actions.advance(opened, "noticed", version=1, by=people["desk"])
    assert swept("2021-09-30 10:00").notices == 1
    assert told(people["desk"]) == ["notice_run"]


def test_one_clock_that_cannot_be_swept_does_not_hold_up_the_others(
    people: dict[str, Account], matter: Matter, caplog: pytest.LogCaptureFixture
) -> None:
    with at(world.MONDAY):
        other = actions.open_matter("request", request("Q-2", kind="路灯"), by=people["desk"])
        actions.advance(other, "handling", version=1, by=people["desk"])
    Clock.objects.filter(matter=matter, stopped_at=None).update(calendar_version="gone")
    assert swept("2021-09-13 18:00") == Swept(2, 1)
    assert "cannot be swept" in caplog.text
    Clock.objects.filter(matter=matter, stopped_at=None).update(calendar_version=Clock.objects.last().calendar_version)
    assert swept("2021-09-13 19:00") == Swept(1, 1)  # an hour later, nothing was lost


def test_a_kill_between_any_two_statements_loses_and_doubles_nothing(people: dict[str, Account], matter: Matter) -> None:
    """The sweep is broken off before each of its statements in turn, as a kill would, until it gets through."""
    when, breaks = parse_moment("2021-09-30 10:00"), 0

    class Killed(BaseException):
        pass

    while True:
        left = breaks

        def may_run(execute, sql, params, many, context):  # type: ignore[no-untyped-def]
            nonlocal left
            left -= 1
            if left == -1:  # what comes after it is the rollback, which a dead process leaves to the database
                raise Killed
            return execute(sql, params, many, context)

        try:
            with transaction.atomic(), connection.execute_wrapper(may_run), at("2021-09-30 10:00"):
                sweep(when)
            break
        except Killed:
            assert Notice.objects.exclude(step="").count() == 0
            breaks += 1
    assert breaks > 5
    assert sorted(Notice.objects.exclude(step="").values_list("kind", flat=True)) == ["escalated", "escalated", "overdue"]


def test_the_database_holds_a_step_to_one_notice_for_each_recipient(people: dict[str, Account], matter: Matter) -> None:
    swept("2021-09-13 18:00")
    notice = Notice.objects.get(kind="overdue")
    notice.pk = None
    with pytest.raises(IntegrityError), transaction.atomic():
        notice.save(force_insert=True)


def test_a_sweep_takes_no_more_than_it_is_asked_to(people: dict[str, Account], matter: Matter) -> None:
    with at(world.MONDAY):
        for n in range(2, 5):
            row = actions.open_matter("request", request(f"Q-{n}", kind="路灯"), by=people["desk"])
            actions.advance(row, "handling", version=1, by=people["desk"])
    with at("2021-09-13 18:00"):
        moment: datetime = parse_moment("2021-09-13 18:00")
        assert [sweep(moment, 3).clocks, sweep(moment, 3).clocks, sweep(moment, 3).clocks] == [3, 1, 0]
    assert sweeping.BATCH >= 50
