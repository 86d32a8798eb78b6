"""What the documentation points at exists, and nothing in the repository knows the machine it was written on."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "bench").glob("*.md")])
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")


@pytest.mark.parametrize("page", PAGES, ids=lambda p: str(p.relative_to(ROOT)))
def test_every_link_leads_somewhere(page: Path) -> None:
    for target in LINK.findall(page.read_text()):
        if not target.startswith(("http://", "https://", "#")):
            assert (page.parent / target.split("#")[0]).resolve().exists(), f"{page.name} points at {target}"


def test_the_readme_names_only_tests_that_exist() -> None:
    for name in ("README.md", "README.zh-CN.md"):
        for path in re.findall(r"`(tests/[\w/]+(?:\.py)?)/?`", (ROOT / name).read_text()):
            assert (ROOT / path).exists(), f"{name} names {path}"


def test_every_page_that_a_reader_starts_from_leads_to_the_others() -> None:
    readme = (ROOT / "README.md").read_text()
    for page in ("docs/tour.md", "docs/glossary.md", "docs/packs.md", "docs/settings.md", "README.zh-CN.md"):
        assert page in readme


def test_no_file_knows_the_machine_it_was_written_on() -> None:
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split()
    machine = re.compile(r"/(?:root|work|home/\w+)/\w|/opt/(?:pypi|wheels)")
    for name in tracked:
        path = ROOT / name
        if (
            path.suffix in {".py", ".md", ".toml", ".yaml", ".lock", ".html", ".js", ".css"}
            and path.exists()
            and path != Path(__file__)
        ):
            found = machine.search(path.read_text(errors="replace"))
            assert not found, f"{name} holds {found.group()}"


def test_every_target_of_the_makefile_is_described() -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    described = set(re.findall(r"^([a-z]+):.*## ", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert targets == described
