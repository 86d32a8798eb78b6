"""Somebody with the database's password alters the tables beside the trail. Each row that no longer agrees with it is named."""

from __future__ import annotations

import pytest
from click.testing import CliRunner
from django.db import connection
from tests.rooms import county, telling

from banjie.cli.verify import verify
from banjie.ledger.findings import Kind, Report
from banjie.lib import clock
from banjie.registers.actions import create, remove, restore, update
from banjie.registers.attachments import attach
from banjie.registers.definition import Register
from banjie.registers.erasing import erase
from banjie.registers.installing import install_register
from banjie.registers.models import Record
from banjie.registers.verifying import verify_records

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def own_places(settings, tmp_path):
    settings.DATA = tmp_path
    settings.FILES_ROOT = tmp_path / "files"


@pytest.fixture
def record() -> Record:
    """A project that has lived: changed, with a file, removed and restored, beside one that was only made."""
    county.areas()
    county.registers()
    create("projects", county.project("XH-002"), by=None)
    made = create("projects", county.project(phone="13800001234"), by=None)
    made = update(made, {"total": "15000000", "phone": "13900001234"}, version=made.version, by=None)
    attach(made, b"%PDF-1.7 x", "a.pdf", by=None)
    made = restore(remove(made, version=made.version, by=None), version=made.version + 1, by=None)
    return Record.objects.get(pk=made.pk)


def found(report: Report) -> set[tuple[Kind, str]]:
    return {(finding.kind, finding.subject) for finding in report.findings}


def change(record: Record, **values: object) -> Report:
    assert Record.objects.filter(pk=record.pk).update(**values) == 1
    return verify_records()


def test_records_as_the_system_wrote_them_agree(record: Record) -> None:
    report = verify_records()
    assert report.clean, report.as_dict()
    assert report.counts == {"records": 2}


@pytest.mark.parametrize(
    ("values", "what"),
    [
        ({"version": 9}, "the version"),
        ({"key": "XH-999"}, "the key"),
        ({"label": "别的"}, "the label"),
        ({"area_id": "431322109"}, "the area"),
        ({"register": "reports"}, "the register"),
        ({"removed_at": clock.now()}, "whether it was removed"),
    ],
    ids=lambda v: next(iter(v)) if isinstance(v, dict) else "",
)
def test_a_changed_column_is_found_and_named(record: Record, values: dict[str, object], what: str) -> None:
    report = change(record, **values)
    assert found(report) == {(Kind.ROW, f"record:{record.pk}")}
    assert f": {what} was changed from outside" in report.first.says.en  # type: ignore[union-attr]


def test_a_changed_value_is_found_and_its_field_named(record: Record) -> None:
    report = change(record, data={**record.data, "planned": "1"})
    assert found(report) == {(Kind.ROW, f"record:{record.pk}")}
    assert "projects/XH-001" in report.first.says.zh  # type: ignore[union-attr]
    assert "「年度计划」已被绕过系统改动" in report.first.says.zh  # type: ignore[union-attr]


def test_a_value_that_was_removed_or_added_is_found(record: Record) -> None:
    assert not change(record, data={**record.data, "planned": None}).clean
    assert not change(record, data={**record.data, "industry": "ceramics"}).clean
    assert change(record, data=record.data).clean


def test_a_changed_personal_value_is_found_and_not_told(record: Record) -> None:
    report = change(record, data={**record.data, "phone": "13700001234"})
    assert found(report) == {(Kind.ROW, f"record:{record.pk}")}
    assert "Phone" in report.first.says.en  # type: ignore[union-attr]
    assert "1370000" not in str(report.as_dict())


def test_a_row_deleted_from_the_table_is_named(record: Record) -> None:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM registers_attachment")
        cursor.execute("DELETE FROM registers_record WHERE id = %s", [record.pk])
    assert found(verify_records()) == {(Kind.ROW, f"record:{record.pk}")}


def test_a_row_that_no_entry_tells_of_is_named(record: Record) -> None:
    now = clock.now()
    made = Record.objects.create(register="projects", key="X", label="X", data={}, created_at=now, updated_at=now)
    report = verify_records()
    assert found(report) == {(Kind.ROW, f"record:{made.pk}")}
    assert "added from outside" in report.first.says.en  # type: ignore[union-attr]


def test_an_erasure_and_a_later_change_agree_and_an_erased_value_that_comes_back_does_not(record: Record) -> None:
    erase(record, ["phone"], by=None, why="依申请删除")
    assert verify_records().clean
    held = Record.objects.get(pk=record.pk)
    held = update(held, {"planned": "5"}, version=held.version, by=None)
    assert verify_records().clean
    assert not change(held, data={**held.data, "phone": "13900001234"}).clean


def test_a_new_version_of_the_definition_changes_nothing(record: Record) -> None:
    fields = [*county.PROJECTS["fields"], {"name": "note", "type": "note", "title": {"zh": "备注", "en": "Note"}}]
    install_register(Register.load(county.PROJECTS | {"fields": fields}), pack="test", by=None)
    assert verify_records().clean
    held = Record.objects.get(pk=record.pk)
    update(held, {"note": "新"}, version=held.version, by=None)
    assert verify_records().clean


def test_the_command_tells_of_it_and_exits_with_1(record: Record) -> None:
    telling.tell()
    assert CliRunner().invoke(verify, []).exit_code == 0
    Record.objects.filter(pk=record.pk).update(version=9)
    result = CliRunner().invoke(verify, [])
    assert result.exit_code == 1
    assert f"record:{record.pk}" in result.output


def test_progress_is_told(record: Record) -> None:
    steps: list[tuple[int, int]] = []
    verify_records(lambda done, total: steps.append((done, total)))
    assert steps == [(2, 2)]
