"""The checks against what was signed: each checkpoint against its blocks, each block against the entries."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from django.db.models import Max

from banjie.ledger import anchors
from banjie.ledger.checkpoints import BLOCK, LEAF, digest, key_path, leaves, statement
from banjie.ledger.findings import Finding, Kind, Report
from banjie.ledger.models import Checkpoint, Entry, SealedBlock
from banjie.ledger.reading import rows_of
from banjie.ledger.transaction_checks import changed, check_unsealed, rebased_until
from banjie.lib import signing
from banjie.lib.clock import LOCAL
from banjie.lib.merkle import Frontier
from banjie.lib.text import Text

GONE = Text("编号 {i} 的记录已被删除（封存时哈希 {h}）", "entry {i} has been removed (sealed with hash {h})")
REPLACED = Text(
    "{s}（编号 {i}）与封存时不符：已被整条替换", "{s} (id {i}) is not what was sealed: the whole entry has been replaced"
)
SWAPPED = Text("{s} 已被移动：现编号 {i}，封存时编号 {w}", "{s} has been moved: it stands at id {i} and was sealed at id {w}")
NO_CHECKPOINT = Text("检查点 {n} 已被删除", "checkpoint {n} has been removed")
UNSIGNED = Text(
    "检查点 {n} 的签名无效：其内容已被改动", "the signature of checkpoint {n} is not valid: what it says has been altered"
)
UNTRUSTED = Text("检查点 {n} 的签名密钥 {k} 不可信", "checkpoint {n} is signed with a key that is not trusted: {k}")
UNCHAINED = Text("检查点 {n} 不接续前一检查点", "checkpoint {n} does not follow from the one before it")
OTHER_ROOT = Text(
    "检查点 {n} 的根哈希与封存块不符：封存块已被改动",
    "the sealed blocks do not give the root of checkpoint {n}: they have been altered",
)
LOST_CHECKPOINT = Text(
    "检查点 {n}（{at} UTC，{size} 条）已不在数据库中：密钥旁的记录说有过它。如因恢复备份，请执行 banjie restored",
    "checkpoint {n} ({at} UTC, {size} entries) is no longer in the database, and the note beside the keys says that it was made. "
    "If a backup was restored, run banjie restored",
)
REPLACED_CHECKPOINT = Text(
    "检查点 {n} 不是密钥旁的记录所说的那一个（{at} UTC，{size} 条）：已被替换",
    "checkpoint {n} is not the one that the note beside the keys tells of ({at} UTC, {size} entries): it has been replaced",
)
UNREADABLE = Text("密钥旁的 {p} 已损坏", "the file {p} beside the keys is damaged")
NOT_YET_SEALED = Text(
    "{n} 条记录写于检查点 {c}（{at}）之后，尚未封存；后台任务每小时封存一次",
    "{n} entries were written after checkpoint {c} ({at}) and are not sealed yet; the worker seals every hour",
)
NEVER_SEALED = Text(
    "{n} 条记录尚未封存，还没有检查点：请运行后台任务（banjie work）",
    "{n} entries are not sealed, and there is no checkpoint yet: run the worker (banjie work)",
)
UNCLAIMED = Text("第 {n} 片叶以后的封存块不属于任何检查点", "the sealed blocks from leaf {n} on belong to no checkpoint")


def check_seals(report: Report, forward: Callable[[int], None]) -> None:
    """Every checkpoint and every block, in order; then what no block holds, and what is kept outside the database."""
    blocks = _Blocks(report, forward)
    before: Checkpoint | None = None
    for checkpoint in Checkpoint.objects.order_by("number").iterator(chunk_size=100):
        _check_statement(report, checkpoint, before)
        blocks.grow_to(checkpoint)
        given = (blocks.frontier.size, blocks.frontier.root().hex(), bytes(blocks.frontier))
        if given != (checkpoint.size, checkpoint.root, bytes(checkpoint.frontier)):
            _find(report, Kind.CHECKPOINT, checkpoint, OTHER_ROOT)
        before = checkpoint
        report.count("checkpoints")
    blocks.finish()
    _check_anchor(report)
    check_unsealed(report, blocks.ids)
    if unsealed := report.counts.get("entries", 0) - blocks.there:
        report.notes.append(_unsealed(unsealed, before))


def _unsealed(number: int, last: Checkpoint | None) -> Text:
    if last is None:
        return NEVER_SEALED.format(n=number)
    return NOT_YET_SEALED.format(n=number, c=last.number, at=f"{last.at.astimezone(LOCAL):%Y-%m-%d %H:%M}")


def _check_anchor(report: Report) -> None:
    try:
        lost = anchors.unmatched()
    except ValueError:
        report.add(Finding(Kind.CHECKPOINT, "anchor", UNREADABLE.format(p=anchors.path().name)))
        return
    if lost is None or any(found.subject == f"checkpoint {lost.number}" for found in report.findings):
        return  # what is wrong with it has been said already
    says = REPLACED_CHECKPOINT if Checkpoint.objects.filter(number=lost.number).exists() else LOST_CHECKPOINT
    subject = f"checkpoint {lost.number}"
    report.add(Finding(Kind.CHECKPOINT, subject, says.format(n=lost.number, size=lost.size, at=lost.at[:16].replace("T", " "))))


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


class _Blocks:
    """The sealed blocks, taken as the checkpoints come to them; the tree that they give, and which entries they hold."""

    def __init__(self, report: Report, forward: Callable[[int], None]) -> None:
        self.report, self.forward = report, forward
        self.frontier = Frontier()
        self.beyond = (Entry.objects.aggregate(highest=Max("id"))["highest"] or 0) + 1
        self.ids = bytearray(self.beyond // 8 + 1)  # one bit for each sealed id
        self.there = 0  # sealed entries that are still there
        self.rest: Iterator[SealedBlock] = SealedBlock.objects.order_by("start").iterator(chunk_size=16)
        self.waiting = next(self.rest, None)
        self.rebased_until = rebased_until()

    def grow_to(self, checkpoint: Checkpoint) -> None:
        """Add the blocks that a checkpoint covers; the first block beyond it waits for the next one."""
        while self.waiting and self.waiting.start < checkpoint.size:
            self._take(self.waiting, rebased=checkpoint.number <= self.rebased_until)
            self.waiting = next(self.rest, None)

    def finish(self) -> None:
        """What no checkpoint covers has been left behind by one that was removed. Its entries are held against it as well."""
        if self.waiting is None:
            return
        start = self.waiting.start
        self.report.add(Finding(Kind.CHECKPOINT, f"leaf {start}", UNCLAIMED.format(n=start)))
        while self.waiting:
            self._take(self.waiting, rebased=False)
            self.waiting = next(self.rest, None)

    def _take(self, block: SealedBlock, *, rebased: bool) -> None:
        packed = bytes(block.leaves)
        self.frontier.add_all(packed[start : start + LEAF] for start in range(0, len(packed), LEAF))
        for entry_id, _, _ in leaves(block):
            if entry_id < self.beyond:  # an altered block may name any number
                self.ids[entry_id // 8] |= 1 << entry_id % 8
        self._check(block, rebased)
        self.forward(BLOCK)

    def _check(self, block: SealedBlock, rebased: bool) -> None:
        sealed = {entry_id: (entry_hash, tx) for entry_id, entry_hash, tx in leaves(block)}
        rows = rows_of("ledger_entry", "id", 'id, hash, tx, chain, "index"', list(sealed))
        found = {entry_id: (entry_hash, tx) for entry_id, entry_hash, tx, _, _ in rows}
        self.report.count("sealed", len(sealed))
        self.there += len(found)
        if sealed == found:
            return
        names = {entry_id: f"{chain}[{index}]" for entry_id, _, _, chain, index in rows}
        places = {entry_hash: entry_id for entry_id, (entry_hash, _) in sealed.items()}
        for entry_id, (entry_hash, tx) in sealed.items():
            if entry_id not in found:
                says = GONE.format(i=entry_id, h=entry_hash)
                self.report.add(Finding(Kind.MISSING, f"entry {entry_id}", says, entry_id))
            elif found[entry_id][0] != entry_hash:
                self.report.add(_misplaced(entry_id, found[entry_id][0], names[entry_id], places))
            elif found[entry_id][1] != tx and not (rebased and found[entry_id][1] == 0):
                self.report.add(changed(names[entry_id], entry_id, found[entry_id][1]))


def _misplaced(entry_id: int, stands_there: str, name: str, places: dict[str, int]) -> Finding:
    was = places.get(stands_there)
    if was is None:
        return Finding(Kind.ALTERED, name, REPLACED.format(s=name, i=entry_id), entry_id)
    return Finding(Kind.MOVED, name, SWAPPED.format(s=name, i=entry_id, w=was), entry_id)


def _find(report: Report, kind: Kind, checkpoint: Checkpoint, says: Text) -> None:
    key = signing.fingerprint(checkpoint.key) if len(checkpoint.key) == 64 else checkpoint.key
    report.add(Finding(kind, f"checkpoint {checkpoint.number}", says.format(n=checkpoint.number, k=key)))
