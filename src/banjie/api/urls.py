"""The addresses below /api/v1/, each with the permission that its view declares."""

from __future__ import annotations

from typing import Any, cast

from django.urls import URLPattern
from ninja.operation import Operation

from banjie.api.service import service


def _patterns() -> list[URLPattern]:
    operations = {
        op.url_name: op for _, router in service._routers for v in router.path_operations.values() for op in v.operations
    }
    found = []
    for pattern in service.urls[0]:
        if not isinstance(pattern, URLPattern) or pattern.name not in operations:
            continue
        operation, view = operations[pattern.name], cast(Any, pattern.callback)
        view.permission = cast(Any, operation.view_func).permission
        view.parameters = _parameters(operation)
        found.append(pattern)
    return found


def _parameters(operation: Operation) -> frozenset[str]:
    """What may stand behind the question mark; the door refuses the rest, which ninja would pass over."""
    queries = [cast(Any, m) for m in operation.models if m.__ninja_param_source__ == "query"]
    return frozenset(name for m in queries for name in m.__ninja_flatten_map__)


urlpatterns = _patterns()
