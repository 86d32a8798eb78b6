"""One YAML file of a pack: plain data, and where each piece of it stands in the file.

Built from the parser's events rather than by a YAML loader, so that anchors, tags and duplicate keys are seen at their
place, and so that nothing in the file can construct an object.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from banjie.lib.text import Text
from banjie.packs.problems import Position
from banjie.packs.scalars import read_plain, trap
from banjie.packs.spelling import Spelling

MAX_BYTES = 2 * 1024 * 1024
MAX_DEPTH = 24
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

KeyPath = tuple[str | int, ...]
Finding = tuple[Position, Text]


@dataclass(slots=True)
class Document:
    """``data`` is the mapping in the file. ``positions`` has the place of each path: of its key in a mapping, of its
    beginning in a list. ``spellings`` has how each text is written, to find a character of it in the file."""

    file: str
    data: dict[str, Any] = field(default_factory=dict)
    positions: dict[KeyPath, Position] = field(default_factory=dict)
    spellings: dict[KeyPath, Spelling] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)


class _GiveUp(Exception):
    """The rest of the file makes no sense after this."""


def read_document(path: Path, name: str) -> Document:
    """Read one file; faults are in ``findings``, and what could be read is in ``data``."""
    document = Document(name)
    text = _decode(path, document)
    if text is not None:
        _Builder(document, text).build()
    return document


def _decode(path: Path, document: Document) -> str | None:
    whole = Position(document.file)
    size = path.stat().st_size
    if size > MAX_BYTES:
        document.findings.append(
            (
                whole,
                Text(
                    f"文件有 {size} 字节，超过 2 MB。请拆成几个文件。",
                    f"the file has {size} bytes, more than 2 MB: split it into several files.",
                ),
            )
        )
        return None
    raw = path.read_bytes()
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        column = error.start - (raw.rfind(b"\n", 0, error.start) + 1) + 1
        document.findings.append(
            (
                Position(document.file, line, column),
                Text(
                    "文件不是 UTF-8 编码。请用编辑器另存为 UTF-8（多半现在是 GB18030）。",
                    "the file is not UTF-8: save it as UTF-8 (it is probably GB18030 now).",
                ),
            )
        )
        return None


class _Builder:
    def __init__(self, document: Document, text: str) -> None:
        self.document = document
        self.text = text
        self.events: Iterator[Any] = iter(())

    def build(self) -> None:
        loader = LOADER(self.text)
        self.events = iter(loader.get_event, None)
        try:
            self._stream()
        except _GiveUp:
            pass
        except yaml.MarkedYAMLError as error:
            self._syntax(error)
        except yaml.reader.ReaderError as error:
            line = self.text.count("\n", 0, error.position) + 1
            self._find(
                Position(self.document.file, line, 1),
                "这一行有不允许的控制字符，请删去。",
                "a control character is not allowed here: remove it.",
            )
        finally:
            loader.dispose()

    def _stream(self) -> None:
        next(self.events)  # the stream starts
        event = next(self.events)
        if isinstance(event, yaml.StreamEndEvent):
            return
        value = self._node(next(self.events), (), 0)
        next(self.events)  # the document ends
        after = next(self.events)
        if not isinstance(after, yaml.StreamEndEvent):
            self._find(self._at(after), "一个文件只能有一份文档，请去掉 ---。", "a file holds one document: remove the `---`.")
        if isinstance(value, dict):
            self.document.data = value
        elif value is not None:
            self._find(
                Position(self.document.file, 1, 1),
                "文件应为「名称: 内容」的形式，例如 registers: …",
                "the file must consist of sections, such as `registers: …`.",
            )

    def _node(self, event: Any, path: KeyPath, depth: int) -> Any:
        if depth > MAX_DEPTH:
            self._find(
                self._at(event),
                f"嵌套超过 {MAX_DEPTH} 层，请检查缩进。",
                f"nested more than {MAX_DEPTH} deep: check the indentation.",
            )
            raise _GiveUp
        self._refuse_references(event)
        self.document.positions.setdefault(path, self._at(event))
        if isinstance(event, yaml.MappingStartEvent):
            return self._mapping(path, depth)
        if isinstance(event, yaml.SequenceStartEvent):
            return self._sequence(path, depth)
        if isinstance(event, yaml.ScalarEvent):
            return self._scalar(event, path)
        return None  # an alias, already refused

    def _mapping(self, path: KeyPath, depth: int) -> dict[str, Any]:
        found: dict[str, Any] = {}
        while not isinstance(event := next(self.events), yaml.MappingEndEvent):
            at = self._at(event)
            key = self._key(event, path, depth)
            child = (*path, key)
            if key in found:
                first = self.document.positions[child]
                self._find(
                    at,
                    f"「{key}」重复，第 {first.line} 行已有。请删去或合并其中一处。",
                    f"{key} stands twice; it is already on line {first.line}. Remove one or merge the two.",
                )
                self._node(next(self.events), (*path, f"{key} (again)"), depth + 1)
                continue
            self.document.positions[child] = at
            found[key] = self._node(next(self.events), child, depth + 1)
        return found

    def _key(self, event: Any, path: KeyPath, depth: int) -> str:
        if isinstance(event, yaml.ScalarEvent):
            self._refuse_references(event)
            self._trap(event)
            if event.value == "<<" and not event.style:
                self._find(
                    self._at(event), "不支持合并键 <<，请写出全部内容。", "merge keys (<<) are not read: write the entries out."
                )
            return str(event.value)
        self._find(self._at(event), "名称应为文字。", "a key must be a word, not a list or mapping.")
        self._node(event, (*path, "(key)"), depth + 1)
        return "(key)"

    def _sequence(self, path: KeyPath, depth: int) -> list[Any]:
        found: list[Any] = []
        while not isinstance(event := next(self.events), yaml.SequenceEndEvent):
            found.append(self._node(event, (*path, len(found)), depth + 1))
        return found

    def _scalar(self, event: Any, path: KeyPath) -> Any:
        spelled = self.text[event.start_mark.index : event.end_mark.index]
        self.document.spellings[path] = Spelling(self._at(event), spelled, event.value)
        if event.style:  # the C parser says "" for a plain scalar, the Python one None
            return event.value
        return None if self._trap(event) else read_plain(event.value)

    def _trap(self, event: Any) -> bool:
        says = None if event.style else trap(event.value)
        if says:
            self.document.findings.append((self._at(event), says))
        return says is not None

    def _refuse_references(self, event: Any) -> None:
        if isinstance(event, yaml.AliasEvent):
            self._find(
                self._at(event),
                f"不支持引用 *{event.anchor}，请写出全部内容。",
                f"aliases (*{event.anchor}) are not read: write the value out.",
            )
            return
        if event.anchor:
            self._find(
                self._at(event), f"不支持锚点 &{event.anchor}，请删去。", f"anchors (&{event.anchor}) are not read: remove it."
            )
        if event.tag:
            self._find(self._at(event), f"不支持标签 {event.tag}，请删去。", f"tags ({event.tag}) are not read: remove it.")

    def _syntax(self, error: yaml.MarkedYAMLError) -> None:
        mark = error.problem_mark or error.context_mark
        at = Position(self.document.file, mark.line + 1, mark.column + 1) if mark else Position(self.document.file)
        reason = " ".join(part for part in (error.context, error.problem) if part)
        self._find(
            at,
            f"YAML 语法错误：{reason}。请检查缩进、冒号后的空格和引号。",
            f"not valid YAML: {reason}. Check indentation, spaces after colons, and quotes.",
        )

    def _at(self, event: Any) -> Position:
        return Position(self.document.file, event.start_mark.line + 1, event.start_mark.column + 1)

    def _find(self, at: Position, zh: str, en: str) -> None:
        self.document.findings.append((at, Text(zh, en)))
