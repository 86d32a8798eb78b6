"""A register out as a sheet, with the filter that is in force."""

from __future__ import annotations

from django.http import FileResponse
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_GET

from banjie.lib.text import language
from banjie.people.verbs import Verb
from banjie.registers.catalogue import catalogue
from banjie.registers.exporting import Format, export
from banjie.registers.models import Record
from banjie.web.listing import Asked
from banjie.web.permissions import SignedIn, permits


@require_GET
@permits(Verb.EXPORT)
def register_export(request: SignedIn, register: str) -> HttpResponseBase:
    """``?format=xlsx`` or ``csv``, with the parameters of the register page."""
    definition = catalogue().register(register)
    asked = Asked.of(definition, request.GET)
    wanted: Format = "csv" if request.GET.get("format") == "csv" else "xlsx"
    rows = asked.rows(Record.objects.visible_to(request.user).of(register).live())
    made = export(register, rows, by=request.user, format=wanted, language=language(), asked=asked.parameters())
    response = FileResponse(made.file, as_attachment=True, filename=made.name, content_type=made.media_type)
    response["Cache-Control"] = "private, no-store"
    return response
