"""The language switch. The choice is a cookie: it holds before log-in too."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from banjie.web.middleware import COOKIE
from banjie.web.permissions import public

A_YEAR = 365 * 24 * 3600


@require_POST
@public
def language(request: HttpRequest) -> HttpResponse:
    """Keep the language chosen and go back to the page."""
    to = request.POST.get("next", "/")
    if not url_has_allowed_host_and_scheme(to, allowed_hosts={request.get_host()}, require_https=request.is_secure()):
        to = "/"
    response = HttpResponseRedirect(to)
    chosen = "en" if request.POST.get("language") == "en" else "zh"
    response.set_cookie(COOKIE, chosen, max_age=A_YEAR, samesite="Lax", secure=request.is_secure(), httponly=True)
    return response
