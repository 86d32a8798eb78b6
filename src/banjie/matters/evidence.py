"""What a step demands of the record, and what of it is missing."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from banjie.formulas import Formula
from banjie.lib.clock import LOCAL
from banjie.lib.errors import Problem
from banjie.lib.text import Text
from banjie.matters.ballots import outcome
from banjie.matters.compiling import BALLOT, BELOW, TODAY
from banjie.matters.definition import Evidence
from banjie.matters.holding import Held
from banjie.registers.models import Attachment, Record
from banjie.registers.values import Stored, typed

NEEDED = Text("这一步必须填写「{title}」", "this step needs {title} to be filled in")
TOO_FEW_FILES = Text("须附 {wanted} 个文件，现有 {there} 个", "needs {wanted} files; there are {there}")
TOO_FEW_PHOTOS = Text("须附 {wanted} 张照片，现有 {there} 张", "needs {wanted} photos; there are {there}")
GUARD = Text("条件不满足：{formula}", "the condition does not hold: {formula}")


def lacking(held: Held, evidence: Evidence, guard: Formula | None, data: Mapping[str, Stored]) -> list[Problem]:
    """What is missing for a step, were the record to say ``data``."""
    register = held.compiled.register
    problems = [
        Problem(name, None, NEEDED.format(title=register.field(name).title)) for name in evidence.needs if data.get(name) is None
    ]
    counts = _counts(held, evidence, guard)
    if counts.get("files", 0) < evidence.files:
        problems.append(Problem("files", counts["files"], TOO_FEW_FILES.format(wanted=evidence.files, there=counts["files"])))
    if counts.get("photos", 0) < evidence.photos:
        problems.append(
            Problem("photos", counts["photos"], TOO_FEW_PHOTOS.format(wanted=evidence.photos, there=counts["photos"]))
        )
    if guard is not None and not _true(held, guard, data, counts):
        problems.append(Problem("when", evidence.when, evidence.says or GUARD.format(formula=evidence.when)))
    return problems


def holds(held: Held, guard: Formula | None) -> bool:
    """Whether a condition holds for the record as it stands; none always holds."""
    if guard is None:
        return True
    return _true(held, guard, held.record.data, counted(held, held.compiled.counted(guard)))


def _true(held: Held, guard: Formula, data: Mapping[str, Stored], counts: Mapping[str, int]) -> bool:
    """Whether a guard holds for these values; unknown is not enough. How the ballot came out is asked only where the guard asks."""
    ballot = {BALLOT: outcome(held.matter)} if BALLOT in held.compiled.counted(guard) else {}
    return guard.evaluate({**typed(dict(data), held.compiled.register), **counts, **ballot}) is True


def unmet(held: Held) -> list[Problem]:
    """Which of the conditions for opening a matter of this process do not hold for its record."""
    declared = held.compiled.process.requires
    return [
        Problem("when", condition.when, condition.says)
        for condition, guard in zip(declared, held.compiled.requires, strict=True)
        if not holds(held, guard)
    ]


def _behind(held: Held, names: Collection[str]) -> dict[str, Any]:
    """The fields of records behind references; None where there is no such record."""
    found: dict[str, Any] = {}
    for name in names:
        reference, column = held.compiled.looked_up.get(name, ("", ""))
        if not reference:
            continue
        register = held.known.register(held.compiled.register.field(reference).of or "")
        record = Record.objects.of(register.name).live().filter(key=held.record.data.get(reference)).first()
        found[name] = typed(record.data, register).get(column) if record is not None else None
    return found


def _counts(held: Held, evidence: Evidence, guard: Formula | None) -> dict[str, Any]:
    wanted = set(held.compiled.counted(guard)) if guard else set()
    wanted |= {name for name in ("files", "photos") if getattr(evidence, name)}
    return counted(held, wanted) if wanted else {}


def counted(held: Held, names: Iterable[str]) -> dict[str, Any]:
    """Files, photos, records below this one, the day, and fields behind references, by the names that formulas use. A branch
    counts the main matter's files as its own: what was handed in once serves every branch."""
    names = set(names)
    found: dict[str, Any] = _behind(held, names)
    if TODAY in names:
        found[TODAY] = held.now.astimezone(LOCAL).date()
    if names & {"files", "photos"}:
        kinds = list(files_of(held).values_list("file__media_type", flat=True))
        found |= {"files": len(kinds), "photos": sum(kind.startswith("image/") for kind in kinds)}
    for name in names:
        if name.startswith(BELOW):
            found[name] = Record.objects.of(name.removeprefix(BELOW)).live().filter(parent=held.record.pk).count()
    return found


def files_of(held: Held):  # type: ignore[no-untyped-def]
    """The live attachments of the record, and those of the main matter that it is a branch of."""
    records = [held.record.pk]
    if held.matter.main_id is not None and held.matter.main is not None:
        records.append(held.matter.main.record_id)
    return Attachment.objects.filter(record__in=records, removed_at=None)
