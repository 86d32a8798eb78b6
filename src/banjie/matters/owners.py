"""From what a process says of an owner to the post or the organisation that answers for a record today."""

from __future__ import annotations

from dataclasses import dataclass

from banjie.lib.errors import Invalid, Problem
from banjie.lib.text import Text
from banjie.matters.definition import Owner
from banjie.matters.nearest import nearest_post
from banjie.people.models import Grant, Organisation, Post, Role
from banjie.people.verbs import Verb
from banjie.registers.models import Record


@dataclass(frozen=True, slots=True)
class Ownership:
    """A post with its organisation, or an organisation any of whose posts may act."""

    post: Post | None
    organisation: Organisation | None

    @property
    def name(self) -> Text:
        """What people call the owner: "上梅街道 · 服务专员"."""
        if self.post is None or self.organisation is None:
            return self.organisation.name if self.organisation else Text("(无)", "nobody")
        return Text(f"{self.organisation.name.zh}{self.post.name.zh}", f"{self.post.name.en}, {self.organisation.name.en}")


NOBODY = Ownership(None, None)


def owner_for(owner: Owner, record: Record) -> Ownership:
    """Raises Invalid where nobody answers: a matter is never left without an owner."""
    if owner.role:
        return _with_role(owner.role, record)
    name = owner.field or owner.organisation or ""
    code = record.data.get(name)
    if owner.field:
        post = Post.objects.select_related("organisation").filter(code=code or "").first()
        found = Ownership(post, post.organisation) if post else None
    else:
        organisation = Organisation.objects.filter(code=code or "").first()
        found = Ownership(None, organisation) if organisation else None
    if found is not None and found.post is None and found.organisation is not None:
        _require_somebody(found.organisation, record)
    if found is None:
        raise Invalid(
            [Problem(name, code, Text("没有填写责任单位或岗位，或代码不存在", "names no post or organisation that exists"))]
        )
    return found


def _require_somebody(organisation: Organisation, record: Record) -> None:
    """A unit without a post that may handle such records would leave the matter with nobody."""
    if not Grant.objects.filter(post__organisation=organisation, verb=Verb.HANDLE, register__in=(record.register, "*")).exists():
        says = Text(
            "{unit}没有岗位可以办理这类事项，请先在人员设置中授权", "{unit} has no post that may handle this: grant it first"
        ).format(unit=organisation.name)
        raise Invalid([Problem(organisation.code, record.area_id, says)])


def _with_role(role: str, record: Record) -> Ownership:
    post = nearest_post(role, area=record.area_id, register=record.register, key=record.key)
    if post is None:
        title = getattr(Role.objects.filter(name=role).first(), "title", Text(role, role))
        says = Text(
            "没有岗位承担“{role}”职责，请先在人员设置中指定", "no post has the duty of {role} here: assign it first"
        ).format(role=title)
        raise Invalid([Problem(role, record.area_id, says)])
    return Ownership(post, post.organisation)
