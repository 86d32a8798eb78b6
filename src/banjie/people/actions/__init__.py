"""Every write about people: organisations, posts, who sits in them, what they may do and what they answer for.

``by`` is the account that acts and must have CONFIGURE (on register ``*``) in every area the change reaches: that of
the organisation, those of the post's grants, that of the duty. So nobody hands out, by way of an appointment or a
password, what lies outside their own area. ``by=None`` is the system (installation, demonstration). Everything is
written to the ledger in the same transaction, with ``why`` and ``origin`` (web, cli, install, demo); names of people go there as
personal values.

Errors: NotPermitted; Invalid for values that cannot be; Conflict for what is already so. A refusal changes nothing.
"""

from __future__ import annotations

from banjie.people.actions.accounts import create_account, remove_second_factor, set_active, set_password
from banjie.people.actions.appointing import appoint, end_appointment
from banjie.people.actions.granting import assign_duty, end_duty, grant, revoke
from banjie.people.actions.organisations import amend_organisation, amend_post, create_post, found_organisation, name_role
from banjie.people.actions.permission import require_over

__all__ = [
    "amend_organisation",
    "amend_post",
    "appoint",
    "assign_duty",
    "create_account",
    "create_post",
    "end_appointment",
    "end_duty",
    "found_organisation",
    "grant",
    "name_role",
    "remove_second_factor",
    "require_over",
    "revoke",
    "set_active",
    "set_password",
]
