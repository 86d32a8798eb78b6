"""A template says and does not compute: what is refused, where, and that nothing in it runs away."""

from __future__ import annotations

import time

import pytest

from banjie.bulletins import templating
from banjie.bulletins.document import Paragraph, Piece, Told, document
from banjie.bulletins.templating import Mark, Row, escaped, parse, render
from banjie.lib.clock import now
from banjie.lib.errors import DefinitionError, Refusal
from banjie.lib.periods import Period

REFUSED = [
    "{{ 1 + 1 }}",
    "{{ 'a' * 1000000000 }}",
    "{{ 10 ** 10 ** 10 }}",
    "{{ 'a' ~ 'b' }}",
    "{{ ''.__class__.__mro__ }}",
    "{{ area.upper() }}",
    "{{ area['x'] }}",
    "{{ area|upper }}",
    "{{ range(10) }}",
    "{{ cycler }}",
    "{{ self }}",
    "{{ value }}{% set x = 1 %}",
    "{% macro f() %}{{ f() }}{% endmacro %}",
    "{% include 'x' %}",
    "{% import 'x' as y %}",
    "{% extends 'x' %}",
    "{% for c in 'abc' %}{{ c }}{% endfor %}",
    "{% for r in rows('a') recursive %}{% endfor %}",
    "{% for r in rows('a') %}{{ r._said }}{% endfor %}",
    "{% for r in rows('a') %}{{ r.items }}{% endfor %}",
    "{{ value(area) }}",
    "{{ value('a', 'b') }}",
    "{{ value('a', how='b') }}",
    "{{ value(*area) }}",
    "{{ [1, 2, 3] }}",
    "{% for a in rows('x') %}{% for b in rows('x') %}{% for c in rows('x') %}{% if a.title %}{% endif %}{% endfor %}{% endfor %}{% endfor %}",
    "{{ unfinished",
    "{% if %}",
    "{{ " + "(" * 5000 + "area" + ")" * 5000 + " }}",
    "x" * 50_000,
]


@pytest.mark.parametrize("text", REFUSED, ids=range(len(REFUSED)))
def test_what_a_template_may_not_do_is_refused_before_it_runs(text: str) -> None:
    begun = time.monotonic()
    with pytest.raises(DefinitionError) as refused:
        parse(f"first line\n{text}")
    assert refused.value.says.zh
    assert time.monotonic() - begun < 5


def test_a_refusal_points_at_the_line() -> None:
    text = "一\n二\n{{ 1 + 1 }}\n"
    with pytest.raises(DefinitionError) as refused:
        parse(text)
    assert refused.value.offset == text.index("{{")


def _rows(count: int) -> dict[str, object]:
    many = tuple(Row({"title": Mark("x")}) for _ in range(count))
    return {"rows": lambda name: many, "value": lambda name: Mark("1"), "amount": lambda name: None}


def test_a_loop_without_end_is_stopped_in_time() -> None:
    nested = "{% for a in rows('x') %}{% for b in rows('x') %}{% for c in rows('x') %}{% endfor %}{% endfor %}{% endfor %}"
    begun = time.monotonic()
    with pytest.raises(Refusal, match="已停止"):
        render(nested, _rows(2000), {})  # type: ignore[arg-type]
    assert time.monotonic() - begun < 5


def test_a_text_without_end_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(templating, "WRITTEN", 1000)
    with pytest.raises(Refusal, match="写出的文字"):
        render("{% for a in rows('x') %}12345678901234567890{{ a.title }}{% endfor %}", _rows(100), {})  # type: ignore[arg-type]


def test_a_bare_number_cannot_be_printed() -> None:
    with pytest.raises(Refusal):
        render("{{ amount('x') }}", {"amount": lambda name: 3}, {})


def test_text_from_records_is_only_text() -> None:
    told = Told(
        {"title": _both("t"), "issuer": _both("i"), "area_title": _both("a"), "numbers": {}, "blocks": {}},
        {"zh": "", "en": ""},
        Period.parse("2021"),
        now(),
    )
    for hostile in ("# head", "- item", "1. item", "**bold** _x_", "<b>x</b>", "⟦1|n1⟧", "[a](http://x)", "a\n\n# b", "\\"):
        text = render("{{ area }}", {}, {"area": hostile})
        parts = document(Told(**{**{f: getattr(told, f) for f in told.__slots__}, "text": {"zh": text, "en": text}}), "zh").parts
        assert len(parts) == 1
        assert isinstance(parts[0], Paragraph)
        assert not any(p.strong or p.number for p in parts[0].pieces)
        assert "".join(p.text for p in parts[0].pieces) == " ".join(hostile.split()).replace("⟦", "[").replace("⟧", "]")
    assert escaped("a") == "a"
    assert Piece("x") == Piece("x", False, "")


def _both(text: str) -> dict[str, str]:
    return {"zh": text, "en": text}
