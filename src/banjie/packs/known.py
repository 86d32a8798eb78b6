"""What a pack may refer to beyond itself: what is installed already, or comes with a pack that it requires."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from banjie.figures.definition import Figure
from banjie.matters.definition import Process
from banjie.packs.definition import Pack
from banjie.registers.definition import Choices, Register


@dataclass(frozen=True, slots=True)
class Known:
    """``*_of``: the pack that declared a register, process or figure, by its name."""

    packs: frozenset[str] = frozenset()
    choices: Mapping[str, Choices] = field(default_factory=dict)
    registers: Mapping[str, Register] = field(default_factory=dict)
    figures: Mapping[str, Figure] = field(default_factory=dict)
    registers_of: Mapping[str, str] = field(default_factory=dict)
    figures_of: Mapping[str, str] = field(default_factory=dict)
    processes: Mapping[str, Process] = field(default_factory=dict)
    processes_of: Mapping[str, str] = field(default_factory=dict)
    obligations_of: Mapping[str, str] = field(default_factory=dict)
    bulletins_of: Mapping[str, str] = field(default_factory=dict)
    areas: frozenset[str] = frozenset()
    organisations: frozenset[str] = frozenset()
    roles: frozenset[str] = frozenset()
    posts: frozenset[str] = frozenset()

    def and_pack(self, pack: Pack) -> Known:
        """This, and everything that a pack declares."""
        return replace(
            self,
            packs=self.packs | {pack.name},
            choices={**self.choices, **{c.name: c for c in pack.choices}},
            registers={**self.registers, **{r.name: r for r in pack.registers}},
            figures={**self.figures, **{f.name: f for f in pack.all_figures}},
            registers_of={**self.registers_of, **{r.name: pack.name for r in pack.registers}},
            figures_of={**self.figures_of, **{f.name: pack.name for f in pack.all_figures}},
            processes={**self.processes, **{p.name: p for p in pack.processes}},
            processes_of={**self.processes_of, **{p.name: pack.name for p in pack.processes}},
            obligations_of={**self.obligations_of, **{o.name: pack.name for o in pack.obligations}},
            bulletins_of={**self.bulletins_of, **{b.name: pack.name for b in pack.bulletins}},
            areas=self.areas | {a.code for a in pack.places.areas},
            organisations=self.organisations | {o.code for o in pack.people.organisations},
            roles=self.roles | {r.name for r in pack.people.roles},
            posts=self.posts | {p.code for p in pack.people.posts},
        )

    def with_counted(self, pack: str, counted: Iterable[Figure]) -> Known:
        """This, and the figures that the processes of a pack bring."""
        figures = {figure.name: figure for figure in counted}
        return replace(self, figures={**self.figures, **figures}, figures_of={**self.figures_of, **dict.fromkeys(figures, pack)})

    def without(self, pack: str) -> Known:
        """This, less the registers, processes and figures of a pack that is about to be replaced by a newer version of itself."""
        return replace(
            self,
            registers={n: r for n, r in self.registers.items() if self.registers_of.get(n) != pack},
            figures={n: f for n, f in self.figures.items() if self.figures_of.get(n) != pack},
            processes={n: p for n, p in self.processes.items() if self.processes_of.get(n) != pack},
        )
