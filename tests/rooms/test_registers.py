"""The one door: what it lets through, what it refuses, and what it writes down."""

from __future__ import annotations

import copy
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from django.db import connection, connections, transaction

from banjie.ledger.models import Entry, PersonalValue
from banjie.lib.clock import simulated
from banjie.lib.errors import Conflict, DefinitionError, Invalid, NotFound, NotPermitted
from banjie.lib.text import reading_in
from banjie.people.models import Account
from banjie.people.verbs import Verb
from banjie.registers import bulk
from banjie.registers.actions import create, remove, restore, update
from banjie.registers.bulk import BadRows, write_many
from banjie.registers.catalogue import catalogue, version
from banjie.registers.definition import Register
from banjie.registers.installing import install_register, obstacles, retire_register
from banjie.registers.models import Record
from banjie.registers.paging import Order, counted, in_order, page
from banjie.registers.queries import Filter
from banjie.registers.statistics import refresh_statistics
from tests.rooms import county

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _in_english() -> Iterator[None]:
    with reading_in("en"):
        yield


@pytest.fixture
def clerk() -> Account:
    county.areas()
    county.registers()
    return county.person("clerk", "431322102", county.CLERK)


def definition(name: str = "projects") -> Register:
    return catalogue().register(name)


def test_a_record_is_written_with_its_entry(clerk: Account) -> None:
    made = create("projects", county.project(phone="13800001234"), by=clerk, why="年初入库")
    assert (made.key, made.label, made.area_id, made.version) == ("XH-001", "电子陶瓷扩建", "431322102", 1)
    assert made.data["left_over"] == "9000000"
    entry = Entry.objects.get(chain=made.chain)
    assert (entry.verb, entry.why, entry.actor_id) == ("record.create", "年初入库", clerk.pk)
    assert entry.body["data"]["total"] == "12000000"
    assert "phone" not in entry.body["data"]
    assert "13800001234" not in str(entry.body)
    assert PersonalValue.objects.get(entry=entry).value == {"before": None, "after": "13800001234"}


def test_values_are_read_as_people_type_them(clerk: Account) -> None:
    typed = county.project(total="12,345.60", planned="3000", started_on="2021年3月5日", industry="先进陶瓷", town="洋溪镇")
    made = create("projects", typed, by=clerk)
    assert made.data["total"] == "12345.6"
    assert made.data["planned"] == "3000"
    assert made.data["started_on"] == "2021-03-05"
    assert made.data["industry"] == "ceramics"
    assert made.data["town"] == "431322102"


def test_every_problem_is_named_and_nothing_is_written(clerk: Account) -> None:
    with pytest.raises(Invalid) as refused:
        create("projects", {"code": "A", "total": "many", "industry": "steel", "colour": "red", "left_over": "1"}, by=clerk)
    assert {p.where for p in refused.value.problems} == {"total", "industry", "colour", "left_over", "name", "town"}
    assert all(p.says.zh and p.says.en for p in refused.value.problems)
    assert not Record.objects.exists()
    assert not Entry.objects.filter(verb="record.create").exists()


def test_a_broken_rule_refuses_and_says_which(clerk: Account) -> None:
    with pytest.raises(Invalid, match="exceeds the total"):
        create("projects", county.project(planned="99000000"), by=clerk)


def test_a_warning_lets_through(clerk: Account) -> None:
    made = create("projects", county.project(planned=None), by=clerk)
    assert made.data["left_over"] is None


def test_the_same_key_twice_is_a_conflict(clerk: Account) -> None:
    create("projects", county.project(), by=clerk)
    with pytest.raises(Conflict, match="XH-001"):
        create("projects", county.project(), by=clerk)
    assert Record.objects.count() == 1


def test_a_clerk_cannot_write_in_the_next_town(clerk: Account) -> None:
    with pytest.raises(NotPermitted):
        create("projects", county.project(town="431322109"), by=clerk)


def test_a_clerk_sees_one_town_only(clerk: Account) -> None:
    create("projects", county.project(), by=None)
    other = create("projects", county.project("XH-002", town="431322109"), by=None)
    assert [r.key for r in Record.objects.visible_to(clerk)] == ["XH-001"]
    with pytest.raises(NotFound):
        update(other, {"name": "偷改"}, version=1, by=clerk)
    with pytest.raises(Invalid, match="no such record"):
        create("reports", {"project": "XH-002", "month": "2021-03", "invested": "1"}, by=clerk)


def test_a_record_cannot_be_moved_to_a_town_where_one_may_not_write(clerk: Account) -> None:
    made = create("projects", county.project(), by=clerk)
    with pytest.raises(NotPermitted):
        update(made, {"town": "431322109"}, version=1, by=clerk)


def test_an_update_writes_what_was_and_what_is(clerk: Account) -> None:
    made = create("projects", county.project(), by=clerk)
    update(made, {"planned": "3500000"}, version=1, by=clerk, why="调整计划")
    entry = Entry.objects.of(made.chain).last()
    assert entry is not None
    assert entry.body["before"] == {"planned": "3000000", "left_over": "9000000"}
    assert entry.body["data"]["planned"] == "3500000"
    assert entry.body["version"] == 2


def test_saving_without_a_change_writes_nothing(clerk: Account) -> None:
    made = create("projects", county.project(), by=clerk)
    update(made, {"planned": "3000000.00"}, version=1, by=clerk)
    assert Entry.objects.of(made.chain).count() == 1


def test_two_who_change_different_fields_both_stand(clerk: Account) -> None:
    made = create("projects", county.project(), by=clerk)
    update(made.pk, {"name": "甲的名称"}, version=1, by=clerk)
    update(made.pk, {"planned": "2000000"}, version=1, by=clerk)
    now = Record.objects.get(pk=made.pk)
    assert (now.label, now.data["planned"], now.version) == ("甲的名称", "2000000", 3)


def test_the_second_who_changes_the_same_field_gets_both_to_choose(clerk: Account) -> None:
    made = create("projects", county.project(), by=clerk)
    update(made.pk, {"planned": "2000000"}, version=1, by=clerk)
    with pytest.raises(Conflict) as conflict:
        update(made.pk, {"planned": "2500000", "name": "乙"}, version=1, by=clerk)
    assert conflict.value.theirs == {"planned": "2000000"}
    assert conflict.value.yours == {"planned": "2500000"}
    assert Record.objects.get(pk=made.pk).version == 2


def test_the_key_never_changes(clerk: Account) -> None:
    made = create("projects", county.project(), by=clerk)
    with pytest.raises(Invalid, match="Code: cannot change"):
        update(made, {"code": "XH-009"}, version=1, by=clerk)


def test_a_child_lies_where_its_parent_lies_and_moves_with_it(clerk: Account) -> None:
    made = create("projects", county.project(), by=clerk)
    child = create("reports", {"project": "XH-001", "month": "2021年3月", "invested": "100"}, by=clerk)
    assert (child.key, child.area_id, child.parent_id) == ("XH-001/2021-03", "431322102", made.pk)
    update(made, {"town": "431322109"}, version=1, by=None)
    child.refresh_from_db()
    assert (child.area_id, child.version) == ("431322109", 2)


def test_a_record_with_children_cannot_be_removed_and_comes_back_as_it_was(clerk: Account) -> None:
    made = create("projects", county.project(), by=clerk)
    child = create("reports", {"project": "XH-001", "month": "2021-03", "invested": "100"}, by=clerk)
    with pytest.raises(Invalid, match="remove them first"):
        remove(made, version=1, by=clerk)
    remove(child, version=1, by=clerk, why="误报")
    assert list(Record.objects.of("reports").live()) == []
    restore(child, version=2, by=clerk)
    assert Record.objects.of("reports").live().get().data["invested"] == "100"
    assert [e.verb for e in Entry.objects.of(child.chain)] == ["record.create", "record.remove", "record.restore"]


def test_a_simulated_moment_is_the_records_time_and_the_entry_says_that_it_was_loaded(clerk: Account) -> None:
    moment = datetime(2021, 3, 5, 2, tzinfo=UTC)
    with simulated(moment):
        made = create("projects", county.project(), by=clerk)
    entry = Entry.objects.get(chain=made.chain)
    assert (made.created_at, entry.at) == (moment, moment)
    assert entry.loaded_at is not None
    assert entry.loaded_at.year >= 2026


# Many rows


def test_many_rows_are_written_or_none(clerk: Account) -> None:
    rows = [county.project(f"P-{i:03}") for i in range(50)]
    rows[7]["total"] = "x"
    rows[20]["town"] = "白溪镇"
    rows[30]["code"] = "P-001"
    with pytest.raises(BadRows) as refused:
        write_many("projects", rows, by=clerk, origin="test")
    assert [(p.row, p.where) for p in refused.value.problems] == [(8, "total"), (21, "town"), (31, "code")]
    assert not Record.objects.exists()
    done = write_many("projects", rows, by=clerk, origin="test", partial=True)
    assert (done.created, len(done.problems)) == (47, 3)
    assert Entry.objects.filter(verb="record.create").count() == 47


def test_writing_the_same_rows_again_changes_nothing(clerk: Account) -> None:
    rows = [county.project(f"P-{i:03}", phone="13800001234") for i in range(30)]
    write_many("projects", rows, by=clerk, origin="test")
    rows[3]["planned"] = "1"
    done = write_many("projects", rows, by=clerk, origin="test", mode="upsert")
    assert (done.created, done.updated, done.unchanged) == (0, 1, 29)
    assert Record.objects.get(key="P-003").version == 2
    assert Record.objects.get(key="P-003").data["planned"] == "1"


def test_a_dry_run_writes_nothing(clerk: Account) -> None:
    done = write_many("projects", [county.project()], by=clerk, origin="test", dry_run=True)
    assert done.created == 1
    assert not Record.objects.exists()


# Finding


def test_two_chinese_characters_find_a_record(clerk: Account) -> None:
    create("projects", county.project(name="特种陶瓷产业园"), by=clerk)
    create("projects", county.project("XH-002", name="现代文印市场", industry="printing"), by=clerk)

    def found(text: str) -> list[str]:
        return sorted(r.key for r in Record.objects.visible_to(clerk).searching(text))

    assert found("陶瓷") == ["XH-001"]
    assert found("瓷陶") == []
    assert found("园") == ["XH-001"]
    assert found("xh-0") == ["XH-001", "XH-002"]
    assert found("文印 002") == ["XH-002"]
    assert found("%") == []
    assert found("printing equip") == ["XH-002"]


def test_search_follows_a_change_and_never_finds_personal_values(clerk: Account) -> None:
    made = create("projects", county.project(phone="13800001234"), by=clerk)
    update(made, {"name": "改名之后"}, version=1, by=clerk)
    assert Record.objects.searching("电子").count() == 0
    assert Record.objects.searching("改名").count() == 1
    assert Record.objects.searching("13800001234").count() == 0


def test_filters_compare_numbers_as_numbers(clerk: Account) -> None:
    for code, total in (("A", "9"), ("B", "10"), ("C", "100.5")):
        create("projects", county.project(code, total=total, planned=None), by=clerk)

    def keys(*filters: Filter) -> list[str]:
        return sorted(r.key for r in Record.objects.of("projects").matching(definition(), filters))

    assert keys(Filter("total", "at_least", "10")) == ["B", "C"]
    assert keys(Filter("total", "at_most", "10")) == ["A", "B"]
    assert keys(Filter("total", "is", "100.50")) == ["C"]
    assert keys(Filter("planned", "empty")) == ["A", "B", "C"]
    assert keys(Filter("planned", "at_most", "5")) == []
    assert keys(Filter("name", "contains", "陶瓷"), Filter("town", "is", "431322102")) == ["A", "B", "C"]
    with pytest.raises(Invalid):
        keys(Filter("phone", "is", "13800001234"))
    with pytest.raises(Invalid):
        keys(Filter("total", "is", "1; drop table"))


@pytest.mark.parametrize(
    "order", [Order("total"), Order("total", True), Order("name"), Order("started_on", True), Order(), Order("key")]
)
def test_pages_by_key_show_every_row_once_forwards_and_backwards(clerk: Account, order: Order) -> None:
    rows = [county.project(f"P-{i:03}", total=str(i % 4 + 5), planned=None, name=f"第{i % 5}号") for i in range(23)]
    write_many("projects", rows, by=clerk, origin="test")
    found = Record.objects.of("projects").live()
    seen, after, last = [], "", None
    while True:
        last = page(found, definition(), order, after=after, size=5)
        seen += [r.key for r in last.rows]
        if not last.next:
            break
        after = last.next
    assert len(seen) == len(set(seen)) == 23
    back = page(found, definition(), order, before=last.previous or "", size=5)
    assert [r.key for r in back.rows] == seen[15:20] if len(last.rows) == 3 else True
    assert counted(found) == (23, True)


def test_a_forged_page_marker_is_refused(clerk: Account) -> None:
    with pytest.raises(Invalid, match="first page"):
        page(Record.objects.of("projects"), definition(), Order("total"), after="bm9uc2Vuc2U")


# Definitions


def test_a_field_that_holds_data_cannot_go_or_change_its_type(clerk: Account) -> None:
    create("projects", county.project(industry="ceramics"), by=clerk)
    changed = copy.deepcopy(county.PROJECTS)
    changed["fields"] = [f for f in changed["fields"] if f["name"] not in {"planned", "left_over"}]
    changed["rules"] = []
    found = obstacles(Register.load(changed))
    assert [(o.where, o.count) for o in found] == [("planned", 1)]
    with pytest.raises(Invalid, match="1 records hold it"):
        install_register(Register.load(changed), pack="test", by=None)
    changed = copy.deepcopy(county.PROJECTS)
    changed["fields"][4]["type"] = "text"
    del changed["fields"][4]["unit"]
    changed["fields"] = changed["fields"][:-1]
    changed["rules"] = []
    assert [o.where for o in obstacles(Register.load(changed))] == ["total"]
    changed = copy.deepcopy(county.PROJECTS)
    changed["choices"][0]["options"] = changed["choices"][0]["options"][1:]
    assert [(o.where, o.count) for o in obstacles(Register.load(changed))] == [("industry", 1)]


def test_an_empty_field_may_go_and_old_entries_keep_their_definition(clerk: Account) -> None:
    made = create("projects", county.project(), by=clerk)
    changed = copy.deepcopy(county.PROJECTS)
    changed["fields"] = [f for f in changed["fields"] if f["name"] != "started_on"]
    install_register(Register.load(changed), pack="test", by=None)
    assert catalogue().number("projects") == 2
    entry = Entry.objects.get(chain=made.chain)
    assert "started_on" in version("projects", entry.body["definition"]).by_name
    assert "started_on" not in definition().by_name


def test_a_changed_formula_is_worked_out_anew_with_an_entry(clerk: Account) -> None:
    made = create("projects", county.project(), by=clerk)
    changed = copy.deepcopy(county.PROJECTS)
    changed["fields"][-1]["formula"] = "total - planned - 1"
    install_register(Register.load(changed), pack="test", by=None)
    made.refresh_from_db()
    assert Decimal(made.data["left_over"]) == 8999999
    assert Entry.objects.of(made.chain).count() == 2


def test_only_who_may_configure_installs(clerk: Account) -> None:
    with pytest.raises(NotPermitted):
        install_register(Register.load(county.PROJECTS), pack="test", by=clerk)


def test_a_register_with_records_is_not_retired(clerk: Account) -> None:
    create("projects", county.project(), by=clerk)
    with pytest.raises(Invalid):
        retire_register("projects", by=None)
    retire_register("reports", by=None)
    with pytest.raises(NotFound):
        catalogue().register("reports")


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"rules": [{"name": "r", "check": "nonsense > 1", "says": {"zh": "一", "en": "a"}}]}, ("rules", 0, "check")),
        ({"area": "name"}, ()),
        ({"key": "nothing"}, ("key",)),
        ({"surprise": 1}, ("surprise",)),
    ],
)
def test_a_faulty_definition_is_refused_with_the_way_to_the_fault(change: dict[str, object], path: tuple[object, ...]) -> None:
    with pytest.raises(DefinitionError) as refused:
        Register.load({**county.PROJECTS, **change}).compile()
    assert refused.value.path == path


def test_sorting_by_an_indexed_field_reads_the_index(clerk: Account) -> None:
    write_many("projects", [county.project(f"P-{i}", total=str(9000000 + i)) for i in range(300)], by=clerk, origin="test")
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE registers_record")
        if connection.vendor == "postgresql":
            cursor.execute("SET LOCAL enable_seqscan = off")
            cursor.execute("SET LOCAL enable_sort = off")
    plan = in_order(Record.objects.of("projects").live(), definition(), Order("total", True)).explain()
    assert "rf_projects_total_" in plan


@pytest.mark.django_db(transaction=True)
def test_two_threads_that_save_the_same_record_at_once_lose_nothing() -> None:
    county.areas()
    county.registers()
    made = create("projects", county.project(), by=None)
    gate, results = threading.Barrier(2), []

    def save(value: str) -> None:
        gate.wait()
        try:
            update(made.pk, {"planned": value}, version=1, by=None)
            results.append("saved")
        except Conflict as conflict:
            results.append(f"conflict {conflict.theirs['planned']}")
        finally:
            connections.close_all()

    threads = [threading.Thread(target=save, args=(v,)) for v in ("111", "222")]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    now = Record.objects.get(pk=made.pk).data["planned"]
    assert sorted(results) == sorted(["saved", f"conflict {now}"])
    assert transaction.get_connection().in_atomic_block is False


def test_the_verb_decides_not_the_person(clerk: Account) -> None:
    reader = county.person("reader", "431322", [Verb.VIEW])
    made = create("projects", county.project(), by=None)
    with pytest.raises(NotPermitted):
        update(made, {"name": "改"}, version=1, by=reader)


def test_after_many_rows_the_database_counts_anew(clerk: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[int] = []
    monkeypatch.setattr(bulk, "refresh_after", told.append)
    write_many("projects", [county.project(f"P-{i}") for i in range(3)], by=clerk, origin="test")
    write_many("projects", [county.project("P-0", name="改"), county.project("P-9")], by=clerk, origin="test", mode="upsert")
    assert told == [3, 2]


def test_counting_anew_tells_the_planner_how_many_records_there_are(clerk: Account) -> None:
    write_many("projects", [county.project(f"P-{i}") for i in range(50)], by=clerk, origin="test")
    refresh_statistics()
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SELECT reltuples FROM pg_class WHERE relname = 'registers_record'")
            assert cursor.fetchone()[0] == 50
        else:
            cursor.execute("SELECT stat FROM sqlite_stat1 WHERE idx = 'record_recent'")
            assert cursor.fetchone()[0].startswith("50 ")
