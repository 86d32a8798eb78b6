"""Pydantic's findings as a person who writes packs should read them, in both languages."""

from __future__ import annotations

from pydantic_core import ErrorDetails

from banjie.lib.definition import explain
from banjie.lib.text import Text

_LIST = Text(
    "「{name}」应为列表：[甲, 乙]，或每项以「- 」开头。", "{name} must be a list: [a, b], or items that begin with `- `."
)
_MAPPING = Text("「{name}」应为「名称: 内容」的形式。", "{name} must be a mapping: `name: content`.")
_NUMBER = Text("「{name}」应为数字。", "{name} must be a number.")
_WHOLE = Text("「{name}」应为整数。", "{name} must be a whole number.")
_TRUTH = Text("「{name}」应为 true 或 false。", "{name} must be true or false.")
_DATE = Text("「{name}」应为日期，如 2021-10-31。", "{name} must be a date, such as 2021-10-31.")
_MOMENT = Text('「{name}」应为日期和时间，如 "2021-11-15 10:20"。', '{name} must be a date and time, such as "2021-11-15 10:20".')
_SINGLE = Text(
    "「{name}」应为单个值：文字、数字、true 或 false。", "{name} must be a single value: text, a number, true or false."
)

SAYINGS = {
    "tuple_type": _LIST,
    "list_type": _LIST,
    "dict_type": _MAPPING,
    "model_type": _MAPPING,
    "model_attributes_type": _MAPPING,
    "decimal_type": _NUMBER,
    "decimal_parsing": _NUMBER,
    "int_type": _WHOLE,
    "int_parsing": _WHOLE,
    "int_from_float": _WHOLE,
    "bool_type": _TRUTH,
    "bool_parsing": _TRUTH,
    "date_type": _DATE,
    "date_parsing": _DATE,
    "date_from_datetime_parsing": _DATE,
    "datetime_type": _MOMENT,
    "datetime_parsing": _MOMENT,
    "datetime_from_date_parsing": _MOMENT,
    "too_short": Text("「{name}」至少要有 {min_length} 项。", "{name} needs at least {min_length} entries."),
    "too_long": Text("「{name}」至多 {max_length} 项。", "{name} may have {max_length} entries at most."),
    "string_too_short": Text("「{name}」不能为空。", "{name} must not be empty."),
    "string_too_long": Text("「{name}」不得超过 {max_length} 个字。", "{name} may have {max_length} characters at most."),
    "greater_than": Text("「{name}」应大于 {gt}。", "{name} must be above {gt}."),
    "greater_than_equal": Text("「{name}」不得小于 {ge}。", "{name} must not be below {ge}."),
    "less_than": Text("「{name}」应小于 {lt}。", "{name} must be below {lt}."),
    "less_than_equal": Text("「{name}」不得大于 {le}。", "{name} must not be above {le}."),
    "union_tag_not_found": Text("缺少 make，说明怎样生成。", "`make` is missing: it says how the values are made."),
    "union_tag_invalid": Text(
        "没有「{tag}」这种生成方式；可用：{expected_tags}。", "{tag} is no way of making values; there are {expected_tags}."
    ),
}
SINGLE_VALUES = frozenset({"bool", "int", "decimal", "str", "none"})  # arms of a union that pydantic names in a path


def saying(fault: ErrorDetails, path: tuple[int | str, ...]) -> Text:
    """What to tell about a fault at ``path``, which leads through the data only."""
    name = next((str(step) for step in reversed(path) if isinstance(step, str)), "")
    if fault["loc"] and fault["loc"][-1] in SINGLE_VALUES and fault["loc"][-1] != name:
        return _SINGLE.format(name=name)
    known = SAYINGS.get(fault["type"])
    if known is None:
        return explain({**fault, "loc": path})
    return known.format(**{**fault.get("ctx", {}), "name": name})
