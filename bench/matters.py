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
from pathlib import Path

folder = Path(tempfile.mkdtemp(prefix="banjie-bench-"))
os.environ["BANJIE_DATA"] = str(folder)
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "banjie.settings")
sys.path.insert(0, str(Path(__file__).parents[1]))

import django  # noqa: E402 - the environment comes first

django.setup()

from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402

from banjie.matters.actions import advance, open_matter  # noqa: E402
from banjie.matters.models import Matter  # noqa: E402
from banjie.people.models import Account  # noqa: E402
from tests.rooms import matters_world as world  # noqa: E402

MATTERS = 400


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


def spiff() -> Callable[[int], None] | None:
    """SpiffWorkflow: two manual tasks and an end, its state serialised to JSON after every step; no database at all."""
    if importlib.util.find_spec("SpiffWorkflow") is None:
        return None
    from SpiffWorkflow.bpmn.parser import BpmnParser  # noqa: PLC0415 - only where it is installed
    from SpiffWorkflow.bpmn.serializer import BpmnWorkflowSerializer  # noqa: PLC0415
    from SpiffWorkflow.bpmn.workflow import BpmnWorkflow  # noqa: PLC0415
    from SpiffWorkflow.util.task import TaskState  # noqa: PLC0415

    chain = ["s", *[f"t{i}" for i in range(6)], "e"]
    flows = "".join(f'<sequenceFlow id="f{i}" sourceRef="{a}" targetRef="{b}"/>' for i, (a, b) in enumerate(zip(chain, chain[1:], strict=False)))
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
    state = {"flow": None}

    def step(n: int) -> None:
        flow = state["flow"]
        if flow is None or flow.is_completed():
            flow = state["flow"] = BpmnWorkflow(spec)
            flow.do_engine_steps()
        task = flow.get_tasks(state=TaskState.READY, manual=True)[0]
        task.data["result"] = n
        task.run()
        flow.do_engine_steps()
        serializer.serialize_json(flow)

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
    print(f"{connection.vendor}: advance through the whole door: {speed:,.0f} /s, {own:,.0f} per second of own time ({Matter.objects.count()} matters)")
    for name, other in (("SpiffWorkflow, serialising, no database", spiff()),):
        if other is None:
            print(f"{name}: not installed; run with: uv run --with SpiffWorkflow --with django-viewflow --with-editable . python bench/matters.py")
        else:
            theirs, their_own = rate(other, seconds)
            print(f"{name}: {theirs:,.0f} /s, {their_own:,.0f} of own time; ours is {own / their_own:.2f} ×")
    if profile:
        pstats.Stats(profiler).sort_stats("cumtime").print_stats(70)


if __name__ == "__main__":
    numbers = [float(a) for a in sys.argv[1:] if a.replace(".", "").isdigit()]
    main(numbers[0] if numbers else 5.0, "--profile" in sys.argv)
