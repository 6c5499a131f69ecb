"""What edits mean: which are refused and why, and that undo and redo are exact."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from storage import journal
from storage.errors import RefusedError
from storage.journal import JournalEntry, Rules, State
from storage.types import Source, Span, Status

TEXT = "Ada 👩‍🚒 met Bob in 東京"
RULES = Rules(TEXT, {"PER", "LOC"})
OVERLAPPING = Rules(TEXT, {"PER", "LOC"}, allow_overlaps=True)


def add(start: int, end: int, label: str = "PER", id: str = "a", **fields) -> dict:
    span = {"id": id, "start": start, "end": end, "label": label, "quote": TEXT[start:end]}
    return {"kind": "add", "span": span | fields}


def bad(**fields) -> dict:
    """Return a good edit with some of its span's fields replaced."""
    good = add(0, 3)
    return good | {"span": good["span"] | fields}


def after(*operations: dict, state: State | None = None, rules: Rules = RULES) -> State:
    """Return the state after some operations."""
    state = state or State()
    for operation in operations:
        state, _ = journal.apply(state, operation, rules)
    return state


def content(state: State) -> tuple:
    """Return what a person would see of a state, makers and scores included."""
    spans = {id: (span, span.id, span.source, span.score) for id, span in state.spans.items()}
    return state.status, spans


def reason(*operations: dict, rules: Rules = RULES) -> str:
    """Return why the last of some operations is refused."""
    before = after(*operations[:-1], rules=rules)
    with pytest.raises(RefusedError) as caught:
        journal.apply(before, operations[-1], rules)
    return str(caught.value)


def test_an_added_span_is_there_with_all_that_was_sent():
    state = after(add(4, 7, source="model", score=0.5))
    (span,) = state.spans.values()
    assert span == Span(4, 7, "PER")
    assert (span.id, span.source, span.score) == ("a", Source.MODEL, 0.5)
    assert TEXT[span.start : span.end] == "👩‍🚒", "offsets are code points"
    assert state.revision == 1


def test_a_span_is_a_persons_unless_said_otherwise():
    assert after(add(0, 3)).spans["a"].source == Source.PERSON


def test_a_span_is_removed_relabelled_and_moved_by_its_id():
    one = after(add(0, 3, source="import"))
    assert after({"kind": "remove", "id": "a"}, state=one).spans == {}
    assert (
        after({"kind": "relabel", "id": "a", "label": "LOC"}, state=one).spans["a"].label == "LOC"
    )
    moved = after({"kind": "move", "id": "a", "start": 0, "end": 7, "quote": TEXT[:7]}, state=one)
    assert moved.spans["a"] == Span(0, 7, "PER")
    assert moved.spans["a"].source == Source.IMPORT


def test_every_edit_raises_the_revision_by_one():
    assert after(add(0, 3), {"kind": "remove", "id": "a"}, add(0, 3)).revision == 3


def test_an_edit_of_spans_begins_an_untouched_document_and_leaves_a_done_one_done():
    assert after(add(0, 3)).status == Status.IN_PROGRESS
    done = after({"kind": "status", "status": "done"})
    assert done.status == Status.DONE
    assert after(add(0, 3), state=done).status == Status.DONE


def test_an_edit_may_set_the_status_too():
    assert after(add(0, 3) | {"status": "done"}).status == Status.DONE


@pytest.mark.parametrize(
    ("operations", "sentence"),
    [
        ([add(0, 57)], "The span ends at 57 but the text has 21 characters."),
        ([add(3, 3)], "The span goes from 3 to 3, so it holds nothing."),
        ([add(5, 3)], "The span goes from 5 to 3, so it holds nothing."),
        ([add(-1, 3)], "The span goes from -1 to 3, so it holds nothing."),
        ([bad(start="0")], "The span's borders are not whole numbers: reload the page."),
        ([bad(end=2.5)], "The span's borders are not whole numbers: reload the page."),
        ([bad(start=False)], "The span's borders are not whole numbers: reload the page."),
        (
            [bad(quote="Eve")],
            'The text from 0 to 3 reads "Ada", not "Eve": reload the page.',
        ),
        (
            [bad(quote=None)],
            'The text from 0 to 3 reads "Ada", not what was sent: reload the page.',
        ),
        ([add(0, 3, "ORG")], "The project has no label 'ORG': add it, or reload the page."),
        ([bad(label=7)], "The project has no label 7: add it, or reload the page."),
        ([bad(id="")], "The span's id is not a short text: reload the page."),
        ([bad(id="x" * 65)], "The span's id is not a short text: reload the page."),
        ([bad(id="\ud83d")], "The span's id is not a short text: reload the page."),
        (
            [add(0, 3, source="robot")],
            "There is no maker of spans called 'robot': reload the page.",
        ),
        ([bad(score=1.5)], "The span's score is not between 0 and 1: reload the page."),
        (
            [add(0, 3, score=float("nan"))],
            "The span's score is not between 0 and 1: reload the page.",
        ),
        ([bad(score=True)], "The span's score is not between 0 and 1: reload the page."),
        ([{"kind": "add"}], "The edit names no span: reload the page."),
        ([{"kind": "explode"}], "There is no edit called 'explode': reload the page."),
        ([{"kind": "status"}], "The edit names no status: reload the page."),
        ([{"kind": "status", "status": "gone"}], "There is no status 'gone': reload the page."),
        ([{"kind": "remove", "id": "b"}], "This span is not there any more: reload the page."),
        (
            [{"kind": "relabel", "id": "b", "label": "PER"}],
            "This span is not there any more: reload the page.",
        ),
        ([add(0, 3), add(8, 11)], "This span is there already: nothing was changed."),
        ([add(0, 3), add(0, 3, id="b")], "These characters are labelled PER already."),
        (
            [add(0, 3), add(2, 7, id="b")],
            'The span overlaps "Ada" (PER): remove that one first, '
            "or allow overlaps in the project's settings.",
        ),
        (
            [
                add(0, 3),
                add(4, 7, id="b"),
                {"kind": "move", "id": "b", "start": 2, "end": 7, "quote": TEXT[2:7]},
            ],
            'The span overlaps "Ada" (PER): remove that one first, '
            "or allow overlaps in the project's settings.",
        ),
    ],
)
def test_an_edit_that_would_damage_data_is_refused_with_the_reason(operations, sentence):
    assert reason(*operations) == sentence


def test_spans_may_touch_and_where_allowed_overlap_but_never_repeat():
    assert len(after(add(0, 3), add(3, 7, id="b")).spans) == 2
    assert len(after(add(0, 3), add(2, 7, id="b"), rules=OVERLAPPING).spans) == 2
    assert len(after(add(0, 3), add(0, 3, "LOC", id="b"), rules=OVERLAPPING).spans) == 2
    again = [add(0, 3), add(0, 3, "LOC", id="b"), {"kind": "relabel", "id": "b", "label": "PER"}]
    assert reason(*again, rules=OVERLAPPING) == "These characters are labelled PER already."


def test_cleaning_keeps_the_fields_of_the_kind_and_no_others():
    sent = add(0, 3) | {"seq": 1, "base_revision": 0, "at": "now", "label": "x", "admin": True}
    sent["span"]["color"] = "red"
    cleaned = journal.clean(sent)
    assert set(cleaned) == {"seq", "base_revision", "kind", "at", "span"}
    assert set(cleaned["span"]) == {"id", "start", "end", "label", "quote"}


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"base_revision": -1}, "does not say what it was made on"),
        ({"base_revision": None}, "does not say what it was made on"),
        ({"base_revision": True}, "does not say what it was made on"),
        ({"kind": []}, "There is no edit called"),
        ({"undoes": 7}, "The edit's field 'undoes' is not a short text"),
        ({"redoes": "x" * 101}, "The edit's field 'redoes' is not a short text"),
        ({"at": "\ud800"}, "The edit's field 'at' is not a short text"),
    ],
)
def test_cleaning_refuses_what_no_tagger_sends(fields, sentence):
    with pytest.raises(RefusedError, match=sentence):
        journal.clean({"seq": 1, "base_revision": 0, "kind": "status", "status": "done"} | fields)


def entry(op: str, **fields) -> JournalEntry:
    return JournalEntry(op, **fields)


def names(entries) -> list[str]:
    return [each.op for each in entries]


def test_an_undone_edit_can_be_redone_and_a_redone_one_undone():
    undo, redo = journal.stacks([entry("c:1"), entry("c:2"), entry("c:3", undoes="c:2")])
    assert (names(undo), names(redo)) == (["c:1"], ["c:2"])
    more = [entry("c:1"), entry("c:2"), entry("c:3", undoes="c:2"), entry("c:4", redoes="c:2")]
    undo, redo = journal.stacks(more)
    assert (names(undo), names(redo)) == (["c:1", "c:4"], [])
    undo, redo = journal.stacks([*more, entry("c:5", undoes="c:4")])
    assert (names(undo), names(redo)) == (["c:1"], ["c:4"])


@pytest.mark.parametrize("name", ["c:1", "c:2"])
def test_a_redo_may_name_the_edit_or_the_undo(name):
    undo, redo = journal.stacks(
        [entry("c:1"), entry("c:2", undoes="c:1"), entry("c:3", redoes=name)]
    )
    assert (names(undo), names(redo)) == (["c:3"], [])


def test_a_redone_edit_is_undone_under_its_first_name_too():
    undone = [entry("c:1"), entry("c:2", undoes="c:1"), entry("c:3", redoes="c:1")]
    undo, redo = journal.stacks([*undone, entry("c:4", undoes="c:1")])
    assert (names(undo), len(redo)) == ([], 1)


def test_a_new_edit_empties_the_redo_stack():
    undo, redo = journal.stacks([entry("c:1"), entry("c:2", undoes="c:1"), entry("c:3")])
    assert (names(undo), names(redo)) == (["c:3"], [])


def test_undoing_what_is_not_there_is_an_edit_like_any_other():
    undo, redo = journal.stacks([entry("c:1"), entry("c:2", undoes="d:9")])
    assert (names(undo), names(redo)) == (["c:1", "c:2"], [])


# --- any sequence of edits -------------------------------------------------------------

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
            self.state, inverse = journal.apply(self.state, made, self.rules)
        except RefusedError:
            return False
        name = f"c:{len(self.entries) + 1}"
        self.entries.append(JournalEntry(name, made.get("undoes"), made.get("redoes"), inverse))
        return True

    def undo(self) -> bool:
        stack, _ = journal.stacks(self.entries)
        return bool(stack) and self._send(stack[-1], "undoes")

    def redo(self) -> bool:
        _, stack = journal.stacks(self.entries)
        return bool(stack) and self._send(stack[-1], "redoes")

    def _send(self, step: JournalEntry, field: str) -> bool:
        assert self.edit({**step.inverse, field: step.op}), "a step on a stack is never refused"
        return True


@given(st.lists(CHOICES, max_size=30), st.booleans())
@settings(max_examples=150, deadline=None)
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
@settings(max_examples=150, deadline=None)
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
@settings(max_examples=100, deadline=None)
def test_whatever_is_sent_the_spans_stay_sound(choices, overlaps):
    state = START
    for choice in choices:
        try:
            state, _ = journal.apply(
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


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 30) | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=4,
)


@given(
    st.dictionaries(
        st.sampled_from([*journal._COMMON, *journal._SPAN_FIELDS, "span"]),
        JSON
        | st.sampled_from(["add", "remove", "relabel", "move", "PER", "a"])
        | st.dictionaries(st.sampled_from(journal._SPAN_FIELDS), JSON),
    )
)
@settings(max_examples=300, deadline=None)
def test_malformed_edits_are_refused_and_never_crash(sent):
    try:
        journal.apply(State(), journal.clean(sent), RULES)
    except RefusedError as error:
        assert str(error).endswith((".", "page."))
