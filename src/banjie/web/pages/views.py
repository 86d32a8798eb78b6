"""Saved views of a register: kept from the filter that is in force, and forgotten again."""

from __future__ import annotations

from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from banjie.lib.text import Text
from banjie.people.verbs import Verb
from banjie.registers.catalogue import catalogue
from banjie.registers.views import delete_view, save_view
from banjie.web.listing import Asked
from banjie.web.permissions import SignedIn, logged_in, permits


@require_POST
@permits(Verb.VIEW)
def view_save(request: SignedIn, register: str) -> HttpResponse:
    """Keep the filter sent as ``query`` (an address's parameters) under a name."""
    asked = Asked.of(catalogue().register(register), QueryDict(request.POST.get("query", "")))
    kept = save_view(register, request.POST.get("name", ""), asked.as_view(), by=request.user, shared="shared" in request.POST)
    messages.success(request, str(Text("已存为视图“{name}”。", "Kept as the view {name}.").format(name=kept.name)))
    return HttpResponseRedirect(f"{reverse('register', args=[register])}?{urlencode(asked.parameters())}")


@require_POST
@logged_in
def view_forget(request: SignedIn, pk: int) -> HttpResponse:
    """Forget one of one's own views."""
    delete_view(pk, by=request.user)
    back = request.POST.get("register", "")
    return redirect("register", register=back) if back in catalogue().registers else redirect("registers")
