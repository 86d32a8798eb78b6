"""What was found in a draft: a quantity, a date, an ordinal or a name, and where it stands."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal

from banjie.bulletins.drafts.qualifiers import Qualifier
from banjie.bulletins.drafts.units import DraftUnit
from banjie.lib.periods import Period
from banjie.lib.units import plain

Kind = Literal["quantity", "date", "ordinal", "name"]
Form = Literal["number", "range", "ratio", "fraction", "plus", "times", "vague", ""]


@dataclass(frozen=True, slots=True)
class Scope:
    """Of what a quantity speaks. Empty where the draft does not say."""

    place: str = ""
    subject: str = ""
    period: Period | None = None
    until: bool = False  # the state at the end of the period (截至10月底)
    basis: str = "actual"  # actual, estimate, plan, target, capacity, intention
    article: int = 0


@dataclass(frozen=True, slots=True)
class Quantity:
    """``start``, ``end``: characters of the draft. ``value``: in the base unit (126.5亿元: 12650000000), None where none is meant
    exactly (数十家, a date). ``parts``: the values of a ratio, a range or a 5+2. ``step``: one unit of the last printed digit, in the
    base unit (126.5亿元: 10000000). ``clause``: the stretch between two breaks in which it stands."""

    start: int
    end: int
    text: str
    kind: Kind = "quantity"
    value: Decimal | None = None
    parts: tuple[Decimal, ...] = ()
    form: Form = "number"
    unit: DraftUnit | None = None
    per: str = ""
    step: Decimal = Decimal(1)
    qualifier: Qualifier = field(default_factory=Qualifier)
    clause: tuple[int, int] = (0, 0)
    sentence: tuple[int, int] = (0, 0)
    before: str = ""  # what is counted, as the words before it name it
    after: str = ""  # … and the words behind it
    scope: Scope = field(default_factory=Scope)

    @property
    def sign(self) -> str:
        """The base unit as a reader writes it: 元, 户, %."""
        return f"{self.unit.sign if self.unit else ''}{f'/{self.per}' if self.per else ''}"

    def as_dict(self) -> dict[str, object]:
        """The shape of ``banjie check --json``, without what only a database can say."""
        period = self.scope.period
        return {
            "start": self.start,
            "end": self.end,
            "text": self.text,
            "class": self.kind,
            "value": None if self.value is None else plain(self.value),
            "parts": [plain(p) for p in self.parts],
            "unit": self.sign,
            "qualifier": "…".join(self.qualifier.words),
            "bound": self.qualifier.bound,
            "scope": {
                "area": self.scope.place,
                "period": None if period is None else str(period),
                "basis": self.scope.basis,
                "subject": self.scope.subject,
            },
        }
