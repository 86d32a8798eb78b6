"""A matter as its applicant may see it by its code: where it is, by when, what is wanted of them, what each department decides.
No person, and of the records only the fields that the process opens (``applicant_sees``)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from django.db.models import F

from banjie.lib.clock import LOCAL, now
from banjie.lib.errors import NotFound
from banjie.lib.text import Text
from banjie.matters.actions.applying import asked_to_rate, wanted
from banjie.matters.actions.opening import ALPHABET, CODE_LENGTH
from banjie.matters.catalogue import process_of
from banjie.matters.definition import Process, Rating
from banjie.matters.models import Matter
from banjie.matters.withdrawing import applicant_may_withdraw
from banjie.registers.catalogue import catalogue
from banjie.registers.definition import Register
from banjie.web.display import shown_to_all, title_of
from banjie.web.matter_panel import Station, strip_of
from banjie.web.matter_words import ENDINGS, STATES
from banjie.web.public_forms import called

DUE_BY = Text("应于 {at} 前办结", "by {at}")
LATE_SINCE = Text("已超期，原定 {at}", "late: it was due by {at}")
NO_CODE = Text("没有这个查询码。请核对后再试。", "There is no such code. Please check it.")
_CODE = re.compile(f"[{ALPHABET}]{{{CODE_LENGTH}}}")


@dataclass(frozen=True)
class Grade:
    code: str
    title: Text


@dataclass(frozen=True)
class Decision:
    """What runs beside the matter in another department: what it decides, how it stands, with whom, by when or since when it is
    late (``tone``: of the tag that says so), and what the applicant may read of it: title and value."""

    title: Text
    state: Text
    tone: str
    unit: Text | None
    by: Text | None
    told: list[tuple[str, str]]


@dataclass(frozen=True)
class Followed:
    """``promised``: the due time promised at the start. ``due``: that of this stage, where it has one. ``wanted``: what is asked of
    the applicant. ``told``: fields of the record that are open to them, title and value.
    ``grades`` are offered while the matter can be rated; ``rated`` is the grade given."""

    matter: Matter
    process: Process
    code: str
    state: Text
    unit: Text | None
    strip: list[Station]
    promised: datetime | None
    due: datetime | None
    wanted: str | None
    told: list[tuple[str, str]]
    branches: list[Decision]
    rating: Rating | None
    grades: list[Grade]
    rated: Text | None
    also: tuple[str, ...]
    may_withdraw: bool

    @property
    def may_answer(self) -> bool:
        """Whether a text can be sent with the files."""
        return self.process.public is not None and self.process.public.answer is not None


def plain_code(typed: str) -> str:
    """A code as it is kept, from what people type: small letters, hyphens and spaces are theirs. Empty if it can be none."""
    code = re.sub(r"[\s\-—–－]", "", typed).upper()
    return code if _CODE.fullmatch(code) else ""


def shown_code(code: str) -> str:
    """A code in two groups, to be read out."""
    return f"{code[:5]}-{code[5:]}"


def by_code(typed: str) -> Matter:
    """The matter with a code. Raises NotFound, the same for what cannot be a code and for one that is nobody's."""
    code = plain_code(typed)
    rows = Matter.objects.filter(code=code, record__removed_at=None).select_related("record", "organisation")
    found = rows.annotate(digest=F("definition__digest")).first() if code else None
    if found is None:
        raise NotFound(NO_CODE)
    return found


def followed(matter: Matter) -> Followed:
    """What its applicant sees of a matter that ``by_code`` found."""
    process = process_of(matter.digest)  # type: ignore[attr-defined]  # annotated by by_code
    public = process.public
    rating = public.rating if public else None
    register = catalogue().register(process.of)
    closed = matter.state == "closed"
    given = matter.record.data.get(rating.grade) if rating else None
    return Followed(
        matter=matter,
        process=process,
        code=shown_code(matter.code or ""),
        state=ENDINGS[matter.ending] if closed else STATES[matter.state],
        unit=matter.organisation.name if matter.organisation and not closed else None,
        strip=strip_of(process, matter, ahead=False),
        promised=_promised(matter),
        due=matter.due_at if not closed and process.stages[matter.stage].timed else None,
        wanted=wanted(matter),
        told=_told(process, register, matter),
        branches=_branches(matter),
        rating=rating,
        grades=_grades(register, rating) if rating and given is None and asked_to_rate(matter, rating) else [],
        also=rating.also if rating else (),
        may_withdraw=applicant_may_withdraw(process, matter),
        rated=_grade_title(register, rating, str(given)) if rating and given is not None else None,
    )


def _promised(matter: Matter) -> datetime | None:
    """The due time of the whole as it was promised when it began; None where the process promises stage by stage."""
    whole = [c for c in matter.promised.get("clocks", ()) if c["due_at"] and not c["at_least"] and not c["stage"]]
    promised = [c for c in whole if c["promise"]] or whole
    return datetime.fromisoformat(promised[0]["due_at"]) if promised else None


def _told(process: Process, register: Register, matter: Matter) -> list[tuple[str, str]]:
    """The fields of its record that the process opens to the applicant and that are filled in."""
    data, fields = matter.record.data, [register.field(name) for name in process.applicant_sees if name in register.by_name]
    labels = process.public.labels if process.public else {}
    filled = [f for f in fields if data.get(f.name) not in (None, "")]
    return [(title_of(called(f, labels)), shown_to_all(register, f, data[f.name])) for f in filled]


def _branches(matter: Matter) -> list[Decision]:
    """What runs beside it, in other departments; not the call-back of a rating, which is the office's own affair."""
    rows = matter.branches.annotate(digest=F("definition__digest")).order_by("pk").select_related("record", "organisation")
    own = process_of(matter.digest).public  # type: ignore[attr-defined]
    called = own.rating.call_back.process if own and own.rating and own.rating.call_back else ""
    return [_decision(process_of(b.digest), b) for b in rows if b.process != called]


def _decision(process: Process, branch: Matter) -> Decision:
    stage = process.stages[branch.stage].title if branch.stage in process.stages else STATES[branch.state]
    state, tone, by = stage, "", None
    if branch.state == "closed":
        state = ENDINGS["withdrawn"] if branch.ending == "withdrawn" else stage
        tone = {"done": "good", "rejected": "bad"}.get(branch.ending, "")
    elif branch.state == "suspended":
        state, tone = Text("{stage}，已暂停", "{stage}, suspended").format(stage=stage), "warn"
    elif branch.due_at is not None:
        at = f"{branch.due_at.astimezone(LOCAL):%m-%d %H:%M}"
        late = branch.due_at < now()
        tone = "bad" if late else ""
        by = (LATE_SINCE if late else DUE_BY).format(at=at)
    unit = branch.organisation.name if branch.organisation else None
    register = catalogue().register(process.of)
    return Decision(_branch_title(process, branch), state, tone, unit, by, _told(process, register, branch))


def _branch_title(process: Process, branch: Matter) -> Text:
    """What it decides, where its category is one of a list; else the title of its process."""
    register = catalogue().register(process.of)
    field = register.by_name.get(process.category or "")
    value = branch.record.data.get(field.name) if field is not None else None
    options = register.options(field) if field is not None and field.type == "choice" else ()
    return next((o.title for o in options if o.code == value), process.title)


def _grades(register: Register, rating: Rating) -> list[Grade]:
    return [Grade(o.code, o.title) for o in register.options(register.field(rating.grade))]


def _grade_title(register: Register, rating: Rating, code: str) -> Text:
    return next((g.title for g in _grades(register, rating) if g.code == code), Text(code, code))
