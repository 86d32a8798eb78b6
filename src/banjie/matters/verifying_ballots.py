"""Ballots held against the trail: the rule, the list of households, who took part, the end, the result.

Nobody is named and nothing is told of a choice: of households only how many entries and rows differ. While a ballot runs, the sealed
sums must hold as many votes as households took part; what they say of choices is not looked at. Once it is closed, the published
result is what its entry says.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from banjie.ledger.comparing import Against, Said, Told, chains_begun, personal_values, told
from banjie.ledger.findings import Report
from banjie.ledger.hashing import moment
from banjie.ledger.reading import one_view
from banjie.ledger.verification import Progress
from banjie.lib.errors import Refusal
from banjie.lib.text import Text
from banjie.matters.actions.voting import CLOSE, CODE, CODES, EXTEND, OPEN, VOTE, about
from banjie.matters.ballot_rules import NOTHING
from banjie.matters.ballot_seal import unsealed
from banjie.matters.ballots import codes_digest, electorate_digest, rule_digest, voted
from banjie.matters.models import Ballot, Turnout

TITLE = Text("表决", "the ballot")
PARTS = {
    "ballot": Text("公告编号", "the code of its notice"),
    "matter": Text("所属事项", "the matter"),
    "question": Text("表决事项", "the question"),
    "rule": Text("表决规则", "the rule"),
    "rule_digest": Text("规则摘要", "the digest of the rule"),
    "electorate_digest": Text("名册摘要", "the digest of the list"),
    "households": Text("户数", "the number of households"),
    "area": Text("面积", "the area"),
    "opened_at": Text("开始时间", "when it was opened"),
    "closes_at": Text("截止时间", "when it closes"),
    "state": Text("状态", "the state"),
    "result": Text("结果", "the result"),
}
ELECTORS = Text("名册（户和面积）", "the list of households and their areas")
CODES_CHANGED = Text("表决码", "the codes")
TURNOUT = Text("参加表决的户（与 {n} 条表决记录不符）", "who took part ({n} entries tell otherwise)")
TALLY = Text("计票数据", "the sealed sums")


def verify_ballots(progress: Progress | None = None) -> Report:
    """Compare every ballot with its chain, one at a time: what is held is one list of households."""
    report = Report()
    with one_view():
        total = Ballot.objects.count()
        for done, ballot in enumerate(Ballot.objects.order_by("pk").iterator(chunk_size=20), 1):
            _compare(report, ballot, list(told([ballot.chain])))
            report.count("ballots")
            if progress:
                progress(done, total)
        for chains in chains_begun("ballot:"):
            wanted = {int(chain[7:]): entry for chain, entry in chains if chain[7:].isdecimal()}
            for pk in wanted.keys() - set(Ballot.objects.filter(pk__in=wanted).values_list("pk", flat=True)):
                Against(report, "ballot", TITLE, PARTS).gone(pk, str(pk), wanted[pk])
    return report


def _compare(report: Report, ballot: Ballot, chain: list[Told]) -> None:
    against = Against(report, "ballot", TITLE, PARTS)
    said = _said(chain)
    if said is None:
        against.compare(ballot.pk, ballot.code, None, {})
        return
    held = _held(ballot)
    wrong = [PARTS[part] for part in PARTS if part in said.facts and held[part] != said.facts[part]]
    votes = [entry for entry in chain if entry.verb == VOTE]
    wrong += [*_list(ballot, chain), *_turnout(ballot, votes)]
    against.differs(ballot.pk, ballot.code, wrong, chain[-1].entry)


def _said(chain: Iterable[Told]) -> Said | None:
    """What the chain makes of the ballot: opened, extended, closed."""
    found: dict[str, Any] | None = None
    last = 0
    for entry in chain:
        if entry.verb == OPEN:
            found = {**entry.body, "state": Ballot.OPEN, "result": None}
        elif found is not None and entry.verb == EXTEND:
            found["closes_at"] = entry.body.get("closes_at")
        elif found is not None and entry.verb == CLOSE:
            found |= {"state": Ballot.CLOSED, "result": entry.body.get("result")}
        last = entry.entry
    if found is None:
        return None
    found["area"], found["closes_at"] = _decimal(found.get("area")), _instant(found.get("closes_at"))
    return Said(last, found)


def _held(ballot: Ballot) -> Mapping[str, object]:
    return {
        "ballot": ballot.code, "matter": ballot.matter_id, "question": ballot.question, "rule": ballot.rule,
        "rule_digest": ballot.rule_digest, "electorate_digest": ballot.electorate_digest, "households": ballot.heads,
        "area": ballot.area, "opened_at": moment(ballot.opened_at), "closes_at": ballot.closes_at, "state": ballot.state,
        "result": ballot.result,
    }  # fmt: skip


def _list(ballot: Ballot, chain: Iterable[Told]) -> Iterable[Text]:
    """The list of households, the rule by its digest, and the codes that were given out."""
    electors = list(ballot.electors.values_list("household", "area", "code_hash"))
    if electorate_digest((household, area) for household, area, _ in electors) != ballot.electorate_digest:
        yield ELECTORS
    if rule_digest(ballot.question, ballot.rule) != ballot.rule_digest:
        yield PARTS["rule"]
    there = [(household, code) for household, _, code in electors if code is not None]
    given = [entry for entry in chain if entry.verb in (CODES, CODE)]
    if not given or ballot.state == Ballot.CLOSED:
        if there:
            yield CODES_CHANGED
    elif "codes_digest" in given[-1].body and given[-1].body["codes_digest"] != codes_digest(there):
        yield CODES_CHANGED


def _turnout(ballot: Ballot, votes: list[Told]) -> Iterable[Text]:
    """Who took part, against the entries of votes and the households that lie beside them."""
    rows = list(Turnout.objects.filter(elector__ballot=ballot).values_list("elector__household", "way", "evidence"))
    ways = Counter((way, evidence) for _, way, evidence in rows)
    cast = {entry.entry for entry in votes}
    kept = Counter(str(p.value) for p in personal_values([ballot.chain]) if p.entry in cast and p.path == "household")
    there = Counter(household for household, _, _ in rows)
    said = Counter((entry.body.get("way"), entry.body.get("evidence")) for entry in votes)
    if ways != said or there - kept:
        yield TURNOUT.format(n=len(votes))
    if ballot.state == Ballot.OPEN and not _sums_fit(ballot):
        yield TALLY


def _sums_fit(ballot: Ballot) -> bool:
    try:
        return sum(unsealed(ballot.tally, about(ballot)).values(), NOTHING) == voted(ballot)
    except (Refusal, ValueError, KeyError, TypeError):
        return False


def _decimal(value: object) -> Decimal | None:
    try:
        return Decimal(str(value))
    except ArithmeticError:
        return None


def _instant(value: object) -> datetime | None:
    try:
        return datetime.fromisoformat(str(value))
    except ValueError:
        return None
