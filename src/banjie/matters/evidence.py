"""What a step demands of the record, and what of it is missing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from banjie.formulas import Formula
from banjie.lib.errors import Problem
from banjie.lib.text import Text
from banjie.matters.compiling import BELOW
from banjie.matters.definition import Evidence
from banjie.matters.holding import Held
from banjie.registers.models import Attachment, Record
from banjie.registers.values import Stored, typed

NEEDED = Text("这一步必须填写「{title}」", "this step needs {title} to be filled in")
TOO_FEW_FILES = Text("须附 {wanted} 个文件,现有 {there} 个", "needs {wanted} files; there are {there}")
TOO_FEW_PHOTOS = Text("须附 {wanted} 张照片,现有 {there} 张", "needs {wanted} photos; there are {there}")
GUARD = Text("条件不满足:{formula}", "the condition does not hold: {formula}")


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
    if guard is not None and guard.evaluate({**typed(dict(data), register), **counts}) is not True:  # unknown is not enough
        problems.append(Problem("when", evidence.when, evidence.says or GUARD.format(formula=evidence.when)))
    return problems


def holds(held: Held, guard: Formula | None) -> bool:
    """Whether a condition holds for the record as it stands; none always holds."""
    if guard is None:
        return True
    counts = counted(held, held.compiled.counted(guard))
    return guard.evaluate({**typed(held.record.data, held.compiled.register), **counts}) is True


def _counts(held: Held, evidence: Evidence, guard: Formula | None) -> dict[str, int]:
    wanted = set(held.compiled.counted(guard)) if guard else set()
    wanted |= {name for name in ("files", "photos") if getattr(evidence, name)}
    return counted(held, wanted) if wanted else {}


def counted(held: Held, names: Iterable[str]) -> dict[str, int]:
    """Files, photos, and records below this one, by the names that formulas use. A branch counts the main matter's files as its
    own: what was handed in once serves every branch."""
    names = set(names)
    found: dict[str, int] = {}
    if names & {"files", "photos"}:
        kinds = list(files_of(held).values_list("file__media_type", flat=True))
        found = {"files": len(kinds), "photos": sum(kind.startswith("image/") for kind in kinds)}
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
