"""A label in two languages, and the language in which this thread of work is reading."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Literal

Language = Literal["zh", "en"]
_language: ContextVar[Language] = ContextVar("language", default="zh")


@dataclass(frozen=True, slots=True)
class Text:
    """A label or message, always in Chinese and in English. ``str()`` gives the language in use."""

    zh: str
    en: str

    def __str__(self) -> str:
        return self.zh if _language.get() == "zh" else self.en

    def format(self, **values: object) -> Text:
        """Both languages with ``{names}`` filled in. A ``Text`` value is filled in its own language."""
        zh = {k: v.zh if isinstance(v, Text) else v for k, v in values.items()}
        en = {k: v.en if isinstance(v, Text) else v for k, v in values.items()}
        return Text(self.zh.format(**zh), self.en.format(**en))

    def as_dict(self) -> dict[str, str]:
        return {"zh": self.zh, "en": self.en}

    @classmethod
    def of(cls, value: Text | str | dict[str, str]) -> Text:
        """From a pack's ``{zh, en}`` or from one string that serves both languages."""
        if isinstance(value, Text):
            return value
        if isinstance(value, str):
            return cls(value, value)
        return cls(value["zh"], value["en"])


def language() -> Language:
    return _language.get()


@contextmanager
def reading_in(lang: Language) -> Iterator[None]:
    """Run a block in one language: a request, a command, a test."""
    token = _language.set(lang)
    try:
        yield
    finally:
        _language.reset(token)
