"""RFC 8785 canonical JSON: one value, one sequence of bytes, whoever writes it. What the ledger hashes.

Only what survives every database and language unchanged is taken: text, integers up to 2^53 - 1, true, false,
null, lists, and objects with text keys. Decimals are written as text by whoever holds them; floats never come in.
"""

from __future__ import annotations

import json
import re
from json.encoder import encode_basestring

LARGEST_INTEGER = 2**53 - 1  # the integers that every JSON reader holds exactly (RFC 8785 §3.2.2.3, RFC 7493 §2.2)

_beyond_bmp = re.compile("[\U00010000-\U0010ffff]").search
_dump = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), sort_keys=True, check_circular=False).encode


class _NeedsUtf16Order(Exception):
    """A key lies beyond U+FFFF: Python would sort it by code point, the RFC sorts by UTF-16 code unit."""


def encode(value: object) -> bytes:
    """The canonical bytes. TypeError for a type that JSON cannot hold exactly (a float, a Decimal, a date),
    ValueError for an integer beyond 2^53 - 1, a lone surrogate, or a list or object that contains itself."""
    try:
        return text(value).encode()
    except UnicodeEncodeError as error:
        raise ValueError(f"a lone surrogate cannot be written: {error.object[error.start : error.end]!r}") from None


def text(value: object) -> str:
    """As `encode`, before UTF-8."""
    try:
        _check(value, "$")
    except _NeedsUtf16Order:
        return _slowly(value)
    except RecursionError:
        raise ValueError("a list or object contains itself, or is nested too deeply") from None
    return _dump(value)


def again(written: str) -> str:
    """The canonical form of JSON that a database has written in a form of its own. ValueError if it is no JSON, or
    holds a number with a fraction."""
    value = _load(written)
    dumped = _dump(value)
    return text(value) if _beyond_bmp(dumped) else dumped


def quoted(value: str) -> str:
    """One text as a canonical JSON string, quotes included."""
    return encode_basestring(value)


def _refuse_number(number: str) -> None:
    raise ValueError(f"{number} has no canonical JSON form")


_load = json.JSONDecoder(parse_float=_refuse_number, parse_constant=_refuse_number).decode


def _check(value: object, path: str) -> None:
    kind = type(value)
    if kind is str or value is None or kind is bool:
        return
    if kind is dict:
        for key, part in value.items():  # type: ignore[attr-defined]
            if type(key) is not str:
                raise TypeError(f"{path}: a key must be text, not {type(key).__name__} {key!r}")
            if not key.isascii() and max(key) > "\uffff":
                _check_all(value, path)
                raise _NeedsUtf16Order
            if type(part) is not str:
                _check(part, f"{path}.{key}")
    elif kind is list or kind is tuple:
        for number, part in enumerate(value):  # type: ignore[arg-type]
            if type(part) is not str:
                _check(part, f"{path}[{number}]")
    elif kind is int:
        if not -LARGEST_INTEGER <= value <= LARGEST_INTEGER:  # type: ignore[operator]
            raise ValueError(f"{path}: {value} is beyond 2^53 - 1; write it as text")
    elif not isinstance(value, str):  # a text enum is text
        raise TypeError(f"{path}: {kind.__name__} {value!r} has no canonical JSON form; write it as text")


def _check_all(value: object, path: str) -> None:
    """Check every part, although a key has already sent us the slow way."""
    parts = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list | tuple) else ()
    for key, part in parts:
        if isinstance(value, dict) and type(key) is not str:
            raise TypeError(f"{path}: a key must be text, not {type(key).__name__} {key!r}")
        try:
            _check(part, f"{path}.{key}")
        except _NeedsUtf16Order:
            continue


def _slowly(value: object) -> str:
    if isinstance(value, dict):
        ordered = sorted(value.items(), key=lambda item: item[0].encode("utf-16-be", "surrogatepass"))
        return "{" + ",".join(f"{quoted(key)}:{_slowly(part)}" for key, part in ordered) + "}"
    if isinstance(value, list | tuple):
        return "[" + ",".join(_slowly(part) for part in value) + "]"
    return _dump(value)
