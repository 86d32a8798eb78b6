"""How long a sweep takes over many open clocks, of which a few are due.

    .venv/bin/python bench/sweep.py [CLOCKS] [DUE]        # 1,000,000 and 500 unless said otherwise

The rows are copies of one real matter, made by the database itself; then 500 clocks are due for a warning, an overdue notice or an
escalation. BANJIE_DATABASE=postgresql://… runs it on PostgreSQL.
"""

from __future__ import annotations

import os
import resource
import sys
import tempfile
import time
from datetime import timedelta
from pathlib import Path

os.environ["BANJIE_DATA"] = tempfile.mkdtemp(prefix="banjie-bench-")
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "banjie.settings")
sys.path.insert(0, str(Path(__file__).parents[1]))

import django

django.setup()

from django.core.management import call_command
from django.db import connection, models, transaction
from tests.rooms import matters_world as world

from banjie.lib import clock
from banjie.lib.dates import parse_moment
from banjie.matters.actions import advance, open_matter
from banjie.matters.models import Clock, Matter, Notice
from banjie.matters.sweeping import sweep
from banjie.registers.models import Record


def copies(row: models.Model, count: int, **other: str) -> None:
    """Rows like this one; ``other`` are SQL expressions over ``n.i`` for columns that differ."""
    table = row._meta.db_table
    columns = [f.column for f in row._meta.concrete_fields]
    values = ", ".join(other.get(c, f't."{c}"') for c in columns)
    names = ", ".join(f'"{c}"' for c in columns)
    numbers = f"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {count})"  # noqa: S608 - numbers and names are our own
    with connection.cursor() as cursor:
        cursor.execute(f'INSERT INTO "{table}" ({names}) {numbers} SELECT {values} FROM n, "{table}" t WHERE t.id = %s', [row.pk])  # noqa: S608


def fill(count: int, due: int) -> None:
    """``count`` open clocks of as many matters; ``due`` of them are to be looked at before 2021-09-14."""
    people = world.build(CHAIN)
    with clock.simulated(parse_moment(world.MONDAY)):
        made = open_matter("request", world.request(kind="路灯"), by=people["desk"])
        advance(made, "handling", version=1, by=people["desk"])
    matter = Matter.objects.get()
    running = Clock.objects.get(matter=matter, stopped_at=None)
    with transaction.atomic():
        copies(matter.record, count - 1, id=f"{matter.record_id} + n.i", key="'Q' || CAST(n.i AS text)")
        copies(matter, count - 1, id=f"{matter.pk} + n.i", record_id=f"{matter.record_id} + n.i", code="CAST(n.i AS text)")
        copies(running, count - 1, id=f"{running.pk} + n.i", matter_id=f"{matter.pk} + n.i")
        later = running.due_at + timedelta(days=60)
        rest = Clock.objects.filter(pk__gte=running.pk + due)
        rest.update(due_at=later, warn_at=later - timedelta(days=1), next_sweep_at=later - timedelta(days=1))
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


CHAIN = {**world.PROCESS, "stages": {**world.PROCESS["stages"]}}
CHAIN["stages"]["handling"] = {**CHAIN["stages"]["handling"], "escalate": [{"after": "1 workday", "to": "unit_head"}]}


def timed(moment: str) -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    begun, worked = time.perf_counter(), time.process_time()
    with clock.simulated(parse_moment(moment)):
        swept = sweep(parse_moment(moment))
    took, own = time.perf_counter() - begun, time.process_time() - worked
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    print(
        f"{moment}: {swept.clocks} clocks due, {swept.notices} notices: {took:.2f} s ({own:.2f} s of own time), +{grown:.0f} MB"
    )


def main(count: int, due: int) -> None:
    call_command("migrate", verbosity=0)
    begun = time.perf_counter()
    fill(count, due)
    standing = Clock.objects.filter(next_sweep_at__isnull=False).count()
    print(
        f"{connection.vendor}: {standing:,} running clocks of {Record.objects.count():,} records, made in {time.perf_counter() - begun:.0f} s"
    )
    for moment in ("2021-09-10 18:00", "2021-09-13 18:00", "2021-09-14 18:00", "2021-09-14 18:01"):
        timed(moment)
    print(f"notices: {Notice.objects.exclude(step='').count()}")


if __name__ == "__main__":
    numbers = [int(a.replace(",", "")) for a in sys.argv[1:]]
    main(*(numbers + [1_000_000, 500][len(numbers) :]))
