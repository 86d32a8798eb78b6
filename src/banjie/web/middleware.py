"""What happens around every request: its number, the reader's language, and refusals that become pages."""

from __future__ import annotations

import secrets
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils import translation
from django.utils.cache import patch_vary_headers

from banjie.lib.errors import Refusal
from banjie.lib.text import Language, Text, reading_in
from banjie.web.pages.errors import error_page, refused

NUL = Text("地址里有无法查找的字符（空字符）。", "The address holds a character that cannot be looked for (NUL).")
COOKIE = "banjie_language"
DJANGO_NAMES: dict[Language, str] = {"zh": "zh-hans", "en": "en"}

Answer = Callable[[HttpRequest], HttpResponseBase]


def language_of(request: HttpRequest) -> Language:
    """Chinese unless the reader has chosen English."""
    return "en" if request.COOKIES.get(COOKIE) == "en" else "zh"


def unsearchable(request: HttpRequest) -> bool:
    """Whether the address asks for the character NUL, which no record holds: PostgreSQL fails at it and SQLite stops reading there,
    so that a search for it would find everything."""
    return (
        "%00" in request.META.get("QUERY_STRING", "") or "\0" in request.META.get("QUERY_STRING", "") or "\0" in request.path_info
    )


class RequestNumber:
    """Give each request a number. The page of a fault shows it, the log has it, and so the two are found together."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        digits = secrets.token_hex(4).upper()
        request.number = f"{digits[:4]}-{digits[4:]}"  # type: ignore[attr-defined]
        response = self.get_response(request)
        response.headers["X-Request-Number"] = request.number  # type: ignore[attr-defined]
        return response


class NothingKept:
    """No page is kept by a browser or a proxy, unless its view says that it may be: what was on it is not for whoever sits down
    next. Static files are answered before this and are kept."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        response.headers.setdefault("Cache-Control", "private, no-store")
        return response


class ReadingLanguage:
    """Answer in the language that the reader chose, Django's own messages included."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        chosen = language_of(request)
        with reading_in(chosen), translation.override(DJANGO_NAMES[chosen]):
            response = self.get_response(request)
        response.headers.setdefault("Content-Language", DJANGO_NAMES[chosen])
        return response


class FragmentsApart:
    """A part of a page, as htmx asks for it, has the page's own address. Say so, or the browser shows the bare part as the page
    when somebody goes back to it."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        patch_vary_headers(response, ["HX-Target"])
        return response


class Refusals:
    """A Refusal that a view lets through becomes a page with the right status."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if unsearchable(request):
            return error_page(request, 400, NUL)
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        return refused(request, exception) if isinstance(exception, Refusal) else None
