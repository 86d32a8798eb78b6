"""One record: its fields, rules, children, files and history."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from banjie.ledger.models import Entry
from banjie.lib.clock import today
from banjie.lib.errors import Invalid, NotFound, Problem
from banjie.lib.ids import number
from banjie.lib.text import Text
from banjie.people.models import Account, Duty, Role
from banjie.people.scopes import scope_of
from banjie.people.verbs import Verb
from banjie.registers.actions import remove, restore
from banjie.registers.attachments import attachments_of
from banjie.registers.catalogue import catalogue
from banjie.registers.checking import warnings
from banjie.registers.definition import Field, Register
from banjie.registers.models import Record
from banjie.web.display import NUMERIC, Reader
from banjie.web.history import history
from banjie.web.matter_panel import panel
from banjie.web.naming import called
from banjie.web.permissions import SignedIn, logged_in
from banjie.web.table import Table, table

CHILDREN_SHOWN = 24
ENTRIES_SHOWN = 200  # on one page of the history


def visible_record(account: Account, pk: int) -> Record:
    """The record, removed ones included. Raises NotFound, without telling hidden from missing."""
    found: Record | None = (
        Record.objects.visible_to(account).select_related("area", "parent").defer("search").filter(pk=pk).first()
    )
    if found is None:
        raise NotFound(Text("没有这条记录，或您无权查看。", "There is no such record, or you may not see it."))
    return found


@dataclass(frozen=True)
class Shown:
    """One field of the record. ``link``: where a number came from, or the record referred to."""

    field: Field
    text: str
    link: str
    empty: bool
    masked: bool


@dataclass(frozen=True)
class Children:
    register: Register
    table: Table
    number: int
    all: str
    new: str


@require_GET
@logged_in
def record(request: SignedIn, pk: int) -> HttpResponse:
    """The page of a record; ``?field=`` narrows its history to one field, ``?before=`` shows what came before that entry."""
    return record_page(request, visible_record(request.user, pk))


def record_page(request: SignedIn, found: Record, *, problem: Text | None = None, status: int = 200) -> HttpResponse:
    """``problem``: why a file was not taken, said beside the control."""
    register = catalogue().register(found.register)
    field = request.GET.get("field", "")
    entries, earlier = entries_of(found, request.GET.get("before", ""))
    kept = {"field": field} if field else {}
    context = {
        "here": found.register,
        "record": found,
        "name": called(request.user, [found])[found.pk],
        "register": register,
        "fields": shown_fields(request.user, register, found),
        "warnings": warnings(register, found.data),
        "children": children_of(request.user, found),
        "attachments": attachments_of(found),
        "history": history(request.user, entries, field=field),
        "earlier": f"?{urlencode({**kept, 'before': earlier})}#history" if earlier else "",
        "later": f"?{urlencode(kept)}#history" if request.GET.get("before") else "",
        "history_field": register.by_name.get(field),
        "parent": Record.objects.visible_to(request.user).filter(pk=found.parent_id).first() if found.parent_id else None,
        "duties": duties_for(found),
        "matter": panel(request.user, found),
        "may": permitted(request.user, found),
        "file_problem": problem,
    }
    return render(request, "records/record.html", context, status=status)


def entries_of(record: Record, before: str = "") -> tuple[list[Entry], int]:
    """A page of the record's entries, newest first, and where the next page begins (0: there is none)."""
    rows = Entry.objects.filter(chain=record.chain).order_by("-index")
    if (earlier := number(before)) is not None:
        rows = rows.filter(index__lt=earlier)
    found = list(rows[: ENTRIES_SHOWN + 1])
    more = len(found) > ENTRIES_SHOWN
    return found[:ENTRIES_SHOWN], found[ENTRIES_SHOWN - 1].index if more else 0


def permitted(account: Account, record: Record) -> dict[str, bool]:
    """Which buttons to show; the actions ask again."""
    scope = scope_of(account)
    return {
        verb.value: scope.may(verb, record.register, record.area_id)
        for verb in (Verb.UPDATE, Verb.REMOVE, Verb.PERSONAL, Verb.HANDLE)
    }


def shown_fields(account: Account, register: Register, record: Record) -> list[Shown]:
    reader = Reader.for_rows(account, register, [record.data])
    reveal = reader.may_reveal(register, record.area_id)
    found = []
    for f in register.fields:
        value = record.data.get(f.name)
        there = reader.reference(f, value)
        link = reverse("record", args=[there.id]) if there else ""
        if f.type in NUMERIC and value is not None and not f.personal:
            link = f"?field={f.name}#history"
        text = reader.text(register, f, value, area=record.area_id, unit=True)
        found.append(Shown(f, text, link, value in (None, ""), f.personal and not reveal and value is not None))
    return found


def children_of(account: Account, record: Record) -> list[Children]:
    """The newest children of each register below, newest key first."""
    scope, found = scope_of(account), []
    for register in catalogue().children_of(record.register):
        assert register.parent is not None  # children_of gives registers with a parent only
        if register.name not in scope.registers(Verb.VIEW):
            continue
        rows: QuerySet[Record] = Record.objects.visible_to(account).of(register.name).live().filter(parent=record)
        shown = table(
            account, register, list(rows.order_by("-key").defer("search")[:CHILDREN_SHOWN]), without=register.parent.field
        )
        new = f"{reverse('record-new', args=[register.name])}?{register.parent.field}={record.key}"
        may_add = register.name in scope.registers(Verb.CREATE) and record.removed_at is None
        everything = f"{reverse('register', args=[register.name])}?{register.parent.field}={record.key}"
        found.append(Children(register, shown, rows.count(), everything, new if may_add else ""))
    return found


def duties_for(record: Record) -> list[tuple[str, str]]:
    """Who is answerable for the record today: the duty's title, and the post with whoever holds it."""
    titles = {role.name: str(role.title) for role in Role.objects.all()}
    held = Duty.objects.on(today()).filter(register=record.register, key=record.key).select_related("post__organisation")
    found = []
    for duty in held.prefetch_related("post__appointments__account"):
        people = [
            str(a.account)
            for a in duty.post.appointments.all()
            if a.begins_on <= today() and (a.ends_on is None or a.ends_on > today())
        ]
        found.append((titles.get(duty.role, duty.role), " ".join([str(duty.post), *people])))
    return found


@require_POST
@logged_in
def record_remove(request: SignedIn, pk: int) -> HttpResponse:
    """Take the record out of the register."""
    found = visible_record(request.user, pk)
    remove(found, version=_version(request), by=request.user, why=request.POST.get("why", "").strip())
    says = Text("已删除“{label}”。历史仍在。", "Removed {label}. Its history stays.").format(label=found.label)
    messages.success(request, str(says), extra_tags=f"undo:{pk}:{found.version + 1}")
    above = Record.objects.visible_to(request.user).live().filter(pk=found.parent_id).exists() if found.parent_id else False
    return redirect("record", pk=found.parent_id) if above else redirect("register", register=found.register)


@require_POST
@logged_in
def record_restore(request: SignedIn, pk: int) -> HttpResponse:
    """Put a removed record back."""
    found = visible_record(request.user, pk)
    restore(found, version=_version(request), by=request.user, why=request.POST.get("why", "").strip())
    messages.success(request, str(Text("已恢复。", "Restored.")))
    return redirect("record", pk=pk)


def _version(request: SignedIn) -> int:
    return version_in(request.POST.get("version", ""))


def version_in(text: str) -> int:
    """The version a form was made from. Raises Invalid."""
    version = number(text)
    if version is None:
        says = Text("缺少版本号，请重新打开记录", "the version is missing: open the record again")
        raise Invalid([Problem("version", text[:40], says)])
    return version
