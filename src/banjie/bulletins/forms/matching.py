"""From the words of a heading to what they mean: by rules in a fixed order, each with its reason. Nothing is learned or weighed.

==  ==================================================================  =======
1   the words are a figure's title or alias                              sure
2   so they are together with the heading above (投资情况 · 年度计划)      sure
3   so they are but for 数, 额, 个数, 情况 at the end                      sure
4   they hold a figure's name, or are held by one                        a person chooses
==  ==================================================================  =======

Where two figures fit equally well, where no unit says what a number is in, or where a heading above says something that nothing
answers to, a person chooses too, and sees the runner-up.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from banjie.bulletins.forms.layout import Head
from banjie.bulletins.forms.meanings import Candidate, Match, Meaning, Standing
from banjie.bulletins.forms.phrases import VALUES, Phrase, folded, loose, phrase
from banjie.bulletins.forms.vocabulary import FigureWords, Part, Vocabulary
from banjie.bulletins.forms.when import When
from banjie.lib.text import Text
from banjie.registers.headings import narrow, scales

SHOWN = 5  # candidates shown
NEAR = 60  # of 100: below, a likeness is not worth showing

SAME = Text("与指标「{title}」的{kind}一致", "it is the {kind} of the figure {title}")
TOGETHER = Text(
    "连同上级表头与指标「{title}」的{kind}一致", "together with the heading above it is the {kind} of the figure {title}"
)
FOLDED = Text(
    "除“数、额、情况”等字外与指标「{title}」的{kind}一致", "but for a counting word it is the {kind} of the figure {title}"
)
LIKE = Text("与指标「{title}」相近，但不一致", "it resembles the figure {title}, but is not the same")
SEVERAL = Text("有 {n} 项指标都符合，请选择", "{n} figures fit equally well: choose one")
ODD_UNIT = Text("单位「{unit}」与指标「{title}」不符", "the unit {unit} does not fit the figure {title}")
LEFT_OVER = Text(
    "与指标「{title}」一致，但上级表头「{word}」没有对应，请确认",
    "it is the figure {title}, but nothing answers to the heading above, {word}: look at it",
)
NOTHING = Text("没有名称或别名相符的指标", "no figure is called that")
PARTS = Text("是分组「{title}」", "it is the part {title}")
AREA = Text("是地区「{title}」", "it is the area {title}")
SEVERAL_PARTS = Text("有 {n} 个同名的地区或选项，请选择", "{n} areas or options bear this name: choose one")
ONLY_WHEN = Text("说明时期", "it states the period")
ONLY_UNIT = Text("说明单位", "it states the unit")
ONLY_VALUES = Text("填数的列", "it is where the numbers go")
ONLY_TOTAL = Text("合计", "the total")
ONLY_GROWTH = Text("同比增长", "growth on the year before")
SET_ASIDE = Text("备注、序号、签字等，不填", "remarks, counters and signatures are left alone")


def match_head(key: str, head: Head, words: Vocabulary, within: frozenset[str]) -> Match:
    """What a heading means. ``within``: the areas of the form; of areas with one name those inside are meant."""
    phrases = [_read(word, words) for word in head.words]
    unit = head.unit or next((p.unit for p in reversed(phrases) if p.unit), "")
    when = _when(phrases)
    if phrases[-1].not_asked:
        return Match(key, head, Meaning(), Standing.ASIDE, SET_ASIDE)
    bare = Meaning(unit=unit, when=when, growth=any(p.growth for p in phrases), total=any(p.total for p in phrases))
    cores = [(n, p) for n, p in enumerate(phrases) if p.core and (p.core not in VALUES or p.core in words.named)]
    if not cores:
        return _wordless(key, head, bare)
    part, rest = _part(cores, words, within)
    if isinstance(part, list):
        others = tuple(Candidate("", p.title, 100, AREA.format(title=p.title)) for p in part[:SHOWN])
        return Match(key, head, bare, Standing.CLOSE, SEVERAL_PARTS.format(n=len(part)), others)
    if part is not None:
        bare = replace(bare, area=part.code) if not part.axis else replace(bare, axis=part.axis, part=part.code)
        because = (PARTS if part.axis else AREA).format(title=part.title)
        if not rest:
            return Match(key, head, bare, Standing.SURE, because)
    return _figured(key, head, bare, rest, words, allowed_alone=part is not None)


def _read(word: str, words: Vocabulary) -> Phrase:
    """A heading taken apart; what as a whole is a figure's name is left whole, whatever unit or period it seems to hold. A total
    is a total, also where a figure is called that."""
    whole, apart = narrow(word), phrase(word)
    return Phrase(whole, whole) if whole in words.named and not apart.total else apart


def _when(phrases: Sequence[Phrase]) -> When | None:
    """The innermost period; 上年同期 under 本月 is read against it by whoever lays the cells out."""
    return next((p.when for p in reversed(phrases) if p.when), None)


def base_of(head: Head) -> When | None:
    """The period that 同期 refers to where a heading further out states one."""
    return next((w for word in reversed(head.words[:-1]) if (w := phrase(word).when) and not w.beside), None)


def _wordless(key: str, head: Head, bare: Meaning) -> Match:
    if bare.growth:
        return Match(key, head, bare, Standing.SURE, ONLY_GROWTH)
    if bare.when:
        return Match(key, head, bare, Standing.SURE, ONLY_WHEN)
    if bare.total:
        return Match(key, head, bare, Standing.SURE, ONLY_TOTAL)
    return Match(key, head, bare, Standing.SURE, ONLY_UNIT if bare.unit else ONLY_VALUES)


def _part(
    cores: list[tuple[int, Phrase]], words: Vocabulary, within: frozenset[str]
) -> tuple[Part | list[Part] | None, list[tuple[int, Phrase]]]:
    """The part of a breakdown that one of the words names, and the words that remain. Of a stub in several columns (县, 乡镇)
    the innermost area counts, and those above must hold it."""
    for n, p in reversed(cores):
        found = words.parts.get(p.core, ())
        if p.core in words.named or not found:
            continue
        areas = [part for part in found if not part.axis and (not within or part.code in within)]
        options = list({(part.code, part.title): part for part in found if part.axis}.values())
        meant = areas or options
        if not meant:
            continue
        rest = [(m, q) for m, q in cores if m != n and not any(not o.axis for o in words.parts.get(q.core, ()))]
        exact = [part for part in meant if p.core in {part.title.zh, part.title.en.lower().replace(" ", "")}]
        meant = exact or meant
        return (meant[0] if len(meant) == 1 else meant), rest
    return None, cores


def _figured(
    key: str, head: Head, bare: Meaning, cores: list[tuple[int, Phrase]], words: Vocabulary, *, allowed_alone: bool
) -> Match:
    candidates = _candidates(cores, words)
    fitting = [c for c in candidates if _fits(words.figures[c.name], bare)]
    odd = [
        replace(c, score=min(c.score, NEAR), because=_odd(words.figures[c.name], bare)) for c in candidates if c not in fitting
    ]
    best = [c for c in fitting if c.score == fitting[0].score] if fitting else []
    others = tuple([*fitting, *odd][:SHOWN])
    if not best:
        return Match(key, head, bare, Standing.CLOSE if odd else Standing.UNKNOWN, odd[0].because if odd else NOTHING, others)
    first = best[0]
    meant = replace(bare, figure=first.name)
    if first.score < 90:
        return Match(key, head, replace(bare), Standing.CLOSE, first.because, others)
    if len(best) > 1:
        return Match(key, head, replace(bare), Standing.CLOSE, SEVERAL.format(n=len(best)), others)
    if (word := _left_over(cores, words.figures[first.name])) and not allowed_alone:
        says = LEFT_OVER.format(title=first.title, word=word)
        return Match(key, head, replace(bare), Standing.CLOSE, says, (replace(first, because=says), *others[1:]))
    return Match(key, head, meant, Standing.SURE, first.because, tuple(c for c in others if c.name != first.name))


def _odd(figure: FigureWords, bare: Meaning) -> Text:
    return ODD_UNIT.format(unit=bare.unit, title=figure.title)


def _fits(figure: FigureWords, bare: Meaning) -> bool:
    """Whether a stated unit can hold the figure; that of growth is a share whatever grows."""
    return not bare.unit or bare.growth or bare.unit in scales(figure.unit)


def _candidates(cores: list[tuple[int, Phrase]], words: Vocabulary) -> list[Candidate]:
    """Every figure that fits at all, the best first; of equals in the order in which they were installed."""
    found: dict[str, Candidate] = {}
    for text, score, because in _asked(cores):
        for name in (words.folded if because is FOLDED else words.named).get(text, ()):
            figure = words.figures[name]
            kind = figure.names.get(text) or next(k for n, k in figure.names.items() if folded(n) == text)
            made = Candidate(name, figure.title, score, because.format(title=figure.title, kind=kind))
            if name not in found or found[name].score < score:
                found[name] = made
    if not found:
        found = {c.name: c for c in _alike(cores, words)}
    return sorted(found.values(), key=lambda c: -c.score)


def _asked(cores: list[tuple[int, Phrase]]) -> Iterator[tuple[str, int, Text]]:
    """The texts to be looked up, with what a hit is worth and its reason."""
    inner = cores[-1][1]
    yield inner.whole, 100, SAME
    yield inner.core, 99, SAME
    for _, outer in reversed(cores[:-1]):
        over = loose(outer.core)
        for text in (over + inner.core, inner.core + over, over + inner.whole):
            yield text, 97, TOGETHER
    yield folded(inner.core), 95, FOLDED
    for _, outer in reversed(cores[:-1]):
        yield folded(loose(outer.core) + inner.core), 93, FOLDED


def _alike(cores: list[tuple[int, Phrase]], words: Vocabulary) -> Iterator[Candidate]:
    """Figures whose name holds the words, or is held by them."""
    core = folded(cores[-1][1].core)
    if len(core) < 2:
        return
    for figure in words.figures.values():
        best = 0
        for name in figure.names:
            short, long = sorted((folded(name), core), key=len)
            if len(short) >= 2 and short in long:
                best = max(best, NEAR + 25 * len(short) // len(long))
        if best:
            yield Candidate(figure.name, figure.title, best, LIKE.format(title=figure.title))


def _left_over(cores: list[tuple[int, Phrase]], figure: FigureWords) -> str:
    """A heading further out of which the figure's names know nothing: 外资项目 over 完成投资."""
    for _, outer in cores[:-1]:
        core = folded(loose(outer.core))
        pairs = {core[i : i + 2] for i in range(len(core) - 1)} or {core}
        if not any(pair in name for pair in pairs for name in figure.names) and not any(
            core in n or n in core for n in figure.names
        ):
            return outer.core
    return ""
