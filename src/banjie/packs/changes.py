"""What differs between two definitions, field by field, in words."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from banjie.lib.text import Text

NAMED_BY = ("name", "code", "as")  # what items of a list are known by, where they are


def differences(before: Any, after: Any, where: str = "") -> Iterator[Text]:
    """One line for each entry that was added, removed or changed."""
    if before == after:
        return
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        if set(before) | set(after) <= {"zh", "en"}:
            yield _changed(where, _short(before), _short(after))
            return
        yield from _of_mappings(before, after, where)
        return
    old, new = _by_name(before), _by_name(after)
    if old is not None and new is not None:
        yield from _of_mappings(old, new, where)
        if set(old) == set(new) and list(old) != list(new):
            yield Text(f"{where} 的次序改变", f"the order of {where} changes")
        return
    yield _changed(where, _short(before), _short(after))


def _of_mappings(before: Mapping[str, Any], after: Mapping[str, Any], where: str) -> Iterator[Text]:
    for key in [*before, *(k for k in after if k not in before)]:
        here = f"{where}.{key}" if where else key
        if key not in after:
            yield Text(f"删去 {here}（原为 {_short(before[key])}）", f"{here} is removed (it was {_short(before[key])})")
        elif key not in before:
            yield Text(f"新增 {here}：{_short(after[key])}", f"{here} is added: {_short(after[key])}")
        else:
            yield from differences(before[key], after[key], here)


def _by_name(value: Any) -> dict[str, Any] | None:
    """A list of named items as a mapping; ``None`` for anything else."""
    if not isinstance(value, list) or not value or not all(isinstance(item, Mapping) for item in value):
        return None
    for key in NAMED_BY:
        if all(key in item for item in value):
            return {str(item[key]): item for item in value}
    return None


def _changed(where: str, before: str, after: str) -> Text:
    return Text(f"{where} 由 {before} 改为 {after}", f"{where} changes from {before} to {after}")


def _short(value: Any) -> str:
    if isinstance(value, str):
        text = value
    elif isinstance(value, Mapping) and set(value) == {"zh", "en"}:
        text = f"{value['zh']} / {value['en']}"
    elif isinstance(value, Mapping) and isinstance(value.get("title"), Mapping):
        return _short(value["title"])
    else:
        text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= 80 else f"{text[:77]}…"
