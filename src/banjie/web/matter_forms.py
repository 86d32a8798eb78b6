"""The form of a step: which controls it has, what was typed into them, and what is wrong with it.

A step's form is a page of its own, so that it works without a script, and so that a refusal shows it again with all that was
typed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from django.http import QueryDict

from banjie.lib.errors import Invalid, Problem
from banjie.lib.text import Text
from banjie.matters.page import Page
from banjie.people.models import Account
from banjie.people.scopes import scope_of
from banjie.people.verbs import Verb
from banjie.registers.catalogue import catalogue
from banjie.registers.definition import Field
from banjie.web.display import to_form
from banjie.web.forms import Control, controls, typed_values, unmasked

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


def text_in(sent: QueryDict, name: str) -> str:
    """What was typed, without the line ends of browsers. Raises Invalid where it is too long."""
    text = sent.get(name, "").replace("\r\n", "\n").strip()
    if len(text) > LONGEST:
        says = Text("最多 {n} 字，现有 {there} 字", "{n} characters at most; there are {there}")
        raise Invalid([Problem(name, len(text), says.format(n=LONGEST, there=len(text)))])
    return text


def simple(
    page: Page, verb: str, title: Text, done: Text, run: Callable[[QueryDict, int], object], *, item: str = "",
    says: Text | None = None, asks: tuple[Ask, ...] = (), buttons: tuple[Button, ...] = (),
) -> Step:  # fmt: skip
    """A step that the page's ``may`` speaks of."""
    blocked = () if verb in page.may else (str(NOT_NOW),)
    return Step(verb, title, run, done, item, says=says, asks=asks, buttons=buttons or (Button(title),), blocked=blocked)
