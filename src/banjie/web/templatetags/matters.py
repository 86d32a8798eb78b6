"""Template tags for matters: an extension in words, a moment as the ledger keeps it."""

from __future__ import annotations

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from banjie.lib.text import Text
from banjie.matters.models import Extension
from banjie.web.matter_history import clear, term

register = template.Library()


@register.filter
def extension(asked: Extension) -> str:
    """Who asked for how much more: 「张三 申请延长 3个工作日」."""
    says = Text("{who}申请延长 {amount}", "{who} asked for {amount} more")
    who = asked.asked_by.name if asked.asked_by else Text("系统", "the system")
    return str(says.format(who=who, amount=term(asked.amount)))


@register.filter
def ledger_moment(moment: str) -> SafeString | str:
    """A moment as the ledger keeps it (UTC), as a ``<time>`` element in local time."""
    return format_html('<time datetime="{}">{}</time>', moment, clear(moment)) if moment else "—"
