"""Obligations against the registers, roles and organisations that they name."""

from __future__ import annotations

from collections.abc import Mapping

from banjie.lib.errors import DefinitionError
from banjie.lib.text import Text
from banjie.matters.obligations.compiling import compile_obligation
from banjie.matters.obligations.definition import Obligation
from banjie.packs.checking_registers import refuse_twice
from banjie.packs.documents import KeyPath
from banjie.packs.known import Known
from banjie.packs.sources import Source
from banjie.packs.typed import as_mapping, load_each, near, unread
from banjie.registers.catalogue import Catalogue
from banjie.registers.definition import Register


def load_obligations(source: Source) -> list[tuple[int, Obligation]]:
    found = load_each(Obligation, "obligations", source)
    refuse_twice(source, "obligations", [(n, o.name) for n, o in found])
    return found


def check_obligations(
    source: Source, obligations: list[tuple[int, Obligation]], registers: Mapping[str, Register], known: Known
) -> None:
    there, faulty = Catalogue(dict(registers), {}), unread(source, "registers", registers)
    roles = known.roles | {str(as_mapping(item).get("name")) for item in source.section("roles")}
    units = known.organisations | {str(as_mapping(item).get("code")) for item in source.section("organisations")}
    for index, obligation in obligations:
        path: KeyPath = ("obligations", index)
        owner = known.obligations_of.get(obligation.name, source.name)
        if owner != source.name:
            source.find((*path, "name"), Text(
                f"定期义务「{obligation.name}」属于机制包「{owner}」，请换一个名称。",
                f"the obligation {obligation.name} belongs to the pack {owner}: choose another name.",
            ))  # fmt: skip
        for at, zh, en, name, names in _named(obligation, registers, roles, units):
            if name not in names and name not in faulty:
                advice = near(name, names)
                source.find(
                    (*path, *at), Text(f"没有{zh}「{name}」。{advice.zh}", f"there is no {en} called {name}. {advice.en}")
                )
        if all(name in registers for name in (obligation.register_name, obligation.of.register_name) if name):
            try:
                compile_obligation(obligation, there)
            except DefinitionError as error:
                source.find((*path, *error.path), error.says, error.offset)


def _named(
    obligation: Obligation, registers: Mapping[str, Register], roles: frozenset[str] | set[str], units: frozenset[str] | set[str]
) -> list[tuple[KeyPath, str, str, str, set[str]]]:
    """What an obligation names: where, as what, which name, among which names."""
    names, of = set(registers), obligation.of
    found: list[tuple[KeyPath, str, str, str, set[str]]] = [
        (("register",), "登记表", "register", obligation.register_name, names)
    ]
    if of.register_name:
        found.append((("of",), "登记表", "register", of.register_name, names))
    for at, role in ((("of", "role"), of.role), (("owner",), obligation.owner.role if obligation.owner else None)):
        if role:
            found.append((at, "职责", "role", role, set(roles)))
    found += [(("of", "organisations", n), "单位", "organisation", code, set(units)) for n, code in enumerate(of.organisations)]
    return found
