"""The pages that say no: what was refused, and what to do about it."""

from __future__ import annotations

from django.conf import settings
from django.core.exceptions import RequestDataTooBig, TooManyFilesSent
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string

from banjie.lib.errors import Conflict, Damaged, Invalid, NotFound, NotPermitted, Refusal
from banjie.lib.text import Text
from banjie.registers.naming import said
from banjie.web.returning import page_before

TITLES = {
    400: Text("请求无法处理", "This request cannot be handled"),
    403: Text("没有权限", "Not permitted"),
    404: Text("没有找到", "Not found"),
    409: Text("与已有内容冲突", "This clashes with what is there"),
    410: Text("文件已损坏", "The file is damaged"),
    413: Text("文件过大", "Too large"),
    422: Text("填写有误", "Some values are not right"),
}
TOO_LARGE = Text(
    "提交的内容超过允许的大小：一次最多 {n} MB。没有保存任何内容；请把文件拆小或压缩后再传。",
    "What was sent is larger than allowed: {n} MB at a time. Nothing was kept; split or compress the file and send it again.",
)
CHANGED = Text("内容已被他人修改", "Somebody else changed this")
EXPIRED = Text("页面已过期", "This page has expired")
STATUSES: tuple[tuple[type[Refusal], int], ...] = (
    (NotPermitted, 403), (NotFound, 404), (Conflict, 409), (Damaged, 410), (Invalid, 422),
)  # fmt: skip


def status_of(refusal: Refusal) -> int:
    return next((status for kind, status in STATUSES if isinstance(refusal, kind)), 400)


def refused(request: HttpRequest, refusal: Refusal) -> HttpResponse:
    """The page of a refusal, with its status."""
    problems = refusal.named if isinstance(refusal, Invalid) else []
    status = status_of(refusal)
    return error_page(request, status, said(refusal), heading=heading_of(refusal, status), problems=problems)


def heading_of(refusal: Refusal, status: int) -> Text:
    """Of conflicts, one with a newer version says who was faster; others, such as the same file twice, only that there is one."""
    return CHANGED if isinstance(refusal, Conflict) and "version" in refusal.theirs else TITLES[status]


def error_page(request: HttpRequest, status: int, says: Text, *, heading: Text | None = None, **context: object) -> HttpResponse:
    shown = {"status": status, "heading": heading or TITLES[status], "says": says, "back": page_before(request), **context}
    return render(request, "errors/error.html", shown, status=status)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    says = Text("此页不存在，或您无权查看。", "There is no such page, or you may not see it.")
    return error_page(request, 404, says)


def not_permitted(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return error_page(request, 403, Text("您没有进行此操作的权限。", "You may not do this."))


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    if isinstance(exception, (RequestDataTooBig, TooManyFilesSent)):
        return error_page(request, 413, TOO_LARGE.format(n=settings.UPLOAD_LIMIT // 2**20))
    return error_page(request, 400, Text("提交的内容不完整或格式不对。", "What was sent is incomplete or not in the right form."))


def server_error(request: HttpRequest) -> HttpResponse:
    """Rendered without the request's context, which asks the database: that may be what is broken."""
    number = getattr(request, "number", "")
    return HttpResponse(render_to_string("errors/broken.html", {"number": number}), status=500)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    says = Text(
        "页面停留过久，登录状态已变。请返回上一页，刷新后再提交；已填内容可先复制。",
        "The page was open too long and your session has changed. Go back, reload and send again; copy what you typed first.",
    )
    return error_page(request, 403, says, heading=EXPIRED)
