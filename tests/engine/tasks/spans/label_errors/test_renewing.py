"""Suspects weighed again as labels change: what leaned on one is found, nothing is missed."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from engine.evaluation.suspects import Suspect
from engine.tasks.spans.label_errors.renewing import Together
from storage.types import Document, Span
from tests.engine.tasks.spans.label_errors.test_suspects import LABELS, sure_of, written

TEXTS = ("we saw [LOC Ulm] {}", "[PER Ada] saw Bad Ems {}", "[LOC Ulm] and [PER Ada] {}", "snow {}")
DOCUMENTS = [
    replace(written(text.format(n)), id=1 + n * len(TEXTS) + place)
    for n in range(3)
    for place, text in enumerate(TEXTS)
]
SCORES = [sure_of(document) for document in DOCUMENTS]


@st.composite
def labelled(draw: st.DrawFn) -> list[Document]:
    """Return the documents with other labels here and there."""
    found = list(DOCUMENTS)
    for _ in range(draw(st.integers(0, 4))):
        place = draw(st.integers(0, len(found) - 1))
        tokens = found[place].tokens
        first = draw(st.integers(0, len(tokens) - 1))
        last = draw(st.integers(first, min(first + 1, len(tokens) - 1)))
        label = draw(st.sampled_from([*LABELS, ""]))
        span = Span(tokens[first][0], tokens[last][1], label)
        spans = [s for s in found[place].spans if s.end <= span.start or s.start >= span.end]
        found[place] = replace(
            found[place], spans=tuple(sorted([*spans, span] if label else spans))
        )
    return found


@given(st.lists(labelled(), min_size=1, max_size=3))
def test_step_by_step_it_says_what_it_says_at_once(steps: list[list[Document]]) -> None:
    known = Together(DOCUMENTS, SCORES, LABELS)
    told: dict[int, list[Suspect]] = {}
    for documents in steps:
        told |= known.renewed(documents)
    assert told == Together(DOCUMENTS, SCORES, LABELS).renewed(steps[-1])


def test_only_what_is_about_the_same_words_is_weighed_again() -> None:
    known = Together(DOCUMENTS, SCORES, LABELS)
    assert list(known.renewed(DOCUMENTS)) == [document.id for document in DOCUMENTS]
    assert known.renewed(DOCUMENTS) == {}
    first = replace(DOCUMENTS[0], spans=(replace(DOCUMENTS[0].spans[0], label="ORG"),))
    now = [first, *DOCUMENTS[1:]]
    holding = [document.id for document in DOCUMENTS if "Ulm" in document.text]
    assert list(known.renewed(now)) == holding and len(holding) < len(now)
