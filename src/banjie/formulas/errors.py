"""What can be wrong with a formula, and with the values it meets."""

from __future__ import annotations

from banjie.lib.errors import DefinitionError, Refusal
from banjie.lib.text import Text


class FormulaError(DefinitionError):
    """A formula is wrong, found when it is compiled.

    ``offset`` is the 0-based character within the formula; ``line`` and ``column`` are the same place, 1-based.
    ``path`` is empty: whoever knows in which pack the formula stands adds it.
    """

    def __init__(self, says: Text, text: str, offset: int) -> None:
        super().__init__((), says, offset)
        self.line = text.count("\n", 0, offset) + 1
        self.column = offset - (text.rfind("\n", 0, offset) + 1) + 1


class FormulaValueError(Refusal):
    """A right formula met values it has no answer for: a number too large, a day that does not exist."""
