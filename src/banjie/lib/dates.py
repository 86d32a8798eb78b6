"""Moments as people type them."""

from __future__ import annotations

import re
import unicodedata
from datetime import datetime

from banjie.lib.clock import LOCAL
from banjie.lib.errors import Refusal
from banjie.lib.text import Text

_MOMENT = re.compile(
    r"(?P<year>\d{4})[-/.年](?P<month>\d{1,2})[-/.月](?P<day>\d{1,2})日?"
    r"(?:[ T]*(?P<hour>\d{1,2})[:时](?:(?P<minute>\d{1,2})分?)?(?::(?P<second>\d{1,2}))?)?"
)
_PLAUSIBLE = range(1949, 2200)  # a year outside is a slip of the keyboard


def parse_moment(text: str) -> datetime:
    """Read "2021-09-30 16:00", "2021-09-30" (its first minute), 「2021年9月30日16时」, full-width digits too.

    Aware, in Asia/Shanghai. Refusal when it is not a moment, or when there is no such day or time.
    """
    found = _MOMENT.fullmatch(unicodedata.normalize("NFKC", text).strip())
    if not found or not _PLAUSIBLE.start <= int(found["year"]) < _PLAUSIBLE.stop:
        raise Refusal(
            Text(
                f"看不懂时间「{text}」。请写成「2021-09-30 16:00」或「2021-09-30」。",
                f'"{text}" is not a moment. Write it like "2021-09-30 16:00" or "2021-09-30".',
            )
        )
    try:
        return datetime(*(int(part or 0) for part in found.groups()), tzinfo=LOCAL)  # type: ignore[arg-type, misc]
    except ValueError as error:
        raise Refusal(Text(f"没有「{text}」这个日期或时间。", f'there is no such date or time as "{text}" ({error}).')) from error
