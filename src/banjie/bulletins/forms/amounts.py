"""From a value in its base unit to the number that a cell wants: 126.5亿元 in a column of 万元 is 1265000, exactly."""

from __future__ import annotations

from decimal import Context, Decimal

from banjie.lib.units import plain, rounded, unit
from banjie.registers.headings import scales

_EXACT = Context(prec=60)
SHARES = {"percent", "permille", "percentage_point"}


def converted(value: Decimal, code: str, word: str, number_format: str) -> Decimal:
    """The value in the unit that the form names. A cell whose own format shows per cent wants the fraction."""
    if code in SHARES and "%" in number_format:
        return value
    return _EXACT.divide(value, scales(code).get(word, Decimal(1)) if word else _own_size(code))


def _own_size(code: str) -> Decimal:
    return unit(code).zh[-1].size if code in SHARES else Decimal(1)


def trimmed(value: Decimal, code: str, number_format: str, places: int | None) -> Decimal:
    """A quotient, whose digits have no end, to as many places as the figure shows, where the cell's format does not say how many.
    ``value`` is in the form's unit."""
    if number_format != "General":
        return value
    wanted = places if places is not None else unit(code).places
    return rounded(value, 2 if wanted is None else wanted)


def digits(value: Decimal) -> str:
    """As a sheet's XML wants it: no exponent, no noughts at the end."""
    return plain(value)
