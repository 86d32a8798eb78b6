"""A process as BPMN 2.0 XML with diagram interchange, to open in any BPMN viewer.

A stage is a user task, one with tasks or branches a sub-process; where several ways lead out stands an exclusive gateway, as BPMN
would otherwise take all of them. Owners, terms and their sources are documentation: BPMN has no word for a duty or a workday.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from xml.etree.ElementTree import Element, SubElement, indent, register_namespace, tostring

from banjie.lib.text import Text
from banjie.matters.definition import Process, Stage
from banjie.matters.diagram import BOX_HEIGHT, BOX_WIDTH, Arrow, Box, Diagram, Point, diagram, term_text

MODEL = "http://www.omg.org/spec/BPMN/20100524/MODEL"
DI = "http://www.omg.org/spec/BPMN/20100524/DI"
DC = "http://www.omg.org/spec/DD/20100524/DC"
LINES = "http://www.omg.org/spec/DD/20100524/DI"
XSI = "http://www.w3.org/2001/XMLSchema-instance"
EVENT, GATEWAY = 36, 40
for prefix, name in (("bpmn", MODEL), ("bpmndi", DI), ("dc", DC), ("di", LINES), ("xsi", XSI)):
    register_namespace(prefix, name)


def bpmn(process: Process, roles: Mapping[str, Text] | None = None) -> bytes:
    """The XML, in UTF-8. ``roles``: the titles of those who answer, by name."""
    drawn = diagram(process)
    top = Element(f"{{{MODEL}}}definitions", {"id": "definitions", "targetNamespace": "urn:banjie:process", "exporter": "Banjie"})
    flow = SubElement(
        top, f"{{{MODEL}}}process", {"id": f"process_{process.name}", "name": _name(process.title), "isExecutable": "false"}
    )
    if process.description:
        _say(flow, process.description)
    picture = SubElement(top, f"{{{DI}}}BPMNDiagram", {"id": "diagram"})
    plane = SubElement(picture, f"{{{DI}}}BPMNPlane", {"id": "plane", "bpmnElement": f"process_{process.name}"})
    _start(process, drawn, flow, plane)
    for box in drawn.boxes:
        _station(box, flow, plane, roles or {})
    for number, arrow in enumerate(drawn.arrows):
        _way(number, arrow, drawn, flow, plane)
    indent(top)
    written: bytes = tostring(top, encoding="utf-8", xml_declaration=True)
    return written


def _start(process: Process, drawn: Diagram, flow: Element, plane: Element) -> None:
    first = drawn.by_name[process.starts]
    SubElement(flow, f"{{{MODEL}}}startEvent", {"id": "start", "name": "开始 Start"})
    x, y = first.x - EVENT - 34, first.centre[1] - EVENT // 2
    _shape(plane, "start", x, y, EVENT, EVENT)
    _connect(flow, plane, "flow_start", "start", _id(first.name), ((x + EVENT, first.centre[1]), (first.x, first.centre[1])))


def _station(box: Box, flow: Element, plane: Element, roles: Mapping[str, Text]) -> None:
    """A stage or an ending, and its gateway where several ways lead out."""
    stage = box.stage
    kind = "endEvent" if stage.ending else "subProcess" if stage.tasks or stage.branches else "userTask"
    node = SubElement(flow, f"{{{MODEL}}}{kind}", {"id": _id(box.name), "name": _name(stage.title)})
    for said in _documentation(stage, roles):
        _say(node, said)
    for task in stage.tasks:
        inner = SubElement(node, f"{{{MODEL}}}userTask", {"id": f"task_{box.name}_{task.name}", "name": _name(task.title)})
        if task.within and isinstance(task.within, str):
            _say(inner, Text(task.within, task.within))
    for n, branch in enumerate(stage.branches):
        SubElement(node, f"{{{MODEL}}}callActivity", {"id": f"branch_{box.name}_{n}", "name": branch.process})
    if stage.ending:
        _shape(plane, _id(box.name), box.x, box.centre[1] - EVENT // 2, EVENT, EVENT)
        return
    _shape(plane, _id(box.name), box.x, box.y, BOX_WIDTH, BOX_HEIGHT, expanded=False if kind == "subProcess" else None)
    if len(stage.to) > 1:
        SubElement(flow, f"{{{MODEL}}}exclusiveGateway", {"id": f"which_{box.name}", "gatewayDirection": "Diverging"})
        x, y = box.x + BOX_WIDTH + 10, box.centre[1] - GATEWAY // 2
        _shape(plane, f"which_{box.name}", x, y, GATEWAY, GATEWAY)
        between = ((box.x + BOX_WIDTH, box.centre[1]), (x, box.centre[1]))
        _connect(flow, plane, f"flow_{box.name}", _id(box.name), f"which_{box.name}", between)


def _documentation(stage: Stage, roles: Mapping[str, Text]) -> Iterator[Text]:
    if stage.owner:
        name = stage.owner.role or stage.owner.field or stage.owner.organisation or ""
        title = roles.get(name, Text(name, name))
        yield Text(f"责任：{title.zh}", f"owner: {title.en}")
    if term := term_text(stage):
        yield term
    if stage.source:
        yield Text(f"依据：{stage.source}", f"source: {stage.source}")
    if stage.description:
        yield stage.description


def _way(number: int, arrow: Arrow, drawn: Diagram, flow: Element, plane: Element) -> None:
    source = drawn.by_name[arrow.source]
    several = len(source.stage.to) > 1
    leaves = f"which_{arrow.source}" if several else _id(arrow.source)
    edge = _connect(flow, plane, f"flow_{number}", leaves, _id(arrow.target), _route(arrow, source, several), _name(arrow.title))
    when = source.stage.to[arrow.target].when
    if when:
        condition = SubElement(edge, f"{{{MODEL}}}conditionExpression", {f"{{{XSI}}}type": "bpmn:tFormalExpression"})
        condition.text = when


def _route(arrow: Arrow, source: Box, several: bool) -> tuple[Point, ...]:
    """The drawn line, but from the gateway where there is one."""
    if not several:
        return arrow.points
    x, y = source.x + BOX_WIDTH + 10, source.centre[1]
    if arrow.back:
        middle = x + GATEWAY // 2
        return (middle, y + GATEWAY // 2), (middle, arrow.points[1][1]), *arrow.points[2:]
    if len(arrow.points) == 2:
        return (x + GATEWAY, y), arrow.points[-1]
    bend = x + GATEWAY // 2
    down = GATEWAY // 2 if arrow.points[2][1] > y else -(GATEWAY // 2)
    return (bend, y + down), (bend, arrow.points[2][1]), *arrow.points[3:]


def _connect(
    flow: Element, plane: Element, name: str, source: str, target: str, points: tuple[Point, ...], title: str = ""
) -> Element:
    edge = SubElement(
        flow,
        f"{{{MODEL}}}sequenceFlow",
        {"id": name, "sourceRef": source, "targetRef": target} | ({"name": title} if title else {}),
    )
    line = SubElement(plane, f"{{{DI}}}BPMNEdge", {"id": f"{name}_line", "bpmnElement": name})
    for x, y in points:
        SubElement(line, f"{{{LINES}}}waypoint", {"x": str(x), "y": str(y)})
    return edge


def _shape(plane: Element, name: str, x: int, y: int, width: int, height: int, *, expanded: bool | None = None) -> None:
    known = {"id": f"{name}_shape", "bpmnElement": name} | ({} if expanded is None else {"isExpanded": str(expanded).lower()})
    shape = SubElement(plane, f"{{{DI}}}BPMNShape", known)
    SubElement(shape, f"{{{DC}}}Bounds", {"x": str(x), "y": str(y), "width": str(width), "height": str(height)})


def _say(node: Element, said: Text) -> None:
    SubElement(node, f"{{{MODEL}}}documentation").text = f"{said.zh}\n{said.en}"


def _name(title: Text) -> str:
    return f"{title.zh}\n{title.en}"


def _id(stage: str) -> str:
    return f"stage_{stage}"
