"""What guards may say of the record behind a reference: ``mandate.valid_until >= today``.

A column behind a reference has one name inside a formula, ``mandate_valid_until``: as long as what was written, so that places
in error messages stay right.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from banjie.formulas import Kind
from banjie.registers.definition import Register


@dataclass(frozen=True, slots=True)
class Behind:
    """``columns``: name inside → the reference, and the field behind it. ``kinds``: their types."""

    columns: Mapping[str, tuple[str, str]]
    kinds: Mapping[str, Kind]
    references: frozenset[str]

    @classmethod
    def of(cls, register: Register, referred: Mapping[str, Register]) -> Behind:
        """``referred`` are registers by name. Personal fields stay out, and names that a field of the register itself has."""
        columns: dict[str, tuple[str, str]] = {}
        kinds: dict[str, Kind] = {}
        references: set[str] = set()
        for field in register.fields:
            target = referred.get(field.of or "")
            if field.type != "reference" or target is None or field.personal:
                continue
            references.add(field.name)
            for name, kind in target.kinds.items():
                inside = f"{field.name}_{name}"
                if inside not in register.by_name:
                    columns[inside], kinds[inside] = (field.name, name), kind
        return cls(columns, kinds, frozenset(references))

    def plain(self, text: str) -> str:
        """The formula with the names that columns have inside; what stands in quotation marks is left as it is."""
        if not self.references:
            return text
        parts = re.split(r"('(?:[^']|'')*')", text)
        return "".join(part if n % 2 else self._renamed(part) for n, part in enumerate(parts))

    def _renamed(self, text: str) -> str:
        def found(match: re.Match[str]) -> str:
            inside = f"{match[1]}_{match[2]}"
            return inside if inside in self.columns else match[0]

        return re.sub(r"\b([a-z][a-z0-9_]*)\.([a-z][a-z0-9_]*)\b", found, text)
