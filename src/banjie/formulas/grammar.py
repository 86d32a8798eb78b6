"""The list of nodes a formula may hold: whatever of sqlglot's tree is not a key here is refused."""

from __future__ import annotations

from banjie.formulas import aggregating, arithmetic, casting, functions, logic
from banjie.formulas.checking import Handlers

HANDLERS: Handlers = {
    **logic.HANDLERS,
    **arithmetic.HANDLERS,
    **functions.HANDLERS,
    **casting.HANDLERS,
    **aggregating.HANDLERS,
}
