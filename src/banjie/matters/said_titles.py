"""What the columns of a matter and of the rows that belong to it are called, where verification names those that were changed."""

from __future__ import annotations

from banjie.lib.text import Text

_OWNER = {"owner_post_id": Text("责任岗位", "the post that answers"), "organisation_id": Text("单位", "the organisation")}
_MATTER = {"matter_id": Text("所属事项", "the matter")}
_DUE = {"due_at": Text("期限", "the due time")}
_STATE = {"state": Text("状态", "the state")}
PARTS = {
    "process": Text("流程", "the process"),
    "number": Text("流程版本", "the version of the process"),
    "stage": Text("环节", "the stage"),
    "state": Text("状态", "the state"),
    "ending": Text("结果", "the ending"),
    "version": Text("版本", "the version"),
    "id": Text("编号", "its id"),
    "stage_since": Text("进入环节时间", "since when it is at its stage"),
    "opened_at": Text("受理时间", "when it was opened"),
    "closed_at": Text("办结时间", "when it was closed"),
    "due_at": Text("期限", "the due time"),
    "owner": Text("责任岗位", "the post that answers"),
    "organisation": Text("责任单位", "the organisation"),
    "returns": Text("退回次数", "the returns"),
    "reopenings": Text("重办次数", "the reopenings"),
    "urges": Text("督办次数", "the urges"),
    "late": Text("超期标记", "whether it was late"),
    "main": Text("主事项", "the main matter"),
    "accepted_at": Text("接办时间", "when it was accepted"),
    "suspended_since": Text("暂停时间", "since when it stands still"),
    "suspended_seconds": Text("暂停时长", "how long it stood still"),
    "suspended_work_seconds": Text("暂停的办公时长", "how long it stood still in office hours"),
    "opened_by_id": Text("受理人", "who opened it"),
    "code": Text("查询码", "the code of the applicant"),
    "promised": Text("受理时的承诺", "what was promised"),
}
ROW_TITLES = {
    "clocks": Text("计时", "the clock"),
    "tasks": Text("任务", "the task"),
    "invitations": Text("协办邀请", "the invitation"),
    "extensions": Text("延期申请", "the extension"),
}
ROW_PARTS = {
    "clocks": {
        **_MATTER,
        "task_id": Text("所属任务", "the task"),
        "stage": Text("环节", "the stage"),
        "term": Text("时限", "the term"),
        "at_least": Text("公告期标记", "whether it is a notice"),
        "promise": Text("承诺标记", "whether it is a promise"),
        "calendar_version": Text("日历版本", "the calendar"),
        "estimated": Text("估算标记", "whether it is an estimate"),
        "started_at": Text("开始时间", "when it started"),
        **_DUE,
        **_STATE,
        "warn_at": Text("预警时间", "when to warn"),
        "stopped_at": Text("停止时间", "when it stopped"),
        "late": Text("超期标记", "whether it was late"),
    },
    "tasks": {
        **_MATTER,
        "name": Text("名称", "the name"),
        "stage": Text("环节", "the stage"),
        **_OWNER,
        **_STATE,
        "opened_at": Text("开始时间", "when it was opened"),
        "done_at": Text("完成时间", "when it was done"),
        "done_by_id": Text("完成人", "who did it"),
        **_DUE,
        "note": Text("办理意见", "the note"),
    },
    "invitations": {
        **_MATTER,
        "post_id": Text("受邀岗位", "the post"),
        "organisation_id": Text("受邀单位", "the organisation"),
        **_STATE,
        "asked_at": Text("邀请时间", "when it was asked"),
        "asked_by_id": Text("邀请人", "who asked"),
        "asks": Text("协办内容", "what is asked"),
        **_DUE,
        "answered_at": Text("答复时间", "when it was answered"),
        "answered_by_id": Text("答复人", "who answered"),
        "answer": Text("协办意见", "the answer"),
    },
    "extensions": {
        **_MATTER,
        "clock_id": Text("所属计时", "the clock"),
        "amount": Text("延长时间", "how much"),
        "reason": Text("理由", "the reason"),
        **_STATE,
        "asked_at": Text("申请时间", "when it was asked for"),
        "asked_by_id": Text("申请人", "who asked for it"),
        "decided_at": Text("审批时间", "when it was decided"),
        "decided_by_id": Text("审批人", "who decided"),
        "says": Text("审批意见", "what was said"),
    },
}
EVENTS = Text("计时事件", "the events of the clock")
RECKONED = Text("期限（与按计时事件和日历重新计算的结果不符）", "the due time (its events and calendar come to another)")
SNAPSHOT = Text("留存的日历 {v} 已被绕过系统改动", "the calendar {v} that was kept for clocks was changed from outside")
