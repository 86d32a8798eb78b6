"""What can be done with a matter, as forms: which controls each step asks for, and which action it calls.

A step's form is a page of its own, so that it works without a script, and so that a refusal shows it again with all that was
typed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from django.http import QueryDict

from banjie.lib.errors import Invalid, NotFound, Problem
from banjie.lib.text import Text
from banjie.matters import actions
from banjie.matters.models import Clock, Matter
from banjie.matters.page import ClockShown, Move, Page, TaskShown
from banjie.people.models import Account, Organisation, Post
from banjie.people.scopes import scope_of
from banjie.people.verbs import Verb
from banjie.places.terms import parse_term
from banjie.registers.catalogue import catalogue
from banjie.registers.definition import Field
from banjie.web.display import to_form
from banjie.web.forms import Control, controls, typed_values, unmasked
from banjie.web.matter_choices import organisations_for, posts_for

NO_STEP = Text("没有这一步，或事项已不在该环节", "there is no such step, or the matter has left that stage")
NOT_NOW = Text("现在不能进行这一步", "this step cannot be taken now")
NO_VERSION = Text("缺少版本号，请重新打开事项", "the version is missing: open the matter again")
LONGEST = 2000
ANSWER_TERMS = ("1 workday", "2 workdays", "3 workdays", "5 workdays", "10 workdays")


@dataclass(frozen=True)
class Ask:
    """One control that is no field of the record. ``kind``: note, line, number, choice, radio."""

    name: str
    title: Text
    kind: str = "note"
    required: bool = True
    help: Text | None = None
    options: tuple[tuple[str, str], ...] = ()
    groups: tuple[tuple[str, tuple[tuple[str, str], ...]], ...] = ()
    value: str = ""
    problems: tuple[str, ...] = ()

    @property
    def describedby(self) -> str:
        parts = [("ask-help", self.help), ("ask-problem", self.problems)]
        return " ".join(f"{part}-{self.name}" for part, there in parts if there)


@dataclass(frozen=True)
class Button:
    title: Text
    name: str = "go"
    value: str = "1"
    main: bool = True


@dataclass(frozen=True)
class Step:
    """A step with its form. ``run`` calls the action with what was sent; ``blocked`` says why it cannot be taken now."""

    verb: str
    title: Text
    run: Callable[[QueryDict, int], object]
    done: Text
    item: str = ""
    says: Text | None = None
    asks: tuple[Ask, ...] = ()
    needs: tuple[Field, ...] = ()
    files: bool = False
    files_wanted: tuple[int, int] = (0, 0)  # files, photos
    buttons: tuple[Button, ...] = ()
    blocked: tuple[str, ...] = ()
    hints: tuple[str, ...] = ()
    fields: tuple[Control, ...] = field(default=())


TITLES = {  # in the order in which they are offered
    "accept": Text("接办", "Accept"),
    "resume": Text("恢复办理", "Resume"),
    "return_for_more": Text("退回补正", "Ask for more"),
    "hand_over": Text("移交", "Hand over"),
    "invite": Text("邀请协办", "Invite a unit"),
    "take_down": Text("公告中断", "Notice taken down"),
    "put_up": Text("公告恢复", "Notice put up again"),
    "suspend": Text("暂停", "Suspend"),
    "ask_extension": Text("申请延期", "Ask for more time"),
    "urge": Text("督办", "Urge"),
    "withdraw": Text("撤回", "Withdraw"),
    "reopen": Text("重新办理", "Reopen"),
}
ASKED = {  # what is typed into a form besides the record's fields
    "why": Text("说明", "Note"), "note": Text("办理结果", "What was found"), "says": Text("意见", "Note"),
    "wanted": Text("需要补正的内容", "What is to be handed in"), "basis": Text("法律依据", "Legal ground"),
    "evidence": Text("凭据", "Evidence"), "asks": Text("需要协办的内容", "What they are asked to do"),
    "reason": Text("理由", "Reason"), "amount": Text("延长多少", "How much more"),
}  # fmt: skip
WHY = Text("办理意见", "Note")
REASON = Text("原因", "Reason")
KEPT = Text(
    "写入历史，能看到本事项的人可见；请勿填写个人信息。", "Kept in the history for all who see this; no personal data, please."
)
NOTE = Ask("why", WHY, required=False, help=KEPT)


def step(page: Page, verb: str, item: str, by: Account) -> Step:
    """The step by its name. Raises NotFound."""
    make = _STEPS.get(verb)
    if make is None:
        raise NotFound(NO_STEP)
    return make(page, item, by)


def filled(made: Step, page: Page, by: Account, sent: Mapping[str, str], problems: list[Problem]) -> Step:
    """The step with what was typed (or, before anything was, with what the record says) and what is wrong with it."""
    said: dict[str, list[str]] = {}
    for p in problems:
        said.setdefault(p.where, []).append(str(p.says))
    asks = tuple(replace(a, value=sent.get(a.name, a.value), problems=tuple(said.get(a.name, ()))) for a in made.asks)
    return replace(made, asks=asks, fields=tuple(_fields(made, page, by, sent, problems)))


def _fields(made: Step, page: Page, by: Account, sent: Mapping[str, str], problems: list[Problem]) -> list[Control]:
    if not made.needs:
        return []
    register, record = catalogue().register(page.record.register), page.record
    names = {f.name for f in made.needs}
    values = {f.name: sent.get(f.name, to_form(f, record.data.get(f.name))) for f in made.needs}
    reveal = _reveals(by, page)
    found = controls(by, register, values, verb=Verb.UPDATE, problems=problems, record=record, reveal=reveal, only=names)
    return [replace(c, field=c.field.model_copy(update={"required": True})) for c in found]


def _reveals(by: Account, page: Page) -> bool:
    return scope_of(by).may(Verb.PERSONAL, page.record.register, page.record.area_id)


def changes_in(page: Page, needs: tuple[Field, ...], sent: QueryDict) -> dict[str, object]:
    """The fields whose text differs from what the record says."""
    register, names = catalogue().register(page.record.register), {f.name for f in needs}
    typed = unmasked(register, {n: v for n, v in typed_values(register, sent).items() if n in names})
    return {
        n: v for n, v in typed.items()
        if sent.get(n, "").replace("\r\n", "\n").strip() != to_form(register.field(n), page.record.data.get(n))
    }  # fmt: skip


# --- the steps -------------------------------------------------------------------------------------------------------


def _advance(page: Page, item: str, by: Account) -> Step:
    move = next((m for m in page.moves if m.to == item), None)
    if move is None:
        raise NotFound(NO_STEP)

    def run(sent: QueryDict, version: int) -> Matter:
        return actions.advance(
            page.matter, item, version=version, by=by, changes=changes_in(page, move.needs, sent), why=_text(sent, "why")
        )

    to = page.process.stages[item].title
    done = Text("已办结：{to}。", "Closed: {to}.") if move.ending else Text("已转到「{to}」。", "It is at {to} now.")
    return Step(
        "advance", move.title, run, done.format(to=to), item,
        says=_leads_to(move, to), asks=(replace(NOTE, required=False),), needs=move.needs,
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
        return actions.complete_task(page.matter, item, by=by, changes=changes, note=_text(sent, "note"))

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
        return actions.return_task(page.matter, item, version=version, by=by, why=_text(sent, "why"))

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
    return _simple(
        page, "accept", TITLES["accept"], Text("已接办。", "You have taken it up."),
        lambda sent, version: actions.accept(page.matter, version=version, by=by, why=_text(sent, "why")),
        asks=(NOTE,),
    )  # fmt: skip


def _return_for_more(page: Page, item: str, by: Account) -> Step:
    return _simple(
        page, "return_for_more", TITLES["return_for_more"],
        Text("已退回补正，计时暂停。", "The applicant is asked for more; the clocks stand still."),
        lambda sent, version: actions.return_for_more(
            page.matter, wanted=_text(sent, "wanted"), version=version, by=by, why=_text(sent, "why")
        ),
        says=Text(
            "一次性告知需要补正的全部内容。申请人凭查询码可以看到下面的文字，请勿写入个人信息。",
            "Say at once all that is missing. The applicant reads the text below by their code: no personal data, please.",
        ),
        asks=(Ask("wanted", Text("需要补正的内容", "What is to be handed in")), NOTE),
    )  # fmt: skip


def _suspend(page: Page, item: str, by: Account) -> Step:
    return _simple(
        page, "suspend", TITLES["suspend"], Text("已暂停，计时停止。", "Suspended: the clocks stand still."),
        lambda sent, version: actions.suspend(
            page.matter, basis=_text(sent, "basis"), evidence=_text(sent, "evidence"), version=version, by=by,
            why=_text(sent, "why"),
        ),
        says=Text("法定公告期不因暂停而停止。", "Statutory notices run on."),
        asks=(
            Ask("basis", Text("法律依据", "Legal ground"), "line"),
            Ask("evidence", Text("凭据（文号）", "Evidence (document number)"), "line", required=False),
            NOTE,
        ),
    )  # fmt: skip


def _take_down(page: Page, item: str, by: Account) -> Step:
    return _simple(
        page, "take_down", TITLES["take_down"], Text("已记录公告中断，公告期暂停。", "Noted: the notice's time stands still."),
        lambda sent, version: actions.take_down(
            page.matter, why=_text(sent, "why"), evidence=_text(sent, "evidence"), version=version, by=by
        ),
        says=Text(
            "公告被撕毁、网站停运或内容有误的，公告期从此刻起不计，恢复前不能进行下一步。",
            "Torn down, offline or wrong: from now its days do not count, and no step can follow until it is up again.",
        ),
        asks=(
            Ask("why", Text("中断原因", "Why"), help=KEPT),
            Ask("evidence", Text("凭据", "Evidence"), "line", required=False),
        ),
    )  # fmt: skip


def _put_up(page: Page, item: str, by: Account) -> Step:
    again = page.stage.if_taken_down == "restarts"
    says = (
        Text("公告期从现在起重新计算。", "The notice runs anew from now.")
        if again
        else Text("公告期接着计算，中断的日子不计。", "It runs on; the days on which it did not hang do not count.")
    )
    return _simple(
        page, "put_up", TITLES["put_up"], Text("公告已恢复。", "The notice is up again."),
        lambda sent, version: actions.put_up(page.matter, version=version, by=by, why=_text(sent, "why")),
        says=says, asks=(NOTE,),
    )  # fmt: skip


def _resume(page: Page, item: str, by: Account) -> Step:
    return _simple(
        page, "resume", TITLES["resume"], Text("已恢复，计时继续。", "Resumed: the clocks run on."),
        lambda sent, version: actions.resume(page.matter, version=version, by=by, why=_text(sent, "why")), asks=(NOTE,),
    )  # fmt: skip


def _hand_over(page: Page, item: str, by: Account) -> Step:
    mine = page.matter.owner_post_id
    groups = posts_for(page.record, without=None if item else mine)

    def run(sent: QueryDict, version: int) -> object:
        post = Post.objects.select_related("organisation").filter(code=sent.get("to", "")).first()
        if post is None:
            raise Invalid([Problem("to", sent.get("to"), Text("请选择接办岗位", "choose the post"))])
        return actions.hand_over(page.matter, post, version=version, by=by, why=_text(sent, "why"), task=item or None)

    return _simple(
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
        return actions.invite(page.matter, unit, asks=_text(sent, "asks"), within=_text(sent, "within"), version=version, by=by)

    return _simple(
        page, "invite", TITLES["invite"], Text("已邀请。", "The unit is invited."), run,
        says=Text("责任人不变。", "The matter stays with its owner."),
        asks=(
            Ask("organisation", Text("单位", "Unit"), "choice", options=organisations_for(page.matter, page.record.register)),
            Ask("asks", Text("需要协办的内容", "What they are asked to do"), help=KEPT),
            Ask("within", Text("答复时限", "Answer within"), "choice", required=False, options=terms),
        ),
    )  # fmt: skip


def _ask_extension(page: Page, item: str, by: Account) -> Step:
    limits = [c for c in page.clocks if c.clock.state != Clock.STOPPED and not c.clock.at_least]
    own = [c for c in limits if c.clock.task_id is None]
    options = tuple((str(c.clock.pk), _limit_named(c)) for c in (own or limits))

    def run(sent: QueryDict, version: int) -> object:
        chosen = next((c for c in limits if str(c.clock.pk) == sent.get("clock", "")), None)
        if chosen is None:
            raise Invalid([Problem("clock", None, Text("请选择要延长的期限", "choose the term"))])
        amount = _text(sent, "amount")
        if not amount.replace(".", "", 1).isdecimal():
            raise Invalid([Problem("amount", amount, Text("请填写数字", "give a number"))])
        unit = parse_term(chosen.clock.term).unit.replace("_", " ")
        return actions.ask_extension(
            page.matter, amount=f"{amount} {unit}", reason=_text(sent, "reason"), version=version, by=by, clock=chosen.clock.pk
        )

    return _simple(
        page, "ask_extension", TITLES["ask_extension"],
        Text("已申请，等待批准。期限在批准后才变动。", "Asked for. Nothing moves until it is approved."), run,
        asks=(
            Ask("clock", Text("哪一期限", "Which term"), "radio", options=options, value=options[0][0] if options else ""),
            Ask("amount", Text("延长多少", "How much more"), "number", help=Text("按该期限自己的单位", "in the unit of that term")),
            Ask("reason", Text("延期理由", "Reason"), help=KEPT),
        ),
    )  # fmt: skip


def _limit_named(shown: ClockShown) -> str:
    term = parse_term(shown.clock.term).title
    return str(Text("{title}（{term}）", "{title} ({term})").format(title=shown.title, term=term))


def _decide_extension(page: Page, item: str, by: Account) -> Step:
    asked = next((e for e in page.extensions if str(e.pk) == item), None)
    if asked is None:
        raise NotFound(NO_STEP)

    def run(sent: QueryDict, version: int) -> object:
        if sent.get("approve") not in {"yes", "no"}:
            raise Invalid([Problem("approve", None, Text("请选择同意或不同意", "choose whether to approve"))])
        return actions.decide_extension(
            asked, approve=sent.get("approve") == "yes", version=version, by=by, says=_text(sent, "says")
        )

    amount = parse_term(asked.amount).title
    says = Text("{who}申请延长 {amount}：{reason}", "{who} asks for {amount} more: {reason}")
    return _simple(
        page, "decide_extension", Text("审批延期", "Decide on the extension"), Text("已审批。", "Decided."), run, item=item,
        says=says.format(who=asked.asked_by.name if asked.asked_by else "", amount=amount, reason=asked.reason),
        asks=(Ask("says", Text("审批意见", "Note"), required=False, help=KEPT),),
        buttons=(
            Button(Text("同意", "Approve"), "approve", "yes"), Button(Text("不同意", "Refuse"), "approve", "no", main=False),
        ),
    )  # fmt: skip


def _urge(page: Page, item: str, by: Account) -> Step:
    return _simple(
        page, "urge", TITLES["urge"], Text("已督办。", "Urged."),
        lambda sent, version: actions.urge(page.matter, says=_text(sent, "says"), version=version, by=by),
        asks=(Ask("says", Text("督办内容", "What is urged"), help=KEPT),),
    )  # fmt: skip


def _withdraw(page: Page, item: str, by: Account) -> Step:
    return _simple(
        page, "withdraw", TITLES["withdraw"], Text("已撤回。", "Withdrawn."),
        lambda sent, version: actions.withdraw(page.matter, version=version, by=by, why=_text(sent, "why")),
        says=Text("申请人不再需要办理，事项就此终结。", "The applicant no longer wants it: the matter ends here."),
        asks=(Ask("why", REASON, help=KEPT),),
    )  # fmt: skip


def _reopen(page: Page, item: str, by: Account) -> Step:
    to = page.process.stages[page.process.reopens or page.process.starts].title
    return _simple(
        page, "reopen", TITLES["reopen"], Text("已重新办理。", "Reopened."),
        lambda sent, version: actions.reopen(page.matter, version=version, by=by, why=_text(sent, "why")),
        says=Text("回到「{to}」环节，重新计时。", "It goes back to {to}, and new clocks start.").format(to=to),
        asks=(Ask("why", REASON, help=KEPT),),
    )  # fmt: skip


def _simple(
    page: Page, verb: str, title: Text, done: Text, run: Callable[[QueryDict, int], object], *, item: str = "",
    says: Text | None = None, asks: tuple[Ask, ...] = (), buttons: tuple[Button, ...] = (),
) -> Step:  # fmt: skip
    """A step that the page's ``may`` speaks of."""
    blocked = () if verb in page.may else (str(NOT_NOW),)
    return Step(verb, title, run, done, item, says=says, asks=asks, buttons=buttons or (Button(title),), blocked=blocked)


def _text(sent: QueryDict, name: str) -> str:
    """What was typed, without the line ends of browsers. Raises Invalid where it is too long."""
    text = sent.get(name, "").replace("\r\n", "\n").strip()
    if len(text) > LONGEST:
        says = Text("最多 {n} 字，现有 {there} 字", "{n} characters at most; there are {there}")
        raise Invalid([Problem(name, len(text), says.format(n=LONGEST, there=len(text)))])
    return text


_STEPS: dict[str, Callable[[Page, str, Account], Step]] = {
    "accept": _accept,
    "advance": _advance,
    "task": _task,
    "return_task": _return_task,
    "return_for_more": _return_for_more,
    "suspend": _suspend,
    "resume": _resume,
    "take_down": _take_down,
    "put_up": _put_up,
    "hand_over": _hand_over,
    "invite": _invite,
    "ask_extension": _ask_extension,
    "decide_extension": _decide_extension,
    "urge": _urge,
    "withdraw": _withdraw,
    "reopen": _reopen,
}
