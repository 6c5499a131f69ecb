"""What served models are asked: kept for some days if at all, and brought in to be labelled."""

import re
from datetime import UTC, datetime, timedelta

import pytest

from storage.corpus import documents, projects
from storage.errors import InputError
from storage.runs import runs, suggestions
from storage.runs.suggestions import Said
from storage.serving import kept
from storage.serving.kept import Kept, Waiting
from storage.types import DocumentScore, Source, Span
from tests.storage.conftest import sentence, stored


def asked(text: str, doubt: float = 0.0, unlike: bool = False, days: float = 0) -> Kept:
    at = (datetime.now(UTC) - timedelta(days=days)).isoformat(timespec="milliseconds")
    marks = (Span(0, 1, "PER", source=Source.MODEL, score=1 - doubt),)
    return Kept(text, None, marks, doubt, unlike, at)


def tokenize(text: str) -> list[tuple[int, int]]:
    return [found.span() for found in re.finditer(r"\S+", text)]


def texts(db, ids) -> list[str]:
    return [documents.get_document(db, each).text for each in ids]


def ids(db, project) -> list[int]:
    return [each.document for each in kept.brought(db, project.id)]


def test_nothing_is_kept_unless_the_project_wants_it(db, project):
    assert kept.days(db, project.id) == 0
    kept.keep_for(db, project.id, 7)
    assert kept.days(db, project.id) == 7
    for wrong in (-1, 366):
        with pytest.raises(InputError, match="0 to 365"):
            kept.keep_for(db, project.id, wrong)


def test_doubtful_and_unlike_texts_come_in_by_turns_and_stay_in_the_queue(db, project):
    kept.keep_for(db, project.id, 7)
    given = [asked("sure"), asked("what", 0.9), asked("new", 0.1, True), asked("hm", 0.4)]
    kept.add(db, project.id, 1, given)
    assert kept.waiting(db, project.id) == Waiting(3, 2, 1)
    first = kept.bring_in(db, project.id, 2, tokenize)
    assert texts(db, first) == ["what", "new"]
    assert kept.waiting(db, project.id) == Waiting(1, 1, 0)
    rest = kept.bring_in(db, project.id, 9, tokenize)
    assert texts(db, ids(db, project)) == ["what", "hm", "new"]
    (only,) = rest
    found = documents.get_document(db, only)
    assert (found.name, found.tokens, found.spans) == ("production", ((0, 2),), ())


def test_what_the_model_said_comes_along_as_suggestions_where_no_other_has_any(db, project):
    run, other = (runs.create_run(db, project.id, {}).id for _ in range(2))
    (there,) = stored(db, project, sentence("there"))
    own = Span(0, 5, "LOC", source=Source.MODEL, score=0.7)
    suggestions.put(db, other, [Said(DocumentScore(there, None, None, None, None), (own,))])
    kept.keep_for(db, project.id, 7)
    kept.add(db, project.id, run, [asked("what", 0.9), asked("there", 0.4)])
    kept.add(db, project.id, 999, [asked("of a run that is gone", 0.8)])
    first, gone, second = kept.bring_in(db, project.id, 5, tokenize)
    found = suggestions.of_document(db, first)
    assert (found.run, found.spans) == (run, asked("what", 0.9).spans)
    assert second == there and suggestions.of_document(db, there).spans == (own,)
    assert suggestions.of_document(db, gone) is None
    assert suggestions.newest_run(db, project.id) == other


def test_a_text_that_is_a_document_already_leads_to_it(db, project):
    (there,) = stored(db, project, sentence("what"))
    kept.keep_for(db, project.id, 7)
    kept.add(db, project.id, 1, [asked("what", 0.9)])
    assert kept.bring_in(db, project.id, 5, tokenize) == [there] == ids(db, project)
    assert documents.count_documents(db, project.id) == 1


def test_a_text_is_kept_once_with_its_newest_answer(db, project):
    kept.keep_for(db, project.id, 7)
    kept.add(db, project.id, 1, [asked("what"), asked("what", 0.8)])
    kept.add(db, project.id, 2, [asked("what", 0.5)])
    assert kept.waiting(db, project.id) == Waiting(1, 1, 0)


def test_texts_are_forgotten_after_their_days_and_at_once_where_none_are_kept_any_more(db, project):
    kept.keep_for(db, project.id, 7)
    kept.add(db, project.id, 1, [asked("old", 0.9, days=8), asked("new", 0.9, days=6)])
    assert kept.expire(db) == 1 and kept.waiting(db, project.id).texts == 1
    (brought,) = kept.bring_in(db, project.id, 5, tokenize)
    kept.add(db, project.id, 1, [asked("newer", 0.9)])
    kept.keep_for(db, project.id, 0)
    assert kept.waiting(db, project.id).texts == 0
    assert ids(db, project) == [brought], "what became a document stays in the queue"


def test_they_go_with_their_project(db, project):
    kept.keep_for(db, project.id, 7)
    kept.add(db, project.id, 1, [asked("what", 0.9)])
    projects.delete_project(db, project.id)
    assert kept.expire(db) == 0 and kept.days(db, project.id) == 0
