"""When the office is open is a setting, and part of the calendar that clocks keep."""

from __future__ import annotations

from datetime import datetime, time

import pytest

from banjie.lib.clock import LOCAL
from banjie.lib.environment import office_hours
from banjie.places import calendars
from banjie.places.calendars import official_calendar, shipped_calendar
from banjie.places.terms import parse_term
from banjie.places.working_time import due

NORTH = "9:00-12:00 13:00-17:00"


@pytest.fixture
def moved(settings, monkeypatch):
    settings.OFFICE_HOURS = office_hours(NORTH)
    monkeypatch.setattr(calendars, "_last", None)


@pytest.mark.django_db
def test_limits_end_and_working_hours_run_as_the_office_is_open(moved):
    start = datetime(2021, 9, 6, 11, 0, tzinfo=LOCAL)
    for calendar in (official_calendar(), shipped_calendar()):
        assert due(start, parse_term("1 workday"), calendar).moment == datetime(2021, 9, 7, 17, 0, tzinfo=LOCAL)
        assert due(start, parse_term("2 working hours"), calendar).moment == datetime(2021, 9, 6, 14, 0, tzinfo=LOCAL)


def test_other_hours_are_another_version_of_the_calendar(settings):
    usual = shipped_calendar().version
    settings.OFFICE_HOURS = office_hours(NORTH)
    assert shipped_calendar().version != usual


def test_where_nothing_is_set_the_hours_are_the_usual_ones():
    assert office_hours(None) == ((time(8, 30), time(12)), (time(14, 30), time(17, 30)))


@pytest.mark.parametrize(
    "wrong", ["9-17", "9:00-12:00", "13:00-17:00 9:00-12:00", "9:00-12:00 11:00-17:00", "25:00-26:00 1:00-2:00", "早上"]
)
def test_hours_that_cannot_be_are_refused_by_name(wrong):
    with pytest.raises(ValueError, match=r"^BANJIE_OFFICE_HOURS"):
        office_hours(wrong)
