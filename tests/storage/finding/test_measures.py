"""Lengths of documents, and which have a text in common; on both engines."""

from storage.corpus import documents, projects
from storage.finding.sets import bit_sets, measures
from storage.types import Document, Task


def test_words_pairs_and_equal_texts_are_known_by_document(db) -> None:
    project = projects.create_project(db, "Pairs", Task.PAIRS).id
    tokens = ((0, 3), (4, 7))
    given = [
        Document("Ada met", tokens, second_text="Bob left", group="g"),
        Document("Ada met", tokens, second_text="It"),
        Document("Eve met", tokens, second_text="Bob left", group="g"),
        Document("alone"),
    ]
    documents.add_documents(db, project, given, "ada")
    ids = documents.list_ids(db, project)
    found = measures.of(db, project)
    assert found.words[ids].tolist() == [4, 3, 4, 0]
    assert list(bit_sets.members(found.pairs)) == ids[:3]
    assert [bool(each) for each in found.texts[ids]] == [True, True, False, False]
    assert [bool(each) for each in found.seconds[ids]] == [True, False, True, False]
    assert [bool(each) for each in found.groups[ids]] == [True, False, True, False]
    assert measures.of(db, project) is found
    documents.add_documents(db, project, [Document("Eve met")], "ada")
    assert measures.of(db, project).texts[ids[2]] > 0


def test_a_project_without_documents_has_nothing_to_measure(db) -> None:
    found = measures.of(db, projects.create_project(db, "Empty").id)
    assert found.words.tolist() == [0] and found.pairs == 0
