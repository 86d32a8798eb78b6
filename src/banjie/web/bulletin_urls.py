"""Addresses of bulletins."""

from __future__ import annotations

from django.urls import URLPattern, path

from banjie.web.pages import bulletin_writing, bulletins

urlpatterns: list[URLPattern] = [
    path("bulletins/", bulletins.bulletins, name="bulletins"),
    path("bulletins/new/<slug:name>/", bulletin_writing.bulletin_draft, name="bulletin-draft"),
    path("bulletins/<id:pk>/", bulletins.bulletin, name="bulletin"),
    path("bulletins/<id:pk>/revised/", bulletins.bulletin_revised, name="bulletin-revised"),
    path("bulletins/<id:pk>/file/<slug:format>/", bulletins.bulletin_file, name="bulletin-file"),
    path("bulletins/<id:pk>/charts/<slug:name>/", bulletins.bulletin_chart, name="bulletin-chart"),
    path("bulletins/<id:pk>/edit/", bulletin_writing.bulletin_edit, name="bulletin-edit"),
    path("bulletins/<id:pk>/publish/", bulletin_writing.bulletin_publish, name="bulletin-publish"),
    path("bulletins/<id:pk>/discard/", bulletin_writing.bulletin_discard, name="bulletin-discard"),
]
