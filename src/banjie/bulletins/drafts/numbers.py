"""One number with all that belongs to it: 3.5万余户, 两个多月, 百分之八十, 七成, 翻一番, 1200元/亩. Read at a given character."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from decimal import Decimal

from banjie.bulletins.drafts.numerals import ARABIC, DIGITS, RUN, TENS, decimals, read_arabic, read_chinese
from banjie.bulletins.drafts.quantity import Form
from banjie.bulletins.drafts.units import BY_SIGN, ENGLISH, NOT_AFTER_CHINESE, DraftUnit, unit_at
from banjie.bulletins.drafts.wordlists import words

ONE = Decimal(1)
FRACTION_STEP = Decimal("0.04")  # 三分之一 is said of 31.4 % to 35.3 %: two points either side
_INSIDE = "余多来几"
_SCALES = {"万亿": 12, "千亿": 11, "百亿": 10, "十亿": 9, "亿": 8, "千万": 7, "百万": 6, "十万": 5, "万": 4, "千": 3, "百": 2}
_ENGLISH_SCALES = {"thousand": 3, "million": 6, "billion": 9, "trillion": 12}
_ENGLISH_WORD = re.compile(r"\s?(thousand|million|billion|trillion)?\s?([A-Za-z][A-Za-z-]*)?(?: ([A-Za-z]+))?")
_PER = re.compile(r"/([\u4e00-\u9fff]{1,4}|[a-z]{1,3})")
_SHARE_OF = re.compile(
    r"([百千万零一二两三四五六七八九十]{1,5})分之(?:([一二两三四五六七八九十百千零]+(?:点[零一二三四五六七八九]+)?)|(\d+(?:\.\d+)?))([余多]?)"
)
_DIGIT_SHARE = re.compile(r"(\d{1,4})分之(\d{1,4})|(\d{1,2})/(\d{1,3})(?![\d/年])", re.ASCII)
_TENTHS = re.compile(
    r"([一二两三四五六七八九\d])成(?:([一二三四五六七八九])(?![个名家户项])|(半))?(?![立为员果功熟年效品本人绩长型形分交就语份行片都])"
)
_DOUBLED = re.compile(r"翻了?([一二两三四五六\d])番|翻了?一?番")
_SMALL = "一二两三四五六七八九十"
_LOOSE_ONE = frozenset(
    words(
        """
个 家 户 名 座 所 处 次 件 项 间 栋 套 台 辆 幢 人 年 月 倍 亩 场 期 份 公里 米 吨 元 小时 个小时 个月 个工作日
工作日 天 公顷 平方公里 社区 村 类 种 组
"""
    )
)
_NO_COUNT_BEFORE = frozenset("是为像如每这那另同某哪任下上第前后之又有统唯单逐进有为作似")
_BIG_ALONE = frozenset({"亩", "元", "吨", "美元", "公顷", "斤", "千瓦", "平方米", "公里", "户", "人"})
_LEVEL = ("级", "元级", "产业", "目标", "园区", "集群", "企业", "工程", "强", "规模", "项目", "斤粮", "大关")


@dataclass(frozen=True, slots=True)
class Number:
    """A number as read: where it ends, its value in the base unit, and the words found inside it."""

    end: int
    value: Decimal | None
    step: Decimal
    unit: DraftUnit | None = None
    form: Form = "number"
    inside: tuple[str, ...] = ()
    per: str = ""
    bare: Decimal = ONE  # the number before its multiplier and unit
    scale: int = 0  # the power of ten of its multiplier


def arabic_at(text: str, at: int) -> Number | None:
    """A number in digits. None where the digits are too many to count anything."""
    hit = ARABIC.match(text, at)
    if hit is None:
        return None
    if share := _DIGIT_SHARE.match(text, at):
        whole, part = (share.group(1), share.group(2)) if share.group(1) else (share.group(4), share.group(3))
        if 0 < int(part) < int(whole):
            return Number(share.end(), Decimal(int(part)) / Decimal(int(whole)), FRACTION_STEP, BY_SIGN["%"], "fraction")
    if tenths := _TENTHS.match(text, at):
        return _tenths(tenths)
    value = read_arabic(hit.group())
    if value is None:
        return None
    behind = text[hit.end() : hit.end() + 1]
    if behind == " " or (behind.isascii() and behind.isalpha()):
        return _english(text, hit.end(), value, decimals(hit.group())) or _measured(text, hit.end(), value, decimals(hit.group()))
    return _measured(text, hit.end(), value, decimals(hit.group()))


def chinese_at(text: str, at: int) -> Number | None:
    """A number in Chinese numerals, with a unit or so built that it can be nothing else. None for the many numerals that count nothing."""
    for pattern, read in ((_SHARE_OF, _share_of), (_DOUBLED, _doubled), (_TENTHS, _tenths)):
        if hit := pattern.match(text, at):
            return read(hit)
    if text.startswith("百分百", at):
        return Number(at + 3, ONE, Decimal("0.01"), BY_SIGN["%"])
    if text[at] in "数几":
        return _vague(text, at)
    if text[at] == "半":
        return _half(text, at)
    hit = RUN.match(text, at)
    if hit is None:
        return None
    written = hit.group()
    if "点" in written and read_chinese(written) is None:
        written = written.partition("点")[0]
    value = read_chinese(written)
    if value is None:
        return None
    number = _measured(text, at + len(written), value, decimals(written.replace("点", ".")))
    if len(written) == 2 and text.startswith(("园区", "企业"), at + 2):  # 千亿园区: no thousand hundred million parks
        number = replace(number, unit=None, end=at + 2)
    return number if _counts(text, at, written, value, number) else None


def _measured(text: str, at: int, value: Decimal, places: int) -> Number:
    """What follows the digits: 余, a multiplier, 余 again, the unit, 多 or 半, and per what."""
    at, scale, inside = _scaled(text, at)
    unit = unit_at(text, at)
    if unit is not None and _is_other_word(text, at, unit):
        unit = None
    at += len(unit.printed) if unit else 0
    if unit is not None and unit.printed == "个" and text[at : at + 1] in {"多", "半"}:
        unit, at, word = _parted_unit(text, at, unit)  # 两个多月, 两个半小时
    else:
        word = _word_behind(text, at, unit)
        at += len(word)
    inside += ["余" if word == "余" else "多"] if word in {"余", "多"} else []
    value += Decimal("0.5") if word == "半" else 0
    per = _PER.match(text, at) if unit else None
    size = (unit.size if unit else ONE) * Decimal(10) ** scale
    return Number(
        per.end() if per else at,
        value * size,
        Decimal(1).scaleb(-places) * size,
        unit,
        inside=tuple(inside),
        per=per.group(1) if per else "",
        bare=value,
        scale=scale,
    )


def _scaled(text: str, at: int) -> tuple[int, int, list[str]]:
    """余 and multipliers behind the digits: where they end, the power of ten, and the words among them."""
    inside: list[str] = []
    scale = 0
    for _ in range(3):
        if text[at : at + 1] == " " and not scale and not inside and _chinese(text, at + 1):
            at += 1
        if text[at : at + 1] and text[at] in _INSIDE and len(inside) < 2:
            if text[at] == "来" and text[at + 1 : at + 2] in {"", "自", "到", "源", "临"}:
                break
            inside.append(text[at])
            at += 1
        sign = next((s for s in _SCALES if text.startswith(s, at)), "")
        if not sign or text[at : at + 2] in {"千米", "千克", "千瓦", "千伏"}:
            break
        scale += _SCALES[sign]
        at += len(sign)
    return at, scale, inside


def _parted_unit(text: str, at: int, unit: DraftUnit) -> tuple[DraftUnit, int, str]:
    """个月, 个小时 with 多 or 半 in the middle. Where nothing of the kind follows, the unit stays 个."""
    whole = unit_at(f"个{text[at + 1 : at + 6]}", 0)
    if whole is None or len(whole.printed) < 2 or whole.family != "time":
        return unit, at, ""
    return whole, at + len(whole.printed), text[at]


def _word_behind(text: str, at: int, unit: DraftUnit | None) -> str:
    """多, 余 or 半 behind a unit of measure: 3万元余, 一年多, 一年半."""
    word = text[at : at + 1]
    if unit is None or not word:
        return ""
    if word in {"多", "余"} and unit.family in {"time", "money", "length", "area", "weight", "times", "person"}:
        return "" if text.startswith(("多种", "多样", "多元", "多少", "多次", "多方"), at) else word
    if word == "半" and unit.family in {"time", "times"} and text[at + 1 : at + 2] not in {"数", "径", "成"}:
        return word
    return ""


def _chinese(text: str, at: int) -> bool:
    return "\u4e00" <= text[at : at + 1] <= "\u9fff" or text[at : at + 1] in {"%", "‰"}


_OTHER_WORDS = words(
    """
分别 分钟圈 元素 元旦 元宵 元月 元首 项目 户均 亩均 人均 人民 人大代 人大常 人大会 件均 年度 年均 年初 年底 年末 年终 年产 年级 年龄 月底 月末
月均 日均 日前 日益 日常 期间 期末 期满 周边 周期 周围 点多 点评 类似 级别 里程 方式 方案 方向 对接 国道 省道 县道 乡道 市级 省级 县级 村级 镇级
"""
)
_BY_WORD: dict[str, tuple[str, ...]] = {}
for _word in _OTHER_WORDS:
    _BY_WORD[_word[0]] = (*_BY_WORD.get(_word[0], ()), _word)


def _is_other_word(text: str, at: int, unit: DraftUnit) -> bool:
    """Is the measure word the beginning of another word? 3项目 is not 3项, and 5个体户 has no unit 个."""
    return (
        len(unit.printed) == 1
        and text.startswith(_BY_WORD.get(unit.printed, ("\0",)), at)
        and not text.startswith(("项目标",), at)
    )


def _counts(text: str, at: int, written: str, value: Decimal, number: Number) -> bool:
    unit, before, behind = number.unit, text[at - 1 : at], text[at + len(written) :]
    if before == "第" or (before and before in "零一二两三四五六七八九十百千万亿点"):
        return False
    if all(c in "百千万亿十" for c in written) and len(written) <= 2 and not (written == "十" and unit):
        return _big_alone(text, at, written, number)
    if unit is None:
        return (len(written) >= 3 and any(c in TENS or c in "万亿" for c in written)) or bool(number.inside)
    if unit.printed in NOT_AFTER_CHINESE and len(written) <= 2 and not number.inside:
        return unit.printed == "大" and value <= 12 and behind[1:2] not in {"力", "型", "幅", "家", "学"}
    if value == 1:
        return _one_of(text, at, unit, number)
    return not (unit.printed == "期" and value <= 6 and not text.endswith(("办", "了", "共", "展"), 0, at))


def _big_alone(text: str, at: int, written: str, number: Number) -> bool:
    """百亩, 千亿级, 近百家: a numeral without a digit counts where a qualifier stands before it or its unit is one of measure."""
    before = text[max(0, at - 2) : at]
    if before.endswith(("近", "超", "上", "过", "逾", "破", "达", "约", "成")) or number.inside:
        return number.unit is not None or bool(number.inside)
    if len(written) == 2 and written[1] == "亿" and text.startswith(_LEVEL, at + 2):
        return True
    if number.unit is not None:
        return number.unit.printed in _BIG_ALONE or number.unit.family == "money"
    return False


def _one_of(text: str, at: int, unit: DraftUnit, number: Number) -> bool:
    """一个精品菜园 counts one; 每一个, 是一个, 一个个 do not, nor do the loose uses of 一批, 一支, 一块."""
    before, behind = text[at - 1 : at], text[number.end : number.end + 1]
    if unit.printed not in _LOOSE_ONE or (before and before in _NO_COUNT_BEFORE):
        return False
    if behind and (behind in "一又" or text.startswith((unit.printed,), number.end)):
        return False
    return not (unit.printed == "次" and behind and behind in "性办") and not (
        unit.printed == "名" and text.endswith("是", 0, at)
    )


def _share_of(hit: re.Match[str]) -> Number | None:
    whole = read_chinese(hit.group(1))
    part = read_chinese(hit.group(2)) if hit.group(2) else Decimal(hit.group(3))
    if not whole or part is None:
        return None
    places = len((hit.group(2) or "").partition("点")[2]) or decimals(hit.group(3) or "")
    unit = BY_SIGN["‰"] if whole == 1000 else BY_SIGN["%"]
    exactly = whole in {100, 1000, 10000}
    step = ONE.scaleb(-places) / whole if exactly else FRACTION_STEP
    return Number(hit.end(), part / whole, step, unit, "number" if exactly else "fraction", tuple(hit.group(4)))


def _tenths(hit: re.Match[str]) -> Number:
    head = DIGITS[hit.group(1)] if hit.group(1) in DIGITS else int(hit.group(1))
    tail = Decimal(DIGITS[hit.group(2)]) if hit.group(2) else (Decimal(5) if hit.group(3) else Decimal(0))
    fine = Decimal("0.01") if hit.group(2) or hit.group(3) else Decimal("0.1")
    return Number(hit.end(), Decimal(head) / 10 + tail / 100, fine, BY_SIGN["%"])


def _doubled(hit: re.Match[str]) -> Number:
    times = hit.group(1) or "一"
    count = DIGITS[times] if times in DIGITS else int(times)
    return Number(hit.end(), Decimal(2) ** count, ONE, BY_SIGN["倍"], "times")


_VAGUE = re.compile(r"[数几]([十百千]?[万亿]|[十百千])[余多]?")


def _vague(text: str, at: int) -> Number | None:
    hit = _VAGUE.match(text, at)
    if hit is None:
        return None
    unit = unit_at(text, hit.end())
    if unit is None or _is_other_word(text, hit.end(), unit):
        return None
    return Number(hit.end() + len(unit.printed), None, ONE, unit, "vague", (text[at],))


def _half(text: str, at: int) -> Number | None:
    """半年, 半个月, 半数 and (by its 一, 过) a half. 上半年 is a date, 半导体 nothing."""
    before = text[at - 1 : at]
    if (
        before in {"一", "过"}
        and not text.startswith(("半年", "半个"), at)
        and text[at + 1 : at + 2] not in {"径", "导", "岛", "山"}
    ):
        return Number(at + 1 + (text[at + 1 : at + 2] == "数"), Decimal("0.5"), FRACTION_STEP, BY_SIGN["%"], "fraction")
    if text.startswith("半数", at):
        return Number(at + 2, Decimal("0.5"), FRACTION_STEP, BY_SIGN["%"], "fraction")
    unit = unit_at(text, at + 1)
    if (
        unit is None
        or unit.family != "time"
        or before in {"上", "下", "大", "多", "前", "后", "一", "两", "年"}
        or unit.printed in {"日", "周"}
    ):
        return None
    return Number(at + 1 + len(unit.printed), Decimal("0.5"), Decimal("0.5"), unit)


def _english(text: str, at: int, value: Decimal, places: int) -> Number | None:
    hit = _ENGLISH_WORD.match(text, at)
    if hit is None or not (hit.group(1) or hit.group(2)):
        return None
    scale = _ENGLISH_SCALES.get(hit.group(1) or "", 0)
    first, second = hit.group(2) or "", hit.group(3) or ""
    end = hit.end(2) if first else hit.end(1)
    pair = f"{first} {second}".lower()
    if first in BY_SIGN:
        unit: DraftUnit | None = BY_SIGN[first]
    elif pair in ENGLISH:
        unit, end = BY_SIGN[ENGLISH[pair]], hit.end(3)
    elif first.lower() in ENGLISH:
        unit = BY_SIGN[ENGLISH[first.lower()]]
    else:
        unit, end = None, hit.end(1) if scale else at
        if not scale:
            return Number(at, value, ONE.scaleb(-places)) if text[at : at + 1] == " " and first else None
    size = (unit.size if unit else ONE) * Decimal(10) ** scale
    return Number(end, value * size, ONE.scaleb(-places) * size, unit, bare=value, scale=scale)
