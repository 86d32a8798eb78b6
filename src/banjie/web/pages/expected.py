"""Letting an expected item go: a supervisor's decision, with its reason."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from banjie.lib.errors import Invalid, NotFound
from banjie.lib.text import Text
from banjie.matters.actions import waive_expected
from banjie.matters.models import Expected
from banjie.matters.obligations.definition import Obligation
from banjie.people.scopes import scope_of
from banjie.people.verbs import Verb
from banjie.web.permissions import SignedIn, logged_in

NO_ITEM = Text("没有这项应报事项", "there is no such expected item")


@require_http_methods(["GET", "POST"])
@logged_in
def expected_waive(request: SignedIn, pk: int) -> HttpResponse:
    """The form; then the item is nobody's any more."""
    rows = Expected.objects.visible_to(request.user).select_related("record", "definition")
    item = rows.filter(pk=pk).first()
    if item is None:
        raise NotFound(NO_ITEM)
    obligation = Obligation.load(item.definition.mapping)
    scope_of(request.user).require(Verb.SUPERVISE, obligation.register_name, item.record.area_id)
    problems: list[str] = []
    why = request.POST.get("why", "").replace("\r\n", "\n").strip()
    if request.method == "POST":
        try:
            waive_expected(item, by=request.user, why=why)
        except Invalid as refusal:
            problems = [str(p.says) for p in refusal.problems]
        else:
            messages.success(request, str(Text("已同意免报。", "Waived.")))
            return HttpResponseRedirect(reverse("matters"))
    context = {"here": "matters", "item": item, "obligation": obligation, "problems": problems, "why": why}
    return render(request, "matters/waive.html", context, status=422 if problems else 200)
