"""Tags and spans: every scheme is found, read and written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from seqeval.metrics.sequence_labeling import get_entities

from engine.tasks.spans.tagging.schemes import (
    Repair,
    Scheme,
    decode,
    detect,
    encode,
    fault,
    repairs,
)
from storage.errors import InputError

LABELS = st.sampled_from(["PER", "LOC", "work-of-art", "组织"])


@st.composite
def layouts(draw):
    """Non-overlapping token spans and the sentence's length."""
    spans, position = [], 0
    for gap, size, label in draw(
        st.lists(st.tuples(st.integers(0, 2), st.integers(1, 4), LABELS), max_size=6)
    ):
        spans.append((position + gap, position + gap + size, label))
        position += gap + size
    return spans, position + draw(st.integers(0, 2))


@pytest.mark.parametrize(
    ("scheme", "tags"),
    [
        (Scheme.IOB2, "B-A I-A B-A O B-A"),
        (Scheme.IOB1, "I-A I-A B-A O I-A"),
        (Scheme.IOBES, "B-A E-A S-A O S-A"),
        (Scheme.BILOU, "B-A L-A U-A O U-A"),
        (Scheme.BMES, "B-A E-A S-A O S-A"),
    ],
)
def test_each_scheme_writes_spans_in_its_own_way(scheme, tags):
    spans = [(0, 2, "A"), (2, 3, "A"), (4, 5, "A")]
    assert encode(spans, 5, scheme) == tags.split()


@pytest.mark.parametrize(
    ("scheme", "tags"),
    [
        (Scheme.IOB2, "B-A I-A O B-B"),
        (Scheme.IOB1, "I-A I-A B-A O I-B"),
        (Scheme.IOBES, "B-A I-A E-A S-B O"),
        (Scheme.BILOU, "B-A I-A L-A U-B O"),
        (Scheme.BMES, "B-A M-A E-A S-B O"),
        (Scheme.IOB2, "O O"),
    ],
)
def test_the_scheme_is_found_from_the_tags_alone(scheme, tags):
    detection = detect([tags.split()])
    assert (detection.scheme, detection.repairs, detection.outside) == (scheme, {}, frozenset())


@given(layouts(), st.sampled_from(Scheme))
def test_spans_survive_every_scheme(layout, scheme):
    spans, length = layout
    assert decode(encode(spans, length, scheme)) == spans


@given(st.lists(layouts(), max_size=4), st.sampled_from(Scheme))
def test_the_scheme_found_writes_the_same_tags(sentences, scheme):
    written = [encode(spans, length, scheme) for spans, length in sentences]
    detection = detect(written)
    assert not detection.repairs and not detection.outside
    for tags in written:
        assert encode(decode(tags), len(tags), detection.scheme) == tags


@given(st.lists(st.sampled_from(["O", *(f"{p}-{x}" for p in "BIES" for x in ("A", "B-C"))])))
def test_any_tags_are_read_as_seqeval_reads_them(tags):
    reference = [(first, last + 1, label) for label, first, last in get_entities(tags)]
    assert decode(tags) == reference


def test_repairs_have_a_name_a_place_and_a_count():
    tags = ["O", "I-PER", "O", "B-LOC", "I-PER", "B-LOC", "I-LOC"]
    assert repairs(tags, Scheme.IOB2) == [(1, Repair.NO_BEGIN), (4, Repair.NO_BEGIN)]
    assert detect([tags, ["B-LOC"] * 9]).repairs == {Repair.NO_BEGIN: 2}
    assert repairs(["B-A", "O", "B-A", "I-A"], Scheme.IOBES) == [
        (0, Repair.NO_END),
        (3, Repair.NO_END),
    ]
    assert repairs(["I-A", "O", "B-A"], Scheme.IOB1) == [(2, Repair.NEEDLESS_BEGIN)]


def test_one_stray_tag_does_not_change_the_scheme_but_is_outside_it():
    sentences = [["B-A", "I-A", "O"]] * 5 + [["U-A", "O"]]
    detection = detect(sentences)
    assert (detection.scheme, detection.outside) == (Scheme.IOB2, {"U-A"})


@pytest.mark.parametrize("tag", ["PER", "o", "B-", "B", "", "X-PER", "b-per", "B_PER"])
def test_what_is_no_tag_is_named(tag):
    assert "not a tag" in fault(tag)


def test_several_tags_in_one_are_refused_but_labels_may_hold_hyphens_and_commas():
    assert "several tags" in fault("B-corporation,B-person")
    assert "several tags" in fault("B-PER|B-ORG")
    assert not fault("B-creative-work")
    assert not fault("I-Paris, France")
    assert not fault("O")


def test_overlapping_spans_cannot_be_written_as_tags():
    with pytest.raises(InputError, match="overlap"):
        encode([(0, 2, "A"), (1, 3, "B")], 3, Scheme.IOB2)
