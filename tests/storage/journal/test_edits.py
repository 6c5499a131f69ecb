"""The journal's rules of edits, held to the cases that the tagger's half is held to."""

from __future__ import annotations

from typing import Any

import pytest

from storage.errors import RefusedError
from storage.journal import checks, editing, operations, wire
from storage.journal.annotations import apply_operations, open_annotation
from storage.journal.stacks import JournalEntry, Stacks, stacks
from storage.journal.state import Rules, State
from storage.types import Source, Span, Status
from tests.fixtures import EDITS
from tests.storage.conftest import sentence, stored

PICTURED = ("status", "spans", "rejected", "confirmed", "flagged", "comment")


def read(told: dict[str, Any]) -> State:
    """Return the state that a case tells; what it leaves out is as in a new document."""
    spans = [Span(**{**each, "source": Source(each["source"])}) for each in told["spans"]]
    return State(
        revision=7,
        status=Status(told.get("status", "untouched")),
        spans={span.id: span for span in spans},
        rejected=frozenset(map(tuple, told.get("rejected", []))),
        confirmed=frozenset(map(tuple, told.get("confirmed", []))),
        flagged=told.get("flagged", False),
        comment=told.get("comment", ""),
    )


def pictured(state: State) -> dict[str, Any]:
    """Return all of a state but its revision."""
    told = wire.state(state, Stacks())
    return {key: told[key] for key in PICTURED}


@pytest.mark.parametrize("case", EDITS["cases"], ids=lambda case: case["name"])
def test_an_edit_leads_where_the_cases_say(case: dict[str, Any]) -> None:
    allowed = (case.get("overlaps", False), case.get("whole", False), case.get("edits"))
    rules = Rules(case.get("text", EDITS["text"]), EDITS["labels"], *allowed)
    before, edit = read(case["before"]), case["edit"]
    if "refused" in case:
        with pytest.raises(RefusedError) as caught:
            editing.apply(before, edit, rules)
        assert str(caught.value) == case["refused"]
        return
    after, inverse = editing.apply(before, edit, rules)
    assert pictured(after) == pictured(read(case["after"]))
    assert (after.revision, inverse) == (8, case["inverse"])
    back, _ = editing.apply(after, inverse, rules)
    assert pictured(back) == pictured(before), "what takes it back is exact"


@pytest.mark.parametrize(
    "case", [case for case in EDITS["cases"] if "words" in case], ids=lambda case: case["name"]
)
def test_an_edit_is_called_what_the_cases_say(case: dict[str, Any]) -> None:
    text, id = case.get("text", EDITS["text"]), case["edit"].get("id")
    named = {**read(case["after"]).spans, **read(case["before"]).spans}.get(id)
    about = (
        None if named is None else {"label": named.label, "quote": text[named.start : named.end]}
    )
    assert editing.describe(case["edit"], case["inverse"], about) == case["words"]


@pytest.mark.parametrize("history", EDITS["histories"], ids=lambda history: history["name"])
def test_edits_leave_the_steps_that_the_cases_say(history: dict[str, Any]) -> None:
    left = stacks(JournalEntry(**edit) for edit in history["edits"])
    assert [[step.op for step in stack] for stack in left] == [history["undo"], history["redo"]]


def test_the_limits_are_those_of_the_cases() -> None:
    limits = {"batch": operations.LARGEST_BATCH, "comment": checks.LONGEST_COMMENT}
    assert limits == EDITS["limits"]


@pytest.mark.parametrize("history", EDITS["histories"], ids=lambda history: history["name"])
def test_the_database_keeps_the_steps_that_the_cases_say(db, project, history) -> None:
    (document,) = stored(db, project, sentence("Ada"))
    for revision, edit in enumerate(history["edits"]):
        client, seq = edit["op"].split(":")
        names = {key: edit[key] for key in ("undoes", "redoes") if key in edit}
        sent = {"seq": int(seq), "base_revision": revision, "kind": "flag", "flagged": True}
        apply_operations(db, project.id, document, "ada", client, [sent | names])
    opened = open_annotation(db, document, "ada")
    left = [[step.op for step in stack] for stack in (opened.stacks.undo, opened.stacks.redo)]
    assert left == [history["undo"], history["redo"]]
