"""The areas that a page offers to choose from."""

from __future__ import annotations

from collections.abc import Iterable

from banjie.figures.plan import Plan
from banjie.people.models import Account
from banjie.people.scopes import scope_of
from banjie.people.verbs import Verb
from banjie.places.models import Area
from banjie.registers.definition import Register

AREAS_AT_MOST = 400  # in one list; a larger installation narrows by grants


def areas_for(account: Account, register: Register, verb: Verb = Verb.VIEW) -> list[Area]:
    """The areas in force in which ``verb`` is permitted on the register, in the order of their codes."""
    within = scope_of(account).areas(verb, register.name)
    return list(Area.objects.filter(within.q("code"), valid_to__isnull=True).order_by("code")[:AREAS_AT_MOST])


def areas_of_figures(account: Account, plans: Iterable[Plan]) -> list[Area]:
    """The areas in which every register that the figures are made of may be viewed."""
    scope = scope_of(account)
    rows = Area.objects.filter(valid_to__isnull=True)
    for register in sorted({name for plan in plans for name in plan.registers}):
        rows = rows.filter(scope.areas(Verb.VIEW, register).q("code"))
    return list(rows.order_by("code")[:AREAS_AT_MOST])
