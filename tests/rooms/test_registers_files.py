"""Files: stored once by content, known by looking, attached through the door, swept when nobody refers to them."""

from __future__ import annotations

import io
import os
import zipfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from banjie.ledger.models import Entry
from banjie.lib import clock
from banjie.lib.errors import Conflict, NotFound, NotPermitted, Refusal
from banjie.lib.text import reading_in
from banjie.people.models import Account
from banjie.people.verbs import Verb
from banjie.registers.actions import create
from banjie.registers.attachments import attach, attachments_of, detach, readable, safe_name, shown_inline
from banjie.registers.files import opened, path_of, store, sweep_orphans
from banjie.registers.models import Attachment, Record, StoredFile
from tests.rooms import county
from tests.rooms.sheets_made import xlsx

pytestmark = pytest.mark.django_db

PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + b"\x00" * 40
PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n\x00"


@pytest.fixture(autouse=True)
def _own_store(settings: pytest.FixtureRequest, tmp_path: Path) -> Iterator[None]:
    settings.FILES_ROOT = tmp_path / "files"  # type: ignore[attr-defined]
    with reading_in("en"):
        yield


@pytest.fixture
def clerk() -> Account:
    county.areas()
    county.registers()
    return county.person("clerk", "431322102", county.CLERK)


@pytest.fixture
def record(clerk: Account) -> Record:
    return create("projects", county.project(), by=clerk)


def archive(**members: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as made:
        for name, content in members.items():
            made.writestr(name.replace("__", "/").replace("_dot_", "."), content)
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("content", "media_type"),
    [
        (PNG, "image/png"),
        (PDF, "application/pdf"),
        (b"\xff\xd8\xff\xe0\0\x10JFIF\0\1" + b"\0" * 40, "image/jpeg"),
        (b"\0\0\0\x18ftypheic" + b"\0" * 40, "image/heic"),
        (b"\0\0\0\x18ftypmp42" + b"\0" * 40, "video/mp4"),
        ("现场照片说明".encode(), "text/plain"),
        ("现场照片说明".encode("gb18030"), "text/plain"),
        ("现场照片说明".encode("utf-16"), "text/plain"),
        (xlsx(["a"]), "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        (archive(OFD_dot_xml=b"<x/>"), "application/ofd"),
        (archive(a_dot_txt=b"x"), "application/zip"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 64 + "WordDocument".encode("utf-16-le"), "application/msword"),
    ],
)
def test_what_a_file_is_is_seen_by_its_content(content: bytes, media_type: str) -> None:
    kept = store(content)
    assert (kept.media_type, kept.size) == (media_type, len(content))
    with opened(kept) as file:
        assert file.read() == content


@pytest.mark.parametrize(
    "content",
    [
        b"<!DOCTYPE html><script>alert(1)</script>",
        b"\xef\xbb\xbf  <svg xmlns='http://www.w3.org/2000/svg'/>",
        b"<?xml version='1.0'?><a/>",
        b"MZ\x90\x00",
        b"\x7fELF\x02",
        b"#!/bin/sh\nrm -rf /",
        b"\x01\x02\x03\x04" * 50,
        b"PK\x03\x04 broken",
        archive(META__INF__x=b"", classes_dot_dex=b"x"),
        archive(xl__vbaProject_dot_bin=b"x"),
        b"",
    ],
)
def test_what_a_browser_or_a_machine_would_run_is_refused(content: bytes, tmp_path: Path) -> None:
    with pytest.raises(Refusal):
        store(content)
    assert not StoredFile.objects.exists()
    assert [p for p in (tmp_path / "files").rglob("*") if p.is_file()] == []


def test_the_same_content_is_stored_once(tmp_path: Path) -> None:
    assert store(PDF) == store(io.BytesIO(PDF))
    assert len([p for p in (tmp_path / "files").rglob("*") if p.is_file()]) == 1


def test_a_file_over_the_limit_is_refused_while_it_arrives(settings: pytest.FixtureRequest) -> None:
    settings.UPLOAD_LIMIT = 1 << 20  # type: ignore[attr-defined]

    class Endless(io.RawIOBase):
        given = 0

        def read(self, size: int = -1) -> bytes:
            self.given += size
            return b"x" * size

    endless = Endless()
    with pytest.raises(Refusal, match="1 MB at most"):
        store(endless)  # type: ignore[arg-type]
    assert endless.given <= 3 << 20


def test_attaching_and_detaching_are_written_in_the_records_history(record: Record, clerk: Account) -> None:
    made = attach(record, PNG, "C:\\照片\\现场.exe", by=clerk, why="进度照片")
    assert (made.name, shown_inline(made.file)) == ("现场.exe.png", True)
    assert attachments_of(record) == [made]
    entry = Entry.objects.of(record.chain).last()
    assert entry is not None
    assert (entry.verb, entry.why, entry.body["name"], entry.body["sha256"]) == (
        "record.attach",
        "进度照片",
        made.name,
        made.file_id,
    )
    detach(made, by=clerk)
    assert attachments_of(record) == []
    assert [e.verb for e in Entry.objects.of(record.chain)] == ["record.create", "record.attach", "record.detach"]
    with pytest.raises(NotFound):
        detach(made, by=clerk)


def test_whoever_works_on_its_matters_hands_in_files_and_takes_none_away(record: Record) -> None:
    handler = county.person("handler", "431322102", [Verb.VIEW, Verb.HANDLE])
    made = attach(record, PNG, "photo.png", by=handler)
    with pytest.raises(NotPermitted):
        detach(made, by=handler)
    with pytest.raises(NotPermitted):
        attach(record, PDF, "x.pdf", by=county.person("reader", "431322102", [Verb.VIEW]))


def test_the_same_file_twice_on_one_record_is_a_conflict(record: Record, clerk: Account) -> None:
    attach(record, PNG, "a.png", by=clerk)
    with pytest.raises(Conflict, match="has this very file already"):
        attach(record, PNG, "b.png", by=clerk)


def test_files_follow_the_secrecy_of_their_record(record: Record, clerk: Account) -> None:
    made = attach(record, PDF, "a.pdf", by=clerk)
    neighbour = county.person("neighbour", "431322109", county.CLERK)
    reader = county.person("reader", "431322102", [Verb.VIEW])
    assert readable(made.pk, by=reader) == made
    with pytest.raises(NotFound):
        readable(made.pk, by=neighbour)
    with pytest.raises(NotFound):
        attach(record, PNG, "a.png", by=neighbour)
    with pytest.raises(NotPermitted):
        attach(record, PNG, "a.png", by=reader)
    with pytest.raises(NotPermitted):
        detach(made, by=reader)
    assert Attachment.objects.count() == 1


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("../../etc/passwd", "passwd.pdf"),
        ("a\u202efdp.exe", "afdp.exe.pdf"),
        ("报告.PDF", "报告.PDF"),
        ('a"b<c>.pdf', "abc.pdf"),
        ("", "file.pdf"),
        ("长" * 400 + ".pdf", "长" * 246 + ".pdf"),
    ],
)
def test_names_of_files_are_made_harmless(given: str, kept: str) -> None:
    assert safe_name(given, "application/pdf") == kept


def test_what_nobody_refers_to_is_swept_after_a_day(record: Record, clerk: Account) -> None:
    kept = attach(record, PDF, "a.pdf", by=clerk).file
    orphan, young = store(PNG), store(b"young")
    long_ago = clock.really_now() - timedelta(days=2)
    StoredFile.objects.exclude(pk=young.pk).update(stored_at=long_ago)
    for file in (kept, orphan):
        os.utime(path_of(file.sha256), (long_ago.timestamp(), long_ago.timestamp()))
    assert sweep_orphans() == 1
    assert set(StoredFile.objects.all()) == {kept, young}
    assert path_of(kept.sha256).exists()
    assert path_of(young.sha256).exists()
    assert not path_of(orphan.sha256).exists()


def test_content_that_is_stored_anew_is_young_again() -> None:
    kept = store(PNG)
    long_ago = (clock.really_now() - timedelta(days=2)).timestamp()
    os.utime(path_of(kept.sha256), (long_ago, long_ago))
    kept.delete()
    again = store(PNG)
    again.delete()
    assert sweep_orphans() == 0


def test_lost_content_is_said_plainly() -> None:
    kept = store(PNG)
    path_of(kept.sha256).unlink()
    with pytest.raises(NotFound, match="not in the store"), opened(kept):
        pass
