"""To whom a matter can be handed, and which units can be invited: those who may handle matters of its register at all."""

from __future__ import annotations

from collections import defaultdict

from banjie.lib.clock import today
from banjie.lib.text import Text
from banjie.matters.models import Matter
from banjie.people.models import Appointment, Grant, Organisation, Post
from banjie.people.scopes import ALL_REGISTERS
from banjie.people.verbs import Verb
from banjie.places.models import Area
from banjie.registers.models import Record

AT_MOST = 400
Options = tuple[tuple[str, str], ...]


def posts_for(record: Record, *, without: int | None = None) -> tuple[tuple[str, Options], ...]:
    """The posts that may handle this record's matters where it lies, by organisation: (organisation, ((code, title), …))."""
    granted = Grant.objects.filter(
        verb=Verb.HANDLE, register__in=[record.register, ALL_REGISTERS], area__in=_above(record.area_id)
    )
    posts = (
        Post.objects.filter(pk__in=granted.values("post"))
        .exclude(pk__in=[without] if without else [])
        .select_related("organisation")
    )
    rows = list(posts.order_by("organisation__name_zh", "organisation", "name_zh", "pk")[:AT_MOST])
    holders: defaultdict[int, list[str]] = defaultdict(list)
    for held in Appointment.objects.on(today()).filter(post__in=rows).select_related("account"):
        holders[held.post_id].append(str(held.account))
    found: dict[str, list[tuple[str, str]]] = {}
    for post in rows:
        found.setdefault(str(post.organisation), []).append((post.code, _with_holders(post, holders[post.pk])))
    return tuple((name, tuple(options)) for name, options in found.items())


def _with_holders(post: Post, holders: list[str]) -> str:
    if not holders:
        return str(Text("{post}（空缺）", "{post} (vacant)").format(post=post.name))
    names = str(Text("、", ", ")).join(holders)
    return str(Text("{post}（{names}）", "{post} ({names})").format(post=post.name, names=names))


def organisations_for(matter: Matter, register: str) -> Options:
    """The units that may handle matters of the register anywhere, but for the one that has the matter."""
    granted = Grant.objects.filter(verb=Verb.HANDLE, register__in=[register, ALL_REGISTERS])
    rows = Organisation.objects.filter(posts__in=granted.values("post")).exclude(pk__in=[matter.organisation_id or 0]).distinct()
    return tuple((o.code, str(o)) for o in rows.order_by("name_zh", "pk")[:AT_MOST])


def _above(area: str | None) -> list[str]:
    """An area and those around it, up to the root."""
    found: list[str] = []
    while area is not None and area not in found:
        found.append(area)
        area = Area.objects.filter(code=area).values_list("parent", flat=True).first()
    return found
