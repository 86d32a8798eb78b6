"""What every process is counted by, for nothing: a register of its matters, and the figures over it.

The register of a process is virtual: nobody writes into it and it is never installed. Its rows are the steps of matters as the
ledger tells them (the ``matter`` part of their entries); the record that a matter runs in is its parent, so that a figure may
also ask for ``parent.FIELD``. Who may view the records may see the figures of their matters.
"""

from __future__ import annotations

from typing import Any

from banjie.figures.definition import Figure
from banjie.lib.definition import Name
from banjie.lib.text import Text
from banjie.matters.definition import Process
from banjie.registers.definition import Register

SUFFIX = "_matters"
STATES = {"open": Text("办理中", "open"), "suspended": Text("已暂停", "suspended"), "closed": Text("已办结", "closed")}
ENDINGS = {
    "done": Text("办结", "done"),
    "rejected": Text("不予受理", "rejected"),
    "withdrawn": Text("撤回", "withdrawn"),
    "expired": Text("逾期终止", "expired"),
}


class ProcessRegister(Register):
    """The matters of one process as a register: what stands in ``matter`` of the entries, one version for each step."""

    process: Name


def register_name(process: str) -> str:
    """How the register of a process's matters is called in figures."""
    return f"{process}{SUFFIX}"


def process_register(process: Process, register: Register) -> ProcessRegister:
    """The virtual register of the matters of a process. ``register`` is the one that the process runs in.

    To be known wherever figures are compiled; never to be installed.
    """
    category = register.by_name.get(process.category or "")
    choices = [_choices("states", STATES), _choices("endings", ENDINGS)]
    choices.append(_choices("stages", {name: stage.title for name, stage in process.stages.items()}))
    kind: dict[str, Any] = {"type": "text"}
    if category is not None and category.type == "choice":
        kind = {"type": "choice", "of": category.of}
        choices += [c.model_dump(mode="json") for c in register.choices if c.name == category.of]
    title = category.title if category is not None else Text("事项类别", "Category")
    fields = [
        _field("record", "reference", "记录", "Record", of=process.of, required=True),
        _field("area", "area", "地区", "Area"),
        _field("number", "integer", "流程版本", "Version of the process"),
        _field("stage", "choice", "环节", "Stage", of="stages"),
        _field("stage_since", "datetime", "进入环节时间", "In this stage since"),
        _field("from_stage", "choice", "上一环节", "Stage before", of="stages"),
        _field("state", "choice", "状态", "State", of="states"),
        _field("ending", "choice", "办理结果", "Ending", of="endings"),
        _field("opened_at", "datetime", "收件时间", "Opened"),
        _field("closed_at", "datetime", "办结时间", "Closed"),
        _field("due_at", "datetime", "到期时间", "Due"),
        _field("owner", "text", "责任岗位", "Owner"),
        _field("organisation", "text", "责任单位", "Unit answerable"),
        _field("category", zh=title.zh, en=title.en, **kind),
        _field("returns", "integer", "退回次数", "Returns"),
        _field("reopenings", "integer", "重新办理次数", "Reopenings"),
        _field("urges", "integer", "催办次数", "Urges"),
        _field("suspended_minutes", "integer", "暂停时长", "Suspended", unit="minute"),
        _field("working_minutes", "integer", "办理用时", "Working time", unit="minute"),
        _field("late", "boolean", "曾超期", "Was late"),
        _field("on_time", "boolean", "按期办结", "Closed on time"),
    ]
    return ProcessRegister.load(
        {
            "name": register_name(process.name),
            "process": process.name,
            "title": Text("{title}（事项）", "{title} (matters)").format(title=process.title).as_dict(),
            "key": "record",
            "area": "area",
            "parent": {"register": process.of, "field": "record"},
            "confidential": register.confidential,
            "fields": fields,
            "choices": choices,
        }
    )


def process_figures(process: Process, *, register: Register) -> tuple[Figure, ...]:
    """The figures that every process has, named ``PROCESS.opened``, ``PROCESS.on_time_rate`` and so on.

    ``register`` is the one that the process runs in. Each is broken down by area, unit answerable, stage and, where the process
    has one, category; over time by when a matter was opened or closed; ``open_now`` and ``overdue_now`` stand as of the moment.
    """
    made = [*_counts(process), *_times(process)]
    return tuple(Figure.load(mapping) for mapping in made)


def _counts(process: Process) -> list[dict[str, Any]]:
    overdue = "state <> 'closed' and due_at < as_of()"
    return [
        _over(process, "opened", "收件数", "Opened", "count(*)", time="opened_at"),
        _over(process, "closed", "办结数", "Closed", "count(*)", time="closed_at", where="state = 'closed'"),
        _over(
            process, "on_time", "按期办结数", "Closed on time", "count(*)", time="closed_at", where="state = 'closed' and on_time"
        ),
        {
            **_named(process, "on_time_rate", "按期办结率", "Share closed on time"),
            "unit": "percent",
            "ratio": {"numerator": f"{process.name}.on_time", "denominator": f"{process.name}.closed"},
        },
        _over(process, "overdue", "超期数", "Overdue", "count(*)", time="opened_at", where=f"({overdue}) or late"),
        _over(process, "open_now", "在办数", "Open", "count(*)", where="state <> 'closed'"),
        _over(process, "overdue_now", "在办超期数", "Open and overdue", "count(*)", where=overdue),
        _over(process, "returns", "退回次数", "Returns", "sum(returns)", time="opened_at", unit="time"),
        _over(process, "reopenings", "重新办理次数", "Reopenings", "sum(reopenings)", time="opened_at", unit="time"),
    ]


def _times(process: Process) -> list[dict[str, Any]]:
    """In hours of office time, suspensions left out."""
    shared: dict[str, Any] = {"time": "closed_at", "unit": "hour", "where": "state = 'closed'", "display": {"places": 1}}
    median = _over(process, "median_hours", "办理用时中位数", "Median working time", "median(working_minutes) / 60", **shared)
    slowest = "quantile(working_minutes, 0.9) / 60"
    return [median, _over(process, "p90_hours", "办理用时九成分位数", "90th percentile of working time", slowest, **shared)]


def _over(process: Process, name: str, zh: str, en: str, measure: str, *, unit: str = "piece", **more: Any) -> dict[str, Any]:
    by = ["county", "town", "organisation", "stage", *(["category"] if process.category else [])]
    return {
        **_named(process, name, zh, en),
        "unit": unit,
        "of": register_name(process.name),
        "measure": measure,
        "by": by,
        **more,
    }


def _named(process: Process, name: str, zh: str, en: str) -> dict[str, Any]:
    title = Text(f"{process.title.zh}：{zh}", f"{process.title.en}: {en[:1].lower()}{en[1:]}")
    return {"name": f"{process.name}.{name}", "title": title.as_dict()}


def _field(name: str, type: str, zh: str, en: str, **more: Any) -> dict[str, Any]:
    return {"name": name, "type": type, "title": {"zh": zh, "en": en}, **more}


def _choices(name: str, labels: dict[str, Text]) -> dict[str, Any]:
    options = [{"code": code, "title": title.as_dict()} for code, title in labels.items()]
    return {"name": name, "title": {"zh": name, "en": name}, "options": options}
