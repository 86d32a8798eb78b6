"""Taking the steps of a demonstration's matters through the same door as people do."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from banjie.lib.clock import today
from banjie.lib.errors import Refusal
from banjie.lib.text import Text
from banjie.matters import actions
from banjie.matters.catalogue import in_force
from banjie.matters.models import Invitation, Matter, Task
from banjie.packs.demo.journeys import BALLOT_STEPS, Step
from banjie.packs.demo.pictures import note, picture
from banjie.packs.demo.rows import Event
from banjie.packs.demo.voting import Voting
from banjie.people.duties import holders
from banjie.people.models import Account, Appointment, Organisation, Post
from banjie.registers.attachments import attach

ORIGIN = "demo"
PHOTO, FILE = Text("现场照片", "photo"), Text("附件", "file")


class Acting:
    """Knows which matter a row became. One object for a load."""

    def __init__(self, accounts: Mapping[str, Account]) -> None:
        self.accounts = accounts
        self.matters: dict[tuple[str, str], int] = {}
        self.attached = 0
        self.voting = Voting()
        self._people: dict[tuple[str, Any, Any], Account | None] = {}

    def act(self, event: Event, by: Account | None) -> None:
        """Open a matter or take a step with it, at the present (simulated) moment. Raises as the actions do."""
        if event.step is None:
            made = actions.open_matter(event.process, event.values, by=by, why=event.why, origin=ORIGIN)
            self.matters[event.register, event.key] = made.pk
            return
        matter = Matter.objects.select_related("record").get(pk=self.matters[event.register, event.key])
        if event.step.branch:
            matter = _branch(matter, event.step.branch)
        try:
            self._step(matter, event.step, event, by or self._actor(matter, event.step))
        except Refusal as refusal:
            raise Refusal(_WHERE.format(key=event.key, do=event.step.do, stage=matter.stage, why=refusal.says)) from refusal

    def _step(self, matter: Matter, step: Step, event: Event, by: Account) -> None:
        self._attach(matter, step, by)
        take = _VERBS.get(step.do)
        if take is not None:
            take(matter, step, event, {"by": by, "origin": ORIGIN})
        elif step.do in BALLOT_STEPS:
            self.voting.step(matter, step, {"by": by, "origin": ORIGIN})

    def _attach(self, matter: Matter, step: Step, by: Account) -> None:
        for number in range(1, step.photos + 1):
            self.attached += 1
            attach(matter.record, picture(self.attached), f"{PHOTO.zh}{number}.png", by=by, origin=ORIGIN)
        for number in range(1, step.files + 1):
            self.attached += 1
            attach(matter.record, note(self.attached, matter.record.key), f"{FILE.zh}{number}.txt", by=by, origin=ORIGIN)

    def _actor(self, matter: Matter, step: Step) -> Account:
        record = matter.record
        if step.by_duty:
            found = self._with_duty(step.by_duty, record.area_id, record.register, record.key)
        else:
            found = self._in_office(*_owner(matter, step))
        if found is None:
            who = step.by_duty or f"{matter.owner_post or matter.organisation or ''}"
            raise Refusal(_NOBODY.format(who=who))
        return found

    def _with_duty(self, role: str, area: str | None, register: str, key: str) -> Account | None:
        people = [account for holder in holders(role, area=area, register=register, key=key) for account in holder.accounts]
        return self.accounts[people[0].username] if people else None

    def _in_office(self, post: int | None, organisation: int | None) -> Account | None:
        wanted = ("post", post, today()) if post is not None else ("organisation", organisation, today())
        if wanted not in self._people:
            rows = Appointment.objects.on(today()).filter(account__is_active=True)
            rows = rows.filter(post=post) if post is not None else rows.filter(post__organisation=organisation)
            names = list(rows.order_by("pk").values_list("account__username", flat=True)[:1])
            self._people[wanted] = self.accounts[names[0]] if names else None
        return self._people[wanted]


def _branch(main: Matter, ends: str) -> Matter:
    """The sub-matter whose key ends so; the newest, where there are several."""
    rows = main.branches.select_related("record").filter(record__key__endswith=f"/{ends}")
    found = rows.order_by("pk").last()
    if found is None:
        raise Refusal(_NO_BRANCH.format(key=main.record.key, branch=ends))
    return found


def _owner(matter: Matter, step: Step) -> tuple[int | None, int | None]:
    """The post or organisation whose turn the step is: the task's, the invited unit's, else the matter's."""
    if step.do == "task":
        task = matter.tasks.filter(name=step.task, state=Task.OPEN).first()
        if task is not None:
            return task.owner_post_id, task.organisation_id
    if step.do == "answer":
        asked = _asked(matter, step)
        if asked is not None:
            return asked.post_id, asked.organisation_id
    return matter.owner_post_id, matter.organisation_id


def _asked(matter: Matter, step: Step) -> Invitation | None:
    rows = matter.invitations.filter(state="open").order_by("pk")
    return (rows.filter(organisation__code=step.organisation) if step.organisation else rows).first()


def _advance(matter: Matter, step: Step, event: Event, who: dict[str, Any]) -> None:
    actions.advance(matter, step.to or "", version=matter.version, changes=event.values, why=event.why, **who)


def _close(matter: Matter, step: Step, event: Event, who: dict[str, Any]) -> None:
    actions.close(matter, to=step.to, version=matter.version, changes=event.values, why=event.why, **who)


def _task(matter: Matter, step: Step, event: Event, who: dict[str, Any]) -> None:
    actions.complete_task(matter, step.task or "", changes=event.values, note=event.says, why=event.why, **who)


def _ask(matter: Matter, step: Step, event: Event, who: dict[str, Any]) -> None:
    actions.ask_extension(matter, amount=step.amount or "", reason=event.says, version=matter.version, **who)


def _decide(matter: Matter, step: Step, event: Event, who: dict[str, Any]) -> None:
    asked = matter.extensions.filter(state="asked").order_by("pk").first()
    if asked is None:
        raise Refusal(Text("没有待批的延期申请", "no extension has been asked for"))
    actions.decide_extension(asked, approve=step.approve, says=event.says, version=matter.version, **who)


def _hand_over(matter: Matter, step: Step, event: Event, who: dict[str, Any]) -> None:
    post = Post.objects.get(code=step.post)
    actions.hand_over(matter, post, why=event.says, task=step.task, version=matter.version, **who)


def _invite(matter: Matter, step: Step, event: Event, who: dict[str, Any]) -> None:
    unit = Organisation.objects.get(code=step.organisation)
    actions.invite(matter, unit, asks=event.says, within=step.within or "", version=matter.version, why=event.why, **who)


def _answer(matter: Matter, step: Step, event: Event, who: dict[str, Any]) -> None:
    asked = _asked(matter, step)
    if asked is None:
        raise Refusal(Text("没有待答复的会办邀请", "no unit has been asked for help"))
    actions.answer_invitation(asked, answer=event.says, decline=step.decline, why=event.why, **who)


def _accept(matter: Matter, step: Step, event: Event, who: dict[str, Any]) -> None:
    actions.accept(matter, version=matter.version, why=event.why, **who)


def _return_task(matter: Matter, step: Step, event: Event, who: dict[str, Any]) -> None:
    actions.return_task(matter, step.task or "", why=event.says, version=matter.version, **who)


def _return_for_more(matter: Matter, step: Step, event: Event, who: dict[str, Any]) -> None:
    actions.return_for_more(matter, wanted=event.says, version=matter.version, why=event.why, **who)


def _suspend(matter: Matter, step: Step, event: Event, who: dict[str, Any]) -> None:
    actions.suspend(matter, basis=event.says, evidence=step.evidence, version=matter.version, why=event.why, **who)


def _resume(matter: Matter, step: Step, event: Event, who: dict[str, Any]) -> None:
    actions.resume(matter, version=matter.version, why=event.why, **who)


def _urge(matter: Matter, step: Step, event: Event, who: dict[str, Any]) -> None:
    actions.urge(matter, says=event.says, version=matter.version, **who)


def _reopen(matter: Matter, step: Step, event: Event, who: dict[str, Any]) -> None:
    actions.reopen(matter, version=matter.version, why=event.says, **who)


def _withdraw(matter: Matter, step: Step, event: Event, who: dict[str, Any]) -> None:
    actions.withdraw(matter, version=matter.version, why=event.says, **who)


def _rate(matter: Matter, step: Step, event: Event, who: dict[str, Any]) -> None:
    """By the applicant, who has no account."""
    public = in_force(matter.process).process.public
    rating = public.rating if public else None
    if rating is None:
        raise Refusal(Text("这项流程没有评价", "this process has no rating"))
    grade, comment = event.values.get(rating.grade), event.values.get(rating.comment or "")
    actions.rate(matter, grade=str(grade or ""), comment=str(comment or ""), also=event.values, origin=ORIGIN)


_VERBS: dict[str, Callable[[Matter, Step, Event, dict[str, Any]], None]] = {
    "accept": _accept,
    "advance": _advance,
    "close": _close,
    "task": _task,
    "return_task": _return_task,
    "return_for_more": _return_for_more,
    "suspend": _suspend,
    "resume": _resume,
    "ask_extension": _ask,
    "decide_extension": _decide,
    "urge": _urge,
    "hand_over": _hand_over,
    "invite": _invite,
    "answer": _answer,
    "reopen": _reopen,
    "withdraw": _withdraw,
    "rate": _rate,
}  # "attach" is done by then

_WHERE = Text(
    "演示事项 {key} 在「{stage}」环节不能 {do}：{why}", "the demonstration's matter {key} cannot {do} in the stage {stage}: {why}"
)
_NO_BRANCH = Text("演示事项 {key} 没有并联事项「{branch}」。", "the demonstration's matter {key} has no branch {branch}.")
_NOBODY = Text("演示中没有人承担「{who}」的职责。", "nobody in the demonstration answers for {who}: give the post an account.")
