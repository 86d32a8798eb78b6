"""Who enters an invented row: whoever has the duty for its area, else the account that the set names."""

from __future__ import annotations

from banjie.packs.demo.definition import DemoSet
from banjie.packs.demo.rows import Row
from banjie.people.duties import holders
from banjie.registers.catalogue import Catalogue
from banjie.registers.definition import Register


class Actors:
    """Asks the database once for each role, area and register."""

    def __init__(self, known: Catalogue) -> None:
        self.known = known
        self._found: dict[tuple[str, str, str], str] = {}

    def of(self, made: DemoSet, register: Register, row: Row) -> str:
        """The user name; empty for the system itself."""
        area = self._area(register, row) if made.by_duty else None
        if not made.by_duty or not area:
            return made.by
        wanted = (made.by_duty, area, register.name)
        if wanted not in self._found:
            people = [a.username for h in holders(made.by_duty, area=area, register=register.name) for a in h.accounts]
            self._found[wanted] = people[0] if people else made.by
        return self._found[wanted]

    def _area(self, register: Register, row: Row) -> str | None:
        """The row's own area, or that of the row it hangs on."""
        if register.area and row.get(register.area):
            return str(row.get(register.area))
        if register.parent and row.parent:
            return self._area(self.known.register(register.parent.register_name), row.parent)
        return None
