"""One width for digits and signs. Folding keeps the length: the offset of a character in the folded text is that in the draft."""

from __future__ import annotations

_FULL_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}
_KEPT = {ord("，"): "，"}  # between digits it parts two numbers, where a comma may group thousands
_SIGNS = {
    ord("∶"): ":",  # the ratio sign
    ord("︰"): ":",
    ord("﹕"): ":",
    ord("％"): "%",
    ord("﹪"): "%",
    ord("－"): "-",
    ord("–"): "—",
    ord("―"): "—",
    ord("−"): "-",
    ord("‐"): "-",
    ord("‑"): "-",
    ord("～"): "~",
    ord("〜"): "~",
    ord("￥"): "¥",
    ord("㎡"): "㎡",
    ord("\u3000"): " ",
    ord("\u00a0"): " ",
    ord("\u2009"): " ",
    ord("\u202f"): " ",
    ord("\t"): " ",
    ord("〇"): "零",
}
_CAPITALS = dict(zip(map(ord, "壹贰貳叁參肆伍陆陸柒捌玖拾佰仟萬億兩"), "一二二三三四五六六七八九十百千万亿两", strict=True))
_TABLE: dict[int, int | str] = {**_FULL_WIDTH, **_SIGNS, **_KEPT, **_CAPITALS}


def fold(text: str) -> str:
    """The text with half-width digits, signs and plain numerals; exactly as long."""
    return text.translate(_TABLE)
