"""Finding a record in any register that one may see."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from banjie.registers.models import Record
from banjie.web.frame import registers_for
from banjie.web.naming import called
from banjie.web.permissions import SignedIn, logged_in

SHOWN = 10


@require_GET
@logged_in
def search(request: SignedIn) -> HttpResponse:
    """The ten newest finds of each register."""
    wanted = request.GET.get("q", "").strip()
    found = []
    for register in registers_for(request.user) if wanted else []:
        rows = Record.objects.visible_to(request.user).of(register.name).live().searching(wanted)
        records = list(rows.select_related("area").order_by("-updated_at", "-id")[: SHOWN + 1])
        if records:
            names = called(request.user, records)
            found.append((register, [(r, names[r.pk]) for r in records[:SHOWN]], len(records) > SHOWN))
    return render(request, "registers/search.html", {"everywhere": wanted, "found": found})
