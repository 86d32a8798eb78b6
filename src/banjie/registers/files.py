"""Files by the hash of their content: stored once, written whole or not at all, and what they really are by looking."""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import BinaryIO

import puremagic
from django.conf import settings
from django.db import transaction
from django.db.models import Exists, ManyToOneRel, OuterRef, Q

from banjie.lib import clock
from banjie.lib.errors import Damaged, NotFound, Refusal
from banjie.lib.text import Text
from banjie.registers.models import StoredFile
from banjie.registers.sheets import refuse_size, unmarked_utf16

_PIECE = 1 << 20
OOXML = "application/vnd.openxmlformats-officedocument."
PLAIN = "text/plain"
ZIP = "application/zip"
# What may be kept, with the ending that a download gets. Nothing that a browser runs: no HTML, SVG, XML, scripts, programs.
ALLOWED = {
    "application/pdf": ".pdf",
    "image/png": ".png",
    "image/jpeg": ".jpg",
    "image/gif": ".gif",
    "image/webp": ".webp",
    "image/bmp": ".bmp",
    "image/tiff": ".tif",
    "image/heic": ".heic",
    OOXML + "wordprocessingml.document": ".docx",
    OOXML + "spreadsheetml.sheet": ".xlsx",
    OOXML + "presentationml.presentation": ".pptx",
    "application/vnd.oasis.opendocument.text": ".odt",
    "application/vnd.oasis.opendocument.spreadsheet": ".ods",
    "application/ofd": ".ofd",  # GB/T 33190, the layout format of Chinese offices
    "application/msword": ".doc",
    "application/vnd.ms-excel": ".xls",
    "application/vnd.ms-powerpoint": ".ppt",
    "application/x-ole-storage": ".wps",  # Office 97 and WPS files that do not say which they are
    "audio/mpeg": ".mp3",
    "video/mp4": ".mp4",
    ZIP: ".zip",
    PLAIN: ".txt",
}
INLINE = {
    "application/pdf",
    "image/png",
    "image/jpeg",
    "image/gif",
    "image/webp",
}  # may be shown in a page; all else is a download
_OOXML_FOLDERS = {"word/": "wordprocessingml.document", "xl/": "spreadsheetml.sheet", "ppt/": "presentationml.presentation"}
_OLE_STREAMS = {
    "WordDocument": "application/msword",
    "Workbook": "application/vnd.ms-excel",
    "PowerPoint Document": "application/vnd.ms-powerpoint",
}
_PROGRAMS = (b"MZ", b"\x7fELF", b"#!", b"\xfe\xed\xfa", b"\xcf\xfa\xed\xfe", b"\xca\xfe\xba\xbe", b"!<arch>", b"dex\n")
_CONTROLS = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_MARKUP = re.compile(rb"^(?:\xef\xbb\xbf)?\s*<[!?a-zA-Z]")

REFUSED = Text(
    "不接受这种文件（{what}）：可上传 PDF、图片、Office 与 WPS 文档、OFD、文本、压缩包",
    "this kind of file ({what}) is not taken: PDF, pictures, Office and WPS documents, OFD, plain text and zip are",
)
WORDS = {
    "program": Text("程序", "program"),
    "macros": Text("含宏的文档", "macros"),
    "damaged archive": Text("已损坏的压缩包", "damaged archive"),
    "package": Text("无法识别的压缩包", "package"),
    "unknown": Text("无法识别", "unknown"),
    "HTML, SVG, XML": Text("HTML、SVG、XML", "HTML, SVG, XML"),
}
STRAY = Text(
    "文本第 {n} 行有控制字符（U+{code}），可能已损坏：请用 Excel 或 WPS 打开检查后另存",
    "the text holds a control character (U+{code}) in line {n} and may be damaged: open it, look at that line and save it again",
)
NO_CONTENT = Text("文件是空的", "the file is empty")
MISSING = Text("文件内容不在存储中，请联系信息管理员", "the file's content is not in the store: tell your IT officer")
CHANGED = Text(
    "文件内容与上传时不一致，可能已被改动，不予提供。请联系信息管理员从备份恢复。",
    "The file is not what was uploaded: its content was changed since, so it is not handed out. Tell your IT officer, who can "
    "restore it from a backup.",
)


class WrongKind(Refusal):
    """A file that is not taken. ``what``: what it was found to be."""

    def __init__(self, what: Text) -> None:
        super().__init__(REFUSED.format(what=what))
        self.what = what


def path_of(sha256: str) -> Path:
    """Where the content lies: FILES_ROOT/ab/cd/abcd…."""
    if not re.fullmatch(r"[0-9a-f]{64}", sha256):
        raise ValueError(f"not a SHA-256: {sha256!r}")
    return Path(settings.FILES_ROOT) / sha256[:2] / sha256[2:4] / sha256


def store(content: BinaryIO | bytes) -> StoredFile:
    """Keep a file and say what it is; the same content again is the same file. Raises Refusal for what is empty, too large,
    or of a kind that is not taken. The name plays no part."""
    with _received(content) as (temporary, digest, size):
        if not size:
            raise Refusal(NO_CONTENT)
        media_type = sniffed(temporary)
        _put(temporary, path_of(digest))
    kept, _ = StoredFile.objects.get_or_create(
        sha256=digest, defaults={"size": size, "media_type": media_type, "stored_at": clock.now()}
    )
    return kept


def intact(file: StoredFile) -> BinaryIO:
    """The content for reading, held against its hash first. Who may read it is asked of the record that it is attached to
    (`Attachment`). Raises NotFound where it is gone, Damaged where it is not what was stored."""
    try:
        content = path_of(file.sha256).open("rb")
    except OSError as error:
        raise NotFound(MISSING) from error
    if hashlib.file_digest(content, "sha256").hexdigest() != file.sha256:
        content.close()
        raise Damaged(CHANGED)
    content.seek(0)
    return content


@contextmanager
def opened(file: StoredFile) -> Iterator[BinaryIO]:
    """As ``intact``, closed at the end of the block."""
    with intact(file) as content:
        yield content


@contextmanager
def _received(content: BinaryIO | bytes) -> Iterator[tuple[Path, str, int]]:
    """The content in a temporary file of the store, its hash and size; gone again unless it was put in its place."""
    root = Path(settings.FILES_ROOT)
    root.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(prefix="incoming-", dir=root)
    path, digest, size = Path(name), hashlib.sha256(), 0
    try:
        with os.fdopen(descriptor, "wb") as file:
            for piece in [content] if isinstance(content, bytes) else iter(lambda: content.read(_PIECE), b""):
                size += len(piece)
                refuse_size(size)
                digest.update(piece)
                file.write(piece)
            file.flush()
            os.fsync(file.fileno())
        yield path, digest.hexdigest(), size
    finally:
        path.unlink(missing_ok=True)


def _put(temporary: Path, goal: Path) -> None:
    """Rename into place, so that nobody ever sees half a file; the folder is synced so that it survives a power cut."""
    if not goal.exists():
        goal.parent.mkdir(parents=True, exist_ok=True)
        temporary.replace(goal)
        folder = os.open(goal.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    else:
        os.utime(goal)  # it is wanted again: the sweep of orphans keeps young files


def sniffed(path: Path) -> str:
    """The media type by content. Raises Refusal for one that is not on the list."""
    with path.open("rb") as file:
        head = file.read(8192)
    found = _kind(path, head)
    if found not in ALLOWED:
        raise WrongKind(WORDS.get(found, Text(found, found)))
    return found


def _kind(path: Path, head: bytes) -> str:
    if head.startswith(_PROGRAMS):
        return "program"
    if _MARKUP.match(head):
        return "HTML, SVG, XML"
    if head.startswith(b"PK"):
        return _archive_kind(path)
    if head.startswith(b"\xd0\xcf\x11\xe0"):
        return _ole_kind(path)
    if head.startswith(b"%PDF-"):
        return "application/pdf"
    if head[4:12] in {b"ftypheic", b"ftypheix", b"ftypmif1"}:
        return "image/heic"
    if head.startswith(b"ID3"):
        return "audio/mpeg"
    content = path.read_bytes()
    if encoding := _encoding(content):
        _refuse_controls(content.decode(encoding))
        return PLAIN
    try:
        found: str = puremagic.from_string(head, mime=True)
    except (puremagic.PureError, ValueError):
        return "unknown"
    return {"image/jpg": "image/jpeg", "image/tif": "image/tiff", "image/x-ms-bmp": "image/bmp"}.get(found, found or "unknown")


def _archive_kind(path: Path) -> str:
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
            if "mimetype" in names and archive.getinfo("mimetype").file_size < 100:
                return archive.read("mimetype").decode("ascii", "replace").strip()
    except (zipfile.BadZipFile, RuntimeError, OSError, NotImplementedError):
        return "damaged archive"
    if "OFD.xml" in names:
        return "application/ofd"
    if any(n.endswith("vbaProject.bin") for n in names):
        return "macros"
    if "[Content_Types].xml" in names:
        return next(
            (OOXML + kind for folder, kind in _OOXML_FOLDERS.items() if any(n.startswith(folder) for n in names)), "package"
        )
    return "program" if "META-INF/MANIFEST.MF" in names or "classes.dex" in names else ZIP


def _ole_kind(path: Path) -> str:
    """By the names of the streams, which stand in the file as UTF-16."""
    content = path.read_bytes()
    return next((kind for name, kind in _OLE_STREAMS.items() if name.encode("utf-16-le") in content), "application/x-ole-storage")


def _encoding(content: bytes) -> str | None:
    """In which encoding the content is text throughout; None where it is something else."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16" if _decodes(content, "utf-16") else None
    if (wide := unmarked_utf16(content)) and _decodes(content, wide):
        return wide
    if len(_CONTROLS.findall(content.decode("latin-1"))) > len(content) // 100 + 3:
        return None
    return next((e for e in ("utf-8", "gb18030") if _decodes(content, e)), None)


def _refuse_controls(text: str) -> None:
    """A stray control character in a text: said with its line, or nobody would find it."""
    if found := _CONTROLS.search(text):
        raise Refusal(STRAY.format(n=text.count("\n", 0, found.start()) + 1, code=f"{ord(found[0]):04X}"))


def _decodes(content: bytes, encoding: str) -> bool:
    try:
        content.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


ORPHAN_AFTER = timedelta(days=1)


def sweep_orphans() -> int:
    """Forget files that nothing has referred to for a day (uploads that were never attached), and remove content that no
    row names. Returns how many contents were removed."""
    before = clock.really_now() - ORPHAN_AFTER
    with transaction.atomic():
        unused = StoredFile.objects.select_for_update(of=("self",)).filter(_unreferred(), stored_at__lt=before)
        StoredFile.objects.filter(pk__in=[file.pk for file in unused]).delete()
    root = Path(settings.FILES_ROOT)
    return sum(_removed(path, before) for path in [*root.glob("??/??/*"), *root.glob("incoming-*")])


def _unreferred() -> Q:
    """No row of any model refers to the file: an attachment, a run of an import, or what rooms above this one keep as evidence."""
    referring = [r for r in StoredFile._meta.get_fields(include_hidden=True) if isinstance(r, ManyToOneRel)]
    found = Q()
    for relation in referring:
        rows = relation.related_model._base_manager.filter(**{relation.field.name: OuterRef("pk")})
        found &= ~Q(Exists(rows))
    return found


def _removed(path: Path, before: datetime) -> bool:
    """Set aside, look again, remove: `store` touches content that it finds before it writes the row, so content that is just
    being stored anew is seen to be young and goes back."""
    if path.stat().st_mtime >= before.timestamp() or StoredFile.objects.filter(sha256=path.name).exists():
        return False
    aside = path.with_name(f"incoming-{path.name}")
    path.rename(aside)
    if aside.stat().st_mtime >= before.timestamp() or StoredFile.objects.filter(sha256=path.name).exists():
        aside.rename(path)
        return False
    aside.unlink()
    return True
