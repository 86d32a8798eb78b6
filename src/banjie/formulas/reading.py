"""From text to sqlglot's syntax tree, with the place of every node. Refuses before parsing what must not be parsed."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Any

from sqlglot import exp
from sqlglot.dialects.duckdb import DuckDB
from sqlglot.errors import ErrorLevel, ParseError, TokenError
from sqlglot.parsers.duckdb import DuckDBParser
from sqlglot.tokenizer_core import Token, TokenType

from banjie.formulas import allowed
from banjie.formulas.errors import FormulaError
from banjie.lib.text import Text

MAX_LENGTH = 2000
"""Characters in a formula."""
MAX_BRACKETS = 20
"""Brackets and CASEs one inside the other: sqlglot takes some fifteen Python frames for each."""
MAX_DEPTH = 80
"""Operations one inside the other; a sum of eighty fields is that deep."""

FULL_WIDTH = {chr(code): chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)}
"""Characters of a Chinese keyboard where the ASCII ones are meant: all of U+FF01 to U+FF5E, and those below."""
FULL_WIDTH |= {"\u3001": ",", "\u3002": ".", "\u2018": "'", "\u2019": "'", "\u201c": "'", "\u201d": "'", "\uffe5": ""}
FULL_WIDTH |= {"\u2264": "<=", "\u2265": ">=", "\u2260": "<>", "\u00d7": "*", "\u00f7": "/", "\u2212": "-"}
TODAY = ("now", "today")
"""Functions refused with a reason of their own."""
_QUOTED = re.compile(r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"")

_OPENING = {TokenType.L_PAREN, TokenType.L_BRACKET, TokenType.L_BRACE, TokenType.CASE}
_CLOSING = {TokenType.R_PAREN, TokenType.R_BRACKET, TokenType.R_BRACE, TokenType.END}

TOO_DEEP = Text(
    f"公式嵌套太深（括号至多{MAX_BRACKETS}层，运算至多{MAX_DEPTH}层）；请拆成几个字段",
    f"the formula is nested too deep (brackets {MAX_BRACKETS}, operations {MAX_DEPTH} at most); split it into several fields",
)


class _Located(ParseError):
    offset = 0


class _Parser(DuckDBParser):
    """sqlglot's parser of DuckDB's dialect, which also notes where each operand starts and where a fault lies."""

    TYPE_CONVERTERS = {}  # DECIMAL alone is ours, not DuckDB's DECIMAL(18,3)

    def raise_error(self, message: str, token: Any = None) -> None:
        at = token or self._curr
        error = _Located(message)
        error.offset = at.start if at else len(self.sql)
        raise error

    def _parse_unary(self) -> exp.Expr | None:
        start = self._curr.start if self._curr else len(self.sql)
        node = super()._parse_unary()
        if isinstance(node, exp.Expr):
            node.meta.setdefault("start", start)
        return node


def start_of(node: exp.Expr) -> int:
    """0-based character at which the node starts."""
    return min((part.meta["start"] for part in node.walk() if "start" in part.meta), default=0)


def parse(text: str) -> exp.Expr:
    """The syntax tree of one expression. Raises FormulaError with the place of the fault."""
    tokens = _tokens(text)
    try:
        statements = _Parser(dialect=DuckDB(), error_level=ErrorLevel.IMMEDIATE).parse(tokens, text)
    except _Located as error:
        raise FormulaError(Text("这里看不懂", "this cannot be understood here"), text, error.offset) from None
    except RecursionError:
        raise FormulaError(TOO_DEEP, text, 0) from None
    except (ParseError, ArithmeticError, AttributeError, LookupError, TypeError, ValueError):  # sqlglot trips over odd text
        raise FormulaError(Text("公式看不懂", "the formula cannot be understood"), text, 0) from None
    statement = statements[0] if len(statements) == 1 else None
    if not isinstance(statement, exp.Expr):
        raise FormulaError(Text("公式只能是一个表达式", "a formula is one expression"), text, 0)
    return statement


def _tokens(text: str) -> list[Token]:
    _refuse_length(text)
    _refuse_full_width(text)
    try:
        tokens = DuckDB().tokenize(text)
    except TokenError:
        offset = _unclosed_quote(text)
        raise FormulaError(Text("引号没有配对", "a quotation mark is not closed"), text, offset) from None
    _refuse_comments(text, tokens)
    _refuse_second_statement(text, tokens)
    _refuse_depth(text, tokens)
    _refuse_unknown_functions(text, tokens)
    return tokens


def _refuse_length(text: str) -> None:
    if len(text) > MAX_LENGTH:
        says = Text(f"公式超过{MAX_LENGTH}个字符", f"the formula is longer than {MAX_LENGTH} characters")
        raise FormulaError(says, text, MAX_LENGTH)
    if not text.strip():
        raise FormulaError(Text("公式是空的", "the formula is empty"), text, 0)
    if "\0" in text:
        raise FormulaError(Text("公式中有空字符", "the formula holds a NUL character"), text, text.index("\0"))


def _refuse_full_width(text: str) -> None:
    bare = _QUOTED.sub(lambda quoted: " " * len(quoted[0]), text)
    for offset, character in enumerate(bare):
        if character in FULL_WIDTH:
            says = Text("全角字符“{found}”应写作半角“{meant}”", "the full-width {found} must be written {meant}")
            raise FormulaError(says.format(found=character, meant=FULL_WIDTH[character]), text, offset)


def _unclosed_quote(text: str) -> int:
    bare = _QUOTED.sub(lambda quoted: " " * len(quoted[0]), text)
    return min((bare.index(mark) for mark in "'\"" if mark in bare), default=0)


def _refuse_comments(text: str, tokens: list[Token]) -> None:
    bare = _QUOTED.sub(lambda quoted: " " * len(quoted[0]), text)
    found = re.search(r"--|/\*|\*/", bare)
    if found or any(token.comments for token in tokens):
        says = Text("公式中不能有注释", "a formula holds no comments (write a - (-b) for a minus of a minus)")
        raise FormulaError(says, text, found.start() if found else 0)


def _refuse_second_statement(text: str, tokens: list[Token]) -> None:
    for token in tokens:
        if token.token_type is TokenType.SEMICOLON:
            says = Text("公式只能是一个表达式，不能有分号", "a formula is one expression, without a semicolon")
            raise FormulaError(says, text, token.start)


def _refuse_depth(text: str, tokens: list[Token]) -> None:
    """Brackets must match (sqlglot lets some unclosed ones pass) and not nest without end."""
    open_at: list[int] = []
    for token in tokens:
        if token.token_type in _OPENING:
            open_at.append(token.start)
        elif token.token_type in _CLOSING:
            if not open_at:
                raise FormulaError(Text("这里的括号没有配对", "nothing was opened that this closes"), text, token.start)
            open_at.pop()
        if len(open_at) > MAX_BRACKETS:
            raise FormulaError(TOO_DEEP, text, token.start)
    if open_at:
        raise FormulaError(Text("这里的括号没有配对", "what is opened here is not closed"), text, open_at[-1])


def _refuse_unknown_functions(text: str, tokens: list[Token]) -> None:
    """Names as written: sqlglot takes many names of other dialects, and turns them into something else."""
    known = {*allowed.names(aggregates=True), *allowed.SYNONYMS, *TODAY, allowed.AS_OF}
    for token, following in pairwise(tokens):
        if token.token_type is TokenType.VAR and following.token_type is TokenType.L_PAREN and token.text.lower() not in known:
            raise FormulaError(allowed.no_such_function(token.text, aggregates=False), text, token.start)
