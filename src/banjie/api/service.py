"""The API as a whole: what ninja is told, and the description that goes with it."""

from __future__ import annotations

import json
from functools import cache
from typing import Any, NoReturn

from django.http import HttpRequest, HttpResponse
from ninja import NinjaAPI

from banjie.api import figures, matters, records
from banjie.api.bearers import Bearer
from banjie.api.permissions import public
from banjie.api.reading import StrictParser
from banjie.api.writing import answer

DESCRIPTION = """\
Matters, records and figures for programs of the office and of its partners.

* **Token.** Every call shows `Authorization: Bearer banjie_…`, made with `banjie token create`. The token acts as its account: \
what the account may not see is not there (404), what it may not do is refused (403).
* **Bodies** are one JSON object in UTF-8 (`application/json`), at most 256 KiB and 8 deep, no key twice, no NaN, no field \
that is not described. Amounts may be numbers or text; they are kept exactly and given back as text.
* **Refusals** are `application/problem+json`: `detail` in the language asked for (`Accept-Language: zh` or `en`), `says` in \
both, `problems` field by field.
* **Versions.** A matter's `ETag` is its version. A step says which version it was decided on, in `If-Match` or as `version`; if \
somebody was faster it is refused with 409 and `present` says how the matter stands.
* **Retries.** A request with an `Idempotency-Key` is done once; the same key again within seven days gives the same answer.
"""


service = NinjaAPI(
    title="办结 Banjie",
    version="1",
    description=DESCRIPTION,
    docs_url=None,  # its page would load scripts from elsewhere
    openapi_url=None,  # below, with a permission of its own
    auth=Bearer(),
    parser=StrictParser(),
)


def _to_the_door(request: HttpRequest, error: Any) -> NoReturn:
    raise error


service.add_exception_handler(Exception, _to_the_door)
for kind in list(service._exception_handlers):
    service.add_exception_handler(kind, _to_the_door)

service.add_router("", matters.router)
service.add_router("", records.router)
service.add_router("", figures.router)


@cache
def description() -> dict[str, Any]:
    """The OpenAPI document, as docs/openapi.json holds it."""
    loaded: dict[str, Any] = json.loads(json.dumps(service.get_openapi_schema(path_prefix="/api/v1/")))
    return loaded


def write() -> None:
    """Print the description as docs/openapi.json holds it."""
    print(json.dumps(description(), ensure_ascii=False, indent=1))


@service.get("/openapi.json", auth=None, include_in_schema=False, url_name="api-openapi")
@public
def openapi(request: HttpRequest) -> HttpResponse:
    """This description."""
    return answer(description())
