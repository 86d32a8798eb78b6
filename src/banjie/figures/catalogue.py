"""The figures as they stand, compiled once and again only when a figure or a register was installed."""

from __future__ import annotations

from django.db.models import F, Max

from banjie.figures.definition import Figure
from banjie.figures.known_registers import known_registers
from banjie.figures.models import FigureVersion
from banjie.figures.plan import Compiled, Plan, compile_all
from banjie.lib.errors import NotFound
from banjie.lib.text import Text
from banjie.matters.models import ProcessVersion
from banjie.registers.catalogue import Catalogue
from banjie.registers.catalogue import catalogue as registers

_cached: tuple[object, Catalogue, Compiled] | None = None


def figures() -> Compiled:
    """Two small queries to see whether anything was installed since; the rest comes from memory."""
    global _cached
    known = registers()
    stamp = tuple(
        FigureVersion.objects.values_list("id", "retired", "installed_at")
        .union(ProcessVersion.objects.annotate(minus=-F("id")).values_list("minus", "retired", "installed_at"), all=True)
        .order_by("id")
    )
    if _cached is None or _cached[0] != stamp or _cached[1] is not known:
        _cached = (stamp, known, compile_all(installed(), known_registers()))
    return _cached[2]


def installed() -> list[Figure]:
    """The newest definition of every figure that was not retired, in the order of their first installation."""
    newest = dict(FigureVersion.objects.values_list("name").annotate(newest=Max("number")))
    rows = [v for v in FigureVersion.objects.order_by("id") if v.number == newest[v.name] and not v.retired]
    return [Figure.load(v.body) for v in rows]


def plan(name: str) -> Plan:
    """Raises NotFound."""
    known = figures()
    if name not in known.plans:
        raise NotFound(Text(f"没有名为「{name}」的指标", f"there is no figure called {name}"))
    return known.plans[name]
