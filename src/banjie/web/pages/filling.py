"""Filling forms: bring a blank one in, see what each cell asks for, settle what is open once, download it filled."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from django.contrib import messages
from django.db.models import Count, Max
from django.http import FileResponse, HttpRequest, HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from banjie.bulletins.forms.actions import Answered, confirm_form, content_of, fill, forget_form, form_for, keep_form, look
from banjie.bulletins.forms.counting import FIGURES
from banjie.bulletins.forms.lists import Choice, ListMatch
from banjie.bulletins.forms.matched import Matched
from banjie.bulletins.forms.meanings import Match
from banjie.bulletins.models.forms import FormMapping
from banjie.figures.answers import Answer, many
from banjie.figures.asking import Request
from banjie.figures.catalogue import figures
from banjie.figures.places import Places
from banjie.figures.plan import Plan
from banjie.lib.clock import today
from banjie.lib.errors import Refusal
from banjie.lib.periods import Period
from banjie.lib.text import Text
from banjie.people.models import Account
from banjie.people.scopes import scope_of
from banjie.people.verbs import Verb
from banjie.registers.models import SavedView
from banjie.registers.paging import Order
from banjie.registers.views import filters_of, order_of, views_for
from banjie.web.areas import areas_of_figures
from banjie.web.asking import Question, answer_link, periods_offered
from banjie.web.form_sheets import UNITS, lines, previews
from banjie.web.pages.errors import status_of
from banjie.web.pages.figures import may_ask
from banjie.web.permissions import SignedIn, permits

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CHOOSE = Text("请选择一个 .xlsx 空白表。", "Choose a blank .xlsx form.")
KEPT = Text("已确认，下次同一张表来时直接沿用。", "Confirmed: when the same form comes again it is filled this way.")
AWAY = Text("已移除这张表。", "The form was put away.")
KEEP_ORDER = "="  # the order of the view


@require_http_methods(["GET", "POST"])
@permits(Verb.VIEW)
def forms(request: SignedIn) -> HttpResponse:
    """The forms that the office keeps; sending a file brings one in."""
    if request.method == "GET":
        return _list(request)
    sent = request.FILES.get("file")
    if sent is None:
        return _list(request, CHOOSE)
    try:
        kept = keep_form(sent.read(), name=sent.name or "", by=request.user)
    except Refusal as refusal:
        return _list(request, refusal.says, max(status_of(refusal), 422))
    return redirect("form", pk=kept.pk)


def _list(request: SignedIn, problem: Text | None = None, status: int = 422) -> HttpResponse:
    mine = FormMapping.objects.visible_to(request.user).kept().annotate(times=Count("fillings"), last=Max("fillings__filled_at"))
    context = {
        "here": "forms",
        "forms": mine.select_related("organisation").order_by("-last", "-received_at", "-id")[:200],
        "saved": _saved(request.user),
        "problem": problem,
    }
    return render(request, "forms/list.html", context, status=status if problem else 200)


def _saved(account: Account) -> list[tuple[Answer, str]]:
    """What filling forms has saved, as far as the account may ask for it."""
    plans = figures().plans
    names = [f.name for f in FIGURES if f.name in plans and may_ask(account, plans[f.name])]
    return [(a, answer_link(a)) for a in many([Request(name) for name in names], account)] if names else []


@dataclass(frozen=True)
class Wanted:
    """For what a form is to be filled, as the address says: empty means one's own area, the period of its title, now."""

    area: str = ""
    period: str = ""
    as_of: str = ""

    @classmethod
    def of(cls, query: QueryDict) -> Wanted:
        return cls(*(query.get(name, "").strip() for name in ("area", "period", "as_of")))

    @property
    def days(self) -> Period | None:
        """Raises Refusal."""
        return Period.parse(self.period) if self.period else None

    def address(self, pk: int) -> str:
        given = {k: v for k, v in vars(self).items() if v}
        return reverse("form", args=[pk]) + (f"?{urlencode(given)}" if given else "")


@require_GET
@permits(Verb.VIEW)
def form(request: SignedIn, pk: int) -> HttpResponse:
    """One form: its sheets with what each blank cell asks for and why, and the headings that are open."""
    return _page(request, form_for(pk, by=request.user), Wanted.of(request.GET))


def _page(request: SignedIn, mapping: FormMapping, wanted: Wanted, problem: Refusal | None = None) -> HttpResponse:
    try:
        days, said = wanted.days, problem
    except Refusal as refusal:
        days, said = None, refusal
    matched, area = look(mapping, by=request.user, area=wanted.area or None, period=days)
    places = Places.read()
    found = lines(matched, places)
    period = str(matched.scope.period) if matched.scope.period else ""
    context = {
        "here": "forms",
        "form": mapping,
        "matched": matched,
        "area": area,
        "wanted": wanted,
        "period": wanted.period or period,
        "periods": periods_offered(period or str(today().year)),
        "areas": areas_of_figures(request.user, _viewed(request.user, matched)),
        "previews": previews(matched, places),
        "open": [line for line in found if line.open],
        "settled": [line for line in found if not line.open],
        "fills": sum(a.standing.fills for a in matched.asked) + _listing(matched),
        "lists": [_list_choices(request.user, each, matched) for each in matched.lists],
        "figures": sorted((str(f.title), f.name) for f in matched.words.figures.values()),
        "units": UNITS,
        "problem": said.says if said else None,
    }
    return render(request, "forms/form.html", context, status=max(status_of(said), 422) if said else 200)


def _viewed(account: Account, matched: Matched) -> list[Plan]:
    """The figures that the account may open, not only count."""
    scope, plans = scope_of(account), figures().plans
    known = [plans[name] for name in matched.words.figures]
    return [p for p in known if all(scope.areas(Verb.VIEW, register) for register in p.registers)]


def _listing(matched: Matched) -> int:
    return sum(each.standing.fills for each in matched.lists)


def _list_choices(account: Account, found: ListMatch, matched: Matched) -> dict[str, object]:
    """What may be chosen for a list: the register, a saved view of it, the order."""
    register = matched.words.registers.get(found.choice.register)
    views = views_for(account, register.name) if register else SavedView.objects.none()
    return {
        "found": found,
        "register": register,
        "registers": sorted((str(r.title), r.name) for r in matched.words.registers.values()),
        "views": views,
        "filters": [(register.field(f.field).title, f.value) for f in found.choice.filters] if register else [],
        "fields": [f for f in register.fields if not f.personal] if register else [],
    }


@require_POST
@permits(Verb.VIEW)
def form_confirm(request: SignedIn, pk: int) -> HttpResponse:
    """Settle the headings as sent; they are kept for the next time the form comes."""
    mapping, wanted = form_for(pk, by=request.user), Wanted.of(request.POST)
    matched, _ = look(mapping, by=request.user, area=wanted.area or None, period=wanted.days)
    said = {key: _answer(request.POST, match) for key, match in matched.matches.items()}
    answers = {key: answered for key, answered in said.items() if answered is not None}
    lists = {each.key: _choice(request, each) for each in matched.lists if f"l:{each.key}" in request.POST}
    turn = request.POST.get("turn", "")
    try:
        confirm_form(
            mapping, matched, answers, lists=lists, turn=int(turn) if turn.isascii() and turn.isdigit() and len(turn) < 9 else -1,
            by=request.user,
        )  # fmt: skip
    except Refusal as refusal:
        return _page(request, mapping, wanted, refusal)
    messages.success(request, str(KEPT))
    return redirect(wanted.address(pk))


def _answer(sent: QueryDict, match: Match) -> Answered | None:
    """What was chosen for a heading; None where nothing was."""
    meant, unit = sent.get(f"h:{match.key}", ""), sent.get(f"u:{match.key}", "")
    if meant == "-":
        return Answered(nothing=True)
    if not meant and unit in {"", match.meaning.unit}:
        return None
    kind, _, name = meant.partition(":")
    return Answered(figure=name if kind == "figure" else "", field=name if kind == "field" else "", unit=unit)


def _choice(request: SignedIn, found: ListMatch) -> Choice:
    sent = request.POST
    register, view, order = (sent.get(f"{kind}:{found.key}", "") for kind in ("l", "v", "o"))
    chosen = found.choice if register == found.choice.register else Choice(register, yearly=True)
    if view == "-":
        chosen = replace(chosen, filters=(), yearly=False)
    elif view.isascii() and view.isdigit() and len(view) < 10:
        kept = views_for(request.user, register).filter(pk=int(view)).first()
        if kept is not None:
            chosen = Choice(register, tuple(filters_of(kept)), order_of(kept))
    if order not in {"", KEEP_ORDER}:
        chosen = replace(chosen, order=Order(order.removeprefix("-"), order.startswith("-")))
    return chosen


@require_POST
@permits(Verb.VIEW)
def form_fill(request: SignedIn, pk: int) -> HttpResponseBase:
    """The form filled, as a download."""
    mapping, wanted = form_for(pk, by=request.user), Wanted.of(request.POST)
    try:
        made = fill(
            content_of(mapping), by=request.user, link=_links(request), area=wanted.area or None, period=wanted.days,
            as_of=Question(as_of=wanted.as_of).moment, mapping=mapping,
        )  # fmt: skip
    except Refusal as refusal:
        return _page(request, mapping, wanted, refusal)
    stem = mapping.name.removesuffix(".xlsx") or mapping.title
    name = Text("{stem}（已填）.xlsx", "{stem} (filled).xlsx").format(stem=stem)
    response = FileResponse(io.BytesIO(made.content), as_attachment=True, filename=str(name), content_type=XLSX)
    response["Cache-Control"] = "private, no-store"
    return response


def _links(request: HttpRequest) -> Callable[[str], str]:
    """Whole addresses of pages of this site."""
    root = request.build_absolute_uri("/")
    return lambda address: f"{root}{address}"


@require_POST
@permits(Verb.VIEW)
def form_forget(request: SignedIn, pk: int) -> HttpResponse:
    """Put a form away."""
    forget_form(form_for(pk, by=request.user), by=request.user)
    messages.success(request, str(AWAY))
    return redirect("forms")
