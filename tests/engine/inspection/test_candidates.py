"""The order of candidates: what fits best as the newest model says, the others as they came."""

from engine.inspection import candidates
from storage.corpus import documents, projects
from storage.runs import runs, suggestions
from storage.types import Document, DocumentScore, Source, Span


def said(label: str, score: float) -> Span:
    return Span(0, 0, label, source=Source.MODEL, score=score)


def test_the_expected_grade_orders_and_what_nobody_looked_at_follows(db):
    project = projects.create_project(db, "Answers", "pairs")
    projects.add_labels(db, project.id, ["0", "1", "2"])
    made = [Document("left", second_text=f"{n}") for n in range(5)]
    documents.add_documents(db, project.id, made, "ada")
    first, second, third, fourth, fifth = ids = documents.list_ids(db, project.id)
    project = projects.find_project(db, "Answers")
    before = candidates.ranked(project, ids, suggestions.of_documents(db, ids))
    assert (before.documents, before.run) == (ids, None)
    run = runs.create_run(db, project.id, {}).id
    # The likeliest answer of the second and the fourth is the same: the whole of it decides.
    says = [(second, said("1", 0.6)), (fourth, said("1", 0.6)), (fifth, said("0", 0.9))]
    guesses = [(second, said("0", 0.3)), (fourth, said("2", 0.3)), (fifth, said("gone", 0.1))]
    scores = [DocumentScore(id, 0.1, 0.5, 0.5, None) for id in (second, fourth, fifth)]
    suggestions.store(db, run, says, scores, guesses)
    found = candidates.ranked(project, ids, suggestions.of_documents(db, ids))
    assert found.documents == [fourth, second, fifth, first, third]
    assert (found.run, set(found.said)) == (run, {second, fourth, fifth})
    assert found.said[fourth] == suggestions.of_document(db, fourth)
