"""A matter as its applicant may see it by its code: where it is, by when, what is wanted of them. No person, no data of the record."""

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
from banjie.registers.catalogue import catalogue
from banjie.registers.definition import Register
from banjie.web.matter_panel import Station, strip_of
from banjie.web.matter_words import ENDINGS, STATES

NO_CODE = Text("没有这个查询码。请核对后再试。", "There is no such code. Please check it.")
_CODE = re.compile(f"[{ALPHABET}]{{{CODE_LENGTH}}}")


@dataclass(frozen=True)
class Grade:
    code: str
    title: Text


@dataclass(frozen=True)
class Followed:
    """``promised``: the due time promised at the start. ``due``: the present one. ``wanted``: what is asked of the applicant.
    ``grades`` are offered while the matter can be rated; ``rated`` is the grade given."""

    matter: Matter
    process: Process
    code: str
    state: Text
    unit: Text | None
    strip: list[Station]
    promised: datetime | None
    wanted: str | None
    branches: list[tuple[Text, Text]]
    rating: Rating | None
    grades: list[Grade]
    rated: Text | None
    also: tuple[str, ...]

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
        wanted=wanted(matter),
        branches=_branches(matter),
        rating=rating,
        grades=_grades(register, rating) if rating and given is None and asked_to_rate(matter, rating) else [],
        also=rating.also if rating else (),
        rated=_grade_title(register, rating, str(given)) if rating and given is not None else None,
    )


def _promised(matter: Matter) -> datetime | None:
    """The due time of the whole as it was promised when it began; None where the process promises stage by stage."""
    whole = [c for c in matter.promised.get("clocks", ()) if c["due_at"] and not c["at_least"] and not c["stage"]]
    promised = [c for c in whole if c["promise"]] or whole
    return datetime.fromisoformat(promised[0]["due_at"]) if promised else None


def _branches(matter: Matter) -> list[tuple[Text, Text]]:
    """What runs beside it, in other departments: what each decides; how it stands, with whom, and by when."""
    rows = matter.branches.exclude(process="").annotate(digest=F("definition__digest")).order_by("pk")
    rows = rows.select_related("record", "organisation")
    own = process_of(matter.digest).public  # type: ignore[attr-defined]
    called = own.rating.call_back.process if own and own.rating and own.rating.call_back else ""
    return [(_branch_title(process_of(b.digest), b), _branch_state(process_of(b.digest), b)) for b in rows if b.process != called]


def _branch_title(process: Process, branch: Matter) -> Text:
    """What it decides, where its category is one of a list; else the title of its process."""
    register = catalogue().register(process.of)
    field = register.by_name.get(process.category or "")
    value = branch.record.data.get(field.name) if field is not None else None
    options = register.options(field) if field is not None and field.type == "choice" else ()
    return next((o.title for o in options if o.code == value), process.title)


def _branch_state(process: Process, branch: Matter) -> Text:
    """Its stage; while it is open, whose turn it is, and by when or since when it is late."""
    stage = process.stages[branch.stage].title if branch.stage in process.stages else STATES[branch.state]
    if branch.state == "closed":
        return ENDINGS["withdrawn"] if branch.ending == "withdrawn" else stage
    unit = branch.organisation.name if branch.organisation else Text("", "")
    if branch.state == "suspended":
        return Text("{stage}（{unit}，已暂停）", "{stage} ({unit}, suspended)").format(stage=stage, unit=unit)
    if branch.due_at is None:
        return Text("{stage}（{unit}）", "{stage} ({unit})").format(stage=stage, unit=unit)
    says = Text("{stage}（{unit}，应于 {at} 前办结）", "{stage} ({unit}, by {at})")
    if branch.due_at < now():
        says = Text("{stage}（{unit}，已超期，原定 {at}）", "{stage} ({unit}, late: it was due by {at})")
    return says.format(stage=stage, unit=unit, at=f"{branch.due_at.astimezone(LOCAL):%m-%d %H:%M}")


def _grades(register: Register, rating: Rating) -> list[Grade]:
    return [Grade(o.code, o.title) for o in register.options(register.field(rating.grade))]


def _grade_title(register: Register, rating: Rating, code: str) -> Text:
    return next((g.title for g in _grades(register, rating) if g.code == code), Text(code, code))
