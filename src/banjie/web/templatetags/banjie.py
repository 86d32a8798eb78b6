"""Template tags: both languages side by side, numbers that open, dates in local time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal

from django import template
from django.contrib.messages.storage.base import Message
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from banjie.figures.definition import Figure
from banjie.ledger.models import Entry
from banjie.lib.clock import LOCAL
from banjie.lib.text import Text, language
from banjie.registers.definition import Field, Register
from banjie.registers.models import ImportRun
from banjie.web import display, kinds
from banjie.web.history import summary

register = template.Library()

IMPORT_STATES = {
    ImportRun.WAITING: Text("等候", "waiting"),
    ImportRun.CHECKING: Text("检查中", "checking"),
    ImportRun.WRITING: Text("写入中", "writing"),
    ImportRun.DONE: Text("完成", "done"),
    ImportRun.REFUSED: Text("有错误", "refused"),
    ImportRun.FAILED: Text("失败", "failed"),
}

# One path per icon, drawn on a 16 × 16 grid with a 1.5 stroke.
ICONS = {
    "home": "M2.5 7.5 8 3l5.5 4.5M4 6.8V13h8V6.8",
    "bell": "M4 11V7.500a4 4 0 0 1 8 0V11l1.200 1.500H2.800zM6.800 14.200h2.400",
    "flow": "M2.500 3h4v3h-4zM9.500 10h4v3h-4zM4.500 6v5.500h5",
    "gauge": "M2.5 11.5a5.5 5.5 0 1 1 11 0M8 11.5l2.8-3.6",
    "table": "M2.5 3.5h11v9h-11zM2.5 6.5h11M6.5 6.5v6",
    "box": "M2.5 5 8 2.5 13.5 5v6L8 13.5 2.5 11zM2.5 5 8 7.5 13.5 5M8 7.5v6",
    "search": "M7 11.5a4.5 4.5 0 1 0 0-9 4.5 4.5 0 0 0 0 9zM10.3 10.3l3.2 3.2",
    "plus": "M8 3v10M3 8h10",
    "up": "M8 12.5v-9M4.5 7 8 3.5 11.5 7",
    "down": "M8 3.5v9M4.5 9 8 12.5 11.5 9",
    "right": "M6 3.5 10.5 8 6 12.5",
    "left": "M10 3.5 5.5 8 10 12.5",
    "menu": "M2.5 4.5h11M2.5 8h11M2.5 11.5h11",
    "close": "M4 4l8 8M12 4l-8 8",
    "import": "M8 2.5v7M5 6.5 8 9.5l3-3M2.5 10.5v3h11v-3",
    "export": "M8 9.5v-7M5 5.5 8 2.5l3 3M2.5 10.5v3h11v-3",
    "edit": "M3 13l.7-3L10.5 3.2l2.3 2.3L6 12.3z",
    "file": "M4 2.5h5l3 3v8H4zM9 2.5v3h3",
    "clock": "M8 13.5a5.5 5.5 0 1 0 0-11 5.5 5.5 0 0 0 0 11zM8 5v3.2l2.2 1.3",
    "check": "M3 8.5 6.5 12 13 4.5",
    "warn": "M8 2.8 14 13H2zM8 6.5v3M8 11.3v.2",
    "seal": "M8 2.5l1.6 1.3 2-.2.5 2 1.6 1.2-.8 1.9.4 2-2 .6-1.1 1.7L8 12.2 5.8 13l-1.1-1.7-2-.6.4-2-.8-1.9 1.6-1.2.5-2 2 .2z",
    "person": "M8 8a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5zM3 13.5c.6-2.4 2.5-3.7 5-3.7s4.400 1.300 5 3.700",
    "link": "M6.500 9.500l3-3M7 4.500l1-1a2.600 2.600 0 0 1 3.700 3.700l-1 1M9 11.500l-1 1a2.600 2.600 0 0 1-3.700-3.700l1-1",
}


@register.simple_tag
def t(zh: str, en: str, **values: object) -> str:
    """``{% t "中文" "English" %}``: the text in the reader's language; ``{name}`` is filled in from keywords."""
    text = Text(zh, en)
    return str(text.format(**values) if values else text)


@register.simple_tag
def icon(name: str) -> SafeString:
    """An inline drawing, hidden from screen readers: the words beside it say the same."""
    return format_html(
        '<svg class="icon" viewBox="0 0 16 16" width="16" height="16" aria-hidden="true" focusable="false"><path d="{}"/></svg>',
        ICONS[name],
    )


@register.filter
def moment(value: datetime | None) -> str:
    """A moment in local time, to the minute: 2021-11-15 09:20."""
    return value.astimezone(LOCAL).strftime("%Y-%m-%d %H:%M") if value else ""


@register.filter
def when(value: datetime | None) -> SafeString:
    """A moment as a ``<time>`` element in local time."""
    if value is None:
        return mark_safe("")
    return format_html('<time datetime="{}">{}</time>', value.isoformat(), moment(value))


@register.filter
def grouped(value: int | Decimal | None) -> str:
    """A number with its thousands parted: 1,234,567.5."""
    return "" if value is None else f"{value:,}"


@register.filter
def other_language(value: str) -> str:
    """The language to switch to."""
    return "en" if (value or language()) == "zh" else "zh"


@register.filter
def get(mapping: dict[str, object], key: str) -> object:
    """``mapping[key]``, or nothing."""
    return mapping.get(key)


@register.filter
def weekday(day: date) -> str:
    """The day of the week as one character: 一 … 日."""
    return "一二三四五六日"[day.weekday()]


@register.filter
def kind_of(field: Field, of: Register) -> str:
    """What kind of value a field holds."""
    return kinds.field_kind(field, of)


@register.filter
def figure_kind(figure: Figure) -> str:
    """How a figure comes about."""
    return kinds.figure_kind(figure)


@register.filter
def titled(field: Field) -> str:
    """A field's title as the screen shows it."""
    return display.title_of(field)


@register.filter
def shown_unit(field: Field) -> str:
    """The unit in which a field is shown."""
    return display.unit_of(field)


@register.filter
def form_unit(field: Field) -> str:
    """The unit in which a field is typed."""
    return display.form_unit(field)


@register.filter
def deed(entry: Entry) -> str:
    """What an entry did, in few words."""
    return summary(entry)


@register.filter
def undo(message: Message) -> tuple[str, str] | None:
    """Of a message that something was removed: the record and the version that restoring it needs."""
    kind, _, rest = (message.extra_tags or "").partition(":")
    record, _, version = rest.partition(":")
    return (record, version) if kind == "undo" else None


@register.filter
def import_state(run: ImportRun) -> str:
    """How far an import is."""
    return str(IMPORT_STATES.get(run.state, run.state))


@register.filter
def at(items: Sequence[object], position: int) -> object:
    """``items[position]``."""
    return items[position]
