"""Several people and sessions on one document: whose work is whose, what undo takes back."""

import time

from sqlalchemy import func, select

from storage.corpus import documents, projects
from storage.engines.schema import JournalRow
from storage.journal import annotations
from storage.journal.annotations import apply_operations, open_annotation
from storage.types import Label, Span, Status
from tests.storage.conftest import sentence, stored
from tests.storage.journal.test_annotations import BOB, add, remove, statuses

# --- several annotators -------------------------------------------------------------------


def test_a_second_annotator_begins_with_the_newest_work_and_gets_a_copy_of_it(db, send, document):
    send(add(1, 0))
    seen = open_annotation(db, document, "bob")
    assert (seen.revision, seen.spans, seen.stacks.undo) == (1, (Span(0, 3, "PER"),), ())
    assert statuses(send(add(1, 1, BOB), annotator="bob", client="b")) == ["saved"]
    assert open_annotation(db, document, "bob").spans == (Span(0, 3, "PER"), Span(8, 11, "PER"))
    assert open_annotation(db, document, "ada").spans == (Span(0, 3, "PER"),), "hers is her own"
    assert len(documents.get_document(db, document).spans) == 2, "the newest one counts"


def test_the_newest_work_is_whoever_edited_last_not_whoever_came_last(db, send, document):
    send(add(1, 0))
    send(add(1, 1, BOB), annotator="bob", client="b")
    send(remove(2, 1))
    assert documents.get_document(db, document).spans == ()
    assert len(open_annotation(db, document, "bob").spans) == 2


def test_a_first_edit_on_work_that_moved_on_is_a_conflict(db, send, document):
    seen = open_annotation(db, document, "bob")
    send(add(1, 0))
    late = send(add(1, seen.revision, BOB), annotator="bob", client="b")
    assert statuses(late) == ["conflict"]
    assert [span["id"] for span in late.state["spans"]] == ["s1"]


def test_imported_work_is_the_start_for_everybody(db, project):
    id = stored(db, project, sentence("Ada met Bob.", Span(0, 3, "PER")), annotator="import")[-1]
    seen = open_annotation(db, id, "ada")
    assert (seen.status, seen.revision) == (Status.DONE, 0)
    assert seen.document.spans == seen.spans == (Span(0, 3, "PER"),)
    outcome = apply_operations(db, project.id, id, "ada", "tab", [add(1, 0, BOB)])
    assert [span["source"] for span in outcome.state["spans"]] == ["import", "person"]


# --- undo and redo ------------------------------------------------------------------------


def step(state: dict, stack: str, seq: int) -> dict:
    """Return the operation that takes the last step of a stack."""
    last = state[stack][-1]
    field = {"undo": "undoes", "redo": "redoes"}[stack]
    return {**last["inverse"], "seq": seq, "base_revision": state["revision"], field: last["op"]}


def test_undo_goes_on_where_another_session_of_the_same_person_stopped(db, send, document):
    send(add(1, 0), add(2, 1, BOB))
    state = open_annotation(db, document, "ada").state
    state = send(step(state, "undo", 1), client="later").state
    assert [span["id"] for span in state["spans"]] == ["s1"]
    state = send(step(state, "undo", 2), client="later").state
    assert (state["spans"], state["status"], state["undo"]) == ([], "untouched", [])
    state = send(step(state, "redo", 3), client="later").state
    state = send(step(state, "redo", 4), client="later").state
    assert [span["id"] for span in state["spans"]] == ["s1", "s2"]
    assert (state["status"], state["redo"]) == ("in progress", [])


def test_undo_knows_a_label_by_its_new_name(db, project, send, document):
    send(add(1, 0), remove(2, 1), {**add(3, 2), "undoes": "tab:2"})
    send(
        {"seq": 4, "base_revision": 3, "kind": "relabel", "id": "s1", "label": "ORG"}, remove(5, 4)
    )
    per, org = project.labels
    projects.update_label(db, Label("Person", "#000000", "1", "", per.id))
    projects.update_label(db, Label("Firm", "#000000", "2", "", org.id))
    state = open_annotation(db, document, "ada").state
    state = send(step(state, "undo", 6)).state
    assert [span["label"] for span in state["spans"]] == ["Firm"]
    state = send(step(state, "undo", 7)).state
    assert [span["label"] for span in state["spans"]] == ["Person"]


def test_one_persons_undo_does_not_touch_anothers_work(db, send, document):
    send(add(1, 0))
    send(add(1, 1, BOB), annotator="bob", client="b")
    assert [each["op"] for each in open_annotation(db, document, "ada").state["undo"]] == ["tab:1"]
    assert [each["op"] for each in open_annotation(db, document, "bob").state["undo"]] == ["b:1"]


def test_the_last_two_hundred_steps_travel_with_an_answer(send):
    operations = [add(n, n - 1) if n % 2 else remove(n, n - 1) for n in range(1, 261)]
    undo = send(*operations).state["undo"]
    assert len(undo) == 200
    assert (undo[0]["op"], undo[-1]["op"]) == ("tab:61", "tab:260")


def test_documents_edited_since_an_entry_of_the_journal_are_named_once(db, project, send, document):
    send(add(1, 0), remove(2, 1))
    with db.read() as session:
        newest = session.scalar(select(func.max(JournalRow.id)))
    assert annotations.edited(db, project.id, 0) == [document]
    assert annotations.edited(db, project.id, newest - 1) == [document]
    assert annotations.edited(db, project.id, newest) == []


def test_documents_are_returned_as_they_stand(db, send, document):
    send(add(1, 0))
    found = annotations.of_documents(db, [document, 999])
    assert [d.id for d in found] == [document]
    assert len(found[0].spans) == 1


def test_saving_is_quick_in_a_document_with_a_long_history(send):
    operations = [add(n, n - 1) if n % 2 else remove(n, n - 1) for n in range(1, 301)]
    send(*operations)
    times = []
    for n in range(301, 321):
        begun = time.process_time()
        send(add(n, n - 1) if n % 2 else remove(n, n - 1))
        times.append(time.process_time() - begun)
    # A busy machine only adds to what a save takes.
    assert min(times) < 0.04
