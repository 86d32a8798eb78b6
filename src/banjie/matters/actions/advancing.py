"""From stage to stage."""

from __future__ import annotations

from collections.abc import Mapping

from django.db import transaction

from banjie.lib.errors import Invalid, Problem
from banjie.lib.text import Text
from banjie.matters import entries, facts
from banjie.matters.actions.opening import open_branches
from banjie.matters.attempts import on_record
from banjie.matters.definition import Exit
from banjie.matters.holding import Held, hold
from banjie.matters.joint_waiting import main_of
from banjie.matters.models import Matter
from banjie.matters.statements import together
from banjie.matters.stations import enter, keep, leave, obstacles
from banjie.matters.telling import tell_of_step
from banjie.people.models import Account

NO_WAY = Text("「{stage}」环节不能转到「{to}」", "there is no way from {stage} to {to}")
NO_ENDING = Text("「{stage}」环节不能直接办结", "the stage {stage} does not lead to an ending")
ALL_DONE = Text("并联事项均已办结", "every branch is done")
WHICH_ENDING = Text("有多种办结方式，请指明其一", "there is more than one ending: name one")


def advance(
    matter: Matter | int,
    to: str,
    *,
    version: int,
    by: Account | None,
    changes: Mapping[str, object] | None = None,
    why: str = "",
    origin: str = "web",
) -> Matter:
    """Take the matter to another stage; ``changes`` fills in fields of the record on the way. An ending closes it.

    Raises Conflict (somebody was faster), NotPermitted (it is another post's turn), Invalid (closed or suspended; no such way;
    notice not run, tasks or branches open, fields, files or photos missing, guard not satisfied)."""
    with on_record(matter, "advance", to, by), transaction.atomic():
        held = hold(matter, version=version, by=by)
        held.require_open()
        held.require_handle()
        way = exit_of(held, to)
        row = facts.checked(held, changes or {}, way.needs)
        problems = obstacles(held, to, way, held.record.data if row is None else row.data)
        if problems:
            raise Invalid(problems)
        facts.write(held, row)
        leave(held)
        held.matter.returns += way.returns
        enter(held, to)
        tell_of_step(held, returned=way.returns, why=why)
        verb = entries.CLOSE if held.matter.state == "closed" else entries.RETURN if way.returns else entries.ADVANCE
        with together(when=held.past is None):  # what changed a record may have personal values to copy
            keep(held)
            entries.record_step(held, verb, why=why, origin=origin)
        open_branches(held, origin=origin)
        let_main_go_on(held, origin)
    return held.matter


def let_main_go_on(held: Held, origin: str) -> None:
    """After a step of a branch: the main matter takes the way that is marked for it, if this was the last it waited for. What
    stands against it is left to its owner."""
    main = main_of(held.matter)
    if main is None or main.matter.state != "open":
        return
    for to, way in main.stage.to.items():
        if way.by_itself and not obstacles(main, to, way, main.record.data):
            advance(main.matter.pk, to, version=main.matter.version, by=None, why=str(ALL_DONE), origin=origin)
            return


def close(
    matter: Matter | int,
    *,
    version: int,
    by: Account | None,
    to: str | None = None,
    changes: Mapping[str, object] | None = None,
    why: str = "",
    origin: str = "web",
) -> Matter:
    """Take the matter to its ending: the one named, or the only one that is done. Raises as ``advance``."""
    if to is None:
        with transaction.atomic():
            to = _only_ending(hold(matter, version=version, by=by))
    return advance(matter, to, version=version, by=by, changes=changes, why=why, origin=origin)


def exit_of(held: Held, to: str) -> Exit:
    """The exit that leads there. Raises Invalid."""
    way = held.stage.to.get(to)
    if way is None:
        stages = held.compiled.process.stages
        title = stages[to].title if to in stages else Text(to, to)
        raise Invalid([Problem("to", to, NO_WAY.format(stage=held.stage.title, to=title))])
    return way


def _only_ending(held: Held) -> str:
    held.require_live()
    endings = [to for to in held.stage.to if held.compiled.stage(to).ending]
    done = [to for to in endings if held.compiled.stage(to).ending == "done"]
    if len(done) == 1 or len(endings) == 1:
        return (done or endings)[0]
    says = WHICH_ENDING if endings else NO_ENDING.format(stage=held.stage.title)
    raise Invalid([Problem("to", None, says)])
