"""A session that lasts as long as the day's work goes on."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib.auth import SESSION_KEY
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from banjie.lib.clock import really_now

RENEWED = "renewed"
RENEW_AFTER = 15 * 60  # seconds


class SlidingSession:
    """Renew the session of whoever is at work, at most once in a quarter of an hour.

    Django's SESSION_SAVE_EVERY_REQUEST would write to the database on every page that is merely read.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if SESSION_KEY in request.session:
            moment = int(really_now().timestamp())
            if moment - request.session.get(RENEWED, 0) >= RENEW_AFTER:
                request.session[RENEWED] = moment  # saving it moves the expiry of the session and of its cookie
        return self.get_response(request)
