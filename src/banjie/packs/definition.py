"""A pack: what its sections mean once read. Holds the typed definitions of the rooms below; reads no file."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from pydantic import Field

from banjie.bulletins.definition import Bulletin
from banjie.figures.definition import Figure
from banjie.lib.definition import Definition, Label, Name
from banjie.lib.text import Text
from banjie.matters.definition import Process
from banjie.matters.obligations.definition import Obligation
from banjie.packs.demo.definition import DemoSet
from banjie.packs.screens import Screens
from banjie.people.definition import People
from banjie.places.definition import PlacesDefinition
from banjie.registers.definition import Choices, Register


class Head(Definition):
    """What a pack says of itself. ``requires`` names packs that must be installed before it."""

    pack: Name
    title: Label
    description: Label | None = None
    version: str = Field(min_length=1, max_length=20)
    requires: tuple[Name, ...] = ()


@dataclass(frozen=True, slots=True)
class Pack:
    """A pack that has passed its checks. ``digest`` is the SHA-256 of its content, whatever its files are called."""

    head: Head
    digest: str
    choices: tuple[Choices, ...] = ()
    registers: tuple[Register, ...] = ()
    figures: tuple[Figure, ...] = ()
    places: PlacesDefinition = field(default_factory=PlacesDefinition)
    people: People = field(default_factory=People)
    screens: Screens = field(default_factory=Screens)
    demo: tuple[DemoSet, ...] = ()
    content: dict[str, Any] = field(default_factory=dict)
    processes: tuple[Process, ...] = ()  # each after those that its branches lead to
    obligations: tuple[Obligation, ...] = ()
    counted: tuple[Figure, ...] = ()  # the figures that every process has for nothing
    bulletins: tuple[Bulletin, ...] = ()

    @property
    def name(self) -> str:
        return self.head.pack

    @property
    def all_figures(self) -> tuple[Figure, ...]:
        """Those that the pack declares, and those that its processes bring."""
        return (*self.figures, *self.counted)

    @property
    def title(self) -> Text:
        return self.head.title
