"""Reading settings from the environment, with defaults that suit one machine."""

from __future__ import annotations

import os
import secrets
from datetime import time
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit


def flag(value: str | None) -> bool:
    return (value or "").strip().lower() in {"1", "true", "yes", "on"}


def words(value: str | None) -> list[str]:
    return [w for w in (value or "").replace(",", " ").split() if w]


def whole(name: str, value: str | None, default: int) -> int:
    """A whole number, not below 0. ValueError, which names the setting, where it is anything else."""
    text = (value or "").strip()
    if text and not (text.isascii() and text.isdigit()):
        raise ValueError(f"{name} must be a whole number, not {text}")
    return int(text) if text else default


def data_directory(value: str | None) -> Path:
    """The folder of everything Banjie keeps: ``BANJIE_DATA``, or ``./var``. Made when missing.

    It is the owner's alone: records, files and keys lie in it. One that others may enter is closed to them; what a group may do is
    left as somebody has set it.
    """
    path = Path(value or "var").resolve()
    path.mkdir(parents=True, exist_ok=True, mode=0o700)
    there = path.stat()
    if there.st_mode & 0o007 and there.st_uid == os.getuid():
        path.chmod(0o700)
    return path


def keep_private() -> None:
    """What this process makes from now on, nobody else may read: database, figure store, files, keys."""
    os.umask(0o077)


def office_hours(value: str | None) -> tuple[tuple[time, time], tuple[time, time]]:
    """``8:30-12:00 14:30-17:30``, the sessions of a full workday, morning and afternoon. ValueError where it is anything else."""
    try:
        sessions = [tuple(map(_time_of_day, session.split("-"))) for session in words(value or "8:30-12:00 14:30-17:30")]
        (opens, noon), (after, closes) = sessions
    except ValueError:
        raise ValueError(f"BANJIE_OFFICE_HOURS is like 8:30-12:00 14:30-17:30, not {value}") from None
    if not opens < noon <= after < closes:
        raise ValueError(f"BANJIE_OFFICE_HOURS must be two sessions, the morning before the afternoon, not {value}")
    return (opens, noon), (after, closes)


def _time_of_day(text: str) -> time:
    hour, minute = text.strip().split(":")
    return time(int(hour), int(minute))


def secret(path: Path, given: str | None) -> str:
    """A secret from the environment, or one made once and kept readable by the owner alone."""
    if given:
        return given
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        try:
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            pass  # another process made it between the two looks; read that one
        else:
            with os.fdopen(descriptor, "w") as file:
                file.write(secrets.token_urlsafe(50))
    return path.read_text()


def database(url: str | None, data: Path) -> dict[str, Any]:
    """``postgresql://user:password@host:port/name`` or, when empty, SQLite (WAL) in the data folder."""
    if not url:
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": data / "banjie.sqlite3",
            "TEST": {"NAME": data / "test.sqlite3"},  # a file: tests with several connections behave as in use
            "OPTIONS": {
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA busy_timeout=20000; "
                "PRAGMA temp_store=MEMORY; PRAGMA cache_size=-65536;",
                "transaction_mode": "IMMEDIATE",
            },
        }
    parts = urlsplit(url)
    if parts.scheme not in {"postgresql", "postgres"}:
        raise ValueError(f"BANJIE_DATABASE must start with postgresql:// and starts with {parts.scheme}://")
    options: dict[str, Any] = {"pool": {"timeout": 10}}  # seconds until a database that is away is given up
    query = dict(pair.split("=", 1) for pair in parts.query.split("&") if "=" in pair)
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": unquote(query.get("host", parts.hostname or "")),
        "PORT": str(parts.port or ""),
        "OPTIONS": options,
    }
