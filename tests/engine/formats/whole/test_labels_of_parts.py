"""Labels of parts of texts, given to a project of whole texts: refused, or told, never silent."""

from __future__ import annotations

import io
import zipfile

import pytest

from engine import formats
from engine.corpus.exporting import export
from engine.corpus.importing import plan
from storage.types import Document, Span, Status

DOCUMENTS = [
    Document("Rome is big", spans=(Span(0, 4, "LOC"),), status=Status.DONE, name="1"),
    Document("so is Paris", spans=(Span(6, 11, "LOC"),), status=Status.DONE, name="2"),
]


@pytest.mark.parametrize("format", [each.name for each in formats.writers()])
@pytest.mark.parametrize("task", ["classes", "pairs"])
def test_no_file_of_spans_comes_in_as_if_nothing_was_labelled(format: str, task: str) -> None:
    made = export(DOCUMENTS, format)
    found = plan([(f"x{made.extension}", made.data())], task=task)
    assert found.problems, [document.text for document in found.documents_to_add]


@pytest.mark.parametrize("format", ["webanno", "xmi", "cas_json", "brat", "conll", "token_rows"])
def test_what_holds_spans_alone_says_where_it_belongs(format: str) -> None:
    made = export(DOCUMENTS, format)
    (refused, *_) = plan([(f"x{made.extension}", made.data())], task="classes").errors
    assert formats.codec(format).title.split(" (")[0] in refused.message
    assert "a project of spans" in refused.message


def test_who_wants_its_lines_as_texts_says_so() -> None:
    with zipfile.ZipFile(io.BytesIO(export(DOCUMENTS, "webanno").data())) as archive:
        data = archive.read(archive.namelist()[0])
    found = plan([("x.tsv", data)], task="classes", format="text")
    assert (found.files[0].format, found.errors) == ("text", ())


@pytest.mark.parametrize("format", ["spacy", "spacy_json"])
def test_of_what_holds_both_the_spans_are_told(format: str) -> None:
    made = export(DOCUMENTS, format)
    found = plan([(f"x{made.extension}", made.data())], task="classes")
    assert [d.spans for d in found.documents_to_add] == [(), ()]
    assert all("not imported" in each.message for each in found.problems)
