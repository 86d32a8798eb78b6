"""Whether a pack can be used: schema, names, formulas, references. All findings, not only the first."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from typing import Any

from banjie.figures.definition import Figure
from banjie.lib import canonical
from banjie.lib.definition import Definition
from banjie.lib.errors import DefinitionError
from banjie.lib.text import Text
from banjie.matters.obligations.items import ITEMS
from banjie.packs.checking_bulletins import check_bulletins
from banjie.packs.checking_demo import check_demo
from banjie.packs.checking_figures import check_figures, check_screens, check_workbench
from banjie.packs.checking_journeys import check_journeys
from banjie.packs.checking_matters import check_processes, load_processes, matters_counted
from banjie.packs.checking_obligations import check_obligations, load_obligations
from banjie.packs.checking_registers import check_registers, load_choices, load_registers
from banjie.packs.definition import Head, Pack
from banjie.packs.demo.definition import DemoSet
from banjie.packs.documents import KeyPath
from banjie.packs.known import Known
from banjie.packs.problems import PackError
from banjie.packs.screens import Screens
from banjie.packs.sources import HEAD, Source
from banjie.packs.typed import as_mapping, load, load_each, near
from banjie.people import definition as people
from banjie.places.definition import AreaDefinition, BoundaryDefinition, CalendarDefinition, PlacesDefinition

PEOPLE: dict[str, type[Definition]] = {
    "organisations": people.OrganisationDefinition,
    "roles": people.RoleDefinition,
    "posts": people.PostDefinition,
    "accounts": people.AccountDefinition,
}


def check(source: Source, known: Known) -> Pack:
    """The pack, typed and compiled. Raises PackError with every problem found."""
    head = load(Head, {key: source.data[key] for key in HEAD if key in source.data}, (), source)
    beyond = known.without(source.name)
    _check_requires(source, known)
    choices = load_choices(source)
    registers = load_registers(source, choices, beyond)
    check_registers(source, registers, beyond)
    there = {**beyond.registers, **{r.name: r for _, r in registers}}
    processes = check_processes(source, load_processes(source), there, beyond)
    obligations = load_obligations(source)
    check_obligations(source, obligations, there, known)
    virtual, counted = matters_counted(processes, there, beyond)
    # Figures may be made of what is expected and what is missing, here or in a pack that is there already.
    virtual |= {ITEMS.name: ITEMS} if obligations or beyond.obligations_of else {}
    figures, beyond = load_each(Figure, "figures", source), beyond.with_counted(source.name, counted)
    compiled = check_figures(source, figures, {**there, **virtual}, beyond)
    bulletins = check_bulletins(source, compiled, known)
    places, persons = _places(source), _people(source, beyond)
    screens = load(Screens, source.data.get("screens", {}), ("screens",), source)
    if screens:
        check_screens(source, screens, {**beyond.figures, **{f.name: f for _, f in figures}}, compiled)
        check_workbench(source, screens, there, beyond.roles)
    demo = load_each(DemoSet, "demo", source)
    check_demo(source, demo, there)
    check_journeys(source, demo, {**beyond.processes, **{p.name: p for p in processes}}, there)
    if source.problems or head is None or places is None or persons is None or screens is None:
        raise PackError(source.problems)
    return Pack(
        head, digest(source.data), tuple(c for _, c in choices), tuple(r for _, r in registers), tuple(f for _, f in figures),
        places, persons, screens, tuple(d for _, d in demo), source.data, tuple(processes), tuple(o for _, o in obligations), counted, bulletins,
    )  # fmt: skip


def digest(data: Mapping[str, Any]) -> str:
    """SHA-256 of what the pack says, whatever its files are called and however they are laid out."""
    return hashlib.sha256(canonical.encode(_plain(data))).hexdigest()


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return f"{value:f}" if isinstance(value, Decimal) else str(value) if isinstance(value, int) and abs(value) >= 2**53 else value


def _check_requires(source: Source, known: Known) -> None:
    required = source.data.get("requires")
    for index, name in enumerate(required if isinstance(required, list) else ()):
        if name == source.name:
            source.find(("requires", index), Text("机制包不能依赖自身。", "a pack cannot require itself."))
        elif name not in known.packs:
            source.find(("requires", index), Text(
                f"需要先安装机制包「{name}」。", f"the pack {name} must be installed first."
            ))  # fmt: skip


def _places(source: Source) -> PlacesDefinition | None:
    before = len(source.problems)
    parts: dict[str, Any] = {
        "areas": [area for _, area in load_each(AreaDefinition, "areas", source)],
        "boundaries": [outline for _, outline in load_each(BoundaryDefinition, "boundaries", source)],
        "calendar": load(CalendarDefinition, source.data.get("calendar", {}), ("calendar",), source),
    }
    if len(source.problems) > before:
        return None
    return load(PlacesDefinition, parts, (), source)


def _people(source: Source, known: Known) -> people.People | None:
    before = len(source.problems)
    parts = {section: [item for _, item in load_each(kind, section, source)] for section, kind in PEOPLE.items()}
    if len(source.problems) > before:
        return None
    found = load(people.People, parts, (), source)
    if found is None:
        return None
    areas = known.areas | {str(a.get("code")) for a in source.section("areas") if isinstance(a, dict)}
    kept = {ITEMS.name} if known.obligations_of or source.section("obligations") else set[str]()
    _check_grants(source, found, kept.union(known.registers))
    check_with(source, lambda: found.check(people.Known(areas, known.organisations, known.roles, known.posts)))
    return found


def _check_grants(source: Source, persons: people.People, registers: Iterable[str]) -> None:
    """A grant on a register that does not exist would let nobody do anything, and nobody would notice."""
    names = set(registers) | {str(as_mapping(item).get("name")) for item in source.section("registers")}
    for number, post in enumerate(persons.posts):
        path: KeyPath = ("posts", number)
        wanted: list[tuple[KeyPath, str]] = []
        wanted += [
            ((*path, "grants", n, "registers", m), r) for n, g in enumerate(post.grants) for m, r in enumerate(g.registers)
        ]
        wanted += [((*path, "duties", n, "register"), d.register_) for n, d in enumerate(post.duties) if d.register_]
        wanted += [
            ((*path, "duties", n, "record", "register"), d.record.register_) for n, d in enumerate(post.duties) if d.record
        ]
        for at, name in wanted:
            if name != "*" and name not in names:
                advice = near(name, names)
                source.find(at, Text(f"没有登记表「{name}」。{advice.zh}", f"there is no register called {name}. {advice.en}"))


def check_with(source: Source, asked: Callable[[], object]) -> None:
    """Run another room's check and note what it finds."""
    try:
        asked()
    except DefinitionError as error:
        source.find(error.path, error.says, error.offset)
