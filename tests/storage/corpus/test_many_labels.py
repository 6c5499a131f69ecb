"""Thousands of labels: the work grows with their number, not with its square."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import event
from sqlalchemy.engine import Engine

from storage.actions import relabelling
from storage.corpus import documents, projects
from storage.engines.queries import CHUNK
from storage.types import Document, Span, Split, Status


@contextmanager
def counted() -> Iterator[list[str]]:
    """Collect the statements that are sent to any database."""
    sent: list[str] = []

    def hear(_connection, _cursor, statement, *_rest) -> None:
        sent.append(statement)

    event.listen(Engine, "before_cursor_execute", hear)
    try:
        yield sent
    finally:
        event.remove(Engine, "before_cursor_execute", hear)


def test_labels_that_are_added_together_take_one_statement_each_and_a_handful(db, project):
    with counted() as sent:
        made = projects.add_labels(db, project.id, [f"L{number:04}" for number in range(2000)])
    assert [label.name for label in made[:2]] == ["L0000", "L0001"]
    assert [label.id for label in made] == sorted(label.id for label in made)
    assert [label.key for label in made[:8]] == [*"3456789", ""]
    assert len(projects.list_labels(db, project.id)) == 2002
    assert len(sent) < 2000 + 20
    inserts = sum(statement.startswith("INSERT") for statement in sent)
    assert len(sent) - inserts < 20, "what is there is looked at once"


# The statements that are counted are SQLite's: on a server several rows go into one.
@pytest.mark.sqlite
@pytest.mark.parametrize("together", [1, 50])
def test_an_import_takes_one_statement_for_each_new_label_too(db, project, together):
    given = [
        Document(
            f"Ada {number}",
            ((0, 3),),
            tuple(Span(0, 3, f"L{number + each}") for each in range(together)),
            Split.TRAIN,
            status=Status.DONE,
        )
        for number in range(0, 2000, together)
    ]
    relabelling.set_overlaps(db, project.id, True, "ada")
    with counted() as sent:
        documents.add_documents(db, project.id, given, "ada")
    about = [statement for statement in sent if "labels" in statement]
    assert sum(statement.startswith("INSERT") for statement in about) == 2000
    # What is there is looked at once for each chunk of documents.
    assert len(about) < 2000 + 10 + 5 * len(given) / CHUNK


def test_a_name_that_stands_twice_is_made_once(db, project):
    made = projects.add_labels(db, project.id, ["Place", " Place ", "PER"])
    assert made[0] == made[1]
    assert [label.name for label in projects.list_labels(db, project.id)] == ["PER", "ORG", "Place"]
