"""A record's history in sentences, from its ledger entries and the definition under which each was written.

Nothing here looks at the present: titles and options are those of the register version that the entry names, so an old
sentence reads today as it read then. Names of areas are the exception: a code never changes its meaning.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from banjie.ledger.models import Entry
from banjie.lib.errors import NotFound
from banjie.lib.text import Text
from banjie.people.models import Account
from banjie.registers.catalogue import version
from banjie.registers.definition import Register
from banjie.registers.models import RegisterVersion
from banjie.web.display import Reader, title_of
from banjie.web.matter_history import deeds, is_step

ERASED = Text("（个人信息）", "(personal)")
DONE = {
    "record.create": Text("登记了本记录", "entered this record"),
    "record.remove": Text("删除了本记录", "removed this record"),
    "record.restore": Text("恢复了本记录", "restored this record"),
    "record.attach": Text("添加了文件《{name}》", "attached the file {name}"),
    "record.detach": Text("移除了文件《{name}》", "took away the file {name}"),
    "obligation.expect": Text("列入应报清单", "put it on the list of what is expected"),
    "obligation.meet": Text("已报送", "it has arrived"),
    "obligation.miss": Text("到期未报", "it was due and is missing"),
    "obligation.waive": Text("同意免报", "waived it"),
    "record.erase": Text("依法清除了个人信息：{fields}", "erased personal values as the law demands: {fields}"),
}
CHANGED = Text("将{title}由 {old} 改为 {new}", "changed {title} from {old} to {new}")
FILLED = Text("填写{title}为 {new}", "set {title} to {new}")
CLEARED = Text("清空了{title}（原为 {old}）", "cleared {title} (was {old})")
SYSTEM = Text("系统", "The system")
WRITES = frozenset({"record.create", "record.update"})
AS_ENTERED = frozenset({"record.create", "matter.open"})  # these say everything: it is told apart from the sentence


@dataclass(frozen=True)
class Change:
    """One field before and after, as read at the time."""

    field: str
    title: str
    old: str
    new: str
    says: str


@dataclass(frozen=True)
class Happening:
    """One entry as a sentence: who did what, when and why; and when it was loaded, if it was not entered at that moment."""

    entry: Entry
    at: datetime
    who: str
    says: str
    changes: list[Change]
    why: str
    version: int | None
    loaded_at: datetime | None

    @property
    def as_entered(self) -> bool:
        """Whether the changes are the record as it was first entered."""
        return bool(self.changes) and self.entry.verb in AS_ENTERED


def history(account: Account, entries: Iterable[Entry], *, field: str = "") -> list[Happening]:
    """Newest first. With ``field``, only what set or changed that field."""
    found = _happenings(account, entries)
    shown = [h for h in found if not field or any(c.field == field for c in h.changes)]
    return sorted(shown, key=lambda h: h.entry.index, reverse=True)


def _happenings(account: Account, entries: Iterable[Entry]) -> list[Happening]:
    """For each definition under which some were written: one query for it, one for areas, one for each register referred to."""
    entries = list(entries)
    by_definition: dict[tuple[str, int], list[Entry]] = {}
    for e in entries:
        if _writes(e) and "definition" in e.body:
            by_definition.setdefault((e.body["register"], e.body["definition"]), []).append(e)
    readers: dict[tuple[str, int], tuple[Register, Reader]] = {}
    for key, written in by_definition.items():
        register = _definition(*key)
        if register is not None:
            rows = [row for e in written for row in (e.body.get("data", {}), e.body.get("before", {}))]
            readers[key] = (register, Reader.for_rows(account, register, rows))
    steps = deeds(entries)
    return [
        _happening(e, readers.get((e.body.get("register", ""), e.body.get("definition", 0))), steps.get(e.pk)) for e in entries
    ]


def _writes(entry: Entry) -> bool:
    """Whether an entry may have changed fields."""
    return entry.verb in WRITES or is_step(entry.verb)


def _happening(entry: Entry, reading: tuple[Register, Reader] | None, step: str | None) -> Happening:
    changes = _changes(entry, *reading) if reading and _writes(entry) else []
    who, version = entry.actor or str(SYSTEM), entry.body.get("version")
    return Happening(entry, entry.at, who, _deed(entry, changes, step), changes, entry.why, version, entry.loaded_at)


def _deed(entry: Entry, changes: list[Change], step: str | None = None) -> str:
    """``step``: what it did to the matter; the fields that were filled in on the way follow."""
    if step is not None:
        return str(Text("；", "; ")).join([step, *(c.says for c in changes if entry.verb not in AS_ENTERED)])
    if entry.verb == "record.update":
        joiner = str(Text("，", "; "))
        return joiner.join(c.says for c in changes) or str(Text("保存了本记录", "saved this record"))
    says = DONE.get(entry.verb, Text(entry.verb, entry.verb))
    fields = ", ".join(str(f) for f in entry.body.get("fields", ()))
    return str(says.format(name=entry.body.get("name", ""), fields=fields))


def told(account: Account, entries: Iterable[Entry]) -> dict[int, str]:
    """What each entry did, with its values, by the entry's id: for changes of many records."""
    return {h.entry.pk: h.says for h in _happenings(account, entries)}


def summary(entry: Entry) -> str:
    """What an entry did, without values: for lists that show many records."""
    if entry.verb == "record.update":
        register = _definition(entry.body["register"], entry.body["definition"])
        names = [*entry.body.get("before", ()), *entry.body.get("personal", ())]
        titles = [title_of(register.field(n)) if register and n in register.by_name else n for n in names[:4]]
        return str(Text("修改了", "changed ")) + str(Text("、", ", ")).join(titles)
    return _deed(entry, [], deeds([entry]).get(entry.pk))


def _definition(name: str, number: int) -> Register | None:
    """The register as it was; None where no such version was ever installed here."""
    try:
        return version(name, number)
    except (RegisterVersion.DoesNotExist, NotFound):
        return None


def _changes(entry: Entry, register: Register, reader: Reader) -> list[Change]:
    data, before = entry.body.get("data", {}), entry.body.get("before")
    names = before if before is not None else data
    stated = [f.name for f in register.fields if f.name in names]  # PostgreSQL keeps no order of keys
    found = [_change(reader, register, n, (before or {}).get(n), data.get(n)) for n in stated]
    return found + [_personal(register, n) for n in entry.body.get("personal", ()) if n in register.by_name]


def _change(reader: Reader, register: Register, name: str, old: object, new: object) -> Change:
    field = register.field(name)
    was = reader.text(register, field, old, unit=True)  # type: ignore[arg-type]
    now = reader.text(register, field, new, unit=True)  # type: ignore[arg-type]
    says = CHANGED if old is not None and new is not None else FILLED if old is None else CLEARED
    return Change(name, title_of(field), was, now, str(says.format(title=title_of(field), old=was, new=now)))


def _personal(register: Register, name: str) -> Change:
    """That a personal value was written is said; what it was is not."""
    field = register.field(name)
    says = Text("更新了{title}（个人信息，不在此显示）", "updated {title} (personal, not shown here)").format(
        title=title_of(field)
    )
    return Change(name, title_of(field), str(ERASED), str(ERASED), str(says))
