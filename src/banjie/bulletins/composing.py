"""From a definition to an issue: figures asked, blocks frozen, the text of each language written around their marks."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import Max

from banjie.bulletins.asked import Question, Questions
from banjie.bulletins.compiling import compiled_lights, registers_of
from banjie.bulletins.definition import Bulletin, Chart, Tabular
from banjie.bulletins.freezing import LIGHTS, Freezer, Frozen, moment_said, number, periods_said
from banjie.bulletins.marks import mark
from banjie.bulletins.periods import checked
from banjie.bulletins.templating import FIGURES_FIRST, Mark, Row, escaped, parse, render
from banjie.figures.asking import Asking, Where, asking
from banjie.figures.wording import leaves
from banjie.ledger.models import Entry
from banjie.ledger.watermarks import current
from banjie.lib import canonical
from banjie.lib.errors import NotFound, NotPermitted, Refusal
from banjie.lib.periods import Period
from banjie.lib.text import Language, Text
from banjie.people.models import Account
from banjie.people.scopes import scope_of_actor
from banjie.people.verbs import Verb

LANGUAGES: tuple[Language, ...] = ("zh", "en")


@dataclass(frozen=True)
class Composed:
    """An issue that is not kept yet."""

    bulletin: Bulletin
    area: str
    period: Period
    as_of: datetime
    watermark: str
    entry: int
    counted: str
    listed: str
    frozen: Frozen
    text: dict[Language, str]
    tells_nothing: bool  # nothing was recorded of its period: no record stands behind any figure that depends on time


def compose(
    bulletin: Bulletin, *, area: str | None, period: Period | str, as_of: datetime | None, by: Account | None
) -> Composed:
    """Ask everything as known at ``as_of`` (None: now). ``by`` None is the system. Raises NotFound, NotPermitted, Refusal."""
    span = checked(Period.parse(period) if isinstance(period, str) else period, bulletin.period)
    watermark = current()  # before the store is read, so that it holds all that the mark covers
    with asking(by) as asked:
        at = _to_milliseconds(asked.moment(as_of) or asked.now)
        counted, listed = registers_of(bulletin, asked.known)
        where = _where(asked, bulletin, area, by, counted, listed)
        questions = Questions(asked, where.area or "", span, at)
        questions.prepare(_wanted(bulletin))
        freezer = Freezer(questions, where, compiled_lights(bulletin))
        blocks = {block.name: freezer.block(block) for _, block in bulletin.blocks()}
        frozen = _head(bulletin, where, span, at) | {"numbers": {}, "blocks": blocks}
        text = {language: Writer(bulletin, questions, frozen, language).written() for language in LANGUAGES}
        quiet = _tells_nothing(asked, frozen)
    entry = Entry.objects.filter(at__lte=at).aggregate(newest=Max("id"))["newest"] or 0
    return Composed(
        bulletin,
        where.area or "",
        span,
        at,
        watermark,
        entry,
        " ".join(sorted(counted)),
        " ".join(sorted(listed)),
        frozen,
        text,
        quiet,
    )


def _to_milliseconds(at: datetime) -> datetime:
    """What a browser's field for a moment can hold, so that a number opens as known at exactly this one."""
    return at.replace(microsecond=at.microsecond // 1000 * 1000)


def definition_hash(bulletin: Bulletin) -> str:
    """SHA-256 over the canonical JSON of the definition."""
    return hashlib.sha256(canonical.encode(bulletin.as_json())).hexdigest()


@dataclass
class Writer:
    """Writes the text in one language. Numbers get their marks as they are first named; both languages share them."""

    bulletin: Bulletin
    questions: Questions
    frozen: Frozen
    language: Language

    def written(self) -> str:
        functions: dict[str, Callable[..., object]] = {
            "value": self.value, "amount": self.amount, "show": self.show, "rows": self.rows, "missing": self.missing,
            "names": self.names, "lights": self.lights,
        }  # fmt: skip
        said = periods_said(self.questions.period) | {
            "area": Text.of(self.frozen["area_title"]), "as_of": moment_said(self.questions.as_of), "issuer": self.bulletin.issuer,
            "title": self.bulletin.title,
        }  # fmt: skip
        text = render(
            getattr(self.bulletin.template, self.language), functions, {k: getattr(v, self.language) for k, v in said.items()}
        )
        return _tidied(text)

    def value(self, name: str, over: str = "period", places: int | None = None, by: str = "", part: str = "") -> Mark:
        answer = self.questions.answer(name, over, by)
        return self._number(number(answer, places=places, by=by, part=part))

    def amount(self, name: str, over: str = "period") -> Decimal | None:
        return self.questions.answer(name, over).value

    def show(self, name: str) -> Mark:
        return Mark(f"\n\n{mark(self.frozen['blocks'][name]['title'][self.language], name)}\n\n")

    def rows(self, name: str) -> tuple[Row, ...]:
        return tuple(self._row(name, row) for row in self.frozen["blocks"][name]["rows"])

    def missing(self, name: str) -> tuple[Row, ...]:
        return tuple(self._row(name, row) for row in self.frozen["blocks"][name]["rows"] if row.get("missing"))

    def names(self, rows: tuple[Row, ...]) -> Mark:
        return Mark(("、" if self.language == "zh" else ", ").join(str(row["title"]) for row in rows))

    def lights(self, name: str, colour: str) -> Mark:
        rows = self.frozen["blocks"][name]["rows"]
        return self._tally(name, f"light {colour}", sum(row.get("light") == colour for row in rows))

    def _row(self, name: str, row: Frozen) -> Row:
        said: dict[str, object] = {"title": Mark(escaped(row["title"][self.language]))}
        if row.get("place"):
            said["place"] = self._tally(name, f"place {row['code']}", row["place"])
        if row.get("missing") is not None:
            said["missing"] = self._tally(name, f"missing {row['code']}", row["missing"])
        said["light"] = getattr(LIGHTS[row.get("light", "")], self.language)
        return Row(said)

    def _tally(self, block: str, of: str, count: int) -> Mark:
        return self._number({"block": block, "of": of, "value": str(count), "zh": str(count), "en": str(count)})

    def _number(self, said: Frozen) -> Mark:
        """A mark for a number; the one it has already where the same was named before, in this language or the other."""
        numbers = self.frozen["numbers"]
        name = next((name for name, known in numbers.items() if known == said), None) or f"n{len(numbers) + 1}"
        numbers.setdefault(name, said)
        return Mark(mark(said[self.language], name))


def _wanted(bulletin: Bulletin) -> list[Question]:
    """Every question that can be told beforehand."""
    wanted: list[Question] = []
    for _, block in bulletin.blocks():
        if isinstance(block, Chart):
            wanted.append((block.figure, block.over, block.by))
        elif isinstance(block, Tabular):
            by = getattr(block, "by", "")
            wanted += [(c.figure, c.over or block.over, by) for c in block.columns]
            wanted += [(name, block.over, by) for rule in block.light for name in rule.inputs.values()]
    for call in (c for text in (bulletin.template.zh, bulletin.template.en) for c in parse(text) if c.function in FIGURES_FIRST):
        wanted.append((call.first, str(call.more.get("over", "period")), str(call.more.get("by") or "")))
    return wanted


def _tells_nothing(asked: Asking, frozen: Frozen) -> bool:
    """Figures that do not depend on time (how many households there are) always have records behind them and say nothing of a day."""
    said = [n for n in frozen["numbers"].values() if "figure" in n]
    timed = [n for n in said if any(leaf.time is not None for leaf in leaves(asked.plan(n["figure"])))]
    return bool(timed or not said) and not any(n["rows"] for n in timed)


def _head(bulletin: Bulletin, where: Where, span: Period, at: datetime) -> dict[str, Any]:
    said: dict[str, Any] = {
        "v": 1, "title": bulletin.title.as_dict(), "issuer": bulletin.issuer.as_dict(), "area_title": where.title.as_dict(),
        "period_title": span.title.as_dict(), "definition": definition_hash(bulletin),
    }  # fmt: skip
    return said | ({"masthead": bulletin.masthead.body.as_dict()} if bulletin.masthead else {})


def _where(
    asked: Asking, bulletin: Bulletin, area: str | None, by: Account | None, counted: frozenset[str], listed: frozenset[str]
) -> Where:
    """The area of the issue; one in which everything in it may be counted, and what it lists may be seen."""
    wanted = area or bulletin.area or None
    figures = [name for _, name, _ in bulletin.figures()] or [
        c.first for c in parse(bulletin.template.zh) if c.function in FIGURES_FIRST
    ]
    if not figures:
        raise Refusal(Text("通报中没有指标", "the bulletin has no figure"))
    where = asked.where(asked.plan(figures[0]), wanted)
    if where.area is None:
        raise Refusal(Text("请指明地区：通报只针对一个地区", "name an area: a bulletin is of one area"))
    scope, within = scope_of_actor(by), asked.places.within(where.area)
    for register in sorted(listed):
        held = scope.areas(Verb.VIEW, register)
        if not held.everything and not within <= held.codes:
            raise NotPermitted(Text("通报逐条列出的记录，您没有查看权限", "the bulletin lists records that you may not view"))
    return where


def found(bulletins: dict[str, Bulletin], name: str) -> Bulletin:
    """Raises NotFound."""
    if name not in bulletins:
        raise NotFound(Text(f"没有名为「{name}」的通报", f"there is no bulletin called {name}"))
    return bulletins[name]


def _tidied(text: str) -> str:
    """One blank line between paragraphs."""
    lines = [line.rstrip() for line in text.strip().splitlines()]
    kept = [line for n, line in enumerate(lines) if line or (n and lines[n - 1])]
    return "\n".join(kept) + "\n"
