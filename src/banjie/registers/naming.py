"""Refusals of rooms below that know a register by its name only, said with its title."""

from __future__ import annotations

from banjie.lib.errors import Refusal
from banjie.lib.text import Text
from banjie.people.scopes import NotGranted
from banjie.registers.catalogue import catalogue


def said(refusal: Refusal) -> Text:
    """What a refusal says, in the words of whoever reads it."""
    if isinstance(refusal, NotGranted) and (known := catalogue().registers.get(refusal.register)):
        return refusal.calling(known.title)
    return refusal.says
