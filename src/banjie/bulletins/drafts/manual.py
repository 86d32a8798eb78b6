"""The chapter of the manual that the tables write themselves: how the draft check reads a number, in either language."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from banjie.bulletins.drafts.bases import TITLES
from banjie.bulletins.drafts.bases import WORDS as BASIS_WORDS
from banjie.bulletins.drafts.comparing import RULES, compare
from banjie.bulletins.drafts.consistency import RULES as CHECKS
from banjie.bulletins.drafts.consistency.permille import INDEXES
from banjie.bulletins.drafts.names import NAMES
from banjie.bulletins.drafts.reading import read
from banjie.lib.text import Language, Text

# a wording, a true value in the base unit: what the check says of it stands in the chapter, and a test reads it
EXAMPLES: tuple[tuple[str, str], ...] = (
    ("完成比例80%", "0.7959"),
    ("总产值约310亿元", "30981000000"),
    ("总产值超310亿元", "30981000000"),
    ("总产值近310亿元", "30981000000"),
    ("占有80%以上份额", "0.7959"),
    ("发放水杯1000余只", "1043"),
    ("成灾率控制在4‰以内", "0.0041"),
    ("不到500人", "500"),
    ("数十家企业", "40"),
)
_LOW = {"low": Text("甲", "A"), "high": Text("乙", "B")}


def chapter(language: Language) -> str:
    """Markdown: qualifiers and what they claim, examples with their verdicts, bases, names, and the checks without records."""
    zh = language == "zh"

    def say(text: Text) -> str:
        return text.zh if zh else text.en

    lines = [
        f"# {'稿件检查怎样读数' if zh else 'How the draft check reads a number'}",
        "",
        "本章由规则表生成。" if zh else "This chapter is generated from the tables of rules.",
        "",
        f"## {'限定词' if zh else 'Qualifiers'}",
        "",
        "| 限定词 | 对真实值的要求 | 例 |" if zh else "| qualifier | what it claims of the true value | example |",
        "|---|---|---|",
    ]
    for rule in RULES.values():
        shown = "、".join(w for w in rule.words if not w.isascii()) or ("（无）" if zh else "(none)")
        lines.append(f"| {shown} | {say(rule.claims.format(**_LOW))} | {rule.example} |")
    lines += ["", f"## {'举例' if zh else 'Examples'}", ""]
    verdicts = {"agrees": Text("相符", "agrees"), "differs": Text("不符", "differs"), "ambiguous": Text("无法判断", "ambiguous")}
    for wording, true in EXAMPLES:
        (item,) = read(wording, date(2021, 12, 13)).quantities
        answer = compare(item, Decimal(true))
        right = f"{'可写作' if zh else 'true would be'}：{'、'.join(answer.right)}" if answer.right else ""
        lines.append(f"- {wording} — {say(verdicts[answer.verdict])}{'。' if zh else '. '}{say(answer.because)} {right}".rstrip())
    lines += ["", f"## {'性质' if zh else 'Basis'}", ""]
    lines += [f"- {say(TITLES[basis])}: {'、'.join(w for w in words if not w.isascii())}" for basis, words in BASIS_WORDS.items()]
    lines += ["", f"## {'不核对的名称' if zh else 'Names that are not checked'}", "", "、".join(NAMES)]
    lines += ["", f"## {'不需要记录的检查' if zh else 'Checks that need no records'}", ""]
    lines += [f"- `{name}`: {say(title)}" for name, title in CHECKS.items()]
    lines += ["", f"{'以‰计的指标' if zh else 'Indexes defined per mille'}: {'、'.join(INDEXES)}", ""]
    return "\n".join(lines)
