"""The registers as they stand: definitions read from the database once, and again only when one was installed."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from django.db import connection
from django.db.models import Max

from banjie.lib.errors import NotFound
from banjie.lib.text import Text
from banjie.registers.definition import Register
from banjie.registers.models import RegisterVersion


@dataclass(frozen=True)
class Catalogue:
    """The current definition of every register, with the number of that version."""

    registers: dict[str, Register]
    numbers: dict[str, int]

    def register(self, name: str) -> Register:
        try:
            return self.registers[name]
        except KeyError:
            raise NotFound(Text(f"没有名为「{name}」的登记表", f"there is no register called {name}")) from None

    def number(self, name: str) -> int:
        return self.numbers[name]

    def children_of(self, name: str) -> list[Register]:
        """The registers whose records lie under a record of this one."""
        return [r for r in self.registers.values() if r.parent and r.parent.register_name == name]


STAMP = "SELECT name, number, retired, digest FROM registers_registerversion ORDER BY id"
_cached: tuple[object, Catalogue] | None = None


def catalogue(stamp: list[tuple] | None = None) -> Catalogue:
    """One small query to see whether anything was installed since; the rest comes from memory. ``stamp``: the rows of ``STAMP``,
    where they have just been read together with something else."""
    global _cached
    if stamp is None:
        with connection.cursor() as cursor:
            cursor.execute(STAMP)
            stamp = cursor.fetchall()
    if _cached is None or _cached[0] != stamp:
        _cached = (stamp, _read())
    return _cached[1]


def version(name: str, number: int) -> Register:
    """A definition as it was: entries name the version under which they were written."""
    return _version(name, number, RegisterVersion.objects.values_list("digest", flat=True).get(name=name, number=number))


@lru_cache(maxsize=512)
def _version(name: str, number: int, digest: str) -> Register:
    return Register.load(RegisterVersion.objects.get(name=name, number=number).body).compile()


def _read() -> Catalogue:
    newest = dict(RegisterVersion.objects.values_list("name").annotate(newest=Max("number")))
    rows = [r for r in RegisterVersion.objects.all() if r.number == newest[r.name] and not r.retired]
    registers = {r.name: Register.load(r.body).compile() for r in sorted(rows, key=lambda r: r.pk)}
    return Catalogue(registers, {r.name: r.number for r in rows})
