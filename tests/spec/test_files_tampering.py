"""Somebody with the data folder overwrites or removes a file. It is named with its record, and never handed out."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from tests.doors.web_world import as_person
from tests.rooms import county

from banjie.ledger.findings import Kind
from banjie.people.models import Account
from banjie.registers.actions import create
from banjie.registers.attachments import attach, detach
from banjie.registers.files import path_of, store
from banjie.registers.models import Attachment
from banjie.registers.verifying_files import verify_files

pytestmark = pytest.mark.django_db
CONTENT = b"%PDF-1.7 as it was"


@pytest.fixture(autouse=True)
def own_places(settings, tmp_path):
    settings.FILES_ROOT = tmp_path / "files"


@pytest.fixture
def clerk() -> Account:
    county.areas()
    county.registers()
    return county.person("clerk", "431322", county.CLERK)


@pytest.fixture
def attached(clerk: Account) -> Attachment:
    return attach(create("projects", county.project(), by=None), CONTENT, "批复.pdf", by=clerk)


DAMAGES: list[tuple[str, Callable[[Path], object], str, int, str]] = [
    ("overwritten", lambda p: p.write_bytes(CONTENT + b"!"), "was changed", 410, "not what was uploaded"),
    ("of the same length", lambda p: p.write_bytes(CONTENT.replace(b"was", b"is ")), "was changed", 410, "not what was uploaded"),
    ("emptied", lambda p: p.write_bytes(b""), "was changed", 410, "not what was uploaded"),
    ("removed", lambda p: p.unlink(), "is not in the store", 404, "not in the store"),
]


@pytest.mark.parametrize(("how", "damage", "words", "status", "page"), DAMAGES, ids=[row[0] for row in DAMAGES])
def test_a_file_that_was_damaged_is_named_with_its_record_and_not_handed_out(
    attached: Attachment, clerk: Account, how: str, damage: Callable[[Path], object], words: str, status: int, page: str
) -> None:
    client = as_person(clerk)
    assert b"".join(client.get(f"/files/{attached.pk}/")) == CONTENT
    report = verify_files()
    assert (report.findings, report.counts) == ([], {"attachments": 1, "files": 1})
    damage(path_of(attached.file_id))
    (finding,) = verify_files().findings
    assert (finding.kind, finding.subject) == (Kind.FILE, f"file:{attached.file_id}")
    assert words in finding.says.en
    assert f"批复.pdf: projects/XH-001 (record:{attached.record_id})" in finding.says.zh
    for language, said in (("en", page), ("zh", "文件内容")):
        client.cookies["banjie_language"] = language
        answer = client.get(f"/files/{attached.pk}/")
        assert answer.status_code == status
        assert said in answer.content.decode()
        assert CONTENT not in answer.content


def test_a_file_that_was_taken_off_or_is_attached_to_nothing_is_hashed_too(attached: Attachment) -> None:
    detach(attached, by=None)
    loose = store(b"%PDF-1.7 loose")
    assert verify_files().clean
    for sha256 in (attached.file_id, loose.sha256):
        path_of(sha256).write_bytes(b"x")
    assert {finding.subject for finding in verify_files().findings} == {f"file:{attached.file_id}", f"file:{loose.sha256}"}
