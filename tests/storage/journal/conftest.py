"""One document and a person who edits it."""

import pytest

from storage.journal.annotations import apply_operations
from tests.storage.conftest import sentence, stored


@pytest.fixture
def document(db, project) -> int:
    return stored(db, project, sentence("Ada met Bob."))[0]


@pytest.fixture
def send(db, project, document):
    """A function that applies operations to the document and returns the outcome."""

    def apply(*operations: dict, annotator: str = "ada", client: str = "tab"):
        return apply_operations(db, project.id, document, annotator, client, list(operations))

    return apply
