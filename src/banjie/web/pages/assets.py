"""The one script that is built and not shipped."""

from __future__ import annotations

import gzip

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from banjie.lib.errors import NotFound
from banjie.lib.text import Text
from banjie.web.bundles import VERSION, charts_bundle
from banjie.web.permissions import public

FOR_EVER = "public, max-age=31536000, immutable"  # the version stands in the address


@require_GET
@public
def charts(request: HttpRequest, version: str) -> HttpResponse:
    """The chart library in the version asked for."""
    if version != VERSION:
        raise NotFound(Text("没有这个版本", "there is no such version"))
    packed = charts_bundle().read_bytes()
    takes_gzip = "gzip" in request.headers.get("Accept-Encoding", "")
    response = HttpResponse(packed if takes_gzip else gzip.decompress(packed), content_type="text/javascript; charset=utf-8")
    if takes_gzip:
        response["Content-Encoding"] = "gzip"
    response["Vary"] = "Accept-Encoding"
    response["Cache-Control"] = FOR_EVER
    return response
