"""Keeping a form, settling what its headings mean, filling it, putting it away. Each asks permission first and says so in the ledger."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from banjie.bulletins.forms import counting
from banjie.bulletins.forms.filling import Filled, fill_form, match
from banjie.bulletins.forms.lists import Choice
from banjie.bulletins.forms.matched import Kept, Matched
from banjie.bulletins.forms.meanings import Match, Meaning
from banjie.bulletins.forms.reading import Form, read_form
from banjie.bulletins.models.forms import Filling, FormMapping
from banjie.bulletins.queries_of_forms import organisations_of
from banjie.figures.asking import asking
from banjie.figures.catalogue import figures
from banjie.ledger.actions import record_entry
from banjie.lib import clock
from banjie.lib.clock import LOCAL
from banjie.lib.errors import Conflict, Invalid, NotFound, NotPermitted, Problem
from banjie.lib.periods import Period
from banjie.lib.text import Text
from banjie.people.models import Account, Organisation
from banjie.people.scopes import scope_of_actor
from banjie.people.verbs import Verb
from banjie.registers.catalogue import catalogue
from banjie.registers.files import opened, store
from banjie.registers.headings import scales
from banjie.registers.models import Record

NOT_GRANTED = Text("您没有查看登记表的权限，不能填表", "you may not view any register, so you cannot fill forms")
NO_FORM = Text("没有这张表，或您无权查看", "there is no such form, or you may not see it")
OTHER_FORM = Text(
    "这张表的版式与原来确认的不同（表头、合并单元格或行列变了），请作为新表上传",
    "the layout differs from the one that was confirmed (headings, merged cells, rows or columns): bring it in as a new form",
)
FASTER = Text("他人刚刚确认了这张表，请看过后再改", "somebody else has just confirmed this form: look at it first")
CONFIRMED = Text("{who} 于 {at} 确认", "confirmed by {who} on {at}")
NO_SUCH_FIGURE = Text("没有这项指标", "there is no such figure")
NO_SUCH_FIELD = Text("该登记表没有这个字段", "the register has no such field")
NO_SUCH_REGISTER = Text("没有这张登记表，或您不能导出它", "there is no such register, or you may not export it")
NO_SUCH_UNIT = Text("单位「{unit}」不能用于「{title}」", "the unit {unit} does not fit {title}")
SYSTEM = "系统 System"


@dataclass(frozen=True)
class Answered:
    """What a person says a heading means. ``figure`` or ``field``: which; ``unit``: in which; ``nothing``: leave it blank. What is
    not given stays as it was matched."""

    figure: str = ""
    field: str = ""
    unit: str = ""
    nothing: bool = False


def keep_form(content: bytes, *, name: str, by: Account | None, origin: str = "web") -> FormMapping:
    """Keep a blank form; one that is known already comes back, with the file as it is now. Raises NotPermitted, Refusal."""
    _require(by)
    form = read_form(content)
    organisation = _organisation(by)
    with transaction.atomic():
        file = store(content)
        known = FormMapping.objects.select_for_update(of=("self",)).of(form.fingerprint, organisation).first()
        if known is not None:
            known.file, known.name, known.title = file, name[-255:], form.title[:200]
            known.save(update_fields=["file", "name", "title"])
        else:
            known = FormMapping.objects.create(
                fingerprint=form.fingerprint, organisation=organisation, title=form.title[:200], file=file, name=name[-255:],
                received_at=clock.now(), received_by=by,
            )  # fmt: skip
        body = {"fingerprint": form.fingerprint, "title": form.title, "file": file.pk, "name": known.name}
        record_entry(chain=known.chain, verb="form.receive", body=body, by=by, origin=origin)
    return known


def confirm_form(
    mapping: FormMapping,
    matched: Matched,
    answers: Mapping[str, Answered],
    *,
    lists: Mapping[str, Choice] | None = None,
    turn: int,
    by: Account | None,
    origin: str = "web",
) -> FormMapping:
    """Settle what the headings of a form mean: as ``answers`` say (by heading key; an empty answer accepts the match as it is), else
    as matched where nothing is in doubt. What is neither stays open and is asked again. ``turn``: that of the form as it was looked at. Raises NotPermitted, NotFound, Conflict,
    Invalid."""
    _require(by)
    form_for(mapping.pk, by=by)
    body = _body(matched, answers, lists or {})
    with transaction.atomic():
        held = FormMapping.objects.select_for_update(of=("self",)).kept().filter(pk=mapping.pk).first()
        if held is None:
            raise NotFound(NO_FORM)
        if held.fingerprint != matched.form.fingerprint:
            raise Invalid([Problem("file", held.name, OTHER_FORM)])
        if held.turn != turn:
            raise Conflict(FASTER, theirs={"turn": held.turn}, yours={"turn": turn})
        held.body, held.turn = body, held.turn + 1
        held.confirmed_at, held.confirmed_by = clock.now(), by.name.zh if by else SYSTEM
        held.save(update_fields=["body", "turn", "confirmed_at", "confirmed_by"])
        said = {"fingerprint": held.fingerprint, "title": held.title, "turn": held.turn, "mapping": body}
        record_entry(chain=held.chain, verb="form.confirm", body=said, by=by, origin=origin)
    return held


def forget_form(mapping: FormMapping, *, by: Account | None, origin: str = "web") -> None:
    """Put a form away: it is no longer listed, and comes in as a new one if it returns."""
    _require(by)
    with transaction.atomic():
        held = FormMapping.objects.visible_to(by).kept().select_for_update(of=("self",)).filter(pk=mapping.pk).first()
        if held is None:
            raise NotFound(NO_FORM)
        held.removed_at = clock.now()
        held.save(update_fields=["removed_at"])
        record_entry(chain=held.chain, verb="form.remove", body={"title": held.title}, by=by, origin=origin)


def fill(
    content: bytes,
    *,
    by: Account | None,
    link: Callable[[str], str],
    area: str | None = None,
    period: Period | None = None,
    as_of: datetime | None = None,
    mapping: FormMapping | None = None,
    origin: str = "web",
) -> Filled:
    """Fill a form with what the account may see, by the mapping that was kept for it, if any. Raises NotPermitted, NotFound,
    Refusal."""
    _require(by)
    form = read_form(content)
    held = known_form(form, by=by) if mapping is None else form_for(mapping.pk, by=by)
    if held is not None and held.fingerprint != form.fingerprint:
        raise Invalid([Problem("file", held.name, OTHER_FORM)])
    counting.put_in_force()
    made = fill_form(form, by=by, area=area, period=period, as_of=as_of, kept=kept(held), link=link)
    with transaction.atomic():
        record = _count(made, by=by, origin=origin)
        filling = Filling.objects.create(
            fingerprint=form.fingerprint, mapping=held, record=record, area=made.matched.scope.area or "",
            period=str(made.matched.scope.period or ""), as_of=made.as_of, cells=len(made.values), blanks=len(made.unanswered),
            filled_at=clock.now(), filled_by=by,
        )  # fmt: skip
        body = {
            "form": form.title, "fingerprint": form.fingerprint, "mapping": held.pk if held else None, "area": filling.area,
            "period": filling.period, "as_of": made.as_of.astimezone(LOCAL).isoformat(), "cells": filling.cells,
            "blanks": filling.blanks, "lists": _lists(made), "figures": sorted({v.figure for v in made.values if v.figure}),
        }  # fmt: skip
        record_entry(chain=f"form:{form.fingerprint}", verb="form.fill", body=body, by=by, origin=origin)
    return made


def look(
    mapping: FormMapping, *, by: Account | None, area: str | None = None, period: Period | None = None
) -> tuple[Matched, Text]:
    """A kept form with every heading and cell matched, and what its area is called. Nothing is filled or written."""
    _require(by)
    form = read_form(content_of(mapping))
    with asking(by) as asked:
        return match(form, asked, area=area, period=period, kept=kept(mapping))


def form_for(pk: int, *, by: Account | None) -> FormMapping:
    """A kept form that the account may see. Raises NotFound."""
    found = FormMapping.objects.visible_to(by).kept().select_related("file").filter(pk=pk).first()
    if found is None:
        raise NotFound(NO_FORM)
    return found


def content_of(mapping: FormMapping) -> bytes:
    with opened(mapping.file) as file:
        return file.read()


def known_form(form: Form, *, by: Account | None) -> FormMapping | None:
    """The mapping that the account's organisation, or another that it belongs to, keeps for a form; the newest of several."""
    mine = FormMapping.objects.visible_to(by).kept().filter(fingerprint=form.fingerprint)
    return mine.order_by("-turn", "-received_at", "-id").first()


def kept(mapping: FormMapping | None) -> Kept:
    if mapping is None or mapping.confirmed_at is None:
        return Kept()
    at = mapping.confirmed_at.astimezone(LOCAL)
    because = CONFIRMED.format(who=mapping.confirmed_by, at=f"{at:%Y-%m-%d}")
    return Kept(mapping.body.get("heads", {}), mapping.body.get("lists", {}), because)


def _require(by: Account | None) -> None:
    if not scope_of_actor(by).registers(Verb.VIEW):
        raise NotPermitted(NOT_GRANTED)


def _organisation(by: Account | None) -> Organisation | None:
    held = organisations_of(by) if by is not None else []
    return Organisation.objects.get(pk=held[0]) if held else None


def _body(matched: Matched, answers: Mapping[str, Answered], lists: Mapping[str, Choice]) -> dict[str, Any]:
    heads: dict[str, Any] = {}
    chosen = {f.key: lists.get(f.key, f.choice if f.standing.fills else Choice()) for f in matched.lists}
    matched_to = {f.key: f.choice.register for f in matched.lists}
    for key, match_ in matched.matches.items():
        table = "/".join(key.split("/")[:2])
        register = chosen[table].register if table in chosen else ""
        if register != matched_to.get(table, ""):
            continue  # of another register the columns are matched anew
        if key in matched.open and key not in answers:
            continue  # nobody decided
        meaning = _meaning(match_, answers.get(key), matched, register)
        if meaning is not None:
            heads[key] = meaning.kept()
    for choice in chosen.values():
        _check_choice(choice, matched)
    said = {key: choice.kept() for key, choice in chosen.items() if choice.register}
    return {"heads": heads, "lists": said}


def _meaning(match_: Match, answered: Answered | None, matched: Matched, register: str) -> Meaning | None:
    """What is kept of a heading; None where it stays open."""
    if answered is None:
        return match_.meaning if match_.standing.fills else None
    if answered.nothing:
        return Meaning(nothing=True)
    said = {n: v for n in ("figure", "field", "unit") if (v := getattr(answered, n))}
    if not said:
        return match_.meaning if match_.standing.fills else None
    meaning = Meaning.of(match_.meaning.kept() | said | {"nothing": False}, match_.meaning.when)
    _check_meaning(match_, meaning, matched, register)
    return meaning


def _check_meaning(match_: Match, meaning: Meaning, matched: Matched, register: str) -> None:
    if meaning.figure and meaning.figure not in matched.words.figures:
        raise Invalid([Problem(match_.key, meaning.figure, NO_SUCH_FIGURE)], {match_.key: _called(match_)})
    definition = matched.words.registers.get(register)
    if meaning.field and (definition is None or meaning.field not in definition.by_name):
        raise Invalid([Problem(match_.key, meaning.field, NO_SUCH_FIELD)], {match_.key: _called(match_)})
    unit, title = "", _called(match_)
    if meaning.figure:
        unit, title = matched.words.figures[meaning.figure].unit, figures().figures[meaning.figure].title
    elif meaning.field and definition is not None:
        unit, title = definition.field(meaning.field).unit, definition.field(meaning.field).title
    if meaning.unit and unit and meaning.unit not in scales(unit):
        says = NO_SUCH_UNIT.format(unit=meaning.unit, title=title)
        raise Invalid([Problem(match_.key, meaning.unit, says)], {match_.key: _called(match_)})


def _called(match_: Match) -> Text:
    return Text(match_.head.text, match_.head.text)


def _check_choice(choice: Choice, matched: Matched) -> None:
    """That the register can be listed from and can answer the filters and the order: its SQL is built, not run."""
    if not choice.register:
        return
    register = matched.words.registers.get(choice.register)
    if register is None:
        raise Invalid([Problem("register", choice.register, NO_SUCH_REGISTER)])
    Record.objects.of(choice.register).matching(register, choice.filters)
    order = choice.order.field
    if order not in {"", "key"} and (order not in register.by_name or register.field(order).personal):
        raise Invalid([Problem("order", order, Text("不能按此字段排序", "cannot be sorted by"))])


def _count(made: Filled, *, by: Account | None, origin: str) -> Record:
    form, scope = made.matched.form, made.matched.scope
    organisation = _organisation(by)
    return counting.counted(
        fingerprint=form.fingerprint, title=form.title, area=scope.area, period=str(scope.period or ""),
        unit=organisation.name_zh if organisation else "", cells=len(made.values), blanks=len(made.unanswered),
        again=counting.asked_again(made.facts, form.fingerprint), by=by, origin=origin,
    )  # fmt: skip


def _lists(made: Filled) -> list[dict[str, Any]]:
    """Of each list that was filled: the register, the filter, how many records went out, and whether with personal values."""
    said = []
    for found in made.matched.lists:
        register = catalogue().registers.get(found.choice.register)
        mine = [v for v in made.values if v.page == found.page and v.field.startswith(f"{found.choice.register}.")]
        if register is not None and mine:
            personal = any(v.field.partition(".")[2] in register.personal for v in mine)
            count = len({v.place[0] for v in mine})
            said.append(found.choice.kept() | {"records": count, "personal": personal})
    return said
