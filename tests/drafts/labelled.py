"""The labelled drafts: text with inline labels, what each quantity is worth, and which rules must object.

``{6万只:60000}``: the words printed, and the value in the base unit; without a value the digits are the value; ``date``, ``ordinal``,
``name``; ``r``: a quantity without one value; nothing behind the colon: it does not matter what is found there. A word behind the value
is the bound that the qualifier must have.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path

import yaml

FOLDER = Path(__file__).parent
_LABEL = re.compile(r"\{([^{}:]+)(?::([^{}]*))?\}")
_WITH_COLON = re.compile(r"\{(\d{1,2}:\d{2}):(date)\}|\{([\d.]+(?::[\d.]+)+):(r)\}")


@dataclass(frozen=True, slots=True)
class Label:
    """``kind``: quantity, date, ordinal, name, or nothing where it does not matter. ``value``: None where none is asked for."""

    start: int
    end: int
    text: str
    kind: str
    value: Decimal | None
    bound: str


@dataclass(frozen=True, slots=True)
class Labelled:
    name: str
    on: date
    place: str
    text: str
    labels: tuple[Label, ...]
    errors: tuple[str, ...]

    @property
    def quantities(self) -> int:
        return sum(1 for label in self.labels if label.kind == "quantity")


def drafts() -> tuple[Labelled, ...]:
    """All drafts of this folder, in order."""
    found = []
    for path in sorted(FOLDER.glob("*.yaml")):
        for entry in yaml.safe_load(path.read_text(encoding="utf-8")):
            text, labels = read_labels(entry["text"])
            on = entry["day"]
            found.append(Labelled(entry["name"], on, entry["place"], text, labels, tuple(entry["errors"])))
    return tuple(found)


def read_labels(marked: str) -> tuple[str, tuple[Label, ...]]:
    """The text without its labels, and the labels with the characters at which they stand."""
    parts: list[str] = []
    labels: list[Label] = []
    at = last = 0
    pattern = re.compile(f"{_WITH_COLON.pattern}|{_LABEL.pattern}")
    for hit in pattern.finditer(marked):
        groups = [g for g in hit.groups() if g is not None]
        words, said = groups[0], groups[1] if len(groups) > 1 else None
        before = marked[last : hit.start()]
        parts += [before, words]
        at += len(before)
        labels.append(_label(at, words, said))
        at += len(words)
        last = hit.end()
    parts.append(marked[last:])
    return "".join(parts), tuple(labels)


def _label(at: int, words: str, said: str | None) -> Label:
    end = at + len(words)
    if said is None:
        digits = re.match(r"[\d.,]+", words)
        assert digits is not None, words
        return Label(at, end, words, "quantity", Decimal(digits.group().replace(",", "")), "")
    if said in {"date", "ordinal", "name", ""}:
        return Label(at, end, words, said, None, "")
    value, _, bound = said.partition(" ")
    return Label(at, end, words, "quantity", None if value == "r" else Decimal(value), bound)
