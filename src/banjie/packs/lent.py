"""What a register's formulas ask of the records that its references lead to: ``standard.unit_price``.

The register keeps its own copy of the types of these fields, as it does of the choices lists that it uses.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from banjie.lib.text import Text
from banjie.packs.documents import KeyPath
from banjie.packs.sources import Source
from banjie.packs.typed import as_mapping, near
from banjie.registers.definition import Register

_DOTTED = re.compile(r"'(?:[^']|'')*'|\b([a-z][a-z0-9_]*)\.([a-z][a-z0-9_]*)")


@dataclass(frozen=True)
class Lender:
    """A register as far as it lends: types of its fields, which of them are personal, whether it is confidential."""

    types: Mapping[str, str]
    personal: frozenset[str]
    confidential: bool


def lends(item: Mapping[str, Any], path: KeyPath, source: Source, known: Mapping[str, Register]) -> list[dict[str, str]] | None:
    """The fields that the formulas of a register ask of others, each once; ``None`` with the faults noted where one cannot be had."""
    fields = item.get("fields")
    references = {
        str(f.get("name")): str(f.get("of"))
        for f in map(as_mapping, fields if isinstance(fields, list) else ())
        if f.get("type") == "reference"
    }
    found: dict[tuple[str, str], dict[str, str]] = {}
    faulty = False
    for at, text in _formulas(item, path):
        for match in _DOTTED.finditer(text):
            reference, name = match.groups()
            if reference not in references:
                continue
            lender = _lender(references[reference], source, known)
            if lender is None:
                continue  # that the reference leads nowhere is told of by itself
            says = _refusal(lender, name, confidential=bool(item.get("confidential")))
            if says:
                source.find(at, says, match.start(2))
                faulty = True
            else:
                found[reference, name] = {"reference": reference, "field": name, "type": lender.types[name]}
    return None if faulty else list(found.values())


def _formulas(item: Mapping[str, Any], path: KeyPath) -> Iterator[tuple[KeyPath, str]]:
    for section, entry in (("fields", "formula"), ("rules", "check")):
        listed = item.get(section)
        for number, one in enumerate(listed if isinstance(listed, list) else ()):
            text = as_mapping(one).get(entry)
            if isinstance(text, str):
                yield (*path, section, number, entry), text


def _lender(name: str, source: Source, known: Mapping[str, Register]) -> Lender | None:
    for item in map(as_mapping, source.section("registers")):
        if item.get("name") == name:
            fields = item.get("fields")
            named = {str(f.get("name")): f for f in map(as_mapping, fields if isinstance(fields, list) else ())}
            types = {n: str(f.get("type")) for n, f in named.items()}
            return Lender(types, frozenset(n for n, f in named.items() if f.get("personal")), bool(item.get("confidential")))
    register = known.get(name)
    if register is None:
        return None
    return Lender({f.name: f.type for f in register.fields}, register.personal, register.confidential)


def _refusal(lender: Lender, name: str, *, confidential: bool) -> Text | None:
    if name not in lender.types:
        advice = near(name, lender.types)
        return Text(
            f"所引用的登记表没有字段「{name}」。{advice.zh}", f"the register referred to has no field {name}. {advice.en}"
        )
    if name in lender.personal:
        return Text(
            f"「{name}」是个人信息，公式中不能使用：结果会泄露它",
            f"{name} is personal and has no place in a formula: the result would give it away",
        )
    if lender.confidential and not confidential:
        return Text(
            f"「{name}」出自保密的登记表：本表不是保密的，公式会泄露它",
            f"{name} is of a confidential register, and this one is not: the formula would give it away",
        )
    return None
