"""A process as a drawing and as BPMN."""

from __future__ import annotations

import json
import re
from xml.etree import ElementTree

import pytest

from banjie.lib.text import Language, Text, reading_in
from banjie.matters.bpmn import DC, DI, LINES, MODEL, bpmn
from banjie.matters.definition import Process
from banjie.matters.diagram import BOX_HEIGHT, BOX_WIDTH, diagram
from banjie.matters.drawing import in_words, svg
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


@pytest.mark.parametrize(("language", "other"), [("zh", "en"), ("en", "zh")])
def test_the_drawing_is_well_formed_in_one_language_and_without_inline_style(
    process: Process, language: Language, other: Language
) -> None:
    with reading_in(language):
        drawn = svg(process, present="handling")
    root = ElementTree.fromstring(drawn)
    assert root.get("role") == "img"
    text = "".join(root.itertext())
    for stage in process.stages.values():
        assert getattr(stage.title, language) in text
        assert getattr(stage.title, other) not in text
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


def test_what_stands_in_a_box_is_wrapped_and_not_cut() -> None:
    mapping = json.loads(json.dumps(world.PROCESS))
    mapping["stages"]["handling"]["title"] = {
        "zh": "由牵头单位会同配合单位办理并答复",
        "en": "Handled by the leading unit with others",
    }
    with reading_in("zh"):
        root = ElementTree.fromstring(svg(Process.load(mapping)))
    lines = [node.text or "" for node in root.iter("{http://www.w3.org/2000/svg}text")]
    assert not any("…" in line for line in lines)
    assert "由牵头单位会同配合单位办理并答复" in "".join(lines)


def test_in_words_it_is_punctuated_as_chinese_is(process: Process) -> None:
    assert "；" in in_words(process).zh
    assert not re.search("[;,]", in_words(process).zh)


def test_bpmn_calls_whoever_answers_by_title(process: Process) -> None:
    names = [s.owner.role for s in process.stages.values() if s.owner and s.owner.role]
    said = bpmn(process, {name: Text("某岗位", "some post") for name in names}).decode()
    assert "责任：某岗位" in said
    assert not any(f"责任：{name}" in said for name in names)
