"""The demonstrations of the mechanisms meet the numbers in print, and each figure opens into the rows that it counts."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from typing import Any

import pytest

from banjie.figures.answers import answer
from banjie.figures.tracing import trace
from banjie.ledger.models import Entry
from banjie.lib.clock import LOCAL
from banjie.lib.dates import parse_moment
from banjie.matters.models import Clock, ClockEvent, Matter
from banjie.matters.page import page
from banjie.registers.models import Record
from tests.rooms.demo_county import demo_county  # noqa: F401 - a fixture
from tests.rooms.figures_world import COMMITTED

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("demo_county")]
READS_WHAT_IS_COMMITTED = pytest.mark.skipif(
    COMMITTED, reason="the demonstration is rolled back, so PostgreSQL's store sees none"
)


def rows(register: str) -> list[dict[str, Any]]:
    return [record.data for record in Record.objects.of(register).live()]


def matters(process: str) -> list[Matter]:
    return list(Matter.objects.filter(process=process).select_related("record"))


# Enterprise service desk (《湖南日报》2021-12-13: 217 merchants, 70 per cent of them within nine hours)

PRINTED = [
    ("desk.merchants", None, "217户"),
    ("desk.activations_asked", "2021-08", "217户"),
    ("desk.activated_in_9_hours", "2021-08", "152户"),
    ("desk.activation_rate_in_9_hours", "2021-08", "70%"),
    ("desk.activated", "2021-08", "217户"),
    ("desk.callback_rate", "2021", "100.0%"),
]


@READS_WHAT_IS_COMMITTED
@pytest.mark.parametrize(("name", "period", "shown"), PRINTED)
def test_a_figure_of_the_desk_is_the_one_in_print(name: str, period: str | None, shown: str) -> None:
    assert answer(name, account=None, area="431322", period=period).display.zh == shown


@READS_WHAT_IS_COMMITTED
def test_the_nine_hours_open_into_152_rows_of_at_most_540_minutes() -> None:
    found = trace("desk.activated_in_9_hours", account=None, area="431322", period="2021-08", limit=200).sources[0]
    assert len(found.rows) == 152
    minutes = [row["minutes"] for row in rows("activations") if row["activated_at"] is not None]
    assert sorted(minutes)[151] <= 540 < sorted(minutes)[152]


@READS_WHAT_IS_COMMITTED
def test_at_noon_of_the_day_fewer_were_known_to_be_activated() -> None:
    noon = answer("desk.activated", account=None, area="431322", period="2021-08", as_of=parse_moment("2021-08-05 12:00")).value
    assert noon is not None
    assert 0 < noon < Decimal(152)


def test_the_request_of_the_217_was_answered_within_its_nine_hours_with_two_departments() -> None:
    matter = Matter.objects.get(record__key="QQ2021-0001")
    clock = Clock.objects.get(matter=matter, stage="handling")
    assert (clock.term, clock.late, matter.state) == ("9 hours", False, "closed")
    assert [i.organisation.code for i in matter.invitations.order_by("pk")] == ["commerce_bureau", "payment_centre"]
    assert {i.state for i in matter.invitations.all()} == {"answered"}
    assert {c["department"] for c in rows("desk_contacts") if c["request"] == "QQ2021-0001"} == {"县商务局", "县移动支付服务中心"}


def test_the_first_receiver_stays_answerable_while_others_help() -> None:
    for matter in matters("desk_request"):
        owners = {
            e.body["matter"]["owner"]["code"]
            for e in Entry.objects.of(matter.record.chain).filter(verb__startswith="matter.")
            if e.body["matter"]["stage"] in {"received", "handling"}
        }
        assert owners == {matter.record.data["first_receiver"]}


def test_a_rating_is_given_or_absent_and_never_a_default() -> None:
    ratings = Counter(m.record.data.get("rating") for m in matters("desk_request") if m.stage == "unrated")
    assert ratings == {None: 9}


def test_low_ratings_were_called_back_within_their_term() -> None:
    low = [m for m in matters("desk_request") if m.record.data.get("rating") in {"dissatisfied", "very_dissatisfied"}]
    assert len(low) == 6
    for matter in low:
        clock = Clock.objects.get(matter=matter, stage="callback")
        assert (clock.term, clock.late) == ("15 workdays", False)
        assert matter.record.data["called_back_at"]


def test_a_suspension_moves_the_due_time_and_says_so_line_by_line() -> None:
    event = ClockEvent.objects.filter(kind="pause", clock__matter__state="closed").order_by("pk").first()
    assert event is not None
    shown = next(c for c in page(event.clock.matter_id, by=None).clocks if c.clock.pk == event.clock_id)
    assert any("暂停" in line.says.zh for line in shown.explained.lines), [line.says.zh for line in shown.explained.lines]
    assert shown.uncertain
    assert "征求意见稿" in shown.sourced.source


def test_requests_of_today_stand_where_they_would_today() -> None:
    live = [m for m in matters("desk_request") if m.record.key.startswith("QQ-N")]
    assert {m.state for m in live} >= {"open", "suspended"}
    assert all(m.opened_at.astimezone(LOCAL).year >= 2026 for m in live)
