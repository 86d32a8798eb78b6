"""Who may do what: the whole list of verbs. Which post has which verb where is data (``Grant``)."""

from __future__ import annotations

from enum import StrEnum


class Verb(StrEnum):
    VIEW = "view"  # see the records of a register
    PERSONAL = "personal"  # see personal values in clear
    CREATE = "create"
    UPDATE = "update"
    REMOVE = "remove"  # and restore
    IMPORT = "import"
    EXPORT = "export"
    PUBLISH = "publish"  # sign and publish figures
    CONFIGURE = "configure"  # install packs, edit calendars and areas; asked on register "*"
    ERASE = "erase"  # erase personal values where the law demands it
