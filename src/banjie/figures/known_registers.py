"""The registers that figures are made of: those that are installed, and the virtual one of each process's matters.

Where an installed register has the name of a virtual one, the installed one counts.
"""

from __future__ import annotations

from functools import lru_cache

from django.db.models import Max, Value

from banjie.figures.processes import SUFFIX, ProcessRegister, process_register, register_name
from banjie.matters.catalogue import process_of, processes
from banjie.matters.models import ProcessVersion
from banjie.registers import catalogue
from banjie.registers.definition import Register
from banjie.registers.models import RegisterVersion


def newest_numbers() -> dict[str, int]:
    """The newest definition of every register and process, retired ones too: their records had figures. One query."""
    kept = RegisterVersion.objects.values("name").annotate(newest=Max("number"), virtual=Value(0))
    virtual = ProcessVersion.objects.values("name").annotate(newest=Max("number"), virtual=Value(1))
    rows = kept.values_list("name", "newest", "virtual").union(virtual.values_list("name", "newest", "virtual"), all=True)
    found = sorted(rows, key=lambda row: -row[2])
    return {register_name(name) if virtual else name: newest for name, newest, virtual in found}


def version(name: str, number: int) -> Register:
    """A definition as it was."""
    try:
        return catalogue.version(name, number)
    except RegisterVersion.DoesNotExist:
        return of_process(ProcessVersion.objects.get(name=name.removesuffix(SUFFIX), number=number).digest)


def of_process(digest: str) -> ProcessRegister:
    """The virtual register of the process with this content."""
    of = process_of(digest).of
    newest = RegisterVersion.objects.filter(name=of).order_by("-number").values_list("number", flat=True)[0]
    return _virtual(digest, catalogue.version(of, newest))


@lru_cache(maxsize=256)
def _virtual(digest: str, register: Register) -> ProcessRegister:
    return process_register(process_of(digest), register)


def known_registers() -> dict[str, Register]:
    """Every register in force by its name, the virtual ones first."""
    virtual = {register_name(name): of_process(found.version.digest) for name, found in processes().items()}
    return {**virtual, **catalogue.catalogue().registers}
