"""Every write about people: organisations, posts, who sits in them, what they may do and what they answer for.

``by`` is the account that acts and must have CONFIGURE (on register ``*``) in every area the change reaches: that of
the organisation, those of the post's grants, that of the duty. So nobody hands out, by way of an appointment or a
password, what lies outside their own area. ``by=None`` is the system (installation, demonstration). Everything is
written to the ledger in the same transaction, with ``why`` and ``origin`` (web, cli, install, demo); names of people go there as
personal values.

Errors: NotPermitted; Invalid for values that cannot be; Conflict for what is already so. A refusal changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date

from allauth.mfa.models import Authenticator
from django.db import transaction

from banjie.ledger.actions import record_entry
from banjie.lib.clock import today
from banjie.lib.errors import Conflict, Invalid, NotPermitted, Problem
from banjie.lib.text import Text
from banjie.people.models import Account, Appointment, Duty, Grant, Organisation, Post, Role
from banjie.people.passwords import faults_of_account, faults_of_password
from banjie.people.scopes import ALL_REGISTERS, forget_scope, scope_of_actor
from banjie.people.verbs import Verb
from banjie.places.models import Area

# --- organisations, posts, roles ---------------------------------------------------------------------------------


@transaction.atomic
def found_organisation(
    *,
    code: str,
    area: Area,
    name: Text,
    parent: Organisation | None = None,
    by: Account | None,
    why: str = "",
    origin: str = "web",
) -> Organisation:
    """A new organisation in an area, below another or on its own."""
    _require(by, [area.pk])
    if Organisation.objects.filter(code=code).exists():
        raise _taken("code", code)
    organisation = Organisation.objects.create(code=code, area=area, parent=parent, name_zh=name.zh, name_en=name.en)
    _record(f"organisation:{code}", "organisation.found", _facts(organisation), by=by, why=why, origin=origin)
    return organisation


@transaction.atomic
def amend_organisation(
    organisation: Organisation,
    *,
    area: Area,
    name: Text,
    parent: Organisation | None,
    by: Account | None,
    why: str = "",
    origin: str = "web",
) -> bool:
    """Give an organisation another name, area or parent. Whether anything changed."""
    _require(by, [organisation.area_id, area.pk])
    above = parent
    while above is not None:
        if above.pk == organisation.pk:
            raise _wrong("parent", parent, Text("单位不能隶属于自身或其下级单位", "an organisation cannot lie below itself"))
        above = above.parent
    before = _facts(organisation)
    organisation.area, organisation.parent = area, parent
    organisation.name_zh, organisation.name_en = name.zh, name.en
    return _amended(
        organisation, f"organisation:{organisation.code}", "organisation.amend", before, by=by, why=why, origin=origin
    )


@transaction.atomic
def create_post(
    *, organisation: Organisation, code: str, name: Text, by: Account | None, why: str = "", origin: str = "web"
) -> Post:
    """A new post, as yet without grants, duties or a holder."""
    _require(by, [organisation.area_id])
    if Post.objects.filter(code=code).exists():
        raise _taken("code", code)
    post = Post.objects.create(organisation=organisation, code=code, name_zh=name.zh, name_en=name.en)
    _record(f"post:{code}", "post.create", _facts(post), by=by, why=why, origin=origin)
    return post


@transaction.atomic
def amend_post(
    post: Post, *, organisation: Organisation, name: Text, by: Account | None, why: str = "", origin: str = "web"
) -> bool:
    """Give a post another name or organisation. Whether anything changed."""
    _require(by, [*_areas_of_post(post), organisation.area_id])
    before = _facts(post)
    post.organisation, post.name_zh, post.name_en = organisation, name.zh, name.en
    return _amended(post, f"post:{post.code}", "post.amend", before, by=by, why=why, origin=origin)


@transaction.atomic
def name_role(*, name: str, title: Text, by: Account | None, why: str = "", origin: str = "web") -> bool:
    """Make a role known, or give it another title. Whether anything changed."""
    _require(by, [None])
    role, created = Role.objects.get_or_create(name=name, defaults={"title_zh": title.zh, "title_en": title.en})
    if created:
        _record(f"role:{name}", "role.name", _facts(role), by=by, why=why, origin=origin)
        return True
    before = _facts(role)
    role.title_zh, role.title_en = title.zh, title.en
    return _amended(role, f"role:{name}", "role.amend", before, by=by, why=why, origin=origin)


# --- what a post may do and answers for --------------------------------------------------------------------------


@transaction.atomic
def grant(
    post: Post, *, verb: Verb, register: str, area: Area, by: Account | None, why: str = "", origin: str = "web"
) -> Grant | None:
    """Let a post do one thing in an area and below. None when it may already."""
    _require(by, [area.pk, post.organisation.area_id])
    given, created = Grant.objects.get_or_create(post=post, verb=verb, register=register, area=area)
    if not created:
        return None
    _record(f"post:{post.code}", "grant.give", _facts(given), by=by, why=why, origin=origin)
    forget_scope(by)
    return given


@transaction.atomic
def revoke(given: Grant, *, by: Account | None, why: str = "", origin: str = "web") -> None:
    """Take a grant back."""
    _require(by, [given.area_id, given.post.organisation.area_id])
    _record(f"post:{given.post.code}", "grant.revoke", _facts(given), by=by, why=why, origin=origin)
    given.delete()
    forget_scope(by)


@transaction.atomic
def assign_duty(
    post: Post,
    *,
    role: str,
    area: Area | None = None,
    register: str = "",
    key: str = "",
    begins_on: date | None = None,
    by: Account | None,
    why: str = "",
    origin: str = "web",
) -> Duty:
    """Make a post answer, in a role, for an area (on one register or all) or for one record (``register`` and ``key``)."""
    if (area is None) == (not key) or (key and not register):
        raise _wrong(
            "area", area, Text("职责应对应一个地区或一条记录，二者择一", "a duty is for an area or for one record, not both")
        )
    if not Role.objects.filter(name=role).exists():
        raise _wrong("role", role, Text("没有这个职责名称", "there is no such role"))
    _require(by, [post.organisation.area_id, *([area.pk] if area else [])])
    if Duty.objects.filter(post=post, role=role, area=area, register=register, key=key, ends_on=None).exists():
        raise Conflict(Text("该岗位已承担此职责", "the post has this duty already"), theirs={}, yours={})
    duty = Duty.objects.create(post=post, role=role, area=area, register=register, key=key, begins_on=begins_on or today())
    _record(f"post:{post.code}", "duty.assign", _facts(duty), by=by, why=why, origin=origin)
    return duty


@transaction.atomic
def end_duty(duty: Duty, *, on: date | None = None, by: Account | None, why: str = "", origin: str = "web") -> None:
    """From the day ``on`` (today) the post no longer has the duty. Ended on its first day, it was never in force."""
    _require(by, [duty.post.organisation.area_id, *([duty.area_id] if duty.area_id else [])])
    _end(duty, f"post:{duty.post.code}", "duty.end", on, by=by, why=why, origin=origin)


# --- accounts ----------------------------------------------------------------------------------------------------


@transaction.atomic
def create_account(
    *,
    username: str,
    name: Text,
    password: str | None = None,
    superuser: bool = False,
    by: Account | None,
    why: str = "",
    origin: str = "web",
) -> Account:
    """A person who can log in once a password is set. Without an appointment they may do nothing."""
    if superuser:
        _require_superuser(by)
    if not scope_of_actor(by).areas(Verb.CONFIGURE, ALL_REGISTERS):
        scope_of_actor(by).require(Verb.CONFIGURE, ALL_REGISTERS, None)
    username = Account.normalize_username(username.strip())
    if Account.objects.filter(username__iexact=username).exists():
        raise _taken("username", username)
    account = Account(username=username, name_zh=name.zh, name_en=name.en, is_superuser=superuser)
    _set_password(account, password)
    if faults := faults_of_account(account):
        raise _wrong("username", username, faults)
    account.save()
    names = {field: {"after": getattr(account, field)} for field in ("name_zh", "name_en") if getattr(account, field)}
    _record(
        _chain(account), "account.create", {"username": username, "superuser": superuser}, names, by=by, why=why, origin=origin
    )
    return account


@transaction.atomic
def set_password(account: Account, *, password: str, by: Account | None, why: str = "", origin: str = "web") -> None:
    """Give an account a new password: its owner, or who may configure everywhere the account may act."""
    if by is None or by.pk != account.pk:
        _require_over(by, account)
    _set_password(account, password)
    account.save(update_fields=["password"])
    _record(_chain(account), "account.password", {"username": account.username}, by=by, why=why, origin=origin)


@transaction.atomic
def set_active(account: Account, *, active: bool, by: Account | None, why: str = "", origin: str = "web") -> bool:
    """Close an account (it can no longer log in, and every session ends) or open it again. Whether anything changed."""
    _require_over(by, account)
    if account.is_active == active:
        return False
    account.is_active = active
    account.save(update_fields=["is_active"])
    _record(
        _chain(account),
        "account.open" if active else "account.close",
        {"username": account.username},
        by=by,
        why=why,
        origin=origin,
    )
    forget_scope(account, by)
    return True


@transaction.atomic
def remove_second_factor(account: Account, *, by: Account | None, why: str = "", origin: str = "web") -> bool:
    """Let a person whose phone is lost log in by password alone, until they add a second factor again."""
    _require_over(by, account)
    removed, _ = Authenticator.objects.filter(user=account).delete()
    if removed:
        _record(_chain(account), "account.second_factor_removed", {"username": account.username}, by=by, why=why, origin=origin)
    return bool(removed)


@transaction.atomic
def appoint(
    account: Account,
    *,
    post: Post,
    begins_on: date | None = None,
    ends_on: date | None = None,
    by: Account | None,
    why: str = "",
    origin: str = "web",
) -> Appointment:
    """Put a person in a post. They may do there what the post may, from ``begins_on`` until before ``ends_on``."""
    _require(by, _areas_of_post(post))
    begins_on = begins_on or today()
    _check_days(begins_on, ends_on)
    if account.appointments.filter(post=post).exclude(ends_on__lte=begins_on).exists():
        raise Conflict(Text("此人已在该岗位任职", "this person holds the post already"), theirs={}, yours={})
    appointment = Appointment.objects.create(account=account, post=post, begins_on=begins_on, ends_on=ends_on)
    _record(_chain(account), "account.appoint", _facts(appointment) | {"post": post.code}, by=by, why=why, origin=origin)
    forget_scope(account, by)
    return appointment


@transaction.atomic
def end_appointment(
    appointment: Appointment, *, on: date | None = None, by: Account | None, why: str = "", origin: str = "web"
) -> None:
    """From the day ``on`` (today) the person no longer holds the post. Ended on its first day, it was never in force."""
    _require(by, _areas_of_post(appointment.post))
    _end(appointment, _chain(appointment.account), "account.leave", on, by=by, why=why, origin=origin, post=appointment.post.code)
    forget_scope(appointment.account, by)


# --- what the actions share --------------------------------------------------------------------------------------


def _require(by: Account | None, areas: Iterable[str | None]) -> None:
    scope = scope_of_actor(by)
    for area in dict.fromkeys(areas):
        scope.require(Verb.CONFIGURE, ALL_REGISTERS, area)


def _require_over(by: Account | None, account: Account) -> None:
    """Whoever changes an account could act as it, so must be able to configure wherever it can act, now or later."""
    if account.is_superuser:
        _require_superuser(by)
    appointments = account.appointments.exclude(ends_on__lte=today()).select_related("post__organisation")
    areas = [area for appointment in appointments for area in _areas_of_post(appointment.post)]
    if areas:
        _require(by, areas)
    elif not scope_of_actor(by).areas(Verb.CONFIGURE, ALL_REGISTERS):
        _require(by, [None])


def _require_superuser(by: Account | None) -> None:
    if by is not None and not (by.is_active and by.is_superuser):
        raise NotPermitted(Text("只有超级管理员可以这样做", "only a superuser may do this"))


def _areas_of_post(post: Post) -> list[str]:
    return [post.organisation.area_id, *post.grants.values_list("area_id", flat=True)]


def _check_days(begins_on: date, ends_on: date | None) -> None:
    if ends_on is not None and ends_on < begins_on:
        raise _wrong("ends_on", ends_on, Text("结束日期不得早于开始日期", "it cannot end before the day on which it begins"))


def _end(
    row: Appointment | Duty, chain: str, verb: str, on: date | None, *, by: Account | None, why: str, origin: str, **more: object
) -> None:
    on = on or max(today(), row.begins_on)
    _check_days(row.begins_on, on)
    row.ends_on = on
    row.save(update_fields=["ends_on"])
    _record(chain, verb, _facts(row) | more, by=by, why=why, origin=origin)


def _set_password(account: Account, password: str | None) -> None:
    if password is None:
        account.set_unusable_password()
        return
    if faults := faults_of_password(password, account):
        raise _wrong("password", "", faults)
    account.set_password(password)


def _amended(
    row: Organisation | Post | Role,
    chain: str,
    verb: str,
    before: dict[str, object],
    *,
    by: Account | None,
    why: str,
    origin: str,
) -> bool:
    after = _facts(row)
    if after == before:
        return False
    row.save()
    changed = {name: before.get(name) for name in before.keys() | after.keys() if before.get(name) != after.get(name)}
    _record(chain, verb, after | {"before": changed}, by=by, why=why, origin=origin)
    return True


def _facts(row: Organisation | Post | Role | Grant | Duty | Appointment) -> dict[str, object]:
    """A row's columns as an entry keeps them: dates in ISO, what is not set left out."""
    values = {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}
    return {name: v.isoformat() if isinstance(v, date) else v for name, v in values.items() if v not in (None, "")}


def _chain(account: Account) -> str:
    return f"account:{account.pk}"


def _record(
    chain: str,
    verb: str,
    body: Mapping[str, object],
    personal: Mapping[str, object] | None = None,
    *,
    by: Account | None,
    why: str,
    origin: str,
) -> None:
    record_entry(chain=chain, verb=verb, body=body, by=by, why=why, origin=origin, personal=personal)


def _wrong(where: str, value: object, says: Text) -> Invalid:
    return Invalid([Problem(where, value, says)])


def _taken(where: str, value: str) -> Invalid:
    return _wrong(where, value, Text("“{value}”已被使用", '"{value}" is taken already').format(value=value))
