"""The wheel carries everything that an installation needs, and nothing has to be fetched or built afterwards."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src"


@pytest.fixture(scope="module")
def carried(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(ROOT)]
    subprocess.run(command, check=True, capture_output=True)
    (wheel,) = folder.glob("*.whl")
    return set(zipfile.ZipFile(wheel).namelist())


def test_the_wheel_carries_packs_templates_and_static_files(carried: set[str]) -> None:
    data = {p for p in SOURCE.rglob("*") if p.is_file() and p.suffix not in {".py", ".pyc"}}
    assert {p.suffix for p in data} >= {".yaml", ".html", ".css", ".js"}
    assert {str(p.relative_to(SOURCE)) for p in data} <= carried


def test_the_mechanisms_are_data_alone(carried: set[str]) -> None:
    assert [name for name in carried if "/mechanisms/" in name and name.endswith(".py")] == []
