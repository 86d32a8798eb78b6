"""A bulletin of 232 projects: composed, then written as DOCX and PDF. The ratio is against its longest table alone written cell by cell
with python-docx, which is how a DOCX is usually made; the aim is DOCX and PDF together in under three seconds.

    python bench/bulletins.py

Everything is made in a temporary folder and removed afterwards.
"""
# ruff: noqa: PLC0415 - Django must be set up between the imports

from __future__ import annotations

import io
import os
import sys
import tempfile
import time
from collections.abc import Callable
from typing import Any

AIM = 3.0  # seconds


def timed(what: str, work: Callable[[], Any]) -> tuple[float, Any]:
    begun = time.perf_counter()
    made = work()
    took = time.perf_counter() - begun
    print(f"{what:<58}{took:8.3f} s")
    return took, made


def main() -> int:
    with tempfile.TemporaryDirectory(prefix="banjie-bench-") as folder:
        os.environ |= {"BANJIE_DATA": folder, "DJANGO_SETTINGS_MODULE": "banjie.settings"}
        os.environ.pop("BANJIE_DATABASE", None)
        return measure()


def measure() -> int:
    import django

    django.setup()
    from django.core.management import call_command

    from banjie.bulletins.catalogue import bulletin_in_force
    from banjie.bulletins.composing import compose
    from banjie.bulletins.document import Grid, document
    from banjie.bulletins.rendering import rendered
    from banjie.bulletins.telling import told
    from banjie.figures import store
    from banjie.packs.actions import install
    from banjie.packs.demo.loader import load_demo
    from banjie.packs.reader import shipped

    call_command("migrate", verbosity=0)
    packs = shipped()
    for pack in packs:
        install(pack, by=None)
    load_demo(packs)
    _, bulletin = bulletin_in_force("key_projects_monthly")

    def composed() -> Any:
        return compose(bulletin, area="431322", period="2021-10", as_of=None, by=None)

    timed("composed, the store catching up first", composed)
    _, made = timed("composed again", composed)
    _, shown = timed("as a document", lambda: document(told(made), "zh"))
    docx, _ = timed("DOCX, first (fonts, charts drawn)", lambda: rendered(shown, "docx"))
    pdf, _ = timed("PDF, first", lambda: rendered(shown, "pdf"))
    again, _ = timed("DOCX again", lambda: rendered(shown, "docx"))
    timed("PDF again", lambda: rendered(shown, "pdf"))
    grid = next(p for p in shown.parts if isinstance(p, Grid) and p.name == "projects")
    assert len(grid.rows) == 232
    cells, _ = timed("the table alone, cell by cell with python-docx", lambda: _cell_by_cell(grid))
    print(
        f"\nDOCX and PDF together {docx + pdf:.2f} s of {AIM:.0f} s; the whole DOCX, charts drawn, in {again / cells:.2f} times what that table takes cell by cell"
    )
    store.close()
    return 0 if docx + pdf < AIM else 1


def _cell_by_cell(grid: Any) -> bytes:
    from docx import Document

    made = Document()
    table = made.add_table(rows=1, cols=len(grid.head))
    for cell, text in zip(table.rows[0].cells, grid.head, strict=True):
        cell.text = text
    for row in grid.rows:
        added = table.add_row()
        for cell, value in zip(added.cells, row, strict=True):
            cell.text = value.text
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


if __name__ == "__main__":
    sys.exit(main())
