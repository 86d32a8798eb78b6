"""Who may do what: the whole list of verbs. Which post has which verb where is data (``Grant``).

No verb implies another: a post that may change records and should also read them is granted both.
"""

from __future__ import annotations

from enum import StrEnum

from banjie.lib.text import Text


class Verb(StrEnum):
    VIEW = "view"  # see the records of a register
    PERSONAL = "personal"  # see personal values in clear
    CREATE = "create"
    UPDATE = "update"
    REMOVE = "remove"  # and restore
    HANDLE = "handle"  # work on matters of a register that one's post owns
    SUPERVISE = "supervise"  # urge, decide extensions, hand over what others own
    IMPORT = "import"
    EXPORT = "export"
    PUBLISH = "publish"  # sign and publish figures
    CONFIGURE = "configure"  # install packs, edit calendars, areas and people; asked on register "*"
    ERASE = "erase"  # erase personal values where the law demands it

    @property
    def label(self) -> Text:
        return LABELS[self]


LABELS = {
    Verb.VIEW: Text("查看", "view"),
    Verb.PERSONAL: Text("查看个人信息", "see personal values"),
    Verb.CREATE: Text("新增", "create"),
    Verb.UPDATE: Text("修改", "update"),
    Verb.REMOVE: Text("删除", "remove"),
    Verb.HANDLE: Text("办理", "handle"),
    Verb.SUPERVISE: Text("督办", "supervise"),
    Verb.IMPORT: Text("导入", "import"),
    Verb.EXPORT: Text("导出", "export"),
    Verb.PUBLISH: Text("发布", "publish"),
    Verb.CONFIGURE: Text("配置", "configure"),
    Verb.ERASE: Text("清除个人信息", "erase personal values"),
}
