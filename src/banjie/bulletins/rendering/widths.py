"""How wide each column of a table is: numbers and short words are never broken; what is left goes to the long texts."""

from __future__ import annotations

from banjie.bulletins.document import Grid
from banjie.bulletins.rendering.layout import SMALL, WIDTH

SHORT, LONG = 8, 30  # halves of a character: up to here a text is not broken; beyond there it gets no more room
PADDING = 9.0  # points, both sides together
HALF = 0.56  # of the type size: what a digit takes
LEAST = 40.0  # points that a long text has at least


def widths(grid: Grid) -> list[float]:
    """Points, one a column, together the width of the text area."""
    whole = WIDTH / 25.4 * 72
    columns = list(zip(*[row for row in grid.rows if len(row) == len(grid.head)], strict=True))
    longest = [max((_halves(cell.text) for cell in columns[n]), default=0) if columns else 0 for n in range(len(grid.head))]
    long = [n for n, halves in enumerate(longest) if not grid.numeric[n] and halves > SHORT]
    wide = [_points(max(halves, _halves(head) / 2, 2)) for halves, head in zip(longest, grid.head, strict=True)]
    if not long:
        return [w * whole / sum(wide) for w in wide]
    left = max(whole - sum(w for n, w in enumerate(wide) if n not in long), LEAST * len(long))
    shares = {n: min(longest[n], LONG) for n in long}
    for n in long:
        wide[n] = left * shares[n] / sum(shares.values())
    return [w * whole / sum(wide) for w in wide]


def _points(halves: float) -> float:
    return halves * SMALL * HALF + PADDING


def _halves(text: str) -> int:
    return sum(2 if character > "\u2000" else 1 for character in text)
