"""Draws as records: whoever is drawn, from which list, by which seed, and who was recused; anybody can repeat it later.

A register of draws has the fields below, and any others. The seed is made here, at the moment of drawing: nobody chooses it.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence

from banjie.lib.draws import draw, list_hash
from banjie.lib.errors import Refusal
from banjie.lib.text import Text
from banjie.people.models import Account
from banjie.registers.actions import create
from banjie.registers.catalogue import catalogue
from banjie.registers.definition import Register
from banjie.registers.models import Record

SEED, LIST, HASH, WANTED, RECUSED, DRAWN = "seed", "list", "list_hash", "wanted", "recused", "drawn"
FIELDS = (SEED, LIST, HASH, WANTED, RECUSED, DRAWN)  # list, recused and drawn: one name a line; "name: why" of the recused
NO_DRAWS = Text(
    "登记表「{register}」不是抽取登记表：缺少字段 {fields}", "{register} is no register of draws: it lacks the fields {fields}"
)


def record_draw(
    register: str,
    data: Mapping[str, object],
    names: Sequence[str],
    *,
    count: int,
    recused: Mapping[str, str] | None = None,
    by: Account | None,
    why: str = "",
    origin: str = "web",
) -> Record:
    """Draw ``count`` of ``names`` and keep all that is needed to repeat it. ``data`` fills in the register's other fields;
    ``recused`` says of whom why. Raises Refusal (as ``lib.draws.draw``), NotPermitted, Invalid, NotFound."""
    _require_draws(catalogue().register(register))
    reasons = dict(recused or {})
    seed = secrets.token_hex(16)
    drawn = draw(names, count, seed=seed, recused=reasons)
    said = {
        SEED: seed, LIST: "\n".join(sorted(names)), HASH: drawn.list_hash, WANTED: count,
        RECUSED: "\n".join(f"{name}: {reason}" for name, reason in sorted(reasons.items())), DRAWN: "\n".join(drawn.names),
    }  # fmt: skip
    return create(register, {**data, **said}, by=by, why=why, origin=origin)


def faults(record: Record) -> list[Text]:
    """What does not follow from the list and the seed of a kept draw; nothing where all of it does."""
    _require_draws(catalogue().register(record.register))
    names, data = lines(record.data.get(LIST)), record.data
    found: list[Text] = []
    if list_hash(names) != data.get(HASH):
        found.append(
            Text("名单的哈希值不符：名单在抽取之后被改动", "the list's hash differs: the list was changed after the draw")
        )
    recused = [line.split(":")[0].strip() for line in lines(data.get(RECUSED))]
    again = draw(names, int(str(data.get(WANTED))), seed=str(data.get(SEED)), recused=recused)
    if list(again.names) != lines(data.get(DRAWN)):
        says = Text("抽取结果不符：应为 {names}", "another result follows from the seed: {names}")
        found.append(says.format(names=", ".join(again.names)))
    return found


def lines(value: object) -> list[str]:
    """The names of a field that holds one a line."""
    return [line.strip() for line in str(value or "").splitlines() if line.strip()]


def _require_draws(register: Register) -> None:
    missing = [name for name in FIELDS if name not in register.by_name]
    if missing:
        raise Refusal(NO_DRAWS.format(register=register.title, fields=", ".join(missing)))
