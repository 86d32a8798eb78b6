"""Tables of words, written as text so that an office can read and correct them."""

from __future__ import annotations


def words(table: str) -> tuple[str, ...]:
    """The words of a table, parted by blanks and line ends; each once."""
    return tuple(dict.fromkeys(table.split()))
