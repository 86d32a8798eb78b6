"""The rooms import downwards only: in the code, and in the database's relations, which the linter cannot see."""

from __future__ import annotations

import ast
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from django.apps import apps

ROOT = Path(__file__).parents[2]
LAYERS = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"][0]["layers"]
FLOOR = {room.strip(): len(LAYERS) - i for i, layer in enumerate(LAYERS) for room in layer.split("|")}
SOURCES = sorted((ROOT / "src" / "banjie").rglob("*.py"))


def test_every_import_runs_downwards() -> None:
    linter = subprocess.run(
        [str(Path(sys.executable).parent / "lint-imports"), "--no-cache"], cwd=ROOT, capture_output=True, text=True
    )
    assert linter.returncode == 0, linter.stdout


def test_every_relation_of_the_database_runs_downwards() -> None:
    rooms = [config for config in apps.get_app_configs() if config.name.startswith("banjie.")]
    assert len(rooms) >= 7
    for config in rooms:
        for model in config.get_models():
            for field in model._meta.get_fields():
                target = field.related_model if field.is_relation and not field.auto_created else None
                if isinstance(target, type) and target._meta.app_config.name.startswith("banjie."):
                    there = target._meta.app_label
                    allowed = there == config.label or FLOOR[there] < FLOOR[config.label]
                    assert allowed, f"{model.__name__}.{field.name} leads up or across to {there}"


@pytest.mark.parametrize("path", SOURCES, ids=lambda p: str(p.relative_to(ROOT / "src")))
def test_no_import_stands_inside_a_function(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            inside = [n for n in ast.walk(node) if isinstance(n, (ast.Import, ast.ImportFrom))]
            assert not inside, f"{path.name}:{inside[0].lineno} imports inside {node.name}"


def test_no_room_is_called_by_a_word_that_means_nothing() -> None:
    for path in SOURCES:
        assert path.stem not in {"utils", "common", "core", "helpers", "misc", "manager", "handler"}, path
