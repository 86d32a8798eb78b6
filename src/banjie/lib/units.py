"""Units: how a value in its base unit is read by people. Exact digits always; a display never changes a value.

Values are kept in the base unit: yuan (not 亿元), a ratio as a fraction (not per cent). The display of money and of
large counts takes the largest scale that still reads well; ``as_unit`` writes a value in one named scale.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Context, Decimal
from difflib import get_close_matches

from banjie.lib.errors import NotFound
from banjie.lib.text import Language, Text

MONEY = frozenset({"CNY", "USD"})
_WIDE = Context(prec=60, rounding=ROUND_HALF_UP)


@dataclass(frozen=True, slots=True)
class Scale:
    """One way to write a value: base units in one of it, what stands behind and before the digits, and how many of
    it there must be before it is used."""

    size: Decimal
    suffix: str
    prefix: str = ""
    least: int = 1


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit with its scales, the largest first, in each language. ``places``: decimals shown (None: all there are)."""

    code: str
    title: Text
    zh: tuple[Scale, ...]
    en: tuple[Scale, ...]
    places: int | None = None
    one: str = ""  # the English suffix for exactly one

    @property
    def scales(self) -> tuple[str, ...]:
        """The scales in Chinese, by which a definition may name one: 亿元, 万元, 元."""
        return tuple(s.suffix for s in self.zh)

    def column(self, language: Language) -> Scale:
        """The one scale in which a whole column is written, on screens and in sheets, so that its numbers can be compared:
        万元 and CNY million for money, else the smallest."""
        scales = self.zh if language == "zh" else self.en
        return scales[-2] if self.code in MONEY else scales[-1]

    def display(self, value: Decimal, *, places: int | None = None, scale: str = "", like: Decimal | None = None) -> Text:
        """As people read it: 126.5亿元, CNY 12.65 billion. ``places`` rounds half up, e.g. 0 for whole per cent; ``scale``
        names the Chinese one to use whatever the value's size; ``like``: in the scales in which that value is shown, so that parts
        can be compared with their whole."""
        wanted = self.places if places is None else places
        zh = tuple(s for s in self.zh if s.suffix == scale) or self.zh
        en = self.en
        if like is not None:
            zh, en = (_fitting(like, zh, wanted),), (_fitting(like, en, wanted),)
        return Text(_shown(value, zh, wanted), _shown(value, en, wanted, one=self.one))


def plain(value: Decimal) -> str:
    """Digits without exponent and without trailing noughts."""
    text = f"{value:f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text in {"-0", ""} else text


def rounded(value: Decimal, places: int) -> Decimal:
    """Half up, away from nought, as offices round."""
    return value.quantize(Decimal(1).scaleb(-places), context=_WIDE)


def grouped(digits: str) -> str:
    """1234567.5 as 1,234,567.5."""
    sign, digits = ("-", digits[1:]) if digits.startswith("-") else ("", digits)
    whole, point, rest = digits.partition(".")
    return f"{sign}{int(whole):,}{point}{rest}"


def _fitting(value: Decimal, scales: tuple[Scale, ...], places: int | None) -> Scale:
    """The scale in which a value reads best."""
    if places is not None:  # 99,999,999.6 yuan at no places is 1亿, not 10000万
        return next((s for s in scales if abs(rounded(_WIDE.divide(value, s.size), places)) >= s.least), scales[-1])
    return next((s for s in scales if abs(value) >= s.size * s.least), scales[-1])


def _shown(value: Decimal, scales: tuple[Scale, ...], places: int | None, *, one: str = "") -> str:
    scale = _fitting(value, scales, places)
    amount = _WIDE.divide(value, scale.size)
    digits = plain(amount) if places is None else f"{rounded(amount, places):f}"
    suffix = one if one and digits == "1" and scale is scales[-1] else scale.suffix
    sign = "−" if digits.startswith("-") and digits.strip("-0.") else ""
    digits = digits.removeprefix("-")
    if scale.prefix or suffix.isascii():
        digits = grouped(digits)
    return f"{sign}{scale.prefix}{digits}{suffix}"


def _d(text: str) -> Decimal:
    return Decimal(text)


def _money(code: str, zh: str, en: str, suffix: str) -> Unit:
    return Unit(
        code,
        Text(zh, en),
        (Scale(_d("1e8"), f"亿{suffix}"), Scale(_d("1e4"), f"万{suffix}"), Scale(_d("1"), suffix)),
        (
            Scale(_d("1e12"), " trillion", f"{code} "),
            Scale(_d("1e9"), " billion", f"{code} "),
            Scale(_d("1e6"), " million", f"{code} "),
            Scale(_d("1"), "", f"{code} "),
        ),
    )


def _counted(code: str, zh: str, one: str, many: str) -> Unit:
    """What is counted, or measured in this unit: 232个, 232 projects, 12.5万户."""
    return Unit(
        code,
        Text(zh, many),
        (Scale(_d("1e8"), f"亿{zh}"), Scale(_d("1e4"), f"万{zh}", least=10), Scale(_d("1"), zh)),
        (Scale(_d("1"), f" {many}"),),
        one=f" {one}",
    )


def _share(code: str, zh: str, en: str, size: str, sign: str, sign_en: str, places: int) -> Unit:
    return Unit(code, Text(zh, en), (Scale(_d(size), sign),), (Scale(_d(size), sign_en),), places)


UNITS: dict[str, Unit] = {
    unit.code: unit
    for unit in (
        _money("CNY", "元", "yuan", "元"),
        _money("USD", "美元", "US dollars", "美元"),
        _share("percent", "百分比", "per cent", "0.01", "%", "%", 1),
        _share("permille", "千分比", "per mille", "0.001", "‰", "‰", 2),
        _share("percentage_point", "百分点", "percentage points", "0.01", "个百分点", " percentage points", 2),
        Unit("ratio", Text("比值", "ratio"), (Scale(_d("1"), ""),), (Scale(_d("1"), ""),), 4),
        Unit("index", Text("指数", "index"), (Scale(_d("1"), ""),), (Scale(_d("1"), ""),)),
        _counted("item", "项", "item", "items"),
        _counted("piece", "件", "piece", "pieces"),
        _counted("project", "个", "project", "projects"),
        _counted("person", "人", "person", "persons"),
        _counted("person_time", "人次", "person-time", "person-times"),
        _counted("household", "户", "household", "households"),
        _counted("enterprise", "家", "enterprise", "enterprises"),
        _counted("merchant", "户", "merchant", "merchants"),
        _counted("branch", "个", "branch", "branches"),
        _counted("session", "次", "session", "sessions"),
        _counted("record", "条", "record", "records"),
        _counted("report", "份", "report", "reports"),
        _counted("problem", "个", "problem", "problems"),
        _counted("visit", "次", "visit", "visits"),
        _counted("time", "次", "time", "times"),
        _counted("event", "场", "event", "events"),
        _counted("group", "组", "group", "groups"),
        _counted("mw", "兆瓦", "MW", "MW"),
        _counted("area", "个", "area", "areas"),
        _counted("mu", "亩", "mu", "mu"),
        _counted("ha", "公顷", "hectare", "hectares"),
        _counted("m2", "平方米", "m²", "m²"),
        _counted("km", "公里", "km", "km"),
        _counted("t", "吨", "tonne", "tonnes"),
        _counted("kg", "千克", "kg", "kg"),
        _counted("kWh", "千瓦时", "kWh", "kWh"),
        _counted("year", "年", "year", "years"),
        _counted("month", "个月", "month", "months"),
        _counted("day", "天", "day", "days"),
        _counted("workday", "个工作日", "workday", "workdays"),
        _counted("hour", "小时", "hour", "hours"),
        _counted("minute", "分钟", "minute", "minutes"),
        _counted("point", "分", "point", "points"),
    )
}


def unit(code: str) -> Unit:
    """Raises NotFound, naming those near it."""
    try:
        return UNITS[code]
    except KeyError:
        raise NotFound(Text(*unknown(code))) from None


def unknown(code: str) -> tuple[str, str]:
    """What to say, in Chinese and English, of a unit that does not exist: the ones that may be meant, by code, spelling or title."""
    word = code.strip().lower()
    titles = {w.lower(): u.code for u in UNITS.values() for w in (u.code, u.title.zh, u.title.en, u.one.strip(), *u.scales) if w}
    meant = ([titles[word]] if word in titles else []) + [titles[w] for w in get_close_matches(word, titles, 6)]
    near = list(dict.fromkeys(meant)) or list(UNITS)
    zh = "、".join(f"{c}（{UNITS[c].title.zh}）" if UNITS[c].title.zh != c else c for c in near)
    return f"没有计量单位「{code}」；可用：{zh}", f"there is no unit {code}; there are {', '.join(near)}"
