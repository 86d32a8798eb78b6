"""What stands behind a number. A value is kept in the base unit: 元 not 亿元, a fraction not per cent, 个 not 万个.

``UNITS`` lists each printed unit with its base sign, its worth in that base, and the code that ``banjie.lib.units`` gives it
(empty where figures know none). Measure words that the language exchanges freely (个, 家, 项) keep their own sign; ``family``
says which may stand for one another.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from banjie.bulletins.drafts.wordlists import words


@dataclass(frozen=True, slots=True)
class DraftUnit:
    """``printed`` as it stands in a text, ``sign`` the base unit's, ``size`` how many of the base one of it is."""

    printed: str
    sign: str
    size: Decimal
    code: str = ""
    family: str = "count"


def _units(family: str, *rows: str) -> tuple[DraftUnit, ...]:
    """Rows of "printed sign size code"; what is left out: the sign itself, 1, none."""
    made = []
    for row in rows:
        printed, sign, size, code = [*row.split(), *[""] * 4][:4]
        made.append(DraftUnit(printed, sign if sign not in {"", "="} else printed, Decimal(size or 1), code, family))
    return tuple(made)


TABLE: tuple[DraftUnit, ...] = (
    *_units("share", "% % 0.01 percent", "百分比 % 0.01 percent"),
    *_units("share", "‰ ‰ 0.001 permille"),
    *_units(
        "points",
        "个百分点 个百分点 0.01 percentage_point",
        "百分点 个百分点 0.01 percentage_point",
        "个点 个百分点 0.01 percentage_point",
        "个千分点 个千分点 0.001",
    ),
    *_units("times", "倍 = 1 ratio"),
    *_units("money", "元 元 1 CNY", "元人民币 元 1 CNY", "块钱 元 1 CNY", "角 元 0.1 CNY"),
    *_units("money:USD", "美元 美元 1 USD", "美金 美元 1 USD"),
    *_units("money:other", "港元", "港币 港元", "欧元", "日元", "英镑"),
    *_units("person", "人 人 1 person", "名 人 1 person", "位 人 1 person", "口人 人 1 person", "口 人 1 person"),
    *_units(
        "person_time", "人次 人次 1 person_time", "人(次) 人次 1 person_time", "车次", "架次", "户次", "批次", "例次", "班次"
    ),
    *_units("household", "户 户 1 household"),
    *_units(
        "count",
        *words(
            "个 家 项 件 宗 起 场 座 处 所 条 份 张 只 台 套 辆 栋 幢 间 头 羽 株 棵 枚 支 对 组 队 班 站 片 块 例 桩 双 场次 台次 辆次 趟次 工日 家次 处次 件次 口"
        ),
        *words(
            "部 篇 册 本 幅 首 艘 架 门 盏 顶 把 颗 尾 匹 口井 孔 节 堂 课时 学时 批 类 种 大 层 轮 期 章 款 届 代 方面 部分 步 步骤"
        ),
        *words(
            "道 扇 根 筐 箱 袋 瓶 包 桶 盆 束 面 车 笔 单 票 号段 码 字 页 篇次 厂 店 院 校 村 镇 乡 县 市 省 国 街 巷 区 园 馆"
        ),
        *words("社区 小区 街道 网格 片区 园区 学校 企业 岗 岗位 人户 床 床位 车位 泊位 点位 站点 支部 环节 阶段 领域 关口 关键"),
        "次 次 1 session",
        "趟 次",
        "回 次",
        "遍 次",
        "个品种 个",
        "万个 个 10000",
    ),
    *_units(
        "area", "亩 亩 1 mu", "公顷 公顷 1 ha", "平方公里 平方公里", "平方千米 平方公里", "平方米 平方米 1 m2", "平米 平方米 1 m2"
    ),
    *_units("area", "㎡ 平方米 1 m2", "m² 平方米 1 m2", "m2 平方米 1 m2", "平方 平方米 1 m2", "km² 平方公里", "hm² 公顷 1 ha"),
    *_units("volume", "立方米", "立方 立方米", "m³ 立方米", "方 立方米", "升", "毫升 升 0.001", "L 升"),
    *_units("length", "公里 公里 1 km", "千米 公里 1 km", "km 公里 1 km", "米", "m 米", "厘米", "cm 厘米"),
    *_units("length", "毫米", "mm 毫米", "里"),
    *_units(
        "weight",
        "吨 吨 1 t",
        "t 吨 1 t",
        "公斤 千克 1 kg",
        "千克 千克 1 kg",
        "kg 千克 1 kg",
        "斤 千克 0.5 kg",
        "克 千克 0.001 kg",
    ),
    *_units("weight", "担", "吨标准煤", "微克", "毫克", "吨标煤 吨标准煤"),
    *_units("energy", "千瓦时 千瓦时 1 kWh", "度电 千瓦时 1 kWh", "kWh 千瓦时 1 kWh", "度"),
    *_units("power", "千瓦 兆瓦 0.001 mw", "兆瓦 兆瓦 1 mw", "MW 兆瓦 1 mw", "kW 兆瓦 0.001 mw", "kV 千伏", "千伏", "伏"),
    *_units("temperature", "℃", "摄氏度 ℃"),
    *_units(
        "time",
        "天 天 1 day",
        "日 天 1 day",
        "个工作日 个工作日 1 workday",
        "工作日 个工作日 1 workday",
        "个月 个月 1 month",
        "年 年 1 year",
        "个年头 年 1 year",
        "周年",
        "周",
        "个星期 周",
        "星期 周",
        "个季度",
        "季度 个季度",
        "小时 小时 1 hour",
        "个小时 小时 1 hour",
        "个工作小时 工作小时",
        "学年",
        "学期",
        "分钟 分钟 1 minute",
        "秒",
        "秒钟 秒",
        "昼夜 天 1 day",
    ),
    *_units("age", "岁", "周岁 岁"),
    *_units("score", "分 分 1 point"),
)
BY_SIGN: dict[str, DraftUnit] = {unit.printed: unit for unit in TABLE}
_LONGEST = max(map(len, BY_SIGN))
# what may follow a number in Chinese numerals to make it a quantity: the words above that nothing else begins with
NOT_AFTER_CHINESE = frozenset(
    words(
        "面 方 节 点 头 口 国 省 市 县 字 首 道 国 街 区 园 院 校 门 把 步 根 车 单 码 期 度 届 代 店 里 角 分 级 码 顶 号段 巷 担 关键"
    )
)
ENGLISH: dict[str, str] = {
    "%": "%", "percent": "%", "percentage points": "个百分点", "percentage point": "个百分点", "per cent": "%", "per mille": "‰",
    "yuan": "元", "rmb": "元", "cny": "元", "dollars": "美元", "us dollars": "美元", "usd": "美元", "households": "户", "household": "户",
    "people": "人", "persons": "人", "person": "人", "residents": "人", "person-times": "人次", "mu": "亩", "hectares": "公顷",
    "square metres": "平方米", "square meters": "平方米", "km": "公里", "kilometres": "公里", "kilometers": "公里", "tonnes": "吨", "tons": "吨",
    "days": "天", "day": "天", "workdays": "个工作日", "working days": "个工作日", "months": "个月", "years": "年", "hours": "小时",
    "minutes": "分钟", "projects": "个", "enterprises": "家", "companies": "家", "firms": "家", "merchants": "家", "items": "项",
    "sessions": "次", "times": "次", "events": "场", "visits": "次", "villages": "个", "towns": "个", "cases": "件", "kinds": "种",
}  # fmt: skip


def unit_at(text: str, at: int) -> DraftUnit | None:
    """The longest unit that begins at this character."""
    for length in range(min(_LONGEST, len(text) - at), 0, -1):
        if (unit := BY_SIGN.get(text[at : at + length])) is not None:
            return unit
    return None


def same_kind(one: DraftUnit | None, other: DraftUnit | None) -> bool:
    """May values in these units be held against each other? 个 and 家 may, 人 and 户 may not."""
    if one is None or other is None:
        return one is other
    return one.family == other.family and (one.family in {"count", "share", "money", "person"} or one.sign == other.sign)
