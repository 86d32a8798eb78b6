"""Files of a record: added, taken off, handed out. Who may see the record may have its files, and nobody else."""

from __future__ import annotations

from typing import BinaryIO, cast

from django.contrib import messages
from django.http import FileResponse, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.views.decorators.http import require_GET, require_POST

from banjie.lib.errors import NotFound, NotPermitted, Refusal
from banjie.lib.text import Text
from banjie.registers.attachments import attach, detach, readable, shown_inline
from banjie.registers.files import intact
from banjie.web.pages.errors import status_of
from banjie.web.pages.records import record_page, visible_record
from banjie.web.permissions import SignedIn, logged_in

CHOOSE = Text("请选择文件。", "Choose a file.")
# A file is not a page of ours: whatever it holds, it runs and loads nothing.
SEALED = "default-src 'none'; style-src 'none'; sandbox"


@require_POST
@logged_in
def file_add(request: SignedIn, pk: int) -> HttpResponse:
    """Attach the file sent. What is refused is said beside the control, on the record's own page."""
    found = visible_record(request.user, pk)
    sent = request.FILES.get("file")
    if sent is None or sent.name is None:
        return record_page(request, found, problem=CHOOSE, status=422)
    try:
        made = attach(found, cast(BinaryIO, sent), sent.name, by=request.user)
    except (NotPermitted, NotFound):
        raise
    except Refusal as refusal:
        says = Text("《{name}》没有添加：{says}", "{name} was not added: {says}").format(name=sent.name, says=refusal.says)
        return record_page(request, found, problem=says, status=max(status_of(refusal), 409))
    messages.success(request, str(Text("已添加《{name}》。", "{name} was added.").format(name=made.name)))
    return redirect("record", pk=pk)


@require_POST
@logged_in
def file_remove(request: SignedIn, pk: int) -> HttpResponse:
    """Take a file off its record."""
    found = detach(readable(pk, by=request.user), by=request.user)
    messages.success(request, str(Text("已移除《{name}》。", "{name} was taken away.").format(name=found.name)))
    return redirect("record", pk=found.record_id)


@require_GET
@logged_in
def file(request: SignedIn, pk: int) -> HttpResponseBase:
    """Always a download, but for pictures asked for with ``?show``; what it is was found by looking, not by its name. Content that
    is no longer what was attached is refused."""
    found = readable(pk, by=request.user)
    picture = shown_inline(found.file) and found.file.media_type.startswith("image/")
    response = FileResponse(
        intact(found.file),  # the response closes it
        as_attachment=not (picture and "show" in request.GET),
        filename=found.name,
        content_type=found.file.media_type,
    )
    response["Content-Security-Policy"] = SEALED
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    return response
