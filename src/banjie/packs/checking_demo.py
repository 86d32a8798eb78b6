"""The demonstration against the registers it fills."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from banjie.lib.text import Text
from banjie.packs.demo.definition import DemoSet
from banjie.packs.demo.generators import Shares
from banjie.packs.documents import KeyPath
from banjie.packs.sources import Source
from banjie.packs.typed import near, unread
from banjie.registers.definition import Register


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
