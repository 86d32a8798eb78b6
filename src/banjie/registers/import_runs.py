"""Imports asked for on screen: kept as rows, run by the worker, watched while they run, finished exactly once.

A run is marked done in the very transaction that writes its records. So a run that is not marked after a crash has written
nothing, and can simply run again; one that is marked is never run twice.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, BinaryIO

import xlsxwriter  # type: ignore[import-untyped]
from django.core.cache import cache
from django.db import transaction
from django.db.models import QuerySet
from django_tasks import task

from banjie.lib import clock
from banjie.lib.errors import NotFound, NotPermitted, Refusal
from banjie.lib.text import Language, Text
from banjie.people.models import Account
from banjie.people.scopes import scope_of
from banjie.people.verbs import Verb
from banjie.registers.bulk import BadRows, RowProblem, Written
from banjie.registers.catalogue import catalogue
from banjie.registers.files import WrongKind, opened, path_of, store
from banjie.registers.importing import NOT_GRANTED, import_sheet
from banjie.registers.models import ImportRun, StoredFile

PROBLEMS_KEPT = 1_000
KEPT_FOR = timedelta(days=30)  # a sheet may hold personal values: it does not stay for ever
TOLD_EVERY = 0.3  # seconds
OPEN = (ImportRun.WAITING, ImportRun.CHECKING, ImportRun.WRITING)
ENDED = (ImportRun.DONE, ImportRun.REFUSED, ImportRun.FAILED)
INTERRUPTED = Text(
    "导入被中断，未写入任何内容：请重新导入", "the import was interrupted and nothing was written: import the sheet again"
)
CRASHED = Text(
    "导入时发生程序错误，未写入任何内容：请告知信息管理员",
    "the import failed by a fault of the program and nothing was written: tell your IT officer",
)
NO_SHEET = Text(
    "不能导入这种文件（{what}）：请用 Excel 或 WPS 打开，另存为 .xlsx 或 .csv 再导入",
    "this kind of file ({what}) cannot be imported: open it in Excel or WPS, save it as .xlsx or .csv and import that",
)
NO_RUN = Text("没有这次导入", "there is no such import")


@dataclass(frozen=True)
class Watched:
    """How far a run is: ``done`` of ``of`` rows in its state (checking, writing)."""

    state: str
    done: int
    of: int

    @property
    def percent(self) -> int:
        """Of the rows of its state: writing begins anew at the first row."""
        return 100 if self.ended else self.done * 100 // self.of if self.of else 0

    @property
    def ended(self) -> bool:
        return self.state in ENDED


def ask_import(
    content: BinaryIO | bytes, register: str, *, name: str, by: Account, dry_run: bool = True, partial: bool = False
) -> ImportRun:
    """Keep the sheet and queue its import, both or neither. Raises NotPermitted, NotFound, Refusal (kind or size of the file)."""
    definition = catalogue().register(register)
    if not scope_of(by).areas(Verb.IMPORT, register):
        raise NotPermitted(NOT_GRANTED.format(register=definition.title))
    with transaction.atomic():
        try:
            kept = store(content)
        except WrongKind as wrong:
            raise Refusal(NO_SHEET.format(what=wrong.what)) from None
        return _queue(kept, register, name=name, by=by, dry_run=dry_run, partial=partial)


def import_for_real(run: ImportRun, *, by: Account, partial: bool = False) -> ImportRun:
    """Queue the sheet of a dry run for writing. Where that was done already the run that writes it is given back: the same sheet is
    not written twice by two clicks. Raises NotFound where it is not the account's own."""
    run = run_of(run.pk, by=by)
    with transaction.atomic():
        ImportRun.objects.select_for_update().get(pk=run.pk)
        if (written := written_by(run)) is not None:
            return written
        return _queue(run.file, run.register, name=run.name, by=by, dry_run=False, partial=partial)


def written_by(run: ImportRun) -> ImportRun | None:
    """The run that wrote the sheet of a dry run, or is about to; None where there is none, or it wrote nothing."""
    later = ImportRun.objects.filter(
        account=run.account_id, register=run.register, file=run.file_id, dry_run=False, pk__gt=run.pk
    )
    return later.exclude(state__in=(ImportRun.REFUSED, ImportRun.FAILED)).order_by("pk").first() if run.dry_run else None


def _queue(file: StoredFile, register: str, *, name: str, by: Account, dry_run: bool, partial: bool) -> ImportRun:
    run = ImportRun.objects.create(
        register=register, account=by, file=file, name=name[-255:], dry_run=dry_run, partial=partial, asked_at=clock.now()
    )
    run_import.enqueue(run.pk)
    return run


@task()
def run_import(run: int) -> str:
    """The job: run an import that was asked for. Returns the state in which it ended."""
    return execute(run).state


def execute(pk: int) -> ImportRun:
    """Run an import if it has not ended yet. What a person did wrong ends as refused; a fault of ours as failed, and is raised."""
    changed = ImportRun.objects.filter(pk=pk, state__in=OPEN).update(state=ImportRun.CHECKING)
    run = ImportRun.objects.select_related("account", "file").get(pk=pk)
    if not changed:
        return run
    progress = _Telling(run)
    try:
        with transaction.atomic():
            held = ImportRun.objects.select_for_update().get(pk=pk)
            if held.state in ENDED:  # another worker has taken it for lost and was faster
                return held
            with opened(run.file):  # that it is there
                path = path_of(run.file_id)
            written = import_sheet(
                run.register,
                path,
                by=run.account,
                dry_run=run.dry_run,
                partial=run.partial,
                origin=f"import:{pk}",
                progress=progress,
            )
            refused = run.dry_run and bool(written.problems) and not run.partial
            _end(run, ImportRun.REFUSED if refused else ImportRun.DONE, written)
    except BadRows as bad:
        _end(run, ImportRun.REFUSED, Written(problems=bad.problems))
    except Refusal as refusal:
        _end(run, ImportRun.REFUSED, Written(problems=[RowProblem(0, "", None, refusal.says)]))
    except Exception:
        _end(run, ImportRun.FAILED, Written(problems=[RowProblem(0, "", None, CRASHED)]))
        raise
    return run


def _end(run: ImportRun, state: str, written: Written) -> None:
    run.state, run.ended_at = state, clock.now()
    run.created, run.updated, run.unchanged = written.created, written.updated, written.unchanged
    run.rows = written.created + written.updated + written.unchanged + len({p.row for p in written.problems if p.row})
    run.problems = [as_json(p) for p in written.problems[:PROBLEMS_KEPT]]
    run.save(update_fields=["state", "ended_at", "rows", "created", "updated", "unchanged", "problems"])


def as_json(problem: RowProblem) -> dict[str, Any]:
    """A problem as a run keeps it: ``{row, column, heading, field, value, says: {zh, en}}``."""
    value = None if problem.value is None else str(problem.value)[:200]
    return {
        "row": problem.row, "column": problem.column, "heading": problem.heading, "field": problem.where,
        "value": value, "says": problem.says.as_dict(),
    }  # fmt: skip


class _Telling:
    """Tells the cache how far a run is: its own transaction is not to be seen by others until it ends."""

    def __init__(self, run: ImportRun) -> None:
        self.key, self.last = _key(run.pk), 0.0

    def __call__(self, stage: str, done: int, of: int) -> None:
        now = time.monotonic()
        if done == of or now - self.last >= TOLD_EVERY:
            cache.set(self.key, {"stage": stage, "done": done, "of": of}, timeout=3600)
            self.last = now


def _key(pk: int) -> str:
    return f"import-{pk}"


def watch(run: ImportRun) -> Watched:
    """How far a run is, asked anew."""
    state = ImportRun.objects.values_list("state", flat=True).get(pk=run.pk)
    told = cache.get(_key(run.pk)) if state == ImportRun.CHECKING else None
    if told is None:
        return Watched(state, 0, 0)
    return Watched(told["stage"], told["done"], told["of"])


def runs_of(account: Account, register: str | None = None) -> QuerySet[ImportRun]:
    """One's own imports, the last first."""
    mine = ImportRun.objects.filter(account=account)
    return (mine.filter(register=register) if register else mine).select_related("file").order_by("-asked_at", "-id")


def run_of(pk: int, *, by: Account) -> ImportRun:
    """One's own import. Raises NotFound."""
    found = runs_of(by).filter(pk=pk).first()
    if found is None:
        raise NotFound(NO_RUN)
    return found


def write_problems(run: ImportRun, file: BinaryIO, language: Language = "zh") -> None:
    """The run's problems as a workbook: row, column, heading, value, reason."""
    headings = ["行", "列", "表头", "原值", "错误原因"] if language == "zh" else ["Row", "Column", "Heading", "Value", "Reason"]
    book = xlsxwriter.Workbook(file, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    sheet = book.add_worksheet()
    sheet.freeze_panes(1, 0)
    for position, (heading, width) in enumerate(zip(headings, (8, 8, 24, 24, 60), strict=True)):
        sheet.set_column(position, position, width)
        sheet.write_string(0, position, heading, book.add_format({"bold": True}))
    for number, problem in enumerate(run.problems, start=1):
        if problem["row"]:
            sheet.write_number(number, 0, problem["row"])
        for position, text in enumerate(
            (problem["column"], problem["heading"], problem["value"] or "", problem["says"][language]), start=1
        ):
            sheet.write_string(number, position, text)
    book.close()


def give_up(pk: int) -> None:
    """Mark a run that was interrupted too often. Nothing of it was written, or it would be marked as done."""
    run = ImportRun.objects.filter(pk=pk, state__in=OPEN).first()
    if run is not None:
        _end(run, ImportRun.FAILED, Written(problems=[RowProblem(0, "", None, INTERRUPTED)]))


def forget_old_runs() -> int:
    """Forget runs that ended a month ago; their sheets go with the next sweep of orphans."""
    old = ImportRun.objects.filter(state__in=ENDED, ended_at__lt=clock.now() - KEPT_FOR)
    return old.delete()[0]
