"""Where clauses, sentences and paragraphs of a draft begin and end. Offsets into the folded text, in one pass."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass

CLAUSE_ENDS = frozenset("，,；;。！？!?：:\n()【】")
SENTENCE_ENDS = frozenset("。！？!?\n")


@dataclass(frozen=True, slots=True)
class Layout:
    """The first character of every clause, sentence and paragraph."""

    clauses: tuple[int, ...]
    sentences: tuple[int, ...]
    paragraphs: tuple[int, ...]
    length: int

    def clause(self, at: int) -> tuple[int, int]:
        return _around(self.clauses, at, self.length)

    def sentence(self, at: int) -> tuple[int, int]:
        return _around(self.sentences, at, self.length)

    def paragraph(self, at: int) -> tuple[int, int]:
        return _around(self.paragraphs, at, self.length)


def layout(text: str) -> Layout:
    """A comma or colon between two digits (1,234; 20:31:48; 8:30) breaks nothing, nor does the point of a number."""
    clauses, sentences, paragraphs = [0], [0], [0]
    for at, sign in enumerate(text):
        if sign not in CLAUSE_ENDS and sign != ".":
            continue
        if sign in ",:" and text[at - 1 : at].isdigit() and text[at + 1 : at + 2].isdigit():
            continue
        if sign == ".":  # English: a full stop before a blank
            if not (text[at + 1 : at + 2] == " " and text[at - 1 : at].isalnum() and text[at - 1 : at].isascii()):
                continue
            sentences.append(at + 1)
        clauses.append(at + 1)
        if sign in SENTENCE_ENDS:
            sentences.append(at + 1)
        if sign == "\n":
            paragraphs.append(at + 1)
    return Layout(tuple(clauses), tuple(sentences), tuple(paragraphs), len(text))


def _around(starts: tuple[int, ...], at: int, length: int) -> tuple[int, int]:
    i = bisect_right(starts, at) - 1
    return starts[i], (starts[i + 1] - 1 if i + 1 < len(starts) else length)
