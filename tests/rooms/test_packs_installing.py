"""What a plan says, what an installation does, and what it refuses to lose."""

from __future__ import annotations

from pathlib import Path

import pytest

from banjie.figures.catalogue import figures
from banjie.ledger.models import Entry
from banjie.lib.errors import Invalid, NotFound, NotPermitted, Refusal
from banjie.packs import installation
from banjie.packs.actions import PlanChanged, install
from banjie.packs.definition import Pack
from banjie.packs.models import InstalledPack
from banjie.packs.plans import Plan, plan
from banjie.packs.reader import read
from banjie.packs.screens import cockpit
from banjie.people.models import Account, Grant, Post
from banjie.registers.actions import create
from banjie.registers.catalogue import catalogue
from banjie.registers.models import RegisterVersion
from tests.rooms import county
from tests.rooms.packs_written import HEAD, SHOPS, write

pytestmark = pytest.mark.django_db


def pack(folder: Path, shops: str = SHOPS, head: str = HEAD) -> Pack:
    """The pack of shops, written anew."""
    return read(write(folder / "shops", pack=head, shops=shops), installation.known())


def lines(todo: Plan) -> list[str]:
    return [f"{heading.en}: {line.text.en}" for heading, line in todo.lines()]


def test_a_first_installation_adds_everything(tmp_path: Path) -> None:
    todo = plan(pack(tmp_path))
    assert lines(todo) == [
        "added: register shops (Shops): 4 fields, 1 rules",
        "added: figure shops.turnover (Turnover)",
    ]
    install(pack(tmp_path), by=None, accept=todo)
    assert catalogue().register("shops").title.zh == "商户"
    assert "shops.turnover" in figures().figures
    assert [(p.name, p.version, p.number) for p in InstalledPack.objects.in_force()] == [("shops", "1.0", 1)]


def test_what_was_done_is_in_the_ledger(tmp_path: Path) -> None:
    install(pack(tmp_path), by=None)
    entry = Entry.objects.of("pack:shops").get()
    assert (entry.verb, entry.body["version"]) == ("pack.install", "1.0")
    assert [did["what"] for did in entry.body["did"]] == ["added", "added"]


def test_the_same_pack_again_does_nothing(tmp_path: Path) -> None:
    install(pack(tmp_path), by=None)
    before = Entry.objects.count(), RegisterVersion.objects.count()
    again = install(pack(tmp_path), by=None)
    assert again.nothing_to_do
    assert (Entry.objects.count(), RegisterVersion.objects.count(), InstalledPack.objects.count()) == (*before, 1)


def test_changes_are_told_field_by_field(tmp_path: Path) -> None:
    install(pack(tmp_path), by=None)
    changed = SHOPS.replace("{code: retail, title: {zh: 零售, en: Retail}}", "{code: retail, title: {zh: 零售业, en: Retail}}")
    changed = changed.replace("turnover >= 0", "turnover > 0").replace(
        "    rules:", "      - {name: open, type: boolean, title: {zh: 在营, en: Open}}\n    rules:"
    )
    assert lines(plan(pack(tmp_path, changed))) == [
        "changed: register shops (Shops): fields.open is added: 在营 / Open",
        "changed: register shops (Shops): rules.sane.check changes from turnover >= 0 to turnover > 0",
        "changed: register shops (Shops): choices.trades.options.retail.title changes from 零售 / Retail to 零售业 / Retail",
    ]
    install(pack(tmp_path, changed), by=None)
    assert catalogue().number("shops") == 2


def test_a_new_title_alone_is_a_change_too(tmp_path: Path) -> None:
    install(pack(tmp_path), by=None)
    todo = install(pack(tmp_path, head=HEAD.replace("en: Shops", "en: All shops")), by=None)
    assert len(todo.changed) == 1
    assert InstalledPack.objects.in_force().get().title.en == "All shops"


# What a new version leaves out or changes → what stands against it, once a record holds it.
LOSSES = {
    "a field that holds data": (
        "      - {name: turnover, type: decimal, unit: CNY, title: {zh: 营业额, en: Turnover}}\n",
        "",
        "the field turnover cannot be removed: 1 records hold it",
    ),
    "its type": (
        "name: turnover, type: decimal, unit: CNY",
        "name: turnover, type: text",
        "the field turnover cannot change its type: 1 records hold it",
    ),
    "an option in use": (
        "      - {code: food, title: {zh: 餐饮, en: Food}}\n",
        "",
        "the option food cannot be removed: 1 records hold it",
    ),
    "the key": ("    key: code\n", "    key: [code, trade]\n", "key cannot change"),
}


@pytest.mark.parametrize("what", LOSSES)
def test_what_holds_data_is_not_taken_away(what: str, tmp_path: Path) -> None:
    install(pack(tmp_path), by=None)
    create("shops", {"code": "1", "trade": "food", "year": 2021, "turnover": "12.5"}, by=None)
    old, new, says = LOSSES[what]
    smaller = SHOPS.replace(old, new)
    if "turnover" in old:
        smaller = smaller[: smaller.index("    rules:")]
    if what == "the key":
        smaller = smaller.replace(
            "{name: trade, type: choice, of: trades,", "{name: trade, type: choice, of: trades, required: true,"
        )
    todo = plan(pack(tmp_path, smaller))
    assert any(says in line.text.en for line in todo.refused), lines(todo)
    before = Entry.objects.count()
    with pytest.raises(Invalid) as refused:
        install(pack(tmp_path, smaller), by=None)
    assert says in refused.value.says.en
    assert Entry.objects.count() == before
    assert catalogue().number("shops") == 1


def test_without_records_the_same_is_done(tmp_path: Path) -> None:
    install(pack(tmp_path), by=None)
    smaller = SHOPS[: SHOPS.index("    rules:")].replace("type: decimal, unit: CNY", "type: text")
    todo = install(pack(tmp_path, smaller), by=None)
    assert "removed: figure shops.turnover (Turnover)" in lines(todo)
    assert "shops.turnover" not in figures().figures
    assert catalogue().register("shops").field("turnover").type == "text"


def test_a_register_goes_only_when_it_is_empty(tmp_path: Path) -> None:
    install(pack(tmp_path), by=None)
    without = "roles:\n  - {name: reporter, title: {zh: 专干, en: Reporter}}\n"
    record = create("shops", {"code": "1"}, by=None)
    refused = plan(pack(tmp_path, without)).refused
    assert [line.says.en for line in refused if line.says] == [
        "it still holds 1 records and cannot be removed: export and remove them first, or keep the register."
    ]
    type(record).objects.filter(pk=record.pk).delete()
    install(pack(tmp_path, without), by=None)
    with pytest.raises(NotFound):
        catalogue().register("shops")


def test_figures_made_of_each_other_go_together(tmp_path: Path) -> None:
    double = "  - {name: shops.double, title: {zh: 两倍, en: Double}, unit: CNY, sum: [shops.turnover, shops.turnover]}\n"
    install(pack(tmp_path, SHOPS + double), by=None)
    install(pack(tmp_path, SHOPS[: SHOPS.index("figures:")]), by=None)
    assert not figures().figures
    install(pack(tmp_path, SHOPS + double), by=None)
    assert set(figures().figures) == {"shops.turnover", "shops.double"}


def test_a_fault_in_the_middle_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*args: object, **kwargs: object) -> None:
        raise RuntimeError("the power is out")

    monkeypatch.setattr("banjie.packs.actions.install_figures", fails)
    with pytest.raises(RuntimeError):
        install(pack(tmp_path), by=None)
    assert not RegisterVersion.objects.exists()
    assert not Entry.objects.filter(chain="register:shops").exists()


def test_a_plan_that_has_become_another_is_not_carried_out(tmp_path: Path) -> None:
    seen = plan(pack(tmp_path))
    install(pack(tmp_path), by=None)
    with pytest.raises(PlanChanged) as changed:
        install(pack(tmp_path, SHOPS.replace("turnover >= 0", "turnover > 0")), by=None, accept=seen)
    assert [line.name for line in changed.value.now.changed] == ["shops"]


def test_installing_needs_the_verb_configure(tmp_path: Path) -> None:
    clerk = Account.objects.create_user("clerk", password="a-long-enough-word", name_zh="专干")
    with pytest.raises(NotPermitted):
        install(pack(tmp_path), by=clerk)
    assert not RegisterVersion.objects.exists()


def test_a_required_pack_must_be_there(tmp_path: Path) -> None:
    lone = pack(tmp_path)
    needing = Pack(lone.head.model_copy(update={"requires": ("streets",)}), lone.digest, registers=lone.registers)
    with pytest.raises(Refusal, match="请先安装：streets"):
        install(needing, by=None)


def test_the_cockpit_is_that_of_the_installed_pack(tmp_path: Path) -> None:
    assert cockpit() is None
    screens = "screens:\n  cockpit:\n    title: {zh: 驾驶舱, en: Cockpit}\n    headline: [shops.turnover]\n"
    install(pack(tmp_path, SHOPS + screens), by=None)
    found = cockpit()
    assert found is not None
    assert found.headline == ("shops.turnover",)


STAFF = """
organisations:
  - {code: county, area: "431322", name: {zh: 县政府, en: County}}
posts:
  - code: desk
    organisation: county
    name: {zh: 窗口, en: Desk}
    grants:
      - {verbs: [view, create, export], registers: [shops], area: "431322"}
      - {verbs: [view], registers: ["*"], area: "431322102"}
"""
SECOND = '      - {verbs: [view], registers: ["*"], area: "431322102"}\n'
FEWER = STAFF.replace("[view, create, export]", "[view, create]").replace(SECOND, "")


def granted(code: str = "desk") -> set[tuple[str, str, str]]:
    return set(Grant.objects.filter(post__code=code).values_list("verb", "register", "area_id"))


def test_grants_that_a_pack_no_longer_gives_are_told_and_taken_back(tmp_path: Path) -> None:
    county.areas()
    install(pack(tmp_path, SHOPS + STAFF), by=None)
    by_hand = Grant.objects.create(post=Post.objects.get(code="desk"), verb="import", register="shops", area_id="431322")
    fewer = pack(tmp_path, SHOPS + FEWER)
    todo = plan(fewer)
    assert lines(todo) == [
        "removed: grants of the post desk (Desk): may no longer view all registers in Yangxi Town",
        "removed: grants of the post desk (Desk): may no longer export Shops in Xinhua County",
    ]
    install(fewer, by=None, accept=todo)
    assert granted() == {("view", "shops", "431322"), ("create", "shops", "431322"), ("import", "shops", "431322")}
    revoked = [e.body["verb"] for e in Entry.objects.of("post:desk") if e.verb == "grant.revoke"]
    assert sorted(revoked) == ["export", "view"]
    assert plan(fewer).nothing_to_do
    assert Grant.objects.filter(pk=by_hand.pk).exists()


def test_a_post_that_left_the_pack_loses_what_the_pack_gave_it(tmp_path: Path) -> None:
    county.areas()
    install(pack(tmp_path, SHOPS + STAFF), by=None)
    install(pack(tmp_path, SHOPS), by=None)
    assert granted() == set()


def test_what_another_pack_gives_too_stays(tmp_path: Path) -> None:
    county.areas()
    install(pack(tmp_path, SHOPS + STAFF), by=None)
    grants = STAFF.split("posts:")[1].replace(SECOND, "")
    other = HEAD.replace("pack: shops", "pack: more") + "posts:" + grants
    install(read(write(tmp_path / "more", pack=other), installation.known()), by=None)
    install(pack(tmp_path, SHOPS), by=None)
    assert granted() == {("view", "shops", "431322"), ("create", "shops", "431322"), ("export", "shops", "431322")}
