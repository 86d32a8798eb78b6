"""A register out as a sheet, with the filter that is in force."""

from __future__ import annotations

from typing import cast

from django.http import FileResponse
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_GET

from banjie.lib.errors import Invalid, Problem
from banjie.lib.text import Text, language
from banjie.people.verbs import Verb
from banjie.registers.catalogue import catalogue
from banjie.registers.exporting import Format, export
from banjie.registers.models import Record
from banjie.web.listing import PLACES, Asked
from banjie.web.permissions import SignedIn, permits

FORMATS = ("xlsx", "csv")
NO_FORMAT = Text("只能导出为 xlsx 或 csv", "must be xlsx or csv")


@require_GET
@permits(Verb.EXPORT)
def register_export(request: SignedIn, register: str) -> HttpResponseBase:
    """``?format=xlsx`` or ``csv``, with the parameters of the register page."""
    definition = catalogue().register(register)
    asked = Asked.of(definition, request.GET)
    wanted = request.GET.get("format") or "xlsx"
    if wanted not in FORMATS:
        raise Invalid([Problem("format", wanted, NO_FORMAT)], PLACES)
    rows = asked.rows(Record.objects.visible_to(request.user).of(register).live())
    made = export(register, rows, by=request.user, format=cast(Format, wanted), language=language(), asked=asked.parameters())
    response = FileResponse(made.file, as_attachment=True, filename=made.name, content_type=made.media_type)
    response["Cache-Control"] = "private, no-store"
    return response
