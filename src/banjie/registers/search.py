"""Finding records by any piece of text, two Chinese characters included, alike on both databases.

Neither FTS5's trigrams nor pg_trgm find a two-character word, and pg_trgm is blind to Chinese in locale C. So each record's
text is cut into single characters and pairs here, kept in an index the database already has (FTS5, or a GIN index on an
array), and every candidate is checked against the text itself: a search is an exact search for a substring.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from operator import add
from typing import Any

from django.db import connection
from django.db.models import BooleanField, F, Func

from banjie.lib.characters import seen
from banjie.registers.definition import Field, Register

_RUN = re.compile(r"[^\W_]+")
PIECES_AT_MOST = 24  # of one query; more would narrow nothing
CANDIDATES_AT_MOST = 60_000  # a word that is in more records than that is not looked up: every few rows hold it
SEARCHED = {"text", "note", "choice", "reference", "integer", "decimal", "date", "month"}


def normalised(text: str) -> str:
    text = seen(text)
    return (text if text.isascii() else unicodedata.normalize("NFKC", text)).lower()


def pieces(text: str) -> list[str]:
    """The distinct single characters and pairs of each run of letters and digits."""
    found: dict[str, None] = {}
    for run in _RUN.findall(text):
        found |= dict.fromkeys(run)
        found |= dict.fromkeys(map(add, run, run[1:]))
    return list(found)


def text_of(register: Register, key: str, data: Mapping[str, object]) -> str:
    """What of a record may be found: its key, its texts, the labels of its choices. Nothing personal."""
    parts = [key]
    for field in register.fields:
        value = data.get(field.name)
        if value is None or field.personal or field.type not in SEARCHED:
            continue
        if field.type == "choice":
            parts.append(_labels(register, field).get(value, str(value)))
        else:
            parts.append(str(value))
    return normalised("\n".join(dict.fromkeys(parts)))


def _labels(register: Register, field: Field) -> dict[object, str]:
    """Both labels of each option by its code."""
    known: dict[object, str] | None = register.remembered.get(("labels", field.of))
    if known is None:
        known = {o.code: f"{o.title.zh} {o.title.en}" for o in register.options(field)}
        register.remembered["labels", field.of] = known
    return known


def keep(rows: Sequence[tuple[int, str]], *, new: bool) -> None:
    """Write the index for records ``(id, text)``; ``new`` spares the look for older pieces."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            values = [(pk, pieces(text)) for pk, text in rows]
            statement = "INSERT INTO registers_piece (record_id, pieces) VALUES (%s, %s) ON CONFLICT (record_id) DO UPDATE SET pieces = EXCLUDED.pieces"
            if len(values) == 1:
                cursor.execute(statement, values[0])  # the driver's way for many asks the database three times
            else:
                cursor.executemany(statement, values)
            return
        if not new:
            cursor.executemany("DELETE FROM registers_piece WHERE rowid = %s", [(pk,) for pk, _ in rows])
        cursor.executemany(
            "INSERT INTO registers_piece (rowid, pieces) VALUES (%s, %s)", [(pk, " ".join(pieces(text))) for pk, text in rows]
        )


def narrowest(found: Sequence[str]) -> list[str]:
    """Pairs tell more than single characters, so they come first; a single one only where no pair has it."""
    pairs = [p for p in found if len(p) == 2]
    covered = set("".join(pairs))
    return (pairs + [p for p in found if len(p) == 1 and p not in covered])[:PIECES_AT_MOST]


class Holds(Func):
    """True for records whose text holds ``word``: the index names candidates, the text itself decides.

    A word that very many records hold is found soonest by reading rows in the order wanted, until a page of them is full;
    to fetch a million candidates first would take a second.
    """

    output_field = BooleanField()
    conditional = True

    def __init__(self, word: str) -> None:
        super().__init__(F("id"), F("search"))
        self.word = word
        self.wanted = narrowest(pieces(word))
        self.rare = bool(self.wanted) and _rare(self.wanted)

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> tuple[str, list[Any]]:  # type: ignore[override]
        return self._sql(compiler, *_candidates(self.wanted), "instr")

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> tuple[str, list[Any]]:
        return self._sql(compiler, *_candidates(self.wanted), "strpos")

    def _sql(self, compiler: Any, candidates: str, parameter: object, position: str) -> tuple[str, list[Any]]:
        (identity, _), (text, _) = (compiler.compile(e) for e in self.source_expressions)
        if not self.rare:
            return f"{position}({text}, %s) > 0", [self.word]
        return f"({identity} IN ({candidates}) AND {position}({text}, %s) > 0)", [parameter, self.word]


def _candidates(wanted: Sequence[str]) -> tuple[str, str | list[str]]:
    """The records that have all the pieces: a query and its parameter."""
    if connection.vendor == "postgresql":
        return "SELECT record_id FROM registers_piece WHERE pieces @> %s::text[]", list(wanted)
    return "SELECT rowid FROM registers_piece WHERE registers_piece MATCH %s", " ".join(f'"{piece}"' for piece in wanted)


def _rare(wanted: Sequence[str]) -> bool:
    candidates, parameter = _candidates(wanted)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT COUNT(*) FROM ({candidates} LIMIT {CANDIDATES_AT_MOST + 1}) AS found", [parameter])  # noqa: S608
        number: int = cursor.fetchone()[0]
    return number <= CANDIDATES_AT_MOST


def words(text: str) -> list[Holds]:
    """One condition for each word of a query; words are parted by blanks. Each word costs one look into the index."""
    return [Holds(word) for word in normalised(text).split()[:8]]
