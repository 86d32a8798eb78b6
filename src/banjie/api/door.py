"""The API's own way in. A program has no session, no cookie, no form and no page: of all that stands around the site's pages, a
request to ``/api/`` passes only what is here.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.core.exceptions import BadRequest, DisallowedHost, SuspiciousOperation
from django.core.signals import got_request_exception
from django.http import HttpRequest, HttpResponseNotAllowed
from django.http.response import HttpResponseBase
from django.urls import Resolver404, get_resolver
from ninja.errors import HttpError, ValidationError

from banjie.api.problems import BROKEN, NO_ADDRESS, WRONG_METHOD, Unacceptable, of_http, problem, refused, unreadable
from banjie.api.reading import UNWRITABLE, require_sendable
from banjie.lib.errors import Invalid, Problem, Refusal
from banjie.lib.text import Language, Text, language, reading_in

PREFIX = "/api/"
NO_PARAMETER = Text("没有这个参数", "is no parameter here")
log = logging.getLogger("django.request")


class Door:
    """The first middleware: what is for the API goes straight to its view."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if not request.path_info.startswith(PREFIX):
            return self.get_response(request)
        with reading_in(language_of(request)):
            response = _answered(request)
            response.headers["Content-Language"] = "zh-CN" if language() == "zh" else "en"
        return _sealed(response)


def language_of(request: HttpRequest) -> Language:
    """Chinese unless the first language that is asked for is English."""
    return "en" if request.META.get("HTTP_ACCEPT_LANGUAGE", "").strip().lower().startswith("en") else "zh"


def _answered(request: HttpRequest) -> HttpResponseBase:
    try:
        request.get_host()
        require_sendable(request)
        match = get_resolver().resolve(request.path_info)
        request.resolver_match = match
        _require_known(request, match.func)
        response: HttpResponseBase = match.func(request, *match.args, **match.kwargs)
    except Refusal as refusal:
        return refused(refusal)
    except ValidationError as error:
        return unreadable(error)
    except HttpError as error:
        return of_http(error)
    except Resolver404:
        return problem(404, NO_ADDRESS)
    except (DisallowedHost, SuspiciousOperation, BadRequest) as error:
        return problem(400, Text("请求无法处理", str(error)))
    except Exception:
        got_request_exception.send(sender=Door, request=request)
        log.exception("Internal Server Error: %s", request.path, extra={"status_code": 500, "request": request})
        return problem(500, BROKEN)
    if isinstance(response, HttpResponseNotAllowed):
        methods = response.headers["Allow"]
        response = problem(405, WRONG_METHOD.format(methods=methods))
        response.headers["Allow"] = methods
    return response


def _require_known(request: HttpRequest, view: Any) -> None:
    """Raise Invalid for a parameter that the description does not have: a misspelt one would give another answer than was meant.
    Unacceptable for the character NUL, at which databases fail or stop reading."""
    if request.META.get("QUERY_STRING"):
        if "%00" in request.META["QUERY_STRING"]:
            raise Unacceptable(400, UNWRITABLE)
        unknown = sorted(request.GET.keys() - view.parameters)
        if unknown:
            raise Invalid([Problem(name, None, NO_PARAMETER) for name in unknown])


def _sealed(response: HttpResponseBase) -> HttpResponseBase:
    """Nothing here is to be kept by a cache, run, framed or guessed at."""
    headers = response.headers
    headers["Cache-Control"] = "no-store"
    headers["X-Content-Type-Options"] = "nosniff"
    headers["Content-Security-Policy"] = "default-src 'none'; frame-ancestors 'none'"
    headers["Vary"] = "Accept-Language, Authorization"
    if settings.SECURE_HSTS_SECONDS:
        headers["Strict-Transport-Security"] = f"max-age={settings.SECURE_HSTS_SECONDS}"
    return response
