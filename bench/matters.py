"""How many steps a second: ``matters.actions.advance`` through the whole door, in one process.

    .venv/bin/python bench/matters.py [SECONDS] [--profile]
    uv run --with django-viewflow --with SpiffWorkflow --with-editable . python bench/matters.py      # with the alternatives

Ours goes through permission, guard, clocks, the record and the ledger. BANJIE_DATABASE=postgresql://… runs it on PostgreSQL.
The named alternatives run in the same process: a django-viewflow flow of views on the same database (its own tables; no
permission, no working calendar, no chained ledger), and SpiffWorkflow serialising its state after every step, with no database.
They are no dependencies of the project: where they are missing, the bench says so and how to get them.
"""

from __future__ import annotations

import cProfile
import importlib.util
import os
import pstats
import sys
import tempfile
import time
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

folder = Path(tempfile.mkdtemp(prefix="banjie-bench-"))
os.environ["BANJIE_DATA"] = str(folder)
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "banjie.settings")
sys.path.insert(0, str(Path(__file__).parents[1]))

import django
from django.conf import settings

VIEWFLOW = importlib.util.find_spec("viewflow") is not None
if VIEWFLOW:
    settings.INSTALLED_APPS += ["viewflow", "viewflow.workflow", "viewflow_alternative"]
django.setup()

from django.core.management import call_command
from django.db import connection
from tests.rooms import matters_world as world

from banjie.matters.actions import advance, open_matter
from banjie.matters.models import Matter
from banjie.people.models import Account

MATTERS = 400
HOW = "Run: uv run --with SpiffWorkflow --with django-viewflow --with-editable . python bench/matters.py"


def rate(step: Callable[[int], None], seconds: float) -> tuple[float, float]:
    """Steps a second of wall clock, and of this process's own time: the two differ where others use the machine too."""
    done, begun, worked = 0, time.perf_counter(), time.process_time()
    while (now := time.perf_counter()) - begun < seconds:
        step(done)
        done += 1
    return done / (now - begun), done / (time.process_time() - worked)


def ours(desk: Account, unit: Account) -> Callable[[int], None]:
    """One step each: received → handling by the desk, handling → received by the unit, a workday clock every other time."""
    rows = [open_matter("request", world.request(f"Q-{n}", kind="路灯"), by=desk) for n in range(MATTERS)]
    held = [(m.pk, 1) for m in rows]

    def step(n: int) -> None:
        pk, version = held[n % MATTERS]
        to, by = ("handling", desk) if version % 2 else ("received", unit)
        advance(pk, to, version=version, by=by)
        held[n % MATTERS] = (pk, version + 1)

    return step


def viewflow(seconds: float) -> tuple[float, float] | None:
    """django-viewflow 2: a flow of six handled steps, on this database, its process and task tables written at each step."""
    if not VIEWFLOW:
        return None
    from viewflow_alternative.flows import Request  # noqa: PLC0415 - only where it is installed

    nodes = [Request.one, Request.two, Request.three, Request.four]
    state: dict[str, object] = {}

    def step(n: int) -> None:
        at = n % 5
        if at == 0:
            state["process"] = Request.start.run()
        else:
            task = state["process"].task_set.get(flow_task=nodes[at - 1], finished=None)  # type: ignore[attr-defined]
            nodes[at - 1].run(task)

    return rate(step, seconds)


def spiff(*, restoring: bool) -> Callable[[int], None] | None:
    """SpiffWorkflow: six manual tasks and an end, its state serialised to JSON after every step; no database at all.

    ``restoring``: the state is read back before each step too, as it must be where another process took the step before.
    """
    if importlib.util.find_spec("SpiffWorkflow") is None:
        return None
    from SpiffWorkflow.bpmn.parser import BpmnParser  # noqa: PLC0415 - only where it is installed
    from SpiffWorkflow.bpmn.serializer import BpmnWorkflowSerializer  # noqa: PLC0415
    from SpiffWorkflow.bpmn.workflow import BpmnWorkflow  # noqa: PLC0415
    from SpiffWorkflow.util.task import TaskState  # noqa: PLC0415

    chain = ["s", *[f"t{i}" for i in range(6)], "e"]
    flows = "".join(f'<sequenceFlow id="f{i}" sourceRef="{a}" targetRef="{b}"/>' for i, (a, b) in enumerate(pairwise(chain)))
    tasks = "".join(f'<manualTask id="{t}" name="{t}"/>' for t in chain[1:-1])
    path = folder / "flow.bpmn"
    path.write_text(
        '<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" targetNamespace="x" id="d">'
        f'<process id="p" isExecutable="true"><startEvent id="s"/>{tasks}<endEvent id="e"/>{flows}</process></definitions>'
    )
    parser = BpmnParser()
    parser.add_bpmn_file(str(path))
    spec = parser.get_spec("p")
    serializer = BpmnWorkflowSerializer()
    state: dict[str, Any] = {"flow": None, "text": ""}

    def step(n: int) -> None:
        flow = serializer.deserialize_json(state["text"]) if restoring and state["text"] else state["flow"]
        if flow is None or flow.is_completed():
            flow = state["flow"] = BpmnWorkflow(spec)
            flow.do_engine_steps()
        task = flow.get_tasks(state=TaskState.READY, manual=True)[0]
        task.data["result"] = n
        task.run()
        flow.do_engine_steps()
        state["text"] = serializer.serialize_json(flow)

    return step


def main(seconds: float, profile: bool) -> None:
    call_command("migrate", verbosity=0)
    people = world.build()
    step = ours(people["desk"], people["unit"])
    rate(step, 0.5)
    profiler = cProfile.Profile()
    if profile:
        profiler.enable()
    speed, own = rate(step, seconds)
    profiler.disable()
    print(
        f"{connection.vendor}: advance through the whole door: {speed:,.0f} /s, {own:,.0f} per second of own time ({Matter.objects.count()} matters)"
    )
    kept, restored = spiff(restoring=False), spiff(restoring=True)
    others = {
        "django-viewflow, same database": viewflow(seconds),
        "SpiffWorkflow, serialising, no database": rate(kept, seconds) if kept else None,
        "SpiffWorkflow, restoring and serialising, no database": rate(restored, seconds) if restored else None,
    }
    for name, measured in others.items():
        if measured is None:
            print(f"{name}: not installed here. {HOW}")
        else:
            print(f"{name}: {measured[0]:,.0f} /s, {measured[1]:,.0f} of own time; ours is {own / measured[1]:.2f} ×")
    if profile:
        pstats.Stats(profiler).sort_stats("cumtime").print_stats(70)


if __name__ == "__main__":
    numbers = [float(a) for a in sys.argv[1:] if a.replace(".", "").isdigit()]
    main(numbers[0] if numbers else 5.0, "--profile" in sys.argv)
