"""Importing a sheet: choose it, see what it would do, write it. The page watches the run; the worker does the work."""

from __future__ import annotations

import io
from typing import BinaryIO, cast

from django.conf import settings
from django.http import FileResponse, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from banjie.lib.errors import Refusal
from banjie.lib.text import Text, language
from banjie.people.verbs import Verb
from banjie.registers.catalogue import catalogue
from banjie.registers.import_runs import ask_import, import_for_real, run_of, runs_of, watch, write_problems, written_by
from banjie.registers.models import ImportRun
from banjie.web.pages.errors import status_of
from banjie.web.permissions import SignedIn, logged_in, permits

SHOWN = 200  # problems on the page; the sheet of problems has all that were kept
STOP_POLLING = 286  # what htmx takes for "no need to ask again"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@require_http_methods(["GET", "POST"])
@permits(Verb.IMPORT)
def register_import(request: SignedIn, register: str) -> HttpResponse:
    """Choose a sheet; sending it queues a trial run, which writes nothing."""
    definition = catalogue().register(register)
    context: dict[str, object] = {
        "here": register,
        "register": definition,
        "runs": runs_of(request.user, register)[:5],
        "megabytes": settings.UPLOAD_LIMIT // 2**20,
    }
    if request.method == "GET":
        return render(request, "imports/choose.html", context)
    sent = request.FILES.get("file")
    if sent is None:
        says = Text("请选择一个 .xlsx 或 .csv 文件。", "Choose an .xlsx or .csv file.")
        return render(request, "imports/choose.html", context | {"problem": says}, status=422)
    try:
        run = ask_import(cast(BinaryIO, sent), register, name=sent.name or "", by=request.user)
    except Refusal as refusal:
        return render(request, "imports/choose.html", context | {"problem": refusal.says}, status=max(status_of(refusal), 422))
    return redirect("import-run", pk=run.pk)


@require_GET
@logged_in
def import_run(request: SignedIn, pk: int) -> HttpResponse:
    """How far a run is and what came of it. htmx asks for the middle of the page again until it has ended."""
    run = run_of(pk, by=request.user)
    watched = watch(run)
    context = {
        "here": run.register,
        "run": run,
        "watched": watched,
        "register": catalogue().register(run.register),
        "problems": [p | {"says": Text.of(p["says"])} for p in run.problems[:SHOWN]],
        "more": max(0, len(run.problems) - SHOWN),
        "good": run.created + run.updated,
        "bad": len({p["row"] for p in run.problems if p["row"]}),
        "waiting": watched.state == ImportRun.WAITING,
        "written": written_by(run),
    }
    if request.headers.get("HX-Target") == "run":
        return render(request, "imports/state.html", context, status=STOP_POLLING if watched.ended else 200)
    return render(request, "imports/run.html", context)


@require_POST
@logged_in
def import_write(request: SignedIn, pk: int) -> HttpResponse:
    """Write what the trial run checked; with ``partial`` the bad rows are left out."""
    run = import_for_real(run_of(pk, by=request.user), by=request.user, partial="partial" in request.POST)
    return redirect("import-run", pk=run.pk)


@require_GET
@logged_in
def import_problems(request: SignedIn, pk: int) -> HttpResponseBase:
    """The problems as a workbook, to be put right beside the sheet."""
    run = run_of(pk, by=request.user)
    made = io.BytesIO()
    write_problems(run, made, language())
    made.seek(0)
    name = Text("错误清单", "problems")
    return FileResponse(made, as_attachment=True, filename=f"{name} {run.pk}.xlsx", content_type=XLSX)
