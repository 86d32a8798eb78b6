"""Files of a record: attached and taken off through the door, with an entry in the record's chain."""

from __future__ import annotations

import re
from typing import BinaryIO

from django.db import transaction

from banjie.ledger.actions import record_entry
from banjie.ledger.hashing import moment
from banjie.lib import clock
from banjie.lib.errors import Conflict, NotFound
from banjie.lib.text import Text
from banjie.people.models import Account
from banjie.people.scopes import scope_of_actor
from banjie.people.verbs import Verb
from banjie.registers import trail
from banjie.registers.files import ALLOWED, INLINE, store
from banjie.registers.models import Attachment, Record, StoredFile

NO_RECORD = Text("没有这条记录", "there is no such record")
NO_FILE = Text("没有这个附件", "there is no such file")
THERE_ALREADY = Text("这条记录已有同样的文件「{name}」", "the record has this very file already: {name}")


def attach(
    record: Record | int, content: BinaryIO | bytes, name: str, *, by: Account | None, why: str = "", origin: str = "web"
) -> Attachment:
    """Keep a file and attach it to a record. Raises Refusal (kind, size), NotPermitted, NotFound, Conflict (it is there)."""
    with transaction.atomic():
        held = _hold(record, by, Verb.UPDATE, Verb.HANDLE)  # whoever works on its matter hands in the evidence
        file = store(content)
        same = held.attachments.filter(file=file, removed_at=None).first()
        if same is not None:
            raise Conflict(THERE_ALREADY.format(name=same.name), theirs={"name": same.name}, yours={"name": name})
        made = Attachment.objects.create(
            record=held, file=file, name=safe_name(name, file.media_type), attached_at=clock.now(), attached_by=by
        )
        _tell(held, made, trail.ATTACH, by=by, why=why, origin=origin)
    return made


def detach(attachment: Attachment | int, *, by: Account | None, why: str = "", origin: str = "web") -> Attachment:
    """Take a file off its record; what the ledger says of it stays, and so does the content."""
    pk = attachment if isinstance(attachment, int) else attachment.pk
    with transaction.atomic():
        found = Attachment.objects.select_related("file").filter(pk=pk, removed_at=None).first()
        if found is None:
            raise NotFound(NO_FILE)
        held = _hold(found.record_id, by, Verb.UPDATE)
        found.removed_at = clock.now()
        if not Attachment.objects.filter(pk=pk, removed_at=None).update(removed_at=found.removed_at):
            raise NotFound(NO_FILE)
        _tell(held, found, trail.DETACH, by=by, why=why, origin=origin)
    return found


def attachments_of(record: Record) -> list[Attachment]:
    """The files of a record, in the order in which they were attached. The record has passed ``visible_to`` already."""
    return list(record.attachments.filter(removed_at=None).select_related("file", "attached_by").order_by("attached_at", "id"))


def readable(attachment: int, *, by: Account) -> Attachment:
    """An attachment whose record the account may see. Raises NotFound, also for one that it may not."""
    found = Attachment.objects.filter(pk=attachment, removed_at=None, record__in=Record.objects.live().visible_to(by))
    if (first := found.select_related("file", "record").first()) is None:
        raise NotFound(NO_FILE)
    return first


def shown_inline(file: StoredFile) -> bool:
    """Whether a browser may show the file in a page; all else is a download."""
    return file.media_type in INLINE


def safe_name(name: str, media_type: str) -> str:
    """The file's name without folders and odd characters, ending as its content demands."""
    base = re.sub(r'[\x00-\x1f\x7f"<>|:*?\u202a-\u202e\u2066-\u2069]', "", re.split(r"[/\\]", name)[-1]).strip(" .") or "file"
    ending = ALLOWED[media_type]
    same = {
        ".jpg": (".jpg", ".jpeg"),
        ".tif": (".tif", ".tiff"),
        ".txt": (".txt", ".csv", ".md", ".log"),
        ".wps": (".wps", ".et", ".dps"),
    }
    if not base.lower().endswith(same.get(ending, (ending,))):
        base += ending
    return base if len(base) <= 255 else base[: 250 - len(ending)] + ending


def _hold(record: Record | int, by: Account | None, *verbs: Verb) -> Record:
    """The record, for an actor who has one of these verbs there. Raises NotFound, NotPermitted."""
    pk = record if isinstance(record, int) else record.pk
    held: Record | None = Record.objects.live().visible_to(by).select_for_update(of=("self",)).filter(pk=pk).first()
    if held is None:
        raise NotFound(NO_RECORD)
    scope = scope_of_actor(by)
    if not any(scope.may(verb, held.register, held.area_id) for verb in verbs):
        scope.require(verbs[0], held.register, held.area_id)
    return held


def _tell(record: Record, made: Attachment, verb: str, *, by: Account | None, why: str, origin: str) -> None:
    body = {
        "register": record.register, "record": record.pk, "key": record.key, "attachment": made.pk, "name": made.name,
        "sha256": made.file_id, "size": made.file.size, "media_type": made.file.media_type,
        "attached_at": moment(made.attached_at), "attached_by": made.attached_by_id,
        "removed_at": moment(made.removed_at) if made.removed_at else None,
    }  # fmt: skip
    record_entry(chain=record.chain, verb=verb, body=body, by=by, why=why, origin=origin)
