"""What is said of a command that was called in a way it does not know, in both languages. The library that reads the words of a
command line speaks English only."""

from __future__ import annotations

import click
from click.exceptions import BadOptionUsage, BadParameter, FileError, MissingParameter, NoSuchOption, UsageError

from banjie.lib.text import Text

ABORTED = Text("已取消，没有执行", "cancelled: nothing was done")
HELP = Text("（用法：{command} --help）", " (see {command} --help)")
NO_COMMAND = "No such command"
TOO_MANY = ("Got unexpected extra argument", "Got unexpected extra arguments")


def misused(error: click.ClickException) -> Text:
    """One line: what is wrong, and where the command explains itself."""
    if not isinstance(error, UsageError):
        return _file(error) if isinstance(error, FileError) else _as_it_is(error.format_message())
    says = _wrong(error)
    if error.ctx is None:
        return says
    return Text("{says}{help}", "{says}{help}").format(says=says, help=HELP.format(command=error.ctx.command_path))


def _wrong(error: UsageError) -> Text:
    message = error.format_message()
    if isinstance(error, NoSuchOption):
        return Text("没有 {name} 这个选项", "there is no option {name}").format(name=error.option_name)
    if isinstance(error, MissingParameter):
        return Text("缺少 {name}", "{name} is missing").format(name=_called(error))
    if isinstance(error, BadParameter) and error.param is not None:
        return Text("{name} 不正确：{why}", "{name} is not right: {why}").format(name=_called(error), why=_why(error))
    if isinstance(error, BadOptionUsage):
        return Text("选项 {name} 的用法不对：后面须有一个值", "option {name} needs a value").format(name=error.option_name)
    if message.startswith(NO_COMMAND):
        return Text("没有这个命令：{name}", "there is no such command: {name}").format(name=message.split("'")[1])
    if message.startswith(TOO_MANY):
        extra = message[message.rfind("(") + 1 : message.rfind(")")]
        return Text("多出了 {extra}", "{extra} is too much").format(extra=extra)
    return _as_it_is(message)


def _called(error: BadParameter) -> str:
    """An argument by its name in the usage line, an option by how it is written."""
    hint = error.param_hint or (error.param.get_error_hint(error.ctx) if error.param and error.ctx else "")
    return (" / ".join(hint) if not isinstance(hint, str) else hint).replace("'", "")


def _why(error: BadParameter) -> Text:
    kind = error.param.type if error.param else None
    if isinstance(kind, click.Choice):
        return Text("应为 {choices} 之一", "must be one of {choices}").format(choices=", ".join(str(c) for c in kind.choices))
    if isinstance(kind, click.IntRange):
        return Text("应为 {range} 的整数", "must be a whole number with {range}").format(range=_range(kind))
    if isinstance(kind, (click.types.IntParamType, click.types.FloatParamType)):
        return Text("应为数字", "must be a number")
    if isinstance(kind, click.Path):
        path = error.message.split("'")[1] if "'" in error.message else ""
        if "does not exist" in error.message:
            return Text("没有 {path}", "there is no {path}").format(path=path)
        if "is a directory" in error.message:
            return Text("{path} 是文件夹，不是文件", "{path} is a folder, not a file").format(path=path)
        return Text("{path} 打不开", "{path} cannot be opened").format(path=path)
    return _as_it_is(error.message)


def _range(kind: click.IntRange) -> str:
    low = "" if kind.min is None else f"{kind.min} ≤ "
    return f"{low}x" if kind.max is None else f"{low}x ≤ {kind.max}"


def _file(error: FileError) -> Text:
    return Text("{name} 打不开", "{name} cannot be opened").format(name=error.ui_filename)


def _as_it_is(message: str) -> Text:
    """What our own commands raise is in the reader's language already."""
    return Text(message, message)
