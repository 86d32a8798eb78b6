"""A request's body, read strictly: one JSON object in UTF-8, within limits, saying each thing once and exactly.

JSON as most readers take it lets a key stand twice, and numbers be NaN or lose digits. A program that talks to a register of
the government is told at once.
"""

from __future__ import annotations

import json
import re
from decimal import Decimal
from typing import Any, NoReturn

from django.http import HttpRequest
from ninja.parser import Parser

from banjie.api.problems import Unacceptable
from banjie.lib.text import Text

BYTES_AT_MOST = 256 * 1024
DEEPEST = 8
DIGITS_AT_MOST = 40  # of one number; what a field holds is checked by its definition

LARGE = Text("请求正文超过 {n} 字节", "the body is larger than {n} bytes")
NO_LENGTH = Text("请求须带 Content-Length", "a body needs a Content-Length")
NOT_JSON_TYPE = Text("请求正文须为 application/json", "the body must be application/json")
NOT_UTF8 = Text("请求正文不是 UTF-8", "the body is not UTF-8")
NOT_JSON = Text("请求正文不是正确的 JSON：第 {line} 行第 {column} 列", "the body is not JSON: line {line}, column {column}")
NO_OBJECT = Text("请求正文须为一个 JSON 对象", "the body must be one JSON object")
TWICE = Text("「{name}」出现了两次", "{name} stands there twice")
NO_NUMBER = Text("{number} 不是 JSON 数字", "{number} is no JSON number")
LONG_NUMBER = Text("数字超过 {n} 位", "a number has more than {n} digits")
DEEP = Text("嵌套超过 {n} 层", "nested more than {n} deep")
UNWRITABLE = Text("含有无法保存的字符", "contains a character that cannot be stored")

_unwritable = re.compile("[\0\ud800-\udfff]").search
_exponent = re.compile(r"[eE][+-]?0*(\d+)$").search


class StrictParser(Parser):
    """What ninja reads bodies with."""

    def parse_body(self, request: HttpRequest) -> dict[str, Any]:
        if (
            request.content_type != "application/json"
            or (request.content_params or {}).get("charset", "utf-8").lower() != "utf-8"
        ):
            raise Unacceptable(415, NOT_JSON_TYPE)
        return read(request.body)


def require_sendable(request: HttpRequest) -> None:
    """Refuse a body by its announced length, before a byte of it is read. Raises Unacceptable."""
    length = request.META.get("CONTENT_LENGTH") or ""
    if not length and request.META.get("HTTP_TRANSFER_ENCODING"):
        raise Unacceptable(411, NO_LENGTH)
    if length.isdigit() and int(length) > BYTES_AT_MOST:
        raise Unacceptable(413, LARGE.format(n=BYTES_AT_MOST))


def read(body: bytes) -> dict[str, Any]:
    """The object in a body. Numbers with a fraction become Decimals. Raises Unacceptable."""
    try:
        found = _decode(body.decode())
    except UnicodeDecodeError:
        raise Unacceptable(400, NOT_UTF8) from None
    except json.JSONDecodeError as error:
        raise Unacceptable(400, NOT_JSON.format(line=error.lineno, column=error.colno)) from None
    except RecursionError:
        raise Unacceptable(400, DEEP.format(n=DEEPEST)) from None
    if not isinstance(found, dict):
        raise Unacceptable(400, NO_OBJECT)
    _look_through(found)
    return found


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        raise Unacceptable(400, TWICE.format(name=next(name for name in names if names.count(name) > 1)))
    return found


def _refuse_constant(name: str) -> NoReturn:
    raise Unacceptable(400, NO_NUMBER.format(number=name))


def _fraction(digits: str) -> Decimal:
    exponent = _exponent(digits)
    if len(digits) > DIGITS_AT_MOST or (exponent and int(exponent[1]) > DIGITS_AT_MOST):
        raise Unacceptable(400, LONG_NUMBER.format(n=DIGITS_AT_MOST))
    return Decimal(digits)


def _whole(digits: str) -> int:
    if len(digits) > DIGITS_AT_MOST:
        raise Unacceptable(400, LONG_NUMBER.format(n=DIGITS_AT_MOST))
    return int(digits)


def _look_through(found: dict[str, Any]) -> None:
    """Depth, and characters that no database holds. Level by level: a deep value does not make it deep."""
    level: list[Any] = [found]
    for _ in range(DEEPEST):
        below: list[Any] = []
        for value in level:
            if isinstance(value, dict):
                below += value.keys()
                below += value.values()
            elif isinstance(value, list):
                below += value
            elif isinstance(value, str) and _unwritable(value):
                raise Unacceptable(400, UNWRITABLE)
        level = below
        if not level:
            return
    if any(isinstance(value, (dict, list)) for value in level):
        raise Unacceptable(400, DEEP.format(n=DEEPEST))
    if any(isinstance(value, str) and _unwritable(value) for value in level):
        raise Unacceptable(400, UNWRITABLE)


_decode = json.JSONDecoder(
    object_pairs_hook=_once, parse_constant=_refuse_constant, parse_float=_fraction, parse_int=_whole
).decode
