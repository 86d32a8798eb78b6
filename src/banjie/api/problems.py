"""What is answered instead: ``application/problem+json`` (RFC 9457), in the reader's language and, under ``says``, in both."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from ninja.errors import HttpError, ValidationError

from banjie.api.wording import explained
from banjie.api.writing import written
from banjie.lib.errors import Conflict, Invalid, NotFound, NotPermitted, Problem, Refusal
from banjie.lib.text import Text
from banjie.registers.naming import said

PROBLEM = "application/problem+json"
TITLES = {
    400: Text("请求无法处理", "The request cannot be handled"),
    401: Text("须出示有效的令牌", "A valid token is needed"),
    403: Text("没有权限", "Not permitted"),
    404: Text("没有找到", "Not found"),
    405: Text("此地址不支持这种方法", "This address does not take that method"),
    409: Text("已被他人抢先办理", "Somebody else was faster"),
    411: Text("缺少长度", "The length is missing"),
    413: Text("请求过大", "Too large"),
    415: Text("不支持的内容类型", "Unsupported content type"),
    422: Text("填写有误", "Some values are not right"),
    428: Text("须说明所依据的版本", "Say which version you saw"),
    429: Text("请求过于频繁", "Too many requests"),
    500: Text("系统出错", "Something went wrong"),
}
STATUSES: tuple[tuple[type[Refusal], int], ...] = ((NotPermitted, 403), (NotFound, 404), (Conflict, 409), (Invalid, 422))
NO_ADDRESS = Text("没有这个地址", "there is no such address")
WRONG_METHOD = Text("请改用：{methods}", "use: {methods}")
BROKEN = Text(
    "操作没有完成，数据没有改变。请告诉信息管理员发生的时间。",
    "Nothing was changed. Please tell your IT officer when this happened.",
)


class Unacceptable(Refusal):
    """A request that is refused for its form: the status says what kind of form."""

    def __init__(self, status: int, says: Text, headers: dict[str, str] | None = None) -> None:
        super().__init__(says)
        self.status = status
        self.headers = headers or {}


def status_of(refusal: Refusal) -> int:
    if isinstance(refusal, Unacceptable):
        return refusal.status
    return next((status for kind, status in STATUSES if isinstance(refusal, kind)), 400)


def refused(refusal: Refusal) -> HttpResponse:
    """The answer to what was refused. ``present`` is how things stand, where somebody was faster."""
    more: dict[str, Any] = {}
    if isinstance(refusal, Invalid):
        more["problems"] = [_problem(p) for p in refusal.problems]
    if isinstance(refusal, Conflict):
        more |= {"present": refusal.theirs, "yours": refusal.yours}
    response = problem(status_of(refusal), said(refusal), **more)
    if isinstance(refusal, Unacceptable):
        for name, value in refusal.headers.items():
            response.headers[name] = value
    version = more.get("present", {}).get("version")
    if version is not None:
        response.headers["ETag"] = f'"{version}"'
    return response


def unreadable(error: ValidationError) -> HttpResponse:
    """The answer to values of the wrong form, each named by its path."""
    problems, says = [], []
    for found in error.errors:
        path = [str(part) for part in found["loc"] if part not in ("body", "query", "path")]
        name = ".".join(path) or "body"
        finding = explained(found, name)
        problems.append({"field": name, "says": finding.as_dict()})
        says.append(finding)
    joined = Text("；".join(s.zh for s in says), "; ".join(s.en for s in says))
    return problem(422, joined, problems=problems)


def of_http(error: HttpError) -> HttpResponse:
    """Ninja's own errors; one that was raised for a body of ours says so itself."""
    if isinstance(error.__cause__, Unacceptable):
        return refused(error.__cause__)
    return problem(error.status_code, Text(error.message, error.message))


def problem(status: int, says: Text, **more: Any) -> HttpResponse:
    body = {"title": str(TITLES[status]), "status": status, "detail": str(says), "says": says.as_dict(), **more}
    return HttpResponse(written(body), status=status, content_type=PROBLEM)


def _problem(found: Problem) -> dict[str, object]:
    return {"field": found.where, "says": found.says.as_dict()}
