"""The columns of an export: headings that an import knows, units, labels, and what each stored value becomes in a sheet."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from banjie.lib import clock
from banjie.lib.clock import LOCAL
from banjie.lib.text import Language
from banjie.lib.units import unit as unit_of
from banjie.places.models import Area
from banjie.registers.definition import Field, Register
from banjie.registers.headings import MASKED, Matcher, narrow, parted, scales
from banjie.registers.values import Stored, text_of

_BRACKETED = re.compile(r"\s*[(\uff08\[][^(\uff08\[]*$")  # the unit behind a title


@dataclass(frozen=True)
class Column:
    """A column that is written: its field, its heading, and how a stored value is shown."""

    field: Field
    heading: str
    write: Callable[[Stored], object]  # str, int, Decimal, date or datetime


def masked(value: object) -> str:
    """A personal value with its middle hidden: 138****1234, 王**."""
    text = str(value)
    if len(text) > 7:
        return f"{text[:3]}{'*' * (len(text) - 7)}{text[-4:]}"
    return text[:1] + "*" * max(1, len(text) - 1)


def columns_of(register: Register, language: Language, hidden: bool) -> list[Column]:
    match = Matcher(register)
    areas = _area_names(language) if any(f.type == "area" for f in register.fields) else {}
    columns = []
    for f in register.fields:
        heading, factor = _heading(f, match, language)
        write = _writer(f, register, language, factor, areas)
        if hidden and f.personal:
            heading, write = bracketed(heading, MASKED.zh if language == "zh" else MASKED.en, language), masked
        columns.append(Column(f, heading, write))
    return columns


def _heading(f: Field, match: Matcher, language: Language) -> tuple[str, Decimal]:
    """The title with the unit of the numbers below it, the one that screens show; the field's name where an import would not know
    the title. A unit that the title states itself gives way: it is said once."""
    title = f.title.zh if language == "zh" else f.title.en
    word, factor = _unit(f, language)
    if word:
        base = _BRACKETED.sub("", title) if parted(narrow(title))[1] in scales(f.unit) else title
        same = narrow(word) == narrow(base)  # Households (households)
        for heading in ([base] if same else []) + [bracketed(base, word, language), bracketed(f.name, word, language)]:
            if match(heading) == (f, factor):
                return heading, factor
    return (title if match(title) == (f, Decimal(1)) else f.name), Decimal(1)


def bracketed(text: str, word: str, language: Language) -> str:
    return f"{text}（{word}）" if language == "zh" else f"{text} ({word})"


def _unit(f: Field, language: Language) -> tuple[str, Decimal]:
    """万元, 亩, % … and how many base units it is; nothing for bare numbers."""
    if f.type not in {"decimal", "integer"} or not f.unit:
        return "", Decimal(1)
    scale = unit_of(f.unit).column(language)
    return f"{scale.prefix}{scale.suffix.strip()}", scale.size


def _area_names(language: Language) -> dict[str, str]:
    """Names of the areas in force that no other area bears; where there is none, the code stands in the sheet."""
    rows = list(Area.objects.on(clock.today()).values_list("code", "name_zh", "name_en"))
    borne: dict[str, int] = {}
    for _, zh, en in rows:
        for name in {text_of(zh), text_of(en)}:
            borne[name] = borne.get(name, 0) + 1
    named = {code: zh if language == "zh" else en for code, zh, en in rows}
    return {code: name for code, name in named.items() if name and borne[text_of(name)] == 1}


def _writer(
    f: Field, register: Register, language: Language, factor: Decimal, areas: Mapping[str, str]
) -> Callable[[Stored], object]:
    match f.type:
        case "decimal" | "integer":
            return (lambda v: Decimal(str(v))) if factor == 1 else (lambda v: Decimal(str(v)) / factor)
        case "boolean":
            yes, no = ("是", "否") if language == "zh" else ("yes", "no")
            return lambda v: yes if v else no
        case "choice":
            labels = _option_labels(f, register, language)
            return lambda v: labels.get(str(v), str(v))
        case "area":
            return lambda v: areas.get(str(v), str(v))
        case "date":
            return lambda v: date.fromisoformat(str(v))
        case "datetime":
            return lambda v: datetime.fromisoformat(str(v)).astimezone(LOCAL).replace(tzinfo=None)
        case "year":
            return lambda v: v
    return str


def _option_labels(f: Field, register: Register, language: Language) -> dict[str, str]:
    """Labels by code, as far as a label means one option."""
    options = register.options(f)
    borne: dict[str, int] = {}
    for o in options:
        for word in {o.code, text_of(o.title.zh), text_of(o.title.en)}:
            borne[word] = borne.get(word, 0) + 1
    named = {o.code: o.title.zh if language == "zh" else o.title.en for o in options}
    return {code: label for code, label in named.items() if borne[text_of(label)] == 1}
