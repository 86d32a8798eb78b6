"""What can be done with a matter, by the name that stands in the address: what the body says, who may call it, and the action.

Each action asks again whether this account may do it with this matter now.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, WithJsonSchema
from pydantic_core import PydanticCustomError

from banjie.lib.errors import NotFound
from banjie.lib.text import Text
from banjie.matters import actions
from banjie.matters.models import Extension, Invitation
from banjie.people.models import Account, Organisation, Post
from banjie.people.verbs import Verb

LONGEST = 4000
NO_POST = Text("没有代码为「{code}」的岗位", "there is no post with the code {code}")
NO_UNIT = Text("没有代码为「{code}」的单位", "there is no organisation with the code {code}")
NOT_OF_THIS = Text("该事项没有这一项", "this matter has no such thing")
ORIGIN = "api"


class Body(BaseModel):
    """What is not described is refused."""

    model_config = ConfigDict(extra="forbid", strict=True)


class Step(Body):
    """Common to all steps."""

    version: int | None = Field(None, ge=1, description="The matter's version that you saw; or send it as If-Match.")
    why: str = Field("", max_length=LONGEST, description="Why, for the record.")


def _plain(values: dict[str, Any]) -> dict[str, Any]:
    """A field of a record holds one value; what is made of several is none."""
    for name, value in values.items():
        if isinstance(value, (dict, list)):
            raise PydanticCustomError("one_value", "must be one value", {"entry": name})
    return values


_SCALAR = {"additionalProperties": {"type": ["string", "number", "boolean", "null"]}}
Values = Annotated[dict[str, Any], AfterValidator(_plain), WithJsonSchema({"type": "object", **_SCALAR})]
_changes: Any = Field(default_factory=dict, description="Fields of the record to fill in on the way.")


class Advance(Step):
    """To another stage; an ending closes the matter."""

    to: str = Field(max_length=48, description="The stage to go to: one of the exits of the present stage.")
    changes: Values = _changes


class Close(Step):
    """To its ending."""

    to: str | None = Field(None, max_length=48, description="Which ending; may be left out where only one is possible.")
    changes: Values = _changes


class Accept(Step):
    """The owner takes the matter up."""


class CompleteTask(Step):
    """Finish a task of the present stage. Tasks run side by side, so the version may be left out."""

    task: str = Field(max_length=48, description="The task's name.")
    changes: Values = _changes
    note: str = Field("", max_length=LONGEST, description="What was found.")


class ReturnTask(Step):
    """Send a finished task back to its owner. `why` is required."""

    task: str = Field(max_length=48, description="The task's name.")


class ReturnForMore(Step):
    """Ask the applicant for more; the clocks stand still until the matter is resumed."""

    wanted: str = Field(max_length=LONGEST, description="What they are to hand in, at once and in full.")


class Suspend(Step):
    """Let the clocks stand still."""

    basis: str = Field(max_length=LONGEST, description="The legal ground.")
    evidence: str = Field("", max_length=LONGEST, description="The document that shows it.")


class Resume(Step):
    """Let the clocks run on."""


class HandOver(Step):
    """Make another post answer for the matter, or for one of its tasks. `why` is required."""

    to: str = Field(max_length=60, description="The code of the post.")
    task: str | None = Field(None, max_length=48, description="The task, where only that is handed over.")


class Invite(Step):
    """Ask another unit to handle the matter jointly; its owner stays the owner."""

    organisation: str = Field(max_length=60, description="The code of the unit.")
    asks: str = Field(max_length=LONGEST, description="What it is asked to do.")
    within: str = Field("", max_length=40, description='A term for the answer, such as "3 workdays".')
    post: str | None = Field(None, max_length=60, description="The code of a post of it, where one in particular is meant.")


class AnswerInvitation(Step):
    """What an invited unit says. Several answer side by side, so no version is compared."""

    invitation: int = Field(ge=1, description="The invitation's number.")
    answer: str = Field(max_length=LONGEST)
    decline: bool = False


class AskExtension(Step):
    """Ask for more time on a term."""

    amount: str = Field(max_length=40, description='How much, in the unit of the term: "3 workdays".')
    reason: str = Field(max_length=LONGEST)
    clock: int | None = Field(None, ge=1, description="Which clock; the stage's that ends first where none is named.")


class DecideExtension(Step):
    """Approve or refuse an extension. For a supervisor who did not ask for it."""

    extension: int = Field(ge=1, description="The extension's number.")
    approve: bool
    says: str = Field("", max_length=LONGEST, description="The reason.")


class Urge(Step):
    """Press for the matter to be done. For a supervisor."""

    says: str = Field(max_length=LONGEST, description="What is urged.")


class Reopen(Step):
    """Take a closed matter up again. For a supervisor; `why` is required."""


class Withdraw(Step):
    """The applicant no longer wants it. `why` is required."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A step that is asked for: by whom, of which matter, at which version."""

    matter: int
    version: int | None
    by: Account


@dataclass(frozen=True, slots=True)
class Way:
    """How a step is taken. ``versioned``: it must say which version it was decided on."""

    body: type[Step]
    title: str
    verb: Verb
    act: Callable[[Asked, Any], object]
    versioned: bool = True


def _named(asked: Asked, body: Step, *fields: str) -> dict[str, Any]:
    return _said(asked, **{name: getattr(body, name) for name in (*fields, "why")})


def _said(asked: Asked, **given: Any) -> dict[str, Any]:
    return {"version": asked.version, "by": asked.by, "origin": ORIGIN, **given}


def _plainly(action: Callable[..., object], *fields: str) -> Callable[[Asked, Any], object]:
    """An action that takes the body's fields by their names."""
    return lambda asked, body: action(asked.matter, **_named(asked, body, *fields))


def _advance(asked: Asked, body: Advance) -> object:
    return actions.advance(asked.matter, body.to, **_named(asked, body, "changes"))


def _complete_task(asked: Asked, body: CompleteTask) -> object:
    return actions.complete_task(asked.matter, body.task, **_named(asked, body, "changes", "note"))


def _return_task(asked: Asked, body: ReturnTask) -> object:
    return actions.return_task(asked.matter, body.task, **_named(asked, body))


def _hand_over(asked: Asked, body: HandOver) -> object:
    return actions.hand_over(asked.matter, _post(body.to), **_named(asked, body, "task"))


def _invite(asked: Asked, body: Invite) -> object:
    unit = Organisation.objects.filter(code=body.organisation).first()
    if unit is None:
        raise NotFound(NO_UNIT.format(code=body.organisation))
    post = _post(body.post) if body.post else None
    return actions.invite(asked.matter, unit, post=post, **_named(asked, body, "asks", "within"))


def _answer_invitation(asked: Asked, body: AnswerInvitation) -> object:
    _require_of(asked, Invitation.objects.filter(pk=body.invitation, matter=asked.matter).exists())
    return actions.answer_invitation(
        body.invitation, answer=body.answer, decline=body.decline, by=asked.by, why=body.why, origin=ORIGIN
    )


def _ask_extension(asked: Asked, body: AskExtension) -> object:
    return actions.ask_extension(asked.matter, clock=body.clock, **_said(asked, amount=body.amount, reason=body.reason))


def _decide_extension(asked: Asked, body: DecideExtension) -> object:
    _require_of(asked, Extension.objects.filter(pk=body.extension, matter=asked.matter).exists())
    return actions.decide_extension(body.extension, **_said(asked, approve=body.approve, says=body.says))


def _urge(asked: Asked, body: Urge) -> object:
    return actions.urge(asked.matter, **_said(asked, says=body.says))


def _require_of(asked: Asked, there: bool) -> None:
    """The number in the body belongs to the matter in the address."""
    if not there:
        raise NotFound(NOT_OF_THIS)


def _post(code: str) -> Post:
    found = Post.objects.select_related("organisation").filter(code=code).first()
    if found is None:
        raise NotFound(NO_POST.format(code=code))
    return found


WAYS: dict[str, Way] = {
    "advance": Way(Advance, "流转", Verb.HANDLE, _advance),
    "close": Way(Close, "办结", Verb.HANDLE, _plainly(actions.close, "to", "changes")),
    "accept": Way(Accept, "接办", Verb.HANDLE, _plainly(actions.accept)),
    "complete-task": Way(CompleteTask, "完成任务", Verb.HANDLE, _complete_task, versioned=False),
    "return-task": Way(ReturnTask, "退回任务", Verb.HANDLE, _return_task),
    "return-for-more": Way(ReturnForMore, "退回补正", Verb.HANDLE, _plainly(actions.return_for_more, "wanted")),
    "suspend": Way(Suspend, "暂停", Verb.VIEW, _plainly(actions.suspend, "basis", "evidence")),
    "resume": Way(Resume, "恢复", Verb.VIEW, _plainly(actions.resume)),
    "hand-over": Way(HandOver, "移交", Verb.VIEW, _hand_over),
    "invite": Way(Invite, "邀请协办", Verb.HANDLE, _invite),
    "answer-invitation": Way(AnswerInvitation, "答复协办", Verb.HANDLE, _answer_invitation, versioned=False),
    "ask-extension": Way(AskExtension, "申请延期", Verb.HANDLE, _ask_extension),
    "decide-extension": Way(DecideExtension, "审批延期", Verb.SUPERVISE, _decide_extension),
    "urge": Way(Urge, "督办", Verb.SUPERVISE, _urge),
    "reopen": Way(Reopen, "重新办理", Verb.SUPERVISE, _plainly(actions.reopen)),
    "withdraw": Way(Withdraw, "撤回", Verb.VIEW, _plainly(actions.withdraw)),
}
