"""How a line of the log looks, and what never stands in one: values that somebody entered.

A message of an exception may quote a phone number or a name (``invalid literal …``, ``Key (phone)=(…) already exists``), and a log
is read by more people, and kept longer, than a record. So the traceback says where and what kind of fault it was; its message is
written only where it speaks of code and not of data. With ``BANJIE_DEBUG=1`` every message is written.
"""

from __future__ import annotations

import logging
import re
import traceback
from types import TracebackType

_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")  # a path may hold a line break, and forge a line
WITHHELD = "(message withheld: it may quote a value)"
SPEAKS_OF_CODE = (AttributeError, TypeError, NameError, ImportError, NotImplementedError, RecursionError, MemoryError)
SPEAKS_OF_CODE_BY_NAME = {"OperationalError", "ProgrammingError", "InterfaceError", "TemplateSyntaxError", "TemplateDoesNotExist"}
Raised = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


def told(error: BaseException, *, whole: bool = False) -> str:
    """``KeyError: (message withheld …)``: the kind of an exception, and its message where that cannot quote a value."""
    kind = type(error)
    name = kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"
    return f"{name}: {_message(error, whole)}".rstrip(": ")


def _message(error: BaseException, whole: bool) -> str:
    if whole or isinstance(error, SPEAKS_OF_CODE) or type(error).__name__ in SPEAKS_OF_CODE_BY_NAME:
        return str(error) if whole else (str(error).splitlines() or [""])[0]
    if isinstance(error, OSError):
        return error.strerror or ""  # its file's name is left out: it may be that of an upload
    return WITHHELD if str(error) else ""


def trace(error: BaseException | None, *, whole: bool = False) -> str:
    """The traceback of an exception and of those that led to it, the first first."""
    parts: list[str] = []
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        parts.append("".join(traceback.format_tb(error.__traceback__)) + told(error, whole=whole))
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return "\n-- which led to --\n".join(reversed(parts))


class Lines(logging.Formatter):
    """One plain line an event; below it, for a fault, the traceback. A request's line carries its number."""

    def __init__(self, whole: bool = False) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s %(message)s")
        self.whole = whole

    def format(self, record: logging.LogRecord) -> str:
        said = record.__dict__ | {"exc_text": None}  # not what another formatter has made of the exception
        request = said.get("request")
        if request is not None and hasattr(request, "number"):
            status = said.get("status_code", "")
            said |= {"msg": f"{request.number} {request.method} {request.path} {status}".rstrip(), "args": ()}
        else:
            said |= {"msg": record.getMessage(), "args": ()}
        said["msg"] = _UNPRINTABLE.sub(" ", said["msg"])
        return super().format(logging.makeLogRecord(said))

    def formatException(self, ei: Raised) -> str:
        return trace(ei[1], whole=self.whole)
