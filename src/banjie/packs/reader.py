"""Reading packs: from a folder, and all that are shipped with the program."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from banjie.lib.text import Text
from banjie.packs.checks import check
from banjie.packs.definition import Pack
from banjie.packs.known import Known
from banjie.packs.problems import PackError, PackProblem
from banjie.packs.sources import Source, read_source

MECHANISMS = Path(__file__).parent.parent / "mechanisms"
NOTHING = Known()


def read(folder: Path, known: Known = NOTHING) -> Pack:
    """The pack in a folder. ``known``: what it may refer to beyond itself. Raises PackError with every problem."""
    return check(read_source(folder), known)


def shipped(folder: Path = MECHANISMS) -> list[Pack]:
    """The packs that come with the program, each after those it requires. Raises PackError."""
    known, packs = NOTHING, []
    for source in _in_order([read_source(path) for path in sorted(folder.iterdir()) if path.is_dir()]):
        pack = check(source, known)
        packs.append(pack)
        known = known.and_pack(pack)
    return packs


def _in_order(sources: Sequence[Source]) -> list[Source]:
    """Required packs first, otherwise as given. Raises PackError where packs require each other in a ring."""
    waiting, ordered = {source.name: source for source in sources}, list[Source]()
    while waiting:
        free = [s for s in waiting.values() if not any(name in waiting for name in _requires(s))]
        if not free:
            source = next(iter(waiting.values()))
            ring = ", ".join(sorted(waiting))
            says = Text(
                f"机制包相互依赖：{ring}。请去掉其中一处 requires。",
                f"these packs require each other: {ring}. Remove one `requires`.",
            )
            raise PackError([PackProblem(source.name, source.position(("requires",)), says)])
        for source in free:
            ordered.append(waiting.pop(source.name))
    return ordered


def _requires(source: Source) -> list[str]:
    required = source.data.get("requires")
    return [str(name) for name in required if name != source.name] if isinstance(required, list) else []
