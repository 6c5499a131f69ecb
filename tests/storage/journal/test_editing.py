"""What edits mean, and which are refused and why."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.errors import RefusedError
from storage.journal import checks, editing
from storage.journal.state import Rules, State
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
        state, _ = editing.apply(state, operation, rules)
    return state


def reason(*operations: dict, rules: Rules = RULES) -> str:
    """Return why the last of some operations is refused."""
    before = after(*operations[:-1], rules=rules)
    with pytest.raises(RefusedError) as caught:
        editing.apply(before, operations[-1], rules)
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
        ([{"kind": "remove", "id": "b"}], "This label is not there any more: reload the page."),
        (
            [{"kind": "relabel", "id": "b", "label": "PER"}],
            "This label is not there any more: reload the page.",
        ),
        ([add(0, 3), add(8, 11)], "This label is there already: nothing was changed."),
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
    cleaned = editing.clean(sent)
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
        editing.clean({"seq": 1, "base_revision": 0, "kind": "status", "status": "done"} | fields)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 30) | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=4,
)


@given(
    st.dictionaries(
        st.sampled_from([*editing.COMMON_FIELDS, *checks.SPAN_FIELDS, "span"]),
        JSON
        | st.sampled_from(["add", "remove", "relabel", "move", "PER", "a"])
        | st.dictionaries(st.sampled_from(checks.SPAN_FIELDS), JSON),
    )
)
def test_malformed_edits_are_refused_and_never_crash(sent):
    try:
        editing.apply(State(), editing.clean(sent), RULES)
    except RefusedError as error:
        assert str(error).endswith((".", "page."))
