"""Organisations, their posts, and what the duties of posts are called."""

from __future__ import annotations

from django.db import transaction

from banjie.lib.text import Text
from banjie.people.actions.entries import amended, facts, record, taken, wrong
from banjie.people.actions.permission import areas_of_post, require
from banjie.people.models import Account, Organisation, Post, Role
from banjie.places.models import Area


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
    require(by, [area.pk])
    if Organisation.objects.filter(code=code).exists():
        raise taken("code", code)
    organisation = Organisation.objects.create(code=code, area=area, parent=parent, name_zh=name.zh, name_en=name.en)
    record(f"organisation:{code}", "organisation.found", facts(organisation), by=by, why=why, origin=origin)
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
    require(by, [organisation.area_id, area.pk])
    above = parent
    while above is not None:
        if above.pk == organisation.pk:
            raise wrong("parent", parent, Text("单位不能隶属于自身或其下级单位", "an organisation cannot lie below itself"))
        above = above.parent
    before = facts(organisation)
    organisation.area, organisation.parent = area, parent
    organisation.name_zh, organisation.name_en = name.zh, name.en
    return amended(organisation, f"organisation:{organisation.code}", "organisation.amend", before, by=by, why=why, origin=origin)


@transaction.atomic
def create_post(
    *, organisation: Organisation, code: str, name: Text, by: Account | None, why: str = "", origin: str = "web"
) -> Post:
    """A new post, as yet without grants, duties or a holder."""
    require(by, [organisation.area_id])
    if Post.objects.filter(code=code).exists():
        raise taken("code", code)
    post = Post.objects.create(organisation=organisation, code=code, name_zh=name.zh, name_en=name.en)
    record(f"post:{code}", "post.create", facts(post), by=by, why=why, origin=origin)
    return post


@transaction.atomic
def amend_post(
    post: Post, *, organisation: Organisation, name: Text, by: Account | None, why: str = "", origin: str = "web"
) -> bool:
    """Give a post another name or organisation. Whether anything changed."""
    require(by, [*areas_of_post(post), organisation.area_id])
    before = facts(post)
    post.organisation, post.name_zh, post.name_en = organisation, name.zh, name.en
    return amended(post, f"post:{post.code}", "post.amend", before, by=by, why=why, origin=origin)


@transaction.atomic
def name_role(*, name: str, title: Text, by: Account | None, why: str = "", origin: str = "web") -> bool:
    """Make a role known, or give it another title. Whether anything changed."""
    require(by, [None])
    role, created = Role.objects.get_or_create(name=name, defaults={"title_zh": title.zh, "title_en": title.en})
    if created:
        record(f"role:{name}", "role.name", facts(role), by=by, why=why, origin=origin)
        return True
    before = facts(role)
    role.title_zh, role.title_en = title.zh, title.en
    return amended(role, f"role:{name}", "role.amend", before, by=by, why=why, origin=origin)
