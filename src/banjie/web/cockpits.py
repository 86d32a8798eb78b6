"""Which cockpit an account is shown: the first of the packs in force whose figures it may all see."""

from __future__ import annotations

from banjie.figures.catalogue import figures
from banjie.packs.models import InstalledPack
from banjie.packs.screens import Cockpit, Screens
from banjie.people.models import Account
from banjie.people.scopes import scope_of
from banjie.people.verbs import Verb


def installed_cockpits() -> list[Cockpit]:
    """Those of the packs in force, in their order."""
    declared = InstalledPack.objects.in_force().values_list("content__screens__cockpit", flat=True)
    loaded = [Screens.load({"cockpit": one}).cockpit for one in declared if one]
    return [one for one in loaded if one]


def cockpit_for(account: Account, declared: list[Cockpit] | None = None) -> Cockpit | None:
    """None where there is none, or each shows a figure of a register that the account may not see."""
    seen = scope_of(account).registers(Verb.VIEW)
    return next(
        (c for c in (installed_cockpits() if declared is None else declared) if all(r in seen for r in _registers(c))), None
    )


def _registers(screen: Cockpit) -> set[str]:
    plans = figures().plans
    return {register for _, name, _ in screen.figures() if name in plans for register in plans[name].registers}
