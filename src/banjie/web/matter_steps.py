"""What can be done with a matter: for each step its form, and the action that it calls."""

from __future__ import annotations

from collections.abc import Callable

from django.http import QueryDict

from banjie.lib.errors import Invalid, NotFound, Problem
from banjie.lib.text import Text
from banjie.matters import actions
from banjie.matters.models import Matter
from banjie.matters.page import Move, Page, TaskShown
from banjie.people.models import Account, Organisation, Post
from banjie.places.terms import parse_term
from banjie.web import matter_clock_steps
from banjie.web.matter_choices import organisations_for, posts_for
from banjie.web.matter_forms import (
    ANSWER_TERMS,
    KEPT,
    NO_STEP,
    NOT_NOW,
    NOTE,
    REASON,
    TITLES,
    Ask,
    Button,
    Step,
    changes_in,
    simple,
    text_in,
)


def step(page: Page, verb: str, item: str, by: Account) -> Step:
    """The step by its name. Raises NotFound."""
    make = _STEPS.get(verb)
    if make is None:
        raise NotFound(NO_STEP)
    return make(page, item, by)


# --- the steps -------------------------------------------------------------------------------------------------------


def _advance(page: Page, item: str, by: Account) -> Step:
    move = next((m for m in page.moves if m.to == item), None)
    if move is None:
        raise NotFound(NO_STEP)

    def run(sent: QueryDict, version: int) -> Matter:
        return actions.advance(
            page.matter, item, version=version, by=by, changes=changes_in(page, move.needs, sent), why=text_in(sent, "why")
        )

    to = page.process.stages[item].title
    done = Text("已办结：{to}。", "Closed: {to}.") if move.ending else Text("已转到「{to}」。", "It is at {to} now.")
    return Step(
        "advance", move.title, run, done.format(to=to), item,
        says=_leads_to(move, to), asks=(NOTE,), needs=move.needs,
        files="edit" in page.may, files_wanted=(move.files, move.photos), buttons=(Button(move.title),),
        blocked=_reasons(move), hints=_hints(move),
    )  # fmt: skip


def _leads_to(move: Move, to: Text) -> Text:
    if move.ending:
        return Text("事项将在「{to}」办结，所有计时停止。", "The matter ends at {to}, and every clock stops.").format(to=to)
    if move.returns:
        return Text("退回「{to}」，计一次退回。", "It goes back to {to}, which counts as a return.").format(to=to)
    return Text("转到「{to}」，由该环节责任人接办。", "It goes to {to} and is up to whoever answers for that stage.").format(
        to=to
    )


def _reasons(move: Move) -> tuple[str, ...]:
    """Why an exit is closed. Files that are missing can be added with the form, and a guard may depend on what is filled in there:
    these are told, and do not close it."""
    return tuple(
        str(p.says) for p in move.reasons if p.where not in {"files", "photos"} and not (p.where == "when" and move.needs)
    )


def _hints(move: Move) -> tuple[str, ...]:
    """What will be asked of the whole when the form is sent."""
    return tuple(str(p.says) for p in move.reasons if p.where == "when" and move.needs)


def _task(page: Page, item: str, by: Account) -> Step:
    shown = _task_shown(page, item, "open")

    def run(sent: QueryDict, version: int) -> object:
        changes = changes_in(page, shown.needs, sent)
        return actions.complete_task(page.matter, item, by=by, changes=changes, note=text_in(sent, "note"))

    blocked = () if shown.yours else (str(Text("由{owner}办理", "up to {owner}").format(owner=shown.owner)),)
    return Step(
        "task", Text("完成：{title}", "Finish: {title}").format(title=shown.title), run,
        Text("任务「{title}」已完成。", "The task {title} is done.").format(title=shown.title), item,
        asks=(Ask("note", Text("办理结果", "What was found"), required=False, help=KEPT),), needs=shown.needs,
        files="edit" in page.may, files_wanted=(shown.files, shown.photos),
        buttons=(Button(Text("完成任务", "Finish the task")),), blocked=blocked,
    )  # fmt: skip


def _return_task(page: Page, item: str, by: Account) -> Step:
    shown = _task_shown(page, item, "done")

    def run(sent: QueryDict, version: int) -> object:
        return actions.return_task(page.matter, item, version=version, by=by, why=text_in(sent, "why"))

    return Step(
        "return_task", Text("退回重办：{title}", "Send back: {title}").format(title=shown.title), run,
        Text("已退回「{title}」。", "{title} was sent back.").format(title=shown.title), item,
        asks=(Ask("why", REASON, help=KEPT),), buttons=(Button(Text("退回", "Send back")),),
        blocked=() if page.yours and page.matter.state == "open" else (str(NOT_NOW),),
    )  # fmt: skip


def _task_shown(page: Page, name: str, state: str) -> TaskShown:
    found = [t for t in page.tasks if t.task.name == name and t.task.stage == page.matter.stage and t.task.state == state]
    if not found:
        raise NotFound(NO_STEP)
    return found[-1]


def _accept(page: Page, item: str, by: Account) -> Step:
    return simple(
        page, "accept", TITLES["accept"], Text("已接办。", "You have taken it up."),
        lambda sent, version: actions.accept(page.matter, version=version, by=by, why=text_in(sent, "why")),
        asks=(NOTE,),
    )  # fmt: skip


def _hand_over(page: Page, item: str, by: Account) -> Step:
    mine = page.matter.owner_post_id
    groups = posts_for(page.record, without=None if item else mine)

    def run(sent: QueryDict, version: int) -> object:
        post = Post.objects.select_related("organisation").filter(code=sent.get("to", "")).first()
        if post is None:
            raise Invalid([Problem("to", sent.get("to"), Text("请选择接办岗位", "choose the post"))])
        return actions.hand_over(page.matter, post, version=version, by=by, why=text_in(sent, "why"), task=item or None)

    return simple(
        page, "hand_over", TITLES["hand_over"], Text("已移交。", "Handed over."), run,
        item=item, says=Text("移交不改变期限。", "Handing over moves no clock."),
        asks=(Ask("to", Text("接办岗位", "To which post"), "choice", groups=groups), Ask("why", REASON, help=KEPT)),
    )  # fmt: skip


def _invite(page: Page, item: str, by: Account) -> Step:
    terms = (("", str(Text("不限", "no limit"))), *((t, str(parse_term(t).title)) for t in ANSWER_TERMS))

    def run(sent: QueryDict, version: int) -> object:
        unit = Organisation.objects.filter(code=sent.get("organisation", "")).first()
        if unit is None:
            raise Invalid([Problem("organisation", None, Text("请选择单位", "choose a unit"))])
        return actions.invite(
            page.matter, unit, asks=text_in(sent, "asks"), within=text_in(sent, "within"), version=version, by=by
        )

    return simple(
        page, "invite", TITLES["invite"], Text("已邀请。", "The unit is invited."), run,
        says=Text("责任人不变。", "The matter stays with its owner."),
        asks=(
            Ask("organisation", Text("单位", "Unit"), "choice", options=organisations_for(page.matter, page.record.register)),
            Ask("asks", Text("需要协办的内容", "What they are asked to do"), help=KEPT),
            Ask("within", Text("答复时限", "Answer within"), "choice", required=False, options=terms),
        ),
    )  # fmt: skip


_STEPS: dict[str, Callable[[Page, str, Account], Step]] = {
    "accept": _accept,
    "advance": _advance,
    "task": _task,
    "return_task": _return_task,
    "return_for_more": matter_clock_steps.return_for_more,
    "suspend": matter_clock_steps.suspend,
    "resume": matter_clock_steps.resume,
    "take_down": matter_clock_steps.take_down,
    "put_up": matter_clock_steps.put_up,
    "hand_over": _hand_over,
    "invite": _invite,
    "ask_extension": matter_clock_steps.ask_extension,
    "decide_extension": matter_clock_steps.decide_extension,
    "urge": matter_clock_steps.urge,
    "withdraw": matter_clock_steps.withdraw,
    "reopen": matter_clock_steps.reopen,
}
