"""Drawing lots that anybody can repeat: from a list, a seed and a number, always the same names.

Each name gets a ticket, the SHA-256 of the seed, the hash of the whole list and the name, with a line feed between them; the
lowest tickets win. Who knows the seed beforehand can foretell the draw, and who may change the list afterwards can bend it: so the
list's hash goes into every ticket, and a seed is made at the moment of drawing. Whoever may not take part (recusal) is passed over,
and the next ticket takes the place. With a shell: ``printf '%s\\n%s\\n%s' SEED LIST_HASH NAME | sha256sum``.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from hashlib import sha256

from banjie.lib.errors import Refusal
from banjie.lib.text import Text


@dataclass(frozen=True, slots=True)
class Drawn:
    """``names`` in the order of their tickets; ``passed_over`` are those whose ticket would have won but for their recusal."""

    names: tuple[str, ...]
    passed_over: tuple[str, ...]
    list_hash: str


def list_hash(names: Collection[str]) -> str:
    """SHA-256 of the names, each once, in the order of their code points, with a line feed between them."""
    return sha256("\n".join(sorted(set(names))).encode()).hexdigest()


def ticket(seed: str, of_list: str, name: str) -> str:
    """64 hexadecimal digits: the lower, the earlier drawn."""
    return sha256(f"{seed}\n{of_list}\n{name}".encode()).hexdigest()


def draw(names: Sequence[str], count: int, *, seed: str, recused: Collection[str] = ()) -> Drawn:
    """Draw ``count`` of the names. Raises Refusal where the list holds a name twice or an empty one, where somebody is recused
    who is not on it, or where fewer are left than are wanted."""
    _check(names, count, seed, recused)
    hashed = list_hash(names)
    found: list[str] = []
    passed: list[str] = []
    for name in sorted(names, key=lambda name: ticket(seed, hashed, name)):
        if len(found) == count:
            break
        (passed if name in recused else found).append(name)
    return Drawn(tuple(found), tuple(passed), hashed)


def _check(names: Sequence[str], count: int, seed: str, recused: Collection[str]) -> None:
    if not seed.strip():
        raise Refusal(Text("抽取须有随机种子", "a draw needs a seed"))
    if len(set(names)) != len(names) or not all(name.strip() and "\n" not in name for name in names):
        raise Refusal(
            Text("名单中有重复、空白或跨行的名称", "the list holds a name twice, an empty one, or one of several lines")
        )
    strange = sorted(set(recused) - set(names))
    if strange:
        raise Refusal(Text(f"回避的「{strange[0]}」不在名单上", f"{strange[0]} is recused but is not on the list"))
    left = len(names) - len(set(recused))
    if not 1 <= count <= left:
        raise Refusal(
            Text(f"名单上可抽取的有 {left} 个，不能抽 {count} 个", f"{count} cannot be drawn from the {left} that may be")
        )
