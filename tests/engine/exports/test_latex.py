r"""LaTeX: rows of five cells, and no sign of a name that TeX would act upon.

That it compiles, under pdfLaTeX and LuaLaTeX, was seen by hand with the same names.
"""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.exports import latex
from tests.engine.exports.subjects import HOSTILE, MANY, subject

COMMANDS = re.compile(
    r"\\text(backslash|asciitilde|asciicircum|asciigrave|quotesingle|quotedbl|less|greater|bar)\{\}"
)


@pytest.mark.parametrize("labels", [("LOC", "PER"), HOSTILE, MANY])
def test_every_row_has_five_cells(labels: tuple[str, ...]) -> None:
    source = latex.render(subject(labels, HOSTILE[6]))
    rows = [line for line in source.splitlines() if line.endswith(r" \\")]
    told = subject(labels).report
    sizes = [len(table["rows"]) + 3 for split in ("dev", "test") for table in told[split]["tables"]]
    heads = sum(2 if size > latex.PAGE else 1 for size in sizes)
    assert len(rows) == sum(sizes) + heads
    assert {len(re.findall(r"(?<!\\)&", row)) for row in rows} == {4}


def test_environments_are_closed_and_the_document_ends_once() -> None:
    source = latex.render(subject(HOSTILE, "\\end{document}"))
    assert source.count(r"\begin{") == source.count(r"\end{") - 1  # one is told of in a comment
    assert source.rstrip().endswith(r"\end{document}")
    body = source.replace(r"\%", "").partition(latex.COPY)[2]
    assert body.count(r"\end{document}") == 1 and "%" not in body


@given(st.text())
def test_no_sign_of_a_text_acts(text: str) -> None:
    left = COMMANDS.sub("", latex.literal(text))
    # In the place of what was taken out: what stood on both sides did not stand together.
    left = re.sub(r"\\[#$%&_{}]|\{[\[\]*]\}|(?<=[-,])\{\}", ".", left)
    assert not re.search(r"[\\{}#$%&_~^`'\"<>|\[\]*\n\r]|--|,,", left.replace("- ", ""))


def test_long_tables_go_over_several_pages() -> None:
    assert r"\begin{longtable}" in latex.render(subject(MANY))
    assert r"\begin{longtable}" not in latex.render(subject())


def test_letters_that_pdflatex_does_not_know_have_a_stand_in() -> None:
    source = latex.render(subject(("地",)))
    assert r"\DeclareUnicodeCharacter{5730}{U+5730}" in source
    assert "Declare" not in latex.render(subject()).replace(r"\ifdefined\DeclareUnicode", "")
