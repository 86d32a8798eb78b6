"""By what a form is known again: where its words stand and what is merged, not the bytes of the file, its styles or its numbers."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256

from banjie.bulletins.forms.when import without_periods
from banjie.bulletins.forms.workbook import Sheet
from banjie.lib import canonical
from banjie.registers.headings import narrow


def fingerprint(sheets: Sequence[Sheet]) -> str:
    """SHA-256 over the layout. October's copy of a monthly form and November's have the same; one with another column has not."""
    said = [
        {
            "name": without_periods(narrow(sheet.name)),
            "merged": sorted([m.top, m.left, m.bottom, m.right] for m in sheet.merged),
            "words": [
                [row, column, "=" if cell.formula else without_periods(narrow(cell.text))]
                for (row, column), cell in sorted(sheet.cells.items())
                if cell.formula or (cell.text and cell.number is None)
            ],
        }
        for sheet in sheets
        if not sheet.hidden
    ]
    return sha256(canonical.encode(said)).hexdigest()
