"""The service desk of ``matters_world``, and programs that knock at it with tokens."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from django.test import Client
from tests.rooms import matters_world as world

from banjie.api.callers import forget
from banjie.api.limits import limit
from banjie.people.models import Account
from banjie.people.tokens import create_token

V1 = "/api/v1"


@dataclass
class Program:
    """A client that shows the token of an account. ``said`` is the last answer's body."""

    secret: str
    language: str = "zh"

    def __post_init__(self) -> None:
        self.client = Client()

    def headers(self, **more: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.secret}", "Accept-Language": self.language, **more}

    def get(self, path: str, **parameters: object) -> Any:
        return self.client.get(f"{V1}{path}", parameters, headers=self.headers())

    def post(self, path: str, body: object, *, version: int | None = None, key: str | None = None) -> Any:
        more = {} if version is None else {"If-Match": f'"{version}"'}
        more |= {} if key is None else {"Idempotency-Key": key}
        return self.send(path, json.dumps(body), **more)

    def send(self, path: str, body: str | bytes, content_type: str = "application/json", **headers: str) -> Any:
        return self.client.post(f"{V1}{path}", body, content_type=content_type, headers=self.headers(**headers))


def program(account: Account, *, read_only: bool = False) -> Program:
    shown = create_token(account, name="接口测试", days=30, read_only=read_only, by=None)
    return Program(shown.secret)


def build(*processes: dict[str, Any]) -> dict[str, Account]:
    """The county of ``matters_world``; nothing is remembered of another."""
    forget()
    limit.forget()
    return world.build(*processes)


def request(code: str = "Q-1", **values: object) -> dict[str, object]:
    return {"process": "request", "data": world.request(code, **values)}
