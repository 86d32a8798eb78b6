"""What headings can mean: figures by title and alias, areas, the options of breakdowns, and the fields of registers.

Built for an account: what it may not ask for is not among the words, so a form gives nothing away by being read.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from banjie.bulletins.forms.phrases import folded, phrase
from banjie.figures.catalogue import figures
from banjie.figures.places import Places
from banjie.figures.plan import Plan
from banjie.figures.processes import ProcessRegister
from banjie.figures.wording import leaves
from banjie.lib.text import Text
from banjie.people.models import Account
from banjie.people.scopes import scope_of_actor
from banjie.people.verbs import Verb
from banjie.registers.catalogue import catalogue
from banjie.registers.definition import Register
from banjie.registers.headings import narrow

GROWTH = ("增速", "增长率", "增幅", "同比增速", "同比增长")
AREA_ENDINGS = ("街道办事处", "街道", "镇", "乡", "县", "市", "区", "村", "社区")


@dataclass(frozen=True)
class FigureWords:
    """A figure with all it may be called. ``names``: the narrowed word, and whether it is the title or an alias."""

    name: str
    title: Text
    unit: str
    names: Mapping[str, Text]
    axes: frozenset[str]
    year_on_year: str = ""  # the figure that gives its growth, where there is one
    computed: bool = False  # a quotient, which has no end of digits


@dataclass(frozen=True)
class Part:
    """One part of a breakdown: an area, or an option of a field."""

    axis: str  # "" for an area
    code: str
    title: Text


@dataclass(frozen=True)
class Vocabulary:
    figures: Mapping[str, FigureWords]
    named: Mapping[str, tuple[str, ...]]  # word → the figures called that
    folded: Mapping[str, tuple[str, ...]]  # the same, without 数, 额, 情况 at the end
    parts: Mapping[str, tuple[Part, ...]]
    registers: Mapping[str, Register]  # from which a list may be filled
    below: Mapping[str, frozenset[str]]  # area → the areas right below it


TITLE, ALIAS = Text("名称", "title"), Text("别名", "alias")


def vocabulary(account: Account | None, places: Places) -> Vocabulary:
    known = figures()
    scope = scope_of_actor(account)
    plans = {n: p for n, p in known.plans.items() if all(scope.counts(register) for register in p.registers)}
    growths = {f.growth.of: f.name for f in known.figures.values() if f.growth and f.growth.kind == "year_on_year"}
    words = {name: _words(plan, growths.get(name, "")) for name, plan in plans.items()}
    named = _index((n, f.name) for f in words.values() for n in f.names)
    words = {name: _with_growth(figure, words, named) for name, figure in words.items()}
    exporting = scope.registers(Verb.EXPORT)
    viewing = scope.registers(Verb.VIEW)
    registers = {n: r for n, r in catalogue().registers.items() if n in exporting and n in viewing}
    return Vocabulary(
        words,
        named,
        _index((folded(n), f.name) for f in words.values() for n in f.names),
        _parts(plans.values(), places),
        registers,
        _below(places),
    )


def _with_growth(figure: FigureWords, words: Mapping[str, FigureWords], named: Mapping[str, tuple[str, ...]]) -> FigureWords:
    """With the figure that is called its growth, where growth is not computed but stated: 地区生产总值增速 of 地区生产总值."""
    if figure.year_on_year:
        return figure
    called = {n for ending in GROWTH for n in named.get(f"{narrow(figure.title.zh)}{ending}", ())}
    shares = [n for n in called if words[n].unit == "percent"]
    return replace(figure, year_on_year=shares[0]) if len(shares) == 1 else figure


def _words(plan: Plan, growth: str) -> FigureWords:
    figure = plan.figure
    names: dict[str, Text] = {narrow(alias): ALIAS for alias in figure.aliases}
    names |= {narrow(figure.title.en): TITLE, narrow(figure.title.zh): TITLE}
    names |= {bare: TITLE for title in (figure.title.zh, figure.title.en) if (bare := phrase(title).whole)}
    computed = bool(figure.ratio or figure.growth or figure.schedule)
    return FigureWords(figure.name, figure.title, figure.unit, names, frozenset(plan.axes), growth, computed)


def _index(pairs: Iterable[tuple[str, str]]) -> dict[str, tuple[str, ...]]:
    found: defaultdict[str, dict[str, None]] = defaultdict(dict)
    for word, name in pairs:
        if word:
            found[word][name] = None
    return {word: tuple(names) for word, names in found.items()}


def _parts(plans: Iterable[Plan], places: Places) -> dict[str, tuple[Part, ...]]:
    found: defaultdict[str, dict[Part, None]] = defaultdict(dict)
    for place in places.by_code.values():
        if place.valid_to is None:
            part = Part("", place.code, place.name)
            for word in _area_words(place.name):
                found[word][part] = None
    for plan in plans:
        for leaf in leaves(plan):
            for name, axis in leaf.axes.items():
                source = leaf.parent if axis.of_parent else leaf.register
                if name not in plan.axes or axis.field is None or source is None:
                    continue
                if axis.field.name == "organisation" and isinstance(leaf.register, ProcessRegister):
                    for code, title in places.organisations.items():
                        found[narrow(title.zh)][Part(name, code, title)] = None
                        found[narrow(title.en)][Part(name, code, title)] = None
                for option in source.options(axis.field) if axis.field.type == "choice" else ():
                    for word in {narrow(option.title.zh), narrow(option.title.en)}:
                        found[word][Part(name, option.code, option.title)] = None
    return {word: tuple(parts) for word, parts in found.items() if word}


def _area_words(name: Text) -> set[str]:
    """The names of an area, and its name without 镇, 乡, 街道 where two characters are left."""
    zh = narrow(name.zh)
    short = next((zh.removesuffix(e) for e in AREA_ENDINGS if zh.endswith(e)), "")
    return {zh, narrow(name.en)} | ({short} if len(short) >= 2 else set())


def _below(places: Places) -> dict[str, frozenset[str]]:
    found: defaultdict[str, set[str]] = defaultdict(set)
    for place in places.by_code.values():
        if place.parent and place.valid_to is None:
            found[place.parent].add(place.code)
    return {code: frozenset(codes) for code, codes in found.items()}
