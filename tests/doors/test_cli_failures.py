"""What the command line says when something is in the way: one line, an exit status, no traceback."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner
from django.db import DataError, OperationalError
from tests.rooms import county

from banjie.cli import exporting
from banjie.cli.addresses import require_free, url_of
from banjie.cli.exporting import export
from banjie.cli.failures import told
from banjie.cli.main import COMMANDS, group, main
from banjie.lib.errors import Refusal
from banjie.lib.text import reading_in
from banjie.registers.actions import create


def banjie(data: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """The command as a person runs it, with a data folder of its own."""
    own = {k: v for k, v in os.environ.items() if not k.startswith("BANJIE_")} | {
        "BANJIE_DATA": str(data), "BANJIE_LANGUAGE": "en", **environment
    }  # fmt: skip
    command = [sys.executable, "-m", "banjie.cli.main", *arguments]
    return subprocess.run(command, env=own, capture_output=True, text=True, timeout=60, check=False)


@pytest.fixture
def projects(db: None) -> None:
    county.areas()
    county.registers()
    create("projects", county.project(), by=None)


@pytest.mark.parametrize("place", ["nowhere/projects.csv", "folder.csv", "file/projects.csv"])
def test_an_export_to_where_nothing_can_be_written_is_refused_before_anything_is_read(
    projects: None, tmp_path: Path, place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "folder.csv").mkdir()
    (tmp_path / "file").touch()
    monkeypatch.setattr(exporting, "export_rows", None)  # would not be callable
    result = CliRunner().invoke(export, ["projects", str(tmp_path / place)])
    assert isinstance(result.exception, OSError)
    says, status = told(result.exception)
    assert status == 2
    assert str(tmp_path) in says.en
    assert says.en.endswith(("no such file or folder", "is a folder, not a file"))


@pytest.mark.skipif(os.getuid() == 0, reason="root may write everywhere")
def test_a_folder_without_permission_is_named(projects: None, tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    result = CliRunner().invoke(export, ["projects", str(tmp_path / "a.csv")])
    assert isinstance(result.exception, PermissionError)


def test_a_full_disk_leaves_the_old_file_and_no_piece_of_the_new_one(
    projects: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    goal = tmp_path / "projects.csv"
    goal.write_text("before")

    def full(source: object, target: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(exporting.shutil, "copyfileobj", full)
    result = CliRunner().invoke(export, ["projects", str(goal)])
    assert result.exception is not None
    assert told(result.exception)[0].en == "the disk is full: make room and try again"  # type: ignore[arg-type]
    assert [p.name for p in tmp_path.iterdir()] == ["projects.csv"]
    assert goal.read_text() == "before"


@pytest.mark.parametrize(
    ("error", "says", "status"),
    [
        (OperationalError("database or disk is full"), "the disk is full", 2),
        (OperationalError("database is locked"), "the database is busy", 2),
        (OperationalError("no such table: registers_record"), "run banjie migrate", 2),
        (OperationalError("connection refused\nIs the server running?"), "cannot be used: connection refused", 2),
        (DataError("out of range"), "the database failed", 2),
        (PermissionError(13, "Permission denied", "a.csv"), "a.csv: permission denied", 2),
        (ValueError("BANJIE_DATABASE must start with postgresql://"), "a setting is wrong", 2),
        (ZeroDivisionError("division by zero"), "banjie --traceback", 3),
    ],
)
def test_each_failure_is_one_line_with_its_status(error: Exception, says: str, status: int) -> None:
    text, code = told(error)
    assert says in text.en
    assert "\n" not in text.en + text.zh
    assert code == status


@pytest.mark.slow
def test_a_person_sees_one_line_and_the_whole_on_request(tmp_path: Path) -> None:
    short = banjie(tmp_path / "var", "figure", "x")
    assert (short.returncode, short.stderr.count("\n")) == (2, 1)
    assert "banjie migrate" in short.stderr
    assert "Traceback" in banjie(tmp_path / "var", "--traceback", "figure", "x").stderr
    number = banjie(tmp_path / "var", "--help", BANJIE_UPLOAD_MB="many")
    assert (number.returncode, "BANJIE_UPLOAD_MB must be a whole number, not many" in number.stderr) == (2, True)
    wrong = banjie(tmp_path / "var", "--help", BANJIE_DATABASE="mysql://x")
    assert (wrong.returncode, "BANJIE_DATABASE must start with postgresql://" in wrong.stderr) == (2, True)


@pytest.mark.slow
def test_a_folder_of_definitions_that_is_not_there_is_named(tmp_path: Path) -> None:
    result = banjie(tmp_path / "var", "packs", "check", str(tmp_path / "nowhere"))
    assert result.returncode == 1
    assert "there is no such folder" in result.stderr
    assert "Traceback" not in result.stderr


@pytest.mark.slow
def test_what_is_kept_is_the_owners_alone(tmp_path: Path) -> None:
    """In a folder that somebody made beforehand with the usual mask."""
    data = tmp_path / "var"
    data.mkdir(mode=0o755)
    assert banjie(data, "migrate").returncode == 0
    assert data.stat().st_mode & 0o777 == 0o700
    found = [p for p in data.rglob("*") if p.is_file()]
    assert {p.name for p in found} >= {"banjie.sqlite3", "django.secret"}
    assert [p for p in found if p.stat().st_mode & 0o077] == []


def test_a_taken_port_is_named_with_what_to_do(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)  # as granian listens
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(Refusal) as refused:
            require_free("127.0.0.1", port)
    assert f"port {port} is taken" in refused.value.says.en
    assert f"端口 {port} 已被占用" in refused.value.says.zh
    assert f"PORT={port + 1}" in refused.value.says.zh
    require_free("127.0.0.1", port)


def test_an_address_that_is_not_ours_is_refused() -> None:
    with pytest.raises(Refusal, match=r"203\.0\.113\.9"):
        require_free("203.0.113.9", 8000)


@pytest.mark.parametrize("port", ["0", "65536", "-1", "x"])
@pytest.mark.parametrize("command", ["serve", "demo"])
def test_a_port_that_cannot_be_is_refused(command: str, port: str) -> None:
    result = CliRunner().invoke(group, [command, "--port", port])
    assert result.exit_code == 2
    assert "--port" in result.output


def test_the_address_shown_can_be_typed_into_a_browser() -> None:
    assert [url_of(h, 80) for h in ("0.0.0.0", "::", "::1", "db.lan")] == [
        "http://127.0.0.1:80/", "http://[::1]:80/", "http://[::1]:80/", "http://db.lan:80/"
    ]  # fmt: skip


def _commands(command: object, name: str) -> list[tuple[str, object]]:
    inner = getattr(command, "commands", {})
    return [(name, command), *((f"{name} {n}", c) for n, c in inner.items())]


@pytest.mark.parametrize(
    ("name", "command"),
    [pair for n in COMMANDS for pair in _commands(group.get_command(None, n), n)],
    ids=lambda v: v if isinstance(v, str) else "",
)  # type: ignore[arg-type]
def test_every_command_and_option_is_explained_in_both_languages(name: str, command: object) -> None:
    def both(text: str) -> bool:
        return any("一" <= c <= "鿿" for c in text) and any(c.isascii() and c.isalpha() for c in text)

    assert both(command.help or ""), f"banjie {name}"  # type: ignore[attr-defined]
    for option in command.params:  # type: ignore[attr-defined]
        explained = getattr(option, "help", None)
        if option.param_type_name == "option" and not option.hidden and not (explained is None and option.prompt):
            assert both(explained or ""), f"banjie {name} {option.opts}: {explained}"


def test_the_help_of_the_whole_is_in_both_languages() -> None:
    with reading_in("zh"):
        said = CliRunner().invoke(group, ["--help"]).output
    for line in ("示范县", "启动网站", "核验", "导出", "导入"):
        assert line in said


# What is typed → what is said of it, in Chinese and in English. Never the library's own "Usage:", "Error:" and "Try".
MISUSED = {
    ("due",): ("缺少 MOMENT", "MOMENT is missing"),
    ("due", "x", "y"): ("看不懂时间「x」", '"x" is not a moment'),
    ("nope",): ("没有这个命令：nope", "there is no such command: nope"),
    ("figure", "x", "--nope"): ("没有 --nope 这个选项", "there is no option --nope"),
    ("figure", "a", "b"): ("多出了 b", "b is too much"),
    ("serve", "--port", "x"): ("--port 不正确：应为 1 ≤ x ≤ 65535 的整数", "--port is not right: must be a whole number"),
    ("import", "projects", "/nowhere.xlsx"): ("FILE 不正确：没有 /nowhere.xlsx", "FILE is not right: there is no /nowhere.xlsx"),
    ("import", "projects", __file__, "--mode", "z"): (
        "应为 upsert, create, update 之一",
        "must be one of upsert, create, update",
    ),
    ("packs", "check", __file__): ("这是文件；请给出它所在的机制包文件夹", "is a file: name the folder of the pack"),
}


@pytest.mark.parametrize("typed", MISUSED, ids=" ".join)
def test_a_command_that_is_misused_says_so_in_one_line_of_the_readers_language(
    typed: tuple[str, ...], db: None, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for language, wanted in zip(("zh", "en"), MISUSED[typed], strict=True):
        monkeypatch.setenv("BANJIE_LANGUAGE", language)
        monkeypatch.setattr(sys, "argv", ["banjie", *typed])
        with pytest.raises(SystemExit) as ended:
            main()
        said = capsys.readouterr().err
        assert ended.value.code in {1, 2}
        assert said.startswith("✗ ")
        assert said.count("\n") == 1
        assert wanted in said
        assert "Usage" not in said
