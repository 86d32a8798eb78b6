"""``banjie import`` and ``banjie export`` at a terminal, and an import that is killed while it writes."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from tests.rooms import county
from tests.rooms.sheets_made import HEADINGS, csv, good_row, xlsx

from banjie.cli.exporting import export
from banjie.cli.importing import import_
from banjie.ledger.models import Entry
from banjie.lib.errors import NotFound, NotPermitted
from banjie.lib.text import reading_in
from banjie.registers.models import Record

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _in_english() -> Iterator[None]:
    with reading_in("en"):
        yield


@pytest.fixture(autouse=True)
def _county() -> None:
    county.areas()
    county.registers()
    county.person("clerk", "431322102", county.CLERK)


def run(command: object, *arguments: object) -> Result:
    return CliRunner().invoke(command, [str(a) for a in arguments])  # type: ignore[arg-type]


@pytest.fixture
def sheet(tmp_path: Path) -> Path:
    """2,000 rows of which five are bad."""
    rows = [good_row(n) for n in range(2, 2002)]
    rows[10][4] = "若干"
    rows[99][3] = "航天"
    rows[500][6] = "2021-13-45"
    rows[1200][0] = "XH-00002"
    rows[1999][1] = ""
    path = tmp_path / "项目.xlsx"
    path.write_bytes(xlsx(HEADINGS, *rows))
    return path


FIVE = [
    "row 12, column E (总投资(万元)) = 若干: must be a number such as 1234.56",
    "row 101, column D (产业) = 航天: is not among the options: Advanced ceramics, Printing equipment",
    "row 502, column G (开工日期) = 2021-13-45: must be a date such as 2021-10-31",
    "row 1202, column A (项目代码) = XH-00002: has the same key as row 2",
    "row 2001, column B (项目名称): is required",
]


def test_five_bad_rows_in_two_thousand_are_named_and_nothing_is_written(sheet: Path) -> None:
    result = run(import_, "projects", sheet)
    assert result.exit_code == 1
    assert [line.strip() for line in result.stderr.splitlines() if line.strip().startswith("row")] == FIVE
    assert "5 rows are wrong; nothing was written" in result.stderr
    assert not Record.objects.exists()


def test_with_partial_the_others_are_written(sheet: Path) -> None:
    result = run(import_, "projects", sheet, "--partial", "--as", "clerk", "--why", "年初导入")
    assert result.exit_code == 0
    assert "1995 created" in result.stdout
    assert "5 bad rows left out" in result.stdout
    assert all(line in result.stderr for line in FIVE)
    entry = Entry.objects.filter(verb="record.create").first()
    assert entry is not None
    assert (Record.objects.count(), entry.why, entry.origin, entry.actor) == (1995, "年初导入", "cli", "clerk 甲")


def test_a_dry_run_writes_nothing_and_says_what_it_would(sheet: Path, tmp_path: Path) -> None:
    result = run(import_, "projects", sheet, "--dry-run")
    assert (result.exit_code, Record.objects.count()) == (1, 0)
    assert "1995 to create" in result.stdout
    good = tmp_path / "good.csv"
    good.write_bytes(csv(HEADINGS, good_row(1), encoding="gb18030"))
    assert run(import_, "projects", good, "--dry-run").exit_code == 0
    assert run(import_, "projects", good).exit_code == 0
    assert "1 unchanged" in run(import_, "projects", good).stdout


def test_the_account_bounds_what_is_imported_and_exported(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(csv(HEADINGS, good_row(1, 乡镇="白溪镇")))
    assert "you may not write in this area" in run(import_, "projects", path, "--as", "clerk").stderr
    assert isinstance(run(import_, "projects", path, "--as", "nobody").exception, NotFound)
    assert run(import_, "projects", path).exit_code == 0
    assert "exported 0 records" in run(export, "projects", tmp_path / "out.csv", "--as", "clerk").stdout
    county.person("stranger", "431322102", [])
    assert isinstance(run(export, "projects", tmp_path / "out.csv", "--as", "stranger").exception, NotPermitted)


@pytest.mark.parametrize("name", ["out.xlsx", "out.csv"])
def test_what_is_exported_is_imported_without_a_change(tmp_path: Path, name: str) -> None:
    path = tmp_path / "in.xlsx"
    path.write_bytes(xlsx(HEADINGS, *[good_row(n) for n in range(20)]))
    run(import_, "projects", path)
    out = tmp_path / name
    assert "exported 20 records" in run(export, "projects", out, "--lang", "en").stdout
    assert "20 unchanged" in run(import_, "projects", out).stdout
    assert not list(tmp_path.glob("*.part"))
    assert run(export, "projects", tmp_path / "out.pdf").exit_code == 2


PREPARE = """
import django
django.setup()
from django.core.management import call_command
call_command("migrate", verbosity=0)
from tests.rooms import county
county.areas(); county.registers()
"""
CHECK = """
import django
django.setup()
from banjie.ledger.verification import verify
from banjie.registers.models import Record
print(Record.objects.count(), len(list(verify().findings)))
"""

KILLED = """
import os, signal, sys
import django
django.setup()
from banjie.cli import importing
def die(self, stage, done, total):
    if stage == "writing" and done >= int(sys.argv[2]):
        os.kill(os.getpid(), signal.SIGKILL)
importing._Bars._tell = die
importing.import_(["projects", sys.argv[1]])
"""


@pytest.mark.slow
def test_an_import_killed_while_it_writes_has_written_nothing(tmp_path: Path) -> None:
    """On a database of its own, on disk: killed with SIGKILL after a part was written, and after all was, before it was committed."""
    environment = {k: v for k, v in os.environ.items() if k != "BANJIE_DATABASE"}
    environment |= {"BANJIE_DATA": str(tmp_path / "var"), "PYTHONPATH": str(Path(__file__).parents[2])}

    def python(*arguments: str) -> str:
        done = subprocess.run(
            [sys.executable, *arguments], env=environment, capture_output=True, text=True, check=True, timeout=120
        )
        return done.stdout.strip()

    python("-c", PREPARE)
    sheet = tmp_path / "big.csv"
    sheet.write_bytes(csv(HEADINGS, *[good_row(n) for n in range(8000)]))
    for written in ("2000", "8000"):
        killed = subprocess.run([sys.executable, "-c", KILLED, str(sheet), written], env=environment, timeout=120, check=False)
        assert killed.returncode == -signal.SIGKILL
        assert python("-c", CHECK) == "0 0"
    python("-m", "banjie.cli.main", "import", "projects", str(sheet))
    assert python("-c", CHECK) == "8000 0"
    with sqlite3.connect(tmp_path / "var" / "banjie.sqlite3") as database:
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    database.close()
