"""The language of formulas, by example. The manual (docs/manual/formulas.md) is generated from these tables:
``python -m tests.spec.formulas`` writes it. Every example is run in Python, DuckDB, SQLite and, when there is one, PostgreSQL.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal as D
from pathlib import Path
from typing import Any

from banjie.formulas import Kind

COLUMNS = {
    "planned": Kind.DECIMAL,
    "invested": Kind.DECIMAL,
    "total": Kind.DECIMAL,
    "houses": Kind.INTEGER,
    "done": Kind.INTEGER,
    "name": Kind.TEXT,
    "code": Kind.TEXT,
    "started": Kind.BOOLEAN,
    "begins": Kind.DATE,
    "ends": Kind.DATE,
    "reported": Kind.DATETIME,
}
Row = dict[str, Any]
Case = tuple[str, Row, Any, str]
GroupCase = tuple[str, list[Row], Any, str]

LATE = datetime.fromisoformat("2021-10-31 23:59")


@dataclass(frozen=True)
class Section:
    """A chapter of the manual: a rule in words, then examples: formula, row, answer, why."""

    title: str
    says: str
    cases: list[Case] = field(default_factory=list)
    groups: list[GroupCase] = field(default_factory=list)


SECTIONS = [
    Section(
        "Missing values · 缺失值",
        "A missing value is NULL: unknown. What is computed from it is unknown too, and a condition that is unknown is not "
        "true. A rule reports a record only if its check is *false*, a filter takes a record only if it is *true*.",
        [
            ("planned <= total", {"planned": D("12.5"), "total": D(30)}, True, "both known"),
            ("planned <= total", {"planned": D("12.5")}, None, "unknown beside known is unknown"),
            ("planned + 1", {}, None, "so is a sum"),
            ("planned = NULL", {"planned": D(1)}, None, "nothing equals the unknown, not even itself"),
            ("planned IS NULL", {}, True, "ask like this"),
            ("planned IS NOT NULL", {}, False, ""),
            ("planned > 5 AND total > 5", {"planned": D(1)}, False, "one side false decides AND"),
            ("planned > 5 OR total > 5", {"planned": D(9)}, True, "one side true decides OR"),
            ("NOT started", {}, None, "the contrary of unknown is unknown"),
            ("started IS TRUE", {}, False, "IS TRUE and IS FALSE always answer"),
            ("planned IS DISTINCT FROM total", {"planned": D(1)}, True, "comparing with NULL as a value like others"),
            ("planned IS NOT DISTINCT FROM total", {}, True, "two unknowns are not distinct"),
            ("COALESCE(invested, 0)", {}, D(0), "the first that is known"),
            ("NULLIF(name, '')", {"name": ""}, None, "a value that means nothing"),
            ("GREATEST(planned, invested)", {"planned": D(3)}, D(3), "the unknown is passed over"),
            ("LEAST(begins, ends)", {"begins": date(2021, 3, 1), "ends": date(2021, 2, 1)}, date(2021, 2, 1), ""),
            ("houses IN (1, NULL)", {"houses": 2}, None, "2 may be the unknown one"),
            ("houses IN (1, NULL)", {"houses": 1}, True, ""),
            ("houses NOT IN (1, 3)", {"houses": 2}, True, ""),
        ],
    ),
    Section(
        "Numbers · 数字",
        "Whole numbers have 64 bits. Decimals are exact, never floating: a column has 6 places, a constant those written. "
        "`+` and `-` keep the longer scale, `*` adds the scales up to 12, `/` always has 12. Whatever is cut is rounded half "
        "away from zero. A decimal has at most 38 digits in all. A number too large is an error, never a wrong number.",
        [
            ("0.1 + 0.2 = 0.3", {}, True, "exact: no floating point anywhere"),
            ("invested / planned", {"invested": D("126.5"), "planned": D("158.93")}, D("0.795947901592"), "twelve places"),
            ("2 / 3", {}, D("0.666666666667"), "whole numbers divide into a decimal too"),
            ("-2 / 3", {}, D("-0.666666666667"), "rounded away from zero"),
            ("FLOOR(houses / 3)", {"houses": 7}, 2, "whole division, written out"),
            ("invested / planned", {"invested": D(5), "planned": D(0)}, None, "divided by zero: no value"),
            ("houses % 3", {"houses": -7}, -1, "the remainder has the sign of what is divided"),
            ("houses % 0", {"houses": 7}, None, ""),
            ("ROUND(planned, 1)", {"planned": D("2.25")}, D("2.3"), "halves go away from zero"),
            ("ROUND(planned, 1)", {"planned": D("-2.25")}, D("-2.3"), ""),
            ("ROUND(planned)", {"planned": D("2.5")}, D(3), ""),
            ("FLOOR(planned)", {"planned": D("-2.5")}, -3, "a whole number"),
            ("CEIL(planned)", {"planned": D("-2.5")}, -2, "a whole number"),
            ("ABS(houses - done)", {"houses": 3, "done": 5}, 2, ""),
            ("planned * total", {"planned": D("0.000001"), "total": D("0.000001")}, D("0.000000000001"), "6 + 6 places"),
            (
                "ROUND(invested / planned * 100, 2)",
                {"invested": D("126.5"), "planned": D("158.93")},
                D("79.59"),
                "per cent",
            ),
            ("planned BETWEEN 1 AND 2.5", {"planned": D("2.5")}, True, "both ends belong"),
            ("houses = 2.0", {"houses": 2}, True, "whole numbers and decimals compare"),
        ],
    ),
    Section(
        "Text · 文本",
        "Text is compared by code point, in every database alike; capitals differ from small letters. LENGTH counts "
        "characters. LOWER and UPPER change A–Z only; TRIM takes Unicode's spaces, the full-width one among them.",
        [
            ("LENGTH(name)", {"name": "白溪水电站"}, 5, "characters, not bytes"),
            ("SUBSTRING(code, 1, 6)", {"code": "431322103"}, "431322", "from the first character, six of them"),
            ("STARTS_WITH(code, '4313')", {"code": "431322"}, True, ""),
            ("CONTAINS(name, '水电')", {"name": "白溪水电站"}, True, ""),
            ("name LIKE '%站'", {"name": "白溪水电站"}, True, "% is any run of characters"),
            ("code LIKE '43_322'", {"code": "431322"}, True, "_ is any one character"),
            ("code LIKE 'a%'", {"code": "A1"}, False, "case counts"),
            ("code NOT LIKE '43%'", {"code": "441322"}, True, ""),
            ("TRIM(name)", {"name": "\u3000白溪 "}, "白溪", "the full-width space too"),
            ("UPPER(code)", {"code": "xh-1é"}, "XH-1é", "A–Z only, so that no database's locale matters"),
            ("LOWER(code)", {"code": "XH"}, "xh", ""),
            ("code || '-' || name", {"code": "1"}, None, "|| with an unknown is unknown"),
            ("CONCAT(code, '-', name)", {"code": "1"}, "1-", "CONCAT passes the unknown over"),
            ("name < 'b'", {"name": "Z"}, True, "capitals come before small letters"),
        ],
    ),
    Section(
        "Dates · 日期",
        "A date is written DATE '2021-10-31', a moment TIMESTAMP '2021-10-31 09:00:00' in local time. Dates differ by whole "
        "days. `date_diff` counts the borders crossed. There is no “today”: the moment of asking belongs to the engine.",
        [
            ("ends - begins", {"begins": date(2021, 10, 1), "ends": date(2021, 10, 31)}, 30, "days"),
            ("begins + 30", {"begins": date(2021, 10, 1)}, date(2021, 10, 31), ""),
            ("begins - houses", {"begins": date(2021, 3, 1), "houses": 1}, date(2021, 2, 28), ""),
            ("date_diff('day', begins, ends)", {"begins": date(2021, 10, 1), "ends": date(2021, 10, 31)}, 30, "from, to"),
            ("date_diff('month', begins, ends)", {"begins": date(2021, 10, 31), "ends": date(2021, 11, 1)}, 1, "one border"),
            (
                "date_diff('minute', reported, TIMESTAMP '2021-11-01 00:00:30')",
                {"reported": datetime(2021, 10, 31, 14, 59, 59)},  # noqa: DTZ001 - formulas know local wall time
                541,
                "nine hours and a minute by the clock",
            ),
            ("date_diff('year', begins, ends)", {"begins": date(2021, 1, 1), "ends": date(2021, 12, 31)}, 0, "no border"),
            ("year(begins)", {"begins": date(2021, 10, 31)}, 2021, "also quarter, month, day"),
            ("quarter(begins)", {"begins": date(2021, 10, 31)}, 4, ""),
            ("date_trunc('month', begins)", {"begins": date(2021, 10, 31)}, date(2021, 10, 1), "year, quarter, month, day"),
            ("last_day(begins)", {"begins": date(2024, 2, 1)}, date(2024, 2, 29), "of the month"),
            ("make_date(year(begins), 12, 31)", {"begins": date(2021, 3, 1)}, date(2021, 12, 31), ""),
            ("begins >= DATE '2021-10-01'", {"begins": date(2021, 10, 1)}, True, ""),
            ("CAST(reported AS DATE)", {"reported": LATE}, date(2021, 10, 31), "its day"),
            ("reported < TIMESTAMP '2021-11-01 00:00:00'", {"reported": LATE}, True, ""),
        ],
    ),
    Section(
        "Choosing and converting · 选择与转换",
        "CAST does what cannot fail: to TEXT, between numbers, between dates and moments. TRY_CAST reads text; what is not "
        "written exactly so has no value. DECIMAL has 6 places, DECIMAL(38,2) two.",
        [
            ("CASE WHEN invested >= planned THEN '完成' ELSE '未完成' END", {}, "未完成", "an unknown condition is not true"),
            ("CASE houses WHEN 1 THEN 'one' WHEN 2 THEN 'two' END", {"houses": 3}, None, "no ELSE: no value"),
            ("IF(started, 1, 0)", {"started": True}, 1, "short for CASE"),
            ("CAST(houses AS TEXT) || '户'", {"houses": 12}, "12户", ""),
            ("CAST(ROUND(planned, 2) AS TEXT)", {"planned": D("2.5")}, "2.50", "as many places as the number has"),
            ("CAST(planned AS INTEGER)", {"planned": D("2.5")}, 3, "rounded"),
            ("CAST(started AS INTEGER)", {"started": True}, 1, ""),
            ("TRY_CAST(code AS INTEGER)", {"code": "0042"}, 42, ""),
            ("TRY_CAST(code AS INTEGER)", {"code": "4.2"}, None, "not a whole number: no value"),
            ("TRY_CAST(code AS DECIMAL)", {"code": "4.25"}, D("4.25"), "up to 18 digits and 6 places"),
            ("TRY_CAST(code AS DATE)", {"code": "2024-02-29"}, date(2024, 2, 29), ""),
            ("TRY_CAST(code AS DATE)", {"code": "2023-02-29"}, None, "there is no such day"),
        ],
    ),
    Section(
        "Many rows · 汇总",
        "Measures use SUM, COUNT, MIN, MAX, AVG, MEDIAN and QUANTILE, each with FILTER if wanted. Unknown values are passed "
        "over. Of no row at all COUNT is 0 and the others have no value. AVG is SUM / COUNT, with twelve places. "
        "QUANTILE(x, 0.9) is the value at nine tenths of the way through the ordered values, on a straight line between "
        "neighbours; MEDIAN is at half.",
        groups=[
            ("SUM(invested)", [{"invested": D("1.5")}, {"invested": D("2.25")}, {}], D("3.75"), "the unknown is passed over"),
            ("SUM(invested)", [], None, "no rows: no value, not zero"),
            ("COUNT(*)", [{}, {}], 2, "rows"),
            ("COUNT(*)", [], 0, ""),
            ("COUNT(name)", [{"name": "a"}, {}], 1, "known values"),
            ("COUNT(DISTINCT name)", [{"name": "a"}, {"name": "a"}, {"name": "b"}, {}], 2, ""),
            ("COUNT(*) FILTER (WHERE started)", [{"started": True}, {"started": False}, {}], 1, "only where it is true"),
            ("AVG(houses)", [{"houses": 1}, {"houses": 1}, {"houses": 3}], D("1.666666666667"), ""),
            ("MEDIAN(houses)", [{"houses": 1}, {"houses": 9}, {"houses": 2}, {}], D("2"), "the middle one of those known"),
            ("MEDIAN(houses)", [{"houses": 1}, {"houses": 2}], D("1.5"), "half way between the two in the middle"),
            ("MEDIAN(invested)", [], None, "no rows: no value"),
            (
                "QUANTILE(houses, 0.9)",
                [{"houses": n} for n in (1, 2, 3, 4)],
                D("3.7"),
                "at place 0.9 × 3 = 2.7, counted from 0: between the third and the fourth",
            ),
            ("QUANTILE(done, 0.9) FILTER (WHERE houses > 1)", [{"done": 5, "houses": 2}, {"done": 9, "houses": 1}], D("5"), ""),
            ("MAX(begins)", [{"begins": date(2021, 1, 1)}, {"begins": date(2021, 5, 1)}], date(2021, 5, 1), ""),
            (
                "SUM(invested) / SUM(planned)",
                [{"invested": D(1), "planned": D(3)}, {"invested": D(1)}],
                D("0.666666666667"),
                "a ratio of sums, not a mean of ratios",
            ),
            ("SUM(done) / SUM(houses)", [{"done": 1, "houses": 0}], None, "divided by zero: no value"),
        ],
    ),
]

REFUSED: list[tuple[str, int, str]] = [
    ("invested <= totle", 12, "there is no field totle; did you mean total?"),
    ("name + 1", 0, "a number is wanted here, not text; read text with TRY_CAST"),
    ("begins > '2021-10-01'", 9, "date before, text here: they do not mix; a date is written DATE '2021-10-31'"),
    ("planned; DROP TABLE records", 7, "a formula is one expression, without a semicolon"),
    ("planned > (SELECT 1)", 10, "a formula holds no subquery"),
    ("planned + SQRT(total)", 10, "there is no function SQRT"),
    ("roud(planned, 2)", 0, "there is no function roud; did you mean round?"),
    ("begins < CURRENT_DATE", 9, "a formula does not ask for today: the as-of moment belongs to the engine"),
    ("begins < as_of()", 9, "only the formulas of a figure may ask for as_of()"),
    ("SUM(planned)", 0, "no aggregate (sum) may stand here"),
    ("planned -- the plan", 8, "a formula holds no comments (write a - (-b) for a minus of a minus)"),
    ("planned \uff1e 1", 8, "the full-width \uff1e must be written >"),
    ("CAST(code AS INTEGER)", 0, "read text with TRY_CAST: what cannot be read has no value"),
    ("planned > 1e3", 10, "a number is written 1234.5, without an exponent"),
    ("(planned + 1", 0, "what is opened here is not closed"),
]
"""What is refused when a pack is checked: the formula, the character at which the fault lies, what is said."""

MANUAL = Path(__file__).parents[2] / "docs" / "manual" / "formulas.md"


def _shown(value: object) -> str:
    match value:
        case None:
            return "*no value*"
        case bool():
            return "true" if value else "false"
        case D():
            return format(value, "f")
        case str():
            return f"“{value}”" if value == value.strip() else f"“{value.replace(chr(0x3000), '□').replace(' ', '·')}”"
        case datetime():
            return f"{value:%Y-%m-%d %H:%M}"
        case _:
            return str(value)


def _shown_row(row: Row) -> str:
    return ", ".join(f"{name} {_shown(value)}" for name, value in row.items()) or "(nothing known)"


def _table(lines: list[tuple[str, str, str, str]]) -> list[str]:
    head = ["", "| formula | given | answer | why |", "|---|---|---|---|"]
    escaped = [[cell.replace("|", "\\|") for cell in line] for line in lines]
    return head + [f"| `{formula}` | {given} | {answer} | {why} |" for formula, given, answer, why in escaped]


def manual() -> str:
    """The text of docs/manual/formulas.md."""
    lines = [
        "# Formulas · 公式",
        "",
        "Generated from `tests/spec/formulas.py`; every line is tested in Python, DuckDB, SQLite and PostgreSQL.",
        "",
        "A formula is one SQL expression in DuckDB's dialect: rules, guards, computed fields and measures are written in it. "
        "It is checked when a pack is checked, never first when it runs. At most 2000 characters.",
    ]
    for section in SECTIONS:
        lines += ["", f"## {section.title}", "", section.says]
        cases = [(formula, _shown_row(row), _shown(answer), why) for formula, row, answer, why in section.cases]
        groups = [
            (formula, "; ".join(map(_shown_row, rows)) or "(no rows)", _shown(answer), why)
            for formula, rows, answer, why in section.groups
        ]
        lines += _table(cases + groups)
    lines += ["", "## What is refused · 拒绝的写法", "", "| formula | character | what is said |", "|---|---|---|"]
    lines += [f"| `{formula}` | {offset + 1} | {says} |" for formula, offset, says in REFUSED]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    MANUAL.parent.mkdir(parents=True, exist_ok=True)
    MANUAL.write_text(manual(), encoding="utf-8")
