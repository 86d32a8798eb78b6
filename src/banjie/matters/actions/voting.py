"""A ballot by household: opened, voted in by one-time code or on paper, extended, closed and counted.

A vote adds to a sealed sum and leaves a row that says who took part; nothing holds both. Every entry lies in the ballot's own chain;
that of a vote says only that the household has voted, with its key beside the chain like all that is personal.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import BinaryIO, cast

from django.db import transaction
from django.views.decorators.debug import sensitive_variables

from banjie.ledger.actions import record_entry
from banjie.ledger.hashing import moment
from banjie.lib import clock
from banjie.lib.clock import LOCAL
from banjie.lib.errors import Conflict, Invalid, NotFound, Problem
from banjie.lib.text import Text
from banjie.matters.actions.opening import ALPHABET, CODE_LENGTH
from banjie.matters.attempts import on_record
from banjie.matters.ballot_rules import CHOICES, NOTHING, BallotDefinition, Choice, Sum, decide, published
from banjie.matters.ballot_seal import Tally, code_hash, sealed, unsealed
from banjie.matters.ballots import (
    NO_BALLOT,
    ClosedEarly,
    SecondBallot,
    codes_digest,
    electorate,
    electorate_digest,
    rule_digest,
    rule_of,
    still_open,
    voted,
)
from banjie.matters.clock_lines import clock_face
from banjie.matters.holding import Held, hold
from banjie.matters.models import Ballot, Elector, Matter, Turnout
from banjie.people.models import Account
from banjie.registers.actions import create
from banjie.registers.files import store
from banjie.registers.models import StoredFile

OPEN, CODES, CODE, VOTE, EXTEND, CLOSE = (
    "ballot.open", "ballot.codes", "ballot.code", "ballot.vote", "ballot.extend", "ballot.close",
)  # fmt: skip
NOT_HERE = Text("现在不在表决环节", "the matter is not at its ballot")
NO_RULE = Text("没有适用于该类事项的表决规则，请先填写事项类别", "no rule holds for this kind of item: fill in its kind first")
NO_QUESTION = Text("请先填写表决事项", "say first what is put to the vote")
NOBODY = Text("没有可以表决的户", "nobody may vote")
TOO_SHORT = Text("表决时间至少 {days} 天", "a ballot is open for {days} days at least")
CLOSED = Text("表决已截止", "the ballot is over")
NOT_RUNNING = Text("表决没有进行", "no vote is being taken")
NO_CODE = Text("表决码不正确。请核对后再试。", "This is not a voting code. Please check it.")
NO_HOUSEHOLD = Text("名册中没有这一户", "there is no such household on the list")
NO_CHOICE = Text("请选择同意、不同意或弃权", "choose: for, against or abstain")
AGAIN = Text("这一户已经表决，一户一票", "this household has voted already: one ballot a household")
EARLY = Text("表决到 {moment} 截止，不能提前计票", "the ballot runs until {moment}: it cannot be closed earlier")
ISSUED = Text(
    "表决码已发放。遗失的，请逐户补发。", "the codes were issued. Where one was lost, issue a new one to that household."
)
LATER = Text("只能延到现在的截止时间以后", "it can only be extended beyond its present end")
SAY_WHY = Text("请说明延期的原因", "say why it is extended")
CHANGED = Text(
    "名册或规则已被绕过系统改动，不能计票", "the list of households or the rule was changed from outside: it cannot be counted"
)


# --- opening, extending --------------------------------------------------------------------------------------------


def open_ballot(
    matter: Matter | int,
    *,
    closes_at: datetime,
    version: int | None = None,
    by: Account | None,
    why: str = "",
    origin: str = "web",
) -> Ballot:
    """Open the ballot of a matter that has come to it: rule and list of households are frozen now. For whoever handles the matter.
    Raises Invalid (not at its ballot, no rule, nobody may vote, too short, one is open), NotPermitted, NotFound, Conflict."""
    with transaction.atomic():
        held = hold(matter, version=version, by=by)
        held.require_open()
        held.require_handle()
        definition = _at_its_ballot(held)
        if problems := still_open(held.matter):
            raise Invalid(problems)
        question = held.record.data.get(definition.question)
        rule = definition.rule_for(str(held.record.data.get(definition.kind)), held.now.astimezone(LOCAL).date())
        voters = electorate(definition, held.record, held.known)
        _require(rule is not None, definition.kind, NO_RULE)
        _require(bool(question), definition.question, NO_QUESTION)
        _require(bool(voters), "electorate", NOBODY)
        shortest = held.now + timedelta(days=definition.at_least_days)
        _require(closes_at >= shortest, "closes_at", TOO_SHORT.format(days=definition.at_least_days))
        assert rule is not None
        body = rule.as_json()
        ballot = Ballot.objects.create(
            matter=held.matter, code=_new_code(), question=str(question), rule=body, rule_digest=rule_digest(str(question), body),
            electorate_digest=electorate_digest(voters.items()), heads=len(voters), area=sum(voters.values()),
            opened_at=held.now, opened_by=by, closes_at=closes_at,
        )  # fmt: skip
        ballot.tally = sealed({}, about(ballot))
        ballot.save(update_fields=["tally"])
        Elector.objects.bulk_create(Elector(ballot=ballot, household=h, area=a) for h, a in sorted(voters.items()))
        said = {
            "ballot": ballot.code, "matter": held.matter.pk, "record": held.record.key, "question": ballot.question, "rule": body,
            "rule_digest": ballot.rule_digest, "electorate_digest": ballot.electorate_digest, "households": ballot.heads,
            "area": str(ballot.area), "opened_at": moment(ballot.opened_at), "closes_at": closes_at.isoformat(),
        }  # fmt: skip
        record_entry(chain=ballot.chain, verb=OPEN, body=said, by=by, why=why, origin=origin, first=True)
    return ballot


def extend_ballot(ballot: Ballot | int, *, closes_at: datetime, why: str, by: Account | None, origin: str = "web") -> Ballot:
    """Give people more time. Only while the ballot runs, only to a later end; ``why`` is required. Raises as ``open_ballot``."""
    with transaction.atomic():
        held, taken = _held(ballot, by)
        _require_running(taken, held.matter)
        _require(closes_at > taken.closes_at, "closes_at", LATER)
        _require(bool(why.strip()), "why", SAY_WHY)
        before, taken.closes_at, taken.extensions = taken.closes_at, closes_at, taken.extensions + 1
        taken.save(update_fields=["closes_at", "extensions"])
        said = {"ballot": taken.code, "before": before.isoformat(), "closes_at": closes_at.isoformat()}
        record_entry(chain=taken.chain, verb=EXTEND, body=said, by=by, why=why.strip(), origin=origin)
    return taken


# --- codes ---------------------------------------------------------------------------------------------------------


def issue_codes(ballot: Ballot | int, *, by: Account | None, origin: str = "web") -> dict[str, str]:
    """A one-time code for every household, once, to be handed over sealed: only their hashes are kept. Raises Invalid the second time."""
    with transaction.atomic():
        held, taken = _held(ballot, by)
        _require_running(taken, held.matter)
        _require(not taken.codes_issued, "codes", ISSUED)
        electors = list(taken.electors.order_by("pk"))
        codes = {elector.household: _new_code() for elector in electors}
        for elector in electors:
            elector.code_hash = code_hash(codes[elector.household])
        Elector.objects.bulk_update(electors, ["code_hash"], batch_size=500)
        taken.codes_issued = True
        taken.save(update_fields=["codes_issued"])
        said = {"ballot": taken.code, "codes": len(codes), "codes_digest": _codes_digest(taken)}
        record_entry(chain=taken.chain, verb=CODES, body=said, by=by, origin=origin)
    return codes


def issue_code(ballot: Ballot | int, household: str, *, by: Account | None, why: str = "", origin: str = "web") -> str:
    """A new code for one household; the one before is dead. Whether the household has voted is not told: its new code says so to
    the household itself. Raises NotFound, Invalid, NotPermitted."""
    with transaction.atomic():
        held, taken = _held(ballot, by)
        _require_running(taken, held.matter)
        elector, code = _elector(taken, household), _new_code()
        elector.code_hash = code_hash(code)
        elector.save(update_fields=["code_hash"])
        said = {"ballot": taken.code, "codes_digest": _codes_digest(taken)}
        record_entry(
            chain=taken.chain, verb=CODE, body=said, by=by, why=why, origin=origin, personal={"household": elector.household}
        )
    return code


# --- voting --------------------------------------------------------------------------------------------------------


def to_vote_in(code: str) -> Ballot:
    """The ballot in which a code may still vote. Raises NotFound (nobody's code), Invalid (voted already, over)."""
    elector = Elector.objects.filter(code_hash=code_hash(code)).select_related("ballot__matter__record").first() if code else None
    if elector is None:
        raise NotFound(NO_CODE)
    _require_running(elector.ballot, elector.ballot.matter)
    if Turnout.objects.filter(elector=elector).exists():
        raise Invalid([SecondBallot("code", None, AGAIN)])
    return elector.ballot


@sensitive_variables()
def cast_vote(code: str, choice: str, *, origin: str = "public") -> Ballot:
    """Vote with a one-time code. Raises NotFound (nobody's code), Invalid (voted already, over, no choice)."""
    found = Elector.objects.filter(code_hash=code_hash(code)).values_list("ballot", "ballot__matter").first() if code else None
    if found is None:
        raise NotFound(NO_CODE)
    with on_record(found[1], "vote", "", None), transaction.atomic():
        ballot = _taken(found[0])
        elector = ballot.electors.filter(code_hash=code_hash(code)).first()
        if elector is None:  # a new code was issued in between
            raise NotFound(NO_CODE)
        _count(ballot, elector, choice, "code", None, by=None, origin=origin)
    return ballot


@sensitive_variables()
def record_paper(
    ballot: Ballot | int, household: str, choice: str, *, evidence: BinaryIO | bytes, by: Account | None, origin: str = "web"
) -> Ballot:
    """Enter a signed paper ballot. ``evidence``: a picture of its signed stub, never of the part with the choice. For whoever
    handles the matter. Raises NotFound, Invalid, NotPermitted, Refusal (no file, or of a kind that is not taken)."""
    pk = _matter_of(ballot)
    with on_record(pk, "vote", "", by), transaction.atomic():
        _, taken = _held(ballot, by)
        elector = _elector(taken, household)
        _count(taken, elector, choice, "paper", store(evidence), by=by, origin=origin)
    return taken


def _count(
    ballot: Ballot, elector: Elector, choice: str, way: str, evidence: StoredFile | None, *, by: Account | None, origin: str
) -> None:
    """Add one vote to the sealed sums, and note that the household took part. The ballot's row is held: votes follow one another."""
    _require_running(ballot, ballot.matter)
    _require(choice in CHOICES, "choice", NO_CHOICE)
    if Turnout.objects.filter(elector=elector).exists():
        raise Invalid([SecondBallot("code", None, AGAIN)])
    now = clock.now()
    Turnout.objects.create(elector=elector, way=way, day=now.astimezone(LOCAL).date(), evidence=evidence)
    tally: Tally = unsealed(ballot.tally, about(ballot))
    chosen = cast(Choice, choice)
    tally[chosen] = tally[chosen] + Sum(1, elector.area)
    ballot.tally = sealed(tally, about(ballot))
    ballot.save(update_fields=["tally"])
    said: dict[str, object] = {"ballot": ballot.code, "way": way}
    if evidence is not None:
        said["evidence"] = evidence.sha256
    record_entry(chain=ballot.chain, verb=VOTE, body=said, by=by, origin=origin, personal={"household": elector.household})


# --- closing -------------------------------------------------------------------------------------------------------


def close_ballot(ballot: Ballot | int, *, by: Account | None, origin: str = "web") -> Ballot:
    """Close a ballot whose time is over, count it, and publish the result. Codes and the sealed sums are erased. Raises Invalid
    (before its time, closed already), NotPermitted, NotFound, Conflict (list, rule or sums were changed from outside)."""
    pk = _matter_of(ballot)
    with on_record(pk, "close_ballot", "", by), transaction.atomic():
        held, taken = _held(ballot, by)
        _require(taken.state == Ballot.OPEN, "ballot", CLOSED)
        if held.now < taken.closes_at:
            raise Invalid([ClosedEarly("closes_at", None, EARLY.format(moment=clock_face(taken.closes_at)))])
        tally = _verified(taken)
        rule = rule_of(taken)
        verdict = decide(rule, Sum(taken.heads, taken.area), tally)
        numbers = published(Sum(taken.heads, taken.area), tally)
        tests = [{"of": t.of, "threshold": t.threshold, "met": t.met} for t in verdict.tests]
        taken.result = {"outcome": verdict.outcome, "numbers": numbers, "tests": tests}
        taken.state, taken.closed_at, taken.tally = Ballot.CLOSED, held.now, b""
        taken.save(update_fields=["state", "closed_at", "tally", "result"])
        taken.electors.update(code_hash=None)
        said = {
            "ballot": taken.code, "rule_digest": taken.rule_digest, "electorate_digest": taken.electorate_digest,
            "result": taken.result,
        }  # fmt: skip
        record_entry(chain=taken.chain, verb=CLOSE, body=said, by=by, origin=origin)
        _publish(held, taken, numbers, rule.title)
    return taken


def _verified(ballot: Ballot) -> Tally:
    """The sums, once list and rule are what they were at the opening and as many households are in the sums as took part."""
    electors = list(ballot.electors.values_list("household", "area"))
    same = electorate_digest(electors) == ballot.electorate_digest
    same = same and rule_digest(ballot.question, ballot.rule_body) == ballot.rule_digest
    tally = unsealed(ballot.tally, about(ballot))
    if not same or sum(tally.values(), NOTHING) != voted(ballot):
        raise Conflict(CHANGED, theirs={}, yours={})
    return tally


def _publish(held: Held, ballot: Ballot, numbers: Mapping[str, int | None], rule: Text) -> None:
    """The result as a record below the matter's own, of whichever of these fields its register has."""
    definition = held.compiled.process.ballot
    if definition is None or definition.results is None:
        return
    register = held.known.register(definition.results)
    assert register.parent is not None  # said at installation
    assert ballot.closed_at is not None
    assert ballot.result is not None
    values: dict[str, object] = {
        **numbers,
        register.parent.field: held.record.key,
        "number": Ballot.objects.filter(matter=held.matter).count(),
        "ballot": ballot.code,
        "rule": rule.zh,
        "opened_on": ballot.opened_at.astimezone(LOCAL).date().isoformat(),
        "closed_on": ballot.closed_at.astimezone(LOCAL).date().isoformat(),
        "outcome": ballot.result["outcome"],
    }
    create(register.name, {n: v for n, v in values.items() if n in register.by_name and v is not None}, by=None, origin="ballot")


# --- what all of them ask ------------------------------------------------------------------------------------------


def _at_its_ballot(held: Held) -> BallotDefinition:
    definition = held.compiled.process.ballot
    if definition is None or held.matter.stage != definition.stage:
        raise Invalid([Problem(held.record.key, held.matter.stage, NOT_HERE)])
    return definition


def _held(ballot: Ballot | int, by: Account | None) -> tuple[Held, Ballot]:
    """The ballot and its matter, both locked, for whoever handles the matter."""
    held = hold(_matter_of(ballot), version=None, by=by)
    held.require_handle()
    return held, _taken(ballot if isinstance(ballot, int) else ballot.pk)


def _matter_of(ballot: Ballot | int) -> int:
    found = Ballot.objects.filter(pk=ballot if isinstance(ballot, int) else ballot.pk).values_list("matter", flat=True).first()
    if found is None:
        raise NotFound(NO_BALLOT)
    return int(found)


def _taken(pk: int) -> Ballot:
    return Ballot.objects.select_for_update(of=("self",)).select_related("matter").get(pk=pk)


def _codes_digest(ballot: Ballot) -> str:
    """Of all codes that are valid now, so that one put in their place from outside is noticed."""
    return codes_digest((household, code) for household, code in ballot.electors.values_list("household", "code_hash") if code)


def _elector(ballot: Ballot, household: str) -> Elector:
    found = ballot.electors.filter(household=household.strip()).first()
    if found is None:
        raise NotFound(NO_HOUSEHOLD)
    return found


def _require_running(ballot: Ballot, matter: Matter) -> None:
    if ballot.state != Ballot.OPEN or clock.now() >= ballot.closes_at:
        raise Invalid([Problem("ballot", ballot.state, CLOSED)])
    if matter.state != "open":
        raise Invalid([Problem("ballot", matter.state, NOT_RUNNING)])


def _require(holds: bool, where: str, says: Text) -> None:
    if not holds:
        raise Invalid([Problem(where, None, says)])


def about(ballot: Ballot) -> bytes:
    """What ties the sealed sums to their ballot."""
    return f"{ballot.pk}:{ballot.rule_digest}:{ballot.electorate_digest}".encode()


def _new_code() -> str:
    return "".join(secrets.choice(ALPHABET) for _ in range(CODE_LENGTH))


__all__ = [
    "cast_vote", "close_ballot", "extend_ballot", "issue_code", "issue_codes", "open_ballot", "record_paper", "to_vote_in",
]  # fmt: skip
