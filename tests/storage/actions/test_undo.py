"""Undo and redo: the stacks, and that any walk through them is exact."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.errors import RefusedError
from storage.journal import editing
from storage.journal.stacks import JournalEntry, stacks
from storage.journal.state import Rules, State
from storage.types import Source, Span, Status
from tests.storage.journal.test_editing import OVERLAPPING, RULES, TEXT, add


def content(state: State) -> tuple:
    """Return what a person would see of a state, makers and scores included."""
    spans = {id: (span, span.id, span.source, span.score) for id, span in state.spans.items()}
    return state.status, spans


def entry(op: str, **fields) -> JournalEntry:
    return JournalEntry(op, **fields)


def names(entries) -> list[str]:
    return [each.op for each in entries]


def test_an_undone_edit_can_be_redone_and_a_redone_one_undone():
    undo, redo = stacks([entry("c:1"), entry("c:2"), entry("c:3", undoes="c:2")])
    assert (names(undo), names(redo)) == (["c:1"], ["c:2"])
    more = [entry("c:1"), entry("c:2"), entry("c:3", undoes="c:2"), entry("c:4", redoes="c:2")]
    undo, redo = stacks(more)
    assert (names(undo), names(redo)) == (["c:1", "c:4"], [])
    undo, redo = stacks([*more, entry("c:5", undoes="c:4")])
    assert (names(undo), names(redo)) == (["c:1"], ["c:4"])


@pytest.mark.parametrize("name", ["c:1", "c:2"])
def test_a_redo_may_name_the_edit_or_the_undo(name):
    undo, redo = stacks([entry("c:1"), entry("c:2", undoes="c:1"), entry("c:3", redoes=name)])
    assert (names(undo), names(redo)) == (["c:3"], [])


def test_a_redone_edit_is_undone_under_its_first_name_too():
    undone = [entry("c:1"), entry("c:2", undoes="c:1"), entry("c:3", redoes="c:1")]
    undo, redo = stacks([*undone, entry("c:4", undoes="c:1")])
    assert (names(undo), len(redo)) == ([], 1)


def test_a_new_edit_empties_the_redo_stack():
    undo, redo = stacks([entry("c:1"), entry("c:2", undoes="c:1"), entry("c:3")])
    assert (names(undo), names(redo)) == (["c:3"], [])


def test_undoing_what_is_not_there_is_an_edit_like_any_other():
    undo, redo = stacks([entry("c:1"), entry("c:2", undoes="d:9")])
    assert (names(undo), names(redo)) == (["c:1", "c:2"], [])


CHOICES = st.tuples(
    st.sampled_from(["add", "add", "remove", "relabel", "move", "status"]),
    st.integers(0, 10**6),
    st.integers(0, len(TEXT) - 1),
    st.integers(1, 8),
    st.sampled_from(["PER", "LOC"]),
    st.sampled_from([None, "untouched", "in progress", "done", "skipped"]),
)
START = State(
    5,
    Status.DONE,
    {
        "i1": Span(0, 3, "PER", "i1", Source.IMPORT),
        "i2": Span(12, 15, "PER", "i2", Source.MODEL, 0.25),
    },
)


def operation(state: State, choice) -> dict:
    """Turn random numbers into an edit that a person might make here; it may be refused."""
    kind, pick, start, length, label, status = choice
    end = min(start + length, len(TEXT))
    ids = sorted(state.spans)
    chosen = ids[pick % len(ids)] if ids else "none"
    fields = {
        "add": add(start, end, label, id=f"n{pick}", source="model", score=0.5),
        "remove": {"id": chosen},
        "relabel": {"id": chosen, "label": label},
        "move": {"id": chosen, "start": start, "end": end, "quote": TEXT[start:end]},
        "status": {"status": status or "done"},
    }[kind]
    return {"kind": kind} | fields | ({"status": status} if status else {})


class Editor:
    """A tagger in miniature: it applies edits and walks its stacks as the tagger does."""

    def __init__(self, state: State, rules: Rules):
        self.state, self.rules = state, rules
        self.entries: list[JournalEntry] = []

    def edit(self, made: dict) -> bool:
        try:
            self.state, inverse = editing.apply(self.state, made, self.rules)
        except RefusedError:
            return False
        name = f"c:{len(self.entries) + 1}"
        self.entries.append(JournalEntry(name, made.get("undoes"), made.get("redoes"), inverse))
        return True

    def undo(self) -> bool:
        stack, _ = stacks(self.entries)
        return bool(stack) and self._send(stack[-1], "undoes")

    def redo(self) -> bool:
        _, stack = stacks(self.entries)
        return bool(stack) and self._send(stack[-1], "redoes")

    def _send(self, step: JournalEntry, field: str) -> bool:
        assert self.edit({**step.inverse, field: step.op}), "a step on a stack is never refused"
        return True


@given(st.lists(CHOICES, max_size=30), st.booleans())
def test_undoing_everything_restores_the_start_and_redoing_it_the_end(choices, overlaps):
    editor = Editor(START, OVERLAPPING if overlaps else RULES)
    for choice in choices:
        editor.edit(operation(editor.state, choice))
    end = editor.state
    while editor.undo():
        pass
    assert content(editor.state) == content(START)
    while editor.redo():
        pass
    assert content(editor.state) == content(end)


@given(st.lists(st.one_of(CHOICES, st.sampled_from(["undo", "redo"])), max_size=40))
def test_undo_and_redo_in_any_order_walk_the_history_that_a_person_expects(steps):
    editor = Editor(START, RULES)
    history, here = [content(START)], 0
    for step in steps:
        if step == "undo":
            assert editor.undo() == (here > 0)
            here = max(0, here - 1)
        elif step == "redo":
            assert editor.redo() == (here < len(history) - 1)
            here = min(len(history) - 1, here + 1)
        elif editor.edit(operation(editor.state, step)):
            history = [*history[: here + 1], content(editor.state)]
            here += 1
        assert content(editor.state) == history[here]


@given(st.lists(CHOICES, max_size=30), st.booleans())
def test_whatever_is_sent_the_spans_stay_sound(choices, overlaps):
    state = START
    for choice in choices:
        try:
            state, _ = editing.apply(
                state, operation(state, choice), OVERLAPPING if overlaps else RULES
            )
        except RefusedError:
            continue
        spans = sorted(state.spans.values())
        assert len(set(spans)) == len(spans)
        assert all(0 <= span.start < span.end <= len(TEXT) for span in spans)
        assert all(id == span.id for id, span in state.spans.items())
        if not overlaps:
            assert all(a.end <= b.start for a, b in zip(spans, spans[1:], strict=False))
