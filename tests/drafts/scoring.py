"""How well the reading of the labelled drafts agrees with their labels: precision and recall of finding, errors found, false alarms."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from banjie.bulletins.drafts.consistency import check
from banjie.bulletins.drafts.quantity import Quantity
from banjie.bulletins.drafts.reading import read
from tests.drafts.labelled import Label, Labelled


@dataclass(slots=True)
class Score:
    """``right``: found at the labelled characters, of the labelled class, with its value and bound."""

    labelled: int = 0
    quantities: int = 0
    right: int = 0
    found: int = 0
    errors: int = 0
    errors_found: int = 0
    alarms: int = 0
    characters: int = 0
    places: int = 0
    places_right: int = 0
    faults: list[str] = field(default_factory=list)

    @property
    def precision(self) -> float:
        return self.right / self.found if self.found else 1.0

    @property
    def recall(self) -> float:
        return self.right / self.labelled if self.labelled else 1.0


def score(drafts: Iterable[Labelled]) -> Score:
    """Read each draft, and count."""
    total = Score()
    for draft in drafts:
        _score(draft, total)
    return total


def _score(draft: Labelled, total: Score) -> None:
    reading = read(draft.text, draft.on)
    total.characters += len(draft.text)
    total.quantities += draft.quantities
    ignored = [label for label in draft.labels if label.kind == ""]
    items = [i for i in reading.items if not any(i.start < x.end and x.start < i.end for x in ignored)]
    by_span = {(i.start, i.end): i for i in items}
    labels = [label for label in draft.labels if label.kind]
    total.labelled += len(labels)
    total.found += len(items)
    for label in labels:
        item = by_span.pop((label.start, label.end), None)
        if item is not None and _agrees(item, label):
            total.right += 1
        else:
            total.faults.append(f"{draft.name}: {label.text} ({label.kind} {label.value} {label.bound}): {_seen(item)}")
    total.faults += [f"{draft.name}: {i.text} is not labelled ({i.kind})" for i in by_span.values()]
    total.places += len(reading.quantities)
    total.places_right += sum(1 for q in reading.quantities if q.scope.place == draft.place)
    objected = {r.rule for r in check(reading).remarks if r.verdict in {"fails", "suspect"}}
    total.errors += len(draft.errors)
    total.errors_found += len(objected & set(draft.errors))
    total.alarms += len(objected - set(draft.errors))
    total.faults += [f"{draft.name}: {rule} did not object" for rule in set(draft.errors) - objected]
    total.faults += [f"{draft.name}: {rule} objects without cause" for rule in objected - set(draft.errors)]


def _agrees(item: Quantity, label: Label) -> bool:
    return (
        item.kind == label.kind
        and (label.value is None or item.value == label.value)
        and (not label.bound or item.qualifier.bound == label.bound)
    )


def _seen(item: Quantity | None) -> str:
    return "not found" if item is None else f"read as {item.kind} {item.value} {item.qualifier.bound}"
