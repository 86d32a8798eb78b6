"""What a verification found: each finding names the one thing that is wrong, and says so in both languages."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum

from banjie.lib.text import Text

KEPT = 1000  # findings kept of each kind; beyond that they are only counted


class Kind(StrEnum):
    ALTERED = "altered"  # the entry's content does not give its hash, or its hash is not the one that was sealed
    MISSING = "missing"  # an entry that the chain, its head or a seal speaks of is not there
    MOVED = "moved"  # an entry stands in another's place
    ADDED = "added"  # an entry that the head does not know
    UNLINKED = "unlinked"  # two neighbours in a chain do not fit: one of them was replaced
    HEAD = "head"  # where the chain ends is recorded wrongly
    PERSONAL = "personal"  # a personal value does not match its commitment, or is gone without an erasure
    CHECKPOINT = "checkpoint"  # a checkpoint or a sealed block does not give the signed root
    SIGNATURE = "signature"  # a signature is not valid, or its key is not trusted
    FIGURE = "figure"  # a published figure does not verify
    ROW = "row"  # a row that pages read is not what the trail last said of it
    FILE = "file"  # the content of a file is gone, or not what its hash says
    TRANSACTION = "transaction"  # the number of the writing transaction, by which readers read on, was changed


# The gravest first: without the trail nothing else can be told. A personal value that belongs to nothing is named after the entry
# that is missing, of which it only tells.
_GRAVITY = (
    {
        Kind.ALTERED, Kind.MISSING, Kind.MOVED, Kind.ADDED, Kind.UNLINKED, Kind.HEAD, Kind.CHECKPOINT, Kind.SIGNATURE,
        Kind.TRANSACTION,
    },
    {Kind.FILE},
    {Kind.ROW},
    {Kind.FIGURE},
    {Kind.PERSONAL},
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing wrong. ``subject`` names it (``record:17[3]``); ``near`` is the id around which it lies, for order."""

    kind: Kind
    subject: str
    says: Text
    entry: int | None = None  # the entry's id, where there is one
    near: float = float("inf")

    @property
    def order(self) -> tuple[int, float]:
        """The gravest kind first, then what is about the earliest entry."""
        gravity = next(n for n, kinds in enumerate(_GRAVITY) if self.kind in kinds)
        return gravity, self.near if self.entry is None else float(self.entry)

    def as_dict(self) -> dict[str, object]:
        return {"kind": self.kind.value, "subject": self.subject, "entry": self.entry, "says": self.says.as_dict()}


@dataclass(slots=True)
class Report:
    """The findings, and how much was looked at (``{"entries": 1000000, "chains": …}``). ``notes`` are no findings: what nothing
    is wrong with and a reader should know."""

    findings: list[Finding] = field(default_factory=list)
    notes: list[Text] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)
    total: int = 0
    kept: Counter[Kind] = field(default_factory=Counter)

    @property
    def clean(self) -> bool:
        return self.total == 0

    @property
    def first(self) -> Finding | None:
        """The gravest finding; of several, the one about the earliest entry."""
        return min(self.findings, key=lambda finding: finding.order, default=None)

    def add(self, finding: Finding) -> None:
        self.total += 1
        if self.kept[finding.kind] < KEPT:
            self.kept[finding.kind] += 1
            self.findings.append(finding)

    def count(self, what: str, number: int = 1) -> None:
        self.counts[what] = self.counts.get(what, 0) + number

    def include(self, other: Report) -> None:
        for finding in other.findings:
            self.add(finding)
        self.total += other.total - len(other.findings)
        self.notes += other.notes
        for what, number in other.counts.items():
            self.count(what, number)

    def as_dict(self) -> dict[str, object]:
        ordered = sorted(self.findings, key=lambda finding: finding.order)
        return {
            "clean": self.clean,
            "counts": self.counts,
            "first": self.first.as_dict() if self.first else None,
            "found": self.total,
            "findings": [finding.as_dict() for finding in ordered],
            "notes": [note.as_dict() for note in self.notes],
        }
