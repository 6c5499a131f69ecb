"""What was mended since a run: a row's own span, decided by the journal, not by the clock."""

from typing import Any

import pytest

from storage.actions import relabelling
from storage.cells import MISSED, Cell
from storage.journal import annotations
from storage.runs import mending, reports, runs
from storage.types import ErrorKind, Match, Source, Span, Split
from tests.storage.actions.test_relabelling import label
from tests.storage.conftest import sentence, stored

TEXT = "Ada met Bob in Rome."
ADA, BOB, ROME = Span(0, 3, "PER"), Span(8, 11, "PER"), Span(15, 19, "ORG")
ALL = Cell(1, Split.TEST, "")


class Editor:
    """Edits one document as the tagger does; a span is named by its words."""

    def __init__(self, db, project, document: int) -> None:
        self.db, self.project, self.document, self.seq = db, project, document, 0

    def send(self, annotator: str = "ada", **operation: Any) -> None:
        self.seq += 1
        opened = annotations.open_annotation(self.db, self.document, annotator)
        ids = {TEXT[span.start : span.end]: span.id for span in opened.spans}
        sent = {"seq": self.seq, "base_revision": opened.revision, **operation}
        if "id" in operation:
            sent["id"] = ids[operation["id"]]
        where = (self.db, self.project.id, self.document, annotator, f"tab {annotator}")
        (result,) = annotations.apply_operations(*where, [sent]).results
        assert result["status"] == "saved", result


@pytest.fixture
def document(db, project) -> int:
    return stored(db, project, sentence(TEXT, ADA, BOB))[0]


@pytest.fixture
def editor(db, project, document) -> Editor:
    return Editor(db, project, document)


@pytest.fixture
def run(db, project, document):
    """A run that missed Ada, took Bob for ORG, and saw an ORG where nobody labelled one."""
    made = runs.create_run(db, project.id, {}).id
    runs.mark_frozen(db, made)
    seen = [Span(s.start, s.end, "ORG", source=Source.MODEL, score=0.5) for s in (BOB, ROME)]
    matches = [
        Match(document, ADA, None, ErrorKind.MISSED),
        Match(document, BOB, seen[0], ErrorKind.TYPE),
        Match(document, None, seen[1], ErrorKind.SPURIOUS),
    ]
    reports.store_report(db, made, {}, {Split.TEST: matches})
    return runs.get_run(db, made)


def mended(db, run) -> list[str]:
    """Return the words of the rows that were mended."""
    rows = reports.cell(db, ALL._replace(run=run.id)).rows
    found = mending.since(db, run, rows)
    assert mending.count(db, run, ALL._replace(run=run.id)) == len(found)
    places = [row.match.gold or row.match.predicted for row in rows if row.id in found]
    return [TEXT[place.start : place.end] for place in places]


def test_nothing_is_mended_at_first(db, run):
    assert mended(db, run) == []


def test_only_the_row_whose_span_was_mended_says_so(db, run, editor):
    editor.send(kind="relabel", id="Bob", label="ORG")
    assert mended(db, run) == ["Bob"]


def test_a_span_added_where_the_model_saw_one_mends_that_row(db, run, editor):
    added = {"id": "r", "start": 15, "end": 19, "label": "ORG", "quote": "Rome"}
    editor.send(kind="add", span=added)
    assert mended(db, run) == ["Rome"]


def test_a_span_with_other_borders_or_none_any_more_is_mended(db, run, editor):
    editor.send(kind="move", id="Ada", start=0, end=7, quote="Ada met")
    editor.send(kind="remove", id="Bob")
    assert mended(db, run) == ["Ada", "Bob"]


def test_what_is_as_it_was_again_is_not_mended(db, run, editor):
    editor.send(kind="relabel", id="Bob", label="ORG")
    editor.send(kind="relabel", id="Bob", label="PER")
    assert mended(db, run) == []


def test_an_edit_that_changes_no_span_mends_nothing(db, run, editor):
    editor.send(kind="reject", label="ORG", start=8, end=11, quote="Bob")
    editor.send(kind="comment", comment="is that so?")
    assert mended(db, run) == []


def test_an_edit_from_before_the_run_is_no_mend(db, project, document, editor):
    """Its report may have been scored on other spans: a dry run's, a resumed one's."""
    editor.send(kind="relabel", id="Bob", label="ORG")
    made = runs.create_run(db, project.id, {}).id
    runs.mark_frozen(db, made)
    missed = Match(document, BOB, None, ErrorKind.MISSED)
    reports.store_report(db, made, {}, {Split.TEST: [missed]})
    (row,) = reports.cell(db, Cell(made, Split.TEST, "PER", MISSED)).rows
    assert mending.since(db, runs.get_run(db, made), [row]) == {}


def test_another_name_for_a_label_mends_nothing(db, project, run, editor):
    relabelling.rename_label(db, label(db, project, "PER"), "PERSON", "ada")
    assert mended(db, run) == []
    editor.send(kind="remove", id="Ada")
    assert mended(db, run) == ["Ada"], "nor beside what was really mended"


def test_the_newest_annotation_counts_whoever_made_it(db, run, editor):
    editor.send("eve", kind="relabel", id="Bob", label="ORG")
    assert mended(db, run) == ["Bob"]


def test_all_spans_of_now_come_with_a_mended_row(db, run, editor):
    editor.send(kind="relabel", id="Bob", label="ORG")
    rows = reports.cell(db, ALL._replace(run=run.id)).rows
    (spans,) = mending.since(db, run, rows).values()
    assert spans == (ADA, Span(8, 11, "ORG"))


def test_of_a_run_that_knows_no_edit_the_spans_alone_decide(db, project, document, editor):
    """Runs of older versions noted none."""
    made = runs.create_run(db, project.id, {}).id
    missed = Match(document, BOB, None, ErrorKind.MISSED)
    reports.store_report(db, made, {}, {Split.TEST: [missed]})
    rows = reports.cell(db, ALL._replace(run=made)).rows
    assert mending.since(db, runs.get_run(db, made), rows) == {}
    editor.send(kind="remove", id="Bob")
    assert list(mending.since(db, runs.get_run(db, made), rows)) == [rows[0].id]
