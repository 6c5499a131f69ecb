"""What was exported is read back and compared: equal, with other blanks, or otherwise."""

from dataclasses import replace

import pytest

from engine import formats, tasks
from engine.corpus import exporting, verifying
from engine.formats.common.shape import Shape
from storage.types import Document, Span, Status

ADA = Document("Ada  met Bob", spans=(Span(0, 3, "PER"), Span(9, 12, "PER")), status=Status.DONE)
EVE = Document("Eve", spans=(Span(0, 3, "PER"),), status=Status.DONE)


def test_equal_documents_are_equal():
    assert verifying.compare([ADA, EVE], [ADA, EVE]) == verifying.Verification(equal=2)


def test_other_blanks_between_words_are_told_apart_from_other_labels():
    tight = Document(
        "Ada met Bob", spans=(Span(0, 3, "PER"), Span(8, 11, "PER")), status=ADA.status
    )
    other = Document("Eve", spans=(Span(0, 3, "LOC"),))
    found = verifying.compare([ADA, EVE], [tight, other])
    assert (found.equal, found.respaced, found.changed) == (0, 1, 1)
    assert found.examples == ("“Eve” came back with other labels.",)


def test_another_status_is_told_in_any_order_and_beside_other_blanks():
    begun = replace(EVE, status=Status.IN_PROGRESS)
    tight = Document("Ada met Bob", spans=(Span(0, 3, "PER"), Span(8, 11, "PER")))
    said = "“Eve” was in progress and came back as done."
    for given, again in (([begun], [EVE]), ([ADA, begun], [EVE, ADA]), ([begun, ADA], [ADA, EVE])):
        found = verifying.compare(given, again)
        assert (found.equal, found.restated, found.examples) == (len(given) - 1, 1, (said,))
        assert (found.documents, found.differing) == (len(given), 0)
        assert "1 with another status" in found.sentence()
    assert verifying.compare([ADA], [tight]).restated == 1


def test_what_is_lost_and_what_was_never_there_is_told():
    found = verifying.compare([ADA, EVE], [EVE, Document("Mallory")])
    assert (found.equal, found.lost, found.invented) == (1, 1, 1)
    assert found.differing == 2


def test_the_order_does_not_matter_and_how_often_does():
    assert verifying.compare([ADA, EVE, EVE], [EVE, ADA, EVE]).equal == 3
    found = verifying.compare([EVE, EVE], [EVE])
    assert (found.equal, found.lost) == (1, 1)


@pytest.mark.parametrize("format", [writer.name for writer in formats.writers()])
def test_a_file_is_read_back_as_an_import_would_read_it(tmp_path, format):
    path = tmp_path / "x"
    exported = exporting.export([ADA, EVE], format)
    path.write_bytes(exported.data())
    found = exporting.verify([ADA, EVE], path, format)
    assert (found.documents, found.differing, found.restated) == (2, 0, 0)
    assert found.respaced == (format in {"conll", "iob_lines", "token_rows"})


@pytest.mark.parametrize(
    ("task", "format"),
    [
        (task, writer.name)
        for task in ("classes", "multilabel", "pairs")
        for writer in formats.writers(Shape.of(tasks.get(task)))
    ],
)
def test_a_file_of_whole_texts_is_read_back_likewise(tmp_path, task, format):
    second = "a second text" if task == "pairs" else None
    given = [
        Document(text, second_text=second, spans=(Span(0, 0, label),), status=Status.DONE)
        for text, label in (("one text", "1"), ("another", "0"))
    ]
    (path := tmp_path / "x").write_bytes(exporting.export(given, format, task=task).data())
    found = exporting.verify(given, path, format, task=task)
    assert (found.documents, found.equal) == (2, 2)


def test_a_file_that_lost_its_end_is_found_out(tmp_path):
    path = tmp_path / "x.jsonl"
    path.write_bytes(exporting.export([ADA, EVE], "doccano").data().splitlines()[0])
    assert exporting.verify([ADA, EVE], path, "doccano").lost == 1
