"""Somebody with the database's password takes the triggers down, changes rows, and puts the triggers back.

Each line of the table is one such statement, what is named then, and in which words. Every one of them ends ``banjie verify`` with
status 1; without it, the same county verifies clean.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from click.testing import CliRunner
from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper
from tests.rooms import matters_world as world
from tests.rooms import telling
from tests.rooms.matters_world import BAIXI, COUNTY, YANGXI, at, request

from banjie.cli.verify import verify
from banjie.lib.clock import today
from banjie.lib.text import Text
from banjie.matters import actions, calendars
from banjie.matters.models import Matter
from banjie.people import actions as people_actions
from banjie.people.models import Account, Duty, Organisation, Post
from banjie.people.tokens import create_token
from banjie.people.verbs import Verb
from banjie.places.actions import set_boundary, set_calendar_day, split_area
from banjie.places.definition import AreaDefinition, BoundaryDefinition, DayDefinition
from banjie.places.models import Area
from banjie.registers.attachments import attach, detach

pytestmark = pytest.mark.django_db
OUTLINE = {"type": "Polygon", "coordinates": [[[111, 27], [112, 27], [112, 28], [111, 27]]]}


@pytest.fixture(autouse=True)
def own_places(settings, tmp_path, monkeypatch):
    monkeypatch.setattr(calendars, "_kept", set())  # what other tests' databases hold
    settings.DATA = tmp_path
    settings.FILES_ROOT = tmp_path / "files"


@pytest.fixture
def county() -> None:
    """Two matters: one at work in a joint decision, suspended and extended before; one closed. People, areas and a calendar day."""
    people = world.build()
    telling.tell()
    with at(world.MONDAY):
        _people(people)
        _places()
    one, two = _matters(people)
    detach(attach(one.record_id, b"%PDF-1.7 off", "off.pdf", by=None), by=None)
    attach(one.record_id, b"%PDF-1.7 x", "a.pdf", by=people["desk"])
    assert two.pk


def _people(people: dict[str, Account]) -> None:
    desk = Post.objects.get(code="post-desk")
    people_actions.grant(desk, verb=Verb.EXPORT, register="requests", area=Area.objects.get(pk=COUNTY), by=None)
    given = people_actions.grant(desk, verb=Verb.IMPORT, register="requests", area=Area.objects.get(pk=COUNTY), by=None)
    assert given is not None
    people_actions.revoke(given, by=None)
    people_actions.amend_organisation(
        Organisation.objects.get(code="org-other"),
        area=Area.objects.get(pk=BAIXI),
        name=Text("白溪镇政府", "Baixi"),
        parent=None,
        by=None,
    )
    people_actions.end_duty(Duty.objects.get(post__code="post-other"), by=None)
    people_actions.set_active(people["reader"], active=False, by=None)
    create_token(people["desk"], name="热线", days=30, by=None)


def _places() -> None:
    set_boundary(boundary=BoundaryDefinition(area=YANGXI, geojson=OUTLINE, source="测绘"), by=None)
    day = DayDefinition.model_validate(
        {"date": "2021-12-31", "kind": "day_off", "name": {"zh": "县庆", "en": "County day"}, "source": "通知"}
    )
    set_calendar_day(day=day, by=None)
    successor = AreaDefinition.model_validate(
        {
            "code": "431322119",
            "level": "town",
            "parent": COUNTY,
            "name": {"zh": "新镇", "en": "New Town"},
            "valid_from": "2021-09-07",
        }
    )
    split_area(old=BAIXI, successors=[successor], on=today().replace(day=7), by=None)


def _matters(people: dict[str, Account]) -> tuple[Matter, Matter]:
    with at(world.MONDAY):
        one = actions.open_matter("request", request(phone="13800001234"), by=people["desk"])
        two = actions.open_matter("request", request("Q-2"), by=people["desk"])
        one = actions.advance(one, "joint", version=one.version, by=people["desk"])
        actions.close(two, to="rejected", version=two.version, changes={"result": "不属本县"}, by=people["desk"])
    with at("2021-09-07 09:00"):
        asked = actions.ask_extension(one, amount="2 workdays", reason="人手不足", version=one.version, by=people["desk"])
    with at("2021-09-07 10:00"):
        actions.decide_extension(asked, approve=True, version=_now(one), by=people["head"])
        actions.invite(
            one,
            Organisation.objects.get(code="org-unit"),
            asks="请会签",
            version=_now(one),
            by=people["desk"],
            within="2 workdays",
        )
        actions.complete_task(one, "health", by=people["desk"], note="无异议")
        actions.suspend(one, basis="待上级批复", version=_now(one), by=people["desk"])
    with at("2021-09-08 10:00"):
        actions.resume(one, version=_now(one), by=people["desk"])
    return Matter.objects.get(pk=one.pk), two


def _now(matter: Matter) -> int:
    return Matter.objects.values_list("version", flat=True).get(pk=matter.pk)


@contextmanager
def tampered() -> Iterator[CursorWrapper]:
    """Whoever owns the database at work, without triggers and references; afterwards everything is as it was."""
    with transaction.atomic(), connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET LOCAL session_replication_role = replica")
            yield cursor
            cursor.execute("SET LOCAL session_replication_role = DEFAULT")
        else:  # references are only asked for at the end, which does not come
            cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
            triggers = cursor.fetchall()
            for name, _ in triggers:
                cursor.execute(f'DROP TRIGGER "{name}"')
            yield cursor
        transaction.set_rollback(True)


def test_a_county_that_nobody_tampered_with_is_clean(county: None) -> None:
    result = CliRunner().invoke(verify, [])
    assert result.exit_code == 0, result.output
    assert "attachments: 2" in result.output


OPEN_ONE = "(SELECT m.id FROM matters_matter m WHERE m.state = 'open')"
CLOSED_ONE = "(SELECT m.id FROM matters_matter m WHERE m.state = 'closed')"
LATE = "'2031-01-01 00:00:00'"
TABLE = [
    # attachments
    ("UPDATE registers_attachment SET name = 'b.pdf' WHERE removed_at IS NULL", "the attachment a.pdf (record:", "the name"),
    ("DELETE FROM registers_attachment WHERE removed_at IS NULL", "the attachment a.pdf (record:", "was deleted from outside"),
    ("UPDATE registers_attachment SET removed_at = NULL", "the attachment off.pdf (record:", "whether it was taken off"),
    (f"UPDATE registers_attachment SET attached_at = {LATE}", "the attachment a.pdf (record:", "when it was attached"),
    ("UPDATE registers_attachment SET attached_by_id = NULL", "the attachment a.pdf (record:", "who attached it"),
    ("UPDATE registers_storedfile SET size = 7, media_type = 'text/plain'", "the attachment a.pdf (record:", "the size, the kind of file"),
    (
        "INSERT INTO registers_attachment (record_id, file_id, name, attached_at) "
        f"SELECT record_id, file_id, 'new.pdf', {LATE} FROM registers_attachment WHERE removed_at IS NULL",
        "the attachment new.pdf (record:", "the trail knows nothing of",
    ),
    # matters
    (f"UPDATE matters_matter SET due_at = {LATE} WHERE state = 'open'", "matter {open} (record:", ": the due time was changed"),
    (f"UPDATE matters_matter SET closed_at = {LATE} WHERE state = 'closed'", "matter {closed} (record:", "when it was closed"),
    (f"UPDATE matters_matter SET opened_at = {LATE}", "matter {open} (record:", "when it was opened"),
    (
        "UPDATE matters_matter SET owner_post_id = (SELECT id FROM people_post WHERE code = 'post-other')",
        "matter {closed} (record:", "the post that answers",
    ),
    (
        "UPDATE matters_matter SET organisation_id = (SELECT id FROM people_organisation WHERE code = 'org-head')",
        "matter {open} (record:", "the organisation",
    ),
    ("UPDATE matters_matter SET returns = 5, urges = 2, reopenings = 1", "matter {open} (record:", "the returns, the reopenings, the urges"),
    ("UPDATE matters_matter SET suspended_seconds = 10000000 WHERE state = 'open'", "matter {open} (record:", "how long it stood still"),
    (f"UPDATE matters_matter SET accepted_at = {LATE} WHERE state = 'open'", "matter {open} (record:", "when it was accepted"),
    ("UPDATE matters_matter SET code = 'ABCDEFGHJK' WHERE state = 'open'", "matter {open} (record:", "the code of the applicant"),
    ("UPDATE matters_matter SET promised = '{}' WHERE state = 'open'", "matter {open} (record:", "what was promised"),
    ("UPDATE matters_matter SET opened_by_id = NULL", "matter {open} (record:", "who opened it"),
    # clocks
    (f"UPDATE matters_clock SET due_at = {LATE} WHERE state = 'running'", "the clock joint of matter {open}", "the due time"),
    (f"UPDATE matters_clock SET due_at = NULL WHERE matter_id = {CLOSED_ONE}", "the clock received of matter {closed}", "the due time"),
    ("UPDATE matters_clock SET late = NOT late WHERE state = 'stopped'", "the clock received of matter {closed}", "whether it was late"),
    (
        f"UPDATE matters_clock SET state = 'stopped', stopped_at = {LATE}, next_sweep_at = NULL WHERE state = 'running'",
        "the clock joint of matter {open}", "the state, when it stopped",
    ),
    ("UPDATE matters_clock SET term = '90 workdays'", "the clock joint of matter {open}", "the term"),
    (f"UPDATE matters_clock SET started_at = {LATE}", "the clock received of matter {closed}", "when it started"),
    ("UPDATE matters_clock SET estimated = NOT estimated", "the clock received of matter {closed}", "whether it is an estimate"),
    ("DELETE FROM matters_clock WHERE state = 'running'", "the clock joint of matter {open}", "was deleted from outside"),
    (
        "INSERT INTO matters_clock (matter_id, stage, term, at_least, promise, calendar_version, estimated, started_at, due_at, state, late) "
        f"SELECT matter_id, 'extra', term, at_least, promise, calendar_version, estimated, started_at, {LATE}, 'running', late "
        f"FROM matters_clock WHERE state = 'running' AND task_id IS NULL",
        "the clock extra of matter {open}", "the trail knows nothing of",
    ),
    ("UPDATE matters_clockevent SET amount = '9 workdays' WHERE kind = 'extend'", "the clock joint of matter {open}", "the events of the clock"),
    (f"UPDATE matters_clockevent SET at = {LATE} WHERE kind = 'resume'", "the clock joint of matter {open}", "the events of the clock"),
    ("DELETE FROM matters_clockevent WHERE kind = 'stop'", "the clock received of matter {closed}", "the events of the clock"),
    ("UPDATE matters_clockevent SET basis = '我' WHERE kind = 'pause'", "the clock joint of matter {open}", "the events of the clock"),
    (
        "INSERT INTO matters_clockevent (clock_id, kind, at, basis, evidence, amount) "
        f"SELECT id, 'extend', {LATE}, '', '', '5 workdays' FROM matters_clock WHERE state = 'running'",
        "the clock joint of matter {open}", "the events of the clock",
    ),
    ("UPDATE matters_calendarsnapshot SET body = '{}'", "the calendar ", "that was kept for clocks was changed"),
    # tasks, invitations, extensions
    ("UPDATE matters_task SET state = 'open', done_at = NULL WHERE state = 'done'", "the task health of matter {open}", "the state, when it was done"),
    ("UPDATE matters_task SET note = '有异议' WHERE state = 'done'", "the task health of matter {open}", "the note"),
    (f"UPDATE matters_task SET due_at = {LATE} WHERE state = 'open'", "the task fire of matter {open}", "the due time"),
    ("UPDATE matters_task SET owner_post_id = NULL WHERE state = 'open'", "the task fire of matter {open}", "the post that answers"),
    ("DELETE FROM matters_task WHERE state = 'done'", "the task health of matter {open}", "was deleted from outside"),
    ("UPDATE matters_invitation SET asks = '无'", "the invitation of matter {open}", "what is asked"),
    ("DELETE FROM matters_invitation", "the invitation of matter {open}", "was deleted from outside"),
    ("UPDATE matters_extension SET state = 'refused'", "the extension of matter {open}", "the state"),
    ("UPDATE matters_extension SET decided_by_id = asked_by_id", "the extension of matter {open}", "who decided"),
    ("DELETE FROM matters_extension", "the extension of matter {open}", "was deleted from outside"),
    # definitions
    ("UPDATE registers_registerversion SET body = '{}' WHERE name = 'visits'", "the register visits v1", "the definition"),
    ("UPDATE registers_registerversion SET pack = 'mine' WHERE name = 'visits'", "the register visits v1", "its pack"),
    ("DELETE FROM registers_registerversion WHERE name = 'visits'", "the register visits v1", "was deleted from outside"),
    ("UPDATE matters_processversion SET body = replace(body, '2 hours', '9 hours')", "the process request v1", "the definition"),
    ("UPDATE matters_processversion SET retired = NOT retired", "the process request v1", "whether it is retired"),
    (
        "INSERT INTO figures_figureversion (name, number, body, pack, installed_at, retired) "
        f"SELECT 'mine', 1, '{{}}', 'mine', {LATE}, retired FROM matters_processversion",
        "the figure mine v1", "the trail knows nothing of",
    ),
    ("INSERT INTO people_confidentialregister (name) VALUES ('requests')", "the register requests", "is not as confidential"),
    # people
    (
        "INSERT INTO people_grant (post_id, verb, register, area_id) "
        f"SELECT id, 'erase', '*', '{COUNTY}' FROM people_post WHERE code = 'post-reader'",
        f"the grant post-reader: erase * {COUNTY}", "the trail knows nothing of",
    ),
    ("UPDATE people_grant SET verb = 'erase' WHERE verb = 'export'", f"the grant post-desk: erase requests {COUNTY}", "the verb"),
    ("DELETE FROM people_grant WHERE verb = 'export'", f"the grant post-desk: export requests {COUNTY}", "was deleted from outside"),
    (
        "UPDATE people_grant SET post_id = (SELECT id FROM people_post WHERE code = 'post-reader') WHERE verb = 'export'",
        f"the grant post-reader: export requests {COUNTY}", "the trail knows nothing of",
    ),
    (
        "UPDATE people_post SET organisation_id = (SELECT id FROM people_organisation WHERE code = 'org-desk') WHERE code = 'post-reader'",
        "the post post-reader", "the organisation",
    ),
    ("UPDATE people_post SET code = 'post-x' WHERE code = 'post-reader'", "the post post-reader", "was deleted from outside"),
    (f"UPDATE people_organisation SET area_id = '{COUNTY}' WHERE code = 'org-other'", "the organisation org-other", "the area"),
    ("UPDATE people_organisation SET name_zh = '别的' WHERE code = 'org-other'", "the organisation org-other", "the Chinese name"),
    ("UPDATE people_duty SET ends_on = NULL", "the duty post-other: lead_unit", "the day it ends"),
    (f"UPDATE people_duty SET area_id = '{COUNTY}' WHERE role = 'lead_unit'", "the duty post-unit: lead_unit", "the area"),
    (
        "INSERT INTO people_duty (post_id, role, area_id, register, key, begins_on) "
        f"SELECT id, 'unit_head', '{YANGXI}', '', '', '2021-01-01' FROM people_post WHERE code = 'post-reader'",
        "the duty post-reader: unit_head", "the trail knows nothing of",
    ),
    (
        "UPDATE people_appointment SET account_id = (SELECT id FROM people_account WHERE username = 'other') "
        "WHERE account_id = (SELECT id FROM people_account WHERE username = 'desk')",
        "the appointment other: ", "the trail knows nothing of",
    ),
    ("UPDATE people_appointment SET begins_on = '2020-01-01'", "the appointment desk: ", "the day it begins"),
    ("UPDATE people_role SET title_en = 'x' WHERE name = 'desk'", "the role desk", "the English title"),
    ("UPDATE people_account SET is_superuser = NOT is_superuser WHERE username = 'other'", "the account other", "whether it is a superuser"),
    ("UPDATE people_account SET is_active = NOT is_active WHERE username = 'reader'", "the account reader", "whether it is open"),
    ("UPDATE people_account SET name_zh = '我' WHERE username = 'reader'", "the account reader", "the Chinese name"),
    (
        "INSERT INTO people_account (password, is_superuser, username, first_name, last_name, email, is_staff, is_active, date_joined, name_zh, "
        f"name_en) SELECT '', is_superuser, 'ghost', '', '', '', is_staff, is_active, {LATE}, '鬼', '' FROM people_account WHERE username = 'desk'",
        "the account ghost", "the trail knows nothing of",
    ),
    ("UPDATE people_token SET digest = 'x'", "the token desk", "the secret"),
    (f"UPDATE people_token SET expires_at = {LATE}", "the token desk", "when it expires"),
    # places
    (f"UPDATE places_area SET parent_id = '{YANGXI}' WHERE code = '431322119'", "the area New Town (area:431322119)", "the parent"),
    (f"UPDATE places_area SET valid_to = NULL WHERE code = '{BAIXI}'", f"(area:{BAIXI})", "the day it ends"),
    ("UPDATE places_area SET valid_from = '2000-01-01' WHERE code = '431322119'", "the area New Town", "the day it began"),
    (
        "INSERT INTO places_area (code, parent_id, level, name_zh, name_en, valid_from) "
        f"VALUES ('431322999', '{COUNTY}', 'town', '假镇', 'False Town', '2000-01-01')",
        "(area:431322999)", "the trail knows nothing of",
    ),
    ("DELETE FROM places_area WHERE code = '431322119'", "the area 431322119", "was deleted from outside"),
    ("DELETE FROM places_succession", f"the succession {BAIXI}→431322119", "was deleted from outside"),
    ("UPDATE places_boundary SET geojson = '{}'", f"the outline of {YANGXI}", "the outline"),
    ("UPDATE places_calendarday SET kind = 'workday'", "the day 2021-12-31", "the kind"),
    ("DELETE FROM places_calendarday", "the day 2021-12-31", "was deleted from outside"),
    (
        "INSERT INTO places_calendarday (date, kind, name_zh, name_en, source) VALUES ('2021-12-30', 'day_off', 'x', 'x', 'x')",
        "the day 2021-12-30", "the trail knows nothing of",
    ),
    ("INSERT INTO places_calendaryear (year, status, source) VALUES (2030, 'official', 'x')", "the calendar of 2030", "the trail knows nothing of"),
]  # fmt: skip


def test_what_was_changed_past_the_system_is_found_and_named(county: None) -> None:
    numbers = {state: Matter.objects.get(state=state).pk for state in ("open", "closed")}
    assert [row for row in TABLE if not _is_found(*row, numbers)] == []


def _is_found(statement: str, named: str, words: str, numbers: dict[str, int]) -> bool:
    with tampered() as cursor:
        cursor.execute(statement)
        assert cursor.rowcount > 0, statement
        result = CliRunner().invoke(verify, ["--all"])
    wanted = named.format(**numbers)
    return result.exit_code == 1 and any(wanted in line and words in line for line in result.output.splitlines())
