"""How fast sheets come in, and how fast single records change, each through the whole door.

    .venv/bin/python bench/imports.py [ROWS]

The alternative measured in the same run reads the same sheet with openpyxl and hands the rows to Django's bulk_create as they
are: no parsing, no checks, no rules, no search, no ledger.
"""

from __future__ import annotations

import cProfile
import os
import pstats
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

folder = Path(tempfile.mkdtemp(prefix="banjie-bench-"))
os.environ["BANJIE_DATA"] = str(folder)
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "banjie.settings")

import django

django.setup()

import openpyxl
import xlsxwriter
from django.core.management import call_command
from django.db import transaction
from tests.rooms import county

from banjie.lib import clock
from banjie.registers.actions import update
from banjie.registers.importing import import_sheet
from banjie.registers.models import Record

HEADINGS = ["项目代码", "项目名称", "乡镇", "产业", "总投资(万元)", "年度计划(万元)", "开工日期", "联系电话"]
TOWNS, INDUSTRIES = ["洋溪镇", "白溪镇"], ["先进陶瓷", "现代文印"]


def sheet(path: Path, rows: int) -> None:
    book = xlsxwriter.Workbook(path, {"constant_memory": True})
    page = book.add_worksheet()
    page.write_row(0, 0, HEADINGS)
    for n in range(1, rows + 1):
        name, plan = f"第{n}号标准厂房与配套设施建设项目", 300.5 + n % 100
        day = f"2021-{n % 12 + 1:02}-{n % 28 + 1:02}"
        page.write_row(n, 0, [f"XH-{n:06}", name, TOWNS[n % 2], INDUSTRIES[n % 2], 1200 + n % 977, plan, day, f"138{n:08}"])
    book.close()


def alternative(path: Path) -> int:
    rows = openpyxl.load_workbook(path, read_only=True).worksheets[0].iter_rows(min_row=2, values_only=True)
    now = clock.now()
    records = [
        Record(
            register="raw", key=row[0], label=row[1], data=dict(zip(HEADINGS, row, strict=True)), created_at=now, updated_at=now
        )
        for row in rows
    ]
    with transaction.atomic():
        Record.objects.bulk_create(records, batch_size=500)
    return len(records)


def timed(work: Callable[[], int], rows: int) -> tuple[float, float]:
    """Rows a second by the wall clock, and by the processor time of this process."""
    begun, busy = time.perf_counter(), time.process_time()
    assert work() == rows
    return rows / (time.perf_counter() - begun), rows / (time.process_time() - busy)


def updates(seconds: float) -> tuple[float, float]:
    records = list(Record.objects.of("projects").order_by("id")[:2_000])
    begun, busy = time.perf_counter(), time.process_time()
    done = 0
    while time.perf_counter() - begun < seconds:
        number = done % len(records)
        records[number] = update(records[number], {"planned": str(1_000_000 + done)}, version=records[number].version, by=None)
        done += 1
    return done / (time.perf_counter() - begun), done / (time.process_time() - busy)


def main(rows: int, profile: bool) -> None:
    call_command("migrate", verbosity=0)
    county.areas()
    county.registers()
    path = folder / "projects.xlsx"
    sheet(path, rows)
    clerk = county.person("clerk", "431322", county.CLERK)
    profiler = cProfile.Profile()
    if profile:
        profiler.enable()
    ours, busy = timed(lambda: import_sheet("projects", path, by=clerk).created, rows)
    profiler.disable()
    same, _ = timed(lambda: import_sheet("projects", path, by=clerk).unchanged, rows)
    theirs, their_busy = timed(lambda: alternative(path), rows)
    print(f"import, {rows:,} rows from xlsx, ledger included: {ours:,.0f} rows/s ({busy:,.0f} a second of processor time)")
    print(f"the same sheet again, nothing changed:          {same:,.0f} rows/s")
    print(
        f"openpyxl + bulk_create, nothing checked:        {theirs:,.0f} rows/s   ours is {busy / their_busy:.2f} ×, by processor time"
    )
    print("registers.actions.update, whole door, WAL:      {:,.0f} /s ({:,.0f} a second of processor time)".format(*updates(4)))
    if profile:
        pstats.Stats(profiler).sort_stats("tottime").print_stats(35)


if __name__ == "__main__":
    numbers = [int(a) for a in sys.argv[1:] if a.isdigit()]
    main(numbers[0] if numbers else 20_000, "--profile" in sys.argv)
