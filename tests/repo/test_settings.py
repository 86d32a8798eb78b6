"""Every setting that is read from the environment is documented, and every documented one is read."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]


def _read() -> set[str]:
    sources = (ROOT / "src" / "banjie").rglob("*.py")
    return {name for path in sources for name in re.findall(r'environ(?:\.get\(|\[)"(BANJIE_[A-Z_]+)"', path.read_text())}


def _documented() -> set[str]:
    return set(re.findall(r"^\| `(BANJIE_[A-Z_]+)`", (ROOT / "docs" / "settings.md").read_text(), re.MULTILINE))


def test_no_setting_is_undocumented() -> None:
    assert _read(), "the search finds no settings at all"
    assert _read() - _documented() == set()


def test_no_documented_setting_is_without_effect() -> None:
    assert _documented() - _read() == set()
