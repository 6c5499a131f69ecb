"""What several makers know of one text, none over another."""

from __future__ import annotations

import time

from hypothesis import given
from hypothesis import strategies as st

from engine.coach.vocabulary import apart
from storage.types import Span

places = st.lists(st.tuples(st.integers(0, 30), st.integers(1, 6)), max_size=12)


def spans(found: list[tuple[int, int]]) -> list[Span]:
    return [Span(start, start + length, "x") for start, length in sorted(found)]


@given(places, places)
def test_those_stay_that_overlap_nothing_that_is_taken(some, others):
    taken: list[Span] = []
    for span in spans(others):
        if not taken or taken[-1].end <= span.start:
            taken.append(span)
    used = {place for span in taken for place in range(span.start, span.end)}
    free = [s for s in spans(some) if used.isdisjoint(range(s.start, s.end))]
    assert list(apart(spans(some), taken)) == free


def test_a_long_text_full_of_words_costs_little():
    some, taken = (spans([(20 * n + at, 5) for n in range(10_000)]) for at in (0, 10))
    begun = time.process_time()
    assert len(apart(some, taken)) == 10_000
    assert time.process_time() - begun < 1
