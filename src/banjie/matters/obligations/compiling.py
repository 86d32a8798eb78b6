"""An obligation against its registers: what fails here fails at install time."""

from __future__ import annotations

from dataclasses import dataclass

from banjie.formulas import Formula, FormulaError, Kind, compile_formula
from banjie.lib.errors import DefinitionError
from banjie.lib.text import Text
from banjie.matters.obligations.definition import Obligation
from banjie.registers.catalogue import Catalogue
from banjie.registers.definition import Register

DATED = ("month", "date", "year", "datetime")
NO_FIELD = Text(
    "登记表「{register}」没有可用的字段「{name}」", "the register {register} has no field {name} that can be used here"
)
NO_DATE = Text("「{name}」须为月份、日期、年份或时间字段", "{name} must be a month, a date, a year or a datetime")


@dataclass(frozen=True)
class Compiled:
    """An obligation with the register in which it is met, that of the records that owe (if any), and its conditions."""

    obligation: Obligation
    register: Register
    owners: Register | None
    where: Formula | None
    owing: Formula | None


def compile_obligation(obligation: Obligation, known: Catalogue) -> Compiled:
    """Against the registers as they are. Raises DefinitionError with its path, NotFound."""
    register = known.register(obligation.register_name)
    owners = known.register(obligation.of.register_name) if obligation.of.register_name else None
    _field(register, obligation.by, ("by",))
    _field(register, obligation.period, ("period",))
    if register.field(obligation.period).type not in DATED:
        raise DefinitionError(("period",), NO_DATE.format(name=obligation.period))
    for where in ("field", "organisation"):
        name = getattr(obligation.owner, where, None)
        if name is not None and owners is not None:
            _field(owners, name, ("owner", where))
    where_formula = _formula(obligation.where, register, ("where",))
    owing = _formula(obligation.of.where, owners, ("of", "where")) if owners else None
    return Compiled(obligation, register, owners, where_formula, owing)


def _field(register: Register, name: str, path: tuple[str, ...]) -> None:
    found = register.by_name.get(name)
    if found is None or found.personal:
        raise DefinitionError(path, NO_FIELD.format(register=register.name, name=name))


def _formula(text: str, register: Register, path: tuple[str, ...]) -> Formula | None:
    if not text:
        return None
    try:
        return compile_formula(text, register.kinds, expects=Kind.BOOLEAN)
    except FormulaError as error:
        raise DefinitionError(path, error.says, error.offset) from error
