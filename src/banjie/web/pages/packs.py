"""Packs: what is installed, what it declares, and whether the folder it came from still checks and has anything new."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from banjie.figures.catalogue import figures
from banjie.ledger.models import Entry
from banjie.lib.errors import NotFound
from banjie.lib.text import Text
from banjie.packs.actions import install
from banjie.packs.definition import Pack
from banjie.packs.models import InstalledPack
from banjie.packs.plans import Plan, plan
from banjie.packs.problems import PackError, PackProblem
from banjie.packs.reader import shipped
from banjie.people.verbs import Verb
from banjie.registers.catalogue import catalogue
from banjie.web.asking import STEPS, breakdowns
from banjie.web.permissions import SignedIn, permits


@dataclass(frozen=True)
class Shipped:
    """The packs that came with the program, and what their check found."""

    packs: dict[str, Pack]
    problems: tuple[PackProblem, ...] = ()


def shipped_packs() -> Shipped:
    try:
        return Shipped({p.name: p for p in shipped()})
    except PackError as error:
        return Shipped({}, error.problems)


@require_GET
@permits(Verb.CONFIGURE, everywhere=True)
def packs(request: SignedIn) -> HttpResponse:
    """Packs in force, and those that came with the program and are not installed."""
    there = list(InstalledPack.objects.in_force())
    with_program = shipped_packs()
    names = {p.name for p in there}
    context = {
        "here": "packs",
        "installed": [(p, len(p.content.get("registers", ())), len(p.content.get("figures", ()))) for p in there],
        "waiting": [p for name, p in with_program.packs.items() if name not in names],
        "problems": with_program.problems,
        "changed": {name for name, p in with_program.packs.items() if name in names and not plan(p).nothing_to_do},
    }
    return render(request, "packs/list.html", context)


@require_GET
@permits(Verb.CONFIGURE, everywhere=True)
def pack(request: SignedIn, name: str) -> HttpResponse:
    """One pack: its definitions, the check of its folder, what installing it would do, and its installations."""
    there = InstalledPack.objects.in_force().filter(name=name).first()
    with_program = shipped_packs()
    folder = with_program.packs.get(name)
    if there is None and folder is None:
        raise NotFound(Text(f"没有名为「{name}」的机制包", f"there is no pack called {name}"))
    todo: Plan | None = plan(folder) if folder else None
    content = there.content if there else {}
    known, plans = catalogue().registers, figures().plans
    context = {
        "here": "packs",
        "name": name,
        "pack": there,
        "folder": folder,
        "title": there.title if there else folder.title if folder else name,
        "description": (folder.head.description if folder else None),
        "registers": [(known[n], known[n].rules) for n in content.get("registers", ()) if n in known],
        "figures": [
            (plans[n].figure, [title for by, title in breakdowns(plans[n]) if by not in STEPS])
            for n in content.get("figures", ())
            if n in plans
        ],
        "problems": [p for p in with_program.problems if p.pack == name],
        "todo": todo,
        "lines": list(todo.lines()) if todo else [],
        "installations": list(Entry.objects.filter(chain=f"pack:{name}").order_by("-index")[:20]),
    }
    return render(request, "packs/pack.html", context)


@require_POST
@permits(Verb.CONFIGURE, everywhere=True)
def pack_install(request: SignedIn, name: str) -> HttpResponse:
    """Install the pack that came with the program, if it still is the one whose plan was shown."""
    folder = shipped_packs().packs.get(name)
    if folder is None:
        raise NotFound(Text(f"没有名为「{name}」的机制包", f"there is no pack called {name}"))
    if request.POST.get("digest") != folder.digest:
        messages.warning(request, str(Text("文件已有变化，请重新查看。", "The folder has changed: look at it again.")))
        return redirect("pack", name=name)
    install(folder, by=request.user)
    messages.success(request, str(Text("已安装“{title}”。", "{title} is installed.").format(title=folder.title)))
    return redirect("pack", name=name)
