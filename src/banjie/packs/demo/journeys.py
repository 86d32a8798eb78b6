"""The ways that a demonstration's matters go: who takes which step, how long after the one before, and what it fills in.

Steps pass the same door as people's: guards, evidence, notices and clocks hold for them too. What would come to pass after the
moment of loading is left out, so a matter handed in today stands where it would stand today.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, Field, field_validator, model_validator

from banjie.lib.clock import LOCAL
from banjie.lib.definition import BilingualError, Definition, Name
from banjie.matters.definition import TermText
from banjie.packs.demo.generators import Constant, Where
from banjie.places.terms import parse_term

Doing = Literal[
    "accept", "advance", "close", "task", "return_task", "return_for_more", "suspend", "resume", "ask_extension",
    "decide_extension", "urge", "hand_over", "invite", "answer", "reopen", "withdraw", "attach", "rate",
    "open_ballot", "vote", "close_ballot",
]  # fmt: skip

# What a step of each kind needs beside its time.
NEEDS: dict[str, tuple[str, ...]] = {
    "advance": ("to",),
    "task": ("task",),
    "return_task": ("task", "says"),
    "return_for_more": ("says",),
    "suspend": ("says",),
    "ask_extension": ("amount", "says"),
    "urge": ("says",),
    "hand_over": ("post", "says"),
    "invite": ("organisation", "says"),
    "answer": ("says",),
    "reopen": ("says",),
    "withdraw": ("says",),
    "open_ballot": ("days",),
    "vote": ("votes",),
}
BALLOT_STEPS = frozenset({"open_ballot", "vote", "close_ballot"})
FILLING = frozenset({"advance", "close", "task", "rate"})  # steps that may fill in fields


def _pair(value: object) -> object:
    return [value, value] if isinstance(value, str) else value


Span = Annotated[tuple[TermText, TermText], BeforeValidator(_pair)]


class Step(Definition):
    """One step. ``after``: a term since the step before, or two between which it is drawn; ``at``: the moment itself; ``at_of``: the
    field that holds it (on that day in office hours, where it holds a date).

    ``by`` an account, ``by_duty`` whoever has the duty for the record; else whoever answers for the matter (or the task, or the
    invited unit). ``says``: what the step needs said: the ground of a suspension, what is to be handed in, the reason of an
    extension; one of several is drawn. ``fills``: fields that get the row's values now, and are empty in every row of the set
    until then; ``set``: other values, in which fields of the row may stand in braces; ``now``: fields that get the moment of the
    step. ``days``: how long a ballot is open; ``votes``: how many of each choice are cast, the first ``paper`` of them on paper.
    ``photos`` and ``files`` are made up and attached before the step is taken.
    """

    do: Doing
    branch: Name | None = None  # taken with the sub-matter whose key ends with this, not with the matter itself
    after: Span | None = None
    at: datetime | None = None
    at_of: Name | None = None
    by: str = ""
    by_duty: Name | None = None
    to: Name | None = None
    task: Name | None = None
    post: Name | None = None
    organisation: Name | None = None
    amount: TermText | None = None
    within: TermText | None = None
    days: int = Field(default=0, ge=0, le=365)
    votes: dict[Literal["for", "against", "abstain"], Annotated[int, Field(ge=0)]] = {}
    paper: int = Field(default=0, ge=0)
    approve: bool = True
    decline: bool = False
    says: tuple[str, ...] = ()
    evidence: str = ""
    why: str = ""
    fills: tuple[Name, ...] = ()
    set_: dict[Name, Constant] = Field(default={}, alias="set")
    now: tuple[Name, ...] = ()
    photos: int = Field(default=0, ge=0, le=50)
    files: int = Field(default=0, ge=0, le=50)

    @field_validator("says", mode="before")
    @classmethod
    def _one_or_many(cls, value: object) -> object:
        return [value] if isinstance(value, str) else value

    @field_validator("at")
    @classmethod
    def _local(cls, value: datetime | None) -> datetime | None:
        return value.replace(tzinfo=LOCAL) if value is not None and value.tzinfo is None else value

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if sum(way is not None for way in (self.after, self.at, self.at_of)) != 1:
            raise BilingualError("after、at、at_of 三者择一", "give one of after, at and at_of")
        if self.after and len({parse_term(term).unit for term in self.after}) > 1:
            raise BilingualError("after 的两端须用同一种单位", "both ends of after need the same unit")
        missing = [name for name in NEEDS.get(self.do, ()) if not getattr(self, name)]
        if missing:
            raise BilingualError(f"{self.do} 须写明 {'、'.join(missing)}", f"{self.do} needs {', '.join(missing)}")
        if self.do not in FILLING and (self.fills or self.set_ or self.now):
            zh, en = "、".join(sorted(FILLING)), ", ".join(sorted(FILLING))
            raise BilingualError(f"只有 {zh} 可以填写字段", f"only {en} can fill in fields")
        if self.branch and self.fills:
            raise BilingualError("并联事项的步骤用 set 填写", "a step of a branch fills in fields with set")
        if self.do == "attach" and not (self.photos or self.files):
            raise BilingualError("attach 须写明 photos 或 files", "attach needs photos or files")
        return self


class Journey(Definition):
    """So many rows (all that are left, without ``count``) of those that meet ``where`` go this way, one step after another."""

    name: Name
    count: Annotated[int, Field(ge=0)] | None = None
    where: Where = {}
    steps: tuple[Step, ...] = ()

    @property
    def fills(self) -> frozenset[str]:
        """The fields that are empty until a step fills them in."""
        return frozenset(name for step in self.steps for name in step.fills)
