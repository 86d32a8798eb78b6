"""A figure opens into its rows, its entries and its vintages; what is published is signed for good."""

from __future__ import annotations

import json
from datetime import timedelta
from decimal import Decimal

import pytest
from click.testing import CliRunner
from django.db import DatabaseError, connection, transaction

from banjie.cli.figure import figure, moment
from banjie.cli.figure import publish as publish_command
from banjie.figures.actions import install_figures, publish, retire_figure
from banjie.figures.definition import Figure
from banjie.figures.models import Publication
from banjie.figures.publications import verify_all
from banjie.figures.tracing import trace
from banjie.ledger.models import Entry
from banjie.lib.errors import DefinitionError, NotPermitted, Refusal
from banjie.people.verbs import Verb
from tests.rooms import county
from tests.rooms.figures_world import BAIXI, COMMITTED, COUNTY, FIGURES, YANGXI, ask, at, build, change, project, report, stated

pytestmark = pytest.mark.django_db(transaction=COMMITTED)
D = Decimal


@pytest.fixture(autouse=True)
def _world() -> None:
    build()


def test_every_row_carries_record_version_and_entry() -> None:
    a = project("A", planned="3")
    change(a, "2021-02-01 09:00", planned="4")
    project("B", BAIXI, planned="5")
    found = trace("projects.planned", account=None, period="2021").sources[0]
    assert [(r.key, r.version, r.value) for r in found.rows] == [("A", 2, D(4)), ("B", 1, D(5))]
    assert sum(r.value or 0 for r in found.rows) == found.value == D(9)
    for row in found.rows:
        entry = Entry.objects.get(pk=row.entry)
        assert (entry.chain, entry.body["version"]) == (f"record:{row.record}", row.version)


def test_rows_come_in_pages() -> None:
    for n in range(7):
        project(f"P{n}", planned="1")
    seen, offset = [], 0
    while offset is not None:
        page = trace("projects.planned", account=None, period="2021", offset=offset, limit=3).sources[0]
        seen += [r.key for r in page.rows]
        assert page.total == 7
        offset = page.next_offset  # type: ignore[assignment]
    assert seen == [f"P{n}" for n in range(7)]


def test_one_part_opens_into_its_own_rows() -> None:
    project("A", planned="3")
    project("B", BAIXI, planned="4", industry="printing")
    project("C", BAIXI, planned="5", industry=None)
    report("A", "2021-01", "1")
    report("A", "2021-02", "2")

    def rows(name: str, by: str, part: str) -> list[str]:
        return [r.key for r in trace(name, account=None, period="2021", by=by, part=part).sources[0].rows]

    assert rows("projects.planned", "town", BAIXI) == ["B", "C"]
    assert rows("projects.planned", "industry", "printing") == ["B"]
    assert rows("projects.planned", "industry", "") == ["C"]
    assert rows("projects.invested", "industry", "ceramics") == ["A/2021-01", "A/2021-02"]
    assert rows("projects.invested", "month", "2021-02") == ["A/2021-02"]
    assert rows("projects.invested", "to_month", "2021-02") == ["A/2021-01", "A/2021-02"]


def test_a_ratio_opens_into_numerator_and_denominator() -> None:
    project("A", planned="10")
    report("A", "2021-01", "4")
    found = trace("projects.completion", account=None, period="2021-01..2021-10")
    assert [(s.figure, str(s.period), s.value) for s in found.sources] == [
        ("projects.invested", "2021-01..2021-10", D(4)),
        ("projects.planned", "2021", D(10)),
    ]
    assert [f.formula.en for f in found.formulas] == ["Invested ÷ Planned", "sum(invested)", "sum(planned)"]


def test_the_vintages_name_the_correction() -> None:
    project("A", planned="100")
    r = report("A", "2021-10", "50", on="2021-11-03 10:00")
    r = change(r, "2021-11-20 10:00", workers=3)  # changes nothing in this figure
    change(r, "2021-12-06 15:30", why="核对后更正", invested="45")
    now, before = trace("projects.invested", account=None, period="2021-10").vintages
    assert (now.value, now.known_from, now.known_to) == (D(45), at("2021-12-06 15:30"), None)
    assert (before.value, before.known_from, before.known_to) == (D(50), at("2021-11-03 10:00"), at("2021-12-06 15:30"))
    (correction,) = now.changes
    assert (correction.why, correction.key, correction.verb) == ("核对后更正", "A/2021-10", "record.update")
    assert [(f.zh, old, new) for f, old, new in correction.fields] == [("invested", "50", "45")]


def test_a_parent_that_changes_makes_a_vintage_of_its_childrens_figure() -> None:
    a = project("A", planned="100")
    report("A", "2021-10", "50", on="2021-11-03 10:00")
    change(a, "2021-12-06 15:30", industry="printing")
    found = trace("projects.ceramics_invested", account=None, period="2021-10").vintages
    assert [(v.value, v.known_from) for v in found][:2] == [(None, at("2021-12-06 15:30")), (D(50), at("2021-11-03 10:00"))]
    assert found[0].changes[0].key == "A"


def test_a_revised_observation_has_its_vintages() -> None:
    gdp = stated("gdp", 2021, "31000000000", "2021-12-13 09:30", status="estimated", wording="about")
    change(gdp, "2022-04-18 15:40", value="30981000000", status="final", wording=None)
    found = trace("county.gdp", account=None, period="2021").vintages
    assert [(v.display.zh, v.status) for v in found] == [("309.81亿元", "final"), ("约310亿元", "estimated")]
    assert [v.display.zh for v in trace("county.gdp", account=None, period="2021", as_of=at("2021-12-31 00:00")).vintages] == [
        "约310亿元"
    ]


def test_a_clerk_opens_only_the_rows_of_their_town() -> None:
    clerk = county.person("clerk", YANGXI, [Verb.VIEW])
    project("A", planned="3")
    project("B", BAIXI, planned="4")
    assert [r.key for r in trace("projects.planned", account=clerk, period="2021").sources[0].rows] == ["A"]
    with pytest.raises(NotPermitted):
        trace("projects.planned", account=clerk, area=BAIXI, period="2021")


# -- publishing ------------------------------------------------------------------------------------


def test_a_correction_publishes_a_new_vintage_that_names_the_old_one() -> None:
    project("A", planned="100")
    r = report("A", "2021-10", "50", on="2021-11-03 10:00")
    first = publish("projects.completion", area=COUNTY, period="2021-01..2021-10", as_of=at("2021-11-10 09:00"), by=None)
    again = publish("projects.completion", area=COUNTY, period="2021-01..2021-10", as_of=at("2021-11-11 09:00"), by=None)
    assert (first.vintage, first.body["value"], again.pk) == (1, "0.5", first.pk)
    change(r, "2021-12-06 15:30", invested="45")
    second = publish("projects.completion", area=COUNTY, period="2021-01..2021-10", by=None, why="更正")
    assert (second.vintage, second.corrects_id, second.body["value"], second.body["corrects"]) == (2, first.pk, "0.45", first.pk)
    report_ = verify_all()
    assert report_.clean
    assert report_.counts == {"figures": 2}


def test_what_was_published_cannot_be_changed_and_a_change_past_the_guard_is_found() -> None:
    project("A", planned="100")
    made = publish("projects.planned", area=COUNTY, period="2021", by=None)
    for attempt in (lambda: Publication.objects.update(vintage=7), lambda: Publication.objects.all().delete()):
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            attempt()
    _unguarded()
    Publication.objects.filter(pk=made.pk).update(body={**made.body, "value": "101"})
    (finding,) = verify_all().findings
    assert (finding.kind, finding.subject) == ("signature", f"publication:{made.pk}")


def test_rows_changed_behind_the_ledger_are_found_by_computing_again() -> None:
    project("A", planned="100")
    made = publish("projects.planned", area=COUNTY, period="2021", by=None)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("banjie.figures.publications.plain", lambda value: "99")
        (finding,) = verify_all().findings
    assert (finding.kind, finding.subject) == ("figure", f"publication:{made.pk}")


def test_only_who_may_publish_publishes_and_only_a_value() -> None:
    project("A", planned="100")
    viewer = county.person("viewer", COUNTY, [Verb.VIEW])
    publisher = county.person("publisher", COUNTY, [Verb.VIEW, Verb.PUBLISH])
    with pytest.raises(NotPermitted):
        publish("projects.planned", area=COUNTY, period="2021", by=viewer)
    assert publish("projects.planned", area=COUNTY, period="2021", by=publisher).published_by == publisher.name.zh
    with pytest.raises(Refusal, match="没有数值"):
        publish("projects.invested", area=COUNTY, period="2021", by=publisher)
    entry = Entry.objects.of("figure:projects.planned").get(verb="figure.publish")
    assert entry.actor == publisher.name.zh


def _unguarded() -> None:
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("DROP TRIGGER figures_publication_no_update")
        else:
            cursor.execute("ALTER TABLE figures_publication DISABLE TRIGGER USER")


# -- definitions in use ----------------------------------------------------------------------------


def test_a_figure_that_others_are_made_of_is_not_retired() -> None:
    with pytest.raises(DefinitionError, match=r"projects\.planned"):
        retire_figure("projects.planned", by=None)
    retire_figure("projects.lag", by=None)
    with pytest.raises(Refusal):
        ask("projects.lag", "2021")


def test_a_changed_definition_is_a_new_version_with_another_hash() -> None:
    before = ask("projects.count", "2021").definition
    install_figures([Figure.load({**FIGURES[0], "where": "status = 'open'"})], pack="test", by=None)
    assert ask("projects.count", "2021").definition != before
    assert trace("projects.count", account=None, period="2021").formulas[0].number == 2


# -- the commands ----------------------------------------------------------------------------------


def test_the_command_prints_the_agreed_json() -> None:
    project("A", planned="15893000000")
    said = CliRunner().invoke(
        figure, ["projects.planned", "--area", COUNTY, "--period", "2021", "--by", "town", "--trace", "--json", "--lang", "zh"]
    )
    assert said.exit_code == 0, said.output
    given = json.loads(said.output)
    assert (given["value"], given["display"], given["rows"]) == ("15893000000", "158.93亿元", 1)
    assert sum(D(p["value"] or 0) for p in given["parts"]) == D(given["value"])
    (row,) = given["trace"]["sources"][0]["rows"]
    assert {"record", "version", "entry"} <= row.keys()


def test_the_command_reads_aloud() -> None:
    project("A", planned="15893000000")
    said = CliRunner().invoke(figure, ["projects.planned", "--period", "2021", "--trace", "--lang", "en"])
    assert "Planned (Xinhua County 2021): CNY 15.893 billion" in said.output
    assert publish_command.name == "publish"


@pytest.mark.parametrize(
    ("typed", "moment_"),
    [
        ("2021-12-13 09:00", at("2021-12-13 09:00")),
        ("2021-12-13", at("2021-12-14 00:00") - timedelta(microseconds=1)),
        ("2021年12月13日", at("2021-12-14 00:00") - timedelta(microseconds=1)),
        ("2021-12-13T01:00:00+00:00", at("2021-12-13 09:00")),
        ("2021-12-13T01:00:00Z", at("2021-12-13 09:00")),
    ],
)
def test_a_day_as_of_means_its_end(typed: str, moment_: object) -> None:
    assert moment(typed) == moment_


def test_a_record_that_moved_to_another_town_still_counts_and_is_neither_named_nor_linked() -> None:
    project("A", planned="3")
    project("B", planned="4")
    change(project("C", planned="5"), "2021-02-01 09:00", town=BAIXI)
    clerk = county.person("clerk", YANGXI, [Verb.VIEW])

    def opened(**more: object) -> tuple[list[str], set[str]]:
        found = trace("projects.planned", account=clerk, area=YANGXI, period="2021", **more)  # type: ignore[arg-type]
        return [r.key for r in found.sources[0].rows], {c.key for v in found.vintages for c in v.changes}

    assert opened() == (["A", "B"], {"A", "B"})
    assert opened(as_of=at("2021-01-20 00:00")) == (["A", "B"], {"A", "B"})
    before = trace("projects.planned", account=clerk, area=YANGXI, period="2021", as_of=at("2021-01-20 00:00"))
    assert (before.sources[0].value, before.sources[0].unseen, before.sources[0].next_offset) == (D(12), 1, None)
    assert sum(v.more_changes for v in before.vintages) == 1
    assert "C" in {c.key for v in trace("projects.planned", account=None, area=YANGXI, period="2021").vintages for c in v.changes}
