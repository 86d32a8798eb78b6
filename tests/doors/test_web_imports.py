"""Sheets sent through the browser, the awkward and the hostile: each gets a clear answer on the page, in both languages."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from tests.doors import web_world
from tests.doors.web_world import World, as_person
from tests.rooms.sheets_made import HEADINGS, csv, good_row, member, with_member, xlsx

from banjie.registers.import_runs import Watched, execute
from banjie.registers.models import ImportRun, Record

GOOD = xlsx(HEADINGS, good_row(1))
SHEET = "xl/worksheets/sheet1.xml"

# What is sent → what the page of the finished trial run says, in Chinese and in English.
RUNS: dict[str, tuple[bytes, str, str]] = {
    "a good sheet": (GOOD, "检查完毕，可以写入", "Checked: it can be written"),
    "GB18030": (csv(HEADINGS, good_row(1), encoding="gb18030"), "检查完毕，可以写入", "Checked: it can be written"),
    "UTF-16 without its mark": (csv(HEADINGS, good_row(1), encoding="utf-16-le"), "检查完毕，可以写入", "Checked: it can be written"),
    "dates as text": (xlsx(HEADINGS, good_row(1, 开工日期="二〇二一年三月")), "应为日期，如 2021-10-31", "must be a date such as"),
    "a heading over two columns": (
        xlsx(["项目代码", "项目名称", "乡镇", "总投资", None], ["A1", "甲", "洋溪镇", 3, 2], merged=["D1:E1"]),
        "表头 D1:E1 是合并单元格：请拆分并逐列填写表头",
        "the heading D1:E1 in row 1 is merged",
    ),
    "the same heading twice": (xlsx([*HEADINGS, "项目名称"], [*good_row(1), "乙"]), "与 B 列「项目名称」是同一字段", "is the same field as column B"),
    "an empty sheet": (xlsx([]), "表格是空的", "the sheet is empty"),
    "headings alone": (xlsx(HEADINGS), "第 1 行表头之下没有数据", "there are no rows below the header"),
    "formulas never reckoned": (xlsx(HEADINGS, good_row(1, **{"总投资(万元)": "=600*2"})), "没有保存计算结果", "without their results"),
    "three hundred columns": (xlsx([*HEADINGS, *(f"附加{n}" for n in range(292))], good_row(1)), "没有这个字段", "no field is called that"),
    "a bomb": (with_member(GOOD, SHEET, b" " * 350_000_000), "文件解压后过大（350 MB）", "the file unpacks to 350 MB"),
    "two corners": (
        with_member(GOOD, SHEET, member(GOOD, SHEET).replace(b"</sheetData>", b'<row r="1048576"><c r="A1048576"><v>1</v></c></row></sheetData>')),
        "到第 1,048,576 行，一次最多 200,000 行",
        "reaches row 1,048,576",
    ),
}  # fmt: skip

# What is not even taken in.
REFUSED: dict[str, tuple[bytes, str, str]] = {
    "nothing": (b"", "文件是空的", "the file is empty"),
    "a zero byte": (csv(HEADINGS, good_row(1, 项目名称="坏\0名")), "文本第 2 行有控制字符（U+0000）", "a control character (U+0000) in line 2"),
    "a page": (b"<html><table></table></html>", "不能导入这种文件（HTML", "this kind of file (HTML"),
    "macros": (with_member(GOOD, "xl/vbaProject.bin", b"x"), "不能导入这种文件（含宏的文档", "this kind of file (macros"),
    "a cut archive": (GOOD[: len(GOOD) // 2], "另存为 .xlsx 或 .csv", "this kind of file (damaged archive) cannot be imported"),
}  # fmt: skip


@pytest.fixture
def world(db: None) -> World:
    return web_world.build()


def send(world: World, content: bytes, language: str = "zh") -> Any:
    client = as_person(world.clerk)
    client.cookies["banjie_language"] = language
    return client, client.post("/registers/projects/import/", {"file": SimpleUploadedFile("项目.xlsx", content)})


@pytest.mark.parametrize("what", RUNS)
def test_a_trial_run_says_what_came_of_it(world: World, what: str) -> None:
    content, *says = RUNS[what]
    client, answer = send(world, content)
    assert answer.status_code == 302
    execute(int(answer.headers["Location"].strip("/").split("/")[-1]))
    for language, wanted in zip(("zh", "en"), says, strict=True):
        client.cookies["banjie_language"] = language
        said = client.get(answer.headers["Location"]).content.decode()
        assert wanted in said
        assert "有 0 行" not in said
    assert Record.objects.of("projects").count() == 1


@pytest.mark.parametrize("what", REFUSED)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_what_is_no_sheet_is_not_taken_in(world: World, what: str, language: str) -> None:
    before = ImportRun.objects.count()
    _, answer = send(world, REFUSED[what][0], language)
    assert answer.status_code == 422
    assert REFUSED[what][1 if language == "zh" else 2] in answer.content.decode()
    assert ImportRun.objects.count() == before


def test_a_file_over_the_limit_is_refused_while_it_arrives(world: World, settings: Any) -> None:
    settings.UPLOAD_LIMIT = 1024 * 1024
    _, answer = send(world, b"x" * 3 * 1024 * 1024)
    assert answer.status_code == 413
    assert "提交的内容超过允许的大小：一次最多 1 MB" in answer.content.decode()


def test_the_page_of_a_refused_upload_leads_back_to_where_it_was_sent(world: World, settings: Any) -> None:
    settings.UPLOAD_LIMIT = 1024 * 1024
    form, sent = "/registers/projects/import/", {"file": SimpleUploadedFile("项目.xlsx", b"x" * 3 * 1024 * 1024)}
    assert (
        f'href="{form}"'
        in as_person(world.clerk).post(form, sent, headers={"Referer": f"http://testserver{form}"}).content.decode()
    )
    elsewhere = "https://example.org/"
    assert elsewhere not in as_person(world.clerk).post(form, sent, headers={"Referer": elsewhere}).content.decode()


def test_what_was_written_is_not_offered_to_be_written_again(world: World) -> None:
    client, answer = send(world, GOOD)
    trial = answer.headers["Location"]
    execute(int(trial.strip("/").split("/")[-1]))
    assert f'action="{trial}write/"' in client.get(trial).content.decode()
    written = client.post(f"{trial}write/").headers["Location"]
    execute(int(written.strip("/").split("/")[-1]))
    said = client.get(trial).content.decode()
    assert f'action="{trial}write/"' not in said
    assert "检查过的内容已经写入" in said
    assert str(world.clerk) in said
    assert f'href="{written}"' in said
    runs = ImportRun.objects.count()
    assert client.post(f"{trial}write/").headers["Location"] == written
    assert ImportRun.objects.count() == runs


def test_the_share_that_is_done_is_of_the_rows_beside_it() -> None:
    assert Watched(ImportRun.WRITING, 2_000, 20_000).percent == 10
    assert Watched(ImportRun.CHECKING, 5_000, 20_000).percent == 25
    assert Watched(ImportRun.DONE, 0, 0).percent == 100


def test_what_was_left_out_is_said_where_the_rest_was_written(world: World) -> None:
    client, answer = send(world, xlsx(HEADINGS, good_row(1), good_row(2, 产业="航天")))
    execute(int(answer.headers["Location"].strip("/").split("/")[-1]))
    assert "有 1 行需要改正，未写入任何内容" in client.get(answer.headers["Location"]).content.decode()
    written = client.post(f"{answer.headers['Location']}write/", {"partial": "1"})
    execute(int(written.headers["Location"].strip("/").split("/")[-1]))
    assert "已导入；有误的 1 行没有写入" in client.get(written.headers["Location"]).content.decode()
