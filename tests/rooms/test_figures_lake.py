"""Whatever happens to the store's files, figures answer: the lake is derived and makes itself again."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection

from banjie.figures import absorbing, lake, marks, store, tables
from banjie.figures.engine import CATALOG
from banjie.registers.models import Record
from tests.rooms.figures_world import COMMITTED, build, change, project, value
from tests.rooms.test_figures_store import _address

pytestmark = pytest.mark.django_db(transaction=COMMITTED)
ON_POSTGRES = connection.vendor == "postgresql"


@pytest.fixture(autouse=True)
def _world() -> None:
    build()


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A lake of its own, with two projects of which one lies in a Parquet file."""
    folder = tmp_path / "var" / "lake"
    monkeypatch.setattr(settings, "LAKE_ROOT", folder)
    store.reset()
    project("A", planned="1")
    store.maintain()
    project("B", planned="2")
    assert value("projects.planned", "2021") == 3
    assert parquet(folder)
    yield folder
    monkeypatch.undo()
    store.reset()


def parquet(root: Path) -> list[Path]:
    return sorted((root / "data").rglob("*.parquet"))


def test_a_folder_that_was_moved_is_read_where_it_lies_now(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    elsewhere = root.parent.parent / "moved" / "lake"
    store.close()
    root.parent.rename(elsewhere.parent)
    monkeypatch.setattr(settings, "LAKE_ROOT", elsewhere)
    monkeypatch.setattr(lake, "wipe", lambda *_: pytest.fail("it was made again, though it is whole"))
    assert value("projects.planned", "2021") == 3
    project("C", planned="4")
    assert value("projects.planned", "2021") == 7


def test_a_folder_removed_while_it_is_open_is_made_again(root: Path) -> None:
    shutil.rmtree(root)
    assert value("projects.planned", "2021") == 3
    shutil.rmtree(root)
    project("C", planned="4")
    assert value("projects.planned", "2021") == 7
    assert root.exists()


def test_data_removed_from_under_its_catalog_is_made_again(root: Path) -> None:
    shutil.rmtree(root / "data")
    assert value("projects.planned", "2021") == 3


def test_a_catalog_removed_from_above_its_data_is_made_again(root: Path) -> None:
    for part in root.glob(f"{CATALOG}*"):
        part.unlink()
    assert value("projects.planned", "2021") == 3


@pytest.mark.skipif(ON_POSTGRES, reason="there the catalog is no file")
def test_a_catalog_that_is_no_catalog_is_made_again(root: Path) -> None:
    store.close()
    for part in root.glob(f"{CATALOG}*"):
        part.write_text("not a database " * 1000)
    assert value("projects.planned", "2021") == 3


def test_a_file_that_is_missing_when_the_lake_is_opened_has_it_made_again(root: Path) -> None:
    store.close()
    parquet(root)[0].unlink()
    assert value("projects.planned", "2021") == 3


@pytest.mark.parametrize("damage", ["missing", "garbage"])
def test_a_file_damaged_while_the_lake_is_open_costs_one_answer(root: Path, damage: str) -> None:
    for file in parquet(root):
        file.unlink() if damage == "missing" else file.write_bytes(b"x" * 3000)
    with pytest.raises(lake.StoreDamaged, match=r"缺损|damaged"):
        value("projects.planned", "2021")
    assert value("projects.planned", "2021") == 3


def test_a_file_damaged_before_a_catch_up_that_reads_it_costs_nothing(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(absorbing, "FEW_CLOSINGS", 0)
    a = Record.objects.get(key="A")
    for file in parquet(root):
        file.write_bytes(b"x" * 3000)
    change(a, "2021-06-01 09:00", planned="5")
    assert value("projects.planned", "2021") == 7


def test_a_lake_of_another_format_is_made_again(root: Path) -> None:
    with lake.opened().cursor() as cursor:
        cursor.execute(f"UPDATE {marks.MARK} SET format = {marks.FORMAT - 1}")
        cursor.execute(f"ALTER TABLE {tables.CLOSINGS} DROP COLUMN _at")
    store.close()
    assert value("projects.planned", "2021") == 3
    with lake.opened().cursor() as cursor:
        assert cursor.execute(f"SELECT DISTINCT format FROM {marks.MARK}").fetchall() == [(marks.FORMAT,)]


def test_a_lake_without_a_mark_as_the_first_versions_had_is_made_again(root: Path) -> None:
    with lake.opened().cursor() as cursor:
        cursor.execute(f"DROP TABLE {marks.MARK}")
        cursor.execute(f"CREATE TABLE {marks.MARK} (watermark VARCHAR)")
    store.close()
    assert value("projects.planned", "2021") == 3


@pytest.mark.skipif(not ON_POSTGRES, reason="another process must see what the test wrote")
def test_two_processes_that_both_lost_the_lake_make_it_once(root: Path) -> None:
    """Each has it open, it is removed, both ask: one makes it again, the other opens what was made."""
    code = """
        import sys, django
        django.setup()
        from django.conf import settings
        from pathlib import Path
        settings.LAKE_ROOT = Path(sys.argv[1])
        from banjie.figures import lake
        from banjie.figures.answers import answer
        made = []
        lake_clear = lake.Lake.clear
        def counted(self, cursor):
            made.append(1)
            lake_clear(self, cursor)
        lake.Lake.clear = counted
        for _ in range(2):
            print(answer("projects.planned", account=None, period="2021").value.normalize(), len(made), flush=True)
            sys.stdin.readline()
    """
    environment = {**os.environ, "BANJIE_DATABASE": _address()}
    command = [sys.executable, "-c", textwrap.dedent(code), str(root)]
    others = [
        subprocess.Popen(command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(2)
    ]
    try:
        assert [o.stdout.readline() for o in others if o.stdout] == ["3 0\n", "3 0\n"]
        shutil.rmtree(root)
        for other in others:
            assert other.stdin
            other.stdin.write("\n")
            other.stdin.flush()
        said = sorted(o.stdout.readline() for o in others if o.stdout)
        assert said == ["3 0\n", "3 1\n"]
    finally:
        for other in others:
            other.kill()
            other.communicate()
