"""Bulletins against the figures and registers that they name."""

from __future__ import annotations

from banjie.bulletins.compiling import check_bulletin
from banjie.bulletins.definition import Bulletin
from banjie.figures.plan import Compiled
from banjie.lib.errors import DefinitionError
from banjie.lib.text import Text
from banjie.packs.checking_registers import refuse_twice
from banjie.packs.known import Known
from banjie.packs.sources import Source
from banjie.packs.typed import load_each, unread


def check_bulletins(source: Source, compiled: Compiled | None, known: Known) -> tuple[Bulletin, ...]:
    """The bulletins of a pack. Where a figure of the pack is at fault itself, what names it waits until that one is right."""
    found = load_each(Bulletin, "bulletins", source)
    refuse_twice(source, "bulletins", [(n, b.name) for n, b in found])
    for index, bulletin in found:
        owner = known.bulletins_of.get(bulletin.name, source.name)
        if owner != source.name:
            source.find(("bulletins", index, "name"), Text(
                f"通报「{bulletin.name}」属于机制包「{owner}」，请换一个名称。",
                f"the bulletin {bulletin.name} belongs to the pack {owner}: choose another name.",
            ))  # fmt: skip
        if compiled is None or unread(source, "figures", compiled.plans):
            continue
        try:
            check_bulletin(bulletin, compiled)
        except DefinitionError as error:
            source.find(("bulletins", index, *error.path), error.says, error.offset)
    return tuple(bulletin for _, bulletin in found)
