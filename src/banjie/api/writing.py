"""Answers as JSON: moments in local time with their offset, numbers that are exact as text."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

import orjson
from django.http import HttpResponse

from banjie.lib.clock import LOCAL
from banjie.lib.text import Text

JSON = "application/json"


def written(value: object) -> bytes:
    return orjson.dumps(value, _other)


def answer(value: object, status: int = 200, **headers: str) -> HttpResponse:
    """``headers`` by their names with _ for -: ``ETag='"3"'``."""
    response = HttpResponse(written(value), status=status, content_type=JSON)
    for name, said in headers.items():
        response.headers[name.replace("_", "-")] = said
    return response


def local(moment: datetime | None) -> datetime | None:
    """As it is shown: 2021-10-31T16:00:00+08:00."""
    return None if moment is None else moment.astimezone(LOCAL)


def _other(value: object) -> object:
    if isinstance(value, Text):
        return value.as_dict()
    if isinstance(value, Decimal):
        return f"{value:f}"
    raise TypeError(f"{type(value).__name__} has no form in an answer")
