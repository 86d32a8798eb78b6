"""The steps that move a matter's clocks or end it: suspension, more time, notices taken down, urging, withdrawal, reopening."""

from __future__ import annotations

from django.http import QueryDict

from banjie.lib.errors import Invalid, NotFound, Problem
from banjie.lib.text import Text
from banjie.matters import actions
from banjie.matters.models import Clock
from banjie.matters.page import ClockShown, Page
from banjie.people.models import Account
from banjie.places.terms import parse_term
from banjie.web.matter_forms import KEPT, NO_STEP, NOTE, REASON, TITLES, Ask, Button, Step, simple, text_in


def return_for_more(page: Page, item: str, by: Account) -> Step:
    return simple(
        page, "return_for_more", TITLES["return_for_more"],
        Text("已退回补正，计时暂停。", "The applicant is asked for more; the clocks stand still."),
        lambda sent, version: actions.return_for_more(
            page.matter, wanted=text_in(sent, "wanted"), version=version, by=by, why=text_in(sent, "why")
        ),
        says=Text(
            "一次性告知需要补正的全部内容。申请人凭查询码可以看到下面的文字，请勿写入个人信息。",
            "Say at once all that is missing. The applicant reads the text below by their code: no personal data, please.",
        ),
        asks=(Ask("wanted", Text("需要补正的内容", "What is to be handed in")), NOTE),
    )  # fmt: skip


def suspend(page: Page, item: str, by: Account) -> Step:
    return simple(
        page, "suspend", TITLES["suspend"], Text("已暂停，计时停止。", "Suspended: the clocks stand still."),
        lambda sent, version: actions.suspend(
            page.matter, basis=text_in(sent, "basis"), evidence=text_in(sent, "evidence"), version=version, by=by,
            why=text_in(sent, "why"),
        ),
        says=Text("法定公告期不因暂停而停止。", "Statutory notices run on."),
        asks=(
            Ask("basis", Text("法律依据", "Legal ground"), "line"),
            Ask("evidence", Text("凭据（文号）", "Evidence (document number)"), "line", required=False),
            NOTE,
        ),
    )  # fmt: skip


def take_down(page: Page, item: str, by: Account) -> Step:
    return simple(
        page, "take_down", TITLES["take_down"], Text("已记录公告中断，公告期暂停。", "Noted: the notice's time stands still."),
        lambda sent, version: actions.take_down(
            page.matter, why=text_in(sent, "why"), evidence=text_in(sent, "evidence"), version=version, by=by
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


def put_up(page: Page, item: str, by: Account) -> Step:
    again = page.stage.if_taken_down == "restarts"
    says = (
        Text("公告期从现在起重新计算。", "The notice runs anew from now.")
        if again
        else Text("公告期接着计算，中断的日子不计。", "It runs on; the days on which it did not hang do not count.")
    )
    return simple(
        page, "put_up", TITLES["put_up"], Text("公告已恢复。", "The notice is up again."),
        lambda sent, version: actions.put_up(page.matter, version=version, by=by, why=text_in(sent, "why")),
        says=says, asks=(NOTE,),
    )  # fmt: skip


def resume(page: Page, item: str, by: Account) -> Step:
    return simple(
        page, "resume", TITLES["resume"], Text("已恢复，计时继续。", "Resumed: the clocks run on."),
        lambda sent, version: actions.resume(page.matter, version=version, by=by, why=text_in(sent, "why")), asks=(NOTE,),
    )  # fmt: skip


def ask_extension(page: Page, item: str, by: Account) -> Step:
    limits = [c for c in page.clocks if c.clock.state != Clock.STOPPED and not c.clock.at_least]
    own = [c for c in limits if c.clock.task_id is None]
    options = tuple((str(c.clock.pk), _limit_named(c)) for c in (own or limits))

    def run(sent: QueryDict, version: int) -> object:
        chosen = next((c for c in limits if str(c.clock.pk) == sent.get("clock", "")), None)
        if chosen is None:
            raise Invalid([Problem("clock", None, Text("请选择要延长的期限", "choose the term"))])
        amount = text_in(sent, "amount")
        if not amount.replace(".", "", 1).isdecimal():
            raise Invalid([Problem("amount", amount, Text("请填写数字", "give a number"))])
        unit = parse_term(chosen.clock.term).unit.replace("_", " ")
        return actions.ask_extension(
            page.matter, amount=f"{amount} {unit}", reason=text_in(sent, "reason"), version=version, by=by, clock=chosen.clock.pk
        )

    return simple(
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


def decide_extension(page: Page, item: str, by: Account) -> Step:
    asked = next((e for e in page.extensions if str(e.pk) == item), None)
    if asked is None:
        raise NotFound(NO_STEP)

    def run(sent: QueryDict, version: int) -> object:
        if sent.get("approve") not in {"yes", "no"}:
            raise Invalid([Problem("approve", None, Text("请选择同意或不同意", "choose whether to approve"))])
        return actions.decide_extension(
            asked, approve=sent.get("approve") == "yes", version=version, by=by, says=text_in(sent, "says")
        )

    amount = parse_term(asked.amount).title
    says = Text("{who}申请延长 {amount}：{reason}", "{who} asks for {amount} more: {reason}")
    return simple(
        page, "decide_extension", Text("审批延期", "Decide on the extension"), Text("已审批。", "Decided."), run, item=item,
        says=says.format(who=asked.asked_by.name if asked.asked_by else "", amount=amount, reason=asked.reason),
        asks=(Ask("says", Text("审批意见", "Note"), required=False, help=KEPT),),
        buttons=(
            Button(Text("同意", "Approve"), "approve", "yes"), Button(Text("不同意", "Refuse"), "approve", "no", main=False),
        ),
    )  # fmt: skip


def urge(page: Page, item: str, by: Account) -> Step:
    return simple(
        page, "urge", TITLES["urge"], Text("已督办。", "Urged."),
        lambda sent, version: actions.urge(page.matter, says=text_in(sent, "says"), version=version, by=by),
        asks=(Ask("says", Text("督办内容", "What is urged"), help=KEPT),),
    )  # fmt: skip


ENDS_HERE = Text(
    "不作决定，事项就此终结；未办结的并联事项一并撤回。",
    "The matter ends here, undecided, and with it the branches that are open.",
)


def withdraw(page: Page, item: str, by: Account) -> Step:
    declared = page.process.withdraw
    return simple(
        page, "withdraw", declared.title or TITLES["withdraw"], Text("已撤回。", "Withdrawn."),
        lambda sent, version: actions.withdraw(page.matter, version=version, by=by, why=text_in(sent, "why")),
        says=declared.says or ENDS_HERE,
        asks=(Ask("why", REASON, help=KEPT),),
    )  # fmt: skip


def reopen(page: Page, item: str, by: Account) -> Step:
    to = page.process.stages[page.process.reopens or page.process.starts].title
    return simple(
        page, "reopen", TITLES["reopen"], Text("已重新办理。", "Reopened."),
        lambda sent, version: actions.reopen(page.matter, version=version, by=by, why=text_in(sent, "why")),
        says=Text("回到「{to}」环节，重新计时。", "It goes back to {to}, and new clocks start.").format(to=to),
        asks=(Ask("why", REASON, help=KEPT),),
    )  # fmt: skip
