"""A form filled: its cells' values with their comments in a file, what was filled, and what stays blank and why."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from banjie.bulletins.forms.answering import Blank, Value, compute
from banjie.bulletins.forms.matched import Kept, Matched, Scope, match_form
from banjie.bulletins.forms.meanings import Standing
from banjie.bulletins.forms.reading import Form
from banjie.bulletins.forms.rows import fill_list
from banjie.bulletins.forms.vocabulary import vocabulary
from banjie.bulletins.forms.workbook import Place, reference
from banjie.bulletins.forms.writing import Entry, write
from banjie.figures.asking import Asking, Where, asking
from banjie.figures.catalogue import figures
from banjie.figures.wording import leaves
from banjie.lib.clock import LOCAL
from banjie.lib.errors import NotFound, NotPermitted
from banjie.lib.periods import Period
from banjie.lib.text import Text
from banjie.lib.units import plain
from banjie.people.models import Account
from banjie.people.scopes import scope_of_actor
from banjie.people.verbs import Verb

AUTHOR = "办结 Banjie"
MINUTE = "%Y-%m-%d %H:%M"


@dataclass(frozen=True)
class Filled:
    """What a filling came to. ``content``: the file."""

    matched: Matched
    area: Text
    as_of: datetime
    values: tuple[Value, ...]
    blanks: tuple[Blank, ...]
    content: bytes

    @property
    def settled(self) -> int:
        """Headings that need not be asked about again, because a person settled them for this form before."""
        return sum(m.standing is Standing.SETTLED for m in self.matched.matches.values())

    @property
    def unanswered(self) -> tuple[Blank, ...]:
        """The cells that ask for something and stay blank; not those for remarks and signatures, nor locked or hidden ones."""
        return tuple(b for b in self.blanks if b.standing is not Standing.ASIDE)

    @property
    def facts(self) -> list[str]:
        return list(dict.fromkeys(v.fact for v in self.values))

    def as_json(self) -> dict[str, Any]:
        """The shape of ``banjie fill --json``."""
        form = self.matched.form
        return {
            "form": form.title,
            "fingerprint": form.fingerprint,
            "area": self.matched.scope.area,
            "period": str(self.matched.scope.period) if self.matched.scope.period else None,
            "as_of": self.as_of.astimezone(LOCAL).isoformat(),
            "filled": [_filled_json(form, v) for v in self.values],
            "blank": [_blank_json(form, b) for b in self.unanswered],
            "left_alone": [_blank_json(form, b) for b in self.blanks if b.standing is Standing.ASIDE],
            "headings": [
                {
                    "sheet": form.sheets[int(m.key.split("/", 1)[0]) - 1].name, "cell": reference(m.head.at), "text": m.head.text,
                    "standing": str(m.standing), "figure": m.meaning.figure or None, "field": m.meaning.field or None,
                    "because": str(m.because), "others": [{"name": c.name, "title": str(c.title), "score": c.score} for c in m.others],
                }
                for m in self.matched.matches.values()
            ],
            "hidden_sheets": list(form.hidden),
        }  # fmt: skip


def _filled_json(form: Form, value: Value) -> dict[str, Any]:
    said: dict[str, Any] = {"sheet": form.sheets[value.page - 1].name, "cell": reference(value.place)}
    said["value"] = value.content if isinstance(value.content, str) else plain(value.content)
    said["figure" if value.figure else "field"] = value.figure or value.field
    return said | {"source": [str(line) for line in value.source], "link": value.link, "because": str(value.because)}


def _blank_json(form: Form, blank: Blank) -> dict[str, Any]:
    return {"sheet": form.sheets[blank.page - 1].name, "cell": reference(blank.place), "because": str(blank.because)}


def scope_for(asked: Asking, area: str | None, period: Period | None) -> tuple[Scope, Text]:
    """The area a form is filled for, one's own where none is named, and what it is called. Raises NotFound, NotPermitted."""
    if area is not None and area not in asked.places.by_code:
        raise NotFound(Text(f"没有代码为「{area}」的地区", f"there is no area with the code {area}"))
    where = _own(asked, area)
    within = asked.places.within(where.area) if where.area else frozenset(asked.places.by_code)
    return Scope(where.area, period, within), where.title


def _own(asked: Asking, area: str | None) -> Where:
    if area is not None:
        return Where(area, asked.places.name(area), asked.places.within(area), False)
    tops = asked.places.tops or asked.places.roots
    if asked.account is None or scope_of_actor(asked.account).areas(Verb.VIEW, "*").everything:  # type: ignore[arg-type]
        top = next(iter(tops)) if len(tops) == 1 else None
        return Where(top, asked.places.name(top) if top else Text("全部地区", "all areas"), None, True)
    scope = scope_of_actor(asked.account)  # type: ignore[arg-type]
    held = frozenset().union(*(areas.codes for (verb, _), areas in scope.held.items() if verb is Verb.VIEW), frozenset())
    heads = sorted(c for c in held if c in asked.places.by_code and asked.places.by_code[c].parent not in held)
    if len(heads) != 1:
        raise NotPermitted(NO_AREA) if not heads else NotFound(NAME_ONE)
    return Where(heads[0], asked.places.name(heads[0]), asked.places.within(heads[0]), False)


NO_AREA = Text("您没有查看任何地区记录的权限", "you may not view the records of any area")
NAME_ONE = Text(
    "您可查看多个地区，请指明为哪个地区填表", "you may view several areas: say for which one the form is to be filled"
)


def timeless() -> frozenset[str]:
    """The figures none of whose records carries a time."""
    return frozenset(name for name, plan in figures().plans.items() if all(leaf.time is None for leaf in leaves(plan)))


def match(form: Form, asked: Asking, *, area: str | None, period: Period | None, kept: Kept) -> tuple[Matched, Text]:
    """The form with every heading and cell matched, for an account. The period that a title states is taken where none is given."""
    scope, title = scope_for(asked, area, period or form.printed)
    words = vocabulary(asked.account, asked.places)  # type: ignore[arg-type]
    return match_form(form, words, scope, timeless(), kept), title


def fill_form(
    form: Form,
    *,
    by: Account | None,
    area: str | None = None,
    period: Period | None = None,
    as_of: datetime | None = None,
    kept: Kept | None = None,
    link: Callable[[str], str],
) -> Filled:
    """Fill a form. ``link`` makes a whole address of one within the site. Raises NotFound, NotPermitted, Refusal."""
    with asking(by) as asked:
        moment = asked.moment(as_of)
        matched, title = match(form, asked, area=area, period=period, kept=kept or Kept())
        answers = compute(asked, matched, moment)
        at = moment or asked.now
    like: dict[tuple[int, Place], Place] = {}
    for found in matched.lists:
        like |= fill_list(found, matched, by, answers, past=moment is not None)
    entries: dict[str, dict[Place, Entry]] = {}
    for value in answers.values:
        member = form.sheets[value.page - 1].member
        made = Entry(value.content, _comment(value, at, link), like.get((value.page, value.place)))
        entries.setdefault(member, {})[value.place] = made
    content = write(form.package, entries, author=AUTHOR)
    return Filled(matched, title, at, tuple(answers.values), tuple(answers.blanks), content)


def _comment(value: Value, at: datetime, link: Callable[[str], str]) -> str:
    address = value.link
    if value.figure:
        stamp = (at + timedelta(microseconds=999)).astimezone(LOCAL).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3]  # as browsers take it
        address += ("" if address.endswith("?") else "&") + f"as_of={stamp}#rows"
    known = Text("截至：{at}", "As known at {at}").format(at=at.astimezone(LOCAL).strftime(MINUTE))
    trace = Text("溯源：{link}", "Trace: {link}").format(link=link(address))
    return "\n".join(str(line) for line in (*value.source, known, trace))
