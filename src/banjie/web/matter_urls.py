"""The addresses of matters, processes, notices, and of the portal that needs no account."""

from __future__ import annotations

from django.urls import URLPattern, path

from banjie.web.pages import expected, matters, notices, portal, processes

urlpatterns: list[URLPattern] = [
    path("matters/", matters.matters, name="matters"),
    path("matters/<int:pk>/<slug:verb>/", matters.matter_step, name="matter-step"),
    path("matters/<int:pk>/<slug:verb>/<slug:item>/", matters.matter_step, name="matter-step-of"),
    path("invitations/<int:pk>/", matters.invitation_answer, name="invitation"),
    path("expected/<int:pk>/waive/", expected.expected_waive, name="expected-waive"),
    path("processes/", processes.processes, name="processes"),
    path("processes/<slug:name>/", processes.process, name="process"),
    path("processes/<slug:name>/bpmn/", processes.process_bpmn, name="process-bpmn"),
    path("processes/<slug:name>/open/", processes.process_open, name="process-open"),
    path("processes/<slug:name>/migrate/", processes.process_migrate, name="process-migrate"),
    path("migrations/<int:pk>/undo/", processes.migration_undo, name="migration-undo"),
    path("notices/", notices.notices, name="notices"),
    path("notices/seen/", notices.notices_seen, name="notices-seen"),
    path("public/", portal.portal, name="portal"),
    path("public/follow/", portal.portal_follow, name="portal-follow"),
    path("public/ask/<slug:name>/", portal.portal_ask, name="portal-ask"),
    path("public/matters/<str:code>/", portal.portal_matter, name="portal-matter"),
    path("public/matters/<str:code>/add/", portal.portal_supply, name="portal-supply"),
    path("public/matters/<str:code>/rate/", portal.portal_rate, name="portal-rate"),
]
