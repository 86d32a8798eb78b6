"""Invented people. The names are put together by lot; a likeness to anybody is chance."""

from __future__ import annotations

from random import Random

SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林罗高郑梁谢宋唐许邓冯韩曹曾彭萧蔡潘田董袁于余叶蒋杜苏魏程吕丁任卢姚沈钟姜崔谭陆范汪廖石"
)
FIRST = "建明志文国晓永春海德立新玉丽美雪佳子思若安承启嘉一宏景庆家世长"
SECOND = "华平军强辉峰波涛斌龙林杰鹏宇磊芳敏静燕玲娟霞慧婷兰英梅凤云秀萍宁然远清和"


def some_name(random: Random) -> str:
    """A surname and one or two further characters."""
    given = random.choice(SECOND) if random.random() < 0.15 else random.choice(FIRST) + random.choice(SECOND)
    return random.choice(SURNAMES) + given


def phone(random: Random) -> str:
    """Eleven digits that begin with 10, as no telephone number does."""
    return f"100{random.randrange(10**8):08d}"
