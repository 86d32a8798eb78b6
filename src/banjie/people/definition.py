"""What a pack says about people: organisations, posts with grants and duties, roles, and a demonstration's accounts.

```yaml
organisations:
  - {code: county_gov, area: "431322", name: {zh: 新化县人民政府, en: Xinhua County Government}}
  - {code: shangmei, parent: county_gov, area: "431322100", name: {zh: 上梅街道办事处, en: Shangmei Subdistrict Office}}
roles:
  - {name: reporter, title: {zh: 月报责任人, en: Reporter}}
posts:
  - code: shangmei_clerk
    organisation: shangmei
    name: {zh: 项目专干, en: Project clerk}
    grants:
      - {verbs: [view, create, update, import, export], registers: [projects], area: "431322100"}
    duties:
      - {role: reporter, area: "431322100", register: projects}
      - {role: sponsor, record: {register: projects, key: XH2021-001}}
accounts:                       # made only where a demonstration is loaded
  - {username: clerk_shangmei, name: {zh: 张某, en: Clerk}, posts: [shangmei_clerk]}
```
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Literal

from pydantic import Field, model_validator

from banjie.lib.definition import BilingualError, Definition, Label, Name
from banjie.lib.errors import DefinitionError
from banjie.lib.text import Text
from banjie.people.verbs import Verb

Path = tuple[str | int, ...]
Code = Annotated[str, Field(min_length=1, max_length=24)]


class OrganisationDefinition(Definition):
    """An organisation in an area; ``parent`` is the code of another."""

    code: Name
    parent: Name | None = None
    area: Code
    name: Label


class GrantDefinition(Definition):
    """``verbs`` × ``registers`` in one area and all below. ``*`` stands for all."""

    verbs: tuple[Verb | Literal["*"], ...] = Field(min_length=1)
    registers: tuple[Name | Literal["*"], ...] = Field(min_length=1)
    area: Code

    def each(self) -> Iterator[tuple[Verb, str]]:
        """The grants one by one."""
        verbs = list(Verb) if "*" in self.verbs else list(dict.fromkeys(Verb(verb) for verb in self.verbs))
        registers = ["*"] if "*" in self.registers else list(dict.fromkeys(self.registers))
        return ((verb, register) for verb in verbs for register in registers)


class RecordReference(Definition):
    register_: Name = Field(alias="register")
    key: Annotated[str, Field(min_length=1, max_length=120)]


class DutyDefinition(Definition):
    """A role for an area (on one ``register`` or on all) or for one ``record``."""

    role: Name
    area: Code | None = None
    register_: Name | None = Field(default=None, alias="register")
    record: RecordReference | None = None
    begins_on: date | None = None

    @model_validator(mode="after")
    def for_an_area_or_a_record(self) -> DutyDefinition:
        if (self.area is None) == (self.record is None):
            raise BilingualError(
                "职责应对应 area 或 record，二者择一", "a duty is for an area or for a record: give one of the two"
            )
        if self.record and self.register_:
            raise BilingualError("record 中已写明登记表，不要再写 register", "the record names its register: leave register out")
        return self


class PostDefinition(Definition):
    """A post in an organisation, with what it may do and what it answers for."""

    code: Name
    organisation: Name
    name: Label
    grants: tuple[GrantDefinition, ...] = ()
    duties: tuple[DutyDefinition, ...] = ()


class RoleDefinition(Definition):
    """What a duty is called."""

    name: Name
    title: Label


class AccountDefinition(Definition):
    """A person of a demonstration, in one post or several since a day."""

    username: Name
    name: Label
    posts: tuple[Name, ...] = ()
    begins_on: date | None = None


@dataclass(frozen=True, slots=True)
class Known:
    """The codes that exist already, where the definitions are to be installed."""

    areas: Collection[str] = ()
    organisations: Collection[str] = ()
    roles: Collection[str] = ()
    posts: Collection[str] = ()


class People(Definition):
    """The sections of a pack that this room installs. Made by ``People.load(mapping, path)``."""

    organisations: tuple[OrganisationDefinition, ...] = ()
    roles: tuple[RoleDefinition, ...] = ()
    posts: tuple[PostDefinition, ...] = ()
    accounts: tuple[AccountDefinition, ...] = ()

    def grants(self) -> frozenset[tuple[str, str, str, str]]:
        """Every grant by itself: post, verb, register, area."""
        return frozenset(
            (post.code, str(verb), register, grant.area)
            for post in self.posts
            for grant in post.grants
            for verb, register in grant.each()
        )

    def check(self, known: Known) -> None:
        """Raise a DefinitionError at the first thing named that is neither declared here nor known, or declared twice."""
        organisations = {*known.organisations, *(item.code for item in self.organisations)}
        roles = {*known.roles, *(item.name for item in self.roles)}
        posts = {*known.posts, *(item.code for item in self.posts)}
        for names, what in self._names():
            _once(names, what)
        for path, name, found, what in self._references(known.areas, organisations, roles, posts):
            if name not in found:
                raise DefinitionError(
                    path, Text("没有{what}“{name}”", 'there is no {what} "{name}"').format(what=what, name=name)
                )
        self.in_order()

    def in_order(self) -> list[OrganisationDefinition]:
        """The organisations, parents first."""
        own = {item.code: item for item in self.organisations}
        ordered: dict[str, OrganisationDefinition] = {}
        for number, item in enumerate(self.organisations):
            line: list[OrganisationDefinition] = []
            above: OrganisationDefinition | None = item
            while above is not None and above.code not in ordered:
                if above in line:
                    says = Text("单位“{code}”隶属于自身", 'organisation "{code}" lies below itself').format(code=above.code)
                    raise DefinitionError(("organisations", number, "parent"), says)
                line.append(above)
                above = own.get(above.parent) if above.parent else None
            ordered.update((above.code, above) for above in reversed(line))
        return list(ordered.values())

    def _names(self) -> Iterator[tuple[list[tuple[Path, str]], Text]]:
        yield [(("organisations", n, "code"), item.code) for n, item in enumerate(self.organisations)], ORGANISATION
        yield [(("roles", n, "name"), item.name) for n, item in enumerate(self.roles)], ROLE
        yield [(("posts", n, "code"), item.code) for n, item in enumerate(self.posts)], POST
        yield [(("accounts", n, "username"), item.username) for n, item in enumerate(self.accounts)], ACCOUNT

    def _references(
        self, areas: Collection[str], organisations: Collection[str], roles: Collection[str], posts: Collection[str]
    ) -> Iterator[tuple[Path, str, Collection[str], Text]]:
        """Everything that names something else: where, which name, among which names, and what it should be."""
        for n, organisation in enumerate(self.organisations):
            yield ("organisations", n, "area"), organisation.area, areas, AREA
            if organisation.parent:
                yield ("organisations", n, "parent"), organisation.parent, organisations, ORGANISATION
        for n, post in enumerate(self.posts):
            yield ("posts", n, "organisation"), post.organisation, organisations, ORGANISATION
            for m, grant in enumerate(post.grants):
                yield ("posts", n, "grants", m, "area"), grant.area, areas, AREA
            for m, duty in enumerate(post.duties):
                yield ("posts", n, "duties", m, "role"), duty.role, roles, ROLE
                if duty.area:
                    yield ("posts", n, "duties", m, "area"), duty.area, areas, AREA
        for n, account in enumerate(self.accounts):
            for m, post_code in enumerate(account.posts):
                yield ("accounts", n, "posts", m), post_code, posts, POST


AREA = Text("地区", "area")
ORGANISATION = Text("单位", "organisation")
ROLE = Text("职责名称", "role")
POST = Text("岗位", "post")
ACCOUNT = Text("账号", "account")


def _once(names: list[tuple[Path, str]], what: Text) -> None:
    seen: set[str] = set()
    for path, name in names:
        if name in seen:
            raise DefinitionError(
                path, Text("{what}“{name}”重复", '{what} "{name}" is declared twice').format(what=what, name=name)
            )
        seen.add(name)
