"""What a coach looks at: a few documents at a time, and nothing where nobody changed anything."""

from contextlib import closing

import pytest

from storage.coaching import work
from storage.corpus import documents, projects
from storage.database import settings
from storage.database.connection import Database
from storage.types import Document, Status


def text(words: int) -> Document:
    tokens = tuple((2 * n, 2 * n + 1) for n in range(words))
    return Document("a " * words, tokens, status=Status.DONE)


def test_documents_come_in_portions_and_long_ones_in_smaller_ones(db):
    id = documents.create_with_documents(db, "P", [text(n) for n in (1, 2, 3, 9, 12, 1)], "ada")
    found = work.changes(db, id, None)
    portions = list(work.portions(db, id, found.ids, count=4, most=10))
    sizes = [[len(each.tokens) for each in portion.documents] for portion in portions]
    assert sizes == [[1, 2, 3], [9], [12], [1]]
    assert [d.id for portion in portions for d in portion.documents] == list(found.ids)


def test_a_portion_knows_the_labels_of_its_own_moment(db):
    id = documents.create_with_documents(db, "P", [text(1), text(1)], "ada")
    found = work.portions(db, id, work.changes(db, id, None).ids, count=1, most=10)
    assert next(found).names == {}
    (label,) = projects.add_labels(db, id, ["later"])
    assert next(found).names == {label.id: "later"}


def test_a_glance_tells_whether_anybody_has_changed_anything(db):
    first = work.glance(db)
    assert work.glance(db) == first
    put(db)
    assert work.glance(db) != first


@pytest.mark.sqlite
def test_another_connection_may_count_from_the_same_number_on(db):
    first = work.glance(db)
    put(db)
    second = work.glance(db)
    db.close()
    assert work.glance(db) not in (first, second)


def put(db: Database) -> None:
    """Change something, as another process does."""
    with closing(Database.open(db.url)) as other:
        settings.put(other, "anything", 1)
