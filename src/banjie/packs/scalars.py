"""What an unquoted word in a pack's YAML means.

Packs are read as YAML 1.2's core schema would read them, not as YAML 1.1: ``8:30`` and ``2021-10-31`` are text, a
number with a decimal point is a ``Decimal``. Words that the two versions read differently are refused, because the
next program that reads the file would see something else than we do.
"""

from __future__ import annotations

import re
from decimal import Decimal

from banjie.lib.text import Text

Scalar = str | int | Decimal | bool | None

_INTEGER = re.compile(r"[-+]?(0|[1-9][0-9]*)\Z")
_DECIMAL = re.compile(r"[-+]?(0|[1-9][0-9]*)\.[0-9]+\Z")
_OLD_BOOLEANS = frozenset(
    word for name in ("yes", "no", "on", "off", "y", "n") for word in (name, name.capitalize(), name.upper())
)  # YAML 1.1 reads each of these as true or false
_ODD_BOOLEANS = frozenset({"True", "False", "TRUE", "FALSE"})
_NULLS = frozenset({"", "~", "null", "Null", "NULL"})
_OCTAL = re.compile(r"[-+]?0[0-9_]+(\.[0-9]*)?\Z")
_BASED = re.compile(r"[-+]?0[xob][0-9a-fA-F_]+\Z")
_GROUPED = re.compile(r"[-+]?[0-9][0-9_]*_[0-9_]*(\.[0-9_]*)?\Z")
_COMMAS = re.compile(r"[-+]?[0-9]{1,3}(,[0-9]{3})+(\.[0-9]+)?\Z")
_SCIENTIFIC = re.compile(r"[-+]?([0-9]+\.?[0-9]*|\.[0-9]+)[eE][-+]?[0-9]+\Z")
_LOOSE_POINT = re.compile(r"[-+]?([0-9]+\.|\.[0-9]+)\Z")
_NOT_A_NUMBER = re.compile(r"([-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN))\Z")


def read_plain(word: str) -> Scalar:
    """The value of an unquoted scalar that ``trap`` has let pass."""
    if word in _NULLS:
        return None
    if word in {"true", "false"}:
        return word == "true"
    if _INTEGER.match(word):
        return int(word)
    if _DECIMAL.match(word):
        return Decimal(word)
    return word


def trap(word: str) -> Text | None:
    """Why an unquoted word must not stand as it is; ``None`` where nothing is wrong with it."""
    if len(word) > 60:
        return None
    if word in _OLD_BOOLEANS:
        return Text(
            f'未加引号的 {word} 会被 YAML 1.1 读作是/否。要文字请写 "{word}"，要是/否请写 true 或 false。',
            f'unquoted {word} is read by YAML 1.1 as true or false. For the text write "{word}"; for a truth value write true or false.',
        )
    if word in _ODD_BOOLEANS:
        return Text(
            f'请写小写的 {word.lower()}，要文字请写 "{word}"。', f'write {word.lower()} in lower case, or "{word}" for the text.'
        )
    if _OCTAL.match(word):
        return Text(
            f'以 0 开头的 {word} 会被 YAML 1.1 读作八进制数。编码请加引号 "{word}"，数值请去掉开头的 0。',
            f'{word} begins with 0 and is read by YAML 1.1 as octal. Quote a code: "{word}"; write a number without the leading 0.',
        )
    if _BASED.match(word) or _GROUPED.match(word) or _COMMAS.match(word) or _SCIENTIFIC.match(word) or _LOOSE_POINT.match(word):
        return Text(
            f"数值 {word} 的写法不明确。请写成完整的十进制数（如 1200000 或 0.5），要文字请加引号。",
            f"{word} is not a plain number. Write all decimal digits (1200000, 0.5), or quote it for the text.",
        )
    if _NOT_A_NUMBER.match(word):
        return Text(
            f"{word} 不是可用的数值。", f"{word} is not a number that can be used here: leave the value out or write a number."
        )
    return None
