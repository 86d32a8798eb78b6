"""What records lend to the formulas of those that refer to them: ``standard.unit_price``, ``project.signing_opened_on``.

A computed field is worked out, and a rule asked, when a record is written, with what the other record says then. What it lends is
read whoever writes: a rule that passed because its writer may not see the other record would be no rule.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from banjie.registers.definition import Register
from banjie.registers.models import Record
from banjie.registers.values import Stored, typed_value

CHUNK = 5_000


class Lending:
    """The records that rows of one register refer to, by register and key, as far as formulas ask for them."""

    def __init__(self, register: Register, rows: Iterable[Mapping[str, object]] = ()) -> None:
        self.register = register
        self._held: dict[tuple[str, str], Mapping[str, Stored]] = {}
        if register.lends:
            self._read(rows)

    def values(self, data: Mapping[str, Stored]) -> dict[str, object]:
        """The columns that formulas call ``REFERENCE_FIELD``; without a value where the reference leads nowhere."""
        if not self.register.lends:
            return {}
        self._read([data])
        found: dict[str, object] = {}
        for lent in self.register.lends:
            there = self._held.get((self._of(lent.reference), str(data.get(lent.reference))), {})
            found[lent.column] = typed_value(there.get(lent.field), lent)
        return found

    def _read(self, rows: Iterable[Mapping[str, object]]) -> None:
        """One query for each register referred to (and 5,000 keys), none for what is known."""
        wanted: dict[str, set[str]] = {}
        for row in rows:
            for reference in self.register.lenders:
                key = str(row.get(reference) or "").strip()
                if key and (self._of(reference), key) not in self._held:
                    wanted.setdefault(self._of(reference), set()).add(key)
        for name, keys in wanted.items():
            self._held |= {(name, key): {} for key in keys}
            known = sorted(keys)
            for start in range(0, len(known), CHUNK):
                there = Record.objects.of(name).live().filter(key__in=known[start : start + CHUNK])
                self._held |= {(name, key): data for key, data in there.values_list("key", "data")}

    def _of(self, reference: str) -> str:
        return self.register.field(reference).of or ""
