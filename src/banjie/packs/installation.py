"""What is installed, as packs that are read next may refer to it."""

from __future__ import annotations

from banjie.bulletins.catalogue import bulletins_in_force
from banjie.figures.definition import Figure
from banjie.figures.models import FigureVersion
from banjie.matters.catalogue import processes
from banjie.matters.obligations.installing import obligations_in_force
from banjie.packs.known import Known
from banjie.packs.models import InstalledPack
from banjie.people import installation as people
from banjie.registers.catalogue import catalogue
from banjie.registers.definition import Choices
from banjie.registers.models import RegisterVersion


def known() -> Known:
    """Registers, processes, figures, choices, areas and posts in force, with the packs that they came from."""
    there, registers, matters = people.known(), catalogue().registers, processes()
    figures = {row.name: row for row in FigureVersion.objects.order_by("number")}
    in_force = list(InstalledPack.objects.in_force())
    lists = [Choices.load(item) for pack in in_force for item in pack.content.get("choices", ())]
    return Known(
        packs=frozenset(pack.name for pack in in_force),
        choices={choices.name: choices for choices in lists},
        registers=registers,
        figures={name: Figure.load(row.body) for name, row in figures.items() if not row.retired},
        registers_of=dict(RegisterVersion.objects.order_by("number").values_list("name", "pack")),
        figures_of={name: row.pack for name, row in figures.items()},
        processes={name: found.process for name, found in matters.items()},
        processes_of={name: found.version.pack for name, found in matters.items()},
        obligations_of={obligation.name: row.pack for row, obligation in obligations_in_force()},
        bulletins_of={bulletin.name: row.pack for row, bulletin in bulletins_in_force()},
        areas=frozenset(there.areas),
        organisations=frozenset(there.organisations),
        roles=frozenset(there.roles),
        posts=frozenset(there.posts),
    )
