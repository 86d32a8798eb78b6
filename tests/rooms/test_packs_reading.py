"""Reading a pack's files: what is refused, and the very place at which it stands."""

from __future__ import annotations

import shutil
from decimal import Decimal
from pathlib import Path
from random import Random

import pytest

from banjie.lib.text import reading_in
from banjie.packs.problems import PackError, PackProblem
from banjie.packs.reader import MECHANISMS, NOTHING, read, shipped
from banjie.packs.sources import read_source
from tests.rooms.packs_written import HEAD, SHOPS, problems, write


def test_a_good_pack_is_read(tmp_path: Path) -> None:
    pack = read(write(tmp_path / "shops", pack=HEAD, shops=SHOPS))
    assert (pack.name, [r.name for r in pack.registers], [f.name for f in pack.figures]) == (
        "shops",
        ["shops"],
        ["shops.turnover"],
    )
    assert [o.code for o in pack.registers[0].options(pack.registers[0].field("trade"))] == ["food", "retail"]


def test_sections_of_several_files_are_put_one_after_the_other(tmp_path: Path) -> None:
    source = read_source(
        write(tmp_path, a="roles:\n  - {name: one}\n  - {name: two}\n", b="roles:\n  - name: three\n    title: x\n")
    )
    assert [r["name"] for r in source.section("roles")] == ["one", "two", "three"]
    assert str(source.position(("roles", 1, "name"))) == "a.yaml:3:6"
    assert str(source.position(("roles", 2))) == "b.yaml:2:5"
    assert str(source.position(("roles", 2, "title"))) == "b.yaml:3:5"


def test_the_digest_is_of_the_content_and_not_of_the_files(tmp_path: Path) -> None:
    one = read(write(tmp_path / "one", all=HEAD + SHOPS))
    two = read(write(tmp_path / "two", pack="# a comment\n" + HEAD, shops=SHOPS))
    other = read(write(tmp_path / "other", all=HEAD.replace("1.0", "1.1") + SHOPS))
    assert one.digest == two.digest != other.digest


def test_plain_words_are_read_as_yaml_1_2_reads_them(tmp_path: Path) -> None:
    folder = write(tmp_path, a="demo: [8:30, 2021-10-31, 1.50, 12, -3, true, ~, '12', x y]\n")
    assert read_source(folder).section("demo") == ["8:30", "2021-10-31", Decimal("1.50"), 12, -3, True, None, "12", "x y"]


def test_a_byte_order_mark_does_no_harm(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_bytes(b"\xef\xbb\xbfpack: shops\n")
    source = read_source(tmp_path)
    assert source.data == {"pack": "shops"}
    assert source.problems == []


# The zoo: what stands in the file → where the finding is, and a part of what it says.
ZOO = {
    "duplicate key": (
        "registers:\n  - name: a\n    key: b\n    name: c\n",
        "a.yaml:4:5",
        "name stands twice; it is already on line 2",
    ),
    "duplicate section": ("roles: []\nroles: []\n", "a.yaml:2:1", "roles stands twice"),
    "anchor": ("roles:\n  - &x {name: a}\n", "a.yaml:2:5", "anchors (&x)"),
    "alias": ("roles:\n  - *x\n", "a.yaml:2:5", "aliases (*x)"),
    "merge key": ("roles:\n  - <<: {name: a}\n", "a.yaml:2:5", "merge keys"),
    "tag": ("roles:\n  - !!python/object/apply:os.system [ls]\n", "a.yaml:2:5", "tags (tag:yaml.org,2002:python"),
    "no": (
        "roles:\n  - {name: no}\n",
        "a.yaml:2:12",
        'unquoted no is read by YAML 1.1 as true or false. For the text write "no"',
    ),
    "on as a key": ("roles:\n  - on: 1\n", "a.yaml:2:5", "unquoted on"),
    "Yes": ("roles:\n  - {name: Yes}\n", "a.yaml:2:12", "unquoted Yes"),
    "True": ("roles:\n  - {name: True}\n", "a.yaml:2:12", "write true in lower case"),
    "octal": ("areas:\n  - {code: 010101}\n", "a.yaml:2:12", "Quote a code"),
    "underscored number": ("demo:\n  - {count: 1_000}\n", "a.yaml:2:13", "not a plain number"),
    "commas in a number": ("demo:\n  - count: 1,000\n", "a.yaml:2:12", "not a plain number"),
    "scientific": ("demo:\n  - {count: 1e6}\n", "a.yaml:2:13", "not a plain number"),
    "hexadecimal": ("demo:\n  - {count: 0x1F}\n", "a.yaml:2:13", "not a plain number"),
    "not a number": ("demo:\n  - {count: .nan}\n", "a.yaml:2:13", "is not a number that can be used"),
    "two documents": ("roles: []\n---\nroles: []\n", "a.yaml:2:1", "one document"),
    "a list at the top": ("- roles\n", "a.yaml:1:1", "must consist of sections"),
    "section that is no list": ("roles: {name: a}\n", "a.yaml:1:1", "must be a list"),
    "unknown section": ("role:\n  - {name: a}\n", "a.yaml:1:1", "no section called role. Did you mean roles?"),
    "tab": ("roles:\n\t- name: a\n", "a.yaml:2:1", "not valid YAML"),
    "unclosed quote": ('roles:\n  - {name: "a}\n', "a.yaml:", "not valid YAML"),
    "colon in a plain text": ("title: a: b\n", "a.yaml:1:9", "not valid YAML"),
    "control character": ("roles: [\x01]\n", "a.yaml:1:1", "control character"),
    "too deep": (f"demo: {'[' * 30}{']' * 30}\n", "a.yaml:1:31", "nested more than 24"),
    "a key that is a list": ("roles:\n  - {[a]: b}\n", "a.yaml:2:6", "must be a word"),
}


@pytest.mark.parametrize("kind", ZOO)
def test_what_is_refused_is_named_with_its_place(kind: str, tmp_path: Path) -> None:
    text, where, says = ZOO[kind]
    (tmp_path / "a.yaml").write_text(text, encoding="utf-8")
    found = [f"{p.at}: {p.says.en}" for p in read_source(tmp_path).problems]
    assert any(line.startswith(where) and says in line for line in found), found


def test_a_file_in_gb18030_is_named_with_the_place_of_its_first_character(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_bytes("pack: shops\ntitle: 商户\n".encode("gb18030"))
    assert [(str(p.at), p.says.en) for p in read_source(tmp_path).problems] == [
        ("a.yaml:2:8", "the file is not UTF-8: save it as UTF-8 (it is probably GB18030 now).")
    ]


def test_a_file_of_more_than_two_megabytes_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("# " + "x" * 2 * 1024 * 1024)
    assert "more than 2 MB" in read_source(tmp_path).problems[0].says.en


def test_an_expansion_bomb_costs_nothing(tmp_path: Path) -> None:
    lines = ["a: &a [x, x, x, x, x, x, x, x, x]"] + [
        f"{n}: &{n} [{', '.join(f'*{m}' for _ in range(9))}]" for m, n in zip("abcdefgh", "bcdefghi", strict=True)
    ]
    (tmp_path / "a.yaml").write_text("\n".join(lines))
    found = [p.says.en for p in read_source(tmp_path).problems]
    assert sum("aliases" in says for says in found) == 72


def test_a_link_that_leads_out_of_the_folder_is_not_followed(tmp_path: Path) -> None:
    outside = write(tmp_path / "outside", secret="pack: secret\n")
    folder = write(tmp_path / "pack", a="roles: []\n")
    (folder / "b.yaml").symlink_to(outside / "secret.yaml")
    source = read_source(folder)
    assert "pack" not in source.data
    assert [(str(p.at), p.says.en) for p in source.problems] == [
        ("b.yaml", "it leads out of the folder: put the file itself here.")
    ]


def test_a_folder_that_is_missing_or_empty_is_said(tmp_path: Path) -> None:
    assert "no such folder" in read_source(tmp_path / "nowhere").problems[0].says.en
    assert "no .yaml file" in read_source(tmp_path).problems[0].says.en


def test_every_problem_is_listed_and_not_only_the_first(tmp_path: Path) -> None:
    folder = write(
        tmp_path / "shops",
        pack=HEAD,
        shops="""
        registers:
          - name: shops
            title: {zh: 商户}
            key: code
            colour: red
            fields:
              - {name: code, type: txt, required: true, title: {zh: 编号, en: Code}}
          - name: visits
            title: {zh: 走访, en: Visits}
            key: code
            fields:
              - {name: code, type: text, required: true, title: {zh: 编号, en: Code}}
              - {name: trade, type: choice, of: trads, title: {zh: 行业, en: Trade}}
        """,
    )
    assert problems(folder) == [
        "shops.yaml:3:5: a label needs both languages: {zh: …, en: …}",
        "shops.yaml:5:5: there is no entry called colour: check the spelling. Did you mean columns?",
        "shops.yaml:7:22: type must be 'text', 'note', 'integer', 'decimal', 'boolean', 'date', 'month', 'year', 'datetime', "
        "'choice', 'reference', 'area' or 'phone'",
        "shops.yaml:13:37: there is no choices list called trads. There are none yet.",
    ]


def test_a_problem_reads_in_chinese_too(tmp_path: Path) -> None:
    folder = write(tmp_path / "shops", pack=HEAD + "colour: red\n")
    with pytest.raises(PackError) as caught, reading_in("zh"):
        read(folder)
    assert str(caught.value.says).startswith("pack.yaml:4:1: 没有「colour」这一部分。")


# How a formula is written → line and column of its unknown column `turnovr`.
FORMULAS = {
    "plain": ("        check: turnovr >= 0\n", "16:16"),
    "double quotes": ('        check: "turnovr >= 0"\n', "16:17"),
    "single quotes": ("        check: 'code <> ''x'' and turnovr >= 0'\n", "16:35"),
    "escaped": ("        check: \"code <> '\\u5546' and turnovr >= 0\"\n", "16:38"),
    "over two lines": ('        check: "turnover >= 0\n          and turnovr >= 0"\n', "17:15"),
    "block": ("        check: |\n          turnover >= 0\n          and turnovr >= 0\n", "18:15"),
    "folded block": ("        check: >-\n          turnover >= 0 and\n          turnovr >= 0\n", "18:11"),
}


@pytest.mark.parametrize("spelling", FORMULAS)
def test_a_fault_in_a_formula_is_shown_at_its_character(spelling: str, tmp_path: Path) -> None:
    written, where = FORMULAS[spelling]
    rule = f"      - name: sane\n{written}        says: {{zh: 不得为负, en: below nought}}\n"
    text = SHOPS.replace('      - {name: sane, check: "turnover >= 0", says: {zh: 不得为负, en: below nought}}\n', rule)
    text = text.replace("      - {name: trade,", "\n      - {name: trade,").replace("    title: {zh: 行业, en: Trade}\n", "", 1)
    text = text.replace("choices:\n  - name: trades\n", "choices:\n  - name: trades\n    title: {zh: 行业, en: Trade}\n")
    line = text.lstrip("\n").splitlines().index("      - name: sane") + 2
    found = problems(write(tmp_path / "shops", pack=HEAD, shops=text))
    wanted_line = line + int(where.split(":")[0]) - 16
    assert found[0].startswith(f"shops.yaml:{wanted_line}:{where.split(':')[1]}: "), found
    assert "turnovr" in found[0]


def test_every_faulty_formula_is_found(tmp_path: Path) -> None:
    text = SHOPS.replace("turnover >= 0", "turnover >= 'x'").replace("sum(turnover)", "sum(turnover); drop table records")
    found = problems(write(tmp_path / "shops", pack=HEAD, shops=text))
    assert len(found) == 2
    assert [line.split(":")[1] for line in found] == ["17", "23"]


@pytest.mark.parametrize(
    ("old", "new", "where", "says"),
    [
        ("of: shops\n", "of: shop\n", "22:5", "no register called shop"),
        ("time: year", "time: yeer", "24:5", "no field yeer"),
        ("by: [trade]", "by: [trade, town, colour]", "25:23", "no field colour"),
        ("unit: CNY\n    of", "unit: RMB\n    of", "21:5", "there is no unit RMB"),
        ("name: shops.turnover", "name: Shops", "19:5", "must start with a lower-case letter"),
        ('measure: "sum(turnover)"', 'measure: "turnover"', "23:15", "must stand inside SUM"),
    ],
)
def test_a_figure_is_held_to_its_register(old: str, new: str, where: str, says: str, tmp_path: Path) -> None:
    assert old in SHOPS
    found = problems(write(tmp_path / "shops", pack=HEAD, shops=SHOPS.replace(old, new)))
    assert [line for line in found if line.startswith(f"shops.yaml:{where}: ") and says in line], found


def test_a_figure_made_of_a_faulty_one_is_not_blamed_for_it(tmp_path: Path) -> None:
    more = "  - {name: shops.double, title: {zh: 两倍, en: Double}, unit: CNY, sum: [shops.turnover, shops.turnover]}\n"
    found = problems(write(tmp_path / "shops", pack=HEAD, shops=SHOPS.replace("sum(turnover)", "sum(turnovr)") + more))
    assert len(found) == 1
    assert "turnovr" in found[0]


def test_what_refers_to_a_faulty_register_is_not_blamed_for_it(tmp_path: Path) -> None:
    demo = "demo:\n  - {set: a, register: shops, count: 1, recorded: {at: '2021-03-01 09:00'}}\n"
    found = problems(write(tmp_path / "shops", pack=HEAD, shops=SHOPS.replace("key: code", "key: cod"), demo=demo))
    assert found == ["shops.yaml:10:5: key names the field cod, which does not exist"]


def test_a_label_cut_in_two_by_a_comma_is_explained(tmp_path: Path) -> None:
    text = SHOPS.replace("{zh: 不得为负, en: below nought}", "{zh: 不得为负, 请核对, en: below nought}")
    found = problems(write(tmp_path / "shops", pack=HEAD, shops=text))
    assert found == ["shops.yaml:17:46: a comma cut this text in two: put the text in quotes."]


# What is written for the field `trade` of a demonstration, from column 14 on → where the fault is and what is said.
MADE = {
    "{make: totl, total: 1}": (7, "totl is no way of making values; there are 'sequence', 'words'"),
    "{total: 1}": (7, "`make` is missing"),
    "{make: total, total: much}": (28, "total must be a number."),
    "{make: total, total: 1, step: 0}": (38, "step must be above 0."),
    "{make: total, total: 1, stepp: 1}": (38, "there is no entry called stepp"),
    "{make: total, total: 1.5}": (7, "the total must be a multiple of the step"),
    "{make: shares, of: {food: -1}}": (34, "food must not be below 0."),
    "{make: shares, of: {fod: 1}}": (34, "there is no option called fod. Did you mean food?"),
    "[{make: shares, of: []}]": (30, "of must be a mapping"),
    "{make: some_day, between: [2021-01-01, soon]}": (53, "between must be a date"),
    "{make: total, total: 1, follows: turnovr}": (38, "there is no field called turnovr. Did you mean turnover?"),
    "{make: total, total: 1, follows: parent.code}": (38, "there is no field called parent.code"),
    "{make: total, total: 1, where: {yeer: 2021}}": (46, "there is no field called yeer. Did you mean year?"),
    "{make: sequence, pattern: S1}": (31, "the pattern needs the number: {n} or {n:03d}"),
    "{make: words, words: {a: b}}": (36, "a must be a list"),
}


@pytest.mark.parametrize("made", MADE)
def test_a_fault_in_a_demonstration_is_shown_at_its_entry(made: str, tmp_path: Path) -> None:
    demo = f"""
    demo:
      - set: a
        register: shops
        count: 1
        recorded: {{at: "2021-03-01 09:00"}}
        fields:
          trade: {made}
    """
    column, says = MADE[made]
    found = problems(write(tmp_path / "shops", pack=HEAD, shops=SHOPS, demo=demo))
    assert len(found) == 1
    assert says in found[0]
    assert found[0].startswith(f"demo.yaml:7:{column}: ")


def test_a_screen_names_figures_that_exist_and_breakdowns_that_they_have(tmp_path: Path) -> None:
    screens = """
    screens:
      cockpit:
        title: {zh: 驾驶舱, en: Cockpit}
        headline: [shops.turnover, shops.turnovr]
        breakdowns: [{figure: shops.turnover, by: town}]
    """
    assert problems(write(tmp_path / "shops", pack=HEAD, shops=SHOPS, screens=screens)) == [
        "screens.yaml:4:32: there is no figure called shops.turnovr. Did you mean shops.turnover?",
        "screens.yaml:5:19: shops.turnover cannot be broken down by town. There are: trade.",
    ]


def test_what_another_pack_declares_may_be_used_and_not_declared_again(tmp_path: Path) -> None:
    shops = read(write(tmp_path / "shops", pack=HEAD, shops=SHOPS))
    head = 'pack: streets\ntitle: {zh: 街, en: Streets}\nversion: "1"\nrequires: [shops]\n'
    folder = write(
        tmp_path / "streets", pack=head, figures=SHOPS[SHOPS.index("figures:") :].replace("shops.turnover", "streets.turnover")
    )
    assert "pack.yaml:4:12: the pack shops must be installed first." in problems(folder)
    known = NOTHING.and_pack(shops)
    assert read(folder, known).figures[0].of == "shops"
    again = write(tmp_path / "again", pack=head.replace("streets", "again"), shops=SHOPS)
    assert problems(again, known) == [
        "shops.yaml:8:5: the register shops belongs to the pack shops: choose another name.",
        "shops.yaml:19:5: the figure shops.turnover belongs to the pack shops: choose another name.",
    ]


def test_a_figure_of_another_pack_that_would_break_is_named(tmp_path: Path) -> None:
    shops = read(write(tmp_path / "shops", pack=HEAD, shops=SHOPS))
    head = 'pack: streets\ntitle: {zh: 街, en: Streets}\nversion: "1"\nrequires: [shops]\n'
    figures = SHOPS[SHOPS.index("figures:") :].replace("shops.turnover", "streets.turnover")
    known = NOTHING.and_pack(shops)
    known = known.and_pack(read(write(tmp_path / "streets", pack=head, figures=figures), known))
    smaller = SHOPS[: SHOPS.index("    rules:")].replace("name: turnover,", "name: takings,")
    found = problems(write(tmp_path / "shops", shops=smaller), known)
    assert len(found) == 1
    assert "the figure streets.turnover of the pack streets would no longer work: there is no field turnover" in found[0]


def test_a_grant_names_a_register_that_exists(tmp_path: Path) -> None:
    people = """
    areas:
      - {code: "430000", level: province, name: {zh: 湖南省, en: Hunan}}
    organisations:
      - {code: office, area: "430000", name: {zh: 办公室, en: Office}}
    posts:
      - code: clerk
        organisation: office
        name: {zh: 专干, en: Clerk}
        grants: [{verbs: [view], registers: [shops, shop], area: "430000"}]
    """
    found = problems(write(tmp_path / "shops", pack=HEAD, shops=SHOPS, people=people))
    assert found == ["people.yaml:9:49: there is no register called shop. Did you mean shops?"]


def test_columns_count_characters_and_lines_may_end_as_on_windows(tmp_path: Path) -> None:
    rule = '      - {says: {zh: 营业额不得为负𠮷, en: below nought}, name: sane, check: "turnovr >= 0"}\n'
    text = SHOPS.replace('      - {name: sane, check: "turnover >= 0", says: {zh: 不得为负, en: below nought}}\n', rule)
    folder = write(tmp_path / "shops", pack=HEAD)
    (folder / "shops.yaml").write_bytes(text.lstrip("\n").replace("\n", "\r\n").encode())
    assert problems(folder) == [f"shops.yaml:17:{rule.index('turnovr') + 1}: there is no field turnovr; did you mean turnover?"]


def test_the_shipped_packs_have_no_problems_and_come_after_what_they_require() -> None:
    packs = shipped()
    names = [pack.name for pack in packs]
    assert {"key_projects", "county_indicators", "xinhua"} <= set(names)
    for pack in packs:
        assert all(names.index(required) < names.index(pack.name) for required in pack.head.requires)


def test_packs_that_require_each_other_are_refused(tmp_path: Path) -> None:
    write(tmp_path / "a", pack='pack: a\ntitle: {zh: 甲, en: A}\nversion: "1"\nrequires: [b]\n')
    write(tmp_path / "b", pack='pack: b\ntitle: {zh: 乙, en: B}\nversion: "1"\nrequires: [a]\n')
    with pytest.raises(PackError) as caught:
        shipped(tmp_path)
    assert caught.value.problems[0].says.en == "these packs require each other: a, b. Remove one `requires`."


@pytest.mark.parametrize("seed", range(40))
def test_a_damaged_pack_is_read_or_refused_in_words(seed: int, tmp_path: Path) -> None:
    random = Random(seed)
    folder = tmp_path / "county_indicators"
    shutil.copytree(MECHANISMS / "county_indicators", folder)
    file = random.choice(sorted(folder.glob("*.yaml")))
    lines = file.read_text(encoding="utf-8").split("\n")
    for _ in range(random.randint(1, 4)):
        at = random.randrange(len(lines))
        cut = random.randrange(len(lines[at]) + 1)
        damage = random.choice(
            ["[", "]", "{", ": ", "- ", "'", '"', "&a ", "*a ", "!!set ", "|", "null", "1e999", "", "\t", "𠮷"]
        )
        lines[at] = random.choice([lines[at][:cut] + damage + lines[at][cut:], lines[at][cut:], damage, "  " + lines[at]])
    file.write_text("\n".join(lines), encoding="utf-8")
    assert all(p.says.zh and p.says.en and p.at.file for p in problems_if_any(folder))


def problems_if_any(folder: Path) -> tuple[PackProblem, ...]:
    """None where the damage did no harm."""
    try:
        read(folder)
    except PackError as error:
        return error.problems
    return ()
