"""Bringing what a pack declares about people into being. Done twice, it changes nothing the second time."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypedDict

from django.db import transaction

from banjie.people import actions
from banjie.people.definition import (
    AccountDefinition,
    DutyDefinition,
    GrantDefinition,
    Known,
    OrganisationDefinition,
    People,
    PostDefinition,
)
from banjie.people.models import Account, Duty, Organisation, Post, Role
from banjie.places.models import Area


class _Said(TypedDict):
    """What every action is told besides its subject."""

    by: Account | None
    why: str
    origin: str


@dataclass(slots=True)
class Installed:
    """What an installation did, each as ``kind:name`` (``post:shangmei_clerk``), in the order in which it was done."""

    added: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)

    def note(self, name: str, *, existed: bool, changed: bool = True) -> None:
        if not existed:
            self.added.append(name)
        elif changed:
            self.changed.append(name)


def known() -> Known:
    """What exists here that a definition may name."""
    return Known(
        areas=frozenset(Area.objects.values_list("code", flat=True)),
        organisations=frozenset(Organisation.objects.values_list("code", flat=True)),
        roles=frozenset(Role.objects.values_list("name", flat=True)),
        posts=frozenset(Post.objects.values_list("code", flat=True)),
    )


@transaction.atomic
def install_people(
    people: People, *, by: Account | None, password: str | None = None, why: str = "", origin: str = "install"
) -> Installed:
    """Add what is missing and amend what is named otherwise. Nothing is taken away here: a duty or appointment is ended by
    hand and with a reason, and so is a grant that an office gave; one that a pack no longer gives is revoked with the pack
    (see packs/planning_grants.py).

    ``password``: of the accounts, which a demonstration makes. Without it the accounts of the definition are left out.
    Errors: DefinitionError with the path; NotPermitted. Nothing is installed then.
    """
    people.check(known())
    installed = Installed()
    said: _Said = {"by": by, "why": why, "origin": origin}
    for organisation in people.in_order():
        _organisation(organisation, installed, said)
    for role in people.roles:
        existed = Role.objects.filter(name=role.name).exists()
        changed = actions.name_role(name=role.name, title=role.title, **said)
        installed.note(f"role:{role.name}", existed=existed, changed=changed)
    for post in people.posts:
        _post(post, installed, said)
    if password is not None:
        first: Account | None = None
        for account in people.accounts:
            first = _account(account, password, first, installed, said)
    return installed


def _organisation(item: OrganisationDefinition, installed: Installed, said: _Said) -> None:
    area = Area.objects.get(code=item.area)
    parent = Organisation.objects.get(code=item.parent) if item.parent else None
    existing = Organisation.objects.filter(code=item.code).first()
    if existing is None:
        actions.found_organisation(code=item.code, area=area, name=item.name, parent=parent, **said)
        installed.note(f"organisation:{item.code}", existed=False)
    else:
        changed = actions.amend_organisation(existing, area=area, name=item.name, parent=parent, **said)
        installed.note(f"organisation:{item.code}", existed=True, changed=changed)


def _post(item: PostDefinition, installed: Installed, said: _Said) -> None:
    organisation = Organisation.objects.get(code=item.organisation)
    existing = Post.objects.filter(code=item.code).first()
    if existing is None:
        post, changed = actions.create_post(organisation=organisation, code=item.code, name=item.name, **said), True
    else:
        post, changed = existing, actions.amend_post(existing, organisation=organisation, name=item.name, **said)
    given = [_grants(grant, post, said) for grant in item.grants]
    assigned = [_duty(duty, post, said) for duty in item.duties]
    installed.note(f"post:{item.code}", existed=existing is not None, changed=changed or any(given) or any(assigned))


def _grants(item: GrantDefinition, post: Post, said: _Said) -> bool:
    area = Area.objects.get(code=item.area)
    given = [actions.grant(post, verb=verb, register=register, area=area, **said) for verb, register in item.each()]
    return any(given)  # all are given first: `any` of a generator would stop at the first


def _duty(item: DutyDefinition, post: Post, said: _Said) -> bool:
    register = item.record.register_ if item.record else item.register_ or ""
    key = item.record.key if item.record else ""
    area = Area.objects.get(code=item.area) if item.area else None
    if Duty.objects.filter(post=post, role=item.role, area=area, register=register, key=key, ends_on=None).exists():
        return False
    actions.assign_duty(post, role=item.role, area=area, register=register, key=key, begins_on=item.begins_on, **said)
    return True


def _account(item: AccountDefinition, password: str, first: Account | None, installed: Installed, said: _Said) -> Account | None:
    """Gives an account that was made with this password: hashing is slow on purpose, so one hash serves all that are made here."""
    account = Account.objects.filter(username=item.username).first()
    existed = account is not None
    if account is None:
        account = actions.create_account(username=item.username, name=item.name, password=password, alike=first, **said)
        first = first or account
    held = account.appointments.filter(ends_on=None).values("post")
    missing = list(Post.objects.filter(code__in=item.posts).exclude(pk__in=held).order_by("code"))
    for post in missing:
        actions.appoint(account, post=post, begins_on=item.begins_on, **said)
    installed.note(f"account:{item.username}", existed=existed, changed=bool(missing))
    return first
