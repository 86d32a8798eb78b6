"""Refusals. Each says, in both languages, what was refused and what to do about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from banjie.lib.text import Text


class Refusal(Exception):
    """Something asked for was not done, and nothing was changed. ``says`` is shown to the person."""

    def __init__(self, says: Text) -> None:
        super().__init__(says.en)
        self.says = says

    def __str__(self) -> str:
        return str(self.says)


class NotPermitted(Refusal):
    """The account may not do this here."""


class NotFound(Refusal):
    """There is no such thing, or none that the account may see: the two are not told apart."""


class Damaged(Refusal):
    """What is kept is no longer what was kept: it is not handed out."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with one value. ``where`` is a field's name, a column or a path."""

    where: str
    value: object
    says: Text


class Invalid(Refusal):
    """The values do not satisfy the definition; each problem is named."""

    def __init__(self, problems: list[Problem], titles: Mapping[str, Text] | None = None) -> None:
        """``titles``: what people call the places at which the problems lie, as far as they have a name."""
        self.problems = problems
        self.titles = dict(titles or {})
        called = self.named[:20]
        zh = "；".join(f"{where.zh}：{says.zh}" for where, says in called)
        en = "; ".join(f"{where.en}: {says.en}" for where, says in called)
        super().__init__(Text(zh, en))

    @property
    def named(self) -> list[tuple[Text, Text]]:
        """Each problem: what its place is called, and what is wrong."""
        return [(self.titles.get(p.where, Text(p.where, p.where)), p.says) for p in self.problems]


class Conflict(Refusal):
    """Somebody else changed it in the meantime. ``theirs`` and ``yours`` hold what each side wrote."""

    def __init__(self, says: Text, *, theirs: dict[str, object], yours: dict[str, object]) -> None:
        super().__init__(says)
        self.theirs = theirs
        self.yours = yours


class DefinitionError(Refusal):
    """A definition in a pack is wrong. ``path`` leads to it, e.g. ``("registers", 0, "fields", 2, "type")``;
    ``offset`` is the 0-based character within that text value (a formula), if the fault lies inside one."""

    def __init__(self, path: tuple[str | int, ...], says: Text, offset: int | None = None) -> None:
        super().__init__(says)
        self.path = path
        self.offset = offset
