"""When two quantities speak of the same thing: their words without time, place, and what every draft strews between."""

from __future__ import annotations

import re

from banjie.bulletins.drafts.consistency.remark import View
from banjie.bulletins.drafts.quantity import Quantity

_NOISE = re.compile(
    r"(?:19|20)\d\d年|今年|去年|上年|上半年|下半年|全年|目前|截至|底|以来|累计|全县|全市|全区|全镇|全街道|全省|县域内|县域|县内|我县|我市|该县|该市|共有|总共|共|已|其中|同时|实现|达到|新化|为|的|了|“|”|、"
    r"|[\u4e00-\u9fff]{2}(?:县|市|区|镇|乡)(?=[\u4e00-\u9fff]{2})"
)
_GENERIC = frozenset({"", "增长", "完成", "投资", "下降", "占", "其中", "增加", "新增", "总", "达"})


def subject_key(quantity: Quantity) -> str:
    """What is counted, cleaned: 县域内文印产业总产值 → 文印产业总产值. Empty where the words say too little."""
    words = _NOISE.sub("", quantity.before)
    words = words.replace("产业总产值", "总产值")
    return "" if words in _GENERIC else f"{words}{quantity.after[:4] if len(words) < 3 else ''}"


def topic(view: View, sentence: tuple[Quantity, ...]) -> str:
    """What a sentence is about: the words of its first quantity where they say enough, else its opening words."""
    first = subject_key(sentence[0])
    if len(first) >= 4:
        return first
    start = sentence[0].sentence[0]
    return _NOISE.sub("", re.sub(r"[\d.%]+|[，,：:（(].*", "", view.between(start, min(sentence[0].start, start + 40))))[:12]
