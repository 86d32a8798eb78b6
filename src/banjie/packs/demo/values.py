"""Making the values of one field for all rows of a set, by the kind of its generator."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from banjie.formulas import Kind, compile_formula
from banjie.lib import clock
from banjie.lib.dates import parse_moment
from banjie.lib.errors import Refusal
from banjie.lib.text import Text
from banjie.packs.demo import generators as d
from banjie.packs.demo.allocation import apportion, unequal
from banjie.packs.demo.days import OfficeDays
from banjie.packs.demo.names import phone, some_name
from banjie.packs.demo.rows import Row


@dataclass(frozen=True, slots=True)
class Places:
    """The areas that exist: names by code, and the codes of a level within an area."""

    names: Mapping[str, str]
    within: Callable[[str, str], Sequence[str]]


@dataclass(frozen=True, slots=True)
class Making:
    """What a generator may use. ``scale`` multiplies counts and totals."""

    random: Random
    days: OfficeDays
    places: Places
    scale: int


def fill(field: str, content: d.Content, rows: list[Row], making: Making) -> None:
    """Give every row its value of one field."""
    if isinstance(content, tuple):
        columns = [_made(one, rows, making) for one in content]
        values = [next((v for v in given if v is not None), None) for given in zip(*columns, strict=True)]
    else:
        values = _made(content, rows, making)
    for row, value in zip(rows, values, strict=True):
        row.values[field] = value


def _made(content: Any, rows: list[Row], making: Making) -> list[Any]:
    maker = _MAKERS.get(type(content))
    return [content] * len(rows) if maker is None else maker(content, rows, making)


def _sequence(content: d.Sequence, rows: list[Row], making: Making) -> list[Any]:
    return [content.pattern.format(n=row.number) for row in rows]


def _words(content: d.Words, rows: list[Row], making: Making) -> list[Any]:
    found: list[Any] = []
    seen: dict[str, int] = defaultdict(int)
    for row in rows:
        if not row.meets(content.where):
            found.append(None)
            continue
        phrase = _phrase(content, row, making)
        if content.once:
            for _ in range(20):
                if phrase not in seen:
                    break
                phrase = _phrase(content, row, making)
            seen[phrase] += 1
            phrase = phrase if seen[phrase] == 1 else f"{phrase}({_ordinal(seen[phrase])}期)"
        found.append(phrase)
    return found


def _phrase(content: d.Words, row: Row, making: Making) -> str:
    slots = {}
    for slot, words in content.words.items():
        choice = words if isinstance(words, tuple) else words.get(str(row.get(content.by or "")), ())
        if not choice:
            raise Refusal(Text(
                f"演示词表 {slot} 没有适用于「{row.get(content.by or '')}」的词。",
                f"the demonstration's words for {slot} have none for {row.get(content.by or '')}.",
            ))  # fmt: skip
        slots[slot] = making.random.choice(choice)
    here = _spoken(row.values, "", making.places)
    here |= _spoken(row.parent.values, "parent_", making.places) if row.parent else {}
    try:
        return content.pattern.format(**{**here, **{slot: word.format(**here) for slot, word in slots.items()}})
    except (KeyError, IndexError, ValueError) as error:
        raise Refusal(
            Text(
                f"演示词句「{content.pattern}」中的 {error} 既不是词表也不是已生成的字段。",
                f"in the demonstration's phrase {content.pattern!r}, {error} is neither a word list nor a field made before it.",
            )
        ) from error


def _spoken(values: Mapping[str, Any], before: str, places: Places) -> dict[str, Any]:
    """Values as a phrase may use them: an area as its name, and, as ``town_office``, the government of that area."""
    found: dict[str, Any] = {}
    for name, value in values.items():
        area = places.names.get(str(value))
        found[f"{before}{name}"] = area or value
        if area:
            found[f"{before}{name}_office"] = f"{area}{'办事处' if area.endswith('街道') else '人民政府'}"
    return found


def _ordinal(number: int) -> str:
    digits = "零一二三四五六七八九十"
    return digits[number] if number <= 10 else str(number)


def _people(content: d.People, rows: list[Row], making: Making) -> list[Any]:
    return [some_name(making.random) for _ in rows]


def _phones(content: d.Phones, rows: list[Row], making: Making) -> list[Any]:
    return [phone(making.random) for _ in rows]


def _areas(content: d.Areas, rows: list[Row], making: Making) -> list[Any]:
    codes = making.places.within(content.within, content.level)
    if not codes:
        raise Refusal(
            Text(
                f"{content.within} 之下没有 {content.level} 级地区。",
                f"there is no area of level {content.level} in {content.within}.",
            )
        )
    weights = unequal(making.random, len(codes), content.spread)
    for n, code in enumerate(codes):
        wanted = content.weights.get(code, content.weights.get(making.places.names[code]))
        weights[n] *= wanted if wanted is not None else 1
    return _shuffled(making.random, codes, apportion(len(rows), weights))


def _shares(content: d.Shares, rows: list[Row], making: Making) -> list[Any]:
    meeting = [row for row in rows if row.meets(content.where)]
    counts = apportion(len(meeting), list(content.of.values()))
    values = iter(_shuffled(making.random, list(content.of), counts))
    return [next(values) if row.meets(content.where) else None for row in rows]


def _shuffled(random: Random, values: Sequence[Any], counts: Sequence[int]) -> list[Any]:
    found = [value for value, count in zip(values, counts, strict=True) for _ in range(count)]
    random.shuffle(found)
    return found


def _days(content: d.Days, rows: list[Row], making: Making) -> list[Any]:
    meeting = [n for n, row in enumerate(rows) if row.meets(content.where)]
    wanted = [month for month, count in content.of.items() for _ in range(count * making.scale)]
    if len(wanted) > len(meeting):
        raise Refusal(Text(
            f"要 {len(wanted)} 个日期，符合条件的只有 {len(meeting)} 行。", f"{len(wanted)} days are wanted for {len(meeting)} rows that qualify."
        ))  # fmt: skip
    values: list[date | None] = [None] * len(rows)
    for n, month in zip(making.random.sample(meeting, len(wanted)), wanted, strict=True):
        values[n] = making.days.in_month(month)
    return values


def _course(content: d.Course, rows: list[Row], making: Making) -> list[Any]:
    by_parent: dict[int, list[int]] = defaultdict(list)
    for n, row in enumerate(rows):
        if row.meets(content.where):
            by_parent[id(row.parent)].append(n)
    values: list[str | None] = [None] * len(rows)
    for group in by_parent.values():
        reached = sorted(making.random.choices(range(len(content.of)), k=len(group)))
        for n, step in zip(sorted(group, key=lambda n: rows[n].month), reached, strict=True):
            values[n] = content.of[step]
    return values


def _some_day(content: d.SomeDay, rows: list[Row], making: Making) -> list[Any]:
    workdays = making.days.workdays(*content.between)
    return [making.random.choice(workdays) for _ in rows]


def _after(content: d.After, rows: list[Row], making: Making) -> list[Any]:
    values: list[date | None] = []
    for row in rows:
        since = row.get(content.field)
        given = since is not None and making.random.random() < content.share
        day = making.days.later(_day(since), content.days).date() if given else None
        values.append(None if day and content.until and day > content.until else day)
    return values


def _day(value: Any) -> date:
    if isinstance(value, datetime):
        return value.date()
    return value if isinstance(value, date) else date.fromisoformat(str(value)[:10])


def _moment(content: d.Moment, rows: list[Row], making: Making) -> list[Any]:
    meeting = [n for n, row in enumerate(rows) if row.meets(content.where)]
    if content.count is not None:
        wanted = content.count * making.scale
        if wanted > len(meeting):
            raise Refusal(Text(
                f"要 {wanted} 个时间，符合条件的只有 {len(meeting)} 行。", f"{wanted} moments are wanted for {len(meeting)} rows that qualify."
            ))  # fmt: skip
        meeting = making.random.sample(meeting, wanted)
    chosen = set(meeting)
    return [_one_moment(content, row, making) if n in chosen else None for n, row in enumerate(rows)]


def _one_moment(content: d.Moment, row: Row, making: Making) -> datetime | None:
    if content.between:
        return making.days.some_time(*content.between)
    if content.days_ago:
        return making.days.ago(clock.today(), content.days_ago)
    since = row.get(content.since or "")
    if since is None:
        return None
    begins = since if isinstance(since, datetime) else parse_moment(str(since))
    return begins + timedelta(minutes=making.random.randint(*(content.minutes or (0, 0))))


def _total(content: d.Total, rows: list[Row], making: Making) -> list[Any]:
    meeting = [row for row in rows if row.meets(content.where)]
    total = int(content.total * making.scale / content.step)
    steps = (_over_parents if content.per_parent else _over_rows)(content, meeting, total, making)
    amounts = iter([step * content.step for step in steps])
    return [next(amounts) if row.meets(content.where) else None for row in rows]


def _over_rows(content: d.Total, rows: list[Row], total: int, making: Making) -> list[int]:
    return apportion(total, _weights(content, rows, making), _caps(content, rows), int(content.at_least / content.step))


def _over_parents(content: d.Total, rows: list[Row], total: int, making: Making) -> list[int]:
    """First each parent's total, then its rows', by the months' weights from ``since`` on."""
    by_parent: dict[int, list[int]] = defaultdict(list)
    for n, row in enumerate(rows):
        by_parent[id(row.parent)].append(n)
    groups = list(by_parent.values())
    monthly = [[_month_weight(content, rows[n], making) for n in group] for group in groups]
    heads = [rows[group[0]] for group in groups]
    # who begins later has done less, but has hurried: half of the weight is that of the months that are left
    whole_year = max(sum(m) for m in monthly)
    weights = [w * (whole_year + sum(m)) if any(m) else 0 for w, m in zip(_weights(content, heads, making), monthly, strict=True)]
    totals = apportion(total, weights, _caps(content, heads))
    steps = [0] * len(rows)
    for group, weight, whole in zip(groups, monthly, totals, strict=True):
        for n, share in zip(group, apportion(whole, weight), strict=True):
            steps[n] = share
    return steps


def _month_weight(content: d.Total, row: Row, making: Making) -> int:
    since = row.get(f"parent.{content.since}") if content.since else None
    if content.since and (since is None or f"{since:%Y-%m}" > row.month):
        return 0
    weight = content.months.get(str(int(row.month[5:])), 1) if content.months else 1
    return weight * unequal(making.random, 1, content.spread)[0]


def _weights(content: d.Total, rows: list[Row], making: Making) -> list[int]:
    drawn = unequal(making.random, len(rows), content.spread)
    if not content.follows:
        return drawn
    return [w * int(row.get(content.follows) or 0) for w, row in zip(drawn, rows, strict=True)]


def _caps(content: d.Total, rows: list[Row]) -> list[int | None] | None:
    if not content.at_most:
        return None
    return [int(Decimal(row.get(content.at_most) or 0) * content.at_most_times / content.step) for row in rows]


def _reckoned(content: d.Reckoned, rows: list[Row], making: Making) -> list[Any]:
    numbers = {name for row in rows for name, value in row.values.items() if isinstance(value, int | Decimal)}
    formula = compile_formula(content.formula, dict.fromkeys(sorted(numbers), Kind.DECIMAL))
    return [formula.evaluate({n: Decimal(v) for n, v in row.values.items() if n in formula.columns}) for row in rows]


def _when(content: d.When, rows: list[Row], making: Making) -> list[Any]:
    return [content.then if row.get(content.field) else content.otherwise for row in rows]


_MAKERS: dict[type, Callable[[Any, list[Row], Making], list[Any]]] = {
    d.Sequence: _sequence,
    d.Words: _words,
    d.People: _people,
    d.Phones: _phones,
    d.Areas: _areas,
    d.Shares: _shares,
    d.Total: _total,
    d.Days: _days,
    d.Course: _course,
    d.SomeDay: _some_day,
    d.After: _after,
    d.Moment: _moment,
    d.Reckoned: _reckoned,
    d.When: _when,
}
