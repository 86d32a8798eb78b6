"""Worlds make areas and people past the actions, for speed. Where the whole is verified, the trail is told of them afterwards."""

from __future__ import annotations

from django.db import transaction

from banjie.ledger.actions import record_entry
from banjie.people.actions.entries import facts
from banjie.people.models import Account, Appointment, Duty, Grant, Organisation, Post, Role
from banjie.places.facts import area_facts
from banjie.places.models import Area


@transaction.atomic
def tell() -> None:
    """Write the entries that the actions would have written for the rows that are there."""

    def say(chain: str, verb: str, body: dict[str, object], personal: dict[str, object] | None = None) -> None:
        record_entry(chain=chain, verb=verb, body=body, by=None, origin="install", personal=personal)

    for area in Area.objects.order_by("level", "pk"):
        say(f"area:{area.pk}", "area.added", {"after": area_facts(area)})
    for role in Role.objects.order_by("pk"):
        say(f"role:{role.pk}", "role.name", facts(role))
    for organisation in Organisation.objects.order_by("pk"):
        say(f"organisation:{organisation.code}", "organisation.found", facts(organisation))
    for post in Post.objects.order_by("pk"):
        say(f"post:{post.code}", "post.create", facts(post))
    for grant in Grant.objects.select_related("post").order_by("pk"):
        say(f"post:{grant.post.code}", "grant.give", facts(grant))
    for duty in Duty.objects.select_related("post").order_by("pk"):
        say(f"post:{duty.post.code}", "duty.assign", facts(duty))
    for account in Account.objects.order_by("pk"):
        names = {n: {"after": getattr(account, n)} for n in ("name_zh", "name_en") if getattr(account, n)}
        body = {"username": account.username, "superuser": account.is_superuser}
        say(f"account:{account.pk}", "account.create", body, names)
    for appointment in Appointment.objects.order_by("pk"):
        say(f"account:{appointment.account_id}", "account.appoint", facts(appointment))
