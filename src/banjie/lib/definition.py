"""The base of everything a pack declares: frozen, typed, and strict about what it does not know."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, StringConstraints, ValidationError
from pydantic_core import ErrorDetails

from banjie.lib.errors import DefinitionError
from banjie.lib.text import Text


class BilingualError(ValueError):
    """Raised inside validators, so that a finding keeps both languages."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(en)
        self.says = Text(zh, en)


def _label(value: object) -> object:
    if isinstance(value, dict) and set(value) == {"zh", "en"} and all(isinstance(v, str) and v.strip() for v in value.values()):
        return Text(value["zh"], value["en"])
    if isinstance(value, Text):
        return value
    raise BilingualError("标签须有中英文两种：{zh: …, en: …}", "a label needs both languages: {zh: …, en: …}")


Label = Annotated[Text, BeforeValidator(_label)]
Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,47}$")]
DottedName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,47}(\.[a-z][a-z0-9_]{0,47})?$")]


class Definition(BaseModel):
    """A frozen object made from a mapping. ``load`` turns every fault into a DefinitionError with its path."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=False)

    @classmethod
    def load(cls, mapping: object, path: tuple[str | int, ...] = ()) -> Self:
        try:
            return cls.model_validate(mapping)
        except ValidationError as error:
            first = error.errors()[0]
            raise DefinitionError((*path, *first["loc"]), explain(first)) from error
        except DefinitionError as error:  # of what holds between entries: it knows its place already
            raise DefinitionError((*path, *error.path), error.says, error.offset) from error

    def as_json(self) -> dict[str, Any]:
        """The mapping from which ``load`` makes an equal object; what is at its default is left out."""
        return self.model_dump(mode="json", exclude_defaults=True, by_alias=True)


class Sourced(Definition):
    """A rule or threshold that says where it comes from and from when it holds."""

    source: str = ""
    effective_from: date | None = None


def explain(error: ErrorDetails) -> Text:
    """Pydantic's finding in both languages."""
    name = str(error["loc"][-1]) if error["loc"] else ""
    kind, message = error["type"], error["msg"]
    known: Mapping[str, Text] = {
        "extra_forbidden": Text("没有「{name}」这一项，请检查拼写", "there is no entry called {name}: check the spelling"),
        "missing": Text("缺少「{name}」", "{name} is missing"),
        "string_type": Text("「{name}」应为文字（YAML 中请加引号）", "{name} must be text (quote it in YAML)"),
        "literal_error": Text("「{name}」应为 {expected}", "{name} must be {expected}"),
        "enum": Text("「{name}」应为 {expected}", "{name} must be {expected}"),
        "string_pattern_mismatch": Text(
            "「{name}」应为小写字母开头，只含小写字母、数字和下划线",
            "{name} must start with a lower-case letter and hold only a-z, 0-9 and _",
        ),
    }
    context = error.get("ctx") or {}
    if kind == "value_error" and isinstance(context.get("error"), BilingualError):
        says: Text = context["error"].says
        return says
    template = known.get(kind, Text("「{name}」不正确：{message}", "{name} is not right: {message}"))
    return template.format(name=name, message=message.removeprefix("Value error, "), expected=context.get("expected", ""))
