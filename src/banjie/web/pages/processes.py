"""Processes: how a kind of matter runs, drawn and in words; opening a matter; moving open ones to another version."""

from __future__ import annotations

from collections.abc import Mapping
from typing import BinaryIO, cast

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.safestring import mark_safe
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from banjie.figures.catalogue import figures
from banjie.figures.definition import Figure
from banjie.lib.errors import Conflict, Invalid, NotPermitted, Problem, Refusal
from banjie.lib.ids import number
from banjie.lib.text import Text
from banjie.matters.actions import migrate_matters, open_matter, undo_migration
from banjie.matters.bpmn import bpmn
from banjie.matters.drawing import in_words, svg
from banjie.people.models import Account
from banjie.people.scopes import ALL_REGISTERS, scope_of
from banjie.people.verbs import Verb
from banjie.registers.attachments import attach
from banjie.registers.catalogue import catalogue
from banjie.registers.definition import Register
from banjie.registers.models import Record
from banjie.web.display import title_of
from banjie.web.forms import controls, typed_values
from banjie.web.matter_processes import lines, migrations, owner_titles, preview, process_for, versions
from banjie.web.matter_words import terms_of
from banjie.web.pages.errors import status_of
from banjie.web.pages.figures import may_ask
from banjie.web.pages.matters import processes_seen
from banjie.web.permissions import SignedIn, logged_in, permits

FILES_AGAIN = Text("文件须重新选择：浏览器不保留已选的文件", "choose the files again: browsers do not keep them")


@require_GET
@logged_in
def processes(request: SignedIn) -> HttpResponse:
    """The processes in force whose matters the reader may see."""
    known = catalogue().registers
    found = [(p, known[p.of].title, terms_of(p)) for p in processes_seen(request.user) if p.of in known]
    return render(request, "processes/list.html", {"here": "processes", "processes": found})


@require_GET
@logged_in
def process(request: SignedIn, name: str) -> HttpResponse:
    """One process: drawn, in words, as a table; its open matters counted."""
    found = process_for(request.user, name)
    register = catalogue().register(found.process.of)
    scope = scope_of(request.user)
    configures = scope.may(Verb.CONFIGURE, ALL_REGISTERS, None)
    context = {
        "here": "processes",
        "process": found.process,
        "version": found.version,
        "register": register,
        "drawing": mark_safe(svg(found.process, owner_titles(found.process, register))),  # svg escapes every text
        "words": in_words(found.process),
        "lines": lines(request.user, found.process, register),
        "terms": terms_of(found.process),
        "figures": figures_of(request.user, name),
        "may_open": register.name in scope.registers(Verb.CREATE),
        "configures": configures,
        "versions": versions(name) if configures else [],
        "migrations": migrations(name) if configures else [],
    }
    return render(request, "processes/process.html", context)


def figures_of(account: Account, process: str) -> list[Figure]:
    """The figures that every process has, as far as the account may ask for them."""
    plans = figures().plans
    return [p.figure for n, p in plans.items() if n.startswith(f"{process}.") and may_ask(account, p)]


@require_GET
@logged_in
def process_bpmn(request: SignedIn, name: str) -> HttpResponse:
    """The process as BPMN 2.0 XML, to open in another tool."""
    found = process_for(request.user, name)
    titles = owner_titles(found.process, catalogue().register(found.process.of))
    response = HttpResponse(bpmn(found.process, titles), content_type="application/xml; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}-{found.version.number}.bpmn"'
    return response


# --- opening -----------------------------------------------------------------------------------------------------


@require_http_methods(["GET", "POST"])
@logged_in
def process_open(request: SignedIn, name: str) -> HttpResponse:
    """The form of a new matter with its documents; then the matter, or the form again with what was typed."""
    found = process_for(request.user, name)
    register = catalogue().register(found.process.of)
    _require_create(request.user, register)
    if request.method == "GET":
        return _open_form(request, name, register, {f.name: request.GET.get(f.name, "") for f in register.stated})
    try:
        record = _open(request, name, register)
    except (Invalid, Conflict, NotPermitted) as refusal:
        problems = refusal.problems if isinstance(refusal, Invalid) else [Problem(register.key[0], None, refusal.says)]
        return _open_form(request, name, register, request.POST, problems, status=status_of(refusal))
    messages.success(request, str(Text("已受理：{label}", "Taken in: {label}").format(label=record.label)))
    return HttpResponseRedirect(f"{reverse('record', args=[record.pk])}#matter")


def _require_create(account: Account, register: Register) -> None:
    if register.name not in scope_of(account).registers(Verb.CREATE):
        scope_of(account).require(Verb.CREATE, register.name, None)


def _open(request: SignedIn, name: str, register: Register) -> Record:
    """The matter with all its files, or nothing."""
    with transaction.atomic():
        typed = typed_values(register, request.POST)
        matter = open_matter(name, typed, by=request.user, why=request.POST.get("why", "").strip()[:500])
        for sent in request.FILES.getlist("files"):
            try:
                attach(matter.record, cast(BinaryIO, sent), sent.name or "file", by=request.user)
            except Conflict:  # the same file chosen twice
                continue
            except (Invalid, NotPermitted):
                raise
            except Refusal as refusal:
                raise Invalid([Problem("files", sent.name, refusal.says)]) from refusal
    return matter.record


def _open_form(
    request: SignedIn, name: str, register: Register, values: Mapping[str, str], problems: list[Problem] | None = None,
    *, status: int = 200,
) -> HttpResponse:  # fmt: skip
    found = process_for(request.user, name)
    problems = list(problems or [])
    if problems and request.FILES and not any(p.where == "files" for p in problems):
        problems.append(Problem("files", None, FILES_AGAIN))
    titles = {f.name: (f"field-{f.name}", title_of(f)) for f in register.fields}
    titles["files"] = ("files", str(Text("文件", "Files")))
    first = found.process.stages[found.process.starts]
    context = {
        "here": "processes",
        "process": found.process,
        "register": register,
        "first": first,
        "first_terms": terms_of(first),
        "controls": controls(request.user, register, values, verb=Verb.CREATE, problems=problems),
        "problems": [(*titles.get(p.where, ("", "")), str(p.says)) for p in problems],
        "files_problem": [str(p.says) for p in problems if p.where == "files"],
        "why": request.POST.get("why", ""),
        "may_attach": register.name in scope_of(request.user).registers(Verb.UPDATE),
    }
    return render(request, "processes/open.html", context, status=status)


# --- moving open matters to another version -----------------------------------------------------------------------


@require_http_methods(["GET", "POST"])
@permits(Verb.CONFIGURE, everywhere=True)
def process_migrate(request: SignedIn, name: str) -> HttpResponse:
    """The list of what would move, stage by stage; then the move, all or none."""
    found = process_for(request.user, name)
    sent = request.POST if request.method == "POST" else request.GET
    wanted = number(sent.get("to", ""))
    to = found.version.number if wanted is None else wanted
    mapping = {n.removeprefix("stage."): sent.get(n, "") for n in sent if n.startswith("stage.") and sent.get(n)}
    problems: list[Problem] = []
    if request.method == "POST":
        try:
            why = _reason(request)
            moved = migrate_matters(name, to, mapping=mapping, by=request.user, why=why)
        except Invalid as refusal:
            problems = refusal.problems
        else:
            says = Text("已迁移 {n} 件到第 {to} 版，可以撤销。", "{n} matters moved to version {to}; it can be undone.")
            messages.success(request, str(says.format(n=len(moved.moved), to=to)))
            return redirect("process", name=name)
    context = {
        "here": "processes", "process": found.process, "preview": preview(name, to, mapping), "versions": versions(name),
        "problems": problems, "why": sent.get("why", ""),
    }  # fmt: skip
    return render(request, "processes/migrate.html", context, status=422 if problems else 200)


@require_POST
@permits(Verb.CONFIGURE, everywhere=True)
def migration_undo(request: SignedIn, pk: int) -> HttpResponse:
    """Put everything back that a migration moved."""
    run = undo_migration(pk, by=request.user, why=_reason(request))
    says = Text("已撤销，{n} 件退回原版本。", "Undone: {n} matters are back under their old version.")
    messages.success(request, str(says.format(n=len(run.moved))))
    return redirect("process", name=run.process)


def _reason(request: SignedIn) -> str:
    why = request.POST.get("why", "").strip()
    if not why:
        raise Invalid([Problem("why", "", Text("请写明原因", "say why"))])
    return why[:500]
