"""``banjie verify`` as whoever runs it sees it."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner
from django.db import connection, transaction

from banjie.cli.verify import verify
from banjie.ledger import guards
from banjie.ledger.actions import NewEntry, checkpoint, record_entries
from banjie.ledger.models import Entry

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def trail(settings, tmp_path):
    settings.DATA = tmp_path
    with transaction.atomic():
        record_entries([NewEntry("test:17", "record.updated", {"n": n}) for n in range(30)], by=None, origin="web")
    checkpoint()


def tamper(index: int) -> Entry:
    target = Entry.objects.get(index=index)
    guards.take_down(connection)
    Entry.objects.filter(pk=target.pk).update(why="改过")
    guards.put_up(connection)
    return target


def test_a_clean_trail_gives_the_counts_and_exit_status_0():
    result = CliRunner().invoke(verify, [])
    assert result.exit_code == 0, result.output
    assert "entries: 30" in result.output
    assert "nothing was altered, removed or reordered" in result.output


def test_a_damaged_trail_names_the_first_entry_and_exits_with_1():
    tamper(20)
    tamper(7)
    result = CliRunner().invoke(verify, [])
    assert result.exit_code == 1
    assert "the first damage: test:17[7]" in result.output
    assert "test:17[7] 的内容已被改动" in result.output
    assert "test:17[20] has been altered" in result.output


def test_a_programme_reads_the_same_as_json():
    target = tamper(7)
    result = CliRunner().invoke(verify, ["--json"])
    said = json.loads(result.output)
    assert result.exit_code == 1
    assert (said["clean"], said["found"], said["counts"]["entries"]) == (False, 1, 30)
    assert (said["first"]["entry"], said["first"]["subject"], said["first"]["kind"]) == (target.pk, "test:17[7]", "altered")


def test_of_many_findings_the_first_twenty_are_shown_unless_all_are_wanted():
    guards.take_down(connection)
    Entry.objects.update(why="改过")
    guards.put_up(connection)
    short, long = CliRunner().invoke(verify, []).output, CliRunner().invoke(verify, ["--all"]).output
    assert "10 more" in short
    assert "test:17[29]" not in short
    assert "test:17[29]" in long
