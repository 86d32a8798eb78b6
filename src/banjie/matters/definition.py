"""What a process is: stages with owners and terms, tasks side by side, exits with guards and evidence.

A pack's mapping becomes a frozen ``Process``. What can be told from the process alone is checked here; what depends on its
register (fields, formulas) is checked by ``compiling``.
"""

from __future__ import annotations

from functools import cached_property
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BeforeValidator, model_validator
from pydantic import Field as Slot

from banjie.lib.definition import BilingualError, Definition, Label, Name, Sourced
from banjie.lib.errors import Refusal
from banjie.matters.ballot_rules import BallotDefinition
from banjie.places.definition import Level
from banjie.places.terms import parse_term

Ending = Literal["done", "rejected", "withdrawn", "expired"]


def _term(text: str) -> str:
    try:
        return str(parse_term(text))
    except Refusal as refusal:
        raise BilingualError(refusal.says.zh, refusal.says.en) from None


TermText = Annotated[str, AfterValidator(_term)]


class TermBy(Definition):
    """A term that depends on a field of the record: urgent 2 hours, general 7 days."""

    by: Name
    terms: dict[str, TermText] = Slot(min_length=1)
    otherwise: TermText


Limit = TermText | TermBy


class Owner(Definition):
    """Who answers: a ``role`` (the holder nearest to the record), the post whose code a ``field`` holds, or the
    ``organisation`` whose code a field holds (any of its posts). A bare name in a pack is a role."""

    role: Name | None = None
    field: Name | None = None
    organisation: Name | None = None

    @model_validator(mode="after")
    def _exactly_one(self) -> Self:
        if sum(value is not None for value in (self.role, self.field, self.organisation)) != 1:
            raise BilingualError(
                "owner 须在 role、field、organisation 中三选一", "an owner is one of role, field and organisation"
            )
        return self


def _owner(value: object) -> object:
    return {"role": value} if isinstance(value, str) else value


OwnerSlot = Annotated[Owner, BeforeValidator(_owner)]


class Escalation(Definition):
    """Who else is told, how long after the due time."""

    after: TermText
    to: Name  # a role


class Evidence(Definition):
    """What must be there: filled fields, attached files, photos among them, and a guard over the record that must hold.

    The guard may use every field that is not personal, ``files``, ``photos`` and ``children.REGISTER`` (how many records of a
    register lie under this one). ``says`` tells people what a guard wants.
    """

    needs: tuple[Name, ...] = ()
    files: int = Slot(default=0, ge=0, le=1000)
    photos: int = Slot(default=0, ge=0, le=1000)
    when: str = ""
    says: Label | None = None


class Exit(Evidence, Sourced):
    """A way out of a stage. ``returns``: it sends the matter back, and is counted as a return. ``by_itself``: it is taken by
    itself when the last branch that the stage waits for is done, if nothing else stands against it."""

    title: Label | None = None
    returns: bool = False
    by_itself: bool = False


class Condition(Sourced):
    """What must hold for a matter to be opened: a guard like those of exits, and what to tell people where it does not."""

    when: str = Slot(min_length=1)
    says: Label


class TaskDefinition(Sourced):
    """One of the pieces of work that run side by side in a stage. Opened with the stage if ``when`` holds then."""

    name: Name
    title: Label
    owner: OwnerSlot
    within: Limit | None = None
    promise: Limit | None = None
    warn: TermText | None = None
    escalate: tuple[Escalation, ...] = ()
    needs: tuple[Name, ...] = ()
    files: int = Slot(default=0, ge=0, le=1000)
    photos: int = Slot(default=0, ge=0, le=1000)
    when: str = ""
    uncertain: bool = False

    @property
    def evidence(self) -> Evidence:
        return Evidence(needs=self.needs, files=self.files, photos=self.photos)


class Branch(Definition):
    """A sub-matter that a stage opens beside the main one. ``fields``: what its record says, as formulas over the main's.

    ``until``: the stage of the branch up to which the main matter waits for it (to its end where absent): a licence that is
    issued at once is checked long after. ``holds_main``: while the branch waits for what the applicant is to hand in, the clocks
    of the main matter stand still too. ``if_withdrawn``: a branch that was withdrawn decided nothing, and the main matter ``waits``
    for it to be taken up again; or it ``goes_on`` without it."""

    process: Name
    when: str = ""
    fields: dict[Name, str] = Slot(min_length=1)
    until: Name | None = None
    holds_main: bool = False
    if_withdrawn: Literal["waits", "goes_on"] = "waits"


class Rating(Sourced):
    """What the applicant says of it: a ``grade`` (a choice field; no answer is given for them), a ``comment``, and what else is
    asked (``also``). Asked once it is closed; or at a ``stage``, from which the matter then takes the way whose guard asks for this grade.
    ``call_back`` is the matter that is opened where its ``when`` holds for the grade."""

    grade: Name
    comment: Name | None = None
    also: tuple[Name, ...] = ()
    stage: Name | None = None
    call_back: Branch | None = None


class Public(Definition):
    """What an applicant may do without an account. ``fields``: what a request says (none: it is not handed in from outside);
    ``sets``: what else its record says, as formulas over those; ``received``: the field for the moment at which it came;
    ``answer``: the field for what they reply when more is wanted; ``level``: of the areas from which one is handed in;
    ``labels``: what a field is called towards the applicant, where its title speaks of them to the office."""

    intro: Label | None = None
    fields: tuple[Name, ...] = ()
    sets: dict[Name, str] = {}
    level: Level | None = None
    labels: dict[Name, Label] = {}
    received: Name | None = None
    answer: Name | None = None
    rating: Rating | None = None


Withdrawer = Literal["applicant", "owner", "opener", "supervisor"]


class Withdrawal(Sourced):
    """Who may withdraw a matter, and while it stands at which stages (none named: at any; an empty list: not at all).

    ``owner``: who answers for the present stage; ``opener``: who handed it in; ``supervisor``: who supervises its register in its
    area; ``applicant``: from outside, by the code. ``title`` and ``says`` are the button and the sentence above its form. A branch is
    withdrawn by its owner alone, or together with its main matter, whatever is said here of others."""

    by: tuple[Withdrawer, ...] = ("owner", "supervisor")
    stages: tuple[Name, ...] | None = None
    title: Label | None = None
    says: Label | None = None


class Stage(Sourced):
    """A station of the way. ``within``: the statutory limit; ``promise``: the shorter one the office has promised;
    ``at_least``: a notice that must have run before any exit; ``untimed``: why there is no term at all."""

    title: Label
    description: Label | None = None
    owner: OwnerSlot | None = None
    within: Limit | None = None
    promise: Limit | None = None
    at_least: Limit | None = None
    if_taken_down: Literal["restarts", "pauses"] = "restarts"  # a notice that was interrupted and is up again
    untimed: Label | None = None
    uncertain: bool = False  # the number is not certain in its source: the office is to confirm it
    warn: TermText | None = None
    escalate: tuple[Escalation, ...] = ()
    tasks: tuple[TaskDefinition, ...] = ()
    join: Literal["all", "any"] = "all"
    branches: tuple[Branch, ...] = ()
    to: dict[Name, Exit] = {}
    ending: Ending | None = None

    @model_validator(mode="before")
    @classmethod
    def _bare_exits(cls, value: Any) -> Any:
        if isinstance(value, dict) and isinstance(value.get("to"), dict):
            value = {**value, "to": {name: {} if way is None else way for name, way in value["to"].items()}}
        return value

    @property
    def timed(self) -> bool:
        return bool(self.within or self.promise or self.at_least)

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if self.ending:
            if self.to or self.tasks or self.branches or self.timed or self.owner:
                raise BilingualError("终结环节不能再有责任人、期限、任务或出口", "an ending has no owner, term, task or exit")
            return self
        if self.owner is None:
            raise BilingualError("环节没有责任人（owner）", "the stage has no owner")
        if not self.timed and self.untimed is None:
            raise BilingualError(
                "环节没有期限：请写 within 或 at_least，确无期限的用 untimed 说明理由",
                "the stage has no term: give within or at_least, or say why not with untimed",
            )
        if not self.to:
            raise BilingualError("环节没有出口，又不是终结环节", "the stage is a dead end: it has no exit and is no ending")
        names = [task.name for task in self.tasks]
        for name in names:
            if names.count(name) > 1:
                raise BilingualError(f"任务「{name}」重复", f"the task {name} stands twice")
        return self


class Process(Sourced):
    """The way of a kind of matter, from its first stage to an ending. ``within``: a term of the matter as a whole, under which
    its stages and its branches run (the joint clock of a composite approval)."""

    name: Name
    title: Label
    description: Label | None = None
    of: Name
    starts: Name
    category: Name | None = None
    public_code: bool = False
    public: Public | None = None
    applicant_sees: tuple[Name, ...] = ()  # fields that whoever has the code of the matter, or of its main matter, is shown
    within: Limit | None = None
    promise: Limit | None = None
    warn: TermText | None = None
    escalate: tuple[Escalation, ...] = ()
    requires: tuple[Condition, ...] = ()
    corrections: str = ""  # the legal ground on which clocks stand still while an applicant hands in more
    ballot: BallotDefinition | None = None
    extensions: int = Slot(default=1, ge=0, le=20)  # how many may be approved for one clock
    withdraw: Withdrawal = Withdrawal()
    reopens: Name | None = None  # the stage at which a closed matter is taken up again; the first one where absent
    stages: dict[Name, Stage] = Slot(min_length=2)

    @model_validator(mode="after")
    def _followed_by_code(self) -> Self:
        if self.public is not None and not self.public_code:
            raise BilingualError(
                "对外开放（public）的流程须有查询码（public_code: true）", "a public process needs codes: public_code: true"
            )
        rated_at = self.public.rating.stage if self.public and self.public.rating else None
        if rated_at is not None and (rated_at not in self.stages or self.stages[rated_at].ending):
            raise BilingualError(f"评价环节「{rated_at}」不存在", f"rating: {rated_at} is no stage to rate at")
        return self

    @model_validator(mode="after")
    def _withdrawn_at_its_stages(self) -> Self:
        for name in self.withdraw.stages or ():
            if name not in self.stages or self.stages[name].ending:
                raise BilingualError(f"撤回环节「{name}」不存在", f"withdraw: {name} is no stage to withdraw at")
        if "applicant" in self.withdraw.by and not self.public_code:
            raise BilingualError(
                "申请人凭查询码撤回，须有查询码（public_code: true）",
                "an applicant withdraws by the code: this takes public_code: true",
            )
        return self

    @model_validator(mode="after")
    def _voted_on_at_a_stage(self) -> Self:
        where = self.ballot.stage if self.ballot else None
        if where is not None and (where not in self.stages or self.stages[where].ending):
            raise BilingualError(f"表决环节「{where}」不存在", f"ballot: {where} is no stage to vote at")
        return self

    @model_validator(mode="after")
    def _connected(self) -> Self:
        for where, name in (("starts", self.starts), ("reopens", self.reopens)):
            if name is not None and (name not in self.stages or self.stages[name].ending):
                raise BilingualError(f"{where} 指向不存在的环节或终结环节「{name}」", f"{where}: {name} is no stage to work in")
        for name, stage in self.stages.items():
            for to in stage.to:
                if to not in self.stages:
                    raise BilingualError(
                        f"环节「{name}」的出口「{to}」不存在", f"the stage {name} leads to {to}, which does not exist"
                    )
        lost = sorted(set(self.stages) - self._reached(self.starts))
        if lost:
            raise BilingualError(f"到不了的环节：{'、'.join(lost)}", f"stages that cannot be reached: {', '.join(lost)}")
        stuck = [n for n in self.stages if not any(self.stages[s].ending for s in self._reached(n))]
        if stuck:
            raise BilingualError(
                f"走不到终结的环节：{'、'.join(stuck)}", f"stages from which no ending is reached: {', '.join(stuck)}"
            )
        return self

    def from_here_on(self, start: str) -> set[str]:
        """A stage, and all that follow it on ways that do not send the matter back."""
        found, ahead = {start}, [start]
        while ahead:
            for to, way in self.stages[ahead.pop()].to.items():
                if not way.returns and to not in found:
                    found.add(to)
                    ahead.append(to)
        return found

    def _reached(self, start: str) -> set[str]:
        found, ahead = {start}, [start]
        if self.reopens and start == self.starts and self.reopens not in found:
            found.add(self.reopens)
            ahead.append(self.reopens)
        while ahead:
            for to in self.stages[ahead.pop()].to:
                if to not in found:
                    found.add(to)
                    ahead.append(to)
        return found

    @cached_property
    def roles(self) -> frozenset[str]:
        """Every role that the process names."""
        owners = [
            owner.role for stage in self.stages.values() for owner in (stage.owner, *(t.owner for t in stage.tasks)) if owner
        ]
        told = [e.to for stage in self.stages.values() for e in (*stage.escalate, *(e for t in stage.tasks for e in t.escalate))]
        return frozenset(name for name in (*owners, *told, *(e.to for e in self.escalate)) if name)

    @cached_property
    def ending_stages(self) -> frozenset[str]:
        return frozenset(name for name, stage in self.stages.items() if stage.ending)
