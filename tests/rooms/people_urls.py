"""The log-in pages with as much of the rest of the site as their frame links to."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import include, path


def page(request: HttpRequest) -> HttpResponse:
    return HttpResponse(f"hello {request.user}")


NAMES = [
    "workbench",
    "cockpit",
    "figures",
    "registers",
    "packs",
    "search",
    "language",
    "matters",
    "notices",
    "processes",
    "bulletins",
    "forms",
]
urlpatterns = [
    path("accounts/", include("banjie.people.urls")),
    *(path(f"{name}/", page, name=name) for name in NAMES),
    path("", page),
]
