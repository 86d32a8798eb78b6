"""In whose hands a matter lies: the posts and organisations of an account today, and what they may do with it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from banjie.lib.errors import NotPermitted
from banjie.lib.text import Text
from banjie.people.models import Account, Appointment
from banjie.people.scopes import scope_of, scope_of_actor
from banjie.people.verbs import Verb

NOT_YOURS = Text(
    "这一步由{owner}负责，不在您的岗位职责之内。确需代办的，请督办人员移交。",
    "this step is up to {owner}, not to your post. If it should be yours, ask a supervisor to hand it over.",
)


@dataclass(frozen=True, slots=True)
class Hands:
    """The posts that an account holds on a day, and the organisations they belong to."""

    posts: frozenset[int]
    organisations: frozenset[int]

    def hold(self, post: int | None, organisation: int | None) -> bool:
        """Whether what a post owns, or an organisation where no post is named, is up to these hands."""
        return post in self.posts if post is not None else organisation in self.organisations


def hands_of(account: Account) -> Hands:
    """Read at most once for each scope that was read of this instance: both hold for a day and a request."""
    scope = scope_of(account)
    kept: tuple[object, Hands] | None = getattr(account, "_hands", None)
    if kept is None or kept[0] is not scope:
        rows = list(Appointment.objects.on(scope.day).filter(account=account.pk).values_list("post_id", "post__organisation_id"))
        hands = Hands(frozenset(p for p, _ in rows), frozenset(o for _, o in rows))
        kept = (scope, hands if account.is_active else Hands(frozenset(), frozenset()))
        account._hands = kept  # type: ignore[attr-defined]
    return kept[1]


def keep_hands(account: Account, posts: Iterable[int], organisations: Iterable[int]) -> None:
    """Let ``hands_of`` answer with what was read already, for as long as the scope of the account stands."""
    account._hands = (scope_of(account), Hands(frozenset(posts), frozenset(organisations)))  # type: ignore[attr-defined]


def may_handle(by: Account | None, register: str, area: str | None, post: int | None, organisation: int | None) -> bool:
    """Whether the account may take the next step: HANDLE in the area, and the post or organisation is theirs."""
    scope = scope_of_actor(by)
    if by is None or scope.unlimited:
        return True
    return scope.may(Verb.HANDLE, register, area) and hands_of(by).hold(post, organisation)


def require_handle(
    by: Account | None, register: str, area: str | None, post: int | None, organisation: int | None, owner: Text
) -> None:
    """Raise NotPermitted, naming the owner, unless ``may_handle``."""
    scope = scope_of_actor(by)
    scope.require(Verb.HANDLE, register, area)
    if by is not None and not scope.unlimited and not hands_of(by).hold(post, organisation):
        raise NotPermitted(NOT_YOURS.format(owner=owner))
