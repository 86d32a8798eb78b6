"""What is wrong with a value that a program sent, in both languages. The library that reads it speaks English only."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from banjie.lib.text import Text

OTHERWISE = Text("「{name}」的值不正确", "{name}: the value is not right")
_MOMENT = Text(
    "「{name}」应为带时区的日期和时间，如 2021-10-31T18:00:00+08:00",
    "{name} must be a date and time with a zone, such as 2021-10-31T18:00:00+08:00",
)
_WHOLE = Text("「{name}」应为整数", "{name} must be a whole number")
_TEXT = Text("「{name}」应为文字", "{name} must be text")
_OBJECT = Text("「{name}」应为对象（键和值）", "{name} must be an object of keys and values")
_LIST = Text("「{name}」应为数组", "{name} must be a list")
_TRUTH = Text("「{name}」应为 true 或 false", "{name} must be true or false")
_ONE_OF = Text("「{name}」应为 {expected}", "{name} must be {expected}")
SAYINGS: Mapping[str, Text] = {
    "one_value": Text("「{entry}」应为一个值", "{entry} must be one value"),
    "missing": Text("缺少「{name}」", "{name} is missing"),
    "extra_forbidden": Text("没有「{name}」这一项", "there is no {name} here"),
    "int_parsing": _WHOLE,
    "int_type": _WHOLE,
    "int_from_float": _WHOLE,
    "int_parsing_size": Text("「{name}」的数字太大", "{name} is too large a number"),
    "greater_than_equal": Text("「{name}」不能小于 {ge}", "{name} must be {ge} or more"),
    "less_than_equal": Text("「{name}」不能大于 {le}", "{name} must be {le} or less"),
    "greater_than": Text("「{name}」须大于 {gt}", "{name} must be more than {gt}"),
    "less_than": Text("「{name}」须小于 {lt}", "{name} must be less than {lt}"),
    "string_type": _TEXT,
    "string_too_long": Text("「{name}」最多 {max_length} 个字符", "{name} has {max_length} characters at most"),
    "string_too_short": Text("「{name}」至少 {min_length} 个字符", "{name} has {min_length} characters at least"),
    "string_pattern_mismatch": Text("「{name}」的格式不正确", "{name} is not in the right form"),
    "too_long": Text("「{name}」最多 {max_length} 项", "{name} has {max_length} entries at most"),
    "too_short": Text("「{name}」至少 {min_length} 项", "{name} has {min_length} entries at least"),
    "literal_error": _ONE_OF,
    "enum": _ONE_OF,
    "bool_type": _TRUTH,
    "bool_parsing": _TRUTH,
    "dict_type": _OBJECT,
    "mapping_type": _OBJECT,
    "model_type": _OBJECT,
    "model_attributes_type": _OBJECT,
    "list_type": _LIST,
    "tuple_type": _LIST,
    "datetime_type": _MOMENT,
    "datetime_parsing": _MOMENT,
    "datetime_from_date_parsing": _MOMENT,
    "datetime_object_invalid": _MOMENT,
    "timezone_aware": _MOMENT,
    "date_type": Text("「{name}」应为日期，如 2021-10-31", "{name} must be a date such as 2021-10-31"),
    "date_parsing": Text("「{name}」应为日期，如 2021-10-31", "{name} must be a date such as 2021-10-31"),
    "date_from_datetime_parsing": Text("「{name}」应为日期，如 2021-10-31", "{name} must be a date such as 2021-10-31"),
    "decimal_type": Text("「{name}」应为数字", "{name} must be a number"),
    "decimal_parsing": Text("「{name}」应为数字", "{name} must be a number"),
    "finite_number": Text("「{name}」应为有限的数字", "{name} must be a finite number"),
}


def explained(error: Mapping[str, Any], name: str) -> Text:
    """A finding of pydantic's about ``name``, as people say it."""
    return SAYINGS.get(error["type"], OTHERWISE).format(**{"expected": "", **(error.get("ctx") or {}), "name": name})
