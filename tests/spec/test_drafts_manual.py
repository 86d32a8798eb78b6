"""The chapter on reading numbers says all that the tables say, in both languages."""

from __future__ import annotations

import pytest

from banjie.bulletins.drafts.comparing import RULES
from banjie.bulletins.drafts.consistency import RULES as CHECKS
from banjie.bulletins.drafts.manual import EXAMPLES, chapter
from banjie.lib.text import Language


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_qualifier_example_and_check_stands_in_the_chapter(language: Language) -> None:
    text = chapter(language)
    assert all(word in text for rule in RULES.values() for word in rule.words if not word.isascii())
    assert all(wording in text for wording, _ in EXAMPLES)
    assert all(f"`{name}`" in text for name in CHECKS)


def test_the_two_languages_differ_and_the_verdicts_are_those_promised() -> None:
    zh, en = chapter("zh"), chapter("en")
    assert zh != en
    assert "完成比例80% — 相符" in zh
    assert "总产值超310亿元 — differs" in en
    assert "约310亿元" in en
