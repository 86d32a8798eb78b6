"""A process against its register: guards compiled, fields found. What fails here fails at install time, never at a desk."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from dataclasses import field as slot
from typing import Any

from banjie.formulas import Formula, FormulaError, Kind, compile_formula
from banjie.lib.errors import DefinitionError
from banjie.lib.text import Text
from banjie.matters.behind import Behind
from banjie.matters.definition import Branch, Evidence, Limit, Owner, Process, Rating, Stage, TaskDefinition, TermBy
from banjie.registers.definition import Register

Path = tuple[str | int, ...]
BALLOT = "ballot"  # how the ballot of the matter came out: none, open, passed, not_passed, no_quorum
CHILDREN, BELOW = "children.", "children_"  # as written in a formula, and as its column is called inside: equally long
TODAY = "today"


@dataclass(frozen=True)
class Compiled:
    """A process with the register it runs in. Guards by (stage, exit), task and branch conditions by (stage, name)."""

    process: Process
    register: Register
    exits: Mapping[tuple[str, str], Formula]
    tasks: Mapping[tuple[str, str], Formula]
    branches: Mapping[tuple[str, int], Formula]
    branch_fields: Mapping[tuple[str, int, str], Formula]
    call_back: Formula | None = None  # when a rating calls for one
    call_back_fields: Mapping[str, Formula] = slot(default_factory=dict)
    public_sets: Mapping[str, Formula] = slot(default_factory=dict)
    requires: tuple[Formula, ...] = ()
    looked_up: Mapping[str, tuple[str, str]] = slot(default_factory=dict)  # column → the reference, and the field behind it

    def stage(self, name: str) -> Stage:
        return self.process.stages[name]

    def task(self, stage: str, name: str) -> TaskDefinition:
        return next(t for t in self.stage(stage).tasks if t.name == name)

    def counted(self, formula: Formula) -> frozenset[str]:
        """The columns of a formula that are no fields: files, photos, today, children_…, and fields behind a reference."""
        return formula.columns - set(self.register.by_name)


def compile_process(
    process: Process, register: Register, children: Collection[str] = (), referred: Mapping[str, Register] | None = None
) -> Compiled:
    """``children`` are the names of the registers below this one, ``referred`` the registers that its references lead to, by
    name. Raises DefinitionError, with its path, for the first field, formula or branch that does not fit."""
    return _Compiler(process, register, children, referred or {}).compiled()


def _waiting(branch: Branch) -> tuple[str | None, bool, str]:
    return branch.until, branch.holds_main, branch.if_withdrawn


class _Compiler:
    def __init__(self, process: Process, register: Register, children: Collection[str], referred: Mapping[str, Register]) -> None:
        self.process, self.register = process, register
        counts = ["files", "photos", *(f"{BELOW}{name}" for name in children)]
        self.behind = Behind.of(register, referred)
        added = {**dict.fromkeys(counts, Kind.INTEGER), TODAY: Kind.DATE, **self.behind.kinds}
        self.kinds = {**added, **register.kinds}
        if process.ballot is not None:
            self.kinds = {BALLOT: Kind.TEXT, **self.kinds}

    def compiled(self) -> Compiled:
        exits: dict[tuple[str, str], Formula] = {}
        tasks: dict[tuple[str, str], Formula] = {}
        branches: dict[tuple[str, int], Formula] = {}
        fields: dict[tuple[str, int, str], Formula] = {}
        self._check_head()
        for name, stage in self.process.stages.items():
            path: Path = ("stages", name)
            self._check_stage(stage, path)
            for to, way in stage.to.items():
                self._check_needs(way, (*path, "to", to))
                if way.when:
                    exits[name, to] = self._guard(way.when, (*path, "to", to, "when"))
            for n, task in enumerate(stage.tasks):
                self._check_task(task, (*path, "tasks", n))
                if task.when:
                    tasks[name, task.name] = self._guard(task.when, (*path, "tasks", n, "when"))
            for n, branch in enumerate(stage.branches):
                self._check_alike(stage.branches[:n], branch, (*path, "branches", n))
                if branch.when:
                    branches[name, n] = self._guard(branch.when, (*path, "branches", n, "when"))
                fields.update({(name, n, f): formula for f, formula in self._branch_fields(branch, (*path, "branches", n))})
        requires = tuple(self._guard(c.when, ("requires", n, "when")) for n, c in enumerate(self.process.requires))
        more = {**self._public(), "requires": requires, "looked_up": self.behind.columns}
        return Compiled(self.process, self.register, exits, tasks, branches, fields, **more)

    def _check_alike(self, before: Collection[Branch], branch: Branch, path: Path) -> None:
        """What is said of a branch is found again by its process: two that run through the same one are waited for alike."""
        for other in before:
            if other.process == branch.process and _waiting(other) != _waiting(branch):
                says = Text(
                    "同一流程「{name}」的并联事项，until、holds_main 和 if_withdrawn 须一致",
                    "branches in {name} must agree in until, holds_main and if_withdrawn",
                )
                raise DefinitionError(path, says.format(name=branch.process))

    def _check_ballot(self) -> None:
        ballot = self.process.ballot
        if ballot is None:
            return
        for where, name in (("question", ballot.question), ("kind", ballot.kind)):
            self._field(name, ("ballot", where))
        self._field(ballot.electorate.of, ("ballot", "electorate", "of"))
        codes = {option.code for option in self.register.options(self.register.field(ballot.kind))}
        for n, rule in enumerate(ballot.rules):
            for kind in rule.kinds:
                if codes and kind not in codes:
                    says = Text(f"没有事项类别「{kind}」", f"there is no kind called {kind}")
                    raise DefinitionError(("ballot", "rules", n, "kinds"), says)

    def _check_head(self) -> None:
        self._check_ballot()
        for n, name in enumerate(self.process.applicant_sees):
            self._stranger_may_see(name, ("applicant_sees", n))
        for where, field in (("category", self.process.category),):
            if field is not None:
                self._field(field, (where,))
        for where in ("within", "promise"):
            self._limit(getattr(self.process, where), (where,))

    def _public(self) -> dict[str, Any]:
        """What applicants do: fields that are there and that a stranger may fill in, and the formulas of a call-back."""
        public = self.process.public
        if public is None:
            return {}
        for n, name in enumerate(public.fields):
            self._stranger_may_fill(name, ("public", "fields", n))
        for name in public.labels:
            self._field(name, ("public", "labels", name), personal=True)
        if public.answer is not None:
            self._stranger_may_fill(public.answer, ("public", "answer"))
        if public.received is not None:
            self._moment(public.received, ("public", "received"))
        sets = {name: self._formula(text, ("public", "sets", name), None) for name, text in public.sets.items()}
        for name in sets:
            self._field(name, ("public", "sets", name), personal=True)
        found: dict[str, Any] = {"public_sets": sets}
        if public.rating is not None:
            found |= self._rating(public.rating, ("public", "rating"))
        return found

    def _rating(self, rating: Rating, path: Path) -> dict[str, Any]:
        self._field(rating.grade, (*path, "grade"))
        if self.register.field(rating.grade).type != "choice":
            says = Text("评价等级须为选项字段", "the grade must be a field of choices")
            raise DefinitionError((*path, "grade"), says)
        for n, name in enumerate(rating.also):
            self._stranger_may_fill(name, (*path, "also", n))
        if rating.comment is not None:
            self._stranger_may_fill(rating.comment, (*path, "comment"))
        back = rating.call_back
        if back is None:
            return {}
        when = self._guard(back.when, (*path, "call_back", "when")) if back.when else None
        return {"call_back": when, "call_back_fields": dict(self._branch_fields(back, (*path, "call_back")))}

    def _moment(self, name: str, path: Path) -> None:
        self._field(name, path)
        if self.register.field(name).type != "datetime":
            raise DefinitionError(path, Text("须为时间字段", "must be a field of moments"))

    def _stranger_may_fill(self, name: str, path: Path) -> None:
        """A reference would let a stranger find out which records there are."""
        self._field(name, path, personal=True)
        declared = self.register.field(name)
        if declared.type == "reference" or declared.formula:
            says = Text("「{name}」不能由申请人填写", "{name} is not for an applicant to fill in").format(name=name)
            raise DefinitionError(path, says)

    def _stranger_may_see(self, name: str, path: Path) -> None:
        """A code is no permission: what is personal stays with the office, and so do the keys of other records."""
        self._field(name, path)
        if self.register.field(name).type == "reference":
            says = Text("「{name}」不能给申请人看", "{name} is not for an applicant to see").format(name=name)
            raise DefinitionError(path, says)

    def _check_stage(self, stage: Stage, path: Path) -> None:
        self._owner(stage.owner, (*path, "owner"))
        for where in ("within", "promise", "at_least"):
            self._limit(getattr(stage, where), (*path, where))

    def _check_task(self, task: TaskDefinition, path: Path) -> None:
        self._owner(task.owner, (*path, "owner"))
        self._limit(task.within, (*path, "within"))
        self._limit(task.promise, (*path, "promise"))
        self._check_needs(task.evidence, path)

    def _check_needs(self, evidence: Evidence, path: Path) -> None:
        for n, name in enumerate(evidence.needs):
            self._field(name, (*path, "needs", n), personal=True)

    def _owner(self, owner: Owner | None, path: Path) -> None:
        for where in ("field", "organisation"):
            name = getattr(owner, where, None)
            if name is not None:
                self._field(name, (*path, where))

    def _limit(self, limit: Limit | None, path: Path) -> None:
        if isinstance(limit, TermBy):
            self._field(limit.by, (*path, "by"))

    def _field(self, name: str, path: Path, *, personal: bool = False) -> None:
        field = self.register.by_name.get(name)
        if field is None or (field.personal and not personal):
            says = Text(
                "登记表「{register}」没有可用的字段「{name}」",
                "the register {register} has no field {name} that can be used here",
            )
            raise DefinitionError(path, says.format(register=self.register.name, name=name))

    def _branch_fields(self, branch: Branch, path: Path) -> Iterator[tuple[str, Formula]]:
        for field, text in branch.fields.items():
            yield field, self._formula(text, (*path, "fields", field), None)

    def _guard(self, text: str, path: Path) -> Formula:
        return self._formula(text, path, Kind.BOOLEAN)

    def _formula(self, text: str, path: Path, expects: Kind | None) -> Formula:
        plain = self.behind.plain(text.replace(CHILDREN, BELOW))
        try:
            return compile_formula(plain, self.kinds, expects=expects)
        except FormulaError as error:
            raise DefinitionError(path, error.says, error.offset) from error
