"""Of what each quantity speaks: its place, subject, period and basis, carried from headings and earlier sentences.

A period holds for the rest of its paragraph, the place of a headline for its article, a place named in a clause for that
clause; a comparison (比去年, 与2016年相比) names what is compared with, never the period itself.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

from banjie.bulletins.drafts.bases import CARRIED, basis_of
from banjie.bulletins.drafts.clauses import Layout
from banjie.bulletins.drafts.dates import When
from banjie.bulletins.drafts.placenames import Place
from banjie.bulletins.drafts.qualifiers import BEFORE, KINDS, fits
from banjie.bulletins.drafts.quantity import Quantity, Scope
from banjie.lib.periods import Period

_COMPARED_BEFORE = re.compile(r"(?:比|较|与|同|相比|是|超过|高于|低于)$")
_COMPARED_AFTER = re.compile(r"\s?(?:同期|相比|比|的?[\d.]+倍|全年|末)")
_UNTIL = re.compile(r"(?:截至|截止|截止到|到|至)\s?$")
_NOW = re.compile(r"目前|截至目前|现已|眼下|如今")
_LOOK_BACK = 200  # characters of a sentence, so that a text without full stops takes no longer
_STRIP = frozenset(
    {
        *BEFORE,
        *(w for w in KINDS if w not in {"完成", "实现"}),
        "分别",
        "其中",
        "的",
        "为",
        "了",
        "是",
        "有",
        "在",
        "与",
        "和",
        "、",
    }
)
_LONGEST = max(map(len, _STRIP))
_LEADING = re.compile(r"^(?:其中|同时|此外|另外|并且|并|也|还|且|而|则|全年|全县|全市|全区|全镇|该|、|和|及|与|“|”|\s)+")
_BEHIND = re.compile(r"[^，,。；;：:、！？!?\n()“”—\d]{0,12}")


def with_scope(
    items: Sequence[Quantity],
    text: str,
    layout: Layout,
    whens: Sequence[When],
    places: Sequence[Place],
    articles: Sequence[tuple[int, str]],
    on: date,
) -> tuple[Quantity, ...]:
    """The same items, each quantity with its scope and the words that say what is counted. ``articles``: for each paragraph in
    order of the text its article's number and place."""
    speaker = _Speaker(text, layout, whens, places, articles, on)
    made: list[Quantity] = []
    last_end = 0
    for item in items:
        made.append(speaker.scoped(item, last_end) if item.kind == "quantity" else item)
        if item.kind != "name":
            last_end = item.end + item.qualifier.after
    return tuple(made)


class _Speaker:
    def __init__(
        self,
        text: str,
        layout: Layout,
        whens: Sequence[When],
        places: Sequence[Place],
        articles: Sequence[tuple[int, str]],
        on: date,
    ) -> None:
        self.text, self.layout, self.on, self.articles = text, layout, on, articles
        self.whens = [w for w in whens if w.period is not None and not self._compared(w)]
        self.when_starts = [w.start for w in self.whens]
        self.places = places
        self.place_starts = [p.start for p in places]
        self.sentence, self.basis = -1, "actual"

    def scoped(self, item: Quantity, last_end: int) -> Quantity:
        start = max(item.clause[0], item.start - _LOOK_BACK)
        lead = self.text[max(start, last_end if last_end <= item.start else start) : item.start]
        stop = self.text[item.end + item.qualifier.after : item.end + item.qualifier.after + 14]
        behind = _BEHIND.match(stop)
        before, after = subject_before(lead), (behind.group() if behind else "")
        basis = self._basis(item, self.text[start : item.start], stop)
        period, until = self._period(item)
        paragraph = self._paragraph(item.start)
        article, _ = self.articles[paragraph] if paragraph < len(self.articles) else (0, "")
        scope = Scope(self._place(item, paragraph), _subject(before, after), period, until, basis, article)
        return replace(item, before=before, after=after.lstrip("的"), scope=scope)

    def _paragraph(self, at: int) -> int:
        return bisect_right(self.layout.paragraphs, at) - 1

    def _basis(self, item: Quantity, lead: str, behind: str) -> str:
        if item.sentence[0] != self.sentence:
            self.sentence, self.basis = item.sentence[0], "actual"
            skipped = self.text[max(item.sentence[0], item.clause[0] - _LOOK_BACK) : item.clause[0]]
            carried = basis_of(skipped, "", "actual")
            self.basis = carried if carried in CARRIED else "actual"
        found = basis_of(lead, behind, self.basis)
        self.basis = found if found in CARRIED or found == "actual" else self.basis
        return found

    def _compared(self, when: When) -> bool:
        lead, behind = self.text[max(0, when.start - 4) : when.start], self.text[when.end : when.end + 6]
        return bool(_COMPARED_BEFORE.search(lead)) and (bool(_COMPARED_AFTER.match(behind)) or lead.endswith(("比", "较")))

    def _period(self, item: Quantity) -> tuple[Period | None, bool]:
        i = bisect_right(self.when_starts, item.start) - 1
        paragraph = self.layout.paragraph(item.start)[0]
        now = None
        for hit in _NOW.finditer(self.text, max(item.sentence[0], item.start - _LOOK_BACK), item.start):
            now = hit.start()
        when = self._when(i, item, paragraph)
        if when is not None and (now is None or when.start > now):
            return self._meant(when)
        if now is not None:
            return Period(self.on, self.on + timedelta(days=1)), True
        return None, False

    def _when(self, i: int, item: Quantity, paragraph: int) -> When | None:
        """The last time word before the number: any in its own sentence; from an earlier one only what set the time for what follows."""
        for when in reversed(self.whens[max(0, i - 5) : i + 1]):
            if when.start < paragraph:
                return None
            if when.start >= item.sentence[0] or self._sets_time(when):
                return when
        return None

    def _sets_time(self, when: When) -> bool:
        """Does it hold beyond its sentence? At the head of a sentence, and more than a day or a single month (去年10月启动的…)."""
        first = self.layout.sentence(when.start)[0]
        period = when.period
        long = period is not None and period.whole_months and (period.months != 1 or self.text[when.end : when.end + 1] in ",，")
        return long and len(self.text[first : when.start].strip("截至到 \n#一二三四五、.")) <= 3

    def _meant(self, when: When) -> tuple[Period | None, bool]:
        until = bool(_UNTIL.search(self.text[max(0, when.start - 4) : when.start]))
        period = when.period
        if until and period is not None:
            period = Period(date(period.last.year, 1, 1), period.end)
        return period, until

    def _place(self, item: Quantity, paragraph: int) -> str:
        own = self.articles[paragraph][1] if paragraph < len(self.articles) else ""
        i = bisect_right(self.place_starts, item.start) - 1
        if i >= 0 and self.places[i].start >= item.sentence[0]:
            name = self.places[i].name
            return own if not name or own.endswith(name) else name
        return own


def subject_before(lead: str) -> str:
    """What the words before a number name, without what qualifies it: 累计完成投资 → 完成投资."""
    words = _LEADING.sub("", lead.strip())
    for _ in range(6):
        cut = next(
            (
                words[-n:]
                for n in range(min(_LONGEST, len(words) - 1), 0, -1)
                if words[-n:] in _STRIP and fits(words[-n:], words[:-n])
            ),
            "",
        )
        if not cut:
            break
        words = words[: -len(cut)]
    return words[-20:]


def _subject(before: str, after: str) -> str:
    clean = after.lstrip("的")
    return f"{before}·{clean}" if before and clean else before or clean
