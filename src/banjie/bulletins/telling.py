"""From an issue, or one that is not kept, to what a document is made from."""

from __future__ import annotations

from banjie.bulletins.composing import Composed
from banjie.bulletins.document import Told
from banjie.bulletins.models import Issue
from banjie.lib.periods import Period
from banjie.lib.signing import fingerprint


def told(source: Issue | Composed) -> Told:
    """Everything that is printed comes from here, so that a draft, an issue and a preview read alike."""
    if isinstance(source, Composed):
        return Told(source.frozen, source.text, source.period, source.as_of)
    return Told(
        source.frozen, {"zh": source.text_zh, "en": source.text_en}, Period.parse(source.period), source.as_of, source.published_at,
        (source.statement or {}).get("number", ""), fingerprint(source.public_key) if source.public_key else "",
    )  # fmt: skip
