"""Edits through the database: acknowledged once, never lost, never on top of others'."""

import pytest
from sqlalchemy import text

from storage.corpus import documents, projects
from storage.errors import InputError, NotFoundError, RefusedError
from storage.journal import annotations
from storage.journal.annotations import apply_operations, open_annotation, open_annotations
from storage.types import Source, Span, Split, Status
from tests.storage.conftest import sentence, stored

ADA = {"id": "s1", "start": 0, "end": 3, "label": "PER", "quote": "Ada"}
BOB = {"id": "s2", "start": 8, "end": 11, "label": "PER", "quote": "Bob"}


def add(seq: int, base: int, span: dict = ADA, **fields) -> dict:
    return {"seq": seq, "base_revision": base, "kind": "add", "span": span} | fields


def remove(seq: int, base: int, id: str = "s1", **fields) -> dict:
    return {"seq": seq, "base_revision": base, "kind": "remove", "id": id} | fields


def statuses(outcome) -> list[str]:
    return [result["status"] for result in outcome.results]


def journal_rows(db) -> list:
    with db.read() as session:
        query = "SELECT client, seq, base_revision, revision, kind FROM journal ORDER BY id"
        return session.execute(text(query)).all()


def test_a_batch_is_applied_in_order_and_answered_one_by_one(db, send, document):
    outcome = send(
        add(2, 1, BOB),
        add(1, 0),
        {"seq": 3, "base_revision": 2, "kind": "status", "status": "done"},
    )
    assert outcome.results == (
        {"seq": 1, "status": "saved", "revision": 1, "reason": "", "n": 1},
        {"seq": 2, "status": "saved", "revision": 2, "reason": "", "n": 2},
        {"seq": 3, "status": "saved", "revision": 3, "reason": "", "n": 3},
    )
    assert outcome.revision == outcome.state["revision"] == 3
    assert outcome.state["status"] == "done"
    assert [span["id"] for span in outcome.state["spans"]] == ["s1", "s2"]
    stored_document = documents.get_document(db, document)
    assert stored_document.spans == (Span(0, 3, "PER"), Span(8, 11, "PER"))
    assert stored_document.status == Status.DONE
    assert journal_rows(db) == [
        ("tab", 1, 0, 1, "add"),
        ("tab", 2, 1, 2, "add"),
        ("tab", 3, 2, 3, "status"),
    ]


def test_the_state_in_an_answer_is_what_opening_shows(db, send, document):
    outcome = send(
        add(1, 0), remove(2, 1, undoes="tab:1"), add(3, 2, BOB | {"source": "model", "score": 0.5})
    )
    assert open_annotation(db, document, "ada").state == outcome.state
    (span,) = outcome.state["spans"]
    assert span == {
        "id": "s2",
        "start": 8,
        "end": 11,
        "label": "PER",
        "source": "model",
        "score": 0.5,
    }
    assert (
        outcome.state["undo"]
        == [{"op": "tab:3", "inverse": {"kind": "remove", "id": "s2", "status": "untouched"}}]
        or outcome.state["undo"][0]["op"] == "tab:3"
    )


def test_a_repeated_edit_is_answered_as_the_first_time_and_applied_once(db, send):
    first = send(add(1, 0))
    again = send(add(1, 0), add(2, 1, BOB))
    assert statuses(again) == ["duplicate", "saved"]
    assert again.results[0]["revision"] == first.results[0]["revision"] == 1
    assert statuses(send(add(1, 0), add(2, 1, BOB))) == ["duplicate", "duplicate"]
    assert len(journal_rows(db)) == 2


def test_a_span_made_anew_under_its_old_name_is_the_new_one(db, send, document):
    send(add(1, 0, ADA | {"source": "model", "score": 0.5}))
    send(remove(2, 1), add(3, 2, ADA))
    (span,) = open_annotation(db, document, "ada").spans
    assert (span.source, span.score) == (Source.PERSON, None)


def test_a_number_used_for_another_edit_is_refused(db, project, send):
    send(add(1, 0))
    other = send(add(1, 0, BOB))
    assert statuses(other) == ["refused"]
    assert "number of this edit was used" in other.results[0]["reason"]
    assert statuses(send(add(1, 0), annotator="bob")) == ["refused"]
    second = stored(db, project, sentence("Ada again."))[-1]
    outcome = apply_operations(db, project.id, second, "ada", "tab", [add(1, 0)])
    assert statuses(outcome) == ["refused"]


def test_an_edit_on_an_older_revision_is_a_conflict_and_changes_nothing(db, send):
    send(add(1, 0))
    outcome = send(add(1, 0, BOB), add(2, 1, BOB), client="other tab")
    assert statuses(outcome) == ["conflict"], "what follows a conflict is not looked at"
    assert "changed in another tab" in outcome.results[0]["reason"]
    assert [span["id"] for span in outcome.state["spans"]] == ["s1"]
    assert len(journal_rows(db)) == 1


def test_a_refused_edit_ends_the_batch_and_leaves_what_came_before(db, send):
    outcome = send(add(1, 0), add(2, 1, BOB | {"end": 99}), add(3, 1, BOB))
    assert statuses(outcome) == ["saved", "refused"]
    assert outcome.results[1]["reason"] == "The span ends at 99 but the text has 12 characters."
    assert outcome.revision == 1
    assert len(journal_rows(db)) == 1


def test_nothing_is_written_for_a_document_that_was_only_looked_at(db, send, document):
    open_annotation(db, document, "ada")
    send(remove(1, 0))
    with db.read() as session:
        assert session.scalar(text("SELECT count(*) FROM annotations")) == 0


@pytest.mark.parametrize(
    "operations",
    [
        [{"kind": "add"}],
        [add(0, 0)],
        [add(True, 0)],
        [add(2**40, 0)],
        [add(1, 0), add(1, 1, BOB)],
        ["add"],
    ],
)
def test_edits_without_a_number_of_their_own_are_refused_whole(db, send, operations):
    with pytest.raises(RefusedError, match="reload the page"):
        send(*operations)
    assert journal_rows(db) == []


def test_a_client_and_an_annotator_need_usable_names(send):
    for client in ("", "x" * 65, "a\nb", "é"):
        with pytest.raises(RefusedError, match="client's name"):
            send(add(1, 0), client=client)
    with pytest.raises(InputError, match="annotator has no name"):
        send(add(1, 0), annotator=" ")


def test_a_document_of_another_project_cannot_be_edited(db, document):
    other = projects.create_project(db, "Other")
    for id in (document, 99):
        with pytest.raises(NotFoundError, match=f"The project has no document {id}"):
            apply_operations(db, other.id, id, "ada", "tab", [add(1, 0)])
    with pytest.raises(NotFoundError, match="There is no document 99"):
        open_annotation(db, 99, "ada")


# --- current ------------------------------------------------------------------------------


def test_current_filters_by_split_and_status_and_keeps_the_order(db, project):
    stored(
        db,
        project,
        sentence("1", status=Status.DONE),
        sentence("2", status=Status.DONE, split=Split.DEV),
        sentence("3"),
        sentence("4", status=Status.DONE),
    )

    def texts(**filters) -> list[str]:
        return [document.text for document in annotations.current(db, project.id, **filters)]

    assert texts() == ["1", "2", "3", "4"]
    assert texts(statuses=[Status.DONE]) == ["1", "2", "4"]
    assert texts(split=Split.TRAIN, statuses=[Status.DONE]) == ["1", "4"]
    assert texts(statuses=[Status.UNTOUCHED]) == ["3"]
    assert texts(statuses=[]) == []


def test_current_is_of_one_moment_although_somebody_edits_meanwhile(db, project):
    ids = stored(db, project, *(sentence(f"Ada {n}") for n in range(1200)))
    running = annotations.current(db, project.id)
    first = next(running)
    for seq, id in enumerate((ids[0], ids[-1]), start=1):
        apply_operations(db, project.id, id, "ada", "tab", [add(seq, 0)])
    assert all(document.spans == () for document in [first, *running])
    assert sum(len(document.spans) for document in annotations.current(db, project.id)) == 2


def test_several_documents_are_opened_as_one_by_one(db, project) -> None:
    ids = stored(db, project, sentence("Ada", Span(0, 3, "PER")), sentence("Bob"))
    edit = {"seq": 1, "base_revision": 0, "kind": "flag", "flagged": True}
    apply_operations(db, project.id, ids[1], "bob", "tab", [edit])
    for annotator in ("ada", "bob"):
        each = [open_annotation(db, id, annotator) for id in ids]
        assert open_annotations(db, project.id, [*ids, 10**6], annotator) == each
    assert open_annotations(db, project.id + 1, ids, "ada") == []
