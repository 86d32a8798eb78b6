"""Grants that a new version of a pack no longer gives: said in the plan, taken back when it is installed.

What the last version gave is kept with it. A grant that an office gave by hand, or that another pack in force gives too, stays.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from banjie.lib.text import Text
from banjie.packs.definition import Pack
from banjie.packs.models import InstalledPack
from banjie.people.actions import revoke
from banjie.people.models import Account, Grant
from banjie.people.scopes import ALL_REGISTERS
from banjie.people.verbs import Verb
from banjie.registers.catalogue import catalogue

GRANT = Text("授权", "grants of the post")
LOSES = Text("不再可以在{area}对{register}进行：{verbs}", "may no longer {verbs} {register} in {area}")


def given_by(pack: Pack) -> list[list[str]]:
    """The grants of a pack as its installation keeps them: post, verb, register, area."""
    return sorted(list(grant) for grant in pack.people.grants())


def dropped(pack: Pack) -> list[Grant]:
    """The grants in force that the last version of the pack gave and this one does not."""
    before: set[tuple[str, ...]] = set()
    still = set(pack.people.grants())
    for installed in InstalledPack.objects.in_force():
        kept = {tuple(grant) for grant in installed.content.get("grants", ())}
        if installed.name == pack.name:
            before = kept
        else:
            still |= kept
    gone = before - still
    if not gone:
        return []
    held = Grant.objects.filter(post__code__in={post for post, *_ in gone}).select_related("post", "area")
    return sorted(
        (g for g in held if (g.post.code, g.verb, g.register, g.area_id) in gone),
        key=lambda g: (g.post.code, g.register, g.area_id, list(Verb).index(Verb(g.verb))),
    )


def told(grants: list[Grant]) -> Iterator[tuple[Grant, Text]]:
    """One line for a post, register and area: what it loses there."""
    together: defaultdict[tuple[str, str, str], list[Grant]] = defaultdict(list)
    for given in grants:
        together[given.post.code, given.register, given.area_id].append(given)
    registers = catalogue().registers
    for (_, name, _), those in together.items():
        verbs = Text("、".join(Verb(g.verb).label.zh for g in those), ", ".join(Verb(g.verb).label.en for g in those))
        register = Text("全部登记表", "all registers") if name == ALL_REGISTERS else Text(f"「{name}」", name)
        if name in registers:
            register = Text(f"「{registers[name].title.zh}」", registers[name].title.en)
        yield those[0], LOSES.format(area=those[0].area.name, register=register, verbs=verbs)


def take_back(grants: list[Grant], *, by: Account | None, why: str) -> None:
    """Revoke them, each with its entry."""
    for given in grants:
        revoke(given, by=by, why=why, origin="packs")
