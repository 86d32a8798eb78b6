"""From a folder of YAML to the sections of a pack, with the place of every piece of it."""

from __future__ import annotations

import difflib
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from banjie.lib.text import Text
from banjie.packs.documents import Document, KeyPath, read_document
from banjie.packs.problems import PackError, PackProblem, Position
from banjie.packs.spelling import Spelling

HEAD = ("pack", "title", "description", "version", "requires")
LISTS = (
    "choices", "registers", "matters", "obligations", "figures", "bulletins", "areas", "boundaries", "organisations", "posts", "roles", "accounts", "demo",
)  # fmt: skip
MAPPINGS = ("calendar", "screens")
SECTIONS = (*HEAD, *LISTS, *MAPPINGS)
MAX_FILES = 200


@dataclass(slots=True)
class Source:
    """What the files of one folder say, put together: section by section, lists one after the other."""

    folder: Path
    name: str
    data: dict[str, Any] = field(default_factory=dict)
    positions: dict[KeyPath, Position] = field(default_factory=dict)
    spellings: dict[KeyPath, Spelling] = field(default_factory=dict)
    problems: list[PackProblem] = field(default_factory=list)

    def section(self, name: str) -> list[Any]:
        """The items of a list section; none where it is absent."""
        found = self.data.get(name)
        return found if isinstance(found, list) else []

    def position(self, path: KeyPath, offset: int | None = None) -> Position:
        """Where a path stands; where it does not exist, the nearest thing above it that does."""
        if offset is not None and path in self.spellings:
            return self.spellings[path].position(offset)
        for length in range(len(path), -1, -1):
            found = self.positions.get(path[:length])
            if found:
                return found
        return Position("pack.yaml")

    def find(self, path: KeyPath, says: Text, offset: int | None = None) -> None:
        """Note a problem at a path."""
        self.problems.append(PackProblem(self.name, self.position(path, offset), says))

    def raise_problems(self) -> None:
        if self.problems:
            raise PackError(self.problems)


def read_source(folder: Path) -> Source:
    """Read every ``*.yaml`` of a folder and the folders in it, in the order of their names. Faults are in ``problems``."""
    source = Source(folder, folder.name)
    for path in _files(source):
        document = read_document(path, path.relative_to(folder).as_posix())
        source.problems += [PackProblem(source.name, at, says) for at, says in document.findings]
        _merge(source, document)
    if isinstance(source.data.get("pack"), str):
        source.name = source.data["pack"]
    return source


def _files(source: Source) -> list[Path]:
    if not source.folder.is_dir():
        source.problems.append(
            PackProblem(source.name, Position(str(source.folder)), Text("没有这个文件夹。", "there is no such folder."))
        )
        return []
    home = source.folder.resolve()
    found = []
    for parent, folders, names in os.walk(source.folder):
        folders.sort()
        for name in sorted(names):
            path = Path(parent, name)
            if path.suffix not in {".yaml", ".yml"} or name.startswith("."):
                continue
            if not path.resolve().is_relative_to(home) or not path.is_file():
                _refuse_file(
                    source, path, "指向文件夹之外。请放入文件本身。", "it leads out of the folder: put the file itself here."
                )
            else:
                found.append(path)
    if len(found) > MAX_FILES:
        _refuse_file(
            source, found[MAX_FILES], f"文件超过 {MAX_FILES} 个。", f"more than {MAX_FILES} files: put sections together."
        )
    if not found:
        source.problems.append(
            PackProblem(
                source.name,
                Position(str(source.folder)),
                Text("文件夹中没有 .yaml 文件。", "there is no .yaml file in the folder."),
            )
        )
    return found[:MAX_FILES]


def _refuse_file(source: Source, path: Path, zh: str, en: str) -> None:
    source.problems.append(PackProblem(source.name, Position(path.relative_to(source.folder).as_posix()), Text(zh, en)))


def _merge(source: Source, document: Document) -> None:
    for section, value in document.data.items():
        at = document.positions[section,]
        if section not in SECTIONS:
            source.problems.append(PackProblem(source.name, at, _unknown(section)))
        elif section in LISTS:
            _extend(source, document, section, value)
        elif section in MAPPINGS:
            _join(source, document, section, value)
        elif section in source.data:
            first = source.positions[section,]
            source.problems.append(
                PackProblem(
                    source.name,
                    at,
                    Text(f"「{section}」在 {first} 已有，只能写一次。", f"{section} is already in {first}: write it once."),
                )
            )
        else:
            source.data[section] = value
            _adopt(source, document, section, 0)


def _extend(source: Source, document: Document, section: str, value: Any) -> None:
    if value is None:
        return
    if not isinstance(value, list):
        source.problems.append(
            PackProblem(
                source.name,
                document.positions[section,],
                Text(f"「{section}」应为列表，每项以「- 」开头。", f"{section} must be a list: begin each item with `- `."),
            )
        )
        return
    items = source.data.setdefault(section, [])
    _adopt(source, document, section, len(items))
    items.extend(value)


def _join(source: Source, document: Document, section: str, value: Any) -> None:
    if not isinstance(value, dict):
        source.problems.append(
            PackProblem(
                source.name,
                document.positions[section,],
                Text(f"「{section}」应为「名称: 内容」的形式。", f"{section} must be a mapping: `name: content`."),
            )
        )
        return
    items = source.data.setdefault(section, {})
    for key in value.keys() & items.keys():
        source.problems.append(
            PackProblem(
                source.name,
                document.positions[section, key],
                Text(
                    f"「{key}」在 {source.positions[section, key]} 已有。",
                    f"{key} is already in {source.positions[section, key]}.",
                ),
            )
        )
    _adopt(source, document, section, 0)
    items.update(value)


def _adopt(source: Source, document: Document, section: str, shift: int) -> None:
    """Take over the places of everything in a section of the file; its items come after ``shift`` others."""

    def moved(path: KeyPath) -> KeyPath:
        return (section, path[1] + shift, *path[2:]) if shift and len(path) > 1 and isinstance(path[1], int) else path

    for path, position in document.positions.items():
        if path and path[0] == section and (len(path) > 1 or path not in source.positions):
            source.positions[moved(path)] = position
    for path, spelling in document.spellings.items():
        if path and path[0] == section:
            source.spellings[moved(path)] = spelling


def _unknown(section: str) -> Text:
    near = difflib.get_close_matches(section, SECTIONS, 1)
    zh = f"是否为「{near[0]}」？" if near else f"可用的有：{'、'.join(SECTIONS)}。"
    en = f"Did you mean {near[0]}?" if near else f"There are: {', '.join(SECTIONS)}."
    return Text(f"没有「{section}」这一部分。{zh}", f"there is no section called {section}. {en}")
