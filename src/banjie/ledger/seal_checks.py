"""The checks against what was signed: each checkpoint against its blocks, each block against the entries."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from banjie.ledger.checkpoints import BLOCK, LEAF, digest, key_path, leaves, statement
from banjie.ledger.findings import Finding, Kind, Report
from banjie.ledger.models import Checkpoint, SealedBlock
from banjie.ledger.reading import rows_of
from banjie.lib import signing
from banjie.lib.merkle import Frontier
from banjie.lib.text import Text

GONE = Text("编号 {i} 的记录已被删除(封存时哈希 {h})", "entry {i} has been removed (sealed with hash {h})")
REPLACED = Text(
    "{s}(编号 {i})与封存时不符:已被整条替换", "{s} (id {i}) is not what was sealed: the whole entry has been replaced"
)
SWAPPED = Text("{s} 已被移动:现编号 {i},封存时编号 {w}", "{s} has been moved: it stands at id {i} and was sealed at id {w}")
NO_CHECKPOINT = Text("检查点 {n} 已被删除", "checkpoint {n} has been removed")
UNSIGNED = Text(
    "检查点 {n} 的签名无效:其内容已被改动", "the signature of checkpoint {n} is not valid: what it says has been altered"
)
UNTRUSTED = Text("检查点 {n} 的签名密钥 {k} 不可信", "checkpoint {n} is signed with a key that is not trusted: {k}")
UNCHAINED = Text("检查点 {n} 不接续前一检查点", "checkpoint {n} does not follow from the one before it")
OTHER_ROOT = Text(
    "检查点 {n} 的根哈希与封存块不符:封存块已被改动",
    "the sealed blocks do not give the root of checkpoint {n}: they have been altered",
)
UNCLAIMED = Text("第 {n} 片叶以后的封存块不属于任何检查点", "the sealed blocks from leaf {n} on belong to no checkpoint")


def check_seals(report: Report, forward: Callable[[int], None]) -> None:
    """Every checkpoint and every block, in order."""
    blocks = SealedBlock.objects.order_by("start").iterator(chunk_size=16)
    frontier = Frontier()
    before: Checkpoint | None = None
    waiting: SealedBlock | None = None
    for checkpoint in Checkpoint.objects.order_by("number").iterator(chunk_size=100):
        _check_statement(report, checkpoint, before)
        waiting = _grow(report, frontier, checkpoint.size, waiting, blocks, forward)
        given = (frontier.size, frontier.root().hex(), bytes(frontier))
        if given != (checkpoint.size, checkpoint.root, bytes(checkpoint.frontier)):
            _find(report, Kind.CHECKPOINT, checkpoint, OTHER_ROOT)
        before = checkpoint
        report.count("checkpoints")
    if waiting or (waiting := next(blocks, None)):
        subject = f"leaf {waiting.start}"
        report.add(Finding(Kind.CHECKPOINT, subject, UNCLAIMED.format(n=waiting.start)))


def _check_statement(report: Report, checkpoint: Checkpoint, before: Checkpoint | None) -> None:
    expected = before.number + 1 if before else 1
    if checkpoint.number != expected:
        report.add(Finding(Kind.CHECKPOINT, f"checkpoint {expected}", NO_CHECKPOINT.format(n=expected)))
    elif checkpoint.previous != digest(before):
        _find(report, Kind.CHECKPOINT, checkpoint, UNCHAINED)
    if not signing.verify(checkpoint.key, checkpoint.signature, statement(checkpoint)):
        _find(report, Kind.SIGNATURE, checkpoint, UNSIGNED)
    elif checkpoint.key not in signing.trusted(key_path()):
        _find(report, Kind.SIGNATURE, checkpoint, UNTRUSTED)


def _grow(
    report: Report,
    frontier: Frontier,
    size: int,
    waiting: SealedBlock | None,
    blocks: Iterator[SealedBlock],
    forward: Callable[[int], None],
) -> SealedBlock | None:
    """Add the blocks that a checkpoint of ``size`` leaves covers; the first block beyond it waits for the next one."""
    block = waiting or next(blocks, None)
    while block and block.start < size:
        packed = bytes(block.leaves)
        frontier.add_all(packed[start : start + LEAF] for start in range(0, len(packed), LEAF))
        _check_block(report, block)
        forward(BLOCK)
        block = next(blocks, None)
    return block


def _check_block(report: Report, block: SealedBlock) -> None:
    sealed = dict(leaves(block))
    found = {
        entry_id: (entry_hash, f"{chain}[{index}]")
        for entry_id, entry_hash, chain, index in rows_of("ledger_entry", "id", 'id, hash, chain, "index"', list(sealed))
    }
    report.count("sealed", len(sealed))
    if sealed == {entry_id: entry_hash for entry_id, (entry_hash, _) in found.items()}:
        return
    places = {entry_hash: entry_id for entry_id, entry_hash in sealed.items()}
    for entry_id, entry_hash in sealed.items():
        if entry_id not in found:
            report.add(Finding(Kind.MISSING, f"entry {entry_id}", GONE.format(i=entry_id, h=entry_hash), entry_id))
        elif found[entry_id][0] != entry_hash:
            report.add(_misplaced(entry_id, *found[entry_id], places))


def _misplaced(entry_id: int, stands_there: str, name: str, places: dict[str, int]) -> Finding:
    was = places.get(stands_there)
    if was is None:
        return Finding(Kind.ALTERED, name, REPLACED.format(s=name, i=entry_id), entry_id)
    return Finding(Kind.MOVED, name, SWAPPED.format(s=name, i=entry_id, w=was), entry_id)


def _find(report: Report, kind: Kind, checkpoint: Checkpoint, says: Text) -> None:
    key = signing.fingerprint(checkpoint.key) if len(checkpoint.key) == 64 else checkpoint.key
    report.add(Finding(kind, f"checkpoint {checkpoint.number}", says.format(n=checkpoint.number, k=key)))
