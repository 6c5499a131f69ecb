"""No cell of an exported table is a formula, and every cell comes back as it was."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.formats.common import formulas
from engine.formats.common.formulas import BEGINNINGS, MARK
from engine.formats.common.problems import Problems
from engine.formats.common.shape import Shape
from engine.formats.common.sources import InputFile
from engine.formats.whole.table import Table
from storage.types import Document, Span, Status

HOSTILE = [
    "=1+1",
    "+cmd|' /C calc'!A0",
    "-2+3",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "＝1+1",
    "\n=1",
    MARK + "=1",
]
PLAIN = ["-0.5", "+1", "'@ada said so'", "'=1", "it's", "", "a=b", "1-2"]
CELLS = st.text(st.sampled_from("=+-@'\u2060\t\r\n,;\"ab1."), max_size=6) | st.text(max_size=6)


@pytest.mark.parametrize("text", HOSTILE)
def test_a_formula_becomes_text(text: str) -> None:
    assert not formulas.escape(text).startswith(BEGINNINGS)
    assert formulas.restore(formulas.escape(text)) == text


@pytest.mark.parametrize("text", PLAIN)
def test_what_is_no_formula_stays_as_it_is(text: str) -> None:
    assert formulas.escape(text) == formulas.restore(text) == text


@given(CELLS)
def test_every_cell_comes_back(cell: str) -> None:
    assert formulas.restore(formulas.escape(cell)) == cell


def exported(*documents: Document) -> str:
    written = Table(Shape(whole=True)).write(documents, {}, Problems("out.csv"))
    return b"".join(written).decode()


def imported(text: str) -> tuple[Document, ...]:
    file = InputFile("in.csv", text.encode())
    return tuple(
        Table(Shape(whole=True)).read(file, {"label_separator": ""}, Problems("in.csv")).documents
    )


def labelled(text: str, label: str) -> Document:
    return Document(text, spans=(Span(0, 0, label),), status=Status.DONE)


@pytest.mark.parametrize("text", [text for text in HOSTILE if text.strip() == text])
def test_texts_and_labels_leave_as_text_and_come_back(text: str) -> None:
    written = exported(labelled(text, "=x"), labelled("plain", "other"))
    cells = [cell for row in csv.reader(io.StringIO(written, newline="")) for cell in row]
    assert not [cell for cell in cells if formulas.is_formula(cell)]
    found = imported(written)
    assert [(each.text, each.spans[0].label) for each in found] == [
        (text, "=x"),
        ("plain", "other"),
    ]


def test_a_foreign_row_that_holds_a_formula_does_not_leave_as_it_came() -> None:
    came = 'text,label\r\n"=1+1",x\r\n\'=2,y\r\nplain,"z"\r\n'
    written = exported(*imported(came))
    assert written.splitlines()[1].startswith(MARK + "=1+1")
    assert written.splitlines()[2:] == ["'=2,y", 'plain,"z"']


def test_no_other_separator_finds_a_formula_within_a_cell() -> None:
    written = exported(labelled("sum;=HYPERLINK(A1)", "x"))
    assert '"sum;=HYPERLINK(A1)"' in written
    assert imported(written)[0].text == "sum;=HYPERLINK(A1)"
