"""What an IT officer does after a backup was restored."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner
from django.db import connection, transaction

from banjie.cli.migrate import restored
from banjie.cli.verify import verify
from banjie.figures import store
from banjie.ledger import guards
from banjie.ledger.actions import checkpoint, record_entry
from banjie.ledger.models import Entry

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def lost(settings, tmp_path, monkeypatch):
    """A trail whose second checkpoint is gone, as after going back to a backup."""
    settings.DATA = tmp_path
    monkeypatch.setattr(store, "reset", lambda: None)  # not the other tests' store
    for number in (1, 2):
        with transaction.atomic():
            record_entry(chain=f"test:{number}", verb="x", body={}, by=None)
        made = checkpoint()
    guards.take_down(connection)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM ledger_checkpoint WHERE number = 2")
        cursor.execute("DELETE FROM ledger_sealedblock WHERE start = 1")
    guards.put_up(connection)
    return made


def test_the_loss_is_named_until_it_is_told_in_the_trail_with_its_reason(lost, monkeypatch):
    before = CliRunner().invoke(verify, [])
    assert before.exit_code == 1
    assert "banjie restored" in before.output
    anew = []
    monkeypatch.setattr(store, "reset", lambda: anew.append(True))
    done = CliRunner().invoke(restored, ["--why", "硬盘损坏"])
    assert (done.exit_code, anew) == (0, [True]), done.output
    assert CliRunner().invoke(verify, []).exit_code == 0
    told = Entry.objects.get(verb="ledger.restored")
    assert (told.why, told.body["lost"]["root"], told.origin) == ("硬盘损坏", lost.root, "cli")


def test_a_reason_is_wanted():
    assert CliRunner().invoke(restored, []).exit_code == 2


def test_notes_are_told_to_programmes_too():
    said = json.loads(CliRunner().invoke(verify, ["--json"]).output)
    assert [note["en"].split(" ")[0] for note in said["notes"]] == ["1"]
