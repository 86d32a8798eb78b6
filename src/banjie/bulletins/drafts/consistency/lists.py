"""Counts of announced lists: where 六大产业 stands beside the list, the list has six."""

from __future__ import annotations

import re
from collections.abc import Iterator

from banjie.bulletins.drafts.consistency.remark import Remark, View
from banjie.bulletins.drafts.numerals import DIGITS
from banjie.bulletins.drafts.quantity import Quantity
from banjie.lib.text import Text

_COUNTED = frozenset("大 类 种 项 个 家 条 方面 支 张 名 位 所 座 块 处 届 层 道 步 部 站 馆 村 镇 乡 社区 街道".split())  # noqa: SIM905
_AND = re.compile(r"、|[和与及](?=[\u4e00-\u9fff“]{2,12}$)")
_SPLIT = re.compile(r"、|以及|[和与及](?![谐平解])")
_ETC = re.compile(r"等(?:[\u4e00-\u9fff]{0,2})?$")
_OPENING = re.compile(
    r"^(?:通过|围绕|聚焦|推进|推动|抓好|抓实|发展|建设|实施|开展|建成|打造|形成|发挥|包括|突出|坚持|完善|落实|选取|由|对|将|把|在|以)"
)
_ANNOUNCED = re.compile(r"^[\u4e00-\u9fff”“]{0,10}(?:[:：(（]|——|,即|，即|,分别是|，分别是|,包括|，包括|包括|分别是|分别为|即)")
_LIST_END = re.compile(r"[。；;!！?？\n)）]")
_ORDINALS = re.compile(r"[一二三四五六七八九十]是")
_SLOGAN = re.compile(r"[“‘]?([二三四五六七八九])([\u4e00-\u9fff])")


def check(view: View) -> Iterator[Remark]:
    quantities = view.quantities
    for i, quantity in enumerate(quantities):
        if not _announces(quantity):
            continue
        remark = _list_behind(view, quantity) or _list_before(view, quantity, quantities[i - 1] if i else None)
        if remark is not None:
            yield remark
    yield from _sections(view)


def _announces(quantity: Quantity) -> bool:
    return (
        quantity.value is not None and quantity.form == "number" and quantity.qualifier.bound == "exact" and not quantity.per
        and quantity.value == quantity.value.to_integral_value() and 2 <= quantity.value <= 15
        and quantity.unit is not None and quantity.unit.printed in _COUNTED
    )  # fmt: skip


def _list_behind(view: View, quantity: Quantity) -> Remark | None:
    """五大产业:A、B、C、D、E。 and 三项措施:一是…二是…"""
    tail = view.text[quantity.end : quantity.end + 600]
    hit = _ANNOUNCED.match(tail)
    if hit is None or not hit.group():
        return None
    rest = tail[hit.end() :]
    end = _LIST_END.search(rest)
    listed = rest[: end.start()] if end else rest
    if _ORDINALS.match(rest.lstrip("“")):
        paragraph = view.text[quantity.end + hit.end() : view.layout.paragraph(quantity.start)[1]]
        return _judged(quantity, len(_ORDINALS.findall(paragraph)), False)
    if "、" not in listed or (re.search(r"\d", listed) and listed.count("、") < 1):
        return None
    if re.search(r"\d", listed):
        return None  # 3项(市级2项、县级1项): numbers that add up, no list of three
    first = re.split(r"[,，]", listed)[0] if listed.count("、") and "、" in re.split(r"[,，]", listed)[0] else listed
    items = [i for i in _SPLIT.split(first) if i.strip("“” ")]
    return _judged(quantity, len(items), "等" in first[-4:] or bool(_ETC.search(first)))


def _list_before(view: View, quantity: Quantity, previous: Quantity | None) -> Remark | None:
    """自治、共治、智治、法治四种治理能力: a list directly before its count, a noun directly behind it."""
    behind = view.behind(quantity, 4)
    if not behind or not ("\u4e00" <= behind[0] <= "\u9fff"):
        return None
    floor = max(quantity.sentence[0], previous.end if previous else 0, quantity.start - 400)
    lead = view.text[floor : quantity.start]
    open_ended = bool(_ETC.search(lead))
    lead = _ETC.sub("", lead)
    pieces = re.split(r"[,，。；;:：]", lead)
    clause = pieces[-1]
    if len(pieces) == 1 and previous is not None and previous.end > quantity.sentence[0]:
        return None  # what stands right behind another number is what that one counts
    if "、" in clause or _AND.search(clause):
        items = [i for i in _SPLIT.split(_OPENING.sub("", clause)) if i]
        if len(items) < 2 or not items[-1] or _uneven(items):
            long = _long_list(lead, quantity)
            return _judged(quantity, long, open_ended) if long else None
        long = _long_list(lead, quantity)
        return _judged(quantity, long or len(items), open_ended)
    long = _long_list(lead, quantity)
    return _judged(quantity, long, open_ended) if long else None


def _uneven(items: list[str]) -> bool:
    """Is the last no name among names? 完成道路、桥梁建设并投入使用3个 is no list of three."""
    return (
        len(items[-1]) > 3 * max(len(i) for i in items[:-1])
        or re.search(r"完成|建设了|新建|改造|投入|覆盖|惠及|走访|其中", items[-1]) is not None
    )


def _long_list(lead: str, quantity: Quantity) -> int:
    """以…为主体的先进陶瓷产业,以…为主体的新型建材产业,… 6大支柱产业: clauses that end in one word, which the count repeats."""
    clauses = [c for c in re.split(r"[,，]", lead) if c]
    if len(clauses) < 2 or len(clauses[-1]) < 4:
        return 0
    ending = clauses[-1][-2:]
    count = 0
    for clause in reversed(clauses):
        if not clause.endswith(ending):
            break
        count += 1
    return count if count >= 2 and ending in quantity.after + lead else 0


def _judged(quantity: Quantity, listed: int, open_ended: bool) -> Remark | None:
    if listed < 2 or quantity.value is None:
        return None
    count = int(quantity.value)
    verdict = ("holds" if listed <= count else "fails") if open_ended else "holds" if listed == count else "fails"
    because = Text(
        f"「{quantity.text}{quantity.after[:6]}」列出{listed}项{'（等）' if open_ended else ''}。",
        f'"{quantity.text}{quantity.after[:6]}": {listed} are listed{" (and others)" if open_ended else ""}.',
    )
    return Remark("lists", "holds" if verdict == "holds" else "fails", (quantity,), because)


def _sections(view: View) -> Iterator[Remark]:
    """三管齐下, and paragraphs that begin 管教好, 管理好, 管控好: as many as the slogan says."""
    starts = [view.text[s : s + 3] for s in view.layout.paragraphs]
    done: set[str] = set()
    for name in view.items:
        hit = _SLOGAN.match(name.text) if name.kind == "name" else None
        if hit is None or not name.text.endswith("齐下") or hit.group() in done:
            continue
        done.add(hit.group())
        count = sum(1 for s in starts if s[:1] == hit.group(2) and len(s) == 3)
        if count >= 2:
            said = DIGITS[hit.group(1)]
            yield Remark(
                "lists", "holds" if count == said else "fails", (name,),
                Text(f"「{name.text}」下有{count}段以「{hit.group(2)}」起头。", f'"{name.text}": {count} paragraphs begin with {hit.group(2)}.'),
            )  # fmt: skip
