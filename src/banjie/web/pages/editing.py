"""Making and changing a record, and settling the difference when two people saved at once.

The form carries what each field held when it was opened (``was.<field>``), so only what the person really changed is sent
on, and two people who change different fields of one record never get in each other's way.
"""

from __future__ import annotations

from collections.abc import Mapping

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from banjie.ledger.models import Entry
from banjie.lib.characters import seen
from banjie.lib.errors import Conflict, Invalid, NotFound, Problem
from banjie.lib.text import Text
from banjie.matters.catalogue import processes_of
from banjie.people.scopes import scope_of
from banjie.people.verbs import Verb
from banjie.registers.actions import create, update
from banjie.registers.catalogue import catalogue
from banjie.registers.definition import Register
from banjie.registers.models import Record
from banjie.web.differences import differences
from banjie.web.display import title_of
from banjie.web.forms import controls, shown_values, typed_values, unmasked
from banjie.web.history import history
from banjie.web.pages.errors import status_of
from banjie.web.pages.records import version_in, visible_record
from banjie.web.permissions import SignedIn, logged_in, permits


@require_http_methods(["GET", "POST"])
@permits(Verb.CREATE)
def record_new(request: SignedIn, register: str) -> HttpResponse:
    """An empty form, filled from the address where it names fields; then the record it makes."""
    definition = catalogue().register(register)
    runs = processes_of(register)
    if request.method == "GET" and len(runs) == 1:  # its records run through a process: one is made by opening a matter
        return redirect(f"{reverse('process-open', args=[runs[0].process.name])}?{request.GET.urlencode()}".rstrip("?"))
    if request.method == "GET":
        return _new_form(request, definition, {f.name: request.GET.get(f.name, "") for f in definition.stated})
    try:
        made = create(
            register, typed_values(definition, request.POST), by=request.user, why=seen(request.POST.get("why", "")).strip()
        )
    except Invalid as refusal:
        return _new_form(request, definition, request.POST, refusal.problems, status=422)
    except Conflict as refusal:
        there = (
            Record.objects.visible_to(request.user)
            .of(register)
            .filter(key="/".join(str(v) for v in refusal.yours.values()))
            .first()
        )
        problems = [Problem(definition.key[0], None, refusal.says)]
        return _new_form(request, definition, request.POST, problems, status=409, there=there)
    messages.success(request, str(Text("已登记：{label}", "Entered: {label}").format(label=made.label)))
    return redirect("record", pk=made.pk)


def _new_form(
    request: SignedIn,
    register: Register,
    values: Mapping[str, str],
    problems: list[Problem] | None = None,
    *,
    status: int = 200,
    there: Record | None = None,
) -> HttpResponse:
    context = {
        "here": register.name,
        "register": register,
        "controls": controls(request.user, register, values, verb=Verb.CREATE, problems=problems or []),
        "problems": _named(register, problems or []),
        "there": there,
    }
    return render(request, "records/form.html", context, status=status)


@require_http_methods(["GET", "POST"])
@logged_in
def record_edit(request: SignedIn, pk: int) -> HttpResponse:
    """The form of a record, and what becomes of it when saved: the record, the form again, or the difference to settle."""
    found = visible_record(request.user, pk)
    register = catalogue().register(found.register)
    scope_of(request.user).require(Verb.UPDATE, found.register, found.area_id)
    if request.method == "GET":
        return _edit_form(request, register, found, shown_values(register, found.data))
    changes = changes_in(register, request.POST)
    try:
        update(
            found,
            changes,
            version=version_in(request.POST.get("version", "")),
            by=request.user,
            why=seen(request.POST.get("why", "")).strip(),
        )
    except Invalid as refusal:
        return _edit_form(
            request, register, found, _as_sent(register, found, request.POST), refusal.problems, status=422, sent=request.POST
        )
    except Conflict as refusal:
        return _difference(request, register, visible_record(request.user, pk), refusal, changes)
    except NotFound:
        says = Text(
            "记录在您填写时已被删除；您填的内容仍在下面",
            "the record was removed while you were typing; what you typed is still below",
        )
        problems = [Problem("", None, says)]
        return _edit_form(
            request, register, found, _as_sent(register, found, request.POST), problems, status=409, sent=request.POST
        )
    messages.success(request, str(Text("已保存。", "Saved.")))
    return redirect("record", pk=pk)


def changes_in(register: Register, sent: QueryDict) -> dict[str, str]:
    """The fields whose text differs from when the form was opened, but for those where the other side's value was chosen."""
    typed = unmasked(register, typed_values(register, sent))
    return {
        n: v
        for n, v in typed.items()
        if sent.get(f"pick.{n}") != "theirs" and _plain(sent.get(n, "")) != _plain(sent.get(f"was.{n}", ""))
    }


def _plain(text: str) -> str:
    """Browsers send the line ends of a text area as CR LF."""
    return text.replace("\r\n", "\n").strip()


def _as_sent(register: Register, found: Record, sent: QueryDict) -> dict[str, str]:
    return shown_values(register, found.data) | {f.name: sent.get(f.name, "") for f in register.stated if f.name in sent}


def _edit_form(
    request: SignedIn, register: Register, found: Record, values: Mapping[str, str], problems: list[Problem] | None = None,
    *, status: int = 200, sent: QueryDict | None = None,
) -> HttpResponse:  # fmt: skip
    reveal = scope_of(request.user).may(Verb.PERSONAL, found.register, found.area_id)
    original = shown_values(register, found.data)
    held = {n: (sent.get(f"was.{n}", "") if sent else original[n]) for n in original if reveal or n not in register.personal}
    context = {
        "here": found.register,
        "register": register,
        "record": found,
        "version": sent.get("version", found.version) if sent else found.version,
        "controls": controls(
            request.user, register, values, verb=Verb.UPDATE, problems=problems or [], record=found, reveal=reveal
        ),
        "was": held,
        "why": sent.get("why", "") if sent else "",
        "problems": _named(register, problems or []),
    }
    return render(request, "records/form.html", context, status=status)


def _difference(
    request: SignedIn, register: Register, found: Record, refusal: Conflict, changes: Mapping[str, str]
) -> HttpResponse:
    """Field by field: theirs or yours. What only one side changed is kept and listed."""
    found_differences = differences(request.user, register, found.area_id, refusal.theirs, changes, request.POST)
    seen_at = version_in(request.POST.get("version", ""))
    later = Entry.objects.of(found.chain).filter(body__version__gt=seen_at)
    context = {
        "here": found.register,
        "register": register,
        "record": found,
        "refusal": refusal,
        "differences": [d for d in found_differences if d.both],
        "kept": [d for d in found_differences if not d.both],
        "later": history(request.user, later),
        "why": request.POST.get("why", ""),
    }
    return render(request, "records/conflict.html", context, status=status_of(refusal))


def _named(register: Register, problems: list[Problem]) -> list[tuple[str, str, str]]:
    """The summary above the form: field, its title, what is wrong."""
    titles = {f.name: title_of(f) for f in register.fields}
    return [(p.where, titles.get(p.where, ""), str(p.says)) for p in problems]
