"""The demonstration meets the published totals to the last yuan, and has a history like a real one."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from banjie.ledger.models import Entry
from banjie.lib.clock import LOCAL
from banjie.lib.errors import NotPermitted, Refusal
from banjie.packs import installation
from banjie.packs.actions import install
from banjie.packs.definition import Pack
from banjie.packs.demo.loader import DEMO_PASSWORD, demo_accounts, load_demo
from banjie.packs.reader import read, shipped
from banjie.packs.screens import cockpit
from banjie.people.models import Account, Duty
from banjie.places.calendars import official_calendar
from banjie.registers.installing import install_register
from banjie.registers.models import Record
from tests.rooms.packs_written import HEAD, SHOPS, write

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("demo_county")]


def data(register: str) -> list[dict[str, object]]:
    return [record.data for record in Record.objects.of(register).live()]


def amount(rows: list[dict[str, object]], field: str) -> Decimal:
    return sum((Decimal(str(row[field])) for row in rows), Decimal(0))


def planned() -> list[dict[str, object]]:
    return [project for project in data("projects") if project["in_plan"]]


def test_232_projects_with_the_published_totals() -> None:
    assert len(planned()) == 232
    assert amount(planned(), "total_investment") == 61_078_000_000
    assert amount(planned(), "planned_this_year") == 15_893_000_000


def test_209_have_started_by_the_end_of_october() -> None:
    started = [str(p["started_on"]) for p in planned() if p["started_on"]]
    assert len(started) == 209
    assert "2021-01-01" <= min(started) <= max(started) <= "2021-10-31"


def test_12_65_billion_were_invested_from_january_to_october() -> None:
    reports = data("progress_reports")
    assert amount(reports, "invested") == 12_650_000_000
    assert {str(r["month"]) for r in reports} == {f"2021-{month:02}" for month in range(1, 11)}


def test_leaders_sponsor_33_landmark_and_6_preliminary_projects() -> None:
    sponsored = Counter(p["kind"] for p in data("projects") if p["sponsor"])
    assert sponsored == {"landmark": 33, "preliminary": 6}
    assert Duty.objects.filter(role="sponsor", register="projects").count() == 39


def test_every_amount_is_plausible() -> None:
    invested: dict[object, Decimal] = defaultdict(Decimal)
    for report in data("progress_reports"):
        invested[report["project"]] += Decimal(str(report["invested"]))
        assert Decimal(str(report["invested"])) % 10_000 == 0
    for project in planned():
        assert 0 < Decimal(str(project["planned_this_year"])) <= Decimal(str(project["total_investment"]))
        assert invested[project["code"]] <= Decimal(str(project["planned_this_year"])) * Decimal("1.3")
        assert project["started_on"] or not invested[project["code"]]


def test_telephone_numbers_and_names_are_nobodys() -> None:
    assert {str(p["contact_phone"])[:3] for p in data("projects")} == {"100"}
    names = [str(p["name"]) for p in data("projects")]
    assert len(set(names)) == len(names)


def test_latest_months_lack_some_reports() -> None:
    per_month = Counter(str(r["month"]) for r in data("progress_reports"))
    assert [per_month[f"2021-{m:02}"] for m in (6, 7, 8, 9, 10)] == [232, 231, 229, 226, 218]


def test_reports_were_entered_in_office_hours_of_workdays_of_the_following_month() -> None:
    calendar = official_calendar()
    entries = Entry.objects.filter(verb="record.create", body__register="progress_reports")
    late = 0
    for entry in entries:
        at = entry.at.astimezone(LOCAL)
        month = datetime.fromisoformat(f"{entry.body['data']['month']}-01").date()
        assert calendar.is_workday(at.date())
        assert 8 <= at.hour < 18
        assert at.date().month == month.month + 1
        late += at.day > 9
    assert 20 <= late <= 40


def test_entries_say_that_they_were_loaded_and_when() -> None:
    entries = Entry.objects.filter(origin="demo", verb__startswith="record.")
    assert entries.count() > 2_500
    assert not entries.filter(loaded_at=None).exists()
    assert all(entry.at < entry.loaded_at for entry in entries[:50] if entry.loaded_at)


def test_fourteen_reports_were_corrected_with_a_reason() -> None:
    entries = list(Entry.objects.filter(verb="record.update", body__register="progress_reports"))
    assert len(entries) == 14
    for entry in entries:
        old, new = Decimal(entry.body["before"]["invested"]), Decimal(entry.body["data"]["invested"])
        assert old != new
        assert "核减" not in entry.why or new < old
        assert "补报" not in entry.why or new > old


def test_a_september_report_was_corrected_on_15_november() -> None:
    late = Entry.objects.get(verb="record.update", body__register="progress_reports", at__gte=datetime(2021, 11, 10, tzinfo=UTC))
    assert late.at == datetime(2021, 11, 15, 10, 20, tzinfo=LOCAL)
    assert late.body["data"]["month"] == "2021-09"
    assert late.why == "与监理计量核对后核减 9 月投资"


def test_gdp_was_an_estimate_first_and_then_the_bulletins() -> None:
    entries = list(Entry.objects.filter(body__key="gdp/431322/2021/all").order_by("index"))
    assert [(e.verb, e.body["data"]["value"], e.body["data"]["status"]) for e in entries] == [
        ("record.create", "31000000000", "estimated"),
        ("record.update", "30981000000", "final"),
    ]
    assert entries[0].at.astimezone(LOCAL).date().isoformat() == "2021-12-13"


@pytest.mark.parametrize(
    ("year", "shares"), [(2016, ("20.3", "31.2", "48.5")), (2020, ("19.9", "29", "51.1")), (2021, ("18.9", "29.4", "51.6"))]
)
def test_the_structure_of_each_year(year: int, shares: tuple[str, str, str]) -> None:
    keys = [f"structure/431322/{year}/{sector}" for sector in ("primary", "secondary", "tertiary")]
    assert tuple(Record.objects.of("indicators").get(key=key).data["value"] for key in keys) == shares


def test_each_town_clerk_entered_their_own_towns_reports() -> None:
    clerk = Account.objects.get(username="clerk_yangxi")
    areas = {e.body["area"] for e in Entry.objects.filter(actor_id=clerk.pk, body__register="progress_reports")}
    assert areas == {"431322102"}


def test_the_accounts_can_log_in() -> None:
    names = [username for username, _, _ in demo_accounts()]
    assert {"county_leader", "statistician", "clerk_yangxi", "clerk_baixi", "it_officer"} <= set(names)
    assert all(account.check_password(DEMO_PASSWORD) for account in Account.objects.filter(username__in=names[:1]))


def test_progress_was_told_to_the_end(demo_county: list[tuple[str, int, int]]) -> None:
    stages = list(dict.fromkeys(stage for stage, _, _ in demo_county))
    assert stages == ["accounts", "inventing", "writing"]
    assert demo_county[-1][1] == demo_county[-1][2]


INVENTED = """
demo:
  - set: all
    register: shops
    recorded: {between: ["2021-03-01", "2021-03-31"]}
    count: 7
    fields:
      code: {make: sequence, pattern: "S{n:04d}"}
      trade: {make: shares, of: {food: 4, retail: 3}}
      year: 2021
      turnover: {make: total, total: 1000.01, step: 0.01, spread: 1}
"""


def invented(tmp_path: object, demo: str = INVENTED) -> Pack:
    pack = read(write(tmp_path / "shops", pack=HEAD, shops=SHOPS, demo=demo))  # type: ignore[operator]
    install_register(pack.registers[0], pack="shops", by=None)
    return pack


@pytest.mark.parametrize("scale", [1, 3])
def test_counts_totals_and_shares_are_multiplied_exactly(scale: int, tmp_path: object) -> None:
    load_demo([invented(tmp_path)], scale=scale)
    shops = data("shops")
    assert len(shops) == 7 * scale
    assert amount(shops, "turnover") == Decimal("1000.01") * scale
    assert Counter(shop["trade"] for shop in shops) == {"food": 4 * scale, "retail": 3 * scale}


def test_the_same_demonstration_is_the_same_every_time(tmp_path: object) -> None:
    load_demo([invented(tmp_path)])
    first = sorted((r.key, str(r.data)) for r in Record.objects.of("shops"))
    Record.objects.of("shops").delete()
    load_demo([invented(tmp_path)])
    assert sorted((r.key, str(r.data)) for r in Record.objects.of("shops")) == first


def test_a_total_that_cannot_be_met_is_refused_and_nothing_written(tmp_path: object) -> None:
    with pytest.raises(Refusal):
        load_demo([invented(tmp_path, INVENTED.replace("step: 0.01", "step: 0.01, at_least: 200"))])
    assert data("shops") == []


def test_the_shipped_demonstrations_name_accounts_that_exist() -> None:
    accounts = set(Account.objects.values_list("username", flat=True))
    assert {made.by for pack in shipped() for made in pack.demo if made.by} <= accounts


def test_the_it_officer_may_install_a_pack(tmp_path: object) -> None:
    officer = Account.objects.get(username="it_officer")
    pack = read(write(tmp_path / "shops", pack=HEAD, shops=SHOPS), installation.known())  # type: ignore[operator]
    install(pack, by=officer)
    assert Entry.objects.of("pack:shops").get().actor_id == officer.pk
    with pytest.raises(NotPermitted):
        install(pack, by=Account.objects.get(username="clerk_yangxi"))


def test_the_cockpit_of_the_shipped_packs_is_in_force() -> None:
    found = cockpit()
    assert found is not None
    assert found.headline[0] == "projects.count"
