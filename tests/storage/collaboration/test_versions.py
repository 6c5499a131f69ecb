"""Everybody's finished versions, as arrays."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from storage.actions import relabelling
from storage.collaboration import versions
from storage.collaboration.rules import imported
from storage.collaboration.versions import Finished
from storage.corpus import labels, projects
from storage.errors import ForbiddenError
from storage.types import Merged, Source, Span, Status
from tests.storage.collaboration.conftest import acting
from tests.storage.collaboration.versions import ADA, BOB, ROME
from tests.storage.conftest import sentence, stored


def said(found: Finished) -> set[tuple]:
    """Return all marks as (person, document, start, end, label)."""
    return {
        (found.people[person], int(found.documents[at]), start, end, found.labels[label])
        for person, at, start, end, label in found.marks.tolist()
    }


def test_what_two_people_finished_is_read_and_nothing_else(db, project, given: Callable) -> None:
    one, two, three = given(
        {"amy": (ADA,), "bob": (ADA, ROME)}, {"bob": (), "cleo": (BOB,)}, {"amy": (BOB,)}
    )
    found = versions.read(db, project.id)
    assert found.people == ("amy", "bob", "cleo")
    assert found.documents.tolist() == [one, two]
    assert found.finished.tolist() == [[True, False], [True, True], [False, True]]
    assert said(found) == {
        ("amy", one, 0, 3, "PER"),
        *(("bob", one, 0, 3, "PER"), ("bob", one, 15, 19, "ORG")),
        ("cleo", two, 8, 11, "PER"),
    }
    assert found.sizes.tolist() == [21, 21] and found.token_counts.tolist() == [6, 6]
    assert found.tokens[:2].tolist() == [[0, 3], [4, 7]]
    assert str(found.when[0, 0])[:4] >= "2026" and str(found.when[0, 1]) == "NaT"
    assert versions.read(db, project.id, beside=[three]).documents.tolist() == [one, two, three]


def test_merged_versions_and_what_nobody_looked_at_are_nobodys(db, project) -> None:
    drawn = Span(0, 3, "PER", source=Source.SAMPLED)
    stored(db, project, sentence("Ada met Bob.", drawn), annotator="file")
    first = sentence("Ada met Bob.", Span(0, 3, "PER"), annotator="amy")
    stored(db, project, first, annotator="amy")
    found = versions.read(db, project.id, beside=[1, 2], imported=True)
    file = found.people.index(imported.NAME)
    assert not found.finished[file].any() and imported.NAME not in {who for who, *_ in said(found)}
    assert not {*found.people} & {*Merged}


def test_work_in_progress_is_no_version(db, project, given: Callable) -> None:
    given({"amy": (ADA,), "bob": (ADA,)})
    stored(db, project, sentence("x", status=Status.SKIPPED), annotator="cleo")
    assert versions.read(db, project.id).people == ("amy", "bob")


def test_marks_follow_their_labels_when_these_are_merged(db, project, given: Callable) -> None:
    given({"amy": (ADA,), "bob": (ROME,)})
    with db.read() as session:
        known = {name: id for id, name in labels.names(session, project.id).items()}
    relabelling.merge_labels(db, known["ORG"], known["PER"], "amy")
    found = versions.read(db, project.id)
    assert {label for *_, label in said(found)} == {"PER"} and len(found.marks) == 2


def test_of_many_documents_some_are_drawn_always_the_same(db, project, given: Callable) -> None:
    given(*({"amy": (ADA,), "bob": (BOB,)} for _ in range(9)))
    found = [versions.read(db, project.id, most=4) for _ in range(2)]
    assert found[0].left_out == 5 and len(found[0].documents) == 4
    assert found[0].documents.tolist() == found[1].documents.tolist()
    assert said(found[0]) == said(found[1]) and len(found[0].marks) == 8


def test_a_project_without_anybody_has_nobodys_versions(db, project) -> None:
    found = versions.read(db, project.id)
    assert found.people == () and found.finished.shape == (0, 0) and found.marks.shape == (0, 5)


def test_an_annotator_may_not_compare(db, project) -> None:
    other = projects.get_project(db, project.id)
    with acting("ada"), pytest.raises(ForbiddenError, match="compare what others labelled"):
        versions.read(db, other.id)
