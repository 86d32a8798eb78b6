"""Who may withdraw a matter, and until when: what its process says of it, asked by the action, the page and the portal alike."""

from __future__ import annotations

from banjie.lib.errors import Invalid, NotPermitted, Problem
from banjie.lib.text import Text
from banjie.matters.definition import Process
from banjie.matters.hands import may_handle
from banjie.matters.holding import Held
from banjie.matters.models import Matter
from banjie.people.scopes import scope_of_actor

NEVER = Text("「{process}」不能撤回", "{process} is not withdrawn")
TOO_LATE = Text("已到「{stage}」环节，不能再撤回", "it has come to {stage} and can no longer be withdrawn")
NOT_YOURS = Text("这件事项不能由您撤回：{who}", "it is not for you to withdraw: {who}")
NOBODY_INSIDE = Text("只由申请人凭查询码撤回", "only its applicant may, by the code")
ONLY = Text("只有{who}可以", "only {who} may")
BRANCH = Text("并联事项只由承办部门撤回，或者随主事项一并撤回", "a branch is withdrawn by its department, or with the whole")
NOT_FROM_OUTSIDE = Text("这项业务不能在网上撤回，请联系办理单位", "this is not withdrawn online: ask the office that handles it")
WHO = {
    "owner": Text("现环节的责任人", "the owner of the present stage"),
    "opener": Text("收件人", "whoever handed it in"),
    "supervisor": Text("督办人员", "a supervisor"),
}


def may_withdraw(held: Held) -> bool:
    """Whether the actor may withdraw the matter where it stands. It is taken to be live."""
    return _in_time(held.compiled.process, held.matter) and _permitted(held)


def require_withdrawing(held: Held) -> None:
    """Raise Invalid where the stage stands against it, NotPermitted where it is somebody else's to do."""
    _require_in_time(held)
    if not _permitted(held):
        raise NotPermitted(NOT_YOURS.format(who=_who(held)))


def applicant_may_withdraw(process: Process, matter: Matter) -> bool:
    """Whether whoever has the code of a matter may withdraw it."""
    return matter.state != "closed" and "applicant" in process.withdraw.by and _in_time(process, matter)


def require_by_applicant(held: Held) -> None:
    """Raise Invalid where an applicant may not withdraw, or no longer."""
    if "applicant" not in held.compiled.process.withdraw.by:
        raise Invalid([Problem("withdraw", None, NOT_FROM_OUTSIDE)])
    _require_in_time(held)


def _in_time(process: Process, matter: Matter) -> bool:
    stages = process.withdraw.stages
    return stages is None or matter.stage in stages


def _require_in_time(held: Held) -> None:
    process = held.compiled.process
    if not _in_time(process, held.matter):
        says = TOO_LATE.format(stage=held.stage.title) if process.withdraw.stages else NEVER.format(process=process.title)
        raise Invalid([Problem(held.record.key, held.matter.stage, says)])


def _permitted(held: Held) -> bool:
    by, matter, record = held.by, held.matter, held.record
    if by is None or scope_of_actor(by).unlimited:
        return True
    allowed = _inside(held)
    return (
        ("owner" in allowed and may_handle(by, record.register, record.area_id, matter.owner_post_id, matter.organisation_id))
        or ("opener" in allowed and matter.opened_by_id == by.pk)
        or ("supervisor" in allowed and held.supervises())
    )


def _inside(held: Held) -> set[str]:
    """Who of the office may. A branch is no other department's to end."""
    named = {str(name) for name in held.compiled.process.withdraw.by if name != "applicant"}
    return named & {"owner"} if held.matter.main_id is not None else named


def _who(held: Held) -> Text:
    if held.matter.main_id is not None:
        return BRANCH
    names = [title for name, title in WHO.items() if name in _inside(held)]
    if not names:
        return NOBODY_INSIDE
    return ONLY.format(who=Text("、".join(n.zh for n in names), ", ".join(n.en for n in names)))
