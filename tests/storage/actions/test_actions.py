"""Actions: many documents edited in one step, taken back also long afterwards."""

import pytest

from storage.actions import actions, relabelling, undo
from storage.corpus import projects
from storage.errors import ConflictError, NotFoundError, RefusedError
from storage.journal import annotations, steps
from storage.types import Source, Span, Status
from tests.storage.conftest import sentence, stored

TEXT = "Ada met Bob. Ada left."


@pytest.fixture
def ids(db, project) -> list[int]:
    return stored(db, project, *(sentence(TEXT) for _ in range(4)))


def addition(start: int, label: str = "PER", id: str = "", **fields) -> dict:
    span = {"id": id or f"s{start}", "start": start, "end": start + 3, "label": label}
    return {"kind": "add", "span": {**span, "quote": TEXT[start : start + 3], **fields}}


def repeat(db, project, ids, start: int = 13, **options) -> actions.Action:
    """Label the second Ada of all documents."""
    changes = {id: [addition(start)] for id in ids}
    return actions.apply(db, project.id, "ada", "repeat", "PER on “Ada”", changes, **options)


def edit(db, project, document: int, operation: dict, seq: int = 1, annotator: str = "ada"):
    revision = annotations.open_annotation(db, document, annotator).revision
    sent = operation | {"seq": seq, "base_revision": revision}
    client = f"{annotator}{document}"
    outcome = annotations.apply_operations(db, project.id, document, annotator, client, [sent])
    assert outcome.results[0]["status"] == "saved", outcome.results
    return outcome


def spans(db, document: int) -> list[tuple[str, str]]:
    found = annotations.open_annotation(db, document, "ada")
    return [(TEXT[span.start : span.end], span.label) for span in found.spans]


def test_an_action_edits_many_documents_and_says_how_many(db, project, ids):
    action = repeat(db, project, ids)
    assert (action.documents, action.spans, action.skipped) == (4, 4, 0)
    assert all(spans(db, id) == [("Ada", "PER")] for id in ids)
    assert actions.list_actions(db, project.id) == [action]


def test_what_does_not_fit_is_left_out_and_counted(db, project, ids):
    edit(db, project, ids[0], addition(13, "ORG"))
    action = repeat(db, project, [*ids, 999])
    assert (action.documents, action.spans, action.skipped) == (3, 3, 2)
    assert spans(db, ids[0]) == [("Ada", "ORG")]


def test_an_action_that_fits_nowhere_is_no_step_and_leaves_what_can_be_redone(db, project, ids):
    edit(db, project, ids[0], addition(13, "ORG"))
    undo.undo(db, project.id, "ada", f"ada{ids[0]}:1")
    with pytest.raises(RefusedError, match="has changed meanwhile"):
        repeat(db, project, [999], request="tab:1")
    assert actions.list_actions(db, project.id) == []
    undo.redo(db, project.id, "ada", f"ada{ids[0]}:1")
    assert spans(db, ids[0]) == [("Ada", "ORG")]
    assert repeat(db, project, ids, request="tab:1").spans == 3, "it can be sent again"


def test_documents_keep_their_status(db, project, ids):
    edit(db, project, ids[0], {"kind": "status", "status": "done"})
    repeat(db, project, ids)
    found = [annotations.open_annotation(db, id, "ada").status for id in ids]
    assert found == [Status.DONE, *[Status.UNTOUCHED] * 3]


def test_a_request_that_is_repeated_is_answered_and_not_done_again(db, project, ids):
    first = repeat(db, project, ids, request="tab:7")
    assert repeat(db, project, ids, request="tab:7") == first
    assert len(actions.list_actions(db, project.id)) == 1


def test_a_tab_that_had_the_document_open_meets_a_conflict(db, project, ids):
    repeat(db, project, ids)
    stale = addition(0) | {"seq": 1, "base_revision": 0}
    outcome = annotations.apply_operations(db, project.id, ids[0], "ada", "tab", [stale])
    assert outcome.results[0]["status"] == "conflict"


def test_taking_back_restores_and_repeating_does_it_again(db, project, ids):
    action = repeat(db, project, ids)
    back = actions.reverse(db, action.id, "ada")
    assert (back.reverses, back.spans, back.title) == (action.id, 4, f"Taken back: {action.title}")
    assert all(spans(db, id) == [] for id in ids)
    again = actions.reverse(db, back.id, "ada")
    assert (again.title, again.spans) == (action.title, 4)
    assert all(spans(db, id) == [("Ada", "PER")] for id in ids)


def test_taking_back_late_leaves_what_was_changed_since(db, project, ids):
    action = repeat(db, project, ids)
    edit(db, project, ids[0], {"kind": "relabel", "id": "s13", "label": "ORG"})
    edit(db, project, ids[1], {"kind": "remove", "id": "s13"})
    edit(db, project, ids[2], addition(0))
    back = actions.reverse(db, action.id, "bob")
    assert (back.spans, back.skipped) == (2, 2)
    assert spans(db, ids[0]) == [("Ada", "ORG")]
    assert (spans(db, ids[1]), spans(db, ids[3])) == ([], [])
    assert spans(db, ids[2]) == [("Ada", "PER")]


def test_an_action_is_taken_back_once(db, project, ids):
    action = repeat(db, project, ids)
    actions.reverse(db, action.id, "ada")
    with pytest.raises(RefusedError, match="taken back already"):
        actions.reverse(db, action.id, "ada")
    with pytest.raises(NotFoundError):
        actions.reverse(db, 999, "ada")


def test_makers_and_scores_come_back_with_a_span(db, project, ids):
    edit(db, project, ids[0], addition(0, source="model", score=0.25))
    gone = {ids[0]: [{"kind": "remove", "id": "s0"}]}
    action = actions.apply(db, project.id, "ada", "test", "one removed", gone)
    actions.reverse(db, action.id, "ada")
    (span,) = annotations.open_annotation(db, ids[0], "ada").spans
    assert (span, span.source, span.score) == (Span(0, 3, "PER"), Source.MODEL, 0.25)


def newest(db, document: int, direction: str = "undo") -> dict | None:
    """Return the newest step as seen from a document that nobody edited."""
    return annotations.open_annotation(db, document, "ada").state["elsewhere"][direction]


def test_undo_walks_over_documents_and_actions_in_the_order_they_were_made(db, project, ids):
    edit(db, project, ids[0], addition(0))
    repeat(db, project, ids[:3])
    edit(db, project, ids[1], addition(0))
    walked = []
    while step := newest(db, ids[3]):
        done = undo.undo(db, project.id, "ada", step["op"])
        walked.append((done.document, done.spans))
    assert walked == [(ids[1], 1), (None, 3), (ids[0], 1)]
    assert all(spans(db, id) == [] for id in ids)
    while step := newest(db, ids[3], "redo"):
        undo.redo(db, project.id, "ada", step["op"])
    assert [len(spans(db, id)) for id in ids] == [2, 2, 1, 0]


def test_undo_wants_to_be_told_what_it_takes_back(db, project, ids):
    edit(db, project, ids[0], addition(0))
    with pytest.raises(ConflictError):
        undo.undo(db, project.id, "ada", "other:1")
    undo.undo(db, project.id, "ada", f"ada{ids[0]}:1")
    with pytest.raises(NotFoundError, match="nothing to undo"):
        undo.undo(db, project.id, "ada", f"ada{ids[0]}:1")


def test_a_new_edit_ends_all_redoing_in_the_project(db, project, ids):
    edit(db, project, ids[0], addition(0))
    undo.undo(db, project.id, "ada", newest(db, ids[3])["op"])
    assert newest(db, ids[3], "redo")
    edit(db, project, ids[1], addition(0))
    assert newest(db, ids[3], "redo") is None


def test_nobody_undoes_the_steps_of_another(db, project, ids):
    edit(db, project, ids[0], addition(0), annotator="bob")
    assert newest(db, ids[3]) is None


def test_a_step_that_others_made_impossible_is_passed_over(db, project, ids):
    edit(db, project, ids[0], addition(0))
    edit(db, project, ids[1], addition(0))
    label = next(each for each in projects.list_labels(db, project.id) if each.name == "PER")
    relabelling.delete_label(db, label.id, "bob")
    undone = [undo.undo(db, project.id, "ada", newest(db, ids[3])["op"]) for _ in range(2)]
    assert [step.skipped for step in undone] == [1, 1]
    assert newest(db, ids[3]) is None


def test_titles_say_what_and_where(db, project, ids):
    edit(db, project, ids[0], addition(0))
    name = annotations.open_annotation(db, ids[0], "ada").document.name
    assert newest(db, ids[3])["title"] == "PER on “Ada”" + (f" in {name}" if name else "")
    # An edit that only names its span is called by what stands there, as the tagger calls it.
    edit(db, project, ids[0], {"kind": "relabel", "id": "s0", "label": "ORG"}, 2)
    assert newest(db, ids[3])["title"].startswith("ORG on “Ada”")
    edit(db, project, ids[0], {"kind": "move", "id": "s0", "start": 0, "end": 2, "quote": "Ad"}, 3)
    assert newest(db, ids[3])["title"].startswith("a border of ORG on “Ad”")


def test_more_steps_than_travel_are_still_undone(db, project, ids, monkeypatch):
    monkeypatch.setattr(steps, "KEPT", 5)
    for seq in range(1, 10):
        edit(db, project, ids[0], {"kind": "comment", "comment": f"note {seq}"}, seq)
    state = annotations.open_annotation(db, ids[0], "ada").state
    assert len(state["undo"]) == 5
    assert state["elsewhere"]["undo"]["document"] == ids[0]
    for _ in range(9):
        undo.undo(db, project.id, "ada", newest(db, ids[3])["op"])
    assert annotations.open_annotation(db, ids[0], "ada").state["comment"] == ""
    assert newest(db, ids[3]) is None
