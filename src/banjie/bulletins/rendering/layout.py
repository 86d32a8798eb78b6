"""The layout of GB/T 9704-2012 as numbers, for DOCX and PDF alike. Lengths in millimetres, type sizes in points.

A4; the text area is 156 × 225 mm, 37 mm from the top edge and 28 mm from the left (§5.2); 22 lines of 28 characters (§5.2.2), so a
line is 225 / 22 mm and a character 156 / 28 mm; body in size 3 (16 pt) Fangsong, headings in Heiti, Kaiti (§7.3.3); title in size 2
(22 pt) Xiaobiaosong (§7.3.1); page numbers in size 4 (14 pt) Songti between dashes, on the right of odd pages and the left of even
ones, one character in (§7.5); the issuing body in red Xiaobiaosong (§7.2.4) above the document number and a red line (§7.2.7).

The prescribed fonts are proprietary: each is followed by what stands in for it. Tables are set in 10.5 pt to fit the page.
"""

from __future__ import annotations

PAGE = (210, 297)
TOP, LEFT, WIDTH, HEIGHT = 37, 28, 156, 225
RIGHT, BOTTOM = PAGE[0] - LEFT - WIDTH, PAGE[1] - TOP - HEIGHT
LINES, CHARACTERS = 22, 28
BODY, TITLE, NUMBER, SMALL, MASTHEAD = 16.0, 22.0, 14.0, 10.5, 38.0
LINE = HEIGHT / LINES / 25.4 * 72  # 28.99 pt
CHARACTER = WIDTH / CHARACTERS / 25.4 * 72  # 15.79 pt
RED = "D7000F"

# The prescribed font, then what stands in for it, in the order in which it is looked for.
FANGSONG = ("仿宋_GB2312", "仿宋", "FangSong", "STFangsong", "Noto Serif SC")
KAITI = ("楷体_GB2312", "楷体", "KaiTi", "STKaiti", "Noto Serif SC")
HEITI = ("黑体", "SimHei", "Noto Sans SC")
SONGTI = ("宋体", "SimSun", "Noto Serif SC")
XIAOBIAOSONG = ("方正小标宋简体", "方正小标宋_GBK", "华文中宋", "Noto Serif SC")
LATIN = "Times New Roman"
HEADINGS = {1: HEITI, 2: KAITI, 3: FANGSONG}


def masthead_size(text: str) -> float:
    """The largest size in which the issuing body fits on one line, up to the usual one."""
    wide = sum(1.0 if character > "\u2e7f" else 0.55 for character in text)
    return min(MASTHEAD, WIDTH / 25.4 * 72 / max(wide, 1))
