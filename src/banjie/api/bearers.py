"""Who is calling: a token, its account, and what the account may do. Read for every request, so that a token revoked, an account
closed or a grant taken back counts from the next request on."""

from __future__ import annotations

from django.http import HttpRequest
from ninja.security import HttpBearer

from banjie.api.callers import Caller, caller_of
from banjie.api.limits import count
from banjie.api.problems import Unacceptable
from banjie.lib.text import Text
from banjie.people.tokens import note_use, prefix_of

CHALLENGE = {"WWW-Authenticate": 'Bearer realm="banjie"'}
REJECTED = {"WWW-Authenticate": 'Bearer realm="banjie", error="invalid_token"'}
NONE = Text("请在 Authorization 中以 Bearer 出示令牌", "show a token as Authorization: Bearer …")
NOT_VALID = Text("令牌无效、已过期或已撤销", "the token is not valid, has expired or was revoked")
READS_ONLY = Text("此令牌只能读取", "this token may read and change nothing")
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


class Bearer(HttpBearer):
    """The token of a program: made with ``banjie token create``."""

    def __call__(self, request: HttpRequest) -> Caller:
        scheme, _, secret = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
        if scheme.lower() != "bearer" or not secret:
            raise Unacceptable(401, NONE, CHALLENGE)
        return self.authenticate(request, secret.strip())

    def authenticate(self, request: HttpRequest, token: str) -> Caller:
        prefix = prefix_of(token)
        caller = caller_of(prefix, token) if prefix else None
        if prefix is None or caller is None:
            count(f"refused {request.META.get('REMOTE_ADDR', '')}")  # apart from tokens that are right: nobody shuts out another
            raise Unacceptable(401, NOT_VALID, REJECTED)
        count(prefix)
        if caller.read_only and request.method not in SAFE:
            raise Unacceptable(403, READS_ONLY)
        note_use(caller.token, caller.last_used_at)
        request.user = caller.account
        return caller
