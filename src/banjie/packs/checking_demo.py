"""The demonstration against the registers it fills."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from banjie.lib.text import Text
from banjie.packs.demo.definition import DemoSet
from banjie.packs.demo.generators import Shares, Total
from banjie.packs.documents import KeyPath
from banjie.packs.sources import Source
from banjie.packs.typed import near, unread
from banjie.registers.definition import Register

READING = ("by", "follows", "at_most", "field", "since")  # entries of generators that name a field


def check_demo(source: Source, sets: Sequence[tuple[int, DemoSet]], registers: Mapping[str, Register]) -> None:
    """Accounts and areas may come from another pack: those are looked up when the demonstration is loaded."""
    earlier: list[str] = []
    faulty = unread(source, "registers", registers)
    for index, made in sets:
        path = ("demo", index)
        if made.each and made.each.set not in earlier:
            _missing(source, (*path, "each", "set"), "演示集", "earlier set", made.each.set, earlier)
        if made.set_ in earlier:
            source.find(
                (*path, "set"), Text(f"演示集「{made.set_}」重复。", f"the set {made.set_} stands twice: choose another name.")
            )
        earlier.append(made.set_)
        register = registers.get(made.register_)
        if register is None:
            if made.register_ not in faulty:
                _missing(source, (*path, "register"), "登记表", "register", made.register_, registers)
            continue
        for at, name in _fields_named(made):
            field = register.by_name.get(name)
            if field is None:
                _missing(source, (*path, *at), "字段", "field", name, register.by_name)
            elif field.formula:
                source.find((*path, *at), Text(f"「{name}」是计算字段，不能填写。", f"{name} is computed: leave it out."))
        _check_read(source, path, made, register, registers)
        _check_options(source, path, made, register)


def _fields_named(made: DemoSet) -> Iterator[tuple[KeyPath, str]]:
    yield from ((("fields", name), name) for name in made.fields)
    for number, row in enumerate(made.rows):
        yield from ((("rows", number, name), name) for name in row)
    for number, part in enumerate(made.parts):
        yield from ((("parts", number, "fields", name), name) for name in part.fields)
    for number, later in enumerate(made.later):
        yield from ((("later", number, "fields", n), name) for n, name in enumerate(later.fields))
    yield from ((("corrections", n, "field"), correction.field) for n, correction in enumerate(made.corrections))


def _check_read(source: Source, path: KeyPath, made: DemoSet, register: Register, registers: Mapping[str, Register]) -> None:
    """Fields that generators look at, of the row itself or of the row above it (``parent.planned``)."""
    above = registers.get(register.parent.register_name) if register.parent else None
    for at, name in _fields_read(made):
        of_parent = name.startswith("parent.")
        known = (above.by_name if above else {}) if of_parent else register.by_name
        if name.removeprefix("parent.") not in known:
            _missing(source, (*path, *at), "字段", "field", name, [f"parent.{n}" for n in known] if of_parent else known)


def _fields_read(made: DemoSet) -> Iterator[tuple[KeyPath, str]]:
    for name, content in made.fields.items():
        several = isinstance(content, tuple)
        for number, one in enumerate(content if isinstance(content, tuple) else (content,)):
            here: KeyPath = ("fields", name, number) if several else ("fields", name)
            reading = READING[:-1] if isinstance(one, Total) else READING
            yield from (((*here, entry), str(getattr(one, entry))) for entry in reading if getattr(one, entry, None))
            yield from (((*here, "where", wanted), wanted) for wanted in getattr(one, "where", ()))
            if isinstance(one, Total) and one.since:
                yield (*here, "since"), f"parent.{one.since}"
    yield from ((("later", n, "after"), later.after) for n, later in enumerate(made.later))
    yield from ((("duties", role), field) for role, field in made.duties.items())
    if made.recorded.day_of:
        yield ("recorded", "day_of"), made.recorded.day_of
    if made.recorded.moment_of:
        yield ("recorded", "moment_of"), made.recorded.moment_of
    if made.months:
        yield ("months", "field"), made.months.field


def _check_options(source: Source, path: KeyPath, made: DemoSet, register: Register) -> None:
    """Shares of a choice name options that exist."""
    for name, content in made.fields.items():
        field = register.by_name.get(name)
        if isinstance(content, Shares) and field is not None and field.type == "choice":
            codes = {option.code for option in register.options(field)}
            for code in content.of:
                if code not in codes:
                    _missing(source, (*path, "fields", name, "of", code), "选项", "option", code, codes)


def _missing(source: Source, path: KeyPath, zh: str, en: str, name: str, there: Iterable[str]) -> None:
    advice = near(name, there)
    source.find(path, Text(f"没有{zh}「{name}」。{advice.zh}", f"there is no {en} called {name}. {advice.en}"))
