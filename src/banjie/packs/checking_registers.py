"""Choices and registers: each by itself, then against each other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from banjie.lib.errors import DefinitionError
from banjie.lib.text import Text
from banjie.packs.documents import KeyPath
from banjie.packs.known import Known
from banjie.packs.lent import lends
from banjie.packs.sources import Source
from banjie.packs.typed import as_mapping, load, load_each, near
from banjie.registers.definition import Choices, Field, Register


def load_choices(source: Source) -> list[tuple[int, Choices]]:
    found = load_each(Choices, "choices", source)
    refuse_twice(source, "choices", [(n, c.name) for n, c in found])
    return found


def load_registers(source: Source, choices: Sequence[tuple[int, Choices]], known: Known) -> list[tuple[int, Register]]:
    """The registers with the choices lists that their fields use."""
    lists = {**known.choices, **{c.name: c for _, c in choices}}
    declared = {str(as_mapping(item).get("name")) for item in source.section("choices")}
    found = []
    for index, item in enumerate(source.section("registers")):
        path = ("registers", index)
        used = _lists_used(item, path, lists, declared, source)
        if used is None:
            continue
        lent = lends(as_mapping(item), path, source, known.registers)
        if lent is None:
            continue
        whole = {**item, "choices": used, **({"lends": lent} if lent else {})} if isinstance(item, dict) else item
        register = load(Register, whole, path, source)
        if register:
            found.append((index, register))
    refuse_twice(source, "registers", [(n, r.name) for n, r in found])
    return found


def _lists_used(
    item: object, path: KeyPath, lists: dict[str, Choices], declared: set[str], source: Source
) -> list[Choices] | None:
    """The lists that the fields name, each once; ``None`` with the faults noted where one does not exist."""
    if "lends" in as_mapping(item):
        source.find((*path, "lends"), Text(
            "lends 由系统填写，请删去。", "lends is filled in by the program: leave it out."
        ))  # fmt: skip
        return None
    if "choices" in as_mapping(item):
        source.find((*path, "choices"), Text(
            "选项表请写在文件顶层的 choices 部分。", "put choices lists in the section `choices` at the top of a file."
        ))  # fmt: skip
        return None
    fields = as_mapping(item).get("fields")
    names: dict[str, int] = {}
    for number, entry in enumerate(fields if isinstance(fields, list) else ()):
        field = as_mapping(entry)
        if field.get("type") == "choice" and isinstance(field.get("of"), str):
            names.setdefault(field["of"], number)
    missing = [name for name in names if name not in lists]
    for name in missing:
        if name not in declared:  # a list that is there but wrong has been told of already
            advice = near(name, lists)
            source.find((*path, "fields", names[name], "of"), Text(
                f"没有名为「{name}」的选项表。{advice.zh}", f"there is no choices list called {name}. {advice.en}"
            ))  # fmt: skip
    return None if missing else [lists[name] for name in names]


def check_registers(source: Source, registers: Sequence[tuple[int, Register]], known: Known) -> None:
    names = {str(as_mapping(item).get("name")) for item in source.section("registers")}
    there = {**known.registers, **{r.name: r for _, r in registers}}
    for index, register in registers:
        path = ("registers", index)
        owner = known.registers_of.get(register.name) if register.name in known.registers else None
        if owner:
            source.find((*path, "name"), Text(
                f"登记表「{register.name}」属于机制包「{owner}」，请换一个名称。",
                f"the register {register.name} belongs to the pack {owner}: choose another name.",
            ))  # fmt: skip
        _check_formulas(source, path, register)
        _check_confidence(source, path, register, there)
        _check_sheet(source, path, register, there)
        for number, field in enumerate(register.fields):
            _check_reference(source, (*path, "fields", number), field, {*names, *known.registers})


def _check_confidence(source: Source, path: KeyPath, register: Register, there: Mapping[str, Register]) -> None:
    """What lies below a confidential record is as confidential: it would give away what the record does not."""
    above = there.get(register.parent.register_name) if register.parent else None
    if above is not None and above.confidential and not register.confidential:
        source.find((*path, "parent"), Text(
            f"上级登记表「{above.name}」是保密的，本表也须写 confidential: true。",
            f"the register above, {above.name}, is confidential: write confidential: true here too.",
        ))  # fmt: skip


def _check_sheet(source: Source, path: KeyPath, register: Register, there: Mapping[str, Register]) -> None:
    below = {r.name for r in there.values() if r.parent and r.parent.register_name == register.name}
    for number, name in enumerate(register.sheet.children if register.sheet else ()):
        if name not in below:
            advice = near(name, below)
            source.find((*path, "sheet", "children", number), Text(
                f"「{name}」不是本表的下级登记表。{advice.zh}", f"{name} is no register below this one. {advice.en}"
            ))  # fmt: skip


def _check_formulas(source: Source, path: KeyPath, register: Register) -> None:
    """Every formula by itself, so that one fault does not hide the next."""
    for number, field in enumerate(register.fields):
        if field.formula:
            _compile(source, (*path, "fields", number, "formula"), register, "computed", number)
    for number, _ in enumerate(register.rules):
        _compile(source, (*path, "rules", number, "check"), register, "checks", number)


def _compile(source: Source, path: KeyPath, register: Register, kind: str, number: int) -> None:
    if kind == "computed":
        alone = register.model_copy(update={"rules": (), "fields": _only_formula(register, number)})
    else:
        alone = register.model_copy(update={"rules": (register.rules[number],)})
    try:
        _ = alone.computed if kind == "computed" else alone.checks
    except DefinitionError as error:
        source.find(path, error.says, error.offset)


def _only_formula(register: Register, number: int) -> tuple[Field, ...]:
    return tuple(f for n, f in enumerate(register.fields) if n == number or not f.formula)


def _check_reference(source: Source, path: KeyPath, field: Field, registers: set[str]) -> None:
    if field.type == "reference" and field.of not in registers:
        advice = near(str(field.of), registers)
        source.find((*path, "of"), Text(
            f"引用的登记表「{field.of}」不存在。{advice.zh}", f"the register {field.of} that this refers to does not exist. {advice.en}"
        ))  # fmt: skip


def refuse_twice(source: Source, section: str, names: Sequence[tuple[int, str]]) -> None:
    """Each name of a section once."""
    first: dict[str, int] = {}
    for index, name in names:
        if name in first:
            at = source.position((section, first[name]))
            source.find((section, index, "name"), Text(f"「{name}」在 {at} 已有。", f"{name} is already in {at}."))
        first.setdefault(name, index)
