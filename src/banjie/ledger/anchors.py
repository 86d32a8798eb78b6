"""The last checkpoint, kept outside the database: beside the keys, in ``keys/ledger.anchor``.

Whoever may write to the database can remove the last checkpoints together with the blocks they sealed, and nothing inside the
database tells of them any more. The anchor does: it holds number, size, root and signature of the last one that was made here.
"""

from __future__ import annotations

import json
import logging
import os
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path

from banjie.ledger.checkpoints import key_path
from banjie.ledger.hashing import moment
from banjie.ledger.models import Checkpoint

logger = logging.getLogger("banjie.ledger")


@dataclass(frozen=True, slots=True)
class Anchor:
    """What a checkpoint said: ``size`` entries, their Merkle root and the signature, both as hex, and when (ISO, UTC)."""

    number: int
    size: int
    root: str
    signature: str
    at: str

    @classmethod
    def of(cls, checkpoint: Checkpoint) -> Anchor:
        return cls(checkpoint.number, checkpoint.size, checkpoint.root, checkpoint.signature, moment(checkpoint.at))


def path() -> Path:
    return key_path().with_name("ledger.anchor")


def kept() -> Anchor | None:
    """The anchor, or None where no checkpoint has been made on this machine. ValueError for a file that is no anchor."""
    if not path().exists():
        return None
    try:
        return Anchor(**json.loads(path().read_text()))
    except TypeError as error:
        raise ValueError(f"{path()} is not an anchor") from error


def unmatched() -> Anchor | None:
    """The anchor, if the database does not hold the checkpoint that it tells of."""
    anchor = kept()
    if anchor is None:
        return None
    found = Checkpoint.objects.filter(number=anchor.number).first()
    return None if found is not None and Anchor.of(found) == anchor else anchor


def move_to(checkpoint: Checkpoint) -> None:
    """Keep a checkpoint that was just committed. An anchor that the database does not answer to stays, so that the loss is still
    found: `verification` names it."""
    if unmatched() is not None:
        logger.error("the checkpoint kept beside the keys is not in the database: run banjie verify")
        return
    anchor = kept()
    if anchor is None or anchor.number < checkpoint.number:
        replace(checkpoint)


def replace(checkpoint: Checkpoint) -> None:
    """Keep this checkpoint whatever was kept before: the loss is told in the trail (`actions.accept_restored`)."""
    path().parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    descriptor, name = tempfile.mkstemp(dir=path().parent, prefix="ledger.anchor")  # mkstemp makes it 0600
    with os.fdopen(descriptor, "w") as file:
        json.dump(asdict(Anchor.of(checkpoint)), file, indent=1)
        file.flush()
        os.fsync(file.fileno())
    Path(name).replace(path())
