"""Which declared figure a quantity of a draft may be. Deterministic and explained: the unit must fit, then words, basis and growth are weighed.

Nothing is matched on a doubt: below ``ENOUGH`` there is no figure, and where two come close to one another the match is ambiguous and both are named.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from banjie.bulletins.drafts.quantity import Quantity
from banjie.lib.text import Text

ENOUGH = Decimal("0.55")
CLOSE = Decimal("0.08")
_COUNTS = frozenset(
    {
        "item",
        "piece",
        "project",
        "enterprise",
        "merchant",
        "branch",
        "session",
        "record",
        "report",
        "problem",
        "visit",
        "time",
        "event",
        "group",
        "area",
    }
)
_STREWN = re.compile(
    r"今年|去年|全年|全县|全市|全镇|全街道|累计|共有|总共|共|已经?|同比|其中|分别|实现|的|了|“|”|[、，,：:（）()\s]"
)


@dataclass(frozen=True, slots=True)
class Declared:
    """A declared figure as matching sees it. ``titles``: its title and aliases, in any language. ``unit``: a code of ``banjie.lib.units``.
    ``growth``: it is a growth on the year before, or on average."""

    name: str
    titles: tuple[str, ...]
    unit: str
    basis: str = "actual"
    growth: bool = False


@dataclass(frozen=True, slots=True)
class Candidate:
    """``score`` from 0 to 1; ``because`` says what was weighed."""

    figure: Declared
    score: Decimal
    because: Text


@dataclass(frozen=True, slots=True)
class Match:
    """``kind``: matched, ambiguous (two figures too near to one another), or none. ``runner_up``: the next best, where it is near."""

    kind: Literal["matched", "ambiguous", "none"]
    best: Candidate | None = None
    runner_up: Candidate | None = None


def match(quantity: Quantity, declared: Iterable[Declared], context: str = "") -> Match:
    """Find the figure that a quantity speaks of. ``context``: the words of its sentence before it, for a subject named earlier."""
    found = sorted(candidates(quantity, declared, context), key=lambda c: (-c.score, c.figure.name))
    if not found or found[0].score < ENOUGH:
        return Match("none", None, found[0] if found else None)
    near = found[1] if len(found) > 1 and found[0].score - found[1].score <= CLOSE and found[1].score >= ENOUGH else None
    return Match("ambiguous" if near else "matched", found[0], near)


def candidates(quantity: Quantity, declared: Iterable[Declared], context: str = "") -> Sequence[Candidate]:
    """Every figure whose unit and kind fit, with its score."""
    if quantity.kind != "quantity":
        return ()
    grows = bool(quantity.qualifier.move) and quantity.unit is not None and quantity.unit.family in {"share", "points"}
    made = []
    for figure in declared:
        if figure.growth != grows or not unit_fits(quantity, figure.unit):
            continue
        likeness, title = _words(quantity, figure, context)
        basis = Decimal(0) if quantity.scope.basis == figure.basis else Decimal("0.35")
        score = max(Decimal(0), likeness - basis)
        if likeness > 0:
            made.append(Candidate(figure, score, _because(quantity, figure, title, likeness, bool(basis))))
    return made


def unit_fits(quantity: Quantity, code: str) -> bool:
    """May a quantity in its printed unit be a figure of this one? 个 may be any count, 人 and 户 only their own; 162万 without a unit may be yuan."""
    if quantity.form == "ratio":
        return code in {"ratio", "percent"}
    if quantity.unit is None:
        return code in {"CNY", "index", "ratio"} or code in _COUNTS
    if quantity.unit.family == "share":
        return code in {"percent", "permille"}
    if quantity.unit.code == code:
        return True
    return quantity.unit.family == "count" and code in _COUNTS


def _words(quantity: Quantity, figure: Declared, context: str) -> tuple[Decimal, str]:
    """The best likeness of any of its titles with the words around the number, and that title."""
    near = _plain(f"{quantity.before}{quantity.after}")
    further = _plain(context[-60:])
    best = (Decimal(0), "")
    for title in figure.titles:
        wanted = _plain(title)
        if wanted:
            best = max(best, (_likeness(wanted, near, further), title), key=lambda pair: (pair[0], len(pair[1])))
    return best


def _plain(text: str) -> str:
    return _STREWN.sub("", text.lower())


def _likeness(wanted: str, near: str, further: str) -> Decimal:
    """1 where the title stands next to the number; less for each of its pairs of characters that is missing there, or stands further off."""
    if wanted in near:
        return Decimal("0.8") + Decimal("0.2") * len(wanted) / max(len(wanted), len(near))
    pairs = {wanted[i : i + 2] for i in range(len(wanted) - 1)} or {wanted}
    here = sum(1 for p in pairs if p in near)
    off = sum(1 for p in pairs if p not in near and p in further)
    if not here:
        return Decimal(0)
    return min(Decimal("0.95"), (Decimal(here) + Decimal("0.6") * off) / len(pairs))


def _because(quantity: Quantity, figure: Declared, title: str, likeness: Decimal, other_basis: bool) -> Text:
    sign = quantity.sign or "（无单位）"
    zh = f"单位「{sign}」相符；词语与「{title}」相近（{likeness:.2f}）"
    en = f"the unit {sign} fits; the words are near to {title!r} ({likeness:.2f})"
    if other_basis:
        zh, en = (
            f"{zh}；但文中性质不同（{quantity.scope.basis}）",
            f"{en}; but the text speaks of {quantity.scope.basis}, the figure of {figure.basis}",
        )
    return Text(f"{zh}。", f"{en}.")
