"""The addresses below /api/v1/, each with the permission that its view declares."""

from __future__ import annotations

from django.urls import URLPattern

from banjie.api.service import service


def _patterns() -> list[URLPattern]:
    found = []
    views = {
        op.url_name: op.view_func
        for _, router in service._routers
        for v in router.path_operations.values()
        for op in v.operations
    }
    for pattern in service.urls[0]:
        if not isinstance(pattern, URLPattern) or pattern.name == "api-root":
            continue
        pattern.callback.permission = views[pattern.name].permission  # type: ignore[attr-defined]
        found.append(pattern)
    return found


urlpatterns = _patterns()
