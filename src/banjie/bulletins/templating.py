"""Templates: words with marks. Jinja in a sandbox of which little is left, so that a template can say and not compute.

A template may print text, repeat over the rows of a declared block, and ask whether something is so. It may not do arithmetic,
reach for attributes, join texts, or name anything that is not handed to it: what a template printed must open to a figure, and a
number that it made itself could not. ``parse`` refuses all else by line, before anything runs. While it runs, a budget counts
the steps of loops, the characters written and the time.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from jinja2 import Environment, StrictUndefined, TemplateError, TemplateSyntaxError, nodes
from jinja2.exceptions import SecurityError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from banjie.lib.errors import DefinitionError, Refusal
from banjie.lib.text import Text

LONGEST = 40_000  # characters of a template
STEPS = 20_000  # of all loops together
WRITTEN = 400_000  # characters
SECONDS = 20.0
DEEPEST = 3  # loops and conditions within each other

ALLOWED: tuple[type[nodes.Node], ...] = (
    nodes.Template, nodes.Output, nodes.TemplateData, nodes.Name, nodes.Const, nodes.For, nodes.If, nodes.Call, nodes.Keyword,
    nodes.Getattr, nodes.Compare, nodes.Operand, nodes.And, nodes.Or, nodes.Not, nodes.CondExpr,
)  # fmt: skip
FUNCTIONS: dict[str, frozenset[str]] = {  # each with the names that may be given; the first argument is a text
    "value": frozenset({"over", "places", "by", "part"}),
    "amount": frozenset({"over"}),
    "show": frozenset(),
    "rows": frozenset(),
    "missing": frozenset(),
    "names": frozenset(),
    "lights": frozenset({"colour"}),
}
VARIABLES = frozenset({"period", "to_date", "year", "area", "as_of", "issuer", "title"})
ROW = frozenset({"title", "place", "light", "missing"})  # what may be said of a row
BLOCKS_FIRST = frozenset({"show", "rows", "missing", "lights"})  # functions whose first argument names a block
FIGURES_FIRST = frozenset({"value", "amount"})


@dataclass(frozen=True, slots=True)
class Called:
    """A function that a template calls, with its constant arguments and the line it stands on."""

    function: str
    first: str
    more: Mapping[str, Any]
    line: int


@dataclass(slots=True)
class Budget:
    """What one rendering may use. Raises Refusal when it is spent."""

    steps: int = field(default_factory=lambda: STEPS)
    written: int = field(default_factory=lambda: WRITTEN)
    until: float = field(default_factory=lambda: time.monotonic() + SECONDS)

    def step(self) -> None:
        self.steps -= 1
        if self.steps < 0 or time.monotonic() > self.until:
            raise Refusal(Text(
                f"模板循环超过 {STEPS} 次或用时过长，已停止。请减少循环。",
                f"the template ran through more than {STEPS} steps or too long and was stopped: loop over less",
            ))  # fmt: skip

    def write(self, piece: str) -> str:
        self.written -= len(piece)
        if self.written < 0 or time.monotonic() > self.until:
            raise Refusal(Text(
                f"模板写出的文字超过 {WRITTEN} 字或用时过长，已停止。",
                f"the template wrote more than {WRITTEN} characters or took too long and was stopped",
            ))  # fmt: skip
        return piece


class Row(Mapping[str, object]):
    """What a template sees of a row of a block. Read by name; nothing else of it can be reached."""

    __slots__ = ("_said",)

    def __init__(self, said: Mapping[str, object]) -> None:
        self._said = dict(said)

    def __getitem__(self, name: str) -> object:
        return self._said[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._said)

    def __len__(self) -> int:
        return len(self._said)


class Mark(str):
    """Text that goes into the bulletin as it is: a mark for a number or a block. Everything else is escaped."""

    __slots__ = ()


class _Sandbox(ImmutableSandboxedEnvironment):
    """Nothing has attributes; only a row has parts."""

    def getattr(self, obj: Any, attribute: str) -> Any:
        if isinstance(obj, Row) and attribute in ROW:
            return obj.get(attribute)
        raise SecurityError(attribute)

    def getitem(self, obj: Any, argument: Any) -> Any:
        raise SecurityError(str(argument))

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
        return False

    def is_safe_callable(self, obj: Any) -> bool:
        return getattr(obj, "__banjie__", False) is True


def parse(text: str) -> list[Called]:
    """The functions that a template calls. Raises DefinitionError with the offset of the line at fault."""
    if len(text) > LONGEST:
        raise _at(text, 1, Text(f"模板超过 {LONGEST} 字", f"the template is longer than {LONGEST} characters"))
    tree = _tree(text)
    names = {n.name for loop in tree.find_all(nodes.For) for n in loop.find_all(nodes.Name) if n.ctx == "store"}
    _check(tree, text, frozenset(names), 0)
    return [_called(call, text) for call in tree.find_all(nodes.Call)]


def render(text: str, functions: Mapping[str, Callable[..., object]], variables: Mapping[str, str]) -> str:
    """The template's text with everything filled in. Raises Refusal (out of budget, or a fault that only shows while it runs)."""
    parse(text)
    budget = Budget()
    environment = _environment()
    environment.filters["counted"] = lambda items: _counted(items, budget)
    tree = _tree(text)
    for loop in tree.find_all(nodes.For):
        loop.iter = nodes.Filter(loop.iter, "counted", [], [], None, None, lineno=loop.lineno)
    given: dict[str, object] = {name: _permitted(function) for name, function in functions.items()}
    try:
        template = environment.from_string(tree)
        return "".join(budget.write(piece) for piece in template.generate({**given, **variables}))
    except (TemplateError, TypeError, RecursionError, ArithmeticError) as error:
        says = Text("模板不能运行：{why}", "the template cannot be run: {why}")
        raise Refusal(says.format(why=_why(error))) from error


def escaped(text: str) -> str:
    """Text from records as Markdown that says just that: no mark, no heading, no list and no emphasis can come of it."""
    plain = re.sub(r"\s+", " ", text).replace("⟦", "[").replace("⟧", "]")
    return re.sub(
        r"^(\d+)([.)])|^([-+#])", lambda m: f"{m[1]}\\{m[2]}" if m[1] else f"\\{m[3]}", re.sub(r"([\\*_])", r"\\\1", plain)
    )


def _environment() -> _Sandbox:
    environment = _Sandbox(
        autoescape=False, undefined=StrictUndefined, finalize=_finalized, trim_blocks=True, lstrip_blocks=True, optimized=False,
        keep_trailing_newline=True, extensions=[], cache_size=0,
    )  # fmt: skip
    environment.globals.clear()
    environment.filters.clear()
    environment.tests.clear()
    return environment


def _finalized(value: object) -> str:
    """What is printed: marks as they are, text escaped, nothing else. ``amount`` is for conditions only."""
    if isinstance(value, Mark):
        return str(value)
    if isinstance(value, str):
        return escaped(value)
    raise SecurityError("print")


def _counted(items: object, budget: Budget) -> Iterator[object]:
    if not isinstance(items, tuple):
        raise SecurityError("for")
    for item in items:
        budget.step()
        yield item


def _permitted(function: Callable[..., object]) -> Callable[..., object]:
    def called(*args: object, **kwargs: object) -> object:
        return function(*args, **kwargs)

    called.__banjie__ = True  # type: ignore[attr-defined]
    return called


def _tree(text: str) -> nodes.Template:
    try:
        return Environment(trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True, extensions=[]).parse(text)
    except TemplateSyntaxError as error:
        says = Text("模板写法有误：{why}", "the template cannot be read: {why}").format(why=error.message or "")
        raise _at(text, error.lineno, says) from error
    except RecursionError as error:
        raise _at(text, 1, Text("模板嵌套过深", "the template is nested too deeply")) from error


def _check(node: nodes.Node, text: str, loop_names: frozenset[str], depth: int) -> None:
    """Refuse what is not on the list, by line."""
    line = node.lineno
    if not isinstance(node, ALLOWED):
        what = type(node).__name__
        says = Text(
            "模板中不能使用 {what}：模板只写文字、插入指标，不做计算", "a template cannot use {what}: it has words and figures, and computes nothing"
        )  # fmt: skip
        raise _at(text, line, says.format(what=what))
    if isinstance(node, nodes.For):
        if node.recursive or node.else_ or node.test or not isinstance(node.target, nodes.Name):
            raise _at(text, line, Text('循环应写成 for 行 in rows("…")', 'a loop reads: for row in rows("…")'))
        if not isinstance(node.iter, nodes.Call):
            raise _at(text, line, Text("只能对 rows() 或 missing() 循环", "loop over rows() or missing() only"))
    if isinstance(node, (nodes.For, nodes.If)):
        depth += 1
        if depth > DEEPEST:
            raise _at(
                text, line, Text(f"循环和条件嵌套超过 {DEEPEST} 层", f"loops and conditions are nested more than {DEEPEST} deep")
            )
    if isinstance(node, nodes.Name) and node.ctx == "load" and node.name not in {*VARIABLES, *FUNCTIONS, *loop_names}:
        offered = ", ".join(sorted({*VARIABLES, *FUNCTIONS}))
        raise _at(text, line, Text(f"没有「{node.name}」；可用：{offered}", f"there is no {node.name}; there are {offered}"))
    if isinstance(node, nodes.Getattr) and (
        node.attr not in ROW or not isinstance(node.node, nodes.Name) or node.node.name not in loop_names
    ):
        offered = ", ".join(sorted(ROW))
        raise _at(
            text,
            line,
            Text(f"不能取「.{node.attr}」；一行可用：{offered}", f".{node.attr} cannot be reached; a row has {offered}"),
        )
    if isinstance(node, nodes.Call):
        _called(node, text)
    for child in node.iter_child_nodes():
        _check(child, text, loop_names, depth)


def _called(call: nodes.Call, text: str) -> Called:
    name = call.node.name if isinstance(call.node, nodes.Name) else ""
    if name not in FUNCTIONS:
        offered = ", ".join(FUNCTIONS)
        raise _at(text, call.lineno, Text(f"只能调用：{offered}", f"only these can be called: {offered}"))
    if call.dyn_args or call.dyn_kwargs or len(call.args) != 1:
        raise _at(
            text, call.lineno, Text(f"{name}() 须有且只有一个不带名称的参数", f"{name}() takes one argument without a name")
        )
    first, more = call.args[0], {k.key: k.value for k in call.kwargs}
    if name == "names":
        if not isinstance(first, nodes.Call) or more:
            raise _at(text, call.lineno, Text("names() 的参数应为 rows() 或 missing()", "names() takes rows() or missing()"))
        return Called(name, "", {}, call.lineno)
    strange = next((k for k in more if k not in FUNCTIONS[name]), None)
    if strange:
        raise _at(text, call.lineno, Text(f"{name}() 没有参数「{strange}」", f"{name}() takes no {strange}"))
    if (
        not isinstance(first, nodes.Const)
        or not isinstance(first.value, str)
        or not all(isinstance(v, nodes.Const) for v in more.values())
    ):
        says = Text(f"{name}() 的参数应为引号中的名称，不能是算出来的", f"what {name}() is given must be written out in quotes")
        raise _at(text, call.lineno, says)
    return Called(name, first.value, {k: v.value for k, v in more.items() if isinstance(v, nodes.Const)}, call.lineno)


def _at(text: str, line: int, says: Text) -> DefinitionError:
    """A fault on a line of the template (from 1)."""
    offset = sum(len(part) for part in text.splitlines(keepends=True)[: max(line, 1) - 1])
    return DefinitionError((), says, offset)


def fault(text: str, line: int, says: Text) -> DefinitionError:
    """A fault found by whoever checks what a template names."""
    return _at(text, line, says)


def _why(error: Exception) -> Text:
    if isinstance(error, SecurityError):
        return Text("用了不允许的写法", "it uses what is not permitted")
    return Text(str(error), str(error))
