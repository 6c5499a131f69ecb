"""Work of several people that is killed with -9: all of a step is there, or nothing of it."""

import pytest
from sqlalchemy import func, select

from storage.collaboration import adjudication, assignments, deciding
from storage.collaboration.rules.policies import Gold, Policy
from storage.corpus import documents
from storage.engines.schema import AnnotationRow
from storage.types import Answer, Merged, Span
from tests.storage.conftest import sentence, stored
from tests.storage.database.test_processes import check_file, kill_after, rounds

ADA, BOB = Span(0, 3, "PER"), Span(8, 11, "PER")
COUNT = 60


@pytest.fixture
def labelled(db, project) -> list[int]:
    """Documents that three people have finished, of whom two say the same."""
    said = (Answer("ben", (ADA, BOB)), Answer("cem", (ADA, BOB)))
    texts = (f"Ada met Bob. {number}" for number in range(COUNT))
    given = [sentence(text, ADA, annotator="ann", others=said) for text in texts]
    return stored(db, project, *given)


def owners(db) -> dict[int, str]:
    """Return whose annotation counts of each document; no document may have two."""
    row = AnnotationRow
    query = select(row.document_id, func.count(), func.max(row.annotator)).where(row.is_current)
    with db.read() as session:
        found = session.execute(query.group_by(row.document_id).order_by(row.document_id)).all()
    assert {count for _, count, _ in found} <= {1}
    return {document: owner for document, _, owner in found}


@pytest.mark.parametrize("round", rounds(5))
def test_a_change_of_the_policy_that_is_killed_goes_on_where_it_stopped(
    start, db, project, home, labelled, round
):
    process = start("settle", project.id, 5)
    said = [int(line) for line in kill_after(process, 0.03 * round) if line.endswith("\n")]
    check_file(home)
    marked = [id for id, owner in owners(db).items() if owner == Merged.MAJORITY]
    assert marked == labelled[: len(marked)] and len(marked) % 5 == 0
    assert said[-1] <= len(marked) <= said[-1] + 5
    assert deciding.is_pending(db, project.id) == (len(marked) < COUNT)
    assert deciding.policy(db, project.id) == Policy(Gold.MAJORITY)
    deciding.go_on(db, project.id)
    assert owners(db) == dict.fromkeys(labelled, str(Merged.MAJORITY))
    held = {documents.get_document(db, id).spans for id in labelled}
    assert {tuple(sorted((s.start, s.label) for s in spans)) for spans in held} == {
        ((0, "PER"), (8, "PER"))
    }


@pytest.mark.parametrize("round", rounds(5))
def test_every_decision_that_was_acknowledged_counts_after_kill_9(
    start, db, project, home, labelled, round
):
    deciding.set_policy(db, project.id, Policy(Gold.ADJUDICATED))
    lines = kill_after(start("decide", project.id), 0.05 + 0.1 * round)
    said = [int(line) for line in lines if line.endswith("\n")]
    check_file(home)
    decided = [id for id, owner in owners(db).items() if owner == Merged.ADJUDICATED]
    # At most one decision was stored whose answer got lost.
    assert decided == labelled[: len(decided)] and len(decided) - len(said) in (0, 1)
    for document in decided:
        assert {span.start for span in documents.get_document(db, document).spans} == {0, 8}
    opened = adjudication.open_document(db, project.id, decided[-1])
    # Its browser sends it once more: it is known, and nothing is stored twice.
    begun = sum(version.revision + 1 for version in opened.versions)
    edit = {"seq": len(decided), "base_revision": begun, "kind": "status", "status": "done"}
    again = adjudication.decide(db, project.id, decided[-1], "ada", "decides", [edit])
    assert [each["status"] for each in again.results] == ["duplicate"]
    opened = adjudication.open_document(db, project.id, decided[-1])
    assert len(opened.decision.stacks.undo) == 1


@pytest.mark.parametrize("round", rounds(5))
def test_what_is_given_out_by_somebody_who_is_killed_goes_to_nobody_twice(
    start, db, project, home, round
):
    ids = stored(db, project, *(sentence(f"Ada {number}") for number in range(COUNT)))
    lines = kill_after(start("take", project.id, "ann", 7), 0.02 * round)
    said = [int(line) for line in lines if line.endswith("\n")]
    check_file(home)
    hers = [each.document for each in assignments.given(db, project.id, "ann")]
    # What was given stays given; a turn is whole or was none.
    assert hers == ids[: len(hers)] and said[-1] <= len(hers)
    assert len(hers) % 7 == 0 or len(hers) == COUNT
    assert assignments.take(db, project.id, "ben", COUNT) == ids[len(hers) :]
    assert assignments.take(db, project.id, "ann", len(hers)) == hers
