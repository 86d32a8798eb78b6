"""Everything that can be done with a matter. Keyword-only after the matter, ``by`` the actor (None: the system), atomic, one entry
in the record's chain each. ``version`` is the matter's version that the actor saw: who comes second gets a Conflict.

A refusal (NotPermitted, NotFound, Invalid, Conflict) says why in both languages, and nothing has changed.
"""

from banjie.matters.actions.advancing import advance, close
from banjie.matters.actions.opening import open_matter

__all__ = ["advance", "close", "open_matter"]
