"""Saved views: a filter, search and order of a register under a name. One's own, or shared with all who see the register."""

from __future__ import annotations

from collections.abc import Mapping

from django.db import IntegrityError, transaction
from django.db.models import Case, Q, QuerySet, When

from banjie.lib.characters import seen
from banjie.lib.errors import Conflict, Invalid, NotFound, NotPermitted, Problem
from banjie.lib.text import Text
from banjie.people.models import Account
from banjie.people.scopes import scope_of
from banjie.people.verbs import Verb
from banjie.registers.catalogue import catalogue
from banjie.registers.models import Record, SavedView
from banjie.registers.paging import Order, in_order
from banjie.registers.queries import Filter

PARTS = {"search", "filters", "order", "descending"}
NAME_AT_MOST = 80
NOT_YOURS = Text("没有这个视图，或它不是您的", "there is no such view, or it is not yours")
UNSEEN = Text("您不能查看「{register}」", "you may not see {register}")
TAKEN = Text("您已有名为「{name}」的视图", "you have a view called {name} already")


def views_for(account: Account, register: str) -> QuerySet[SavedView]:
    """One's own views and those that others share, own ones first, by name. None for who may not see the register."""
    if not scope_of(account).areas(Verb.VIEW, register):
        return SavedView.objects.none()
    mine = Q(account=account) | Q(shared=True)
    own_first = Case(When(account=account, then=0), default=1)
    return SavedView.objects.filter(mine, register=register).select_related("account").order_by(own_first, "name", "id")


def save_view(register: str, name: str, query: Mapping[str, object], *, by: Account, shared: bool = False) -> SavedView:
    """Keep a view; one's own of the same name is replaced. ``query``: ``{search, filters: [{field, comparison, value}], order,
    descending}``. Raises Invalid for a filter that the register does not have, NotPermitted, NotFound."""
    if not scope_of(by).areas(Verb.VIEW, register):
        raise NotPermitted(UNSEEN.format(register=catalogue().register(register).title))
    kept = _checked(register, query)
    view, _ = SavedView.objects.update_or_create(
        account=by, register=register, name=_named(name), defaults={"query": kept, "shared": shared}
    )
    return view


def rename_view(view: SavedView | int, name: str, *, by: Account) -> SavedView:
    """Give one's view another name. Raises NotFound, Conflict where one has a view of that name."""
    held = _own(view, by)
    held.name = _named(name)
    try:
        with transaction.atomic():
            held.save(update_fields=["name"])
    except IntegrityError:
        raise Conflict(TAKEN.format(name=held.name), theirs={"name": held.name}, yours={"name": held.name}) from None
    return held


def share_view(view: SavedView | int, shared: bool, *, by: Account) -> SavedView:
    """Let others use one's view, or no longer. They see through it what they may see, not what its owner sees."""
    held = _own(view, by)
    held.shared = shared
    held.save(update_fields=["shared"])
    return held


def delete_view(view: SavedView | int, *, by: Account) -> None:
    _own(view, by).delete()


def filters_of(view: SavedView) -> list[Filter]:
    """The filters as `matching` takes them."""
    return [Filter(f["field"], f["comparison"], f.get("value")) for f in view.query.get("filters", [])]


def order_of(view: SavedView) -> Order:
    return Order(view.query.get("order", ""), bool(view.query.get("descending")))


def _own(view: SavedView | int, by: Account) -> SavedView:
    found = SavedView.objects.filter(pk=view if isinstance(view, int) else view.pk, account=by).first()
    if found is None:
        raise NotFound(NOT_YOURS)
    return found


def _named(name: str) -> str:
    wanted = " ".join(seen(name).split())
    if not 0 < len(wanted) <= NAME_AT_MOST:
        raise Invalid(
            [
                Problem(
                    "name",
                    name,
                    Text(f"请填写名称，不超过 {NAME_AT_MOST} 个字", f"give it a name of at most {NAME_AT_MOST} characters"),
                )
            ]
        )
    return wanted


def _checked(register: str, query: Mapping[str, object]) -> dict[str, object]:
    """The query if the register can answer it: its SQL is built, not run."""
    definition = catalogue().register(register)
    if unknown := set(query) - PARTS:
        raise Invalid([Problem(sorted(unknown)[0], None, Text("视图没有这一项", "is no part of a view"))])
    filters = query.get("filters") or []
    if not isinstance(filters, list) or not all(
        isinstance(f, Mapping) and {"field", "comparison"} <= set(f) <= {"field", "comparison", "value"} for f in filters
    ):
        raise Invalid([Problem("filters", filters, Text("筛选条件的格式不正确", "the filters are not well formed"))])
    wanted = [Filter(f["field"], f["comparison"], f.get("value")) for f in filters]
    Record.objects.of(register).matching(definition, wanted)
    order = Order(str(query.get("order") or ""), bool(query.get("descending")))
    in_order(Record.objects.of(register), definition, order)
    kept: dict[str, object] = {"filters": [{"field": f.field, "comparison": f.comparison, "value": f.value} for f in wanted]}
    kept |= {"order": order.field, "descending": order.descending, "search": seen(str(query.get("search") or ""))[:200]}
    return kept
