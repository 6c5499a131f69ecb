"""Which sentences of a part of the confusion table were looked at: counted in rows, kept."""

import pytest

from storage.cells import MISSED, Cell, Only
from storage.database.connection import Database
from storage.runs import reports, runs, visits
from storage.types import ErrorKind, Match, Span, Split
from tests.storage.conftest import sentence, stored

ADA, BOB = Span(0, 3, "PER"), Span(8, 11, "PER")


@pytest.fixture
def ids(db, project) -> list[int]:
    return stored(db, project, *(sentence("Ada met Bob.") for _ in range(3)))


@pytest.fixture
def cell(db, project, ids) -> Cell:
    """A cell with two rows in the first document and one in the second."""
    run = runs.create_run(db, project.id, {}).id
    places = ((ids[0], ADA), (ids[0], BOB), (ids[1], ADA))
    matches = [Match(id, span, None, ErrorKind.MISSED) for id, span in places]
    reports.store_report(db, run, {}, {Split.TEST: matches})
    return Cell(run, Split.TEST, "PER", MISSED)


def test_nothing_was_looked_at_at_first(db, cell):
    assert (visits.count(db, cell), visits.documents(db, cell)) == (0, frozenset())


def test_rows_count_as_looked_at_once_their_document_was_opened(db, cell, ids):
    visits.note(db, cell, ids[0])
    assert (visits.count(db, cell), visits.documents(db, cell)) == (2, {ids[0]})
    visits.note(db, cell, ids[1])
    assert visits.count(db, cell) == reports.count_cell(db, cell) == 3


def test_a_document_is_counted_once_however_often_it_is_opened(db, cell, ids):
    for _ in range(2):
        visits.note(db, cell, ids[1])
    assert visits.count(db, cell) == 1


def test_each_part_of_the_table_counts_by_itself(db, cell, ids):
    errors = cell._replace(predicted="", only=Only.ERRORS)
    visits.note(db, cell, ids[0])
    visits.note(db, errors, ids[1])
    assert (visits.count(db, cell), visits.count(db, errors)) == (2, 1)


def test_a_document_that_is_not_in_the_part_is_not_noted(db, cell, ids):
    visits.note(db, cell, ids[2])
    visits.note(db, cell._replace(gold="ORG"), ids[0])
    assert visits.documents(db, cell) == visits.documents(db, cell._replace(gold="ORG")) == set()


def test_what_was_looked_at_is_known_after_a_restart(db, cell, ids):
    visits.note(db, cell, ids[0])
    again = Database.open(db.url)
    assert visits.count(again, cell) == 2
    again.close()


def test_visits_go_with_their_run(db, cell, ids):
    visits.note(db, cell, ids[0])
    runs.delete_run(db, cell.run)
    assert visits.documents(db, cell) == set()
