"""What a notice says, in both languages, from what was true when it was made."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from banjie.lib.text import Text
from banjie.matters.clock_lines import clock_face
from banjie.matters.models import Notice

TITLES: dict[str, Text] = {
    "assigned": Text("待办", "Your turn"),
    "task": Text("待办任务", "Task"),
    "returned": Text("退回", "Returned"),
    "taken": Text("已移交", "Handed over"),
    "invited": Text("邀请协办", "Invited to help"),
    "answered": Text("协办答复", "Answer"),
    "tasks_done": Text("任务齐备", "All tasks done"),
    "branch_closed": Text("并联事项办结", "Branch closed"),
    "suspended": Text("暂停", "Suspended"),
    "resumed": Text("恢复办理", "Resumed"),
    "more_wanted": Text("需补正", "More is wanted"),
    "extension_asked": Text("延期待批", "Extension asked for"),
    "extension_approved": Text("延期获批", "Extension approved"),
    "extension_refused": Text("延期未批", "Extension refused"),
    "urged": Text("督办", "Urged"),
    "withdrawn": Text("已撤回", "Withdrawn"),
    "reopened": Text("重新办理", "Reopened"),
    "closed": Text("已办结", "Closed"),
    "warning": Text("临期提醒", "Due soon"),
    "overdue": Text("已超期", "Overdue"),
    "escalated": Text("超期上报", "Overdue, reported to you"),
    "notice_run": Text("公告期满", "Notice has run"),
    "taken_down": Text("公告中断", "Notice interrupted"),
    "put_up": Text("公告恢复", "Notice up again"),
    "due_moved": Text("期限重算", "Due time changed"),
    "owed": Text("应报提醒", "Expected soon"),
    "missing": Text("逾期未报", "Missing"),
    "waived": Text("免报", "Waived"),
}
SENTENCES: dict[str, Text] = {
    "assigned": Text("{what}转到您处：{stage}{until}{why}。", "{what} is with you: {stage}{until}{why}."),
    "task": Text("{what}有一项任务由您办理：{task}{until}。", "{what}: the task {task} is yours{until}."),
    "returned": Text("{what}退回您处：{stage}{until}{why}。", "{what} was returned to you: {stage}{until}{why}."),
    "taken": Text("{what}已由{by}移交{new}{why}。", "{what} was handed over to {new} by {by}{why}."),
    "invited": Text("{what}请您单位协办：{asks}{until}。", "{what}: your unit is asked to help: {asks}{until}."),
    "answered": Text("{what}：{unit}答复：{answer}", "{what}: {unit} answers: {answer}"),
    "tasks_done": Text("{what}「{stage}」环节的任务均已办理。", "{what}: the tasks of {stage} are done."),
    "branch_closed": Text("{what}已办结：{stage}。", "{what}, a branch of your matter, is closed: {stage}."),
    "suspended": Text("{what}已由{by}暂停{why}。", "{what} was suspended by {by}{why}."),
    "resumed": Text("{what}已恢复办理{until}。", "{what} was resumed{until}."),
    "more_wanted": Text("{what}需要您补正：{wanted}", "{what}: please hand in {wanted}"),
    "extension_asked": Text("{what}申请延期{term}{why}。", "{what}: {by} asks for {term} more{why}."),
    "extension_approved": Text("{what}延期{term}已批准{until}。", "{what}: {term} more were approved{until}."),
    "extension_refused": Text("{what}延期{term}未获批准{why}。", "{what}: {term} more were refused{why}."),
    "urged": Text("{what}被督办{why}{until}。", "{what} is urged{why}{until}."),
    "withdrawn": Text("{what}已撤回{why}。", "{what} was withdrawn{why}."),
    "reopened": Text("{what}重新办理：{stage}{until}{why}。", "{what} was reopened: {stage}{until}{why}."),
    "closed": Text("您提交的{what}已办结：{stage}{why}。", "{what}, which you handed in, is closed: {stage}{why}."),
    "warning": Text("{what}「{stage}」临近期限{until}。", "{what}: {stage} is due soon{until}."),
    "overdue": Text("{what}「{stage}」已超过期限 {due}。", "{what}: {stage} was due {due}."),
    "escalated": Text("{what}「{stage}」已超过期限 {due}，责任人：{owner}。", "{what}: {stage} was due {due}; up to {owner}."),
    "notice_run": Text("{what}「{stage}」公告期已满，可以进行下一步。", "{what}: the notice of {stage} has run; the next step is open."),
    "taken_down": Text("{what}「{stage}」公告中断{why}。", "{what}: the notice of {stage} was taken down{why}."),
    "put_up": Text("{what}「{stage}」公告恢复{until}。", "{what}: the notice of {stage} is up again{until}."),
    "due_moved": Text("{what}「{stage}」按正式日历重算期限：{before} 改为 {due}。", "{what}: by the official calendar {stage} is due {due}, not {before}."),
    "owed": Text("应报：{obligation}（{of}，{period}）{until}。", "Expected: {obligation}, {of}, {period}{until}."),
    "missing": Text("逾期未报：{obligation}（{of}，{period}），期限 {due}。", "Missing: {obligation}, {of}, {period}, due {due}."),
    "waived": Text("免报：{obligation}（{of}，{period}）{why}。", "Waived: {obligation}, {of}, {period}{why}."),
}  # fmt: skip
NOTHING = Text("", "")
NAMES = (
    "stage", "task", "by", "new", "asks", "unit", "answer", "wanted", "term", "owner", "obligation", "of", "period", "due", "before"
)  # fmt: skip


def title_of(notice: Notice) -> Text:
    """Two or three words, for a list or a subject line."""
    return TITLES.get(notice.kind, Text(notice.kind, notice.kind))


def text_of(notice: Notice) -> Text:
    """The whole sentence."""
    return SENTENCES[notice.kind].format(**_values(notice.said))


def about(notice: Notice) -> Text:
    """What it is about: the process and the record, or the obligation."""
    said = notice.said
    if "obligation" in said:
        return _text(said["obligation"])
    label = said.get("label") or said.get("key", "")
    return Text(f"{_text(said['process']).zh}「{label}」", f"{_text(said['process']).en} “{label}”")


def _values(said: Mapping[str, object]) -> dict[str, object]:
    found: dict[str, object] = {name: _text(said.get(name, "")) for name in NAMES}
    found["by"] = _text(said.get("by", {"zh": "系统", "en": "the system"}))
    for name, at in (("due", said.get("due_at")), ("before", said.get("before"))):
        if isinstance(at, str):
            face = clock_face(datetime.strptime(at, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC))
            found[name] = Text(face, face)
    found["until"] = Text("，期限 {due}", ", due {due}").format(due=found["due"]) if said.get("due_at") else NOTHING
    why = said.get("why")
    found["why"] = Text(f"，{why}", f": {why}") if why else NOTHING
    label = said.get("label") or said.get("key", "")
    process = _text(said.get("process", ""))
    found["what"] = Text(f"{process.zh}「{label}」", f"{process.en} “{label}”")
    return found


def _text(value: object) -> Text:
    if isinstance(value, dict):
        return Text(str(value["zh"]), str(value["en"]))
    return Text(str(value), str(value))
