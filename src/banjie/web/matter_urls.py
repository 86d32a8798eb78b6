"""The addresses of matters, processes, notices, and of the portal that needs no account."""

from __future__ import annotations

from django.urls import URLPattern, path

from banjie.web.pages import ballots, expected, matters, notices, portal, processes, voting

urlpatterns: list[URLPattern] = [
    path("matters/", matters.matters, name="matters"),
    path("matters/<id:pk>/<slug:verb>/", matters.matter_step, name="matter-step"),
    path("matters/<id:pk>/<slug:verb>/<slug:item>/", matters.matter_step, name="matter-step-of"),
    path("ballots/", ballots.ballots, name="ballots"),
    path("ballots/matters/<id:pk>/open/", ballots.ballot_open, name="ballot-open"),
    path("ballots/<id:pk>/", ballots.ballot, name="ballot"),
    path("ballots/<id:pk>/codes/", ballots.ballot_codes, name="ballot-codes"),
    path("ballots/<id:pk>/code/", ballots.ballot_code, name="ballot-code"),
    path("ballots/<id:pk>/paper/", ballots.ballot_paper, name="ballot-paper"),
    path("ballots/<id:pk>/extend/", ballots.ballot_extend, name="ballot-extend"),
    path("ballots/<id:pk>/close/", ballots.ballot_close, name="ballot-close"),
    path("invitations/<id:pk>/", matters.invitation_answer, name="invitation"),
    path("expected/<id:pk>/waive/", expected.expected_waive, name="expected-waive"),
    path("processes/", processes.processes, name="processes"),
    path("processes/<slug:name>/", processes.process, name="process"),
    path("processes/<slug:name>/bpmn/", processes.process_bpmn, name="process-bpmn"),
    path("processes/<slug:name>/open/", processes.process_open, name="process-open"),
    path("processes/<slug:name>/migrate/", processes.process_migrate, name="process-migrate"),
    path("migrations/<id:pk>/undo/", processes.migration_undo, name="migration-undo"),
    path("notices/", notices.notices, name="notices"),
    path("notices/seen/", notices.notices_seen, name="notices-seen"),
    path("public/", portal.portal, name="portal"),
    path("public/follow/", portal.portal_follow, name="portal-follow"),
    path("public/vote/", voting.portal_vote, name="portal-vote"),
    path("public/ballots/<str:code>/", voting.portal_ballot, name="portal-ballot"),
    path("public/ask/<slug:name>/", portal.portal_ask, name="portal-ask"),
    path("public/matters/<str:code>/", portal.portal_matter, name="portal-matter"),
    path("public/matters/<str:code>/add/", portal.portal_supply, name="portal-supply"),
    path("public/matters/<str:code>/rate/", portal.portal_rate, name="portal-rate"),
    path("public/matters/<str:code>/withdraw/", portal.portal_withdraw, name="portal-withdraw"),
]
