"""What the wording of a number claims of the true value, and whether that is so.

=============  ============================  =================================================================
bound          as printed                    claims of the true value
=============  ============================  =================================================================
exact          310亿元, 达310亿元            rounds to what is printed: 309.5亿 up to, not including, 310.5亿
about          约310亿元, 310亿元左右        within half of the last digit that is no nought (305–315亿), never more than 5 %
above          超310亿元, 突破310亿元        more than it
nearly         近310亿元                     less than it, by no more than a tenth
below          不到310亿元                   less than it
at_least       310亿元以上, 不少于310亿元    it or more (民法典 art. 1259: 以上 includes the number)
at_most        310亿元以下, 控制在310亿元    it or less
more           310余亿元, 310多亿元          more than it, by less than one of the last digit that is no nought: 310–320亿
vague          数十家                        nothing that could be held against a number
=============  ============================  =================================================================
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_FLOOR, ROUND_HALF_UP, Context, Decimal

from banjie.bulletins.drafts.qualifiers import AFTER, BEFORE, INSIDE, WORDS_ZH
from banjie.bulletins.drafts.quantity import Quantity
from banjie.lib.text import Text
from banjie.lib.units import plain

WIDE = Context(prec=60, rounding=ROUND_HALF_UP)
ABOUT_AT_MOST = Decimal("0.05")  # 约1000 must not mean 500
NEARLY_WITHIN = Decimal("0.1")  # 近1000 means 900 at least


@dataclass(frozen=True, slots=True)
class Rule:
    """A row of the table above. ``claims``: what the qualifier says of the true value; ``{low}`` and ``{high}`` are filled in."""

    bound: str
    claims: Text
    example: str

    @property
    def words(self) -> tuple[str, ...]:
        """The qualifiers that have this rule, Chinese ones first, as the tables of ``qualifiers`` give them."""
        table = {**BEFORE, **INSIDE, **AFTER}
        return tuple(sorted((w for w, bound in table.items() if bound == self.bound), key=lambda w: (w.isascii(), len(w), w)))


RULES: dict[str, Rule] = {
    rule.bound: rule
    for rule in (
        Rule(
            "exact",
            Text(
                "四舍五入后等于所写的数（{low}至{high}，不含后者）",
                "rounds to the number printed ({low} up to, not including, {high})",
            ),
            "80%",
        ),
        Rule("about", Text("在{low}至{high}之间", "lies between {low} and {high}"), "约310亿元"),
        Rule("above", Text("大于{low}", "is more than {low}"), "突破10亿元"),
        Rule("nearly", Text("小于{high}，且不低于{low}", "is less than {high} and no less than {low}"), "近2000户"),
        Rule("below", Text("小于{high}", "is less than {high}"), "不到500人"),
        Rule("at_least", Text("不小于{low}（以上含本数）", "is {low} or more (the number included)"), "80%以上"),
        Rule("at_most", Text("不大于{high}（以下含本数）", "is {high} or less (the number included)"), "控制在4‰以内"),
        Rule("more", Text("不小于{low}，且小于{high}", "is {low} or more, and less than {high}"), "1000余只"),
        Rule("vague", Text("没有可供核对的数", "names no number that could be checked"), "数十家"),
    )
}


@dataclass(frozen=True, slots=True)
class Claim:
    """The values for which the wording is true. None: without end on that side."""

    low: Decimal | None
    high: Decimal | None
    with_low: bool = True
    with_high: bool = True

    def holds(self, true: Decimal) -> bool:
        """Is the wording true of this value?"""
        if self.low is not None and (true < self.low or (true == self.low and not self.with_low)):
            return False
        return self.high is None or true < self.high or (true == self.high and self.with_high)


@dataclass(frozen=True, slots=True)
class Comparison:
    """``verdict``: agrees, differs, or ambiguous where the wording claims nothing. ``right``: wordings that would be true, best first."""

    verdict: str
    because: Text
    right: tuple[str, ...] = ()


def claim_of(quantity: Quantity) -> Claim | None:
    """What a quantity claims; None where it claims no number. A ratio and a 5+2 claim several: see ``claims_of_parts``."""
    if quantity.form == "range" and len(quantity.parts) == 2:
        half = quantity.step / 2
        return Claim(quantity.parts[0] - half, quantity.parts[1] + half, with_high=False)
    if quantity.value is None or quantity.qualifier.bound == "vague":
        return None
    return claim(quantity.value, quantity.step, quantity.qualifier.bound)


def claims_of_parts(quantity: Quantity) -> tuple[Claim, ...]:
    """One claim for each part of a ratio, to the precision printed."""
    return tuple(claim(part, quantity.step, "exact") for part in quantity.parts)


def claim(value: Decimal, step: Decimal, bound: str) -> Claim:
    """The rule of a bound, for a number printed to ``step``."""
    half, size = step / 2, roundness(value, step)
    if bound == "above":
        return Claim(value, None, with_low=False)
    if bound == "at_least":
        return Claim(value, None)
    if bound == "at_most":
        return Claim(None, value)
    if bound == "below":
        return Claim(None, value, with_high=False)
    if bound == "nearly":
        return Claim(value - abs(value) * NEARLY_WITHIN, value, with_high=False)
    if bound == "more":
        return Claim(value, value + size, with_high=False)
    if bound == "about":
        slack = max(step, min(size / 2, abs(value) * ABOUT_AT_MOST))
        return Claim(value - slack, value + slack)
    return Claim(value - half, value + half, with_high=False)


def roundness(value: Decimal, step: Decimal) -> Decimal:
    """The place of the last printed digit that is no nought, in base units: 310亿 10亿, 1000余 1000, 25.6亿 0.1亿."""
    digits = WIDE.divide(value, step) if step else value
    size = step
    while digits and digits == digits.to_integral_value() and digits % 10 == 0:
        digits, size = digits / 10, size * 10
    return size


def compare(quantity: Quantity, true: Decimal) -> Comparison:
    """Hold a quantity against the true value, given in the same base unit."""
    said = claim_of(quantity)
    rule = RULES[quantity.qualifier.bound if quantity.qualifier.bound in RULES else "exact"]
    if said is None:
        return Comparison("ambiguous", RULES["vague"].claims)
    exactly = rule.bound == "exact" and quantity.step == 1 and quantity.form == "number"
    claims = (
        Text(f"等于{quantity.text}", f"is {quantity.text}")
        if exactly
        else rule.claims.format(low=_shown(quantity, said.low), high=_shown(quantity, said.high))
    )
    actual = written(quantity, true, more=2)
    if said.holds(true):
        return Comparison(
            "agrees",
            Text(
                f"「{quantity.text}」要求真实值{claims.zh}；真实值为{actual}。",
                f'"{quantity.text}" claims that the true value {claims.en}; it is {actual}.',
            ),
        )
    because = Text(
        f"「{quantity.text}」要求真实值{claims.zh}；真实值为{actual}，不符。",
        f'"{quantity.text}" claims that the true value {claims.en}; it is {actual}.',
    )
    return Comparison("differs", because, right_wordings(quantity, true))


def right_wordings(quantity: Quantity, true: Decimal) -> tuple[str, ...]:
    """Wordings that would be true: the value to the printed precision first, then the printed number with a qualifier that fits."""
    exact = written(quantity, true)
    found = [exact if claim(_value_of(quantity, true), quantity.step, "exact").holds(true) else written(quantity, true, more=2)]
    if quantity.value is not None and quantity.form == "number":
        printed = written(quantity, quantity.value)
        for bound, form in (("about", "约{}"), ("nearly", "近{}"), ("above", "超{}"), ("at_least", "{}以上")):
            if claim(quantity.value, quantity.step, bound).holds(true) and (bound != "above" or true < quantity.value * 2):
                if bound == "about" and roundness(quantity.value, quantity.step) == quantity.step and quantity.step == 1:
                    continue  # 约26户 of 27
                if bound == "at_least" and any(w.startswith("超") for w in found):
                    continue
                found.append(form.format(printed))
    return tuple(dict.fromkeys(found))


def _value_of(quantity: Quantity, true: Decimal) -> Decimal:
    return WIDE.divide(true, quantity.step).quantize(Decimal(1), context=WIDE) * quantity.step


def written(quantity: Quantity, value: Decimal, *, more: int = 0) -> str:
    """A value in the unit and scale in which the quantity is printed. ``more``: decimals beyond the printed ones, where the value has them."""
    digits, suffix, size = _as_printed(quantity)
    amount = WIDE.divide(value, size)
    places = digits + more
    rounded = amount.quantize(Decimal(1).scaleb(-places), context=WIDE)
    return f"{plain(rounded) if more else f'{rounded:f}'}{suffix}"


def _as_printed(quantity: Quantity) -> tuple[int, str, Decimal]:
    """How many decimals, what stands behind the digits, and how many base units one of that is."""
    unit = quantity.unit
    base = unit.size if unit else Decimal(1)
    scale = next((s for s in ("万亿", "亿", "万") if s in quantity.text and s not in (unit.printed if unit else "")), "")
    size = base * {"万亿": 10**12, "亿": 10**8, "万": 10**4}.get(scale, 1)
    ratio = WIDE.divide(quantity.step, size)
    places = max(0, -int(ratio.log10().to_integral_value(rounding=ROUND_FLOOR))) if 0 < ratio < 1 else 0
    return places, f"{scale}{unit.printed if unit else ''}", size


def _shown(quantity: Quantity, value: Decimal | None) -> str:
    return "" if value is None else written(quantity, value, more=2)


def qualifier_word(bound: str) -> str:
    """The commonest Chinese word for a bound."""
    return WORDS_ZH.get(bound, "")
