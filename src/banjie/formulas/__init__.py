"""The expression language of rules, guards, computed fields and measures (DESIGN §3).

    formula = compile_formula("planned <= total * 0.5", {"planned": Kind.DECIMAL, "total": Kind.DECIMAL}, expects=Kind.BOOLEAN)
    formula.evaluate({"planned": "12.5", "total": "30"})     # True
    formula.to_sql("duckdb")                                 # "planned" <= ("total" * 0.5)

The text is parsed, held to a list of nodes and functions, and becomes a frozen typed tree: nothing of the text reaches an
engine, and nothing is ever handed to ``eval``. ``docs/manual/formulas.md`` is the manual.
"""

from banjie.formulas.checking import AS_OF
from banjie.formulas.errors import FormulaError, FormulaValueError
from banjie.formulas.formula import Columns, Dialect, Formula, compile_formula
from banjie.formulas.kinds import KIND_TO_DUCKDB, Kind

__all__ = [
    "AS_OF",
    "KIND_TO_DUCKDB",
    "Columns",
    "Dialect",
    "Formula",
    "FormulaError",
    "FormulaValueError",
    "Kind",
    "compile_formula",
]
