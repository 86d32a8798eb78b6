"""The steps of a matter as sentences of its record's history, from what the ledger entry itself says.

Titles of stages and tasks are those of the process version that the entry names, so an old sentence reads as it did.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any

from banjie.ledger.models import Entry
from banjie.lib.clock import LOCAL
from banjie.lib.errors import Refusal
from banjie.lib.text import Text
from banjie.matters.catalogue import process_of
from banjie.matters.definition import Process
from banjie.matters.models import ProcessVersion
from banjie.places.terms import parse_term

Body = Mapping[str, Any]


def is_step(verb: str) -> bool:
    """Whether an entry tells of a step of a matter."""
    return verb.startswith("matter.")


def deeds(entries: Iterable[Entry]) -> dict[int, str]:
    """What each of these steps did, in the language in use, by the entry's id. One query for the processes they name."""
    steps = [e for e in entries if is_step(e.verb)]
    known = _processes({e.body.get("matter", {}).get("process", "") for e in steps}) if steps else {}
    return {e.pk: _deed(e, known) for e in steps}


def _deed(entry: Entry, known: Mapping[tuple[str, int], Process]) -> str:
    tell = _TELLERS.get(entry.verb)
    if tell is None or "matter" not in entry.body:
        return str(Text("更新了事项", "updated the matter"))
    said = entry.body["matter"]
    return str(tell(entry.body, known.get((said["process"], said["number"]))))


def _processes(names: set[str]) -> dict[tuple[str, int], Process]:
    """Every version of these processes, as far as it was ever installed here."""
    rows = ProcessVersion.objects.filter(name__in=names).values_list("name", "number", "digest")
    return {(name, number): process_of(digest) for name, number, digest in rows}


def stage_title(process: Process | None, name: str) -> Text:
    stage = process.stages.get(name) if process else None
    return stage.title if stage else Text(name, name)


def _task_title(process: Process | None, stage: str, name: str) -> Text:
    tasks = process.stages[stage].tasks if process and stage in process.stages else ()
    return next((t.title for t in tasks if t.name == name), Text(name, name))


def _stages(body: Body, process: Process | None) -> tuple[Text, Text]:
    said = body["matter"]
    return stage_title(process, said.get("from_stage") or said["stage"]), stage_title(process, said["stage"])


def _owner(body: Body) -> Text:
    said = body["matter"]
    post, organisation = said.get("owner"), said.get("organisation")
    if post and organisation:
        return Text(f"{organisation['zh']}{post['zh']}", f"{post['en']}, {organisation['en']}")
    return Text.of(organisation) if organisation else Text("（无）", "nobody")


def _due(body: Body) -> Text:
    """When it is due now, as the end of a sentence."""
    due = body["matter"].get("due_at")
    return Text("，期限 {at}", ", due {at}").format(at=clear(due)) if due else Text("", "")


def clear(moment: str) -> str:
    """A moment of the ledger (UTC) in local time, to the minute."""
    return datetime.fromisoformat(moment).astimezone(LOCAL).strftime("%Y-%m-%d %H:%M")


def term(text: str) -> Text:
    """A term as people say it; as it stands where it cannot be read any more."""
    try:
        return parse_term(text).title
    except Refusal:
        return Text(text, text)


def _opened(body: Body, process: Process | None) -> Text:
    title = process.title if process else Text("事项", "the matter")
    says = Text("登记并开始办理「{title}」，由{owner}负责{due}", "entered it and began {title}, up to {owner}{due}")
    return says.format(title=title, owner=_owner(body), due=_due(body))


def _advanced(body: Body, process: Process | None) -> Text:
    old, new = _stages(body, process)
    says = Text("由「{old}」转到「{new}」，由{owner}负责{due}", "took it from {old} to {new}, up to {owner}{due}")
    return says.format(old=old, new=new, owner=_owner(body), due=_due(body))


def _returned(body: Body, process: Process | None) -> Text:
    detail = body.get("detail", {})
    if "wanted" in detail:
        says = Text("退回补正并暂停计时：{wanted}", "asked the applicant for more, the clocks stand still: {wanted}")
        return says.format(wanted=detail["wanted"])
    if "task" in detail:
        title = _task_title(process, body["matter"]["stage"], detail["task"])
        return Text("退回任务「{title}」重办", "sent the task {title} back").format(title=title)
    old, new = _stages(body, process)
    says = Text("由「{old}」退回「{new}」，由{owner}负责{due}", "sent it back from {old} to {new}, up to {owner}{due}")
    return says.format(old=old, new=new, owner=_owner(body), due=_due(body))


def _task(body: Body, process: Process | None) -> Text:
    detail = body.get("detail", {})
    title = _task_title(process, body["matter"]["stage"], detail.get("task", ""))
    note = Text("：{note}", ": {note}").format(note=detail["note"]) if detail.get("note") else Text("", "")
    return Text("完成任务「{title}」{note}", "finished the task {title}{note}").format(title=title, note=note)


def _accepted(body: Body, process: Process | None) -> Text:
    return Text("接办「{stage}」环节", "took up the stage {stage}").format(stage=_stages(body, process)[1])


def _handed_over(body: Body, process: Process | None) -> Text:
    detail = body.get("detail", {})
    to = Text.of(detail["to_name"]) if "to_name" in detail else _owner(body)
    if detail.get("task"):
        title = _task_title(process, body["matter"]["stage"], detail["task"])
        return Text("将任务「{title}」移交{to}", "handed the task {title} over to {to}").format(title=title, to=to)
    return Text("移交{to}", "handed it over to {to}").format(to=_owner(body))


def _invited(body: Body, process: Process | None) -> Text:
    detail = body.get("detail", {})
    unit = Text.of(detail["name"]) if "name" in detail else Text("其他单位", "another unit")
    match detail.get("state"):
        case "answered":
            return Text("{unit}答复协办：{answer}", "{unit} answered: {answer}").format(
                unit=unit, answer=detail.get("answer") or ""
            )
        case "declined":
            return Text("{unit}说明不能协办：{answer}", "{unit} declined: {answer}").format(
                unit=unit, answer=detail.get("answer") or ""
            )
    return Text("邀请{unit}协办：{asks}", "invited {unit} to help: {asks}").format(unit=unit, asks=detail.get("asks", ""))


def _suspended(body: Body, process: Process | None) -> Text:
    detail = body.get("detail", {})
    evidence = Text("，凭据：{e}", ", evidence: {e}").format(e=detail["evidence"]) if detail.get("evidence") else Text("", "")
    says = Text("暂停计时，依据：{basis}{evidence}", "suspended it, on the ground of: {basis}{evidence}")
    return says.format(basis=detail.get("basis", ""), evidence=evidence)


def _resumed(body: Body, process: Process | None) -> Text:
    return Text("恢复计时{due}", "resumed it{due}").format(due=_due(body))


def _extended(body: Body, process: Process | None) -> Text:
    detail = body.get("detail", {})
    amount = term(detail.get("amount", ""))
    match detail.get("state"):
        case "approved":
            return Text("批准延期 {amount}{due}", "approved {amount} more{due}").format(amount=amount, due=_due(body))
        case "refused":
            return Text("不同意延期 {amount}", "refused {amount} more").format(amount=amount)
    return Text("申请延期 {amount}", "asked for {amount} more").format(amount=amount)


def _urged(body: Body, process: Process | None) -> Text:
    return Text("督办", "urged it")


def _closed(body: Body, process: Process | None) -> Text:
    old, new = _stages(body, process)
    on_time = body["matter"].get("on_time")
    timely = Text("", "") if on_time is None else Text("，按期", ", on time") if on_time else Text("，超期", ", late")
    return Text("由「{old}」办结：{new}{timely}", "closed it from {old}: {new}{timely}").format(old=old, new=new, timely=timely)


def _reopened(body: Body, process: Process | None) -> Text:
    says = Text("重新办理，回到「{stage}」，由{owner}负责{due}", "reopened it at {stage}, up to {owner}{due}")
    return says.format(stage=_stages(body, process)[1], owner=_owner(body), due=_due(body))


def _withdrawn(body: Body, process: Process | None) -> Text:
    return Text("撤回了事项", "withdrew the matter")


def _migrated(body: Body, process: Process | None) -> Text:
    detail, said = body.get("detail", {}), body["matter"]
    says = Text("流程由第 {old} 版迁移到第 {new} 版{due}", "moved it from version {old} of the process to version {new}{due}")
    return says.format(old=detail.get("from_number", ""), new=said["number"], due=_due(body))


def _reckoned(body: Body, process: Process | None) -> Text:
    return Text("按正式日历重算期限{due}", "reckoned its due time again by the official calendar{due}").format(due=_due(body))


def _taken_down(body: Body, process: Process | None) -> Text:
    return Text("公告中断", "noted that the notice was taken down")


def _put_up(body: Body, process: Process | None) -> Text:
    if body.get("detail", {}).get("restarts"):
        return Text("公告恢复，公告期重新起算", "put the notice up again: it runs anew")
    return Text("公告恢复，公告期继续计算", "put the notice up again: what is left runs on")


_TELLERS: dict[str, Callable[[Body, Process | None], Text]] = {
    "matter.open": _opened,
    "matter.advance": _advanced,
    "matter.task": _task,
    "matter.return": _returned,
    "matter.accept": _accepted,
    "matter.hand_over": _handed_over,
    "matter.invite": _invited,
    "matter.suspend": _suspended,
    "matter.resume": _resumed,
    "matter.extend": _extended,
    "matter.urge": _urged,
    "matter.close": _closed,
    "matter.reopen": _reopened,
    "matter.withdraw": _withdrawn,
    "matter.migrate": _migrated,
    "matter.reckon": _reckoned,
    "matter.take_down": _taken_down,
    "matter.put_up": _put_up,
}
