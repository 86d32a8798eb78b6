"""My matters by due time; and the steps of a matter, each a form of its own."""

from __future__ import annotations

from typing import BinaryIO, cast

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from banjie.ledger.models import Entry
from banjie.lib.clock import now
from banjie.lib.errors import Conflict, Invalid, NotFound, NotPermitted, Problem, Refusal
from banjie.lib.ids import number
from banjie.lib.text import Text
from banjie.matters import actions
from banjie.matters.catalogue import process_of, processes
from banjie.matters.definition import Process
from banjie.matters.page import Page, page
from banjie.people.models import Account
from banjie.people.scopes import scope_of
from banjie.people.verbs import Verb
from banjie.registers.attachments import attach
from banjie.registers.catalogue import catalogue
from banjie.registers.models import Record
from banjie.web.display import title_of
from banjie.web.expected import missing_items, owed_items
from banjie.web.history import Happening, history
from banjie.web.matter_effects import effects
from banjie.web.matter_forms import ASKED, NO_VERSION, Step, filled
from banjie.web.matter_listing import (
    STATES_ASKED,
    WHOSE,
    Asked,
    counted,
    cut,
    listed,
    listed_tasks,
    my_invitations,
    my_tasks,
    to_decide,
    with_names,
)
from banjie.web.matter_panel import invitation_for
from banjie.web.matter_steps import step
from banjie.web.matter_words import Remaining, remaining
from banjie.web.naming import called
from banjie.web.pages.errors import status_of
from banjie.web.permissions import SignedIn, logged_in

TASKS_SHOWN = 50
NO_INVITATION = Text("没有这项邀请，或已答复", "there is no such invitation, or it has been answered")


@require_GET
@logged_in
def matters(request: SignedIn) -> HttpResponse:
    """Matters by due time; above them the tasks and invitations that are up to the reader."""
    asked = Asked.of(request.GET)
    rows = asked.rows(request.user)
    by = "closed_at" if asked.state == "closed" else "due_at"
    found = cut(with_names(rows), after=asked.after, before=asked.before, by=by)
    number, exact = counted(rows)
    mine = asked == Asked()
    context = {
        "here": "matters",
        "asked": asked,
        "rows": listed(request.user, found.rows),
        "next": asked.link(after=found.next) if found.next else "",
        "previous": asked.link(before=found.previous) if found.previous else "",
        "number": number,
        "exact": exact,
        "overdue": 0 if asked.state == "closed" else counted(rows.overdue())[0],
        "overdue_link": asked.link(overdue="1"),
        "whose": [(name, title, asked.link(whose=name)) for name, title in WHOSE.items()],
        "states": STATES_ASKED,
        "processes": processes_seen(request.user),
        "stages": stages_of(asked.process),
        "tasks": listed_tasks(request.user, list(my_tasks(request.user)[:TASKS_SHOWN])) if mine else [],
        "invitations": list(my_invitations(request.user)[:TASKS_SHOWN]) if mine else [],
        "extensions": list(to_decide(request.user)[:TASKS_SHOWN]) if mine else [],
        "expected": owed_items(request.user, TASKS_SHOWN) if mine else [],
        "missing": missing_items(request.user, TASKS_SHOWN) if mine else [],
        "openable": [p for p in processes_seen(request.user) if p.of in scope_of(request.user).registers(Verb.CREATE)],
    }
    return render(request, "matters/list.html", context)


def processes_seen(account: Account) -> list[Process]:
    """The processes in force whose records the account may see somewhere."""
    seen = scope_of(account).registers(Verb.VIEW)
    return [found.process for found in processes().values() if found.process.of in seen]


def stages_of(process: str) -> list[tuple[str, Text]]:
    found = processes().get(process)
    return [(name, stage.title) for name, stage in found.process.stages.items()] if found else []


# --- steps -----------------------------------------------------------------------------------------------------------


@require_http_methods(["GET", "POST"])
@logged_in
def matter_step(request: SignedIn, pk: int, verb: str, item: str = "") -> HttpResponse:
    """The form of a step, or the step itself; a refusal shows the form again with what was typed, and where the matter stands."""
    shown = page(pk, by=request.user)
    if request.method == "GET":
        made = step(shown, verb, item, request.user)
        return _form(request, shown, filled(made, shown, request.user, {}, []))
    try:
        made = step(shown, verb, item, request.user)
    except NotFound as refusal:  # somebody took it away while the form was open: what was typed is shown below
        return _gone(request, shown, refusal)
    try:
        version = _version(request.POST)
        _keep_files(request, shown, made)
        made.run(request.POST, version)
    except (Invalid, Conflict, NotPermitted) as refusal:
        problems = refusal.problems if isinstance(refusal, Invalid) else []
        shown = page(pk, by=request.user)
        again = filled(made, shown, request.user, request.POST.dict(), problems)
        return _form(request, shown, again, refusal=refusal)
    messages.success(request, str(made.done))
    return HttpResponseRedirect(f"{reverse('record', args=[shown.record.pk])}#matter")


def _version(sent: QueryDict) -> int:
    text = sent.get("version", "")
    version = number(text)
    if version is None:
        raise Invalid([Problem("version", text[:40], NO_VERSION)])
    return version


def _keep_files(request: SignedIn, shown: Page, made: Step) -> None:
    """Attach what was sent with the form first, as entries of their own: a step that is refused loses no file."""
    if not made.files:
        return
    for sent in request.FILES.getlist("files"):
        try:
            attach(shown.record, cast(BinaryIO, sent), sent.name or "file", by=request.user)
        except Conflict:  # the record has this very file already
            continue
        except (Invalid, NotPermitted):
            raise
        except Refusal as refusal:
            raise Invalid([Problem("files", sent.name, refusal.says)]) from refusal


def _form(request: SignedIn, shown: Page, made: Step, *, refusal: Refusal | None = None) -> HttpResponse:
    matter, sent = shown.matter, request.POST
    late = isinstance(refusal, Conflict)
    context = {
        "here": shown.record.register,
        "page": shown,
        "matter": matter,
        "record": shown.record,
        "name": called(request.user, [shown.record])[shown.record.pk],
        "step": made,
        "refusal": refusal,
        "late": late,
        "later": _later(request.user, shown, sent.get("version", "")) if late else [],
        "problems": _named(made, refusal) if isinstance(refusal, Invalid) else [],
        "effects": effects(shown, made.verb, made.item),
        "left": _left(shown),
        "files_there": shown.record.attachments.filter(removed_at=None).count() if made.files or any(made.files_wanted) else 0,
    }
    return render(request, "matters/step.html", context, status=status_of(refusal) if refusal else 200)


def _left(shown: Page) -> Remaining:
    matter = shown.matter
    if matter.state == "closed":
        return Remaining(Text("", ""))
    return remaining(matter.due_at, now(), suspended=matter.state == "suspended")


def _later(account: Account, shown: Page, version: str) -> list[Happening]:
    """What happened to the matter after the form was opened."""
    since = number(version) or 0
    entries = Entry.objects.of(shown.record.chain).filter(verb__startswith="matter.", body__matter__version__gt=since)
    return history(account, entries)


def _named(made: Step, refusal: Invalid) -> list[tuple[str, str, str]]:
    """The summary above the form: the control's id, its title, what is wrong with it."""
    titles = {a.name: (f"ask-{a.name}", str(a.title)) for a in made.asks}
    titles |= {c.field.name: (f"field-{c.field.name}", str(c.field.title)) for c in made.fields}
    titles |= (
        {"files": ("files", str(Text("文件", "Files"))), "photos": ("files", str(Text("照片", "Photos")))} if made.files else {}
    )
    return [(*titles.get(p.where, ("", "")), str(p.says)) for p in refusal.problems]


def _gone(request: SignedIn, shown: Page, refusal: NotFound) -> HttpResponse:
    titles = {n: str(title) for n, title in ASKED.items()} | {
        f.name: title_of(f) for f in catalogue().register(shown.record.register).fields
    }
    given = {name: request.POST.get(name, "") for name in request.POST if name in titles}
    typed = [(titles[name], value) for name, value in given.items() if value.strip()]
    context = {
        "here": shown.record.register, "page": shown, "matter": shown.matter, "record": shown.record,
        "name": called(request.user, [shown.record])[shown.record.pk], "refusal": refusal, "typed": typed,
        "left": _left(shown), "later": _later(request.user, shown, request.POST.get("version", "")),
    }  # fmt: skip
    return render(request, "matters/gone.html", context, status=409)


# --- invitations ---------------------------------------------------------------------------------------------------


@require_http_methods(["GET", "POST"])
@logged_in
def invitation_answer(request: SignedIn, pk: int) -> HttpResponse:
    """What another unit asks, and the answer. The invited unit reads what it was asked, also where it may not see the record."""
    asked = invitation_for(request.user, pk)
    if asked is None:
        raise NotFound(NO_INVITATION)
    problems: list[Problem] = []
    typed = request.POST.get("answer", "").replace("\r\n", "\n")
    if request.method == "POST":
        try:
            actions.answer_invitation(pk, answer=typed, by=request.user, decline=request.POST.get("answers") == "no")
        except Invalid as refusal:
            problems = refusal.problems
        else:
            messages.success(request, str(Text("已答复。", "Answered.")))
            return HttpResponseRedirect(reverse("matters"))
    sees = Record.objects.visible_to(request.user).filter(pk=asked.matter.record_id).exists()
    context = {
        "here": "matters", "asked": asked, "sees": sees, "answer": typed, "problems": problems,
        "process": process_of(asked.digest),  # type: ignore[attr-defined]  # annotated by invitation_for
    }  # fmt: skip
    return render(request, "matters/answer.html", context, status=422 if problems else 200)
