"""What a command says when it could not do its work: one line and an exit status, never a traceback unless it is asked for.

==  =====================================================
1   refused: the request was wrong, and nothing was changed
2   the machine: a file, the disk, the database, the network
3   a fault of the program
==  =====================================================
"""

from __future__ import annotations

import errno
import sqlite3

from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError, IntegrityError, OperationalError, ProgrammingError

from banjie.lib.errors import Refusal
from banjie.lib.text import Text

REFUSED, MACHINE, FAULT = 1, 2, 3
SEE_ALL = Text("查看详情：banjie --traceback …", "to see the whole: banjie --traceback …")
FULL = Text("磁盘已满，请清理后重试", "the disk is full: make room and try again")
BY_ERRNO = {
    errno.ENOENT: Text("没有这个文件或文件夹", "there is no such file or folder"),
    errno.EACCES: Text("没有权限", "permission denied"),
    errno.EPERM: Text("没有权限", "permission denied"),
    errno.EISDIR: Text("这是文件夹，不是文件", "it is a folder, not a file"),
    errno.ENOTDIR: Text("路径中有一段不是文件夹", "a part of the path is not a folder"),
    errno.EEXIST: Text("已经存在", "it is there already"),
    errno.ENOSPC: FULL,
    errno.EDQUOT: Text("磁盘配额已用完", "the disk quota is used up"),
    errno.EROFS: Text("磁盘为只读", "the disk is read-only"),
    errno.ENAMETOOLONG: Text("文件名过长", "the name is too long"),
    errno.ECONNREFUSED: Text("连接被拒绝，对方没有运行", "the connection was refused: nothing is running there"),
}


def told(error: Exception) -> tuple[Text, int]:
    """What is said of an exception, and the exit status."""
    if isinstance(error, Refusal):
        return error.says, REFUSED
    if isinstance(error, OSError):
        return _of_the_machine(error), MACHINE
    if isinstance(error, (DatabaseError, sqlite3.Error)):
        return _of_the_database(error), MACHINE
    if isinstance(error, ImproperlyConfigured) or (isinstance(error, ValueError) and str(error).startswith("BANJIE_")):
        return Text(f"设置有误：{error}", f"a setting is wrong: {error}"), MACHINE
    kind = type(error).__name__
    whole = f"{kind}: {error}" if str(error) else kind
    return Text(f"程序出错（{whole}）。{SEE_ALL.zh}", f"a fault of the program ({whole}); {SEE_ALL.en}"), FAULT


def _of_the_machine(error: OSError) -> Text:
    what = BY_ERRNO.get(error.errno or 0) or Text(error.strerror or str(error), error.strerror or str(error))
    if error.filename is None:
        return what
    return Text(f"{error.filename}：{what.zh}", f"{error.filename}: {what.en}")


def _of_the_database(error: Exception) -> Text:
    first = (str(error).splitlines() or [type(error).__name__])[0]
    if "disk is full" in first or "No space left" in first:
        return FULL
    if "database is locked" in first:
        return Text("数据库正忙，请稍后重试", "the database is busy: try again in a moment")
    if "readonly" in first:
        return Text(
            "数据库文件为只读，请检查数据目录的权限", "the database file is read-only: look at the permissions of the data folder"
        )
    if isinstance(error, ProgrammingError) or "no such table" in first or "no such column" in first:
        return Text(
            f"数据库结构不是这个版本的，请先执行 banjie migrate（{first}）",
            f"the database schema is not of this version: run banjie migrate first ({first})",
        )
    if isinstance(error, OperationalError):
        return Text(f"数据库不可用：{first}", f"the database cannot be used: {first}")
    if isinstance(error, IntegrityError):
        return Text("数据有冲突，没有写入；请重试", "the data clash and nothing was written: try again")
    return Text(f"数据库出错：{first}", f"the database failed: {first}")
