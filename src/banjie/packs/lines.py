"""The lines of a plan, and the kinds of things they are about."""

from __future__ import annotations

from dataclasses import dataclass

from banjie.lib.text import Text

REGISTER, PROCESS, FIGURE = Text("登记表", "register"), Text("办理流程", "process"), Text("指标", "figure")
OBLIGATION, AREA = Text("定期义务", "obligation"), Text("地区", "area")
ORGANISATION, POST, ROLE = Text("单位", "organisation"), Text("岗位", "post"), Text("职责", "role")
BULLETIN = Text("通报", "bulletin")
SCREENS, CONTENT = Text("页面", "screens"), Text("其他内容", "other content")


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that would happen. ``says`` tells more: which field changed from what to what, or why it is refused."""

    kind: Text
    name: str
    title: Text
    says: Text | None = None

    @property
    def text(self) -> Text:
        """As one line: 登记表「重点项目」(projects):新增字段 …"""
        zh = f"{self.kind.zh}「{self.title.zh}」（{self.name}）"
        en = f"{self.kind.en} {self.name} ({self.title.en})"
        return Text(f"{zh}：{self.says.zh}", f"{en}: {self.says.en}") if self.says else Text(zh, en)


Lines = dict[str, list[Line]]  # "added", "changed", "removed", "refused"
