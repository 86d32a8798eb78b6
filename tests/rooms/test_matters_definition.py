"""What a process may say, and what is found when it is installed."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest

from banjie.lib.errors import DefinitionError
from banjie.matters.definition import Process
from banjie.matters.installing import install_process
from tests.rooms import matters_world as world

Change = Callable[[dict[str, Any]], object]

IN_ITSELF: dict[str, tuple[Change, str]] = {
    "a stage that cannot be reached": (lambda p: p["stages"].update(lost={**p["stages"]["handling"]}), "到不了"),
    "a dead end": (lambda p: p["stages"]["handling"].pop("to"), "没有出口"),
    "a ring without an ending": (
        lambda p: p["stages"].update({k: {**v, "to": {"received": None}} for k, v in p["stages"].items() if v.get("to")}), "到不了|走不到"
    ),
    "no owner": (lambda p: p["stages"]["handling"].pop("owner"), "没有责任人"),
    "no term": (lambda p: p["stages"]["handling"].pop("within"), "没有期限"),
    "a term that cannot be read": (lambda p: p["stages"]["handling"].update(within="soon"), "看不懂期限"),
    "an exit to nowhere": (lambda p: p["stages"]["handling"]["to"].update(nowhere=None), "不存在"),
    "no such start": (lambda p: p.update(starts="nowhere"), "starts"),
    "an ending with an exit": (lambda p: p["stages"]["closed"].update(to={"received": None}), "终结环节"),
    "a task twice": (lambda p: p["stages"]["joint"]["tasks"].append(p["stages"]["joint"]["tasks"][0]), "重复"),
    "a word that is not known": (lambda p: p["stages"]["handling"].update(whithin="1 day"), "whithin"),
}  # fmt: skip
WITH_ITS_REGISTER: dict[str, tuple[Change, str]] = {
    "a guard over a field that is not there": (lambda p: p["stages"]["handling"]["to"]["closed"].update(when="wealth > 1"), "wealth"),
    "a guard over a personal field": (lambda p: p["stages"]["handling"]["to"]["closed"].update(when="phone = '1'"), "phone"),
    "a guard that is no condition": (lambda p: p["stages"]["handling"]["to"]["closed"].update(when="amount + 1"), "公式"),
    "a guard over no children of this register": (lambda p: p["stages"]["handling"]["to"]["closed"].update(when="children.reports > 1"), "children_reports"),
    "evidence in a field that is not there": (lambda p: p["stages"]["handling"]["to"]["closed"].update(needs=["wealth"]), "wealth"),
    "a role that is not there": (lambda p: p["stages"]["handling"].update(owner="king"), "king"),
    "a role to escalate to that is not there": (lambda p: p["stages"]["handling"].update(escalate=[{"after": "1 day", "to": "king"}]), "king"),
    "a branch to a process that is not there": (
        lambda p: p["stages"]["joint"].update(branches=[{"process": "none", "fields": {"code": "code"}}]), "none"
    ),
}  # fmt: skip


def changed(change: Change) -> dict[str, Any]:
    mapping = copy.deepcopy(world.PROCESS)
    change(mapping)
    return mapping


@pytest.mark.parametrize("fault", IN_ITSELF)
def test_what_is_wrong_in_itself_is_told(fault: str) -> None:
    change, says = IN_ITSELF[fault]
    with pytest.raises(DefinitionError, match=says) as refused:
        Process.load(changed(change), ("matters", 0))
    assert refused.value.says.en
    assert refused.value.path[:2] == ("matters", 0)


@pytest.mark.django_db
@pytest.mark.parametrize("fault", WITH_ITS_REGISTER)
def test_what_does_not_fit_the_register_is_told_at_install_time(fault: str) -> None:
    world.build()
    change, says = WITH_ITS_REGISTER[fault]
    with pytest.raises(DefinitionError, match=says):
        install_process(Process.load(changed(change)), pack="test", by=None)


@pytest.mark.django_db
def test_the_same_process_again_is_no_new_version() -> None:
    world.build()
    assert install_process(Process.load(world.PROCESS), pack="test", by=None).number == 1
    assert install_process(Process.load(changed(lambda p: p.update(extensions=2))), pack="test", by=None).number == 2


def test_a_process_survives_its_own_json() -> None:
    process = Process.load(world.PROCESS)
    assert Process.load(process.as_json()) == process
