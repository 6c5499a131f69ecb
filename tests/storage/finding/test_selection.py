"""What the address of a page says of a queue: every choice survives it, and it may say anything."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from storage.cells import Cell, Only
from storage.facts import GOLD, PREDICTED, RIGHT, Between, Filter
from storage.finding import selection
from storage.finding.search import Search
from storage.finding.selection import Measure, Order, Selection

LABEL = st.text(min_size=1, max_size=10)
FILTERS = st.builds(
    Filter,
    error=st.sampled_from(["", RIGHT, "split", "type and boundary"]),
    border=st.sampled_from(["", "too long"]),
    side=st.sampled_from(["", GOLD, PREDICTED]),
    label=LABEL | st.just(""),
    seen=st.sampled_from([None, True, False]),
    slice=LABEL | st.just(""),
    length=st.builds(Between, st.none() | st.integers(0, 99), st.none() | st.integers(0, 99)),
    document_length=st.just(Between()),
    confidence=st.sampled_from([Between(), Between(0.5, 0.7), Between(0.9), Between(None, 0.125)]),
)
CHOICES = st.one_of(
    st.builds(
        Selection,
        st.sampled_from([Order.TODO, Order.ALL, Order.REVIEW, Order.DISAGREES, Order.NOVEL]),
    ),
    st.builds(Selection, st.sampled_from([Order.RANDOM, Order.MIX]), seed=st.integers(0, 10**9)),
    st.builds(Selection, st.just(Order.UNCERTAIN), measure=st.sampled_from(Measure)),
    st.builds(Selection, st.just(Order.LABEL), label=LABEL),
    st.builds(Selection, st.just(Order.SEARCH), search=st.builds(Search, text=LABEL, label=LABEL)),
    st.builds(
        Selection,
        st.just(Order.CELL),
        cell=st.builds(
            Cell,
            *(st.integers(1, 999), st.just("test"), LABEL, LABEL, st.sampled_from(Only), FILTERS),
        ),
    ),
)


@given(CHOICES)
def test_every_choice_survives_the_address_and_has_a_title(choice):
    assert selection.parse(choice.name) == choice
    assert choice.title


WORDS = st.sampled_from(
    [*Measure, "13", "-1", "test", "PER", "errors", "%2F", "%25", "", "q=a", "seen=1&length=3-"]
)
ADDRESSES = st.text(max_size=30) | st.builds(
    lambda kind, rest: "/".join([kind, *rest]), st.sampled_from(Order), st.lists(WORDS, max_size=5)
)


@example("label/%2F")
@example("cell/1/test/%2F/PER/errors")
@example("cell/1/test/PER/ORG//seen=7&length=x&side=both&slice")
@given(ADDRESSES)
def test_an_address_may_say_anything_and_names_one_queue_or_none(name):
    choice = selection.parse(name)
    if choice is not None:
        assert choice.kind == name.partition("/")[0]
        assert selection.parse(choice.name) == choice
        assert choice.title


@pytest.mark.parametrize(
    "name",
    [
        "",
        "open",
        "random/x",
        "random/-1",
        f"random/{10**30}",
        "label/",
        "uncertain/size",
        "cell/1/test/PER",
    ],
)
def test_an_address_that_names_no_queue_names_none(name):
    assert selection.parse(name) is None
