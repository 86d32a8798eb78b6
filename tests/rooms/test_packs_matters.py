"""Processes in packs: every fault at its place, and nothing taken from under a matter that is open."""

from __future__ import annotations

from pathlib import Path

import pytest

from banjie.lib.errors import Invalid, NotFound
from banjie.matters.actions import advance, open_matter
from banjie.matters.catalogue import in_force
from banjie.matters.models import Matter
from banjie.packs import installation
from banjie.packs.actions import install
from banjie.packs.definition import Pack
from banjie.packs.plans import Plan, plan
from banjie.packs.reader import read
from tests.rooms import county
from tests.rooms.matters_world import COUNTY, WORKS, YANGXI, worker
from tests.rooms.packs_written import problems, write

HEAD = """
pack: help
title: {zh: 求助, en: Help}
version: "1.0"
roles:
  - {name: desk, title: {zh: 窗口, en: Desk}}
"""
REGISTERS = """
registers:
  - name: calls
    title: {zh: 来电, en: Calls}
    key: code
    area: town
    fields:
      - {name: code, type: text, required: true, title: {zh: 编号, en: Code}}
      - {name: town, type: area, required: true, title: {zh: 乡镇, en: Town}}
      - {name: amount, type: decimal, title: {zh: 金额, en: Amount}}
      - {name: result, type: text, title: {zh: 结果, en: Result}}
"""
MATTERS = """
matters:
  - name: call
    title: {zh: 来电办理, en: Call}
    of: calls
    starts: received
    stages:
      received:
        title: {zh: 受理, en: Received}
        owner: desk
        within: 2 hours
        to:
          handling: {when: "amount > 1 or amount is null"}
          refused: {needs: [result]}
      handling:
        title: {zh: 办理, en: Handling}
        owner: desk
        within: {by: result, terms: {urgent: 1 workday}, otherwise: 5 workdays}
        tasks:
          - {name: visit, title: {zh: 走访, en: Visit}, owner: desk, within: 1 workday}
        to:
          closed:
      closed: {title: {zh: 办结, en: Closed}, ending: done}
      refused: {title: {zh: 不予受理, en: Refused}, ending: rejected}
"""


def written(folder: Path, matters: str = MATTERS, registers: str = REGISTERS) -> Path:
    return write(folder / "help", pack=HEAD, registers=registers, matters=matters)


def pack(folder: Path, matters: str = MATTERS, registers: str = REGISTERS) -> Pack:
    return read(written(folder, matters, registers), installation.known())


def lines(todo: Plan) -> list[str]:
    return [f"{heading.en}: {line.text.en}" for heading, line in todo.lines()]


def test_a_good_process_is_read(tmp_path: Path) -> None:
    found = read(written(tmp_path))
    assert [(p.name, list(p.stages)) for p in found.processes] == [("call", ["received", "handling", "closed", "refused"])]


# What is written instead of what → where the fault is found, and a part of what is said.
FAULTS = {
    "a stage that no exit leads to": ("          refused: {needs: [result]}\n", "", "matters.yaml:22:7", "the stage refused cannot be reached"),
    "a dead end": (", ending: rejected}", ", owner: desk, within: 1 day}", "matters.yaml:23:7", "the stage is a dead end"),
    "a ring without an ending": ("          closed:\n", "          handling:\n", "matters.yaml:14:7", "no ending is reached from the stage handling"),
    "an exit to nowhere": ("          closed:\n", "          close:\n", "matters.yaml:21:11", "no stage called close. Did you mean closed?"),
    "no such start": ("starts: received", "starts: recieved", "matters.yaml:5:5", "no stage called recieved. Did you mean received?"),
    "a stage without an owner": ("        owner: desk\n        within: 2 hours\n", "        within: 2 hours\n", "matters.yaml:7:7", "no owner"),
    "a stage without a term": ("        within: 2 hours\n", "", "matters.yaml:7:7", "no term"),
    "a term that cannot be read": ("within: 2 hours", "within: soon", "matters.yaml:10:9", "soon"),
    "a term in the list that cannot be read": ("{urgent: 1 workday}", "{urgent: tomorrow}", "matters.yaml:17:38", "tomorrow"),
    "a term without what holds otherwise": (", otherwise: 5 workdays}", "}", "matters.yaml:17:9", "otherwise is missing"),
    "a guard over an unknown field": ("amount > 1 or", "wealth > 1 or", "matters.yaml:12:29", "wealth"),
    "a guard that ends too soon": ("amount > 1 or amount is null", "amount > 1 or", "matters.yaml:12:", ""),
    "evidence in an unknown field": ("needs: [result]", "needs: [results]", "matters.yaml:13:29", "has no field results"),
    "a term by an unknown field": ("by: result", "by: results", "matters.yaml:17:18", "has no field results"),
    "an unknown role": ("Visit}, owner: desk", "Visit}, owner: dusk", "matters.yaml:19:55", "no role called dusk. Did you mean desk?"),
    "an unknown register": ("of: calls", "of: call", "matters.yaml:4:5", "no register called call. Did you mean calls?"),
    "an unknown process to branch to": (
        "        tasks:\n", "        branches: [{process: visit, fields: {code: code}}]\n        tasks:\n", "matters.yaml:18:21", "no process called visit"
    ),
    "a branch to itself": (
        "        tasks:\n", "        branches: [{process: call, fields: {code: code}}]\n        tasks:\n", "matters.yaml:2:5", "lead back to itself"
    ),
    "a field that the branch has not": (
        "        tasks:\n", "        branches: [{process: call, fields: {number: code}}]\n        tasks:\n", "matters.yaml:18:45", "no field called number"
    ),
    "a word that is not known": ("within: 2 hours", "whithin: 2 hours", "matters.yaml:10:9", "whithin"),
}  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS)
def test_each_fault_is_named_at_its_place(fault: str, tmp_path: Path) -> None:
    old, new, where, says = FAULTS[fault]
    assert old in MATTERS
    found = problems(written(tmp_path, MATTERS.replace(old, new)))
    assert any(line.startswith(where) and says in line for line in found), found
    assert len(found) <= 2, found


def test_one_fault_does_not_hide_the_next(tmp_path: Path) -> None:
    faulty = MATTERS.replace("amount > 1 or", "wealth > 1 or").replace("needs: [result]", "needs: [results]")
    faulty = faulty.replace("by: result", "by: results").replace("Visit}, owner: desk", "Visit}, owner: dusk")
    found = problems(written(tmp_path, faulty))
    assert [line.split(": ")[0] for line in found] == [
        "matters.yaml:12:29", "matters.yaml:13:29", "matters.yaml:17:18", "matters.yaml:19:55",
    ]  # fmt: skip


def test_a_name_stands_once(tmp_path: Path) -> None:
    twice = MATTERS + MATTERS.replace("\nmatters:\n", "")
    found = problems(written(tmp_path, twice))
    assert any("call is already in matters.yaml:2" in line for line in found), found


def test_branches_are_put_before_the_process_that_opens_them(tmp_path: Path) -> None:
    main = MATTERS.replace("        tasks:\n", "        branches: [{process: site, fields: {code: code}}]\n        tasks:\n")
    site = MATTERS.replace("\nmatters:\n", "").replace("name: call", "name: site")
    assert [p.name for p in read(written(tmp_path, main + site)).processes] == ["site", "call"]


@pytest.fixture
def people(db: None) -> None:
    county.areas()


def hand_in(code: str = "C-1") -> Matter:
    return open_matter("call", {"code": code, "town": YANGXI}, by=None)


def installed(folder: Path, matters: str = MATTERS, registers: str = REGISTERS) -> Plan:
    return install(pack(folder, matters, registers), by=None)


@pytest.fixture
def _in_force(people: None, tmp_path: Path) -> None:
    """The pack is installed, and a post answers for the desk."""
    installed(tmp_path)
    worker("desk", COUNTY, WORKS, "desk")


@pytest.mark.usefixtures("people")
def test_the_plan_says_what_is_added_and_installing_does_it(tmp_path: Path) -> None:
    todo = plan(pack(tmp_path))
    assert "added: process call (Call): 4 stages, 1 tasks, 11 figures" in lines(todo)
    install(pack(tmp_path), by=None, accept=todo)
    assert in_force("call").version.pack == "help"
    assert installed(tmp_path).nothing_to_do


@pytest.mark.usefixtures("_in_force")
def test_a_change_tells_how_many_matters_stay_with_the_version_they_have(tmp_path: Path) -> None:
    hand_in()
    hand_in("C-2")
    changed = MATTERS.replace("within: 2 hours", "within: 3 hours")
    assert lines(plan(pack(tmp_path, changed))) == [
        "changed: process call (Call): stages.received.within changes from 2 hours to 3 hours "
        "(2 open matters finish under the version they began with; the newest is 1)"
    ]
    installed(tmp_path, changed)
    assert in_force("call").version.number == 2
    assert {m.definition.number for m in Matter.objects.all()} == {1}


@pytest.mark.usefixtures("_in_force")
def test_a_process_with_open_matters_is_not_removed(tmp_path: Path) -> None:
    matter = hand_in()
    without = "figures: []\n"
    refused = "refused: process call (Call): 1 matters are open: close them first, or keep the process."
    assert refused in lines(plan(pack(tmp_path, without)))
    with pytest.raises(Invalid, match="尚有 1 件在办"):
        installed(tmp_path, without)
    advance(matter, "refused", changes={"result": "x"}, version=matter.version, by=None)
    assert "removed: process call (Call)" in lines(installed(tmp_path, without))
    with pytest.raises(NotFound):
        in_force("call")


@pytest.mark.usefixtures("_in_force")
def test_a_field_by_which_matters_are_handled_is_not_removed(tmp_path: Path) -> None:
    hand_in()
    smaller = REGISTERS.replace("      - {name: amount, type: decimal, title: {zh: 金额, en: Amount}}\n", "")
    looser = MATTERS.replace('{when: "amount > 1 or amount is null"}', "{}")
    installed(tmp_path, looser)
    todo = plan(pack(tmp_path, looser, smaller))
    assert any("1 matters (1 open) follow its version 1" in line for line in lines(todo) if line.startswith("refused")), lines(
        todo
    )


@pytest.mark.usefixtures("_in_force")
def test_a_field_that_another_packs_process_needs_is_not_removed(tmp_path: Path) -> None:
    other = write(
        tmp_path / "other",
        pack='pack: other\ntitle: {zh: 其他, en: Other}\nversion: "1"\nrequires: [help]\n',
        matters=MATTERS.replace("name: call", "name: second"),
    )
    install(read(other, installation.known()), by=None)
    smaller = REGISTERS.replace(
        "amount, type: decimal, title: {zh: 金额, en: Amount}", "cost, type: decimal, title: {zh: 费用, en: Cost}"
    )
    looser = MATTERS.replace("amount > 1 or amount is null", "cost > 1")
    found = problems(written(tmp_path, looser, smaller), installation.known())
    assert len(found) == 1
    assert "the process second of the pack other would no longer work" in found[0]


@pytest.mark.usefixtures("_in_force")
def test_a_process_of_another_pack_keeps_its_name(tmp_path: Path) -> None:
    other = write(
        tmp_path / "other", pack='pack: other\ntitle: {zh: 其他, en: Other}\nversion: "1"\nrequires: [help]\n', matters=MATTERS
    )
    assert any("the process call belongs to the pack help" in line for line in problems(other, installation.known()))
