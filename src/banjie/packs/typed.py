"""From plain data to the rooms' definitions, with every fault of every item and not only the first."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from typing import Any, TypeVar

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from banjie.lib.definition import Definition, explain
from banjie.lib.errors import DefinitionError
from banjie.lib.text import Text
from banjie.packs.documents import KeyPath
from banjie.packs.sources import Source

D = TypeVar("D", bound=Definition)
SHOWN_OF_ONE_ITEM = 30


def load(kind: type[D], data: object, path: KeyPath, source: Source) -> D | None:
    """The definition, or ``None`` with its faults noted in the source."""
    try:
        return kind.model_validate(data)
    except ValidationError as error:
        for fault in _own_faults(error)[:SHOWN_OF_ONE_ITEM]:
            source.find((*path, *fault["loc"]), _with_advice(fault, kind, data))
    except DefinitionError as error:
        source.find((*path, *error.path), error.says, error.offset)
    return None


def load_each(kind: type[D], section: str, source: Source) -> list[tuple[int, D]]:
    """Every item of a list section that is right, with its number in the section."""
    found = []
    for index, item in enumerate(source.section(section)):
        loaded = load(kind, item, (section, index), source)
        if loaded is not None:
            found.append((index, loaded))
    return found


def near(name: str, names: Iterable[str]) -> Text:
    """What to write instead of a name that does not exist."""
    known = sorted(names)
    close = difflib.get_close_matches(name, known, 1)
    if close:
        return Text(f"是否为「{close[0]}」？", f"Did you mean {close[0]}?")
    if not known:
        return Text("目前一个也没有。", "There are none yet.")
    more = ("…", "…") if len(known) > 12 else ("", "")
    return Text(f"可用的有：{'、'.join(known[:12])}{more[0]}。", f"There are: {', '.join(known[:12])}{more[1]}.")


def _own_faults(error: ValidationError) -> list[ErrorDetails]:
    """All faults but "too short" of a list whose items are at fault: that only follows from theirs."""
    faults = error.errors()
    within = [fault["loc"] for fault in faults]
    return [
        fault
        for fault in faults
        if fault["type"] != "too_short"
        or not any(loc != fault["loc"] and loc[: len(fault["loc"])] == fault["loc"] for loc in within)
    ]


def _with_advice(fault: ErrorDetails, kind: type[Definition], data: object) -> Text:
    """The finding, and what to do: the nearest entry to a misspelt one, quotes for a label that a comma cut in two."""
    says, loc = explain(fault), fault["loc"]
    if fault["type"] == "extra_forbidden" and len(loc) == 1:
        advice = near(str(loc[0]), (field.alias or name for name, field in kind.model_fields.items()))
        return Text(f"{says.zh}。{advice.zh}", f"{says.en}. {advice.en}")
    found = _at(data, loc)
    if isinstance(found, dict) and {"zh", "en"} < set(found) and None in found.values():
        return Text("文字中有半角逗号，被当作两项：请给文字加引号。", "a comma cut this text in two: put the text in quotes.")
    return says


def _at(data: Any, loc: tuple[int | str, ...]) -> Any:
    """What stands at a path of the data; ``None`` where the path leads nowhere."""
    for step in loc:
        if isinstance(data, dict):
            data = data.get(step)
        elif isinstance(data, list) and isinstance(step, int) and step < len(data):
            data = data[step]
        else:
            return None
    return data


def as_mapping(item: Any) -> dict[str, Any]:
    """An item of a section, for looking into it before it is known to be right."""
    return item if isinstance(item, dict) else {}


def unread(source: Source, section: str, read: Iterable[str]) -> set[str]:
    """The names of items that are declared but were at fault, so that what refers to them is not blamed as well."""
    return {str(as_mapping(item).get("name")) for item in source.section(section)} - set(read)
