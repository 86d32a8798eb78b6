"""Reading ballots: who may vote, how many have, how a ballot came out. Nothing here tells what a household chose, or who did not vote."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Sum as SumOf

from banjie.formulas import FormulaError, compile_formula
from banjie.formulas import Kind as FormulaKind
from banjie.lib import canonical
from banjie.lib.errors import DefinitionError, Invalid, NotFound, Problem
from banjie.lib.text import Text
from banjie.matters.ballot_rules import BallotDefinition, BallotRule, Sum, percent
from banjie.matters.models import Ballot, Elector, Matter
from banjie.people.models import Account
from banjie.registers.catalogue import Catalogue
from banjie.registers.models import Record
from banjie.registers.queries import Filter
from banjie.registers.values import typed

NO_BALLOT = Text("没有这次表决", "there is no such ballot")
NO_HOUSEHOLD = Text("「{unit}」没有填写所属户", "{unit} does not say which household it belongs to")
NO_AREA = Text(
    "「{unit}」没有填写专有部分面积，或面积有误（最多四位小数）",
    "{unit} has no exclusive area, or a wrong one (four decimals at most)",
)
STILL_OPEN = Text("表决尚在进行，截止并计票后方可进行下一步", "the ballot is still open: close and count it first")
PLACES = Decimal("0.0001")


class SecondBallot(Problem):
    """A household that has voted already was to vote again. That somebody tried is kept (``attempts``)."""


class ClosedEarly(Problem):
    """Somebody was to close a ballot before its time. Likewise kept."""


# --- who may vote --------------------------------------------------------------------------------------------------


def electorate(definition: BallotDefinition, record: Record, known: Catalogue) -> dict[str, Decimal]:
    """Every household that may vote, with the exclusive area of all its units. Raises Invalid, naming each unit that is wrong."""
    wanted = definition.electorate
    register = known.register(wanted.register_name)
    rows = Record.objects.of(register.name).live().matching(register, [Filter(wanted.by, "is", record.data.get(wanted.of))])
    where = compile_formula(wanted.where, register.kinds, expects=FormulaKind.BOOLEAN) if wanted.where else None
    found: dict[str, Decimal] = {}
    problems: list[Problem] = []
    for unit in rows.order_by("key"):
        if where is not None and where.evaluate(typed(unit.data, register)) is not True:
            continue
        household, area = unit.data.get(wanted.household), unit.data.get(wanted.area)
        size = Decimal(str(area)) if area is not None else Decimal(0)
        if household is None:
            problems.append(Problem(unit.key, None, NO_HOUSEHOLD.format(unit=unit.label)))
        elif size <= 0 or size != size.quantize(PLACES):
            problems.append(Problem(unit.key, None, NO_AREA.format(unit=unit.label)))
        else:
            found[str(household)] = found.get(str(household), Decimal(0)) + size
    if problems:
        raise Invalid(problems)
    return found


def electorate_digest(electors: Iterable[tuple[str, Decimal]]) -> str:
    """SHA-256 over each household and its area, in the order of households."""
    lines = [f"{household}\t{area.quantize(PLACES)}\n" for household, area in sorted(electors)]
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def codes_digest(codes: Iterable[tuple[str, str]]) -> str:
    """SHA-256 over each household and the hash of its code, in the order of households. No code can be found from it: the hashes
    are made with the installation's secret."""
    lines = [f"{household}\t{code}\n" for household, code in sorted(codes)]
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def rule_digest(question: str, rule: object) -> str:
    return hashlib.sha256(canonical.encode({"question": question, "rule": rule})).hexdigest()


# --- how many have -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Progress:
    """Turnout so far, without names and without choices. ``area_share`` in whole per cent, rounded down."""

    voted: int
    households: int
    area_share: int


def voted(ballot: Ballot) -> Sum:
    """How many households have voted, and with how much area."""
    rows = Elector.objects.filter(ballot=ballot, turnout__isnull=False)
    return Sum(rows.count(), rows.aggregate(all=SumOf("area"))["all"] or Decimal(0))


def progress(ballot: Ballot) -> Progress:
    so_far = voted(ballot)
    return Progress(so_far.heads, ballot.heads, percent(so_far.area, ballot.area) or 0)


# --- which ballots -------------------------------------------------------------------------------------------------


def ballots_for(account: Account | None) -> list[Ballot]:
    """Those of matters that the account may see, the newest first."""
    rows = Ballot.objects.filter(matter__in=Matter.objects.visible_to(account), matter__record__removed_at=None)
    return list(rows.select_related("matter__record").order_by("-pk")[:200])


def ballot_for(pk: int, account: Account | None) -> Ballot:
    """Raises NotFound, also for one that the account may not see."""
    rows = Ballot.objects.filter(pk=pk, matter__in=Matter.objects.visible_to(account), matter__record__removed_at=None)
    found = rows.select_related("matter__record", "matter__owner_post", "matter__organisation", "matter__definition").first()
    if found is None:
        raise NotFound(NO_BALLOT)
    return found


def by_notice(code: str) -> Ballot:
    """The ballot with this public notice. Raises NotFound."""
    found = Ballot.objects.filter(code=code).select_related("matter__record", "matter__definition").first()
    if found is None:
        raise NotFound(NO_BALLOT)
    return found


def rule_of(ballot: Ballot) -> BallotRule:
    """The rule under which it was opened, whatever its pack says now."""
    return BallotRule.load(ballot.rule_body)


def outcome(matter: Matter) -> str:
    """What a guard knows as ``ballot``: none, open, or how the last ballot of the matter came out."""
    last = Ballot.objects.filter(matter=matter.pk).order_by("-pk").values_list("state", "result").first()
    if last is None:
        return "none"
    return str((last[1] or {})["outcome"]) if last[0] == Ballot.CLOSED else "open"


def still_open(matter: Matter) -> list[Problem]:
    """What stands against leaving the stage, or closing the matter, while people vote."""
    there = Ballot.objects.filter(matter=matter.pk, state=Ballot.OPEN).exists()
    return [Problem("ballot", "open", STILL_OPEN)] if there else []


# --- installing ----------------------------------------------------------------------------------------------------

NO_FIELD = Text(
    "登记表「{register}」没有可用的字段「{name}」", "the register {register} has no field {name} that can be used here"
)
NOT_BELOW = Text(
    "登记表「{register}」须挂在「{of}」下，并有序号字段 number",
    "the register {register} must lie below {of} and have a field number",
)


def check_ballot(definition: BallotDefinition, of: str, known: Catalogue) -> None:
    """A ballot against the registers that it names. Raises DefinitionError with its path, NotFound."""
    wanted = definition.electorate
    register = known.register(wanted.register_name)
    for where in ("by", "household", "area"):
        field = register.by_name.get(getattr(wanted, where))
        if field is None or field.personal or (where == "area" and field.type not in ("decimal", "integer")):
            says = NO_FIELD.format(register=register.name, name=getattr(wanted, where))
            raise DefinitionError(("ballot", "electorate", where), says)
    if wanted.where:
        try:
            compile_formula(wanted.where, register.kinds, expects=FormulaKind.BOOLEAN)
        except FormulaError as error:
            raise DefinitionError(("ballot", "electorate", "where"), error.says, error.offset) from error
    if definition.results is not None:
        results = known.register(definition.results)
        if results.parent is None or results.parent.register_name != of or "number" not in results.by_name:
            raise DefinitionError(("ballot", "results"), NOT_BELOW.format(register=results.name, of=of))
