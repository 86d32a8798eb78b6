"""From plain data to the rooms' definitions, with every fault of every item and not only the first."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from typing import Any, TypeVar

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from banjie.lib.definition import Definition
from banjie.lib.errors import DefinitionError
from banjie.lib.text import Text
from banjie.packs.documents import KeyPath
from banjie.packs.sources import Source
from banjie.packs.wording import SINGLE_VALUES, saying

D = TypeVar("D", bound=Definition)
SHOWN_OF_ONE_ITEM = 30
ARMS = SINGLE_VALUES | {"constant", "made", "several", "above"}  # how pydantic names the arms of unions in a path


def load(kind: type[D], data: object, path: KeyPath, source: Source) -> D | None:
    """The definition, or ``None`` with its faults noted in the source."""
    try:
        return kind.model_validate(data)
    except ValidationError as error:
        for here, fault in list(_own_faults(error, data).items())[:SHOWN_OF_ONE_ITEM]:
            source.find((*path, *here), _with_advice(fault, here, kind, data))
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


def _own_faults(error: ValidationError, data: object) -> dict[KeyPath, ErrorDetails]:
    """One fault a place. "Too short" of a list whose items are at fault is left out: it only follows from theirs."""
    faults: dict[KeyPath, ErrorDetails] = {}
    for fault in error.errors():
        if _of_another_arm(data, fault["loc"]):
            continue
        faults.setdefault(_through(data, fault["loc"]), fault)
    return {
        here: fault
        for here, fault in faults.items()
        if fault["type"] != "too_short" or not any(other != here and other[: len(here)] == here for other in faults)
    }


def _of_another_arm(data: Any, loc: tuple[int | str, ...]) -> bool:
    """Whether a fault is what a union says of an arm that was not meant: of a text where a mapping stands, or the reverse."""
    for step in loc:
        if _leads_on(data, step):
            data = data[step]
        elif isinstance(step, str) and step.startswith("function-"):
            return isinstance(data, dict)
        elif isinstance(step, str) and step[:1].isupper():
            return not isinstance(data, dict)
    return False


def _through(data: Any, loc: tuple[int | str, ...]) -> KeyPath:
    """Pydantic's path without the names of union arms that it puts between: the part that leads through the data."""
    path: list[str | int] = []
    tagged = False  # the step that names the arm, "total" for {make: total, …}, was passed over already
    for step in loc:
        if isinstance(data, dict) and data.get("make") == step and not tagged:
            tagged = True
        elif _leads_on(data, step):
            data, tagged = data[step], False
            path.append(step)
        elif step == loc[-1] and isinstance(data, dict) and isinstance(step, str) and step not in ARMS and not step[:1].isupper():
            path.append(step)  # an entry that is missing
    return tuple(path)


def _with_advice(fault: ErrorDetails, here: KeyPath, kind: type[Definition], data: object) -> Text:
    """The finding, and what to do: the nearest entry to a misspelt one, quotes for a label that a comma cut in two."""
    says = saying(fault, here)
    if fault["type"] == "extra_forbidden" and len(here) == 1:
        advice = near(str(here[0]), (field.alias or name for name, field in kind.model_fields.items()))
        return Text(f"{says.zh}。{advice.zh}", f"{says.en}. {advice.en}")
    found = _at(data, here)
    if isinstance(found, dict) and {"zh", "en"} < set(found) and None in found.values():
        return Text("文字中有半角逗号，被当作两项：请给文字加引号。", "a comma cut this text in two: put the text in quotes.")
    return says


def _at(data: Any, loc: tuple[int | str, ...]) -> Any:
    """What stands at a path of the data; ``None`` where the path leads nowhere."""
    for step in loc:
        if not _leads_on(data, step):
            return None
        data = data[step]
    return data


def _leads_on(data: Any, step: int | str) -> bool:
    if isinstance(data, list):
        return isinstance(step, int) and 0 <= step < len(data)
    return isinstance(data, dict) and step in data


def as_mapping(item: Any) -> dict[str, Any]:
    """An item of a section, for looking into it before it is known to be right."""
    return item if isinstance(item, dict) else {}


def unread(source: Source, section: str, read: Iterable[str]) -> set[str]:
    """The names of items that are declared but were at fault, so that what refers to them is not blamed as well."""
    return {str(as_mapping(item).get("name")) for item in source.section(section)} - set(read)
