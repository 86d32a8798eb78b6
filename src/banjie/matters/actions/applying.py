"""What an applicant does without an account: hand in a request, hand in more, rate what became of it.

They act through the system (``by`` is None in the ledger, the origin says portal) and reach nothing but the fields that the
process opens to them. Who may follow a matter is whoever has its code; these functions take the matter.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from typing import BinaryIO

from django.db import transaction

from banjie.ledger.models import Entry
from banjie.lib.clock import LOCAL, now
from banjie.lib.errors import Conflict, Invalid, NotFound, Problem
from banjie.lib.text import Text
from banjie.matters.actions.advancing import advance
from banjie.matters.actions.opening import ALPHABET, open_matter
from banjie.matters.actions.waiting import resume
from banjie.matters.catalogue import compiled, in_force
from banjie.matters.clock_lines import clock_face
from banjie.matters.compiling import Compiled
from banjie.matters.definition import Public, Rating
from banjie.matters.holding import Held, hold
from banjie.matters.intake import require_area, require_owner
from banjie.matters.joint import asked, asking_branches
from banjie.matters.joint_waiting import lock_branches
from banjie.matters.models import Matter
from banjie.matters.stations import obstacles
from banjie.registers.actions import update
from banjie.registers.attachments import attach
from banjie.registers.checking import Surroundings, check
from banjie.registers.definition import Register
from banjie.registers.values import typed

PORTAL = "portal"
NOT_PUBLIC = Text("这项业务不在网上受理", "this is not taken in from outside")
FILES_AT_MOST = 20
TOO_MANY_FILES = Text("一次最多 {n} 个文件", "{n} files at most at once")
NOTHING_WANTED = Text("现在没有需要补正的材料", "nothing is asked for at present")
NOTHING_SENT = Text("请上传材料或填写说明", "add a file or write an answer")
NOT_CLOSED = Text("现在不能评价，请在答复或办结后评价", "it cannot be rated now: wait until it is answered or closed")
RATED = Text("已评价过{when}，每件只评价一次", "it has been rated already{when}: once is all")
RATED_AT = Text("（{moment}）", " ({moment})")
CHOOSE = Text("请选择评价等级", "choose a grade")
BY_RATING = Text("申请人已评价", "the applicant has rated it")
SUPPLIED = Text("申请人已补交", "the applicant has handed in more")
TEMPORARY = "W"  # begins the number of a request that came from outside

File = tuple[str, BinaryIO]


def hand_in(process: str, values: Mapping[str, object], *, files: Sequence[File] = (), origin: str = PORTAL) -> Matter:
    """Take in a request. Only the fields that the process asks of applicants are read. Raises NotFound (not public), Invalid (wrong
    values; from where nobody can handle it)."""
    with transaction.atomic():
        found = compiled(in_force(process).version.digest)
        public = found.process.public
        if public is None or not public.fields:
            raise NotFound(NOT_PUBLIC)
        data: dict[str, object] = {name: values.get(name) for name in public.fields}
        require_area(found, data.get(found.register.area or ""))
        data |= _numbered(found.register, data)
        if public.received is not None:
            data[public.received] = now().astimezone(LOCAL).strftime("%Y-%m-%dT%H:%M")
        if found.public_sets:
            said = check(found.register, data, Surroundings.of(found.register, [data], None)).data
            row = typed(said, found.register)
            data |= {name: formula.evaluate(row) for name, formula in found.public_sets.items()}
        matter = open_matter(process, data, by=None, origin=origin)
        require_owner(found, matter)
        _keep(matter, files, origin)
    return matter


def supply(matter: Matter | int, *, answer: str = "", files: Sequence[File] = (), origin: str = PORTAL) -> Matter:
    """Hand in what was asked for; the clocks run on from now. For every matter with a code. Raises Invalid where nothing is asked for, or nothing is sent."""
    with transaction.atomic():
        lock_branches(matter)
        held = hold(matter, version=None, by=None)
        if wanted(held.matter) is None:
            raise Invalid([Problem("files", None, NOTHING_WANTED)])
        if not files and not answer.strip():
            raise Invalid([Problem("files", None, NOTHING_SENT)])
        public = held.compiled.process.public
        field = public.answer if public else None
        if field is not None and answer.strip():
            update(held.record, {field: answer.strip()}, version=held.record.version, by=None, origin=origin)
        _keep(held.matter, files, origin)
        return _resumed(held.matter, origin)


def _resumed(matter: Matter, origin: str) -> Matter:
    """Let run on what waited for the applicant: each branch that asked, the matter with the last of them, or by itself."""
    own = asked(matter) is not None
    for branch, _ in asking_branches(matter):
        resume(branch.pk, version=branch.version, by=None, why=str(SUPPLIED), origin=origin)
    if own:
        return resume(matter.pk, version=matter.version, by=None, why=str(SUPPLIED), origin=origin)
    return Matter.objects.select_related("record").get(pk=matter.pk)


def rate(
    matter: Matter | int, *, grade: str, comment: str = "", also: Mapping[str, object] | None = None, origin: str = PORTAL
) -> Matter:
    """What the applicant says of a matter, once: when it is closed, or at the stage that waits for it, from where it goes on. A low
    grade opens the call-back that the process declares. Raises NotFound, Invalid."""
    with transaction.atomic():
        held = hold(matter, version=None, by=None)
        rating = _public(held.compiled).rating
        if rating is None:
            raise NotFound(NOT_PUBLIC)
        if held.record.data.get(rating.grade) is not None:
            raise Invalid([Problem("grade", None, RATED.format(when=_rated_at(held, rating)))])
        if not asked_to_rate(held.matter, rating):
            raise Invalid([Problem("grade", held.matter.state, NOT_CLOSED)])
        if not grade:
            raise Invalid([Problem("grade", None, CHOOSE)])
        changes: dict[str, object] = {rating.grade: grade}
        if rating.comment is not None and comment.strip():
            changes[rating.comment] = comment.strip()
        changes |= {name: value for name, value in (also or {}).items() if name in rating.also}
        held.record = update(held.record, changes, version=held.record.version, by=None, origin=origin)
        _call_back(held, origin)
        return _go_on(held, origin) if rating.stage is not None else held.matter


def _rated_at(held: Held, rating: Rating) -> Text:
    """When the grade was written, as its record's history tells it."""
    for entry in Entry.objects.of(held.record.chain).order_by("-index").iterator():
        if rating.grade in entry.body.get("before", {}):
            return RATED_AT.format(moment=clock_face(entry.at))
    return Text("", "")


def asked_to_rate(matter: Matter, rating: Rating) -> bool:
    """Whether the matter is where it can be rated."""
    if rating.stage is None:
        return matter.state == "closed"
    return matter.state == "open" and matter.stage == rating.stage


def _go_on(held: Held, origin: str) -> Matter:
    """Take the way whose condition asks for this grade; where something is still missing, the matter waits for its owner."""
    rating = _public(held.compiled).rating
    for to, way in held.stage.to.items():
        guard = held.compiled.exits.get((held.matter.stage, to))
        if rating and guard and rating.grade in guard.columns and not obstacles(held, to, way, held.record.data):
            return advance(held.matter.pk, to, version=held.matter.version, by=None, why=str(BY_RATING), origin=origin)
    return held.matter


def wanted(matter: Matter) -> str | None:
    """What the applicant is asked to hand in, for the matter itself and for its branches; None while nothing is."""
    own = asked(matter)
    said = [own] if own is not None else []
    said += [f"{b.organisation.name.zh}：{w}" if b.organisation else w for b, w in asking_branches(matter)]
    return "\n".join(said) or None


def _call_back(held: Held, origin: str) -> None:
    rating = _public(held.compiled).rating
    if rating is None or rating.call_back is None:
        return
    row = typed(held.record.data, held.compiled.register)
    if held.compiled.call_back is not None and held.compiled.call_back.evaluate(row) is not True:
        return
    fields = {name: formula.evaluate(row) for name, formula in held.compiled.call_back_fields.items()}
    open_matter(rating.call_back.process, fields, by=None, origin=origin, main=held.matter, why=held.record.key)


def _public(found: Compiled) -> Public:
    if found.process.public is None:
        raise NotFound(NOT_PUBLIC)
    return found.process.public


def _numbered(register: Register, data: Mapping[str, object]) -> dict[str, object]:
    """A number for a request from outside, where its key is one text that the applicant does not give."""
    name = register.key[0]
    if len(register.key) > 1 or data.get(name) or register.field(name).type != "text":
        return {}
    tail = "".join(secrets.choice(ALPHABET) for _ in range(6))
    return {name: f"{TEMPORARY}{now().astimezone(LOCAL):%Y%m%d}-{tail}"}


def _keep(matter: Matter, files: Sequence[File], origin: str) -> None:
    if len(files) > FILES_AT_MOST:
        raise Invalid([Problem("files", len(files), TOO_MANY_FILES.format(n=FILES_AT_MOST))])
    for name, content in files:
        try:
            attach(matter.record_id, content, name, by=None, origin=origin)
        except Conflict:  # the same file twice
            continue
