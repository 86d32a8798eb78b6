"""The definitions of figures held against the trail, which holds each of them whole."""

from __future__ import annotations

from collections.abc import Iterator

from banjie.figures.models import FigureVersion
from banjie.ledger.comparing import Version, compare_versions
from banjie.ledger.findings import Report
from banjie.ledger.reading import one_view
from banjie.ledger.verification import Progress
from banjie.lib.text import Text

TITLE = Text("指标定义", "the figure")


def verify_figures(progress: Progress | None = None) -> Report:
    """Compare every definition with its entries."""
    report = Report()
    with one_view():
        compare_versions(report, "figure", TITLE, _versions())
    return report


def _versions() -> Iterator[Version]:
    for row in FigureVersion.objects.order_by("name", "number").iterator(chunk_size=50):
        yield Version(row.name, row.number, row.pack, row.retired, {"definition": row.body})
