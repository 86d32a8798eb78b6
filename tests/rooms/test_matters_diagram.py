"""A process as a drawing and as BPMN."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import pytest

from banjie.matters.bpmn import DC, DI, LINES, MODEL, bpmn
from banjie.matters.definition import Process
from banjie.matters.diagram import BOX_HEIGHT, BOX_WIDTH, diagram
from banjie.matters.drawing import svg
from tests.rooms import matters_world as world


@pytest.fixture
def process() -> Process:
    return Process.load(world.PROCESS)


def test_no_two_boxes_overlap_and_the_start_stands_first(process: Process) -> None:
    boxes = diagram(process).boxes
    assert boxes[0].x == min(b.x for b in boxes)
    for a in boxes:
        for b in boxes:
            apart = abs(a.x - b.x) >= BOX_WIDTH or abs(a.y - b.y) >= BOX_HEIGHT
            assert a is b or apart, (a.name, b.name)


def test_every_way_is_drawn_and_ends_at_its_stage(process: Process) -> None:
    drawn = diagram(process)
    assert len(drawn.arrows) == sum(len(stage.to) for stage in process.stages.values())
    for arrow in drawn.arrows:
        box, (x, y) = drawn.by_name[arrow.target], arrow.points[-1]
        assert box.x <= x <= box.x + BOX_WIDTH
        assert box.y <= y <= box.y + BOX_HEIGHT


def test_the_drawing_is_well_formed_bilingual_and_without_inline_style(process: Process) -> None:
    drawn = svg(process, present="handling")
    root = ElementTree.fromstring(drawn)
    assert root.get("role") == "img"
    text = "".join(root.itertext())
    for stage in process.stages.values():
        assert stage.title.zh in text
        assert stage.title.en in text
    assert not re.search(r"\bstyle=|<style|<script|\bon\w+=", drawn)
    assert drawn.count('aria-current="step"') == 1


def test_bpmn_references_hold_and_everything_is_drawn(process: Process) -> None:
    root = ElementTree.fromstring(bpmn(process))
    elements = [e for e in root.iter() if e.get("id")]
    ids = [e.get("id") for e in elements]
    assert len(ids) == len(set(ids))
    flows = root.findall(f".//{{{MODEL}}}sequenceFlow")
    for flow in flows:
        assert {flow.get("sourceRef"), flow.get("targetRef")} <= set(ids)
    shown = {e.get("bpmnElement") for e in root.iter() if e.get("bpmnElement")}
    process_node = root.find(f"{{{MODEL}}}process")
    assert process_node is not None
    assert {e.get("id") for e in process_node if e.get("id")} <= shown
    for shape in root.iter(f"{{{DI}}}BPMNShape"):
        assert shape.find(f"{{{DC}}}Bounds") is not None
    for edge in root.iter(f"{{{DI}}}BPMNEdge"):
        assert len(edge.findall(f"{{{LINES}}}waypoint")) >= 2


def test_bpmn_takes_one_of_several_ways(process: Process) -> None:
    root = ElementTree.fromstring(bpmn(process))
    for name, stage in process.stages.items():
        out = [f for f in root.iter(f"{{{MODEL}}}sequenceFlow") if f.get("sourceRef") == f"stage_{name}"]
        assert len(out) == (0 if stage.ending else 1)
