"""Every quantity, date, ordinal and name of a text, from left to right, in time that grows with its length.

At each character that can begin a number the readers are asked in turn: names and idioms first, then dates, ordinals, ratios
and sums (5+2), at last plain numbers and ranges. The first that reads something wins, and reading goes on behind it.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from banjie.bulletins.drafts.clauses import Layout, layout
from banjie.bulletins.drafts.dates import When, date_at
from banjie.bulletins.drafts.folding import fold
from banjie.bulletins.drafts.names import named
from banjie.bulletins.drafts.numbers import Number, arabic_at, chinese_at
from banjie.bulletins.drafts.numerals import CHINESE, LONGEST_SPOKEN, RUN
from banjie.bulletins.drafts.ordinals import Placed, listed, placed_at
from banjie.bulletins.drafts.qualifiers import qualifier_of
from banjie.bulletins.drafts.quantity import Form, Kind, Quantity
from banjie.bulletins.drafts.units import BY_SIGN, DraftUnit

_TRIGGER = re.compile(
    r"[0-9一二两三四五六七八九十百千万亿双半数几翻第首前后(①-⑳今本当去上下明次晚早清傍深凌中每星周礼A-Z]|(?<![A-Za-z0-9])[a-z]{1,6}-?\d",
    re.ASCII,
)
_RATIO = re.compile(r"\d+(?:\.\d+)?(?:\s?:\s?\d+(?:\.\d+)?){1,12}", re.ASCII)
_SPOKEN_RATIO = re.compile(r"(\d+(?:\.\d+)?)比(\d+(?:\.\d+)?)(?!\d|[.])", re.ASCII)
_PLUS = re.compile(r"\d{1,3}(?:\+\d{1,3}){1,8}(?![\d.+])", re.ASCII)
_TO = re.compile(r"\s?(?:—{1,2}|-|~|至|到)\s?")
_LONG = re.compile(r"\d+(?:[.,]\d+)*", re.ASCII)
_FROM = ("从", "由", "自")
_SHARING = re.compile(r"\s?(?:、|和|与|及|或|,)\s?$")


@dataclass(frozen=True, slots=True)
class Found:
    """What a draft contains, with the folded text and where its clauses break. ``whens``: all time words, numerals or not."""

    text: str
    layout: Layout
    items: tuple[Quantity, ...]
    whens: tuple[When, ...]


def find(draft: str, on: date) -> Found:
    """Read a text. ``on``: the day on which it speaks, to which 今年 and 去年 lean."""
    text = fold(draft)
    reader = _Reader(draft, text, on)
    return Found(text, reader.layout, reader.items(), tuple(reader.whens))


class _Reader:
    def __init__(self, draft: str, text: str, on: date) -> None:
        self.draft, self.text, self.on = draft, text, on
        self.layout = layout(text)
        self.names = named(text)
        self.starts = [n.start for n in self.names]
        self.lists = listed(text)
        self.whens: list[When] = []
        self.floor = 0  # where the item before ends
        self.year: int | None = None
        self.found: list[Quantity] = []

    def items(self) -> tuple[Quantity, ...]:
        at = 0
        while hit := _TRIGGER.search(self.text, at):
            start = hit.start()
            item = self._name(start) or self._listed(start) or self._read(start)
            at = item if isinstance(item, int) else self._skip(start)
        return tuple(_sharing(self.found, self.text))

    def _skip(self, start: int) -> int:
        """Nothing begins here: go on behind the whole run of digits, so that it is looked at once only."""
        run = _LONG.match(self.text, start)
        if run is None and self.text[start] in CHINESE:
            run = RUN.match(self.text, start)
            run = run if run is not None and run.end() - start > LONGEST_SPOKEN else None
        return run.end() if run else start + 1

    def _keep(self, item: Quantity) -> int:
        self.found.append(item)
        self.floor = item.end
        return item.end

    def _item(self, start: int, end: int, kind: Kind) -> Quantity:
        """A stretch of the text, with its clause and sentence."""
        form: Form = "number" if kind == "quantity" else ""
        clause, sentence = self.layout.clause(start), self.layout.sentence(start)
        return Quantity(start, end, self.draft[start:end], kind, form=form, clause=clause, sentence=sentence)

    def _name(self, start: int) -> int | None:
        """A name or an idiom that holds this character; a name is reported once, a time word within an idiom is still read."""
        i = bisect_right(self.starts, start) - 1
        if i < 0 or start >= self.names[i].end:
            return None
        name = self.names[i]
        if name.said and name.start >= self.floor:
            return self._keep(self._item(name.start, name.end, "name"))
        return name.end

    def _listed(self, start: int) -> int | None:
        mark = self.lists.get(start)
        return None if mark is None else self._keep(self._item(mark.start, mark.end, mark.kind))

    def _read(self, start: int) -> int | None:
        text = self.text
        if self._within_latin(start):
            return None
        if text[start] in "0123456789" and (item := self._ratio(start) or self._plus(start)):
            return item
        if self._may_be_date(start) and (when := date_at(text, start, self.on, self.year)):
            return self._date(when)
        if (placed := placed_at(text, start)) is not None:
            return self._placed(placed)
        return self._number(start)

    def _within_latin(self, start: int) -> bool:
        before = self.text[start - 1 : start]
        return self.text[start] in "0123456789" and before.isascii() and before.isalpha()

    def _may_be_date(self, start: int) -> bool:
        return self.text[start - 1 : start] not in {".", "第"} if self.text[start] in "0123456789" else True

    def _date(self, when: When) -> int:
        self.whens.append(when)
        if when.year is not None and not when.weak:
            self.year = when.year
        if when.numeral:
            return self._keep(self._item(when.start, when.end, "date"))
        return when.end

    def _placed(self, placed: Placed) -> int:
        return self._keep(self._item(placed.start, placed.end, placed.kind))

    def _ratio(self, start: int) -> int | None:
        hit = _RATIO.match(self.text, start)
        parts: tuple[str, ...] = ()
        if hit is not None:
            parts = tuple(p.strip() for p in hit.group().split(":"))
            if len(parts) == 2 and (len(parts[1]) == 2 and _is_clock(self.text, hit)):
                return None
        elif hit := _SPOKEN_RATIO.match(self.text, start):
            parts = (hit.group(1), hit.group(2))
        if hit is None or any(len(p) > 20 for p in parts) or len(parts) > 12:
            return None
        values = tuple(Decimal(p) for p in parts)
        places = max(len(p.partition(".")[2]) for p in parts)
        return self._keep(
            replace(self._item(start, hit.end(), "quantity"), parts=values, form="ratio", step=Decimal(1).scaleb(-places))
        )

    def _plus(self, start: int) -> int | None:
        hit = _PLUS.match(self.text, start)
        if hit is None or self.text[hit.end() : hit.end() + 2] in {"+N", "+X"}:
            return None
        return self._keep(
            replace(
                self._item(start, hit.end(), "quantity"), parts=tuple(Decimal(p) for p in hit.group().split("+")), form="plus"
            )
        )

    def _number(self, start: int) -> int | None:
        text = self.text
        digit = text[start] in "0123456789"
        number = arabic_at(text, start) if digit else chinese_at(text, start)
        if number is None:
            run = _LONG.match(text, start) if digit else None
            return self._keep(self._item(start, run.end(), "name")) if run else None
        if _is_bare_year(text, start, number):
            self.whens.append(When(start, number.end, None))
            return self._keep(self._item(start, number.end, "date"))
        if (item := self._range(start, number)) is not None:
            return item
        begin = _sign_before(text, start)
        value = -number.value if begin < start and number.value is not None else number.value
        return self._quantity(begin, number, value, (), number.form)

    def _range(self, start: int, first: Number) -> int | None:
        """3—5家, 30%至50%, 300至500户. 从18家到25家 is two quantities, a fall from one to the other is too."""
        text = self.text
        hit = _TO.match(text, first.end)
        if hit is None or text.endswith(_FROM, 0, start) or hit.end() >= len(text):
            return None
        second = arabic_at(text, hit.end()) if text[hit.end()] in "0123456789" else chinese_at(text, hit.end())
        if second is None or second.value is None or first.value is None:
            return None
        low, unit = first.value, second.unit
        if first.unit is None and second.unit is not None:
            low = first.bare * Decimal(10) ** (first.scale or second.scale) * second.unit.size
        elif first.unit is None and second.scale and not first.scale:
            low = first.bare * Decimal(10) ** second.scale
        if (first.unit is not None and second.unit is not None and first.unit.sign != second.unit.sign) or low >= second.value:
            return None
        number = replace(second, unit=unit or first.unit)
        return self._quantity(start, number, None, (low, second.value), "range")

    def _quantity(self, start: int, number: Number, value: Decimal | None, parts: tuple[Decimal, ...], form: Form) -> int:
        text = self.text
        floor = max(self.layout.clause(start)[0], self.floor)
        end = number.end
        qualifier = qualifier_of(text, start, end, floor, number.inside)
        per = number.per or _per_before(text, start, floor)
        found = self._item(start, end, "quantity")
        return self._keep(
            replace(found, value=value, parts=parts, form=form, unit=number.unit, per=per, step=number.step, qualifier=qualifier)
        )


def _is_clock(text: str, hit: re.Match[str]) -> bool:
    """8:30 is a time of day; 20:31 behind 比 is a ratio."""
    hour, minute = hit.group().replace(" ", "").split(":")
    if not (hour.isdigit() and minute.isdigit() and int(hour) <= 24 and int(minute) < 60):
        return False
    return "比" not in text[max(0, hit.start() - 6) : hit.start()]


def _is_bare_year(text: str, start: int, number: Number) -> bool:
    return (
        number.unit is None
        and number.scale == 0
        and not number.inside
        and number.end - start == 4
        and text[start : number.end].isdigit()
        and number.value is not None
        and 1949 <= number.value < 2100
        and text[number.end : number.end + 1] not in {"%", ".", "个", "余", "多"}
    )


def _sign_before(text: str, start: int) -> int:
    """-3.2%: the sign belongs to the number where nothing that a dash could join stands before it."""
    if text[start - 1 : start] not in {"-", "+"} or start < 1:
        return start
    before = text[start - 2 : start - 1] if start > 1 else ""
    return (
        start
        if (before and ((before.isascii() and before.isalnum()) or before in "-—+)")) or text[start - 1] == "+"
        else start - 1
    )


_EACH = re.compile(r"每(?:个)?([\u4e00-\u9fff]{1,2}?)(?:补偿|补助|奖励|不少于|不低于|不超过|约|达|平均|锻炼|开展|\s)*$")


def _per_before(text: str, start: int, floor: int) -> str:
    """每亩补偿1200元: per 亩."""
    lead = text[max(floor, start - 10) : start]
    hit = _EACH.search(lead)
    return hit.group(1) if (hit and hit.group(1) in BY_SIGN) or (hit and hit.group(1) in {"周", "月", "年", "天", "日"}) else ""


def _sharing(found: list[Quantity], text: str) -> list[Quantity]:
    """12、15和18家: the numbers before the last take its unit (and its multiplier) from it."""
    for i in range(len(found) - 2, -1, -1):
        one, following = found[i], found[i + 1]
        between = text[one.end : following.start]
        if one.kind != "quantity" or one.unit is not None or one.form != "number" or one.value is None or len(between) > 3:
            continue
        if following.kind != "quantity" or following.form != "number" or following.unit is None or not _SHARING.match(between):
            continue
        shared = _shared_size(one, following)
        found[i] = replace(one, value=one.value * shared, step=one.step * shared, unit=following.unit)
    return found


def _shared_size(one: Quantity, following: Quantity) -> Decimal:
    """The multiplier and unit size that the number lacks: that of its neighbour, unless it was printed with its own (1.2万、3万户)."""
    unit: DraftUnit | None = following.unit
    own = any(sign in one.text for sign in "万亿千百")
    size = following.step / Decimal(1).scaleb(-_places(following.text))
    return (unit.size if unit else Decimal(1)) if own else size


def _places(text: str) -> int:
    hit = re.match(r"[^\d]*\d[\d,]*(?:\.(\d+))?", text)
    return len(hit.group(1)) if hit and hit.group(1) else 0
