"""The id of a row, as an address carries it."""

from __future__ import annotations


class Id:
    """Digits that a database can hold: ``<id:pk>``. With more of them there is no such page, rather than a fault of the database."""

    regex = "[0-9]{1,18}"

    def to_python(self, value: str) -> int:
        return int(value)

    def to_url(self, value: int) -> str:
        return str(value)


def number(text: str) -> int | None:
    """The number that a form or an address gives as digits, such as a version; None where it gives none that a database can hold."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None
